// Runs seeds; the first that fails is told and ends it. See README.md.

#include <charconv>
#include <chrono>
#include <csignal>
#include <cstring>
#include <iostream>
#include <malloc.h>
#include <optional>
#include <sqlite3.h>
#include <unistd.h>

#include "tests/sim/quick_memory.hpp"
#include "tests/sim/world.hpp"

namespace {

using namespace obol::sim;

std::uint64_t seed_now = 0, seed_first = 1;

// tests/support/mutants.py reads this line.
std::string failed() {
    return "FAIL after_" + std::to_string(seed_now - seed_first + 1) + "_seeds.seed_" + std::to_string(seed_now);
}

std::uint64_t number(const std::string& text) {
    std::uint64_t out = 0;
    const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), out);
    if (error != std::errc{} || end != text.data() + text.size()) {
        std::cerr << "not a number: " << text << "\n";
        std::exit(2);
    }
    return out;
}

// A broken invariant of the code itself ends the process: which seed it was is said all the same.
void on_abort(int) {
    const std::string text = failed() + ": it ended the process\n";
    if (::write(1, text.data(), text.size()) < 0) std::_Exit(3);
    std::_Exit(3);
}

// A run of many seeds in which one of these never came proves less than it says.
constexpr const char* kinds[] = {
    "deed: activate", "deed: block", "deed: cancel", "deed: central deposit", "deed: central unlock",
    "deed: change of value", "deed: check", "deed: issue", "deed: lookup", "deed: pools and plans changed",
    "deed: purchase", "deed: quote", "deed: redeem", "deed: refund", "deed: top_up", "deed: unlock", "deed: void",
    "deed: void_activation",
    "fault: agent killed", "fault: agent killed as it answers", "fault: agent lost its power", "fault: agent loses its power while it writes",
    "fault: agent's disk fails", "fault: agent's disk fills up while it writes", "fault: agent's disk full",
    "fault: answer cut off", "fault: answer lost", "fault: answer lost at the counter", "fault: backup restored",
    "fault: captive portal", "fault: clock drifts", "fault: clock jumps", "fault: device cloned",
    "fault: disk lost, enrolled anew", "fault: identity refused", "fault: ledger killed", "fault: ledger lost its power",
    "fault: ledger loses its power while it writes", "fault: ledger's disk fails", "fault: ledger's disk full",
    "fault: request cut off", "fault: request lost", "fault: request repeated", "fault: written off",
    "branch: A2 empty taken", "branch: A7 stopped for good", "branch: L1 accepted", "branch: L1 duplicate",
    "branch: L1 accepted_with_exception", "branch: L2 grant in part", "branch: L2 grant repeated",
    "branch: L3 central debit", "branch: L3 central debit refused: held elsewhere", "branch: L4 recall",
    "branch: a key told after a restart", "branch: award", "branch: exception chain_fork",
    "branch: exception late_entry", "branch: holder quarantined", "branch: holder written_off",
    "branch: placement asked", "branch: purchase with the link down", "branch: refund right used elsewhere",
    "branch: returned: idle", "branch: returned: recall", "branch: rows compared: same", "branch: snapshot in pages",
    "branch: snapshot whole", "branch: spent at risk", "fault: ledger restored from a backup",
    "fault: ledger's database put back without a word", "branch: L5 write-off refused in recovery",
    "branch: L6 a database that was put back is noticed at the start", "branch: L6 recovery begins",
    "branch: L7 recovery ends", "branch: A7 rollback", "branch: A7 witness_missing",
    "deed: allowance lowered", "branch: allowance lowered, unheard of",
    "fault: witness lags", "branch: A7 a witness that lags hides what was lost",
    "fault: cut off until its certificate has ended", "branch: certificate ended", "branch: certificate renewed",
    "branch: certificate renewed after its end", "fault: all is shut for weeks", "fault: device put away for a season",
    "fault: clock stood still while it was off", "branch: certificate ended for good", "fault: certificate outlived",
    "branch: journal handed in by another device", "fault: the old ledger runs on beside the restored one",
    "branch: L8 granted by a ledger that was replaced", "branch: L8 a later generation is met"};

struct Wanted {
    std::uint64_t first = 1, last = 100;
    bool story = false, twice = false, complete = false, go_on = false;
};

