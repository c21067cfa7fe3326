// Crashes while a crash is being recovered from, ends of the process with the power lost later, and long
// lives with many losses of power.

#include <gtest/gtest.h>

#include "tests/crash/promises.hpp"
#include "tests/crash/scenarios.hpp"

namespace obol::crash {
namespace {

template <class T>
const T& one_of(const std::vector<T>& all, std::mt19937_64& chance) {
    return all[chance() % all.size()];
}
Damage some_damage(std::mt19937_64& chance) { return damages[chance() % std::size(damages)]; }

// A start on this image whose power goes after some operation of its own; nobody was answered anything.
Image start_and_crash(const Image& image, std::mt19937_64& chance, std::uint64_t life) {
    std::vector<Op> log;
    {
        const auto machine = std::make_shared<Machine>(image);
        machine->on_change = [&log](const Op& op) { log.push_back(op); };
        Venue venue(machine, life);
        EXPECT_TRUE(venue.open());
    }
    Disk disk(image);
    const std::size_t end = log.empty() ? 0 : chance() % (log.size() + 1);
    for (std::size_t i = 0; i < end; ++i) disk.apply(log[i]);
    return disk.lose_power(some_damage(chance), chance);
}

TEST(Recovery, F10_ACrashDuringRecoveryThreeTimesOverChangesNothing) {
    std::vector<std::unique_ptr<Story>> stories;
    for (const char* name : {"purchase", "refund", "group", "snapshot", "checkpoint"}) {
        stories.push_back(std::make_unique<Story>(scenario_named(operations(), name)));
    }
    for (std::int64_t i = 0; i < wanted().scaled(1200); ++i) {
        std::mt19937_64 chance{spread(wanted().seed, static_cast<std::uint64_t>(i))};
        const Story& story = *one_of(stories, chance);
        const std::size_t done = chance() % (story.log.size() + 1);
        Disk disk(story.start);
        for (std::size_t k = 0; k < done; ++k) disk.apply(story.log[k]);
        Image image = disk.lose_power(some_damage(chance), chance);
        const std::uint64_t depth = 1 + chance() % 3;
        for (std::uint64_t d = 0; d < depth; ++d) image = start_and_crash(image, chance, 20 + d);
        const std::string fault = judge(story, image, expected(story, done), 30);
        count("crashes during recovery, before the one that is judged", static_cast<std::int64_t>(depth));
        count_loss("recovery");
        ASSERT_EQ(fault, "") << story.scenario.name << " after " << done << ", run " << i << ", --seed=" << wanted().seed;
    }
    keeps_promise("recovery");
}

// What was answered after a restart, and the power went then.
std::string lost_answers(const Story& story, const Image& image, const std::vector<Told>& told) {
    Venue venue(std::make_shared<Machine>(image), 21);
    if (const Result<void> opened = venue.open(); !opened) return "does not open: " + opened.error().detail;
    std::string out = faults_of(venue.facts(), Venue::key());
    for (std::size_t i = 0; i < told.size() && out.empty(); ++i) {
        if (told[i].text.empty()) continue;
        const Told again = venue.alone(*story.deeds[i]);
        if (again.replayed && again.text == told[i].text) continue;
        out = story.deeds[i]->key + " was answered after the restart, and the loss of power took it";
    }
    return out;
}

// The process ends between the write of a commit and its sync. The next start finds the commit in what the
// system has cached and answers by it; then the power goes. What was answered must not go with it. Either all
// is asked for, or only what needs no commit, so that no later commit makes it durable.
TEST(Recovery, F1_F2_WhatARestartAnswersByIsDurableFirst) {
    for (const char* name : {"top_up", "purchase", "redeem", "refund", "void", "group"}) {
        const Story story(scenario_named(operations(), name));
        Disk disk(story.start);
        for (std::size_t done = 0; done <= story.log.size(); ++done) {
            if (done > 0) disk.apply(story.log[done - 1]);
            for (const bool all : {true, false}) {
                const auto machine = std::make_shared<Machine>(disk);  // the power is still on
                std::vector<Told> told(story.deeds.size());
                Image image;
                {
                    Venue venue(machine, 20);
                    ASSERT_TRUE(venue.open());
                    if (all) {
                        ASSERT_EQ(judge_open(story, venue, expected(story, done), 20, &told), "") << name << " after " << done;
                    }
                    for (std::size_t i = 0; i < story.deeds.size() && !all; ++i) {
                        const auto seen = venue.facts().answer("T1", story.deeds[i]->key);
                        if (seen) told[i] = venue.alone(*story.deeds[i]);
                    }
                    std::mt19937_64 chance{done};
                    image = machine->disk.lose_power(Damage::drop, chance);
                    machine->off = true;
                }
                ASSERT_EQ(lost_answers(story, image, told), "")
                    << name << ": the process ended after operation " << done << (all ? ", all was asked again" : "");
                count("ends of the process");
                count_loss("after an end of the process");
            }
        }
    }
    keeps_promise("after an end of the process");
}

// --- long lives -------------------------------------------------------------------------------------------

struct LongLife {
    explicit LongLife(std::uint64_t seed) : chance(seed), image(world().image) {}

