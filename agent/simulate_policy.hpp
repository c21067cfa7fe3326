#pragma once
// `obolctl simulate-policy`: what an outage would have cost a business, from its venues' journals.

#include <optional>
#include <string>
#include <vector>

#include "sync/policy/simulate.hpp"

namespace obol::agent {

struct PolicyAsked {
    std::vector<std::string> files{};     // exports of all venues, each whole or in pieces
    std::string from{}, until{};          // an instant, "ticket:NUMBER" or "entry:VENUE:SEQ"; empty: no bound
    std::string daily{};                  // "18:00-20:00"; empty: one outage from `from` to `until`
    std::string zone{};                   // of `daily`; empty: that of the first purchase
    std::vector<std::string> venues{};    // cut off; empty: all
    // Of an allowance, in minor units. One that is not given does not bind where another is.
    std::optional<std::int64_t> per_transaction{}, per_subject{}, per_outage{}, count{};
    std::size_t largest = 10;
    bool json = false;
};

// The answer, worded. Faults: those of check_exports; begins_late: a journal without its first entries;
// malformed_position, malformed_daily, zone_unknown; those of policy::outages_of.
Result<std::string> simulate_policy(const PolicyAsked& asked);

// Each chain checked, then read. Fault as above.
Result<std::vector<policy::Chain>> read_chains(const std::vector<std::string>& files);
Result<policy::Position> position_from(std::string_view text);
Result<policy::Daily> daily_from(std::string_view text);

// simulate_words.cpp
struct Forecast {
    const policy::Timeline& timeline;
    const std::vector<policy::OutageForecast>& outages;
    AllowanceCaps caps{};
    std::size_t largest = 10;
};
std::string forecast_in_words(const Forecast& forecast);
std::string forecast_as_json(const Forecast& forecast);

}  // namespace obol::agent
