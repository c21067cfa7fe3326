#pragma once
// How many losses of power each test of CI judges at least. A test that judges fewer fails, so that a number
// which is given anywhere is one that was met.

#include <gtest/gtest.h>

#include <string_view>

#include "tests/crash/options.hpp"

namespace obol::crash {

struct Promise {
    std::string_view by;
    std::int64_t losses;
};

// About a twentieth below what is met today: an operation of the store may come to need fewer of the disk.
inline constexpr Promise promises[] = {
    {"x", 0},
};
// A schema that was the newest when this was written, and is an older one by now.
inline constexpr std::int64_t promised_of_any_upgrade = 100;

inline std::int64_t promised(std::string_view by) {
    for (const Promise& each : promises) {
        if (each.by == by) return each.losses;
    }
    return by.starts_with("upgrade_from_") ? promised_of_any_upgrade : 0;
}

// To be called once the loss was judged.
inline void count_loss(const std::string& by) {
    count("losses of power: " + by);
    count("losses of power, each judged");
}

inline void keeps_promise(const std::string& by) {
    if (wanted().scale < 100 || wanted().one) return;
    EXPECT_GT(promised(by), 0) << by << " promises nothing";
    EXPECT_GE(counted("losses of power: " + by), promised(by)) << by;
}

}  // namespace obol::crash
