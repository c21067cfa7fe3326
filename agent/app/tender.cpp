#include "agent/app/tender.hpp"

#include <algorithm>

#include "agent/app/throttle.hpp"
#include "agent/app/words.hpp"

namespace obol::agent {
namespace {

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

// The throttle comes before any look-up, so a terminal that is throttled finds nothing here.
std::optional<Offer> offer_by_code(Context& context, const Caller& caller, const std::string& raw) {
    const Result<std::string> code = normalise_code(raw);
    if (!code || context.throttle.retry_after_s(caller.terminal.text) > 0) return std::nullopt;
    return context.store.facts().offer_by_code(*code);
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
        if (std::optional<Offer> offer = offer_by_code(context, caller, code)) {
            tender.claims.push_back({offer->id, std::nullopt});
            continue;
        }
        const std::optional<Secret> no_pin;
        Presented presented = co_await present_code(context, caller, code, no_pin, PinUse::ignore);
        tender.refused = refused(presented, caller);
        if (tender.refused) co_return tender;
        const OfferId offer = presented.pass->plan.offer.value_or(OfferId{});
        tender.claims.push_back({offer, std::move(presented.pass)});
    }
    co_return tender;
}

}  // namespace obol::agent
