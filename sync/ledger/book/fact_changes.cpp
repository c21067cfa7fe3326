#include "sync/ledger/book/fact_changes.hpp"

#include <utility>

#include "sync/core/overloaded.hpp"
#include "sync/domain/subject.hpp"

namespace obol::ledger::book {

using journal::Map;
using journal::Value;

namespace {

const Value* member(const Map& body, std::string_view key) {
    const auto at = body.find(key);
    return at == body.end() ? nullptr : &at->second;
}

std::string text_of(const Map& body, std::string_view key) {
    const Value* value = member(body, key);
    const std::string* text = value ? value->text() : nullptr;
    return text ? *text : std::string{};
}

bool is_true(const Map& body, std::string_view key) {
    const Value* value = member(body, key);
    return value && value->boolean() && *value->boolean();
}

std::string after_colon(std::string_view subject, char colon = ':') {
    const auto at = subject.find(colon);
    return std::string(at == std::string_view::npos ? "" : subject.substr(at + 1));
}

class Facts {
public:
    Facts(const Holder& holder, const journal::Entry& entry, const FactView& fact)
        : holder_(holder), entry_(entry), fact_(fact) {}

    void operator()(const journal::WalletOpened& it) {
        if (fact_("wallet", it.wallet.id.text)) {
            mismatch("wallet.id", "wallet " + it.wallet.id.text + " exists already");
            return;
        }
        Map body = map_of(journal::to_value(it.wallet));
        body["pin_locked"] = false;
        if (it.wallet.opened_by) identify_by_pass(body, *it.wallet.opened_by);
        put("wallet", it.wallet.id.text, holder_.business, std::move(body));
    }

    void operator()(const journal::PassActivated& it) {
        check_venue(it.venue);
        std::optional<Map> pass = pass_in(it.pass, it.plan, {PassState::draft});
        if (!pass) return;
        (*pass)["state"] = name_of(PassState::active);
        (*pass)["value"] = it.value.amount.minor;
        (*pass)["redeem_by"] = it.redeem_by ? Value{to_millis(*it.redeem_by)} : Value{};
        put_pass(it.pass, it.plan, std::move(*pass));
    }

    void operator()(const journal::ActivationVoided& it) {
        check_venue(it.venue);
        std::optional<Map> pass = fact_("pass", it.pass.text);
        if (!pass) return unknown_pass(it.pass);
        pass = pass_in(it.pass, PlanId{text_of(*pass, "plan")},
                       {PassState::active, PassState::blocked});
        if (!pass) return;
        check_value(*pass, it);
        const PlanId plan{text_of(*pass, "plan")};
        (*pass)["state"] = name_of(PassState::draft);
        (*pass)["redeem_by"] = Value{};
        put_pass(it.pass, plan, std::move(*pass));
    }

    void operator()(const journal::PassRedeemed& it) {
        check_venue(it.venue);
        if (std::optional<Map> pass = pass_in(it.pass, it.plan, {PassState::active})) {
            check_value(*pass, it);
            (*pass)["state"] = name_of(PassState::redeemed);
            (*pass)["redeemed_at"] = to_millis(entry_.wall);
            (*pass)["redeemed_venue"] = holder_.venue.text;
            put_pass(it.pass, it.plan, std::move(*pass));
        }
        credit(it.credit);
    }

    void operator()(const journal::TopUp& it) {
        check_venue(it.venue);
        credit(it.credit);
    }

    void operator()(const journal::Purchase& it) {
        check_venue(it.facts.place.venue);
        if (it.facts.place.business != holder_.business) {
            mismatch("facts.place.business", "not the business of this venue");
        }
        for (const LotFacts& lot : it.facts.lots) check_lot(lot.lot, it.wallet);
        for (const Award& award : it.decision.awards) awarded(award, it.wallet);
        out.operation = Operation{it.id.text, "purchase"};
    }

    void operator()(const journal::Refund& it) {
        check_venue(it.venue);
        for (const Lot& lot : it.revived) revive(lot);
        for (const AwardUndone& undone : it.decision.undone) {
            if (!undone.pass.empty()) unuse(undone.pass);
        }
        out.operation = Operation{it.id, it.is_void ? "void" : "refund", it.purchase.text};
    }

    void operator()(const journal::PassIssued& it) {
        check_venue(it.venue);
        if (!fact_("pass", it.pass.text)) unknown_pass(it.pass);
    }

    void operator()(const journal::IssueVoided& it) {
        check_venue(it.venue);
        std::optional<Map> pass = fact_("pass", it.pass.text);
        if (!pass) return unknown_pass(it.pass);
        const PlanId plan{text_of(*pass, "plan")};
        pass = pass_in(it.pass, plan, {PassState::active, PassState::blocked});
        if (!pass) return;
        check_value(*pass, it);
        (*pass)["state"] = name_of(PassState::cancelled);
        put_pass(it.pass, plan, std::move(*pass));
    }