Wanted wanted(int argc, char** argv) {
    Wanted out;
    for (int i = 1; i < argc; ++i) {
        const std::string argument = argv[i];
        const auto value = [&](const char* name) -> std::optional<std::string> {
            return argument.starts_with(name) ? std::optional(argument.substr(std::strlen(name))) : std::nullopt;
        };
        if (const auto seeds = value("--seeds=")) {
            const std::size_t dash = seeds->find('-');
            out.first = number(seeds->substr(0, dash));
            out.last = dash == std::string::npos ? out.first : number(seeds->substr(dash + 1));
        } else if (const auto seed = value("--story=")) {
            out.first = out.last = number(*seed);
            out.story = true;
        } else if (argument.starts_with("--gtest_")) {
            // What runs all tests says it to all.
        } else if (argument == "--twice") {
            out.twice = true;
        } else if (argument == "--go-on") {
            out.go_on = true;
        } else if (argument == "--all-kinds") {
            out.complete = true;
        } else {
            std::cerr << "sim_test [--seeds=FIRST-LAST] [--story=SEED] [--twice] [--all-kinds] [--go-on]\n";
            std::exit(2);
        }
    }
    return out;
}

// One thread, and memory that is soon wanted again: seconds go into what is tried, not into locks and pages.
void be_quick() {
    sqlite3_config(SQLITE_CONFIG_SINGLETHREAD);
    sqlite3_config(SQLITE_CONFIG_MEMSTATUS, 0);
    be_quick_with_memory();
    mallopt(M_MMAP_THRESHOLD, 32 << 20);  // the most that is taken
    mallopt(M_TRIM_THRESHOLD, 1 << 30);
    mallopt(M_TOP_PAD, 64 << 20);
}

// Empty: all was well.
std::string run(std::uint64_t seed, std::ostream* story, World*& kept, std::unique_ptr<World>& world) {
    seed_now = seed;
    world = std::make_unique<World>(seed, story);
    kept = world.get();
    try {
        world->run();
    } catch (const std::exception& error) {
        return error.what();
    }
    return {};
}

}  // namespace

int main(int argc, char** argv) {
    std::signal(SIGABRT, on_abort);
    be_quick();
    const Wanted asked = wanted(argc, argv);
    const auto began = std::chrono::steady_clock::now();
    seed_first = asked.first;
    double virtual_seconds = 0;
    std::int64_t deeds = 0;
    bool missing = false;
    std::int64_t violated = 0;
    for (std::uint64_t seed = asked.first; seed <= asked.last; ++seed) {
        std::unique_ptr<World> world;
        World* kept = nullptr;
        const std::string fault = run(seed, asked.story ? &std::cout : nullptr, kept, world);
        if (!fault.empty()) {
            std::cout << failed() << ": " << fault << "\nits story: tests/check sim " << seed << std::endl;
            if (!asked.go_on) return 1;
            ++violated;
            continue;
        }
        virtual_seconds += static_cast<double>(kept->lived().count()) / 1000;
        deeds += kept->deeds();
        if (asked.twice) {
            const std::uint64_t digest = kept->digest();
            run(seed, nullptr, kept, world);
            if (kept->digest() != digest) {
                std::cout << failed() << ": two runs of it differ\n";
                return 1;
            }
        }
    }
    const double real = std::chrono::duration<double>(std::chrono::steady_clock::now() - began).count();
    const auto seeds = static_cast<double>(asked.last - asked.first + 1);
    for (const auto& [what, times] : counts()) {
        std::cout << "counted: " << times << " " << what << " (" << static_cast<double>(times) * 1000 / seeds << " per 1,000 seeds)\n";
    }
    if (asked.complete) {
        for (const char* kind : kinds) {
            if (counts()[kind] > 0) continue;
            std::cout << "FAIL never_seen: " << kind << "\n";
            missing = true;
        }
    }
    std::cout << "seeds " << asked.first << " to " << asked.last << ": "
              << (violated == 0 ? "no violation" : std::to_string(violated) + " of them VIOLATED") << "; " << deeds << " deeds, "
              << static_cast<std::int64_t>(virtual_seconds) << " s of virtual time in " << real << " s ("
              << static_cast<std::int64_t>(virtual_seconds / real) << " times as fast), " << real / seeds << " s a seed\n";
    return violated > 0 || missing ? 1 : 0;
}
