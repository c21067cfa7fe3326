#include "sync/core/time.hpp"

#include <gtest/gtest.h>

#include <random>

namespace obol {
namespace {

std::string read(std::string_view text) {
    const Result<Instant> at = parse_rfc3339(text);
    return at ? to_rfc3339(*at) : at.error().code;
}

TEST(Rfc3339, ReadsEveryOffsetAndShowsUtc) {
    EXPECT_EQ(read("2026-11-21T18:00:00Z"), "2026-11-21T18:00:00Z");
    EXPECT_EQ(read("2026-11-21t18:00:00z"), "2026-11-21T18:00:00Z");
    EXPECT_EQ(read("2026-11-21T20:00:00+02:00"), "2026-11-21T18:00:00Z");
    EXPECT_EQ(read("2026-11-21T13:30:00-04:30"), "2026-11-21T18:00:00Z");
    EXPECT_EQ(read("2026-01-01T00:15:00+05:45"), "2025-12-31T18:30:00Z");
    EXPECT_EQ(read("2026-11-21T18:00:00-00:00"), "2026-11-21T18:00:00Z");
    EXPECT_EQ(read("1969-12-31T23:59:59.999Z"), "1969-12-31T23:59:59.999Z");
    EXPECT_EQ(read("0000-01-01T00:00:00Z"), "0000-01-01T00:00:00Z");
    EXPECT_EQ(read("9999-12-31T23:59:59Z"), "9999-12-31T23:59:59Z");
    EXPECT_EQ(read("2024-02-29T12:00:00Z"), "2024-02-29T12:00:00Z");
}

TEST(Rfc3339, CutsTheFractionToMilliseconds) {
    EXPECT_EQ(read("2026-11-21T18:00:00.5Z"), "2026-11-21T18:00:00.500Z");
    EXPECT_EQ(read("2026-11-21T18:00:00.050Z"), "2026-11-21T18:00:00.050Z");
    EXPECT_EQ(read("2026-11-21T18:00:00.123999999Z"), "2026-11-21T18:00:00.123Z");
    EXPECT_EQ(read("2026-11-21T18:00:00.000Z"), "2026-11-21T18:00:00Z");
}

TEST(Rfc3339, Trap15ALeapSecondReadsAsTheSecondBefore) {
    EXPECT_EQ(read("2016-12-31T23:59:60Z"), "2016-12-31T23:59:59Z");
    EXPECT_EQ(read("2017-01-01T01:59:60.25+02:00"), "2016-12-31T23:59:59.250Z");
    EXPECT_EQ(read("2016-12-31T23:59:61Z"), "instant_malformed");
}

TEST(Rfc3339, RefusesWhatIsNoInstant) {
    for (const auto* bad : {"",
                            "2026-11-21",
                            "2026-11-21T18:00:00",
                            "2026-11-21 18:00:00Z",
                            "2026-11-21T18:00Z",
                            "2026-02-29T00:00:00Z",
                            "2026-13-01T00:00:00Z",
                            "2026-00-01T00:00:00Z",
                            "2026-04-31T00:00:00Z",
                            "2026-11-21T24:00:00Z",
                            "2026-11-21T18:60:00Z",
                            "2026-11-21T18:00:00.Z",
                            "2026-11-21T18:00:00.1234567890Z",
                            "2026-11-21T18:00:00+2:00",
                            "2026-11-21T18:00:00+0200",
                            "2026-11-21T18:00:00+24:00",
                            "2026-11-21T18:00:00+02:60",
                            "2026-11-21T18:00:00Zx",
                            "+2026-11-21T18:00:00Z",
                            "26-11-21T18:00:00Z",
                            "2026-11-21T18:00:00,5Z",
                            "2026-11-2:T18:00:00Z"}) {
        EXPECT_EQ(read(bad), "instant_malformed") << bad;
    }
}

TEST(Rfc3339, WhatIsWrittenReadsAsTheSameInstant) {
    std::mt19937_64 dice{11};
    std::uniform_int_distribution<std::int64_t> any{-62'000'000'000'000, 253'000'000'000'000};
    for (int i = 0; i < 2000; ++i) {
        const Instant at = from_millis(any(dice));
        const std::chrono::minutes offset{static_cast<int>(dice() % 1801) - 900};
        ASSERT_EQ(parse_rfc3339(to_rfc3339(at)).value(), at);
        ASSERT_EQ(parse_rfc3339(to_rfc3339(at, offset)).value(), at) << to_rfc3339(at, offset);
    }
}

TEST(Rfc3339, ShowsTheWallClockOfAnOffset) {
    const Instant at = parse_rfc3339("2026-11-27T16:00:00Z").value();
    EXPECT_EQ(to_rfc3339(at, std::chrono::minutes{120}), "2026-11-27T18:00:00+02:00");
    EXPECT_EQ(to_rfc3339(at, std::chrono::minutes{-210}), "2026-11-27T12:30:00-03:30");
    EXPECT_EQ(to_rfc3339(at, std::chrono::minutes{0}), "2026-11-27T16:00:00+00:00");
}

}  // namespace
}  // namespace obol