    void operator()(const journal::PinLocked& it) { out.pins.push_back({.pass = it.pass, .locked = true}); }
    void operator()(const journal::PinUnlocked& it) { out.pins.push_back({.pass = it.pass, .locked = false}); }
    void operator()(const journal::PinTried& it) { out.pins.push_back({.pass = it.pass, .wrong = it.wrong}); }

    void operator()(const auto&) {}

    FactEffects out{};

private:
    static Map map_of(const Value& value) { return value.map() ? *value.map() : Map{}; }

    void doubt(std::string code, std::string detail) {
        out.doubts.push_back({std::move(code), std::move(detail), std::nullopt});
    }
    void mismatch(std::string_view where, std::string detail) {
        doubt("replay_mismatch", std::string(where) + ": " + std::move(detail));
    }
    void unknown_pass(const PassId& pass) {
        doubt("unknown_pass_state", "pass " + pass.text + " is not known here");
    }

    // The certificate says which venue this is; what the body says is only compared.
    void check_venue(const VenueId& venue) {
        if (venue != holder_.venue) mismatch("venue", "the certificate says " + holder_.venue.text);
    }

    // A pass is used, or its sale taken back, as a whole: what is left over would belong to nobody.
    void check_value(const Map& pass, const auto& record) {
        const Value* value = member(pass, "value");
        if (!value || !value->integer() || *value->integer() != record.value.amount.minor) {
            mismatch("value", "pass " + record.pass.text + " has another value here");
        }
    }

    void put(std::string kind, std::string id, BusinessId business, Map body) {
        out.facts.push_back({std::move(kind), std::move(id), std::move(business), std::move(body)});
    }

    BusinessId business_of_plan(const PlanId& plan) {
        const std::optional<Map> body = fact_("plan", plan.text);
        return body ? BusinessId{text_of(*body, "business")} : holder_.business;
    }

    void put_pass(const PassId& pass, const PlanId& plan, Map body) {
        put("pass", pass.text, business_of_plan(plan), std::move(body));
    }

    // The pass, if it is in a state that the event may follow. Else the event stands, the fact
    // stays and somebody has to look.
    std::optional<Map> pass_in(const PassId& pass, const PlanId& plan,
                               std::initializer_list<PassState> states) {
        std::optional<Map> body = fact_("pass", pass.text);
        if (!body) {
            unknown_pass(pass);
            return std::nullopt;
        }
        if (text_of(*body, "plan") != plan.text) {
            mismatch("plan", "pass " + pass.text + " is of plan " + text_of(*body, "plan"));
        }
        const std::string state = text_of(*body, "state");
        for (const PassState allowed : states) {
            if (state == name_of(allowed)) return body;
        }
        doubt("unknown_pass_state", "pass " + pass.text + " is " + state + " here");
        return std::nullopt;
    }

    // From now on the pass's code and PIN are the wallet's: other venues find it by them.
    void identify_by_pass(Map& wallet, const PassId& opener) {
        const std::optional<Map> pass = fact_("pass", opener.text);
        if (!pass) return unknown_pass(opener);
        if (const Value* digest = member(*pass, "digest")) wallet["code_digest"] = *digest;
        if (const Value* verifier = member(*pass, "pin_verifier"))
            wallet["pin_verifier"] = *verifier;
        wallet["pin_locked"] = is_true(*pass, "pin_locked");
    }

    void credit(const journal::Credit& credit) {
        if (!credit.lot) return;
        const Lot& lot = *credit.lot;
        if (lot.wallet != credit.wallet) mismatch("credit.lot", "the lot is another wallet's");
        if (fact_("lot", lot.id.text)) {
            mismatch("credit.lot", "lot " + lot.id.text + " exists already");
            return;
        }
        put("lot", lot.id.text, lot.business, map_of(journal::to_value(lot)));
    }

    void awarded(const Award& award, const WalletId& wallet) {
        if (award.lot.wallet != wallet) mismatch("awards.lot", "the lot is another wallet's");
        if (fact_("lot", award.lot.id.text)) {
            mismatch("awards.lot", "lot " + award.lot.id.text + " exists already");
        } else {
            put("lot", award.lot.id.text, award.lot.business,
                map_of(journal::to_value(award.lot)));
        }
        if (!award.pass.empty()) use(award);
    }

    PlanId plan_of(const PassId& pass) {
        const std::optional<Map> body = fact_("pass", pass.text);
        return body ? PlanId{text_of(*body, "plan")} : PlanId{};
    }

