#pragma once
// What became of passes here: each sale, redeem and void (analysis), and what they came to by plan (summary).

#include <map>

#include "agent/app/table.hpp"
#include "agent/app/words.hpp"

namespace obol::agent {

struct PassesAsk {
    Instant from, to;  // from is inside, to outside
    // Empty: all.
    std::string what{};  // sold | redeemed | voided
    std::string plan{}, type{}, terminal{};
};

struct PassEvent {
    std::int64_t seq = 0;
    Instant at;
    std::string what;
    PassId pass;
    std::string display{};
    PlanId plan{};
    std::string plan_name{}, type{};
    Money value;
    std::string terminal, tender{}, receipt{};
};

// What the events of one plan came to.
struct PlanSums {
    struct Sum {
        std::int64_t count = 0;
        Amount value{};
    };
    std::string name{}, type{};
    Sum sold{}, redeemed{}, voided{};
};

struct PassesReport {
    std::string business, venue, zone;
    Instant from, to, at;
    std::vector<PassEvent> events{};     // oldest first
    std::optional<std::int64_t> next{};  // there are more after this entry
    std::map<std::pair<PlanId, Currency>, PlanSums> plans{};
};

// Both read in small turns, so that no till waits for them.
// `events`, at most `limit` after the entry `after`.
awaitable<PassesReport> passes_analysis(Context& context, PassesAsk ask, std::int64_t after, std::size_t limit);
// `plans`.
awaitable<PassesReport> passes_summary(Context& context, PassesAsk ask);

Words passes_analysis_in_words(const PassesReport& report);
std::string passes_analysis_as_csv(const PassesReport& report, DecimalMark mark);
Words passes_summary_in_words(const PassesReport& report);
std::string passes_summary_as_csv(const PassesReport& report, DecimalMark mark);

}  // namespace obol::agent
