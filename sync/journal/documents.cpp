#include "sync/journal/documents.hpp"
#include "sync/journal/documents_allowance.hpp"

#include "sync/journal/documents_limit.hpp"

namespace obol::journal {
namespace {

// Only ever adds amounts above zero, so one sum that fits means that every part of it does.
class Sum {
public:
    void add(Amount amount) { fits_ = fits_ && !__builtin_add_overflow(sum_, amount.minor, &sum_); }
    bool fits() const { return fits_; }

private:
    std::int64_t sum_ = 0;
    bool fits_ = true;
};

void add(const std::vector<PaidFrom>& paid, Sum& amounts, Sum& shares) {
    for (const PaidFrom& part : paid) {
        amounts.add(part.amount);
        for (const LineShare& share : part.lines) shares.add(share.amount);
    }
}

template <class T>
Result<T> from_value(const Value& value) {
    const Map* map = value.map();
    if (!map) return Fault{"malformed_record", "not a map"};
    return read_map<T>(*map, false);
}

}  // namespace

bool sums_fit(const std::vector<PaidFrom>& paid) {
    Sum amounts, shares;
    add(paid, amounts, shares);
    return amounts.fits() && shares.fits();
}

bool sums_fit(const std::vector<RefundDecision>& refunds) {
    Sum amounts, shares, goods, undone;
    for (const RefundDecision& refund : refunds) {
        add(refund.allocations, amounts, shares);
        for (const RefundLine& line : refund.goods) goods.add(line.amount);
        for (const AwardUndone& award : refund.undone) {
            for (const Amount part : {award.from_lot, award.from_business, award.owed}) {
                undone.add(part);
            }
        }
    }
    return amounts.fits() && shares.fits() && goods.fits() && undone.fits();
}

Value to_value(const Pool& pool) { return Writer::doc(pool); }
Value to_value(const Offer& offer) { return Writer::doc(offer); }
Value to_value(const Plan& plan) { return Writer::doc(plan); }
Value to_value(const Lot& lot) { return Writer::doc(lot); }
Value to_value(const Wallet& wallet) { return Writer::doc(wallet); }
Value to_value(const Basket& basket) { return Writer::doc(basket); }
Value to_value(const PurchaseDecision& decision) { return Writer::doc(decision); }
Value to_value(const Limit& limit) { return Writer::doc(limit); }
Value to_value(const Allowance& allowance) { return Writer::doc(allowance); }

Result<Pool> pool_from(const Value& value) { return from_value<Pool>(value); }
Result<Offer> offer_from(const Value& value) { return from_value<Offer>(value); }
Result<Plan> plan_from(const Value& value) { return from_value<Plan>(value); }
Result<Lot> lot_from(const Value& value) { return from_value<Lot>(value); }
Result<Wallet> wallet_from(const Value& value) { return from_value<Wallet>(value); }
Result<Basket> basket_from(const Value& value) { return from_value<Basket>(value); }
Result<Limit> limit_from(const Value& value) { return from_value<Limit>(value); }
Result<Allowance> allowance_from(const Value& value) { return from_value<Allowance>(value); }

}  // namespace obol::journal