    void use(const Award& award) {
        const PlanId plan = plan_of(award.pass);
        const std::optional<Map> rules = fact_("plan", plan.text);
        if (rules && text_of(*rules, "offer") != award.offer.text) {
            mismatch("awards.pass", "pass " + award.pass.text + " is not for this offer");
        }
        std::optional<Map> pass = pass_in(award.pass, plan, {PassState::active});
        if (!pass) return;
        (*pass)["state"] = name_of(PassState::redeemed);
        (*pass)["redeemed_at"] = to_millis(entry_.wall);
        (*pass)["redeemed_venue"] = holder_.venue.text;
        put_pass(award.pass, plan, std::move(*pass));
    }

    void unuse(const PassId& id) {
        const PlanId plan = plan_of(id);
        std::optional<Map> pass = pass_in(id, plan, {PassState::redeemed});
        if (!pass) return;
        (*pass)["state"] = name_of(PassState::active);
        pass->erase("redeemed_at");
        pass->erase("redeemed_venue");
        put_pass(id, plan, std::move(*pass));
    }

    std::optional<Lot> known_lot(const LotId& id) {
        const std::optional<Map> body = fact_("lot", id.text);
        if (!body) return std::nullopt;
        Result<Lot> lot = journal::lot_from(Value{*body});
        if (!lot) return std::nullopt;
        return *lot;
    }

    // What the venue judged a lot by. The end may have moved out since (a refund elsewhere), never
    // in.
    void check_lot(const Lot& seen, const WalletId& wallet) {
        const std::optional<Lot> known = known_lot(seen.id);
        if (!known) return mismatch("facts.lots", "lot " + seen.id.text + " is not known here");
        Lot same = seen;
        same.valid.until = known->valid.until;
        if (same != *known || seen.wallet != wallet) {
            return mismatch("facts.lots", "lot " + seen.id.text + " differs from the ledger's");
        }
        const bool longer =
            known->valid.until && (!seen.valid.until || *seen.valid.until > *known->valid.until);
        if (longer) mismatch("facts.lots", "lot " + seen.id.text + " was taken for valid longer");
    }

    void revive(const Lot& lot) {
        std::optional<Lot> known = known_lot(lot.id);
        if (!known) return mismatch("revived", "lot " + lot.id.text + " is not known here");
        Lot same = lot;
        same.valid.until = known->valid.until;
        if (same != *known)
            return mismatch("revived", "lot " + lot.id.text + " differs from the ledger's");
        const bool later =
            known->valid.until && (!lot.valid.until || *lot.valid.until > *known->valid.until);
        if (later) put("lot", lot.id.text, lot.business, map_of(journal::to_value(lot)));
    }

    const Holder& holder_;
    const journal::Entry& entry_;
    const FactView& fact_;
};

Origin origin_of_wallet(const std::string& wallet, const Holder& holder, const FactView& fact) {
    const std::optional<Map> body = fact("wallet", wallet);
    const bool named = body && member(*body, "contact") && member(*body, "contact")->text();
    // A named wallet without a home is placed at the centre; a nameless one by whoever opened it.
    if (named) return {{}, VenueId{text_of(*body, "home")}};
    const std::string home = body ? text_of(*body, "home") : std::string{};
    return {{}, home.empty() ? holder.venue : VenueId{home}};
}

}  // namespace

FactEffects fact_effects(const Holder& holder, const journal::Entry& entry,
                         const journal::Record& record, const FactView& fact) {
    Facts facts{holder, entry, fact};
    std::visit(facts, record);
    return std::move(facts.out);
}

Origin origin_of(const Subject& subject, const Holder& holder, const FactView& fact) {
    const std::string rest = after_colon(subject);
    if (subject.starts_with("lot:")) {
        const std::optional<Map> lot = fact("lot", rest);
        if (!lot) return {holder.business, holder.venue};
        Origin origin = origin_of_wallet(text_of(*lot, "wallet"), holder, fact);
        origin.business = BusinessId{text_of(*lot, "business")};
        return origin;
    }
    if (subject.starts_with("business:")) {
        Origin origin = origin_of_wallet(rest.substr(0, rest.find(':')), holder, fact);
        origin.business = BusinessId{after_colon(rest)};
        return origin;
    }
    if (subject.starts_with("personal:")) return origin_of_wallet(rest, holder, fact);
    if (subject.starts_with("pass:") || subject.starts_with("draft:")) {
        const std::optional<Map> pass = fact("pass", rest);
        const std::optional<Map> plan = pass ? fact("plan", text_of(*pass, "plan")) : std::nullopt;
        if (!plan) return {holder.business, holder.venue};
        const VenueId venue{text_of(*pass, "venue")};
        return {BusinessId{text_of(*plan, "business")}, venue.empty() ? holder.venue : venue};
    }
    if (subject.starts_with("offer:")) {
        const std::optional<Map> offer = fact("offer", rest);
        return {offer ? BusinessId{text_of(*offer, "business")} : holder.business, VenueId{}};
    }
    return {holder.business, holder.venue};
}

}  // namespace obol::ledger::book
