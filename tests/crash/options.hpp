#pragma once
// How much is tried, and one case alone. The command line has the last word, then the environment.
//
//   crash_test [--seed=N] [--scale=PERCENT] [--case=SCENARIO/OPERATION/DAMAGE/SEED] [gtest's own]

#include <algorithm>
#include <cstdint>
#include <optional>
#include <random>
#include <string>
#include <vector>

namespace obol::crash {

struct OneCase {
    std::string scenario;
    std::size_t operation = 0;
    std::string damage;
    std::uint64_t seed = 0;
};

struct Wanted {
    std::uint64_t seed = 1;  // the program's: the day, so that each day tries others
    int scale = 100;  // of what CI tries in a release build; below it, places are left out
    std::optional<OneCase> one{};

    // Of so many in CI, at least one.
    std::int64_t scaled(std::int64_t count) const { return std::max<std::int64_t>(1, count * scale / 100); }
};
Wanted& wanted();
inline constexpr int scale_of_all = 500;  // from here on each place is tried, not some

// One of many seeds that one seed gives; those of two seeds have nothing in common (splitmix64).
inline std::uint64_t spread(std::uint64_t seed, std::uint64_t n) {
    std::uint64_t out = seed * 0x9E3779B97F4A7C15u + n;
    out = (out ^ (out >> 30)) * 0xBF58476D1CE4E5B9u;
    out = (out ^ (out >> 27)) * 0x94D049BB133111EBu;
    return out ^ (out >> 31);
}

// Of 0 to `all` - 1 so many as CI has time for, spread evenly, each anywhere in its stretch, as the seed has it.
inline std::vector<std::size_t> some_of(std::size_t all, std::int64_t in_ci) {
    std::size_t count = all;
    if (wanted().scale < scale_of_all) count = std::min(all, static_cast<std::size_t>(wanted().scaled(in_ci)));
    std::vector<std::size_t> out;
    std::mt19937_64 chance{spread(wanted().seed, all)};
    for (std::size_t i = 0; i < count; ++i) {
        const std::size_t from = i * all / count, to = (i + 1) * all / count;
        out.push_back(from + chance() % (to - from));
    }
    return out;
}

// The closing lines of the program: what was tried, by name.
void count(const std::string& what, std::int64_t times = 1);
std::int64_t counted(const std::string& what);
void print_counts();

}  // namespace obol::crash
