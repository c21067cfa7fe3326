// The power goes after every operation on the disk, in four ways.

#include <gtest/gtest.h>

#include "tests/crash/promises.hpp"
#include "tests/crash/scenarios.hpp"

namespace obol::crash {
namespace {

std::string case_name(const std::string& scenario, std::size_t done, Damage damage, std::uint64_t seed) {
    return "--case=" + scenario + "/" + std::to_string(done) + "/" + std::string(name_of(damage)) + "/" +
           std::to_string(seed);
}

std::mt19937_64 chance_of(std::uint64_t seed, std::size_t done, Damage damage) {
    return std::mt19937_64{spread(seed, done * 101 + static_cast<std::uint64_t>(damage))};
}

// Every place of the story, every damage; `seeds` times those that leave something to chance.
void lose_power_everywhere(const Scenario& scenario, int seeds) {
    const Story story(scenario);
    ASSERT_EQ(story.acks.size(), story.deeds.size());
    const auto& one = wanted().one;
    Disk disk(story.start);
    int faults = 0;
    const std::size_t every = wanted().scale >= 100 ? 1 : static_cast<std::size_t>(100 / wanted().scale);
    for (std::size_t done = 0; done <= story.log.size() && faults < 5; ++done) {
        if (done > 0) disk.apply(story.log[done - 1]);
        if (!one && done % every != wanted().seed % every) continue;
        for (const Damage damage : damages) {
            for (int i = 0; i < (damage == Damage::drop ? 1 : seeds); ++i) {
                const std::uint64_t seed = spread(wanted().seed, static_cast<std::uint64_t>(i));
                if (one && (one->operation != done || one->damage != name_of(damage))) continue;
                std::mt19937_64 chance = chance_of(one ? one->seed : seed, done, damage);
                const Image image = disk.lose_power(damage, chance);
                const std::string fault = judge(story, image, expected(story, done));
                count("losses of power after each operation: " + std::string(name_of(damage)));
                count_loss(scenario.name);
                if (fault.empty()) continue;
                ++faults;
                const Op* last = done > 0 ? &story.log[done - 1] : nullptr;
                ADD_FAILURE() << case_name(scenario.name, done, damage, seed) << " after "
                              << (last ? name_of(last->kind) : "nothing") << ": " << fault;
            }
        }
    }
    keeps_promise(scenario.name);
}

int seeds() { return static_cast<int>(std::max<std::int64_t>(1, wanted().scaled(3))); }

class EachOperation : public testing::TestWithParam<std::string> {};

TEST_P(EachOperation, F5_F6_F7_F8_AcknowledgedIsThereAndInFlightIsWhole) {
    lose_power_everywhere(scenario_named(operations(), GetParam()), seeds());
}

INSTANTIATE_TEST_SUITE_P(PowerLoss, EachOperation, testing::ValuesIn(operation_names),
                         [](const auto& each) { return each.param; });

// Each test is a process of its own in CI and keeps its own promise; together they are this many.
TEST(PowerLoss, F5_CIJudgesTwentyThousandLossesOfPower) {
    std::int64_t all = 0;
    for (const Promise& each : promises) all += each.losses;
    EXPECT_GE(all, 20'000);
    for (const Scenario& each : operations()) EXPECT_GT(promised(each.name), 0) << each.name;
    for (const Scenario& each : starts()) EXPECT_GT(promised(each.name), 0) << each.name;
}

TEST(PowerLoss, EachIsTried) {
    EXPECT_EQ(operations().size(), std::size(operation_names));
    for (const Scenario& each : operations()) {
        EXPECT_EQ(std::count(std::begin(operation_names), std::end(operation_names), each.name), 1) << each.name;
    }
}

class EachStart : public testing::TestWithParam<std::string> {};

TEST_P(EachStart, F9_TheSchemaIsOldOrNewAndTheNextStartFinishesIt) {
    lose_power_everywhere(scenario_named(starts(), GetParam()), seeds());
}

INSTANTIATE_TEST_SUITE_P(PowerLoss, EachStart, testing::ValuesIn(start_names()),
                         [](const auto& each) { return each.param; });

TEST(PowerLoss, F9_EveryOlderSchemaIsAStartAndIsFull) {
    ASSERT_EQ(starts().size(), start_names().size());
    for (std::size_t i = 1; i < starts().size(); ++i) {
        Machine::mount(std::make_shared<Machine>(*starts()[i].start));
        sql::Db db{database, sql::Db::Mode::writer, vfs_name};
        EXPECT_EQ(db.value<std::int64_t>("PRAGMA user_version"), static_cast<std::int64_t>(i));
        // A migration that drops rows, of whatever table, is seen.
        for (const char* table : {"entry", "posting", "held", "ask", "balance", "answer", "operation", "fact", "lookup",
                                  "wallet_lot", "pass_local", "pin_tries", "terminal", "token", "exception"}) {
            EXPECT_GT(db.value<std::int64_t>(std::string("SELECT count(*) FROM ") + table), 0) << starts()[i].name << ": " << table;
        }
    }
    Machine::mount(std::make_shared<Machine>(world().image));
    sql::Db newest{database, sql::Db::Mode::writer, vfs_name};
    EXPECT_EQ(newest.value<std::int64_t>("PRAGMA user_version"), static_cast<std::int64_t>(starts().size()));
}

// What a migration might do to old rows is found by what is judged.
TEST(PowerLoss, F9_AMigrationThatLosesARowIsFound) {
    for (const char* damage : {"DELETE FROM token", "DELETE FROM fact WHERE kind = 'pool'", "DELETE FROM answer",
                               "UPDATE held SET minor = minor - 1 WHERE subject LIKE 'business:%'",
                               "DELETE FROM pin_tries", "UPDATE meta SET value = 0 WHERE key = 'receipt_number'"}) {
        const Scenario& scenario = starts().back();
        const Story story(scenario);
        const auto machine = std::make_shared<Machine>(*scenario.start);
        Machine::mount(machine);
        {
            sql::Db db{database, sql::Db::Mode::writer, vfs_name};
            ASSERT_EQ(judge(story, machine->disk.all_kept(), expected(story, 0)), "");
            Machine::mount(machine);
            db.exec(damage);
            EXPECT_GT(db.changes(), 0) << damage;
        }
        const Image image = machine->disk.all_kept();
        EXPECT_NE(judge(story, image, expected(story, 0)), "") << damage;
        std::string fault;
        story.state_at(image, &fault);
        EXPECT_NE(fault, "") << damage;
    }
}

}  // namespace
}  // namespace obol::crash
