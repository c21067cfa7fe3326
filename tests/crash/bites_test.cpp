// The harness finds what it is made to find: settings that are known to lose an acknowledged commit lose
// one here, and those that are known to keep it keep it.

#include <gtest/gtest.h>
#include <sqlite3.h>

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/detached.hpp>
#include <boost/asio/post.hpp>
#include <boost/asio/use_awaitable.hpp>

#include "tests/crash/options.hpp"
#include "tests/crash/scenarios.hpp"

namespace obol::crash {
namespace {

// Does any damage, at any place after the answer, lose the row that was committed before it? With SQLite
// alone, so that nothing else is tried.
class BareDatabase {
public:
    BareDatabase(const std::string& journal, const std::string& synchronous) {
        const auto machine = std::make_shared<Machine>();
        Machine::mount(machine);
        open();
        run("PRAGMA journal_mode=" + journal);
        run("PRAGMA synchronous=" + synchronous);
        run("CREATE TABLE t (id INTEGER PRIMARY KEY)");
        close();
        const Image made = machine->disk.all_kept();
        disk_ = Disk(made);
        const auto again = std::make_shared<Machine>(made);
        again->on_change = [this](const Op& op) { log_.push_back(op); };
        Machine::mount(again);
        open();
        run("PRAGMA journal_mode=" + journal);
        run("PRAGMA synchronous=" + synchronous);
        run("INSERT INTO t VALUES (1)");
        answered_ = log_.size();
        run("INSERT INTO t VALUES (2)");
        again->off = true;
        close();
    }

    bool loses(Damage damage, std::uint64_t seed = 1) {
        Disk disk = disk_;
        std::mt19937_64 chance{seed};
        for (std::size_t done = 0; done <= log_.size(); ++done) {
            if (done > 0) disk.apply(log_[done - 1]);
            if (done < answered_) continue;
            Machine::mount(std::make_shared<Machine>(disk.lose_power(damage, chance)));
            open();
            const bool there = run("SELECT id FROM t WHERE id = 1") == 1;
            close();
            count("crashes of bare SQLite");
            if (!there) return true;
        }
        return false;
    }

private:
    void open() {
        ASSERT_EQ(sqlite3_open_v2("/bare.db", &db_, SQLITE_OPEN_READWRITE | SQLITE_OPEN_CREATE, vfs_name), SQLITE_OK);
    }
    void close() { sqlite3_close(db_); }
    int run(const std::string& sql) {
        int rows = 0;
        sqlite3_stmt* statement = nullptr;
        EXPECT_EQ(sqlite3_prepare_v2(db_, sql.c_str(), -1, &statement, nullptr), SQLITE_OK) << sqlite3_errmsg(db_);
        while (sqlite3_step(statement) == SQLITE_ROW) ++rows;
        sqlite3_finalize(statement);
        return rows;
    }

