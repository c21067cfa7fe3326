#include "sync/domain/allocation.hpp"

#include <gtest/gtest.h>
#include <rapidcheck.h>

#include <numeric>

#include "tests/unit/domain/allocation_cases.hpp"

namespace obol {
namespace {

using cases::any_case;
using cases::Case;
using cases::Dice;
using cases::greatest_flow;
using cases::Payer;

Payer pays(std::int64_t limit, std::vector<std::uint32_t> lines) {
    return {limit, std::move(lines), false};
}
Payer pays_all(std::int64_t limit) { return {limit, {}, true}; }
std::vector<Amount> amounts(std::vector<std::int64_t> minors) {
    std::vector<Amount> out;
    for (const auto minor : minors) out.push_back(Amount{minor});
    return out;
}
Flow split(std::vector<std::int64_t> lines, std::vector<Payer> payers, std::int64_t cap) {
    return Case{amounts(std::move(lines)), std::move(payers), Amount{cap}}.flow();
}

void expect_sound(const Case& c, const Flow& flow) {
    std::vector<std::int64_t> on_line(c.lines.size()), of_source(c.payers.size());
    for (std::size_t i = 0; i < flow.shares.size(); ++i) {
        const Share& share = flow.shares[i];
        ASSERT_GT(share.amount.minor, 0);
        ASSERT_TRUE(c.payers[share.source].may_pay(share.line));
        on_line[share.line] += share.amount.minor;
        of_source[share.source] += share.amount.minor;
        if (i > 0) {
            const Share& before = flow.shares[i - 1];
            ASSERT_LT(std::pair(before.source, before.line), std::pair(share.source, share.line));
        }
    }
    std::int64_t total = 0;
    for (std::size_t l = 0; l < c.lines.size(); ++l) {
        ASSERT_LE(on_line[l], std::max<std::int64_t>(c.lines[l].minor, 0));
    }
    for (std::size_t s = 0; s < c.payers.size(); ++s) {
        ASSERT_EQ(of_source[s], flow.per_source[s].minor);
        ASSERT_LE(of_source[s], c.payers[s].limit);
        total += of_source[s];
    }
    ASSERT_EQ(total, flow.total.minor);
    ASSERT_LE(total, std::max<std::int64_t>(c.cap.minor, 0));
}

// That is what "lexicographically greatest among the greatest" comes to, and it scales: every
// prefix of the payers pays as much as these payers could if they were alone.
void expect_best(const Case& c, const Flow& flow) {
    expect_sound(c, flow);
    std::int64_t sum = 0;
    for (std::size_t n = 0; n < c.payers.size(); ++n) {
        sum += flow.per_source[n].minor;
        ASSERT_EQ(sum, std::min(c.cap.minor, greatest_flow(c, n + 1))) << "first " << n + 1;
    }
}

// Every split there is, one after another: slow, and beyond doubt.
class BruteForce {
public:
    explicit BruteForce(const Case& c) : c_(c), given_(c.payers.size()), best_(c.payers.size()) {
        line(0);
    }
    const std::vector<std::int64_t>& best() const { return best_; }

private:
    void line(std::uint32_t l) {
        if (l == c_.lines.size()) return judge();
        payer(l, 0, std::max<std::int64_t>(c_.lines[l].minor, 0));
    }
    void payer(std::uint32_t l, std::uint32_t s, std::int64_t room) {
        if (s == c_.payers.size()) return line(l + 1);
        const std::int64_t most =
            c_.payers[s].may_pay(l) ? std::min(room, c_.payers[s].limit - given_[s]) : 0;
        for (std::int64_t x = 0; x <= most; ++x) {
            given_[s] += x;
            payer(l, s + 1, room - x);
            given_[s] -= x;
        }
    }
    void judge() {
        const auto sum = [](const std::vector<std::int64_t>& v) {
            return std::accumulate(v.begin(), v.end(), std::int64_t{0});
        };
        if (sum(given_) > std::max<std::int64_t>(c_.cap.minor, 0)) return;
        if (std::pair(sum(given_), given_) > std::pair(sum(best_), best_)) best_ = given_;
    }

