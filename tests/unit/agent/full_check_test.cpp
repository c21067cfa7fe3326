#include "agent/store/full_check.hpp"

#include <fstream>

#include "tests/unit/agent/store_support.hpp"

namespace obol::agent {
namespace {

struct FullCheckTest : testing_support::StoreTest {
    FullCheckTest() {
        open();
        for (int i = 0; i < 250; ++i) top_up(1);  // more than two reads of rows
        device = store->device();
        const auto key = store->key().public_key();
        public_key.assign(key.begin(), key.end());
    }

    Result<void> check() {
        sql::Db db(options.path, sql::Db::Mode::reader);
        return check_all(db, device, public_key, stop);
    }
    std::string fault_after(std::string_view change) {
        {
            sql::Db db(options.path, sql::Db::Mode::writer);
            db.exec("PRAGMA ignore_check_constraints=ON; PRAGMA foreign_keys=OFF");
            db.exec(change);
        }
        const Result<void> found = check();
        if (found) return "nothing found";
        EXPECT_EQ(found.error().code, "database_damaged");
        return found.error().detail;
    }

    DeviceId device;
    Bytes public_key;
    std::atomic<bool> stop{false};
};

bool names(const std::string& text, std::string_view part) { return text.find(part) != std::string::npos; }

TEST_F(FullCheckTest, FindsNothingInASoundDatabase) { EXPECT_TRUE(check()); }

TEST_F(FullCheckTest, F13_NamesAnEntryWhoseBodyChanged) {
    const std::string what = fault_after(
        "UPDATE entry SET body = CAST(substr(body, 1, 40) || x'00' || substr(body, 42) AS BLOB) WHERE seq = 7");
    EXPECT_TRUE(names(what, "entry 7:") || names(what, "entry 8:")) << what;
}

TEST_F(FullCheckTest, F13_NamesAnEntryThatIsGoneOrWhoseHashIsAnother) {
    EXPECT_TRUE(names(fault_after("UPDATE entry SET hash = zeroblob(32) WHERE seq = 9"), "entry 9: its hash"));
    EXPECT_TRUE(names(fault_after("UPDATE entry SET hash = (SELECT hash FROM entry WHERE seq = 8) WHERE seq = 9;"
                                  "DELETE FROM entry WHERE seq = 9"),
                      "entry 10:"));
}

TEST_F(FullCheckTest, F13_NamesASignatureOfSomebodyElse) {
    const std::string what = fault_after("UPDATE head_signature SET signature = zeroblob(64) WHERE seq = "
                                         "(SELECT max(seq) FROM head_signature)");
    EXPECT_TRUE(names(what, "signature is not of this device")) << what;
}

TEST_F(FullCheckTest, F13_NamesAuthorityBelowZero) {
    const std::string what = fault_after("UPDATE held SET minor = -1");
    EXPECT_TRUE(names(what, "held of business:maria:aroma: -1")) << what;
}

TEST_F(FullCheckTest, F13_FindsABitThatFlippedInAPage) {
    store.reset();  // all of it lies in the database file now
    const auto size = std::filesystem::file_size(options.path);
    std::fstream file(options.path, std::ios::in | std::ios::out | std::ios::binary);
    // Every page but the first: a bit of its header, of its middle and of its end.
    int found = 0, pages = 0;
    for (std::uintmax_t page = 4096; page < size; page += 4096 * 7) {
        for (const int at : {3, 2048, 4000}) {
            const auto place = static_cast<std::streamoff>(page) + at;
            char byte = 0;
            file.seekg(place).get(byte);
            file.seekp(place).put(static_cast<char>(byte ^ 0x10)).flush();
            try {
                found += !check();
            } catch (const sql::SqlError&) {
                ++found;
            }
            ++pages;
            file.seekp(place).put(byte).flush();
        }
    }
    EXPECT_TRUE(check());
    // Not all bytes mean something, and rows of other tables than the chain carry no hash.
    EXPECT_GT(found, pages / 3);
}

TEST_F(FullCheckTest, EndsWhenItIsToldTo) {
    stop = true;
    EXPECT_EQ(check().error().code, "stopped");
}

TEST_F(FullCheckTest, ReportsOnTheLoop) {
    int calls = 0;
    const FullCheck::Of all{options.path, "", device, public_key};
    FullCheck good(io.get_executor(), all, [&calls](Result<void> found) { calls += found.has_value(); });
    FullCheck::Of others = all;
    others.public_key[0] ^= 1;
    FullCheck bad(io.get_executor(), others, [&calls](Result<void> found) { calls += found ? 0 : 10; });
    auto hold = boost::asio::make_work_guard(io);
    io.restart();
    while (calls != 11) io.run_one();
    SUCCEED();
}

TEST_F(FullCheckTest, SaysNothingOnceItIsGone) {
    const FullCheck::Of all{options.path, "", device, public_key};
    { FullCheck short_lived(io.get_executor(), all, [](Result<void>) { FAIL(); }); }
    io.restart();
    io.poll();
}

// Remembers what it was asked for; time passes when the test says so.
struct HandTimers final : Timers {
    Token after(Millis delay, std::function<void()> callback) override {
        waits[++last] = {delay, std::move(callback)};
        return last;
    }
    void cancel(Token token) override { waits.erase(token); }
    void pass() {
        auto due = std::exchange(waits, {});
        for (auto& [token, wait] : due) wait.second();
    }
    std::map<Token, std::pair<Millis, std::function<void()>>> waits;
    Token last = 0;
};

TEST_F(FullCheckTest, LooksAgainEveryDayUntilItFindsDamage) {
    HandTimers timers;
    const Millis day{24 * 60 * 60 * 1000};
    std::vector<std::string> found;
    auto hold = boost::asio::make_work_guard(io);
    io.restart();
    {
        RepeatedCheck check(io.get_executor(), timers, day, {options.path, "", device, public_key},
                            [&found](const Fault& fault) { found.push_back(fault.code); });
        for (int days = 0; days < 3; ++days) {
            while (timers.waits.empty()) io.run_one();
            ASSERT_EQ(timers.waits.size(), 1u);
            EXPECT_EQ(timers.waits.begin()->second.first, day);
            EXPECT_TRUE(found.empty());
            if (days == 2) fault_after("UPDATE head_signature SET signature = zeroblob(64)");
            timers.pass();
        }
        while (found.empty()) io.run_one();
        EXPECT_EQ(found, std::vector<std::string>{"database_damaged"});
        io.poll();
        EXPECT_TRUE(timers.waits.empty());
    }
    {
        RepeatedCheck sound_no_more(io.get_executor(), timers, day, {options.path, "", device, public_key},
                                    [&found](const Fault& fault) { found.push_back(fault.code); });
    }
    io.poll();
    EXPECT_EQ(found.size(), 1u);
}

TEST_F(FullCheckTest, WhereItCannotLookItAccusesNobodyAndLooksAgainSoon) {
    HandTimers timers;
    const Millis day{24 * 60 * 60 * 1000};
    auto hold = boost::asio::make_work_guard(io);
    io.restart();
    RepeatedCheck check(io.get_executor(), timers, day, {dir + "/away.db", "", device, public_key},
                        [](const Fault& fault) { ADD_FAILURE() << fault.detail; });
    while (timers.waits.empty()) io.run_one();
    EXPECT_LT(timers.waits.begin()->second.first, day);
}

TEST_F(FullCheckTest, WaitsForNoDayAnyMoreOnceItIsGone) {
    HandTimers timers;
    auto hold = boost::asio::make_work_guard(io);
    io.restart();
    {
        RepeatedCheck check(io.get_executor(), timers, Millis{1}, {options.path, "", device, public_key},
                            [](const Fault&) { FAIL(); });
        while (timers.waits.empty()) io.run_one();
    }
    EXPECT_TRUE(timers.waits.empty());
}

}  // namespace
}  // namespace obol::agent
