#include "sync/ledger/store/passes.hpp"

#include "sync/core/ensure.hpp"
#include "sync/ledger/store/plans.hpp"

namespace obol::ledger {

using journal::Map;
using journal::Value;

namespace {

constexpr int pin_digits = 4;
constexpr int most_draws = 100;  // codes that were taken already, before a format counts as used up

bool has_money(PassState state) {
    return state == PassState::active || state == PassState::blocked;
}

Result<void> fund(Books& books, const NewPass& pass, Instant now) {
    const BusinessId& business = pass.plan.business;
    const bool draft = pass.state == PassState::draft;
    // A promotion pass is no money but one use of its offer.
    const bool counted = draft || pass.plan.type == PassType::promotion;
    if (!draft && (!has_money(pass.state) || (!counted && pass.value == Amount{}))) return {};

    const Subject subject = draft ? draft_subject(pass.id) : pass_subject(pass.id);
    const Currency currency = counted ? Currency::none() : pass.plan.currency;
    const Amount amount = counted ? Amount{1} : pass.value;
    const std::string giver = counted ? "issue:" + business.text : pass.from_account;
    books.ensure_subject(subject, business, pass.venue, currency);
    const std::vector<journal::Posting> postings{{giver, -amount, currency},
                                                 {subject, amount, currency}};
    auto moved = books.transfer(now, pass.source, "pass " + pass.id.text, postings);
    if (!moved) return moved.error();
    return {};
}

const std::string* text_in(const Map& document, std::string_view key) {
    const auto found = document.find(key);
    return found == document.end() ? nullptr : found->second.text();
}

std::optional<std::int64_t> integer_in(const Map& document, std::string_view key) {
    const auto found = document.find(key);
    if (found == document.end() || !found->second.integer()) return std::nullopt;
    return *found->second.integer();
}

Value instant_or_null(const std::optional<Instant>& at) {
    return at ? Value{to_millis(*at)} : Value{};
}

constexpr const char* select_secrets =
    "SELECT pass, pin_verifier, wrong_pins, pin_locked, contact, fields FROM pass_secret WHERE ";

std::optional<PassSecrets> read_secrets(sql::Statement& row) {
    if (!row.step()) return std::nullopt;
    PassSecrets secrets{.pass = PassId{row.text(0)}};
    if (!row.null(1)) secrets.pin_verifier = row.text(1);
    secrets.wrong_pins = static_cast<int>(row.integer(2));
    secrets.pin_locked = row.integer(3) != 0;
    if (!row.null(4)) secrets.contact = ContactId{row.text(4)};
    if (row.null(5)) return secrets;
    const auto document = journal::decode(row.blob_view(5));
    ENSURE(document && document->map());
    for (const auto& [key, value] : *document->map()) {
        ENSURE(value.text());
        secrets.fields.emplace(key, *value.text());
    }
    return secrets;
}

// Drawn again while it is taken: uniqueness is checked on what a scanner's text becomes.
Result<std::string> draw_code(Books& books, const SecretKeys& keys, const CodeFormat& format,
                              Random& random) {
    for (int i = 0; i < most_draws; ++i) {
        auto code = normalise_code(generate_code(format, random));
        if (!code) return code.error();
        if (!code_taken(books, keys, *code)) return code;
    }
    return Fault{"codes_exhausted", "the plan's code format has hardly a free code left"};
}

Result<Amount> value_of(const Plan& plan, std::optional<Amount> asked, bool draft) {
    if (plan.fixed_value()) {
        if (asked && *asked < plan.value_min)
            return Fault{"below_minimum", "the plan's value is fixed"};
        if (asked && *asked > plan.value_max)
            return Fault{"above_maximum", "the plan's value is fixed"};
        return plan.value_min;
    }
    // A draft gets its value from the till that sells it.
    if (draft) return Amount{};
    const Amount value = asked.value_or(Amount{});
    if (value < plan.value_min) return Fault{"below_minimum", "value is less than the plan allows"};
    if (value > plan.value_max) return Fault{"above_maximum", "value is more than the plan allows"};
    return value;
}

}  // namespace

PassId derived_pass_id(const SecretKeys& keys, const PlanId& plan, std::string_view code) {
    Bytes text{'i', 'd', 0};
    text.insert(text.end(), plan.text.begin(), plan.text.end());
    text.push_back(0);
    const Bytes digest = digest_of_code(code);
    text.insert(text.end(), digest.begin(), digest.end());
    const auto mac = crypto::hmac_sha256(keys.code, text);
    return PassId{to_hex(ByteView(mac).first(16))};
}

bool code_taken(Books& books, const SecretKeys& keys, std::string_view code) {
    return books.db()
        .value<std::int64_t>("SELECT 1 FROM pass_secret WHERE code_hmac = ?1 "
                             "UNION ALL SELECT 1 FROM offer_code WHERE code_hmac = ?1",
                             code_hmac(keys, digest_of_code(code)))
        .has_value();
}

Result<void> add_pass(Books& books, const SecretKeys& keys, const NewPass& pass, Instant now,
                      Random& random) {
    ENSURE(pass.value >= Amount{});
    const std::string& code = pass.code.reveal();
    if (code_taken(books, keys, code)) {
        return Fault{"code_taken", "another pass or an offer has this code"};
    }
    std::optional<Bytes> pin_sealed;
    std::optional<std::string> verifier;
    if (pass.pin) {
        pin_sealed = seal_pin(keys, pass.id, *pass.pin, random);
        verifier = crypto::make_pin_verifier(pass.pin->reveal(), code, random);
    }
    std::optional<std::string> contact;
    if (pass.contact) contact = pass.contact->text;
    books.db().run(
        "INSERT INTO pass_secret (pass, plan, code_hmac, code_sealed, pin_sealed, pin_verifier, "
        "contact) VALUES (?, ?, ?, ?, ?, ?, ?)",
        pass.id.text, pass.plan.id.text, code_hmac(keys, digest_of_code(code)),
        seal_code(keys, pass.id, pass.code, random), pin_sealed, verifier, contact);

    const Pass body{.id = pass.id,
                    .plan = pass.plan.id,
                    .state = pass.state,
                    .value = pass.value,
                    .redeem_by = pass.redeem_by,
                    .venue = pass.venue,
                    .display = display_of(code)};
    books.put_fact("pass", pass.id.text, pass.plan.business,
                   pass_document(body, pass.plan, code,
                                 {.pass = pass.id, .pin_verifier = verifier.value_or("")}));
    return fund(books, pass, now);
}

namespace {

Result<IssuedPass> make_pass(Books& books, const SecretKeys& keys, const Plan& plan,
                             const IssueOrder& order, std::optional<Instant> redeem_by, Instant now,
                             Random& random) {
    const bool draft = plan.printed && plan.sold;
    const auto value = value_of(plan, order.value, draft);
    if (!value) return value.error();
    auto code = draw_code(books, keys, plan.code, random);
    if (!code) return code.error();

    NewPass pass{.id = PassId{make_uuid7(now, random)},
                 .plan = plan,
                 .code = Secret{std::move(*code)},
                 .state = draft ? PassState::draft : PassState::active,
                 .value = *value,
                 .redeem_by = redeem_by,
                 .venue = order.venue,
                 .contact = order.contact,
                 .from_account = order.from_account.empty() ? "issue:" + plan.business.text
                                                            : order.from_account,
                 .source = order.source};
    if (plan.pin) pass.pin = Secret{generate_pin(pin_digits, random)};
    if (auto added = add_pass(books, keys, pass, now, random); !added) return added.error();
    return IssuedPass{pass.id, pass.code, pass.pin, Money{*value, plan.currency}, pass.state,
                      redeem_by};
}

}  // namespace

Result<std::vector<IssuedPass>> issue_passes(Books& books, const SecretKeys& keys,
                                             const IssueOrder& order, std::int64_t count,
                                             Instant now, Random& random) {
    auto plan = books.plan(order.plan);
    if (!plan) return Fault{"plan_unknown", "there is no plan " + order.plan.text};
    if (auto room = check_room(books, *plan, count); !room) return room.error();
    if (plan->state == PlanState::draft) {
        if (plan->count > 0) return Fault{"plan_draft", "activating the plan makes its passes"};
        set_plan_active(books, *plan);
    }
    const auto business = books.fact("business", plan->business.text);
    ENSURE(business);  // a plan is written only after its business
    const std::string* zone_name = text_in(*business, "zone");
    ENSURE(zone_name);
    const auto zone = Zone::find(*zone_name);
    if (!zone) return zone.error();

    std::vector<IssuedPass> issued;
    for (std::int64_t i = 0; i < count; ++i) {
        auto made = make_pass(books, keys, *plan, order, redeem_by_of(*plan, now, *zone), now, random);
        if (!made) return made.error();
        issued.push_back(std::move(*made));
    }
    return issued;
}

Result<IssuedPass> issue_pass(Books& books, const SecretKeys& keys, const IssueOrder& order,
                              Instant now, Random& random) {
    auto issued = issue_passes(books, keys, order, 1, now, random);
    if (!issued) return issued.error();
    return std::move(issued->front());
}

Map pass_document(const Pass& pass, const Plan& plan, std::string_view code,
                  const PassSecrets& secrets) {
    Map document{{"id", pass.id.text},
                 {"plan", pass.plan.text},
                 {"state", name_of(pass.state)},
                 {"value", pass.value.minor},
                 {"redeem_by", instant_or_null(pass.redeem_by)},
                 {"venue", pass.venue.text},
                 {"display", pass.display},
                 {"pin_locked", secrets.pin_locked}};
    if (secrets.wrong_pins > 0) document["wrong_pins"] = std::int64_t{secrets.wrong_pins};
    if (pass.redeemed_at) document["redeemed_at"] = to_millis(*pass.redeemed_at);
    if (!pass.redeemed_venue.empty()) document["redeemed_venue"] = pass.redeemed_venue.text;
    if (plan.usable_offline()) {
        document["digest"] = digest_of_code(code);
        if (!secrets.pin_verifier.empty()) document["pin_verifier"] = secrets.pin_verifier;
    }
    return document;
}

std::optional<Pass> pass_from(const Map& document) {
    const std::string* id = text_in(document, "id");
    const std::string* plan = text_in(document, "plan");
    const std::string* state_name = text_in(document, "state");
    const auto value = integer_in(document, "value");
    if (!id || !plan || !state_name || !value) return std::nullopt;
    const auto state = pass_state_named(*state_name);
    if (!state) return std::nullopt;

    Pass pass{.id = PassId{*id}, .plan = PlanId{*plan}, .state = *state, .value = Amount{*value}};
    if (const auto at = integer_in(document, "redeem_by")) pass.redeem_by = from_millis(*at);
    if (const std::string* venue = text_in(document, "venue")) pass.venue = VenueId{*venue};
    if (const std::string* display = text_in(document, "display")) pass.display = *display;
    if (const auto at = integer_in(document, "redeemed_at")) pass.redeemed_at = from_millis(*at);
    if (const std::string* venue = text_in(document, "redeemed_venue")) {
        pass.redeemed_venue = VenueId{*venue};
    }
    return pass;
}

void set_fields(Books& books, const PassId& pass, const Fields& fields) {
    std::optional<Bytes> body;
    if (!fields.empty()) {
        Map document;
        for (const auto& [key, text] : fields) document.emplace(key, Value{text});
        body = journal::encode(Value{std::move(document)});
    }
    books.db().run("UPDATE pass_secret SET fields = ? WHERE pass = ?", body, pass.text);
}

Result<Secret> code_of(Books& books, const SecretKeys& keys, const PassId& pass) {
    const auto sealed =
        books.db().value<Bytes>("SELECT code_sealed FROM pass_secret WHERE pass = ?", pass.text);
    ENSURE(sealed);
    return unseal_code(keys, pass, *sealed);
}

std::optional<PassSecrets> secrets_of(Books& books, const PassId& pass) {
    auto row = books.db().prepare(std::string(select_secrets) + "pass = ?");
    row.bind(1, pass.text);
    return read_secrets(row);
}

std::optional<PassSecrets> secrets_by_digest(Books& books, const SecretKeys& keys,
                                             ByteView digest) {
    const Bytes hmac = code_hmac(keys, digest);
    auto row = books.db().prepare(std::string(select_secrets) + "code_hmac = ?");
    row.bind(1, hmac);
    return read_secrets(row);
}

}  // namespace obol::ledger
