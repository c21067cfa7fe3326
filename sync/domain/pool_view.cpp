#include "sync/domain/pool_view.hpp"

#include <algorithm>

namespace obol {
namespace {

enum Kind : std::uint32_t { brand, family, sku, type };

struct KindOfWord {
    Kind kind;
    std::string Line::*of_line;
    std::vector<std::string> Pool::*of_pool;
};
constexpr KindOfWord kinds[] = {{brand, &Line::brand, &Pool::brands},
                                {family, &Line::family, &Pool::families},
                                {sku, &Line::sku, &Pool::skus},
                                {type, &Line::type, &Pool::types}};

bool asked_for(const KindOfWord& kind, std::span<const Pool> pools) {
    return std::any_of(pools.begin(), pools.end(),
                       [&](const Pool& pool) { return !(pool.*kind.of_pool).empty(); });
}

std::size_t words_at_most(const Basket& basket, std::span<const Pool> pools) {
    std::size_t most = 0;
    for (const KindOfWord& kind : kinds) most += asked_for(kind, pools) * basket.lines.size();
    return most;
}

constexpr std::uint32_t none = 0xffffffff;

}  // namespace

BasketWords::BasketWords(const Basket& basket, std::span<const Pool> pools,
                         std::pmr::memory_resource* memory)
    : words_(words_at_most(basket, pools), memory), last_(memory), uses_(memory) {
    uses_.reserve(words_at_most(basket, pools));
    last_.reserve(words_at_most(basket, pools));
    for (const KindOfWord& kind : kinds) {
        if (!asked_for(kind, pools)) continue;
        for (std::uint32_t l = 0; l < basket.lines.size(); ++l) {
            const Line& line = basket.lines[l];
            if (line.amount <= Amount{}) continue;
            const std::uint32_t word = words_.number(line.*kind.of_line, kind.kind);
            if (word == last_.size()) last_.push_back(none);
            uses_.push_back({l, last_[word]});
            last_[word] = static_cast<std::uint32_t>(uses_.size() - 1);
        }
    }
}

bool BasketWords::any(const Pool& pool) const {
    for (const KindOfWord& kind : kinds) {
        for (const std::string& text : pool.*kind.of_pool) {
            if (words_.find(text, kind.kind) != Words::none) return true;
        }
    }
    return false;
}

void BasketWords::add_lines(const Pool& pool, std::span<std::uint64_t> lines) const {
    for (const KindOfWord& kind : kinds) {
        for (const std::string& text : pool.*kind.of_pool) {
            const std::uint32_t word = words_.find(text, kind.kind);
            if (word == Words::none) continue;
            for (std::uint32_t use = last_[word]; use != none; use = uses_[use].before) {
                lines[uses_[use].line / 64] |= std::uint64_t{1} << (uses_[use].line % 64);
            }
        }
    }
}

PoolViews::PoolViews(const Basket& basket, const Place& place, Instant now, std::string_view zone,
                     std::span<const Pool> pools, std::pmr::memory_resource* memory)
    : place_(place),
      now_(now),
      zone_name_(zone),
      basket_(basket, pools, memory),
      ids_(pools.size(), memory),
      views_(memory),
      line_words_((basket.lines.size() + 63) / 64),
      lines_(pools.size() * line_words_, 0, memory) {
    views_.reserve(pools.size());
    for (const Pool& pool : pools) {
        if (ids_.number(pool.id.text) == views_.size()) views_.emplace_back().pool = &pool;
    }
}

const PoolView* PoolViews::of(const PoolId& id) {
    const std::uint32_t number = ids_.find(id.text);
    if (number == Words::none) return nullptr;
    View& view = views_[number];
    if (!view.looked_at) {
        view.looked_at = true;
        look_at(view, {lines_.data() + number * line_words_, line_words_});
    }
    return &view;
}

void PoolViews::look_at(PoolView& view, std::span<std::uint64_t> lines) {
    const Pool& pool = *view.pool;
    view.here = location_allowed(pool, place_);
    if (pool.restricts_time()) judge_time(view);
    view.any_line = pool.spend_on == SpendOn::basket || !pool.restricts_product();
    if (view.any_line) {
        view.matches = !pool.restricts_product() || basket_.any(pool);
    } else {
        basket_.add_lines(pool, lines);
        view.lines = lines;
        view.matches = std::any_of(lines.begin(), lines.end(), [](auto some) { return some != 0; });
    }
}

// A zone that the database does not have opens no window: better closed than open at a wrong hour.
void PoolViews::judge_time(PoolView& view) {
    if (!zone_) {
        zone_ = Zone::find(zone_name_);
        if (*zone_) shown_ = (*zone_)->local(now_);
    }
    const Result<Zone>& zone = *zone_;
    view.open = zone && is_open(view.pool->time, shown_);
    if (view.open || !zone) return;
    view.opens = next_opening(view.pool->time, now_, *zone);
    if (view.opens) view.opens_offset = zone->offset_text(*view.opens);
}

}  // namespace obol
