#include "agent/app/words.hpp"

#include <algorithm>
#include <array>
#include <nlohmann/json.hpp>

#include "sync/core/ensure.hpp"

namespace obol::agent {

namespace {

struct Known {
    std::string_view code;
    int status;
    std::string_view title;
};

// The codes that are no reasons of the rules; those have their own table in sync/domain/reason.
constexpr auto known_problems = std::to_array<Known>({
    {"malformed_request", 400, "The request is malformed"},
    {"idempotency_key_missing", 400, "The Idempotency-Key is missing"},
    {"unauthenticated", 401, "A valid token is needed"},
    {"forbidden", 403, "The role does not allow this"},
    {"origin_refused", 403, "Calls from this origin are refused"},
    {"not_found", 404, "There is nothing here"},
    {"receipt_unknown", 404, "There is no such receipt"},
    {"print_job_unknown", 404, "There is no such print job"},
    {"device_unknown", 404, "There is no such device"},
    {"method_not_allowed", 405, "The path does not know this method"},
    {"not_acceptable", 406, "The answer does not come in an accepted form"},
    {"request_in_progress", 409, "The first request with this key still runs"},
    {"possible_duplicate", 409, "This looks like a purchase that was already made"},
    {"quote_changed", 409, "The outcome would differ from what was expected"},
    {"length_required", 411, "The length of the body is needed"},
    {"body_too_large", 413, "The body is too large"},
    {"target_too_long", 414, "The target is too long"},
    {"unsupported_media_type", 415, "Bodies are application/json"},
    {"wrong_host", 421, "This host is not served here"},
    {"idempotency_key_reused", 422, "The key was used with another request"},
    {"header_too_large", 431, "The header is too large"},
    {"storage_full", 507, "The storage is full"},
    {"not_ready", 503, "Not ready"},
    {"database_damaged", 503, "The database is damaged"},
    {"storage_read_only", 503, "The storage is read-only"},
    {"busy", 503, "Busy"},
    {"outcome_unknown", 503, "The outcome is not known"},
    {"link_required", 503, "This needs the link to the centre"},
    {"device_quarantined", 503, "This device is stopped"},
    {"clock_untrusted", 503, "The clock is not trusted"},
    {"cache_too_old", 503, "What is known here is too old"},
    {"device_error", 503, "The device cannot do this now"},
    {"device_illegal", 422, "The device cannot do this"},
    {"codes_exhausted", 422, "The plan's codes are used up"},
    {"plan_complete", 422, "All passes of the plan have been issued"},
});

const Known* known(std::string_view code) {
    for (const Known& each : known_problems) {
        if (each.code == code) return &each;
    }
    return nullptr;
}

// "pass_unknown" → "Pass unknown": enough of a title for the rules' own codes.
std::string title_of(std::string_view code) {
    if (const Known* found = known(code)) return std::string(found->title);
    std::string title(code);
    std::replace(title.begin(), title.end(), '_', ' ');
    if (!title.empty() && title[0] >= 'a' && title[0] <= 'z') title[0] = static_cast<char>(title[0] - 'a' + 'A');
    return title;
}

Words problem_words(std::string_view code, int status, std::string_view detail) {
    Words words = object_of(8);
    words["type"] = "urn:obol:problem:" + std::string(code);
    words["title"] = title_of(code);
    words["status"] = status;
    words["detail"] = detail.empty() ? title_of(code) : std::string(detail);
    words["code"] = code;
    return words;
}

Answer problem_answer(std::string_view code, int status, const Words& words) {
    Answer out;
    out.status = status;
    out.body = words.dump();
    out.problem = true;
    out.code = code;
    return out;
}

// The name under which a reason tells its moment.
std::string_view moment_name(const Reason& reason) {
    switch (reason.code) {
        case Code::offer_not_met:
            return reason.criterion == "from" ? "from" : reason.criterion == "time" ? "next" : "at";
        case Code::pass_not_yet_valid:
        case Code::not_yet_valid: return "from";
        case Code::outside_time_window: return "next";
        case Code::limit_reached: return "resets_at";
        default: return "at";
    }
}

// "+02:00" → minutes; anything else is UTC.
int offset_minutes(const std::string& offset) {
    if (offset.size() != 6) return 0;
    const int minutes = (offset[1] - '0') * 600 + (offset[2] - '0') * 60 + (offset[4] - '0') * 10 + (offset[5] - '0');
    return offset[0] == '-' ? -minutes : minutes;
}

std::string with_offset(Instant at, const std::string& offset) {
    if (offset.size() != 6) return to_rfc3339(at);
    std::string text = to_rfc3339(at + std::chrono::minutes(offset_minutes(offset)));
    text.pop_back();  // the Z
    return text + offset;
}

Words instant_or_null(const std::optional<Instant>& at) {
    return at ? Words(to_rfc3339(*at)) : Words(nullptr);
}

template <class Tag>
Words id_or_null(const Id<Tag>& id) {
    return id.empty() ? Words(nullptr) : Words(id.text);
}

}  // namespace

Words object_of(std::size_t members) {
    Words words = Words::object();
    words.get_ref<Words::object_t&>().reserve(members);
    return words;
}

std::string instant_in_words(Instant at) { return to_rfc3339(at); }

Words money_in_words(Money money) {
    Words words = object_of(2);
    words["amount"] = money.amount.minor;
    words["currency"] = money.currency.code();
    return words;
}

Words reason_in_words(const Reason& reason) {
    Words words = object_of(4);
    words["code"] = name_of(reason.code);
    words["detail"] = reason.detail.empty() ? because(reason.code).detail : reason.detail;
    if (reason.moment) words[std::string(moment_name(reason))] = with_offset(*reason.moment, reason.moment_offset);
    if (!reason.limit.empty()) words["limit"] = reason.limit;
    if (!reason.venue.empty()) words["venue"] = reason.venue;
    if (!reason.wanted.empty()) words["wanted"] = reason.wanted;
    if (reason.available) words["available"] = reason.available->minor;
    if (reason.attempts_left) words["attempts_left"] = *reason.attempts_left;
    if (!reason.offer.empty()) words["offer"] = reason.offer;
    if (!reason.criterion.empty()) words["criterion"] = reason.criterion;
    if (reason.least) words["least"] = reason.least->minor;
    return words;
}

Words reasons_in_words(const std::vector<Reason>& reasons) {
    Words words = Words::array();
    for (const Reason& reason : reasons) words.push_back(reason_in_words(reason));
    return words;
}

Words entry_in_words(const Appended& entry) {
    Words words = object_of(2);
    words["seq"] = entry.seq;
    words["hash"] = to_hex(entry.hash);
    return words;
}

Words receipt_in_words(std::string_view number) {
    Words words;
    words["number"] = number;
    return words;
}

Words pool_in_words(Facts& facts, const PoolId& pool) {
    const std::optional<Pool> found = facts.pool(pool);
    Words words = object_of(2);
    words["id"] = pool.text;
    words["name"] = found ? found->name : pool.text;
    return words;
}

Words pass_in_words(Facts& facts, const PassRow& row, bool open, Instant now) {
    const bool locked = row.plan.pin && (row.pin_locked || row.wrong_pins >= most_pin_tries);
    const PinState pin = !row.plan.pin ? PinState::none : locked ? PinState::locked : PinState::required;
    Words words = object_of(8);
    if (open) {
        words["id"] = row.pass.id.text;
        words["plan"] = row.plan.id.text;
    }
    words["type"] = name_of(row.plan.type);
    if (open) {
        words["state"] = name_of(state_at(row.pass, now));
        const bool priced = row.pass.state != PassState::draft || row.plan.fixed_value();
        const Amount value = row.pass.state == PassState::draft ? row.plan.value_min : row.pass.value;
        words["value"] = priced ? money_in_words({value, row.plan.currency}) : Words(nullptr);
        words["redeem_by"] = instant_or_null(row.pass.redeem_by);
        words["pool"] = row.plan.pool ? pool_in_words(facts, *row.plan.pool) : Words(nullptr);
    }
    words["pin"] = name_of(pin);
    words["display"] = row.pass.display;
    return words;
}

Words wallet_in_words(Facts& facts, const Wallet& wallet, const Here& here, Instant as_of_moment) {
    const PurchaseFacts known_here = facts.purchase_facts(wallet.id, {here.venue, here.business}, here.zone);
    Amount shown, held;
    Words lots = Words::array();
    for (const LotFacts& each : known_here.lots) {
        if (each.funds == Funds{}) continue;  // spent: nothing to tell
        shown += each.funds.shown;
        held += each.funds.held;
        Words lot = object_of(8);
        lot["id"] = each.lot.id.text;
        lot["business"] = each.lot.business.text;
        lot["pool"] = pool_in_words(facts, each.lot.pool);
        lot["amount"] = each.funds.shown.minor;
        lot["available_here"] = each.funds.held.minor;
        lot["valid_from"] = instant_or_null(each.lot.valid.from);
        lot["valid_until"] = instant_or_null(each.lot.valid.until);
        lot["source"] = each.lot.source;
        lots.push_back(std::move(lot));
    }
    Words words = object_of(10);
    words["id"] = wallet.id.text;
    words["holder"] = wallet.holder.empty() ? Words(nullptr) : Words(wallet.holder);
    words["currency"] = wallet.currency.code();
    words["home"] = id_or_null(wallet.home);
    if (wallet.blocked) words["blocked"] = true;
    words["pockets"] = {{"personal", known_here.personal.shown.minor},
                        {"business", known_here.business.shown.minor},
                        {"commerce", shown.minor}};
    words["available_here"] = {{"personal", known_here.personal.held.minor},
                               {"business", known_here.business.held.minor},
                               {"commerce", held.minor}};
    words["lots"] = std::move(lots);
    words["as_of"] = to_rfc3339(as_of_moment);
    return words;
}

Instant as_of(Facts& facts, Instant now) {
    const std::optional<std::string> text = facts.meta("last_sync");
    if (!text) return now;
    const bool digits = !text->empty() && text->size() <= 18 && text->find_first_not_of("0123456789") == std::string::npos;
    if (digits) return from_millis(std::stoll(*text));
    const Result<Instant> parsed = parse_rfc3339(*text);
    return parsed ? *parsed : now;
}

Answer answer(int status, const Words& body) {
    Answer out;
    out.status = status;
    out.body = body.dump();
    return out;
}

int status_of_problem(std::string_view code) {
    if (const Known* found = known(code)) return found->status;
    if (const std::optional<Code> rule = code_named(code)) return http_status_of(*rule);
    return 503;
}

Answer refusal(std::vector<Reason> reasons, std::string_view language, int retry_after_s) {
    ENSURE(!reasons.empty());
    sort_by_precedence(reasons);
    const Reason& first = reasons.front();
    const std::string_view code = name_of(first.code);
    const int status = status_of_problem(code);
    Words words = problem_words(code, status, first.detail);
    words["customer_text"] = customer_text(first.code, language);
    words["reasons"] = reasons_in_words(reasons);
    if (retry_after_s == 0 && (status == 429 || status == 503)) retry_after_s = 1;
    if (retry_after_s > 0) words["retry_after"] = retry_after_s;
    Answer out = problem_answer(code, status, words);
    out.retry_after_s = retry_after_s;
    return out;
}

Answer problem(std::string_view code, std::string_view detail, int retry_after_s) {
    const int status = status_of_problem(code);
    Words words = problem_words(code, status, detail);
    if (retry_after_s > 0) words["retry_after"] = retry_after_s;
    Answer out = problem_answer(code, status, words);
    out.retry_after_s = retry_after_s;
    return out;
}

Answer problem_with(std::string_view code, std::string_view detail, const Words& extra) {
    const int status = status_of_problem(code);
    Words words = problem_words(code, status, detail);
    words.update(extra);
    return problem_answer(code, status, words);
}

Answer problem(const Fault& fault) {
    const bool worded = known(fault.code) != nullptr || code_named(fault.code).has_value();
    // What the uplink calls its failures is one thing to the till: the centre cannot be asked now.
    const std::string_view code = worded ? std::string_view(fault.code)
                                  : fault.code == "unreachable" || fault.code == "timed_out" ||
                                            fault.code == "tls_refused" || fault.code == "not_http" ||
                                            fault.code == "refused" || fault.code == "malformed_message"
                                      ? "link_required"
                                      : "not_ready";
    return problem(code, fault.detail, status_of_problem(code) == 503 ? 1 : 0);
}

Answer malformed(const wire::JsonFaults& faults) {
    Words errors = Words::array();
    for (const wire::JsonFault& fault : faults) {
        Words error;
        error["pointer"] = fault.pointer;
        error["detail"] = fault.detail;
        errors.push_back(std::move(error));
    }
    Words extra;
    extra["errors"] = std::move(errors);
    const std::string first = faults.empty() ? "" : faults.front().pointer + ": " + faults.front().detail;
    return problem_with("malformed_request", first, extra);
}

bool is_kept(const Answer& answer) {
    if (answer.status >= 200 && answer.status < 300) return true;
    if (answer.status == 422) return answer.code != "idempotency_key_reused";
    if (answer.status == 404) return answer.code.ends_with("_unknown");
    return answer.status == 423;
}

}  // namespace obol::agent
