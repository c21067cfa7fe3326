#pragma once
// A business day at a glance: what was redeemed, spent, given back and refused, and when.

#include <map>

#include "agent/app/words.hpp"

namespace obol::agent {

struct DayOverview {
    std::string business, venue, zone;
    LocalDate day{};
    Instant from, to, at;              // the day is [from, to)
    std::int64_t after = 0, upto = 0;  // entries that are counted: (after, upto]
    std::vector<journal::DayLine> lines{};
    // What purchases took out of each pool or pocket, and what came back there.
    struct Source {
        Pocket pocket = Pocket::commerce;
        PoolId pool{};  // of commerce
        std::string pool_name{};
        Currency currency;
        std::int64_t count = 0;  // of purchases
        Amount spent{}, given_back{};
    };
    std::vector<Source> sources{};
    struct Hour {
        Instant from;
        Currency currency;
        std::int64_t purchases = 0;
        Amount spent{}, redeemed{};
    };
    std::vector<Hour> hours{};  // those in which something happened
    std::vector<std::pair<std::string, std::int64_t>> refusals{};  // code, how often; most first
};

// Of the business day that runs, or of another.
awaitable<DayOverview> day_overview(Context& context, std::optional<LocalDate> day);
Words day_overview_in_words(const DayOverview& overview);

}  // namespace obol::agent
