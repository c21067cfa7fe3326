#pragma once
// What refund and void share: find the purchase and the right to give it back, then commit what the
// rules decide.

#include <functional>
#include <optional>
#include <string>
#include <vector>

#include "agent/app/acquire.hpp"
#include "agent/app/context.hpp"
#include "sync/domain/refund.hpp"

namespace obol::agent {

// A purchase with all that was given back of it so far.
struct Bought {
    journal::Purchase purchase{};
    RefundFacts facts{};
};
std::optional<Bought> load_bought(Facts& facts, const PurchaseId& id);

// Sees to it that the purchase is known here with all that was given back of it, if need be from the
// centre: another venue's purchase, and an own one whose right was away. nullopt: it is; else why not.
awaitable<std::optional<Answer>> bring_purchase(Context& context, Caller caller, PurchaseId purchase);
// Is it told as it is? What others may give back meanwhile is not known without the right.
bool may_have_changed_elsewhere(Facts& facts, const PurchaseId& id);

// Why a purchase that this device did not make cannot be given back here: only the centre could hand
// over the right. link_required with the link down, else purchase_unknown.
Answer not_bought_here(const Context& context, const Caller& caller);

// Asks for the right to refund where it is not held, and for what the purchase was awarded; then for what
// others did with it. Returns when all are here or will not come in time; keep what it returns until the
// job has committed.
awaitable<Acquired> acquire_right(Context& context, Caller caller, PurchaseId purchase);

struct GiveBack {
    RefundRequest request{};
    bool is_void = false;
};
// Reasons of the kind itself (a void that comes too late …) beside those of decide_refund.
using Objections = std::function<std::vector<Reason>(Facts&, const Bought&, Instant now)>;

// In the writer: decides with what is true there, appends, words. 201, 403 above manager_above, or why not.
Answer give_back(WriteTxn& txn, const Context& context, const Caller& caller, const PurchaseId& id,
                 const GiveBack& what, const Objections& objections);

// The business day that an instant belongs to: it begins at the cut-off in the zone of the business.
LocalDate business_day(Instant at, const Business& business, const Zone& zone);

}  // namespace obol::agent
