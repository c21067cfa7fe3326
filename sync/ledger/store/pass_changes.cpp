#include "sync/ledger/store/pass_changes.hpp"

#include "sync/core/ensure.hpp"

namespace obol::ledger {

using journal::Value;

namespace {

class PassChange {
public:
    PassChange(Books& books, Pass pass, Plan plan, std::string source, Instant now)
        : books_(books), pass_(std::move(pass)), plan_(std::move(plan)), source_(std::move(source)),
          now_(now) {}

    Result<void> set_state(PassState to) {
        if (to == pass_.state) return {};
        const bool was_draft = pass_.state == PassState::draft;
        if (to == PassState::cancelled) {
            if (!was_draft && pass_.state != PassState::active) return refused("only a draft or an active pass can be cancelled");
            const auto taken = was_draft ? move(draft_subject(pass_.id), Amount{-1}, Currency::none())
                               : plan_.type == PassType::promotion
                                   ? move(pass_subject(pass_.id), Amount{-1}, Currency::none())
                                   : move(pass_subject(pass_.id), -pass_.value, plan_.currency);
            if (!taken) return taken.error();
        } else if (to == PassState::blocked ? pass_.state != PassState::active
                                            : pass_.state != PassState::blocked) {
            return refused("blocked and active turn into each other alone");
        }
        pass_.state = to;
        return {};
    }

    Result<void> set_value(Amount value) {
        if (pass_.state != PassState::active) return refused("only an active pass can get another value");
        if (value < plan_.value_min) return Fault{"below_minimum", "less than the plan allows"};
        if (value > plan_.value_max) return Fault{"above_maximum", "more than the plan allows"};
        // A pass is held whole or not at all, so it can only grow or shrink where it is whole.
        if (books_.held_total(pass_subject(pass_.id)) != Amount{}) return elsewhere();
        const auto moved = move(pass_subject(pass_.id), value - pass_.value, plan_.currency);
        if (!moved) return moved.error();
        pass_.value = value;
        return {};
    }

    Pass& pass() { return pass_; }
    const Plan& plan() const { return plan_; }

private:
    Result<void> move(const Subject& subject, Amount amount, Currency currency) {
        if (amount == Amount{}) return {};
        const std::vector<journal::Posting> postings{
            {subject, amount, currency}, {"issue:" + plan_.business.text, -amount, currency}};
        const auto moved = books_.transfer(now_, source_, "pass " + pass_.id.text, postings);
        if (moved) return {};
        return moved.error().code == "insufficient_centre" ? elsewhere() : moved.error();
    }

    static Fault elsewhere() {
        return {"authority_elsewhere", "a venue holds this pass; it has to give it back first"};
    }

    // The pass's own state is the code, as everywhere.
    Fault refused(std::string detail) const {
        if (pass_.state == PassState::active) return {"pass_already_active", std::move(detail)};
        return {"pass_" + std::string(name_of(pass_.state)), std::move(detail)};
    }

    Books& books_;
    Pass pass_;
    Plan plan_;
    std::string source_;
    Instant now_;
};

// The wallet that the pass opened goes on asking for its PIN, so it follows.
void follow_in_wallet(Books& books, const PassId& id, const PassSecrets& secrets) {
    const auto wallet = books.db().value<std::string>("SELECT wallet FROM opened_wallet WHERE pass = ?", id.text);
    auto body = wallet ? books.fact("wallet", *wallet) : std::nullopt;
    if (!body) return;
    const auto business =
        books.db().value<std::string>("SELECT business FROM fact WHERE kind = 'wallet' AND id = ?", *wallet);
    (*body)["pin_locked"] = secrets.pin_locked;
    if (body->contains("pin_verifier")) (*body)["pin_verifier"] = secrets.pin_verifier;
    books.put_fact("wallet", *wallet, BusinessId{*business}, *body);
}

Result<PassSecrets> change_secrets(Books& books, const SecretKeys& keys, const PassId& id, const PassPatch& patch,
                                   std::string_view code, Random& random) {
    auto found = secrets_of(books, id);
    ENSURE(found);
    PassSecrets secrets = std::move(*found);
    if ((patch.pin || patch.pin_locked) && secrets.pin_verifier.empty()) {
        return Fault{"pin_not_used", "passes of this plan have no PIN"};
    }
    if (patch.pin) {
        secrets.pin_verifier = crypto::make_pin_verifier(patch.pin->reveal(), code, random);
        books.db().run("UPDATE pass_secret SET pin_sealed = ?, pin_verifier = ? WHERE pass = ?",
                       seal_pin(keys, id, *patch.pin, random), secrets.pin_verifier, id.text);
    }
    if (patch.pin_locked) secrets.pin_locked = *patch.pin_locked;
    if (patch.pin_locked && !secrets.pin_locked) secrets.wrong_pins = 0;
    books.db().run("UPDATE pass_secret SET pin_locked = ?, wrong_pins = ? WHERE pass = ?", secrets.pin_locked,
                   secrets.wrong_pins, id.text);
    for (const auto& [key, text] : patch.fields) {
        if (text) secrets.fields.insert_or_assign(key, *text);
        if (!text) secrets.fields.erase(key);
    }
    if (!patch.fields.empty()) set_fields(books, id, secrets.fields);
    return secrets;
}

}  // namespace

Result<void> change_pass(Books& books, const SecretKeys& keys, const PassId& id, const PassPatch& patch,
                         const std::string& source, Instant now, Random& random) {
    const auto document = books.fact("pass", id.text);
    if (!document) return Fault{"pass_unknown", "there is no such pass"};
    auto pass = pass_from(*document);
    ENSURE(pass);
    auto plan = books.plan(pass->plan);
    ENSURE(plan);
    const auto code = code_of(books, keys, id);
    if (!code) return code.error();

    PassChange change{books, *pass, *plan, source, now};
    if (patch.value) {
        if (auto done = change.set_value(*patch.value); !done) return done.error();
    }
    if (patch.state) {
        if (auto done = change.set_state(*patch.state); !done) return done.error();
    }
    if (patch.redeem_by) change.pass().redeem_by = patch.redeem_by;
    const auto secrets = change_secrets(books, keys, id, patch, code->reveal(), random);
    if (!secrets) return secrets.error();
    books.put_fact("pass", id.text, plan->business,
                   pass_document(change.pass(), change.plan(), code->reveal(), *secrets));
    if (patch.pin || patch.pin_locked) follow_in_wallet(books, id, *secrets);
    return {};
}

}  // namespace obol::ledger
