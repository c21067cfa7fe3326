// Every call to the disk fails, once or for good.

#include <gtest/gtest.h>
#include <sqlite3.h>

#include "tests/crash/fault_run.hpp"
#include "tests/crash/options.hpp"

namespace obol::crash {
namespace {

enum class Error { io, full, half };
constexpr std::string_view error_names[] = {"EIO", "ENOSPC", "short write"};

// What the call says when it meets the error; 0: this call does not meet it.
Verdict verdict_of(Error error, Call call) {
    if (error != Error::io) {
        const bool takes_room = call == Call::write || call == Call::open;
        return {takes_room ? SQLITE_FULL : 0, error == Error::half && call == Call::write};
    }
    switch (call) {
        case Call::open: return {SQLITE_CANTOPEN};
        case Call::read: return {SQLITE_IOERR_READ};
        case Call::write: return {SQLITE_IOERR_WRITE};
        case Call::truncate: return {SQLITE_IOERR_TRUNCATE};
        case Call::sync: return {SQLITE_IOERR_FSYNC};
        case Call::size: return {SQLITE_IOERR_FSTAT};
        case Call::remove: return {SQLITE_IOERR_DELETE};
        case Call::exists: return {SQLITE_IOERR_ACCESS};
        case Call::lock: return {SQLITE_IOERR_LOCK};
        case Call::map_memory: return {SQLITE_IOERR_SHMMAP};
    }
    return {};
}

struct DiskFault {
    std::size_t at;
    bool for_good;
    Error error;
    std::string met{};  // the first call that failed
};

void arm(Machine& machine, DiskFault& fault) {
    machine.trap = [&fault, n = std::size_t{0}](Call call, const std::string&) mutable -> Verdict {
        const std::size_t now = n++;
        if (fault.for_good ? now < fault.at : now != fault.at) return {};
        const Verdict out = verdict_of(fault.error, call);
        if (out.code != 0 && fault.met.empty()) fault.met = name_of(call);
        return out;
    };
}

class Calls {
public:
    explicit Calls(Machine& machine) {
        machine.trap = [this](Call call, const std::string&) -> Verdict {
            all.push_back(call);
            return {};
        };
    }
    std::vector<Call> all;
};

std::string try_fault(const Story& story, DiskFault& fault) {
    const auto machine = std::make_shared<Machine>(story.start);
    Venue venue(machine, story_life);
    if (!venue.open()) return "does not open before anything";
    if (story.scenario.begin) story.scenario.begin(venue);
    arm(*machine, fault);
    const std::vector<Told> told = tell_all(story, venue);
    std::string out;
    for (const Told& each : told) {
        if (out.empty()) out = fault_of_answer(each);
    }
    const bool failed = venue.store->failed();
    const bool doubt = std::ranges::any_of(told, unknown);
    if (out.empty() && doubt && !failed) out = "an outcome is unknown, but the store goes on";
    if (out.empty() && failed) {
        const Told more = venue.alone(top_up_deed("more", 5));
        if (more.well()) out = "the store failed and writes";
    }
    const Disk left = machine->disk;
    if (!fault.for_good) machine->trap = nullptr;
    if (out.empty() && !failed && !fault.for_good) {
        out = judge_open(story, venue, expected_after(story, told, false), story_life);
        if (!out.empty()) out = "it goes on: " + out;
    }
    machine->trap = nullptr;
    machine->off = true;
    venue.close();
    if (out.empty()) {
        out = judge_after_fault(story, std::make_shared<Machine>(left), told, false, 20);
        if (!out.empty()) out = "started again: " + out;
    }
    for (const Damage damage : {Damage::drop, Damage::torn}) {
        if (!out.empty()) break;
        std::mt19937_64 chance{fault.at};
        const Image image = left.lose_power(damage, chance);
        out = judge_after_fault(story, std::make_shared<Machine>(image), told, false, 20);
        if (!out.empty()) out = "after a loss of power (" + std::string(name_of(damage)) + "): " + out;
    }
    return out;
}

// The places of one story under one error: where the call can meet it at all.
std::vector<std::size_t> places(const std::vector<Call>& calls, Error error, std::int64_t in_ci) {
    std::vector<std::size_t> all, out;
    for (std::size_t i = 0; i < calls.size(); ++i) {
        if (verdict_of(error, calls[i]).code != 0) all.push_back(i);
    }
    for (const std::size_t i : some_of(all.size(), in_ci)) out.push_back(all[i]);
    return out;
}

std::vector<Call> calls_of(const Story& story) {
    const auto machine = std::make_shared<Machine>(story.start);
    Venue venue(machine, story_life);
    if (!venue.open()) throw std::runtime_error("does not open before anything");
    if (story.scenario.begin) story.scenario.begin(venue);
    const Calls seen(*machine);
    tell_all(story, venue);
    machine->trap = nullptr;
    return seen.all;
}

void fail_each_call(const Story& story, std::int64_t in_ci) {
    const std::vector<Call> calls = calls_of(story);
    ASSERT_FALSE(calls.empty());
    int faults = 0;
    for (const Error error : {Error::io, Error::full, Error::half}) {
        for (const std::size_t at : places(calls, error, in_ci)) {
            for (const bool for_good : {false, true}) {
                DiskFault fault{at, for_good, error};
                const std::string what = try_fault(story, fault);
                count("failing calls to the disk: " + story.scenario.name);
                count("failing calls to the disk");
                if (what.empty()) continue;
                ADD_FAILURE() << story.scenario.name << ", " << story.deeds[0]->key << ": "
                              << error_names[static_cast<int>(error)] << " at call " << at << " (" << fault.met << ") "
                              << (for_good ? "for good" : "once") << ", --seed=" << wanted().seed << ": " << what;
                if (++faults == 5) return;
            }
        }
    }
}

class EachOperationWithErrors : public testing::TestWithParam<std::string> {};

TEST_P(EachOperationWithErrors, F11_F12_F13_F15_ACallThatFailsHasNoEffectOrTheWhole) {
    const Parts parts = parts_of(scenario_named(operations(), GetParam()));
    ASSERT_FALSE(parts.empty());
    for (const auto& part : parts) fail_each_call(*part->story, 150 / static_cast<std::int64_t>(parts.size()));
}

INSTANTIATE_TEST_SUITE_P(Errors, EachOperationWithErrors, testing::ValuesIn(operation_names),
                         [](const auto& each) { return each.param; });

// A start that fails says so; the next one finds all as it was.
TEST(Errors, F9_F12_AStartThatFailsHarmsNothing) {
    std::vector<const Scenario*> all;
    for (const Scenario& each : starts()) all.push_back(&each);
    Scenario usual = scenario_named(operations(), "placement");
    all.push_back(&usual);
    for (const Scenario* scenario : all) {
        const Story story(*scenario);
        std::vector<Call> calls;
        {
            const auto machine = std::make_shared<Machine>(story.start);
            Calls seen(*machine);
            Venue venue(machine, 10);
            ASSERT_TRUE(venue.open());
            calls = seen.all;
            machine->trap = nullptr;
        }
        for (const Error error : {Error::io, Error::full, Error::half}) {
            for (const std::size_t at : places(calls, error, 170 / static_cast<std::int64_t>(all.size()))) {
                for (const bool for_good : {false, true}) {
                    const auto machine = std::make_shared<Machine>(story.start);
                    DiskFault fault{at, for_good, error};
                    arm(*machine, fault);
                    {
                        Venue venue(machine, 10);
                        const Result<void> opened = venue.open();
                        if (!opened) {
                            EXPECT_TRUE(opened.error().code == "database_unusable" || opened.error().code == "database_damaged" ||
                                        opened.error().code == "storage_full" || opened.error().code == "outcome_unknown")
                                << opened.error().code;
                        }
                    }
                    machine->trap = nullptr;
                    count("failing calls to the disk at a start");
                    std::mt19937_64 chance{at};
                    for (const bool power : {false, true}) {
                        const Image image =
                            power ? machine->disk.lose_power(Damage::torn, chance) : machine->disk.all_kept();
                        Expected nothing;
                        nothing.acked.resize(story.deeds.size());
                        ASSERT_EQ(judge(story, image, nothing, 10), "")
                            << scenario->name << ": " << error_names[static_cast<int>(error)] << " at call " << at << " ("
                            << fault.met << ") " << (for_good ? "for good" : "once");
                    }
                }
            }
        }
    }
}

}  // namespace
}  // namespace obol::crash
