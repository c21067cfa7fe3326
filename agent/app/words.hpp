#pragma once
// How the agent says things: reasons, money, passes, wallets and problems as JSON. Every answer is
// worded here, so that one thing looks the same in every call (API.md). A use case words its answer
// itself, inside the job, since the answer commits with the entry.

#include <nlohmann/json_fwd.hpp>
#include <string>
#include <string_view>
#include <vector>

#include "agent/app/context.hpp"
#include "sync/wire/json.hpp"

namespace obol::agent {

using Words = nlohmann::ordered_json;  // members stay in the order in which they were said

// An empty object with room for so many members: one that grows copies every name in it each time.
Words object_of(std::size_t members);

// --- values ---------------------------------------------------------------------------------------
Words money_in_words(Money money);                      // {"amount", "currency"}
Words reason_in_words(const Reason& reason);            // {"code", "detail", "at"|"from"|"next"…}
Words reasons_in_words(const std::vector<Reason>& reasons);
Words entry_in_words(const Appended& entry);            // {"seq", "hash"}
Words receipt_in_words(std::string_view number);        // {"number"}
Words pool_in_words(Facts& facts, const PoolId& pool);  // {"id", "name"}
std::string instant_in_words(Instant at);               // RFC 3339, UTC

// `open`: the PIN was right or none is required. Else only type, pin and display show.
Words pass_in_words(Facts& facts, const PassRow& row, bool open, Instant now);
// As it is in this database (inside a job: after what the job appended).
Words wallet_in_words(Facts& facts, const Wallet& wallet, const Here& here, Instant as_of);
// When the figures were last in step with the centre; `now` before the first sync.
Instant as_of(Facts& facts, Instant now);

// --- answers --------------------------------------------------------------------------------------
Answer answer(int status, const Words& body);
// A refusal by the rules: the first reason by precedence is the code; customer_text in that language.
Answer refusal(std::vector<Reason> reasons, std::string_view language, int retry_after_s = 0);
// Everything else that goes wrong; the status follows from the code (table in API.md).
Answer problem(std::string_view code, std::string_view detail, int retry_after_s = 0);
// A Fault of the store or the link: busy, storage_full, storage_read_only, outcome_unknown, link_required …
Answer problem(const Fault& fault);
Answer malformed(const wire::JsonFaults& faults);  // 400 malformed_request with errors[]
// The same as a problem document of another status, code and extra members.
Answer problem_with(std::string_view code, std::string_view detail, const Words& extra);

int status_of_problem(std::string_view code);
// 2xx and refusals of rules (404 …_unknown, 422, 423) are kept under the key; the rest is tried anew.
bool is_kept(const Answer& answer);

}  // namespace obol::agent
