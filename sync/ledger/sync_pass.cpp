// Codes that are decided at the centre, and passes that a till sells: the direct questions of a
// venue whose link is up.

#include "sync/ledger/store/network.hpp"
#include "sync/ledger/store/passes.hpp"
#include "sync/ledger/store/pins.hpp"
#include "sync/ledger/store/wallets.hpp"
#include "sync/ledger/sync_end.hpp"

namespace obol::ledger {

using crypto::Identity;

namespace {

std::string business_of(Books& books, std::string_view kind, std::string_view id) {
    return books.db()
        .value<std::string>("SELECT business FROM fact WHERE kind = ? AND id = ?", kind, id)
        .value_or("");
}

// What would let a venue test codes and PINs by itself stays here.
std::optional<journal::Map> shown(std::optional<journal::Map> body) {
    if (!body) return body;
    for (const char* secret : {"digest", "code_digest", "pin_verifier"}) body->erase(secret);
    return body;
}

}  // namespace

Result<wire::PurchaseAnswer> SyncEnd::purchase(const Identity& who, const wire::PurchaseAsk& ask) {
    sql::Txn txn{books_.db()};
    const Result<HolderRow> row = known(who);
    if (!row) return row.error();
    seen(row->h);
    wire::PurchaseAnswer answer;
    const auto bought = books_.known_rules(row->business.text).purchase(ask.id);
    if (!bought || bought->facts.place.business != row->business) return answer;
    const auto body_of = [this](std::string_view where, const std::string& id, auto keep) {
        books_.db().each("SELECT e.body FROM operation o JOIN entry e ON e.h = o.h AND e.seq = o.seq AND e.branch = 0 " +
                             std::string(where) + " ORDER BY o.booked",
                         [&](sql::Statement& found) { keep(found.blob(0)); }, id);
    };
    body_of("WHERE o.ref = ? AND o.kind = 'purchase'", ask.id.text, [&](Bytes body) { answer.purchase = std::move(body); });
    body_of("WHERE o.purchase = ?", ask.id.text, [&](Bytes body) { answer.given_back.push_back(std::move(body)); });
    txn.commit();  // that it was seen
    return answer;
}

Result<wire::PassAnswer> SyncEnd::pass(const Identity& who, const wire::PassAsk& ask) {
    wire::PassAnswer answer;
    Result<std::optional<PinTry>> pin = look_up(who, ask, answer);
    if (!pin) return pin.error();
    if (*pin) {
        const bool right =
            crypto::check_pin((*pin)->verifier, ask.pin->reveal(), ask.code.reveal());
        settle_pin(**pin, right, answer);
    }
    return answer;
}

Result<std::optional<SyncEnd::PinTry>> SyncEnd::look_up(const Identity& who,
                                                        const wire::PassAsk& ask,
                                                        wire::PassAnswer& answer) {
    sql::Txn txn{books_.db()};
    const Result<HolderRow> row = known(who);
    if (!row) return row.error();
    seen(row->h);
    if (ask.pin && digest_of_code(ask.code.reveal()) != ask.digest) {
        return Fault{"malformed_message", "the digest is not the code's"};
    }
    const std::optional<PassSecrets> secrets = secrets_by_digest(books_, keys_, ask.digest);
    const bool visible = secrets && sees(books_.db(), row->business,
                                         business_of(books_, "pass", secrets->pass.text));
    if (!visible) return std::optional<PinTry>{};

    answer.pass = shown(books_.fact("pass", secrets->pass.text));
    const auto wallet = books_.db().value<std::string>(
        "SELECT wallet FROM opened_wallet WHERE pass = ?", secrets->pass.text);
    if (wallet) answer.wallet = shown(books_.fact("wallet", *wallet));
    if (secrets->pin_verifier.empty()) return std::optional<PinTry>{};
    // The count alone locks, too: the process may have died between counting and locking.
    if (secrets->pin_locked || secrets->wrong_pins >= most_pin_tries) {
        answer.pin_state = "locked";
        return std::optional<PinTry>{};
    }
    answer.pin_state = "required";
    if (!ask.pin) return std::optional<PinTry>{};
    PinTry pin{secrets->pass, secrets->pin_verifier, secrets->wrong_pins + 1};
    books_.db().run("UPDATE pass_secret SET wrong_pins = ? WHERE pass = ?", pin.wrong,
                    pin.pass.text);
    txn.commit();
    return std::optional<PinTry>{std::move(pin)};
}

void SyncEnd::settle_pin(const PinTry& pin, bool right, wire::PassAnswer& answer) {
    Wake woken;
    std::set<std::string> businesses;
    {
        sql::Txn txn{books_.db()};
        if (right) {
            set_wrong_pins(books_, pin.pass, 0, businesses);
            answer.pin_state = "right";
        } else {
            tell_wrong_pins(books_, pin.pass, businesses);
            const bool last = pin.wrong >= most_pin_tries;
            answer.pin_state = last ? "locked" : "incorrect";
            if (!last) answer.attempts_left = most_pin_tries - pin.wrong;
        }
        wake_businesses(businesses, woken);
        txn.commit();
    }
    wake(woken);
}

void SyncEnd::take_back(const PinTry& pin) {
    sql::Txn txn{books_.db()};
    books_.db().run(
        "UPDATE pass_secret SET wrong_pins = wrong_pins - 1 WHERE pass = ? AND wrong_pins > 0",
        pin.pass.text);
    txn.commit();
}

Result<wire::IssueAnswer> SyncEnd::issue(const Identity& who, const wire::IssueAsk& ask) {
    Wake woken;
    std::optional<wire::IssueAnswer> answer;
    {
        sql::Txn txn{books_.db()};
        const Result<HolderRow> row = known(who);
        if (!row) return row.error();
        seen(row->h);
        const std::string ref = "issue:" + row->h.text + ":" + ask.id;
        if (auto before = issued_before(ref)) return std::move(*before);
        const std::optional<Plan> plan = books_.plan(ask.plan);
        const bool sells = plan && plan->business == row->business && !plan->printed &&
                           plan->state == PlanState::active;
        if (!sells) {
            return Fault{"plan_unknown",
                         "no electronic plan of this business has the id " + ask.plan.text};
        }
        if (ask.contact && !contact(books_, *ask.contact)) {
            return Fault{"contact_unknown", "there is no contact " + ask.contact->text};
        }
        const IssueOrder order{.plan = ask.plan,
                               .value = ask.amount,
                               .venue = row->venue,
                               .contact = ask.contact,
                               .source = "issue",
                               .from_account = "tender:" + ask.tender + ":" + row->venue.text};
        Result<IssuedPass> issued = issue_pass(books_, keys_, order, clock_.now(), random_);
        if (!issued) return issued.error();
        books_.db().run(
            "INSERT INTO operation (ref, kind, h, seq, purchase, booked) VALUES (?, 'issue', ?, 0, "
            "?, 0)",
            ref, row->h.text, issued->id.text);
        answers().settle({pass_subject(issued->id)}, woken);
        wake_businesses({row->business.text}, woken);
        answer = wire::IssueAnswer{issued->id, std::move(issued->code), std::move(issued->pin),
                                   issued->value, issued->redeem_by};
        txn.commit();
    }
    wake(woken);
    return std::move(*answer);
}

// The answer was lost on its way: the same pass again, with what is still readable of it.
std::optional<wire::IssueAnswer> SyncEnd::issued_before(const std::string& ref) {
    const auto id = books_.db().value<std::string>(
        "SELECT purchase FROM operation WHERE ref = ? AND kind = 'issue'", ref);
    if (!id) return std::nullopt;
    const PassId pass{*id};
    const std::optional<journal::Map> body = books_.fact("pass", *id);
    const std::optional<Pass> fact = body ? pass_from(*body) : std::nullopt;
    const std::optional<Plan> plan = fact ? books_.plan(fact->plan) : std::nullopt;
    const auto code_sealed =
        books_.db().value<Bytes>("SELECT code_sealed FROM pass_secret WHERE pass = ?", *id);
    if (!plan || !code_sealed) return std::nullopt;
    Result<Secret> code = unseal_code(keys_, pass, *code_sealed);
    if (!code) return std::nullopt;
    wire::IssueAnswer answer{pass, std::move(*code), std::nullopt, {fact->value, plan->currency},
                             fact->redeem_by};
    const auto pin_sealed =
        books_.db().value<Bytes>("SELECT pin_sealed FROM pass_secret WHERE pass = ?", *id);
    if (pin_sealed) {
        if (Result<Secret> pin = unseal_pin(keys_, pass, *pin_sealed)) answer.pin = std::move(*pin);
    }
    return answer;
}

}  // namespace obol::ledger
