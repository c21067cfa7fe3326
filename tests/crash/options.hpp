#pragma once
// How much is tried, and one case alone. The command line has the last word, then the environment.
//
//   crash_test [--seed=N] [--scale=PERCENT] [--case=SCENARIO/OPERATION/DAMAGE/SEED] [gtest's own]

#include <algorithm>
#include <cstdint>
#include <optional>
#include <string>

namespace obol::crash {

struct OneCase {
    std::string scenario;
    std::size_t operation = 0;
    std::string damage;
    std::uint64_t seed = 0;
};

struct Wanted {
    std::uint64_t seed = 1;
    int scale = 100;  // of what CI tries in a release build; below it, places are left out
    std::optional<OneCase> one{};

    // Of so many in CI, at least one.
    std::int64_t scaled(std::int64_t count) const { return std::max<std::int64_t>(1, count * scale / 100); }
};
Wanted& wanted();

// The closing lines of the program: what was tried, by name.
void count(const std::string& what, std::int64_t times = 1);
void print_counts();

}  // namespace obol::crash
