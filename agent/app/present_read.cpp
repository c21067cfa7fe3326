// The members that name a code or a wallet, and the documents in which the centre answers.

#include <algorithm>
#include <array>

#include "agent/app/present.hpp"
#include "agent/app/words.hpp"

namespace obol::agent {

namespace {

constexpr std::size_t longest_code = 256;  // as scanned: an address may stand around it

std::optional<Secret> read_pin(wire::ObjectReader& reader, std::string_view key) {
    const std::optional<std::string> text = reader.optional_text(key, 1, 16);
    if (!text) return std::nullopt;
    // Checked for its form alone; a wrong form is a fault of the request, not a wrong try.
    const Result<std::string> pin = check_pin_form(*text);
    if (!pin) {
        reader.fault(key, "4 to 8 digits, as text");
        return std::nullopt;
    }
    return Secret(*pin);
}

std::string without_spaces(std::string text) {
    std::erase_if(text, [](char c) { return c == ' ' || c == '\t' || c == '\r' || c == '\n'; });
    return text;
}

std::string as_e164(const std::string& text) {
    std::string out = without_spaces(text);
    std::erase_if(out, [](char c) { return c == '-' || c == '(' || c == ')' || c == '.'; });
    return out;
}

bool is_e164(const std::string& text) {
    return text.size() >= 8 && text.size() <= 16 && text[0] == '+' && text[1] != '0' &&
           std::all_of(text.begin() + 1, text.end(), [](char c) { return c >= '0' && c <= '9'; });
}

const std::string* text_in(const journal::Map& map, std::string_view key) {
    const auto found = map.find(key);
    return found == map.end() ? nullptr : found->second.text();
}

std::optional<std::int64_t> integer_in(const journal::Map& map, std::string_view key) {
    const auto found = map.find(key);
    const std::int64_t* value = found == map.end() ? nullptr : found->second.integer();
    return value ? std::optional(*value) : std::nullopt;
}

bool true_in(const journal::Map& map, std::string_view key) {
    const auto found = map.find(key);
    const bool* value = found == map.end() ? nullptr : found->second.boolean();
    return value != nullptr && *value;
}

template <class Found>
std::optional<Answer> worded(const Found& found, const Caller& caller) {
    if (found.fault) return problem(*found.fault);
    if (found.reasons.empty()) return std::nullopt;
    return refusal(found.reasons, caller.language, found.retry_after_s);
}

}  // namespace

std::optional<Answer> refused(const Presented& presented, const Caller& caller) { return worded(presented, caller); }
std::optional<Answer> refused(const FoundWallet& found, const Caller& caller) { return worded(found, caller); }

void read_code_and_pin(wire::ObjectReader& reader, CodeAndPin& into) {
    into.code = reader.required_text("code", 1, longest_code);
    into.pin = read_pin(reader, "pin");
}

WalletRef read_wallet_ref(const wire::Json& json, const std::string& pointer, wire::JsonFaults& faults,
                          bool may_be_new) {
    using By = WalletRef::By;
    static constexpr std::array<std::pair<By, std::string_view>, 5> members{{
        {By::id, "id"}, {By::card, "card"}, {By::phone, "phone"}, {By::email, "email"}, {By::pass_code, "pass_code"}}};
    wire::ObjectReader reader(json, pointer, faults);
    const std::size_t before = faults.size();
    WalletRef out;
    int named = 0;
    for (const auto& [by, key] : members) {
        if (!reader.has(key)) continue;
        ++named;
        out.by = by;
        out.value = by == By::id ? reader.required_id(key) : reader.required_text(key, 1, longest_code);
    }
    if (may_be_new && reader.has("new")) {
        ++named;
        out.by = By::fresh;
        if (!reader.required_bool("new")) reader.fault("new", "only true makes sense here");
    }
    if (out.by == By::pass_code) out.pin = read_pin(reader, "pin");
    reader.done();
    if (named != 1 && faults.size() == before) {
        faults.push_back({pointer, may_be_new ? "exactly one of id, card, phone, email, pass_code, new"
                                              : "exactly one of id, card, phone, email, pass_code"});
    }
    if (out.by == By::phone) {
        out.value = as_e164(out.value);
        if (!is_e164(out.value)) faults.push_back({pointer + "/phone", "E.164, such as +35799000001"});
    }
    if (out.by == By::email || out.by == By::card) out.value = without_spaces(out.value);
    return out;
}

std::optional<PassRow> pass_row_from(Facts& facts, const journal::Map& body) {
    const std::string* id = text_in(body, "id");
    const std::string* plan_id = text_in(body, "plan");
    const std::string* state_name = text_in(body, "state");
    const auto value = integer_in(body, "value");
    if (!id || !plan_id || !state_name || !value) return std::nullopt;
    const auto state = pass_state_named(*state_name);
    const auto plan = facts.plan(PlanId{*plan_id});
    if (!state || !plan) return std::nullopt;

    PassRow row;
    // What was done here and is not yet booked there counts more than the centre's view.
    if (const auto known = facts.pass(PassId{*id})) row = *known;
    row.plan = *plan;
    row.pin_locked = row.pin_locked || true_in(body, "pin_locked");
    if (row.pass.state == PassState::redeemed) return row;
    row.pass.id = PassId{*id};
    row.pass.plan = plan->id;
    row.pass.state = *state;
    row.pass.value = Amount{*value};
    if (const auto at = integer_in(body, "redeem_by")) row.pass.redeem_by = from_millis(*at);
    if (const auto at = integer_in(body, "redeemed_at")) row.pass.redeemed_at = from_millis(*at);
    if (const std::string* venue = text_in(body, "venue")) row.pass.venue = VenueId{*venue};
    if (const std::string* venue = text_in(body, "redeemed_venue")) row.pass.redeemed_venue = VenueId{*venue};
    if (const std::string* display = text_in(body, "display")) row.pass.display = *display;
    return row;
}

std::optional<WalletRow> wallet_row_from(const journal::Map& body) {
    const Result<Wallet> wallet = journal::wallet_from(journal::Value(body));
    if (!wallet) return std::nullopt;
    WalletRow row;
    row.wallet = *wallet;
    row.pin_locked = true_in(body, "pin_locked");
    row.pin_pass = wallet->opened_by;
    if (const std::string* verifier = text_in(body, "pin_verifier")) row.pin_verifier = *verifier;
    return row;
}

}  // namespace obol::agent
