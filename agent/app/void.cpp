#include "agent/app/void.hpp"

#include "agent/app/give_back.hpp"
#include "agent/app/idempotent.hpp"
#include "agent/app/words.hpp"

namespace obol::agent {
namespace {

// A void undoes the whole and nothing but the whole, so it comes before any refund and before the day
// is counted.
std::vector<Reason> objections_to_void(Facts& facts, const Bought& bought, Instant now) {
    std::vector<Reason> reasons;
    if (bought.facts.voided) return reasons;  // already_voided says it all
    if (!bought.facts.before.empty()) {
        Reason reason = because(Code::already_refunded);
        reason.detail = "A part was refunded already; the rest can be refunded, not voided.";
        reasons.push_back(std::move(reason));
    }
    const std::optional<Business> business = facts.business(bought.purchase.facts.place.business);
    const Result<Zone> zone = Zone::find(business ? business->zone : "UTC");
    if (business && zone &&
        business_day(bought.purchase.facts.now, *business, *zone) != business_day(now, *business, *zone)) {
        Reason reason = because(Code::void_too_late);
        reason.detail = "The business day of the purchase is over; it can be refunded, not voided.";
        reasons.push_back(std::move(reason));
    }
    return reasons;
}

}  // namespace

awaitable<Answer> void_purchase(Context& context, Caller caller, Idempotency once, PurchaseId purchase) {
    std::variant<Once::Ticket, Answer> entered = context.once.enter(caller, once);
    if (const Answer* early = std::get_if<Answer>(&entered)) co_return *early;
    const Once::Ticket ticket = std::get<Once::Ticket>(std::move(entered));

    if (!context.store.facts().purchase(purchase)) {
        std::optional<Answer> not_brought = co_await bring_purchase(context, caller, purchase);
        if (not_brought) co_return co_await context.once.keep(ticket, *not_brought);
    }
    const Acquired acquired = co_await acquire_right(context, caller, purchase);
    const GiveBack what{RefundRequest{}, true};
    std::function<Answer(WriteTxn&)> job = [&context, &caller, &purchase, &what](WriteTxn& txn) {
        return give_back(txn, context, caller, purchase, what, objections_to_void);
    };
    co_return co_await context.once.commit(ticket, std::move(job), gives_back);
}

}  // namespace obol::agent
