#pragma once
// How often customers were refused, by business day and reason. A till asks for the same thing again while a customer
// tries another way, so the same reason at the same terminal within a minute is one refusal.

#include <map>

#include "agent/app/context.hpp"

namespace obol::agent {

class Refusals {
public:
    static constexpr Millis one_refusal{60'000};

    Refusals(boost::asio::any_io_executor loop, Context& context) : loop_(std::move(loop)), context_(context) {}

    // Durable a moment later; nobody waits for it.
    void count(const TerminalId& terminal, const std::string& code);

private:
    boost::asio::any_io_executor loop_;
    Context& context_;
    std::map<std::pair<std::string, std::string>, Instant> last_{};  // by terminal and code
};

// Most first.
std::vector<std::pair<std::string, std::int64_t>> refusals_of(Facts& facts, LocalDate day);

}  // namespace obol::agent
