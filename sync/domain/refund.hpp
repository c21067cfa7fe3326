#pragma once
// Refunds go back to what paid, from the stored allocation, last paid first, never more than was paid.

#include <optional>
#include <vector>

#include "sync/domain/purchase.hpp"

namespace obol {

struct RefundLine {
    LineId line;
    Amount amount{};  // goods value, > 0
    bool operator==(const RefundLine&) const = default;
};

struct RefundRequest {  // exactly one is set; neither: everything that is left (void)
    std::vector<RefundLine> lines{};
    std::optional<Amount> amount{};
    bool operator==(const RefundRequest&) const = default;
};

struct RefundDecision;

struct RefundFacts {
    Basket basket;
    std::vector<PaidFrom> paid{};             // the purchase's allocations
    std::vector<RefundDecision> before{};     // its earlier refunds, in order
    bool voided = false;
    bool operator==(const RefundFacts&) const;
};

struct RefundDecision {
    bool accepted = true;
    std::vector<Reason> reasons{};
    Amount refunded{};                     // back to the wallet
    Amount due_back{};                     // the rest of the goods value, by the other tender
    std::vector<RefundLine> goods{};       // goods value taken back per line
    std::vector<PaidFrom> allocations{};   // to where the wallet's part goes, last paid first
    bool operator==(const RefundDecision&) const = default;
};

RefundDecision decide_refund(const RefundFacts& facts, const RefundRequest& request);

struct Refundable {
    LineId line;
    Amount amount{};  // goods value that may still come back
    bool operator==(const Refundable&) const = default;
};
std::vector<Refundable> refundable_lines(const RefundFacts& facts);

// A lot that expired meanwhile comes back with a grace period: its new end of validity.
Span revived(const Span& valid, Instant now, Period grace, const Zone& business_zone);

}  // namespace obol
