#include "sync/domain/allocation.hpp"

#include <algorithm>
#include <bit>
#include <cstdint>

#include "sync/core/ensure.hpp"
#include "sync/domain/scratch.hpp"

namespace obol {
namespace {

constexpr std::uint32_t none = 0xffffffff;

// One amount that one source pays for one line; the parts of a line form a list.
struct Part {
    std::uint32_t source;
    std::uint32_t line;
    std::int64_t amount;
    std::uint32_t next;
};

// The residual graph. Two facts keep it small: what a line still takes never grows, so a full line
// stays full; and a set of nodes from which no line with room can be reached stays such a set for
// good, because paths that are pushed later never enter it. Its lines are dead and not looked at
// again.
//
// Inside, lines are numbered by rank: those that the fewest sources may pay come first, then by
// their own order. A source that has the choice so leaves to others what only they can use, which
// spares most of the searches.
class Network {
public:
    Network(std::span<const Amount> lines, std::span<const Source> sources,
            std::pmr::memory_resource* memory)
        : words_((lines.size() + 63) / 64),
          line_of_(ranked(lines.size(), sources, memory)),
          room_(lines.size(), memory),
          head_(lines.size(), none, memory),
          parts_(memory),
          open_(words_, 0, memory),
          reach_(sources.size() * words_, 0, memory),
          fresh_(memory),
          unseen_(memory),
          seen_(sources.size(), 0, memory),
          from_source_(memory),
          through_(memory),
          queue_(memory) {
        parts_.reserve(lines.size() + sources.size());
        std::pmr::vector<std::uint32_t> rank(lines.size(), memory);
        for (std::uint32_t r = 0; r < line_of_.size(); ++r) {
            const std::uint32_t line = line_of_[r];
            rank[line] = r;
            if (lines[line].minor <= 0) continue;
            room_[r] = lines[line].minor;
            open_[r / 64] |= bit(r);
        }
        fresh_ = open_;
        for (std::size_t s = 0; s < sources.size(); ++s) {
            std::uint64_t* row = reach_.data() + s * words_;
            if (sources[s].any_line) {
                std::copy(open_.begin(), open_.end(), row);
            } else {
                for_each_line(sources[s].lines, lines.size(), [&](std::uint32_t line) {
                    row[rank[line] / 64] |= bit(rank[line]);
                });
                for (std::size_t w = 0; w < words_; ++w) row[w] &= open_[w];
            }
        }
    }

    // Pushes up to `most` out of `source`; returns how much went through.
    std::int64_t push(std::uint32_t source, std::int64_t most) {
        std::int64_t left = most;
        push_directly(source, left);
        while (left > 0 && push_around(source, left)) {
        }
        return most - left;
    }

    std::vector<Share> shares() const {
        std::vector<Share> out;
        out.reserve(parts_.size());
        for (const Part& part : parts_) {
            if (part.amount == 0) continue;  // moved away
            out.push_back({part.source, line_of_[part.line], Amount{part.amount}});
        }
        const auto place = [](const Share& share) {
            return std::uint64_t{share.source} << 32 | share.line;
        };
        std::sort(out.begin(), out.end(),
                  [&](const Share& a, const Share& b) { return place(a) < place(b); });
        return out;
    }

private:
    static std::pmr::vector<std::uint32_t> ranked(std::size_t lines,
                                                  std::span<const Source> sources,
                                                  std::pmr::memory_resource* memory) {
        std::pmr::vector<std::uint64_t> payers(lines, memory);  // of each line, and the line
        for (std::size_t l = 0; l < lines; ++l) payers[l] = l;
        for (const Source& source : sources) {
            for_each_line(source.lines, lines,
                          [&](std::uint32_t line) { payers[line] += std::uint64_t{1} << 32; });
        }
        std::sort(payers.begin(), payers.end());
        return {payers.begin(), payers.end(), memory};
    }

    template <class Do>
    static void for_each_line(LineBits lines, std::size_t count, Do act) {
        for (std::size_t w = 0; w < lines.size(); ++w) {
            for (std::uint64_t found = lines[w]; found != 0; found &= found - 1) {
                const std::uint32_t line = line_at(w, found);
                if (line < count) act(line);
            }
        }
    }

