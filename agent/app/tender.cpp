#include "agent/app/tender.hpp"

#include <algorithm>

#include "agent/app/words.hpp"

namespace obol::agent {
namespace {

// No offer is in force anywhere yet, so a sound promotion pass meets none; whatever else stands against
// it is told as well.
std::vector<Reason> judge_promotion(const PassRow& row, const Here& here, Instant now) {
    if (row.plan.type != PassType::promotion) return {because(Code::not_a_promotion)};
    std::vector<Reason> reasons = judge_state(row.pass, row.plan, here.business, now);
    std::erase_if(reasons, [](const Reason& r) { return r.code == Code::promotion_needs_purchase; });
    Reason none = because(Code::offer_not_met);
    none.detail = "No offer is in force at this business.";
    reasons.push_back(std::move(none));
    return reasons;
}

void append(std::vector<Reason>& to, std::vector<Reason> more) {
    to.insert(to.end(), std::make_move_iterator(more.begin()), std::make_move_iterator(more.end()));
}

// A phone number or an e-mail address is known to others than the holder, and an id is found by them.
bool proves_holder(WalletRef::By by) {
    return by == WalletRef::By::card || by == WalletRef::By::pass_code || by == WalletRef::By::fresh;
}

std::optional<Answer> want_card(Context& context, const Caller& caller, WalletRef::By by) {
    const std::optional<Business> business = context.store.facts().business(context.here.business);
    if (!business || business->wallet_proof != "card" || proves_holder(by)) return std::nullopt;
    Reason reason = because(Code::wallet_required);
    reason.detail = "Spending takes the holder's card here: scan it, or the pass that opened the wallet.";
    return refusal({std::move(reason)}, caller.language);
}

}  // namespace

awaitable<Tender> present_tender(Context& context, Caller caller, const PurchaseOrder& order) {
    Tender tender;
    tender.refused = want_card(context, caller, order.wallet.by);
    if (tender.refused) co_return tender;
    FoundWallet found = co_await find_wallet(context, caller, order.wallet);
    tender.refused = refused(found, caller);
    if (tender.refused) co_return tender;
    tender.wallet = std::move(found.row);

    for (const CodeAndPin& pass : order.passes) {
        Presented presented = co_await present_code(context, caller, pass.code, pass.pin, PinUse::ask);
        tender.refused = refused(presented, caller);
        if (tender.refused) co_return tender;
        tender.passes.push_back(std::move(*presented.pass));
    }
    for (const std::string& code : order.promotion_codes) {
        const std::optional<Secret> no_pin;
        Presented presented = co_await present_code(context, caller, code, no_pin, PinUse::ignore);
        tender.refused = refused(presented, caller);
        if (tender.refused) co_return tender;
        append(tender.promotions, judge_promotion(*presented.pass, context.here, context.wall.now()));
    }
    co_return tender;
}

}  // namespace obol::agent
