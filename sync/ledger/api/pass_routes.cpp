// Passes: issue, list, look at one, block, unblock, cancel, unlock, send again.

#include "sync/core/ensure.hpp"
#include "sync/domain/bounds.hpp"
#include "sync/ledger/api/admin.hpp"
#include "sync/ledger/api/fact_words.hpp"
#include "sync/ledger/api/subject_words.hpp"
#include "sync/ledger/store/pass_changes.hpp"
#include "sync/ledger/store/passes.hpp"
#include "sync/ledger/store/registrar.hpp"
#include "sync/ledger/store/wallets.hpp"

namespace obol::ledger {

namespace {

// A PIN takes a hash made to be slow, and venues wait meanwhile.
constexpr std::int64_t most_passes_a_call = 500;

Words fields_in_words(const Fields& fields) {
    Words words = Words::object();
    for (const auto& [key, text] : fields) words[key] = text;
    return words;
}

Words pass_in_words(Books& books, const PassId& id, Instant now) {
    const auto document = books.fact("pass", id.text);
    ENSURE(document);
    const auto pass = pass_from(*document);
    ENSURE(pass);
    const auto plan = books.plan(pass->plan);
    ENSURE(plan);
    const auto secrets = secrets_of(books, id);
    const bool has_pin = secrets && !secrets->pin_verifier.empty();
    Words words{{"id", id.text},
                {"plan", plan->id.text},
                {"business", plan->business.text},
                {"type", name_of(plan->type)},
                {"state", name_of(state_at(*pass, now))},
                {"value", pass->value.minor},
                {"currency", plan->currency.code()},
                {"redeem_by", instant_in_words(pass->redeem_by)},
                {"venue", text_or_null(pass->venue.text)},
                {"display", pass->display},
                {"pin", !has_pin ? "none" : secrets->pin_locked ? "locked" : "required"},
                {"wrong_pins", secrets ? secrets->wrong_pins : 0},
                {"redeemed_at", instant_in_words(pass->redeemed_at)},
                {"redeemed_venue", text_or_null(pass->redeemed_venue.text)},
                {"contact", text_or_null(secrets && secrets->contact ? secrets->contact->text : "")},
                {"fields", fields_in_words(inherited(*plan, secrets ? secrets->fields : Fields{}))}};
    const bool draft = pass->state == PassState::draft;
    const Words where = subject_in_words(books, draft ? draft_subject(id) : pass_subject(id));
    words["centre"] = where["centre"];
    words["held"] = where["held"];
    return words;
}

Answer issue(Office& office, const Call& call) {
    wire::JsonFaults faults;
    wire::ObjectReader reader{call.body, "", faults};
    const std::int64_t count = reader.required_integer("count", 1, most_passes_a_call);
    const auto value = reader.optional_integer("value", 1, largest_credit);
    const auto for_whom = reader.optional_id("contact");
    const auto venue = reader.optional_id("venue");
    reader.done();
    if (faults.empty() && venue && !business_of_venue(office.books, VenueId{*venue})) {
        reader.fault("venue", "there is no venue " + *venue);
    }
    if (faults.empty() && for_whom && !contact(office.books, ContactId{*for_whom})) {
        reader.fault("contact", "there is no contact " + *for_whom);
    }
    if (!faults.empty()) return malformed(faults);

    IssueOrder order{.plan = PlanId{call.ids[0]}, .venue = VenueId{venue.value_or("")},
                     .source = call.source()};
    if (value) order.value = Amount{*value};
    if (for_whom) order.contact = ContactId{*for_whom};
    const auto issued = issue_passes(office.books, office.keys, order, count, call.now, office.random);
    if (!issued) return problem(issued.error());
    Words shown{{"items", Words::array()}}, kept = shown;
    for (const IssuedPass& made : *issued) {
        Words item{{"id", made.id.text}, {"code", made.code.reveal()}};
        if (made.pin) item["pin"] = made.pin->reveal();
        shown["items"].push_back(item);
        item["code"] = nullptr;
        if (made.pin) item["pin"] = nullptr;
        kept["items"].push_back(item);
    }
    Answer given = answer(201, shown);
    given.kept = kept.dump();
    return given;
}

Answer list(Office& office, const Call& call) {
    const auto ask = page_asked(call.request);
    if (!ask) return problem(ask.error());
    if (!office.books.plan(PlanId{call.ids[0]})) return problem("plan_unknown", "there is no such plan");
    std::vector<std::string> ids;
    office.books.db().each(
        "SELECT pass FROM pass_secret WHERE plan = ? AND pass > ? ORDER BY pass LIMIT ?",
        [&](sql::Statement& row) { ids.push_back(row.text(0)); }, call.ids[0], ask->after,
        ask->limit + 1);
    std::vector<std::pair<std::string, Words>> items;
    for (const std::string& id : ids) {
        items.emplace_back(id, pass_in_words(office.books, PassId{id}, call.now));
    }
    return page(*ask, std::move(items));
}

Answer show(Office& office, const Call& call) {
    const PassId id{call.ids[0]};
    if (!office.books.fact("pass", id.text)) return problem("pass_unknown", "there is no such pass");
    return answer(200, pass_in_words(office.books, id, call.now));
}

PassPatch read_patch(const wire::Json& body, wire::JsonFaults& faults) {
    static const std::vector<std::string_view> states{"active", "blocked", "cancelled"};
    wire::ObjectReader reader{body, "", faults};
    PassPatch patch;
    if (const auto state = reader.optional_word("state", states)) {
        patch.state = pass_state_named(states[*state]);
    }
    patch.pin_locked = reader.optional_bool("pin_locked");
    if (const auto text = reader.optional_text("redeem_by", 1, 64)) {
        const auto at = parse_rfc3339(*text);
        if (at) patch.redeem_by = *at;
        if (!at) reader.fault("redeem_by", "not an instant with offset");
    }
    if (const auto value = reader.optional_integer("value", 1, largest_credit)) {
        patch.value = Amount{*value};
    }
    if (const auto pin = reader.optional_text("pin", 1, 16)) {
        const auto good = check_pin_form(*pin);
        if (good) patch.pin = Secret{*good};
        if (!good) reader.fault("pin", "a PIN is text of 4 to 8 digits");
    }
    if (const wire::Json* fields = reader.optional("fields")) {
        patch.fields = read_fields(*fields, "/fields", faults);
    }
    reader.done();
    return patch;
}

Answer change(Office& office, const Call& call) {
    wire::JsonFaults faults;
    const PassPatch patch = read_patch(call.body, faults);
    if (!faults.empty()) return malformed(faults);
    const bool moves_money = patch.state == PassState::cancelled || patch.value;
    if (moves_money && (may_finance & bit(call.user.role)) == 0) {
        return problem("forbidden", "cancelling and a new value are for finance");
    }
    const PassId id{call.ids[0]};
    const auto done = change_pass(office.books, office.keys, id, patch, call.source(), call.now,
                                  office.random);
    if (!done) return problem(done.error());
    return answer(200, pass_in_words(office.books, id, call.now));
}

// The ledger sends nothing itself: whoever asks gets the code and whom it is for, and passes it on.
Answer resend(Office& office, const Call& call) {
    wire::JsonFaults faults;
    wire::ObjectReader{call.body, "", faults}.done();
    if (!faults.empty()) return malformed(faults);
    const PassId id{call.ids[0]};
    const auto document = office.books.fact("pass", id.text);
    if (!document) return problem("pass_unknown", "there is no such pass");
    const auto pass = pass_from(*document);
    ENSURE(pass);
    const PassState state = state_at(*pass, call.now);
    if (state != PassState::draft && state != PassState::active) {
        return problem("pass_" + std::string(name_of(state)), "a code that is good for nothing is not sent");
    }
    const auto code = code_of(office.books, office.keys, id);
    if (!code) return problem(code.error());
    const auto secrets = secrets_of(office.books, id);
    Words words{{"id", id.text}, {"code", nullptr}, {"contact", nullptr}};
    if (const auto person = secrets->contact ? contact(office.books, *secrets->contact) : std::nullopt) {
        words["contact"] = contact_in_words(*person);
    }
    const std::string kept = words.dump();
    words["code"] = code->reveal();
    Answer given = answer(201, words);
    given.kept = kept;
    return given;
}

}  // namespace

Routes pass_routes() {
    return {{"POST", "/plans/{id}/passes", may_finance, issue},
            {"GET", "/plans/{id}/passes", may_read, list},
            {"GET", "/passes/{id}", may_read, show},
            {"PATCH", "/passes/{id}", may_act, change},
            {"POST", "/passes/{id}/resend", may_act, resend}};
}

}  // namespace obol::ledger
