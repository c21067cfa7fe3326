#include "sync/ledger/api/words.hpp"

#include <algorithm>
#include <array>

namespace obol::ledger {

namespace {

struct Status {
    std::string_view code;
    int status;
};
constexpr std::array statuses{
    Status{"malformed_request", 400},      Status{"malformed_message", 400},
    Status{"idempotency_key_missing", 400}, Status{"csr_malformed", 400},
    Status{"unauthenticated", 401},        Status{"token_refused", 401},
    Status{"forbidden", 403},              Status{"certificate_required", 403},
    Status{"not_found", 404},              Status{"pass_unknown", 404},
    Status{"wallet_unknown", 404},         Status{"plan_unknown", 404},
    Status{"device_unknown", 404},         Status{"venue_unknown", 404},
    Status{"token_unknown", 404},          Status{"exception_unknown", 404},      Status{"contact_unknown", 404},
    Status{"method_not_allowed", 405},     Status{"not_acceptable", 406},
    Status{"request_in_progress", 409},    Status{"length_required", 411},
    Status{"body_too_large", 413},         Status{"target_too_long", 414},
    Status{"origin_refused", 403}, Status{"unsupported_media_type", 415}, Status{"wrong_host", 421},
    Status{"pass_locked", 423},            Status{"too_many_attempts", 429},
    Status{"header_too_large", 431},       Status{"internal", 500},
    Status{"not_ready", 503},              Status{"busy", 503},
    Status{"outcome_unknown", 503},        Status{"storage_full", 507}};

// "pass_unknown" → "Pass unknown"
std::string title_of(std::string_view code) {
    std::string title(code);
    std::replace(title.begin(), title.end(), '_', ' ');
    if (!title.empty() && title[0] >= 'a' && title[0] <= 'z') {
        title[0] = static_cast<char>(title[0] - 'a' + 'A');
    }
    return title;
}

Answer worded(int status, std::string_view code, std::string_view detail, const Words& extra) {
    Words body{{"type", "urn:obol:problem:" + std::string(code)},
               {"title", title_of(code)},
               {"status", status},
               {"detail", detail},
               {"code", code}};
    for (const auto& [key, value] : extra.items()) body[key] = value;
    return {.status = status, .body = body.dump(), .problem = true};
}

}  // namespace

int status_of_problem(std::string_view code) {
    for (const Status& known : statuses) {
        if (known.code == code) return known.status;
    }
    return 422;  // every rule that has no other status
}

Answer answer(int status, const Words& body) { return {.status = status, .body = body.dump()}; }

Answer problem(std::string_view code, std::string_view detail, const Words& extra) {
    return worded(status_of_problem(code), code, detail, extra);
}

Answer problem(const Fault& fault) { return problem(fault.code, fault.detail); }

Answer malformed(const wire::JsonFaults& faults) {
    Words errors = Words::array();
    for (const wire::JsonFault& fault : faults) {
        errors.push_back(Words{{"pointer", fault.pointer}, {"detail", fault.detail}});
    }
    const std::string detail = faults.empty()
                                   ? "the request is malformed"
                                   : (faults[0].pointer.empty() ? "the request" : faults[0].pointer) +
                                         ": " + faults[0].detail;
    return problem("malformed_request", detail, Words{{"errors", errors}});
}

bool is_kept(const Answer& given) {
    if (given.status >= 200 && given.status < 300) return true;
    if (given.status == 422 || given.status == 423) {
        return given.body.find("\"code\":\"idempotency_key_reused\"") == std::string::npos;
    }
    return given.status == 404 && given.body.find("_unknown\"") != std::string::npos;
}

net::Reply reply_of(const Answer& given) {
    net::Reply reply{.status = given.status,
                     .content_type = given.problem ? "application/problem+json" : "application/json",
                     .body = given.body,
                     .headers = given.headers};
    reply.headers.emplace_back("Cache-Control", "no-store");
    reply.headers.emplace_back("X-Content-Type-Options", "nosniff");
    return reply;
}

net::Reply refusal(int status, std::string_view code, std::string_view detail) {
    return reply_of(worded(status, code, detail, Words::object()));
}

Words money_in_words(Money money) {
    return Words{{"amount", money.amount.minor}, {"currency", std::string(money.currency.code())}};
}

Words instant_in_words(const std::optional<Instant>& at) {
    return at ? Words(to_rfc3339(*at)) : Words(nullptr);
}

Words text_or_null(std::string_view text) {
    return text.empty() ? Words(nullptr) : Words(std::string(text));
}

}  // namespace obol::ledger