    static std::uint64_t bit(std::size_t line) { return std::uint64_t{1} << (line % 64); }
    static std::uint32_t line_at(std::size_t word, std::uint64_t bits) {
        return static_cast<std::uint32_t>(word * 64 +
                                          static_cast<std::size_t>(std::countr_zero(bits)));
    }

    // Lines with room are paid in their order, without a search.
    void push_directly(std::uint32_t source, std::int64_t& left) {
        const std::uint64_t* row = reach_.data() + std::size_t{source} * words_;
        while (open_from_ < words_ && open_[open_from_] == 0) ++open_from_;
        for (std::size_t w = open_from_; w < words_; ++w) {
            for (std::uint64_t found = row[w] & open_[w]; found != 0; found &= found - 1) {
                if (left == 0) return;
                fill(source, line_at(w, found), left);
            }
        }
    }

    void fill(std::uint32_t source, std::uint32_t line, std::int64_t& left) {
        const std::int64_t x = std::min(left, room_[line]);
        append(source, line, x);  // a source's first payments: it has no part of this line yet
        take_room(line, x);
        left -= x;
    }

    void take_room(std::uint32_t line, std::int64_t x) {
        room_[line] -= x;
        if (room_[line] == 0) open_[line / 64] &= ~bit(line);
    }

    void add(std::uint32_t source, std::uint32_t line, std::int64_t x) {
        for (std::uint32_t p = head_[line]; p != none; p = parts_[p].next) {
            if (parts_[p].source == source) {
                parts_[p].amount += x;
                return;
            }
        }
        append(source, line, x);
    }

    void append(std::uint32_t source, std::uint32_t line, std::int64_t x) {
        parts_.push_back({source, line, x, head_[line]});
        head_[line] = static_cast<std::uint32_t>(parts_.size() - 1);
    }

    // Breadth first from `source`, over lines that others pay and the other lines of those, to a
    // line with room. What lies on the way is moved, and every source on it pays as much as before.
    bool push_around(std::uint32_t source, std::int64_t& left) {
        begin_search(source);
        for (std::size_t at = 0; at < queue_.size(); ++at) {
            if (reach_goals(queue_[at], left)) return true;
            expand(queue_[at]);
        }
        fresh_ = unseen_;  // every line that this search met is dead
        return false;
    }

    void begin_search(std::uint32_t source) {
        if (through_.empty()) {
            from_source_.assign(room_.size(), none);
            through_.assign(seen_.size(), none);
        }
        ++search_;
        unseen_ = fresh_;
        unseen_from_ = 0;
        while (open_from_ < words_ && open_[open_from_] == 0) ++open_from_;
        queue_.assign(1, source);
        seen_[source] = search_;
        through_[source] = none;
    }

    // Pushes to all lines with room that `s` may pay, as long as the way to `s` holds.
    bool reach_goals(std::uint32_t s, std::int64_t& left) {
        const std::uint64_t* row = reach_.data() + std::size_t{s} * words_;
        bool pushed = false;
        for (std::size_t w = open_from_; w < words_; ++w) {
            for (std::uint64_t found = row[w] & open_[w]; found != 0; found &= found - 1) {
                const std::int64_t moved = shift(s, line_at(w, found), left);
                if (moved == 0) return pushed;
                pushed = true;
                left -= moved;
            }
        }
        return pushed;
    }

    void expand(std::uint32_t s) {
        const std::uint64_t* row = reach_.data() + std::size_t{s} * words_;
        while (unseen_from_ < words_ && unseen_[unseen_from_] == 0) ++unseen_from_;
        for (std::size_t w = unseen_from_; w < words_; ++w) {
            std::uint64_t found = row[w] & unseen_[w];
            unseen_[w] &= ~found;
            for (; found != 0; found &= found - 1) visit(s, line_at(w, found));
        }
    }

