#include "sync/domain/allocation.hpp"

#include <algorithm>
#include <bit>
#include <cstdint>

#include "sync/core/ensure.hpp"

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
// stays full; and a set of nodes from which no line with room can be reached stays such a set for good,
// because paths that are pushed later never enter it. Its nodes are marked dead and not looked at again.
class Network {
public:
    Network(std::span<const Amount> lines, std::span<const Source> sources)
        : sources_(sources), words_((lines.size() + 63) / 64) {
        room_.reserve(lines.size());
        for (const Amount line : lines) room_.push_back(std::max<std::int64_t>(line.minor, 0));
        head_.assign(lines.size(), none);
        open_.assign(words_, 0);
        for (std::size_t l = 0; l < room_.size(); ++l) {
            if (room_[l] > 0) open_[l / 64] |= bit(l);
        }
        payable_ = open_;
        parts_.reserve(lines.size() + sources.size());
    }

    // Pushes up to `most` out of `source`; returns how much went through.
    std::int64_t push(std::uint32_t source, std::int64_t most) {
        std::int64_t left = most;
        push_directly(source, left);
        while (left > 0) {
            const std::int64_t moved = push_around(source, left);
            if (moved == 0) break;
            left -= moved;
        }
        return most - left;
    }

    const std::vector<Part>& parts() const { return parts_; }

private:
    static std::uint64_t bit(std::size_t line) { return std::uint64_t{1} << (line % 64); }

    // Lines with room are paid in their order, without a search.
    void push_directly(std::uint32_t source, std::int64_t& left) {
        if (sources_[source].any_line) {
            for (std::size_t w = 0; w < words_ && left > 0; ++w) {
                while (open_[w] != 0 && left > 0) {
                    fill(source, static_cast<std::uint32_t>(w * 64 + std::countr_zero(open_[w])), left);
                }
            }
            return;
        }
        for (const std::uint32_t line : sources_[source].lines) {
            if (left == 0) return;
            if (room_[line] > 0) fill(source, line, left);
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

    // The bit sets are made when the first search needs them; most baskets need none.
    void prepare() {
        if (!reach_.empty()) return;
        reach_.assign(sources_.size() * words_, 0);
        for (std::size_t s = 0; s < sources_.size(); ++s) {
            std::uint64_t* row = reach_.data() + s * words_;
            if (sources_[s].any_line) {
                std::copy(payable_.begin(), payable_.end(), row);
            } else {
                for (const std::uint32_t line : sources_[s].lines) row[line / 64] |= bit(line);
                for (std::size_t w = 0; w < words_; ++w) row[w] &= payable_[w];
            }
        }
        fresh_ = payable_;
        seen_.assign(sources_.size(), 0);
        from_source_.assign(room_.size(), none);
        through_.assign(sources_.size(), none);
    }

    // Breadth first from `source`, over lines that others pay and the other lines of those, to a line
    // with room. What lies on the way is moved, and every source on it pays as much as before.
    std::int64_t push_around(std::uint32_t source, std::int64_t most) {
        prepare();
        ++search_;
        unseen_ = fresh_;
        queue_.clear();
        queue_.push_back(source);
        seen_[source] = search_;
        through_[source] = none;
        for (std::size_t at = 0; at < queue_.size(); ++at) {
            const std::uint32_t s = queue_[at];
            const std::uint64_t* row = reach_.data() + std::size_t{s} * words_;
            for (std::size_t w = 0; w < words_; ++w) {
                const std::uint64_t goal = row[w] & open_[w] & unseen_[w];
                if (goal != 0) {
                    return shift(s, static_cast<std::uint32_t>(w * 64 + std::countr_zero(goal)), most);
                }
            }
            for (std::size_t w = 0; w < words_; ++w) {
                std::uint64_t found = row[w] & unseen_[w];
                unseen_[w] &= ~found;
                for (; found != 0; found &= found - 1) {
                    visit(s, static_cast<std::uint32_t>(w * 64 + std::countr_zero(found)));
                }
            }
        }
        fresh_ = unseen_;  // every line that this search met is dead
        return 0;
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
        for (std::uint32_t s = last; through_[s] != none; s = from_source_[parts_[through_[s]].line]) {
            x = std::min(x, parts_[through_[s]].amount);
        }
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

    std::span<const Source> sources_;
    std::size_t words_;
    std::vector<std::int64_t> room_;      // what a line still takes
    std::vector<std::uint32_t> head_;     // first part of a line
    std::vector<Part> parts_;
    std::vector<std::uint64_t> open_;     // lines with room
    std::vector<std::uint64_t> payable_;  // positive lines
    std::vector<std::uint64_t> reach_;    // per source, the lines it may pay
    std::vector<std::uint64_t> fresh_;    // lines that are not dead
    std::vector<std::uint64_t> unseen_;   // of those, not met by the search under way
    std::vector<std::uint32_t> seen_;     // number of the search that met the source last
    std::vector<std::uint32_t> from_source_;  // per line, the source from which the search came
    std::vector<std::uint32_t> through_;      // per source, the part by which the search came
    std::vector<std::uint32_t> queue_;
    std::uint32_t search_ = 0;
};

std::vector<Share> shares_of(const std::vector<Part>& parts) {
    std::vector<Share> shares;
    shares.reserve(parts.size());
    for (const Part& part : parts) {
        if (part.amount > 0) shares.push_back({part.source, part.line, Amount{part.amount}});
    }
    std::sort(shares.begin(), shares.end(), [](const Share& a, const Share& b) {
        return a.source != b.source ? a.source < b.source : a.line < b.line;
    });
    return shares;
}

// Not a cent is made or lost between what sources give and what lines get.
void ensure_sound(const Flow& flow, std::span<const Amount> lines, std::span<const Source> sources,
                  Amount cap) {
    std::vector<Amount> line_left(lines.begin(), lines.end());
    std::vector<Amount> source_left = flow.per_source;
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
    ENSURE(flow.total <= std::max(cap, Amount{}));
}

}  // namespace

Flow allocate(std::span<const Amount> lines, std::span<const Source> sources, Amount cap) {
    for (const Source& source : sources) {
        for (const std::uint32_t line : source.lines) ENSURE(line < lines.size());
    }
    Flow flow;
    flow.per_source.assign(sources.size(), Amount{});
    std::int64_t left = cap.minor;
    if (left <= 0) return flow;

    Network network(lines, sources);
    for (std::uint32_t s = 0; s < sources.size() && left > 0; ++s) {
        const std::int64_t most = std::min(sources[s].limit.minor, left);
        if (most <= 0) continue;
        const std::int64_t pushed = network.push(s, most);
        flow.per_source[s] = Amount{pushed};
        left -= pushed;
    }
    flow.total = Amount{cap.minor - left};
    flow.shares = shares_of(network.parts());
    ensure_sound(flow, lines, sources, cap);
    return flow;
}

}  // namespace obol
