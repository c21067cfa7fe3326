#pragma once
// Cases for the allocation and an independent answer to them: Boost.Graph's push-relabel.

#include <boost/graph/adjacency_list.hpp>
#include <boost/graph/push_relabel_max_flow.hpp>

#include <algorithm>
#include <map>
#include <random>
#include <vector>

#include "sync/domain/allocation.hpp"

namespace obol::cases {

struct Payer {
    std::int64_t limit = 0;
    std::vector<std::uint32_t> lines{};
    bool any_line = false;

    bool may_pay(std::uint32_t line) const {
        return any_line || std::find(lines.begin(), lines.end(), line) != lines.end();
    }
};

struct Case {
    std::vector<Amount> lines{};
    std::vector<Payer> payers{};
    Amount cap{};

    Flow flow() const {
        const std::size_t words = (lines.size() + 63) / 64;
        std::vector<std::vector<std::uint64_t>> bits;
        for (const Payer& payer : payers) {
            bits.emplace_back(words);
            for (const std::uint32_t l : payer.lines) {
                bits.back()[l / 64] |= std::uint64_t{1} << (l % 64);
            }
        }
        std::vector<Source> sources;
        for (std::size_t s = 0; s < payers.size(); ++s) {
            sources.push_back({Amount{payers[s].limit}, bits[s], payers[s].any_line});
        }
        return allocate(lines, sources, cap);
    }
};

class Dice {
public:
    explicit Dice(std::uint64_t seed) : engine_(seed) {}
    std::int64_t below(std::int64_t n) {
        return static_cast<std::int64_t>(engine_() % static_cast<std::uint64_t>(n));
    }
    std::size_t up_to(std::size_t most) { return 1 + engine_() % most; }
    bool one_in(std::int64_t n) { return below(n) == 0; }
    template <class List>
    void shuffle(List& list) {  // std::shuffle differs from one library to the next
        for (std::size_t i = list.size(); i > 1; --i) std::swap(list[i - 1], list[engine_() % i]);
    }

private:
    std::mt19937_64 engine_;
};

// Lines of -1 to `most`, payers of which one in five may pay any line and the others a third.
inline Case any_case(Dice& dice, std::size_t payers, std::size_t lines, std::int64_t most) {
    Case c;
    for (std::size_t l = 0; l < lines; ++l) c.lines.push_back(Amount{dice.below(most + 2) - 1});
    for (std::size_t s = 0; s < payers; ++s) {
        Payer payer{dice.below(most * 2), {}, dice.one_in(5)};
        for (std::uint32_t l = 0; l < lines && !payer.any_line; ++l) {
            if (dice.one_in(3)) payer.lines.push_back(l);
        }
        c.payers.push_back(std::move(payer));
    }
    const std::int64_t all = most * static_cast<std::int64_t>(lines);
    c.cap = Amount{dice.one_in(3) ? dice.below(all + 1) : 1'000'000'000};
    return c;
}

// The greatest flow of the first `n` payers, the cap left aside.
inline std::int64_t greatest_flow(const Case& c, std::size_t n) {
    using Traits = boost::adjacency_list_traits<boost::vecS, boost::vecS, boost::directedS>;
    using Graph = boost::adjacency_list<
        boost::vecS, boost::vecS, boost::directedS, boost::no_property,
        boost::property<boost::edge_capacity_t, std::int64_t,
                        boost::property<boost::edge_residual_capacity_t, std::int64_t,
                                        boost::property<boost::edge_reverse_t,
                                                        Traits::edge_descriptor>>>>;
    Graph graph(n + c.lines.size() + 2);
    const auto join = [&](std::size_t from, std::size_t to, std::int64_t room) {
        const auto forth = boost::add_edge(from, to, graph).first;
        const auto back = boost::add_edge(to, from, graph).first;
        boost::put(boost::edge_capacity, graph, forth, room);
        boost::put(boost::edge_capacity, graph, back, 0);
        boost::put(boost::edge_reverse, graph, forth, back);
        boost::put(boost::edge_reverse, graph, back, forth);
    };
    const std::size_t from = n + c.lines.size(), to = from + 1;
    for (std::size_t s = 0; s < n; ++s) {
        join(from, s, c.payers[s].limit);
        for (std::uint32_t l = 0; l < c.lines.size(); ++l) {
            if (c.lines[l].minor > 0 && c.payers[s].may_pay(l)) {
                join(s, n + l, c.payers[s].limit);
            }
        }
    }
    for (std::size_t l = 0; l < c.lines.size(); ++l) {
        if (c.lines[l].minor > 0) join(n + l, to, c.lines[l].minor);
    }
    return boost::push_relabel_max_flow(graph, from, to);
}

}  // namespace obol::cases