    sqlite3* db_ = nullptr;
    Disk disk_;
    std::vector<Op> log_;
    std::size_t answered_ = 0;
};

TEST(TheHarnessBites, WalWithNormalLosesAnAcknowledgedCommit) {
    EXPECT_TRUE(BareDatabase("WAL", "NORMAL").loses(Damage::drop));
}

// The journal's removal is not durable before its directory is: it comes back and undoes the commit.
TEST(TheHarnessBites, ARollbackJournalWithFullLosesAnAcknowledgedCommit) {
    EXPECT_TRUE(BareDatabase("DELETE", "FULL").loses(Damage::drop));
}

TEST(TheHarnessBites, NothingIsLostThatIsKnownToBeSafe) {
    for (const auto& [journal, synchronous] :
         {std::pair{"WAL", "FULL"}, std::pair{"WAL", "EXTRA"}, std::pair{"DELETE", "EXTRA"}, std::pair{"TRUNCATE", "FULL"}}) {
        BareDatabase database(journal, synchronous);
        for (const Damage damage : damages) {
            for (std::uint64_t seed = 1; seed <= 20; ++seed) {
                EXPECT_FALSE(database.loses(damage, seed)) << journal << " " << synchronous << " " << name_of(damage);
            }
        }
    }
}

// The store itself with another setting: what everywhere else is judged to be well is judged to be lost.
struct Loosened : testing::Test {
    static std::vector<std::string> verdicts(const Scenario& scenario, Damage damage) {
        const Story story(scenario);
        std::vector<std::string> out;
        Disk disk(story.start);
        std::mt19937_64 chance{1};
        for (std::size_t done = 0; done <= story.log.size(); ++done) {
            if (done > 0) disk.apply(story.log[done - 1]);
            out.push_back(judge(story, disk.lose_power(damage, chance), expected(story, done)));
        }
        return out;
    }
    static Scenario top_ups(std::string pragma) {
        Scenario out;
        out.name = "loosened";
        out.groups = {{top_up_deed("a", 100)}, {top_up_deed("b", 200)}};
        if (!pragma.empty()) {
            out.begin = [pragma](Venue& venue) {
                // Within a transaction the setting cannot be changed, so the job steps out of it and in again.
                venue.alone(store_deed("pragma", [pragma](WriteTxn& txn) -> Result<int> {
                    txn.db().exec("ROLLBACK; " + pragma + "; BEGIN IMMEDIATE; SAVEPOINT job");
                    return 1;
                }));
            };
        }
        return out;
    }
    static std::string fault_of_story(const Scenario& scenario) {
        try {
            const Story story(scenario);
            return "no fault";
        } catch (const std::runtime_error& error) {
            return error.what();
        }
    }
    static bool loses(const std::vector<std::string>& all) {
        return std::ranges::any_of(all, [](const std::string& each) { return each.starts_with("it is in state 0"); });
    }
};

TEST_F(Loosened, TheStoreWithNormalLosesAnAcknowledgedTopUp) {
    EXPECT_TRUE(loses(verdicts(top_ups("PRAGMA synchronous=NORMAL"), Damage::drop)));
    EXPECT_FALSE(loses(verdicts(top_ups("PRAGMA synchronous=FULL"), Damage::drop)));
    EXPECT_FALSE(loses(verdicts(top_ups(""), Damage::drop)));
}

TEST_F(Loosened, AnAnswerInASecondTransactionIsFound) {
    Scenario scenario;
    scenario.name = "two transactions";
    scenario.groups = {{{"a", [](Venue& venue) -> agent::awaitable<Told> {
        std::function<Result<int>(WriteTxn&)> entry = [](WriteTxn& txn) -> Result<int> {
            journal::TopUp record;
            record.id = "top-up";
            record.terminal = TerminalId{"T1"};
            record.venue = VenueId{"nic"};
            record.credit = {WalletId{"w1"}, BusinessId{"aroma"}, Pocket::business, std::nullopt,
                             {Amount{100}, Currency::parse("EUR").value()}};
            record.tender = "cash";
            record.receipt = txn.next_receipt_number();
            return static_cast<int>(txn.append(record).seq);
        };
        const Result<int> seq = co_await venue.store->write<int>(std::move(entry));
        std::function<Result<int>(WriteTxn&)> answer = [&seq](WriteTxn& txn) -> Result<int> {
            txn.store_answer("T1", "a", as_bytes("x"), 201, "{}", *seq);
            return 1;
        };
        co_await venue.store->write<int>(std::move(answer));
        co_return Told{201, "201 {}"};
    }}}};
    EXPECT_NE(fault_of_story(scenario).find("an operation without its answer"), std::string::npos) << fault_of_story(scenario);
}

// What has no stored answer that could be missed: only that it is not done yet tells.
TEST_F(Loosened, AnAnswerBeforeItsCommitIsFound) {
    Scenario scenario;
    scenario.name = "too early";
    const auto answer_first = [](Venue& venue) -> agent::awaitable<Told> {
        const auto write = [](Venue& at) -> agent::awaitable<void> {
            for (int turn = 0; turn < 5; ++turn) co_await boost::asio::post(at.loop, boost::asio::use_awaitable);
            std::function<Result<int>(WriteTxn&)> job = [](WriteTxn& txn) -> Result<int> {
                txn.set_meta("acked_seq", std::int64_t{1});
                return 1;
            };
            co_await at.store->write<int>(std::move(job));
        };
        boost::asio::co_spawn(venue.loop, write(venue), boost::asio::detached);
        co_return Told{200, "done"};
    };
    scenario.groups = {{{"a", answer_first, false}}};
    EXPECT_NE(fault_of_story(scenario).find("answered before it was done"), std::string::npos) << fault_of_story(scenario);
}

TEST_F(Loosened, ADeedThatDoesNothingIsFound) {
    Scenario scenario;
    scenario.name = "nothing";
    scenario.groups = {{store_deed("a", [](WriteTxn&) -> Result<int> { return 1; })}};
    EXPECT_NE(fault_of_story(scenario).find("changes nothing"), std::string::npos) << fault_of_story(scenario);
}

}  // namespace
}  // namespace obol::crash
