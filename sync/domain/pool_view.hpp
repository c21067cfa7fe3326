#pragma once
// What a pool says to one basket, at one place and moment; the same for all its lots. The words of the
// basket are numbered once, so each word of a condition is one look-up instead of a comparison with
// every line. line_matches, location_allowed and is_open say what the answers must be.

#include <memory_resource>
#include <optional>
#include <span>
#include <string>

#include "sync/domain/allocation.hpp"
#include "sync/domain/pool.hpp"
#include "sync/domain/words.hpp"

namespace obol {

struct PoolView {
    const Pool* pool = nullptr;
    bool matches = false;   // a positive line does, or the pool asks for none
    bool any_line = false;  // "basket": one matching line unlocks all of them
    LineBits lines{};       // otherwise the positive lines that match
    bool here = true;
    bool open = true;
    std::optional<Instant> opens{};  // where it is shut: when it will not be
    std::string opens_offset{};      // of the venue's clock then
};

// The positive lines that carry a word, for all words of a basket.
class BasketWords {
public:
    BasketWords(const Basket& basket, std::span<const Pool> pools,
                std::pmr::memory_resource* memory);

    // Whether a line carries one of the pool's words.
    bool any(const Pool& pool) const;
    // Adds the lines that do.
    void add_lines(const Pool& pool, std::span<std::uint64_t> lines) const;

private:
    struct Use {  // a line carries a word; the uses of a word form a list
        std::uint32_t line, before;
    };

    Words words_;
    std::pmr::vector<std::uint32_t> last_;  // use of each word
    std::pmr::vector<Use> uses_;
};

// The views of a purchase's pools, each made when it is first asked for.
class PoolViews {
public:
    PoolViews(const Basket& basket, const Place& place, Instant now, std::string_view zone,
              std::span<const Pool> pools, std::pmr::memory_resource* memory);

    // nullptr: no such pool. Of several with one id the first counts.
    const PoolView* of(const PoolId& id);

private:
    struct View : PoolView {
        bool looked_at = false;
    };

    void look_at(PoolView& view, std::span<std::uint64_t> lines);
    void judge_time(PoolView& view);

    const Place& place_;
    Instant now_;
    std::string_view zone_name_;
    BasketWords basket_;
    Words ids_;
    std::pmr::vector<View> views_;           // by the number of the id
    std::size_t line_words_;                 // in a set of lines
    std::pmr::vector<std::uint64_t> lines_;  // such a set for each view
    std::optional<Result<Zone>> zone_;       // once a pool asks for the time
    LocalTime shown_;                        // by the wall clock, in that zone
};

}  // namespace obol
