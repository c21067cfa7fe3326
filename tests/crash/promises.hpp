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
    {"redeem", 600}, {"redeem_into_wallet", 520}, {"activate", 460}, {"purchase", 490},
    {"purchase_with_a_lot", 850}, {"refund", 670}, {"void", 490}, {"top_up", 490}, {"group", 1020},
    {"wrong_pin", 460}, {"page", 200}, {"recall", 260}, {"grant", 630}, {"snapshot", 830},
    {"acknowledge", 120}, {"generation", 230}, {"placement", 200}, {"stop_for_good", 120},
    {"checkpoint", 3500}, {"first_start", 1890}, {"upgrade_from_1", 910}, {"upgrade_from_2", 770},
    {"upgrade_from_3", 670}, {"upgrade_from_4", 420}, {"upgrade_from_5", 350}, {"recovery", 1200},
    {"after an end of the process", 750}, {"random lives", 1300},
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
