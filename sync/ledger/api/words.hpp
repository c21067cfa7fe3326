#pragma once
// How the ledger says things: answers, problems and the values in them. Shared by the admin API, the
// sync port and enrolment.

#include <nlohmann/json.hpp>
#include <optional>
#include <string>
#include <string_view>

#include "sync/domain/money.hpp"
#include "sync/net/http.hpp"
#include "sync/wire/json.hpp"

namespace obol::ledger {

using Words = nlohmann::ordered_json;  // members stay in the order in which they were said

struct Answer {
    int status = 200;
    std::string body{};
    bool problem = false;               // application/problem+json
    std::optional<std::string> kept{};  // what a replay gets, where the body holds a code, PIN or token
    net::Headers headers{};
};

Answer answer(int status, const Words& body);
// application/problem+json (API.md); the status follows from the code.
Answer problem(std::string_view code, std::string_view detail, const Words& extra = Words::object());
Answer problem(const Fault& fault);
Answer malformed(const wire::JsonFaults& faults);  // 400 malformed_request with errors[]
int status_of_problem(std::string_view code);
// 2xx and refusals of rules (404 …_unknown, 422, 423) stay under their key; the rest is tried anew.
bool is_kept(const Answer& answer);

net::Reply reply_of(const Answer& answer);
// For net::Server, which refuses before routing.
net::Reply refusal(int status, std::string_view code, std::string_view detail);

Words money_in_words(Money money);
Words instant_in_words(const std::optional<Instant>& at);  // RFC 3339 or null
Words text_or_null(std::string_view text);                 // "" is null

}  // namespace obol::ledger
