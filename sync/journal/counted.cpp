#include "sync/journal/counted.hpp"

#include "sync/core/overloaded.hpp"
#include "sync/journal/fields.hpp"

namespace obol::journal {
namespace {

// Days of four-digit years alone have a name that sorts by time.
bool has_day(Instant at) {
    constexpr Instant first = std::chrono::sys_days{std::chrono::year{1970} / 1 / 2};
    constexpr Instant end = std::chrono::sys_days{std::chrono::year{9999} / 1 / 1};
    return at >= first && at < end;
}

Amount sum_of(const std::vector<PaidFrom>& paid) {
    Amount sum;
    for (const PaidFrom& part : paid) sum += part.amount;
    return sum;
}

Counted credited(const Credit& credit, LimitKind kind, Instant at) {
    return {credit.wallet, credit.business, kind, at, 1, credit.money};
}

std::optional<Counted> spent(const Purchase& x) {
    const Amount amount = sum_of(x.decision.allocations);
    if (amount == Amount{}) return std::nullopt;
    return Counted{x.wallet, x.facts.place.business,           LimitKind::debit, x.facts.now,
                   1,        {amount, x.facts.basket.currency}};
}

}  // namespace

std::optional<Counted> counted(
    const Record& record, Instant wall,
    const std::function<std::optional<Purchase>(const PurchaseId&)>& purchase) {
    const auto found =
        std::visit(overloaded{
                       [](const Purchase& x) { return spent(x); },
                       [&](const PassRedeemed& x) -> std::optional<Counted> {
                           return credited(x.credit, LimitKind::credit, wall);
                       },
                       [&](const TopUp& x) -> std::optional<Counted> {
                           return credited(x.credit, LimitKind::top_up, wall);
                       },
                       [&](const Refund& x) -> std::optional<Counted> {
                           const auto undone = x.is_void ? purchase(x.purchase) : std::nullopt;
                           std::optional<Counted> out = undone ? spent(*undone) : std::nullopt;
                           if (!out) return std::nullopt;
                           out->count = -1;
                           out->money.amount = -out->money.amount;
                           return out;
                       },
                       [](const auto&) -> std::optional<Counted> { return std::nullopt; },
                   },
                   record);
    if (!found || !has_day(found->at)) return std::nullopt;
    return found;
}

template <class Io>
void members(Io& io, Ref<Io, Tally> x) {
    io("kind", x.kind);
    io.sparse("day", x.day);
    io("count", x.count);
    io("amount", x.amount);
}

template <class Io>
void members(Io& io, Ref<Io, Tallies> x) {
    io("wallet", x.wallet);
    io("business", x.business);
    io.sparse("tallies", x.tallies);
}

std::string tallies_id(const WalletId& wallet, const BusinessId& business) {
    return wallet.text + ":" + business.text;
}
Map to_map(const Tallies& tallies) { return write_map(tallies); }
Result<Tallies> tallies_from(const Map& body) { return read_map<Tallies>(body, false); }

}  // namespace obol::journal
