#pragma once
// Money goes back to what paid, from the stored allocation. The right to refund is authority, too, born
// at the buying device: whoever does not hold it refunds nothing.

#include <optional>

#include "agent/app/present.hpp"
#include "sync/domain/refund.hpp"

namespace obol::agent {

struct RefundOrder {
    RefundRequest request{};
    // Needed where the purchase was paid from a nameless wallet that asks for a PIN: whoever brings the
    // goods back must open the wallet that the money goes to.
    std::optional<WalletRef> wallet{};
};
// {"lines": [{"line", "amount"}]} or {"amount"}, and "wallet"?
RefundOrder read_refund_order(const wire::Json& body, wire::JsonFaults& faults);

awaitable<Answer> refund(Context& context, Caller caller, Idempotency once, PurchaseId purchase,
                         RefundOrder order);

}  // namespace obol::agent
