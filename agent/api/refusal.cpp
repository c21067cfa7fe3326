#include "agent/api/refusal.hpp"

#include <algorithm>
#include <array>
#include <nlohmann/json.hpp>

namespace obol::agent {

namespace {

// Calls that a customer stands before.
bool concerns_customers(const std::string& pattern) {
    static constexpr std::array<std::string_view, 4> all{"/v1/passes", "/v1/wallets", "/v1/quotes", "/v1/purchases"};
    return std::ranges::any_of(all, [&pattern](std::string_view each) { return pattern.starts_with(each); });
}

bool by_a_rule(int status, const std::string& code) {
    static constexpr std::array<std::string_view, 6> of_the_shop{"link_required", "clock_untrusted", "cache_too_old", "storage_full",
                                                                 "device_quarantined", "too_many_attempts"};
    if (status == 422) return code != "idempotency_key_reused";
    if (status == 404) return code.ends_with("_unknown");
    return status == 423 || std::ranges::find(of_the_shop, code) != of_the_shop.end();
}

}  // namespace

std::string refusal_in(const std::string& pattern, const net::Reply& reply) {
    if (!concerns_customers(pattern)) return {};
    const auto replayed = [](const auto& header) { return header.first == "idempotency-replayed"; };
    if (std::ranges::any_of(reply.headers, replayed)) return {};
    if (reply.status >= 400) {
        const auto problem = nlohmann::json::parse(reply.body, nullptr, false);
        const std::string code = problem.is_object() ? problem.value("code", std::string()) : std::string();
        return by_a_rule(reply.status, code) ? code : std::string();
    }
    // Most quotes are good ones, so they are not read for this; text within them has its quotation marks escaped.
    if (pattern != "/v1/quotes" || reply.body.find("\"accepted\":false") == std::string::npos) return {};
    const auto quote = nlohmann::json::parse(reply.body, nullptr, false);
    const auto reasons = quote.is_object() ? quote.find("reasons") : quote.end();
    if (reasons == quote.end() || !reasons->is_array() || reasons->empty()) return {};
    return reasons->front().value("code", std::string());
}

}  // namespace obol::agent