    void visit(std::uint32_t source, std::uint32_t line) {
        from_source_[line] = source;
        for (std::uint32_t p = head_[line]; p != none; p = parts_[p].next) {
            const std::uint32_t payer = parts_[p].source;
            if (parts_[p].amount == 0 || seen_[payer] == search_) continue;
            seen_[payer] = search_;
            through_[payer] = p;
            queue_.push_back(payer);
        }
    }

    std::int64_t shift(std::uint32_t last, std::uint32_t goal, std::int64_t most) {
        std::int64_t x = std::min(most, room_[goal]);
        for (std::uint32_t s = last; through_[s] != none;
             s = from_source_[parts_[through_[s]].line]) {
            x = std::min(x, parts_[through_[s]].amount);
        }
        if (x == 0) return 0;
        std::uint32_t line = goal;
        for (std::uint32_t s = last;; s = from_source_[line]) {
            const std::uint32_t given_up = through_[s];
            add(s, line, x);
            if (given_up == none) break;
            parts_[given_up].amount -= x;
            line = parts_[given_up].line;
        }
        take_room(goal, x);
        return x;
    }

    std::size_t words_;
    std::pmr::vector<std::uint32_t> line_of_;  // by rank, the line's place in the basket
    std::pmr::vector<std::int64_t> room_;      // what a line still takes
    std::pmr::vector<std::uint32_t> head_;     // first part of a line
    std::pmr::vector<Part> parts_;
    std::pmr::vector<std::uint64_t> open_;         // lines with room
    std::pmr::vector<std::uint64_t> reach_;        // per source, the positive lines that it may pay
    std::pmr::vector<std::uint64_t> fresh_;        // positive lines that are not dead
    std::pmr::vector<std::uint64_t> unseen_;       // of those, not met by the search under way
    std::pmr::vector<std::uint32_t> seen_;         // number of the search that met the source last
    std::pmr::vector<std::uint32_t> from_source_;  // per line, the source from which the search came
    std::pmr::vector<std::uint32_t> through_;      // per source, the part by which the search came
    std::pmr::vector<std::uint32_t> queue_;
    std::size_t open_from_ = 0;    // words before hold no line with room
    std::size_t unseen_from_ = 0;  // words before hold no unseen line
    std::uint32_t search_ = 0;
};

// Not a cent is made or lost between what sources give and what lines get.
void ensure_sound(const Flow& flow, std::span<const Amount> lines, std::span<const Source> sources,
                  Amount cap, std::pmr::memory_resource* memory) {
    std::pmr::vector<Amount> line_left(lines.begin(), lines.end(), memory);
    std::pmr::vector<Amount> source_left(flow.per_source.begin(), flow.per_source.end(), memory);
    for (const Share& share : flow.shares) {
        line_left[share.line] -= share.amount;
        source_left[share.source] -= share.amount;
        ENSURE(line_left[share.line].minor >= 0);
    }
    Amount total;
    for (std::size_t s = 0; s < sources.size(); ++s) {
        ENSURE(source_left[s] == Amount{});
        ENSURE(flow.per_source[s] == Amount{} || flow.per_source[s] <= sources[s].limit);
        total += flow.per_source[s];
    }
    ENSURE(total == flow.total);
    ENSURE(flow.total <= cap);
}

}  // namespace

Flow allocate(std::span<const Amount> lines, std::span<const Source> sources, Amount cap) {
    Flow flow;
    flow.per_source.assign(sources.size(), Amount{});
    std::int64_t left = cap.minor;
    if (left <= 0) return flow;

    Scratch<8192> scratch;
    Network network(lines, sources, scratch.memory());
    for (std::uint32_t s = 0; s < sources.size() && left > 0; ++s) {
        const std::int64_t most = std::min(sources[s].limit.minor, left);
        if (most <= 0) continue;
        const std::int64_t pushed = network.push(s, most);
        flow.per_source[s] = Amount{pushed};
        left -= pushed;
    }
    flow.total = Amount{cap.minor - left};
    flow.shares = network.shares();
    ensure_sound(flow, lines, sources, cap, scratch.memory());
    return flow;
}

}  // namespace obol