    const Case& c_;
    std::vector<std::int64_t> given_, best_;
};

TEST(Allocation, PaysInOrderAndFillsTheFirstLinesFirst) {
    const Flow flow = split({300, 500}, {pays_all(400), pays_all(1000)}, 800);
    EXPECT_EQ(flow.total, Amount{800});
    EXPECT_EQ(flow.per_source, amounts({400, 400}));
    EXPECT_EQ(flow.shares,
              (std::vector<Share>{{0, 0, Amount{300}}, {0, 1, Amount{100}}, {1, 1, Amount{400}}}));
}

TEST(Allocation, MovesAnEarlierSourceSoThatALaterOneCanPay) {
    // Greedy lets the first take line 0, and the second, which may pay line 0 alone, pays nothing.
    const Flow flow = split({1000, 1000}, {pays_all(1000), pays(1000, {0})}, 2000);
    EXPECT_EQ(flow.per_source, amounts({1000, 1000}));
    EXPECT_EQ(flow.shares, (std::vector<Share>{{0, 1, Amount{1000}}, {1, 0, Amount{1000}}}));
}

TEST(Allocation, MovesAlongAChainOfSources) {
    const Flow flow = split({10, 10, 10, 10},
                            {pays(10, {0, 1}), pays(10, {1, 2}), pays(10, {2, 3}), pays(10, {0})},
                            40);
    EXPECT_EQ(flow.per_source, amounts({10, 10, 10, 10}));
}

TEST(Allocation, NeverReducesAnEarlierSourceForALaterOne) {
    const Flow flow = split({100}, {pays(70, {0}), pays(100, {0})}, 100);
    EXPECT_EQ(flow.per_source, amounts({70, 30}));
}

TEST(Allocation, PaysNoLineOfZeroOrLess) {
    const Flow flow = split({-500, 0, 200}, {pays(1000, {0, 1}), pays_all(1000)}, 200);
    EXPECT_EQ(flow.per_source, amounts({0, 200}));
    EXPECT_EQ(flow.shares, (std::vector<Share>{{1, 2, Amount{200}}}));
}

TEST(Allocation, StopsAtTheCapEvenWhereLinesWouldTakeMore) {
    const std::vector<Payer> two{pays_all(900), pays_all(900)};
    EXPECT_EQ(split({1000, 1000}, two, 1200).per_source, amounts({900, 300}));
    EXPECT_EQ(split({1000, 1000}, two, 900).per_source, amounts({900, 0}));
    EXPECT_EQ(split({1000, 1000}, two, 0).total, Amount{0});
    EXPECT_EQ(split({1000, 1000}, two, -5).total, Amount{0});
}

TEST(Allocation, OfNothingIsNothing) {
    EXPECT_EQ(split({}, {}, 100).total, Amount{0});
    EXPECT_EQ(split({}, {pays_all(5), pays(5, {})}, 100).per_source, amounts({0, 0}));
    EXPECT_TRUE(split({5}, {}, 100).shares.empty());
    EXPECT_EQ(split({5}, {pays_all(0), pays_all(-7)}, 100).per_source, amounts({0, 0}));
}

TEST(Allocation, LeavesBitsBeyondTheLastLineAside) {
    const std::vector<Amount> lines = amounts({7});
    const std::uint64_t all[] = {~std::uint64_t{0}};
    const std::vector<Source> sources{{Amount{100}, all, false}, {Amount{100}, {}, false}};
    const Flow flow = allocate(lines, sources, Amount{100});
    EXPECT_EQ(flow.shares, (std::vector<Share>{{0, 0, Amount{7}}}));
}

TEST(Allocation, CountsTheLargestAmountsExactly) {
    Case c{std::vector<Amount>(1000, Amount{largest_amount}),
           std::vector<Payer>(1000, pays_all(largest_amount)), Amount{INT64_MAX}};
    EXPECT_EQ(c.flow().total.minor, 1000 * largest_amount);
}

TEST(Allocation, EqualsBruteForceOnEverySmallCase) {
    EXPECT_TRUE(
        rc::check("greatest total, then lexicographically greatest", [](std::uint64_t first) {
            for (std::uint64_t seed = first; seed < first + 10; ++seed) {
                Dice dice(seed);
                const std::size_t payers = dice.up_to(3), lines = dice.up_to(3);
                const Case c = any_case(dice, payers, lines, 4);
                const Flow flow = c.flow();
                expect_sound(c, flow);
                std::vector<std::int64_t> got;
                for (const Amount amount : flow.per_source) got.push_back(amount.minor);
                RC_ASSERT(got == BruteForce(c).best());
            }
        }));
}

TEST(Allocation, GivesEveryPrefixOfTheSourcesItsMaximumFlow) {
    for (std::uint64_t seed = 1; seed <= 300; ++seed) {
        SCOPED_TRACE(seed);
        Dice dice(seed);
        const std::size_t payers = dice.up_to(14), lines = dice.up_to(14);
        const Case c = any_case(dice, payers, lines, 50);
        expect_best(c, c.flow());
        if (HasFatalFailure()) return;
    }
}

TEST(Allocation, GivesEveryPrefixItsMaximumFlowBeyondOneWordOfLines) {
    for (std::uint64_t seed = 1; seed <= 4; ++seed) {
        SCOPED_TRACE(seed);
        Dice dice(seed);
        const Case c = any_case(dice, 50, 150, 50);
        expect_best(c, c.flow());
        if (HasFatalFailure()) return;
    }
}

// Shapes that make searches long: chains in which each payer must move its neighbour, nested
// sets whose widest payer comes first, few lines wanted by many.
Case hard_case(Dice& dice, int shape, std::size_t n) {
    Case c;
    for (std::size_t l = 0; l < n; ++l) c.lines.push_back(Amount{100 + dice.below(900)});
    for (std::size_t s = 0; s < n; ++s) {
        Payer payer{1 + dice.below(1100), {}, false};
        for (std::uint32_t l = 0; l < n; ++l) {
            const bool chained = l + 2 >= s && l <= s + 2, nested = l + s < n, few = l < n / 10;
            if (shape == 0 ? chained : shape == 1 ? nested : few) payer.lines.push_back(l);
        }
        if (shape == 2 && dice.one_in(3)) payer.any_line = true;
        c.payers.push_back(std::move(payer));
    }
    c.cap = Amount{1'000'000'000};
    return c;
}

TEST(Allocation, EqualsPushRelabelOnLargeCases) {
    for (int shape = 0; shape < 3; ++shape) {
        SCOPED_TRACE(shape);
        Dice dice(40 + static_cast<std::uint64_t>(shape));
        Case c = hard_case(dice, shape, 250);
        dice.shuffle(c.payers);
        const Flow flow = c.flow();
        expect_sound(c, flow);
        for (const std::size_t n : {1ul, 20ul, 125ul, 249ul, 250ul}) {
            std::int64_t sum = 0;
            for (std::size_t s = 0; s < n; ++s) sum += flow.per_source[s].minor;
            ASSERT_EQ(sum, greatest_flow(c, n)) << "first " << n;
        }
    }
}

TEST(Allocation, AmountsDoNotDependOnTheOrderOfLinesNorTheTotalOnThatOfSources) {
    for (std::uint64_t seed = 1; seed <= 300; ++seed) {
        SCOPED_TRACE(seed);
        Dice dice(seed);
        const std::size_t payers = dice.up_to(8), lines = dice.up_to(8);
        const Case c = any_case(dice, payers, lines, 20);
        const Flow flow = c.flow();

        std::vector<std::uint32_t> order(c.lines.size());
        std::iota(order.begin(), order.end(), 0);
        dice.shuffle(order);
        Case other = c;
        for (std::uint32_t l = 0; l < order.size(); ++l) other.lines[order[l]] = c.lines[l];
        for (Payer& payer : other.payers) {
            for (std::uint32_t& line : payer.lines) line = order[line];
        }
        EXPECT_EQ(other.flow().per_source, flow.per_source);

        dice.shuffle(other.payers);
        EXPECT_EQ(other.flow().total, flow.total);
    }
}

TEST(Allocation, SplittingASourceInTwoChangesNothing) {
    for (std::uint64_t seed = 1; seed <= 300; ++seed) {
        SCOPED_TRACE(seed);
        Dice dice(seed);
        const std::size_t payers = dice.up_to(8), lines = dice.up_to(8);
        const Case c = any_case(dice, payers, lines, 20);
        const Flow flow = c.flow();
        Case halved = c;
        const std::size_t at = static_cast<std::size_t>(dice.below(static_cast<long>(payers)));
        Payer part = halved.payers[at];
        part.limit = dice.below(part.limit + 1);
        halved.payers[at].limit -= part.limit;
        halved.payers.insert(halved.payers.begin() + static_cast<long>(at), part);
        const Flow both = halved.flow();
        EXPECT_EQ(both.total, flow.total);
        EXPECT_EQ(both.per_source[at] + both.per_source[at + 1], flow.per_source[at]);
    }
}

TEST(Allocation, IsTheSameEveryTime) {
    Dice dice(7);
    const Case c = any_case(dice, 40, 30, 100);
    EXPECT_EQ(c.flow().shares, c.flow().shares);
}

}  // namespace
}  // namespace obol
