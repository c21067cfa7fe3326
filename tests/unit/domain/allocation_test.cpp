#include "sync/domain/allocation.hpp"

#include <gtest/gtest.h>
#include <rapidcheck.h>

#include <algorithm>
#include <numeric>
#include <queue>
#include <random>

namespace obol {
namespace {

struct Case {
    std::vector<Amount> lines;
    std::vector<Source> sources;
    Amount cap;
};

Source pays(std::int64_t limit, std::vector<std::uint32_t> lines) {
    return {Amount{limit}, std::move(lines), false};
}
Source pays_all(std::int64_t limit) { return {Amount{limit}, {}, true}; }
std::vector<Amount> amounts(std::vector<std::int64_t> minors) {
    std::vector<Amount> out;
    for (const auto minor : minors) out.push_back(Amount{minor});
    return out;
}

bool may_pay(const Source& source, std::uint32_t line) {
    return source.any_line ||
           std::find(source.lines.begin(), source.lines.end(), line) != source.lines.end();
}

void expect_sound(const Case& c, const Flow& flow) {
    std::vector<std::int64_t> on_line(c.lines.size()), of_source(c.sources.size());
    for (std::size_t i = 0; i < flow.shares.size(); ++i) {
        const Share& share = flow.shares[i];
        ASSERT_GT(share.amount.minor, 0);
        ASSERT_TRUE(may_pay(c.sources[share.source], share.line));
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
    for (std::size_t s = 0; s < c.sources.size(); ++s) {
        ASSERT_EQ(of_source[s], flow.per_source[s].minor);
        ASSERT_LE(of_source[s], c.sources[s].limit.minor);
        total += of_source[s];
    }
    ASSERT_EQ(total, flow.total.minor);
    ASSERT_LE(total, std::max<std::int64_t>(c.cap.minor, 0));
}

// Every split there is, one after another: slow, and beyond doubt.
class BruteForce {
public:
    explicit BruteForce(const Case& c) : c_(c), given_(c.sources.size()), best_(c.sources.size()) {
        line(0);
    }
    const std::vector<std::int64_t>& best() const { return best_; }

private:
    void line(std::uint32_t l) {
        if (l == c_.lines.size()) return judge();
        source(l, 0, std::max<std::int64_t>(c_.lines[l].minor, 0));
    }
    void source(std::uint32_t l, std::uint32_t s, std::int64_t room) {
        if (s == c_.sources.size()) return line(l + 1);
        const std::int64_t most =
            may_pay(c_.sources[s], l) ? std::min(room, c_.sources[s].limit.minor - given_[s]) : 0;
        for (std::int64_t x = 0; x <= most; ++x) {
            given_[s] += x;
            source(l, s + 1, room - x);
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

// The plainest maximum flow there is, over the first `n` sources.
std::int64_t reference_flow(const Case& c, std::size_t n) {
    const std::size_t lines = c.lines.size(), nodes = n + lines + 2, from = nodes - 2,
                      to = nodes - 1;
    std::vector<std::vector<std::int64_t>> room(nodes, std::vector<std::int64_t>(nodes));
    for (std::size_t s = 0; s < n; ++s) {
        room[from][s] = c.sources[s].limit.minor;
        for (std::uint32_t l = 0; l < lines; ++l) {
            if (may_pay(c.sources[s], l)) room[s][n + l] = 1'000'000'000;
        }
    }
    for (std::size_t l = 0; l < lines; ++l)
        room[n + l][to] = std::max<std::int64_t>(c.lines[l].minor, 0);
    std::int64_t total = 0;
    for (;;) {
        std::vector<std::size_t> came(nodes, nodes);
        std::queue<std::size_t> next({from});
        while (!next.empty() && came[to] == nodes) {
            const std::size_t u = next.front();
            next.pop();
            for (std::size_t v = 0; v < nodes; ++v) {
                if (room[u][v] > 0 && came[v] == nodes && v != from) {
                    came[v] = u;
                    next.push(v);
                }
            }
        }
        if (came[to] == nodes) return total;
        std::int64_t x = INT64_MAX;
        for (std::size_t v = to; v != from; v = came[v]) x = std::min(x, room[came[v]][v]);
        for (std::size_t v = to; v != from; v = came[v]) {
            room[came[v]][v] -= x;
            room[v][came[v]] += x;
        }
        total += x;
    }
}

Case any_case(std::mt19937_64& dice, std::size_t sources, std::size_t lines, std::int64_t most) {
    const auto below = [&](std::int64_t n) {
        return static_cast<std::int64_t>(dice() % static_cast<std::uint64_t>(n));
    };
    Case c;
    for (std::size_t l = 0; l < lines; ++l) c.lines.push_back(Amount{below(most + 2) - 1});
    for (std::size_t s = 0; s < sources; ++s) {
        Source source{Amount{below(most * 2)}, {}, below(5) == 0};
        for (std::uint32_t l = 0; l < lines && !source.any_line; ++l) {
            if (below(3) == 0) source.lines.push_back(l);
        }
        c.sources.push_back(std::move(source));
    }
    c.cap =
        Amount{below(3) == 0 ? below(most * static_cast<std::int64_t>(lines) + 1) : 1'000'000'000};
    return c;
}

TEST(Allocation, PaysInOrderAndFillsTheFirstLinesFirst) {
    const auto lines = amounts({300, 500});
    const std::vector<Source> sources{pays_all(400), pays_all(1000)};
    const Flow flow = allocate(lines, sources, Amount{800});
    EXPECT_EQ(flow.total, Amount{800});
    EXPECT_EQ(flow.per_source, amounts({400, 400}));
    EXPECT_EQ(flow.shares,
              (std::vector<Share>{{0, 0, Amount{300}}, {0, 1, Amount{100}}, {1, 1, Amount{400}}}));
}

TEST(Allocation, MovesAnEarlierSourceSoThatALaterOneCanPay) {
    // Greedy lets the first take line 0, and the second, which may pay line 0 alone, pays nothing.
    const auto lines = amounts({1000, 1000});
    const std::vector<Source> sources{pays_all(1000), pays(1000, {0})};
    const Flow flow = allocate(lines, sources, Amount{2000});
    EXPECT_EQ(flow.per_source, amounts({1000, 1000}));
    EXPECT_EQ(flow.shares, (std::vector<Share>{{0, 1, Amount{1000}}, {1, 0, Amount{1000}}}));
}

TEST(Allocation, MovesAlongAChainOfSources) {
    const auto lines = amounts({10, 10, 10, 10});
    const std::vector<Source> sources{pays(10, {0, 1}), pays(10, {1, 2}), pays(10, {2, 3}),
                                      pays(10, {0})};
    EXPECT_EQ(allocate(lines, sources, Amount{40}).per_source, amounts({10, 10, 10, 10}));
}

TEST(Allocation, NeverReducesAnEarlierSourceForALaterOne) {
    const auto lines = amounts({100});
    const std::vector<Source> sources{pays(70, {0}), pays(100, {0})};
    EXPECT_EQ(allocate(lines, sources, Amount{100}).per_source, amounts({70, 30}));
}

TEST(Allocation, PaysNoLineOfZeroOrLess) {
    const auto lines = amounts({-500, 0, 200});
    const std::vector<Source> sources{pays(1000, {0, 1}), pays_all(1000)};
    const Flow flow = allocate(lines, sources, Amount{200});
    EXPECT_EQ(flow.per_source, amounts({0, 200}));
    EXPECT_EQ(flow.shares, (std::vector<Share>{{1, 2, Amount{200}}}));
}

TEST(Allocation, StopsAtTheCapEvenWhereLinesWouldTakeMore) {
    const auto lines = amounts({1000, 1000});
    const std::vector<Source> sources{pays_all(900), pays_all(900)};
    EXPECT_EQ(allocate(lines, sources, Amount{1200}).per_source, amounts({900, 300}));
    EXPECT_EQ(allocate(lines, sources, Amount{0}).total, Amount{0});
    EXPECT_EQ(allocate(lines, sources, Amount{-5}).total, Amount{0});
}

TEST(Allocation, OfNothingIsNothing) {
    EXPECT_EQ(allocate({}, {}, Amount{100}).total, Amount{0});
    const std::vector<Source> sources{pays_all(5), pays(5, {})};
    EXPECT_EQ(allocate({}, sources, Amount{100}).per_source, amounts({0, 0}));
    EXPECT_TRUE(allocate(amounts({5}), {}, Amount{100}).shares.empty());
}

TEST(Allocation, CountsTheLargestAmountsExactly) {
    const std::vector<Amount> lines(1000, Amount{largest_amount});
    const std::vector<Source> sources(1000, pays_all(largest_amount));
    const Flow flow = allocate(lines, sources, Amount{INT64_MAX});
    EXPECT_EQ(flow.total.minor, 1000 * largest_amount);
}

TEST(Allocation, EqualsBruteForceOnEverySmallCase) {
    EXPECT_TRUE(
        rc::check("greatest total, then lexicographically greatest", [](std::uint64_t first) {
            for (std::uint64_t seed = first; seed < first + 10; ++seed) {
                std::mt19937_64 dice(seed);
                const Case c = any_case(dice, 1 + dice() % 3, 1 + dice() % 3, 4);
                const Flow flow = allocate(c.lines, c.sources, c.cap);
                expect_sound(c, flow);
                std::vector<std::int64_t> got;
                for (const Amount amount : flow.per_source) got.push_back(amount.minor);
                RC_ASSERT(got == BruteForce(c).best());
            }
        }));
}

TEST(Allocation, GivesEveryPrefixOfTheSourcesItsMaximumFlow) {
    // That is what "lexicographically greatest among the greatest" comes to, and it scales.
    for (std::uint64_t seed = 1; seed <= 400; ++seed) {
        SCOPED_TRACE(seed);
        std::mt19937_64 dice(seed);
        const Case c = any_case(dice, 1 + dice() % 14, 1 + dice() % 14, 50);
        const Flow flow = allocate(c.lines, c.sources, c.cap);
        expect_sound(c, flow);
        std::int64_t sum = 0;
        for (std::size_t n = 0; n < c.sources.size(); ++n) {
            sum += flow.per_source[n].minor;
            ASSERT_EQ(sum, std::min(c.cap.minor, reference_flow(c, n + 1))) << "first " << n + 1;
        }
    }
}

TEST(Allocation, WorksBeyondOneWordOfLines) {
    for (std::uint64_t seed = 1; seed <= 12; ++seed) {
        SCOPED_TRACE(seed);
        std::mt19937_64 dice(seed);
        const Case c = any_case(dice, 60, 150, 50);
        const Flow flow = allocate(c.lines, c.sources, c.cap);
        expect_sound(c, flow);
        ASSERT_EQ(flow.total.minor, std::min(c.cap.minor, reference_flow(c, c.sources.size())));
    }
}

TEST(Allocation, TotalsDoNotDependOnTheOrderOfLinesOrSources) {
    for (std::uint64_t seed = 1; seed <= 300; ++seed) {
        SCOPED_TRACE(seed);
        std::mt19937_64 dice(seed);
        const Case c = any_case(dice, 1 + dice() % 8, 1 + dice() % 8, 20);
        const Flow flow = allocate(c.lines, c.sources, c.cap);

        std::vector<std::uint32_t> order(c.lines.size());
        std::iota(order.begin(), order.end(), 0);
        std::shuffle(order.begin(), order.end(), dice);
        Case other = c;
        for (std::uint32_t l = 0; l < order.size(); ++l) other.lines[order[l]] = c.lines[l];
        for (Source& source : other.sources) {
            for (std::uint32_t& line : source.lines) line = order[line];
            std::sort(source.lines.begin(), source.lines.end());
        }
        EXPECT_EQ(allocate(other.lines, other.sources, other.cap).per_source, flow.per_source);

        std::shuffle(other.sources.begin(), other.sources.end(), dice);
        EXPECT_EQ(allocate(other.lines, other.sources, other.cap).total, flow.total);
    }
}

TEST(Allocation, IsTheSameEveryTime) {
    std::mt19937_64 dice(7);
    const Case c = any_case(dice, 40, 30, 100);
    EXPECT_EQ(allocate(c.lines, c.sources, c.cap).shares,
              allocate(c.lines, c.sources, c.cap).shares);
}

}  // namespace
}  // namespace obol