    struct Asked {
        Deed deed;
        std::int64_t cents = 0;  // what it does to the pocket
        Told told{};             // text empty: nobody knows
    };

    Deed next_deed(std::string key, std::int64_t& cents) {
        const auto some = static_cast<std::int64_t>(100 + chance() % 400);
        switch (chance() % 3) {
            case 0: cents = some; return top_up_deed(std::move(key), some);
            case 1: cents = -some; return purchase_deed(std::move(key), some);
            default: cents = 10; return refund_deed(std::move(key), world().to_refund, 10);
        }
    }

    void ask(Venue& venue, const std::vector<std::size_t>& which) {
        Deeds deeds;
        for (const std::size_t i : which) deeds.push_back(all[i].deed);
        venue.together(deeds, [&](std::size_t i, const Told& told) {
            Asked& asked = all[which[i]];
            if (venue.machine->off) return;  // nobody hears it
            if (told.text.find("outcome_unknown") != std::string::npos) return;
            if (!asked.told.text.empty() && (asked.told.text != told.text || !told.replayed)) {
                fault = asked.deed.key + " was answered " + asked.told.text + " and now " + told.text;
            }
            if (!told.well() && told.status != 422) fault = asked.deed.key + ": " + told.text;
            asked.told = told;
        });
    }

    std::string check(Venue& venue) {
        std::string out = faults_of(venue.facts(), Venue::key());
        std::int64_t pocket = 50'000 - 1'700;
        for (const Asked& each : all) pocket += each.told.well() ? each.cents : 0;
        const Funds found = venue.facts().funds(w1_pocket());
        if (found.shown.minor != pocket || found.held.minor != pocket) {
            out += "the pocket holds " + std::to_string(found.held.minor) + ", " + std::to_string(pocket) + " was answered";
        }
        return out;
    }

    // One start of the program and its end, however that comes.
    void live(std::uint64_t life, bool to_the_end) {
        const auto machine = disk ? std::make_shared<Machine>(*disk) : std::make_shared<Machine>(image);
        disk.reset();
        if (!to_the_end) machine->lose_power_after = static_cast<std::int64_t>(chance() % 150);
        Venue venue(machine, life);
        if (const Result<void> opened = venue.open()) {
            venue.alone(store_deed("pragma", [](WriteTxn& txn) -> Result<int> {
                txn.db().exec("PRAGMA wal_autocheckpoint=25");
                return 1;
            }));
            std::vector<std::size_t> open_ones, known;
            for (std::size_t i = 0; i < all.size(); ++i) (all[i].told.text.empty() ? open_ones : known).push_back(i);
            std::shuffle(known.begin(), known.end(), chance);
            known.resize(std::min<std::size_t>(known.size(), to_the_end ? known.size() : 4));
            if (!open_ones.empty()) ask(venue, open_ones);
            if (!known.empty()) ask(venue, known);
            if (!machine->off && fault.empty()) {
                fault = check(venue);
                const Befallen before = std::exchange(befallen, Befallen::nothing);
                if (before == Befallen::loss) count_loss("random lives");
                if (before == Befallen::end) count("ends of the process");
            }
            for (int round = 0; round < 30 && !machine->off && !to_the_end && fault.empty(); ++round) {
                std::vector<std::size_t> group;
                for (std::uint64_t n = 1 + chance() % 5; n > 0; --n) {
                    std::int64_t cents = 0;
                    Deed deed = next_deed("k" + std::to_string(all.size()), cents);
                    group.push_back(all.size());
                    all.push_back({std::move(deed), cents, {}});
                }
                ask(venue, group);
            }
        } else if (!machine->off) {
            fault = "does not open: " + opened.error().code + ": " + opened.error().detail;
        }
        if (chance() % 4 == 0) disk = machine->disk;  // the process ended, the system lives on
        else image = machine->disk.lose_power(some_damage(chance), chance);
        befallen = disk ? Befallen::end : Befallen::loss;
        machine->off = true;
    }

    std::mt19937_64 chance;
    Image image;
    std::optional<Disk> disk{};
    std::vector<Asked> all{};
    std::string fault{};
    enum class Befallen { nothing, end, loss } befallen = Befallen::nothing;  // since the last check
};

TEST(Recovery, F5_ManyLossesOfPowerInOneLifeFromASeed) {
    constexpr std::uint64_t losses = 12;
    for (std::int64_t i = 0; i < wanted().scaled(220); ++i) {
        const std::uint64_t seed = spread(wanted().seed, static_cast<std::uint64_t>(i));
        LongLife one(seed);
        for (std::uint64_t life = 0; life < losses && one.fault.empty(); ++life) one.live(100 + life, false);
        if (one.fault.empty()) one.live(100 + losses, true);
        count("random lives");
        ASSERT_EQ(one.fault, "") << "life " << i << ", --seed=" << wanted().seed;
    }
    keeps_promise("random lives");
}

// Damage to the log of commits that were not carried into the database yet: a state that was, whole, and
// nothing that had been carried over is missing. What is missing then, the ledger's head betrays.
TEST(Recovery, F14_ABitFlipInTheLogLosesNothingThatWasCheckpointed) {
    Scenario scenario;
    scenario.name = "log";
    scenario.groups = {{top_up_deed("a", 100)}, {purchase_deed("b", 200)}, {top_up_deed("c", 300)}};
    const Story story(scenario);
    Disk disk(story.start);
    for (std::size_t i = 0; i < story.acks.back().after; ++i) disk.apply(story.log[i]);
    const Image sound = disk.all_kept();
    const std::string wal = std::string(database) + "-wal";
    ASSERT_TRUE(sound.contains(wal));
    const std::size_t size = sound.at(wal).size();
    ASSERT_GT(size, 4096u);
    std::mt19937_64 chance{wanted().seed};
    std::size_t lost = 0;
    for (std::int64_t i = 0; i < wanted().scaled(400); ++i) {
        Image image = sound;
        image[wal][chance() % size] ^= static_cast<char>(1 << chance() % 8);
        std::string fault;
        const std::string state = story.state_at(image, &fault);
        ASSERT_EQ(fault, "") << "run " << i << ", --seed=" << wanted().seed;
        const auto found = std::ranges::find(story.states, state);
        ASSERT_NE(found, story.states.end()) << "run " << i << ", --seed=" << wanted().seed;
        lost += *found != story.states.back();
        count("bit flips in the log");
    }
    EXPECT_GT(lost, 0u);  // the flips did hit
}

}  // namespace
}  // namespace obol::crash
