#include "sync/ledger/store/write_off.hpp"

#include <algorithm>
#include <limits>
#include <map>

#include "sync/ledger/store/device_facts.hpp"
#include "sync/ledger/store/former_allowances.hpp"
#include "sync/ledger/store/holders.hpp"
#include "sync/ledger/store/positions.hpp"
#include "sync/ledger/store/recovery.hpp"

namespace obol::ledger {

using wire::HolderStatus;

namespace {

Fault unknown() { return {"device_unknown", "there is no such device"}; }
Fault already_written_off() { return {"already_written_off", "the device was written off before"}; }

std::string in_words(const std::vector<Money>& sums) {
    std::string out;
    for (const Money& sum : sums) {
        out += (out.empty() ? "" : " and ") + std::to_string(sum.amount.minor) + " " +
               std::string(sum.currency.code()) + " (minor units)";
    }
    return out.empty() ? "nothing" : out;
}

bool covers(const std::vector<Money>& accepted, const std::vector<Money>& ceiling) {
    return std::all_of(ceiling.begin(), ceiling.end(), [&](const Money& least) {
        return std::any_of(accepted.begin(), accepted.end(), [&](const Money& each) {
            return each.currency == least.currency && each.amount >= least.amount;
        });
    });
}

// B5: the books do not know yet what the device drew since the backup.
Result<void> accept_ceiling(Books& books, const HolderRow& row, const std::optional<std::vector<Money>>& accepted,
                            Instant now, Random& random) {
    sql::Db& db = books.db();
    if (later_ledger_seen(db)) {
        return Fault{"in_recovery", "a later ledger than this one was seen; restore this one before anything else"};
    }
    if (!is_awaited(db, row.h)) return {};
    const std::vector<Money> ceiling = ceiling_of(db, row);
    if (!accepted || !covers(*accepted, ceiling)) {
        return Fault{"in_recovery", "recovery waits for what " + row.name +
                                        " has to tell: it may have been given up to " + in_words(ceiling) +
                                        " that these books have forgotten, which others would be given again. To "
                                        "bear that, send it as accept_risk"};
    }
    for (const Money& sum : ceiling) {
        books.raise("written_off_in_recovery", row.name + ": what it drew of the forgotten may be spent twice",
                    "finance", row.h.text, std::nullopt, sum, now, random);
    }
    return {};
}

}  // namespace

Result<std::vector<Money>> write_off_device(Books& books, const DeviceId& device, std::string_view why,
                                            Instant now, Random& random,
                                            const std::optional<std::vector<Money>>& accepted) {
    sql::Db& db = books.db();
    const auto row = holder(db, device.text);
    if (!row) return unknown();
    if (row->status == HolderStatus::written_off) return already_written_off();
    if (era(db).recovery) {
        if (auto good = accept_ceiling(books, *row, accepted, now, random); !good) return good.error();
    }
    std::map<Currency, Amount> sums;
    for (const Subject& subject : subjects_held_by(db, device)) {
        const book::Position before = position(db, device, subject);
        apply(books, device, book::write_off(subject, before));
        sums[before.currency] += before.held;
    }
    const Amount at_risk = most_at_risk(books, *row);
    set_status(db, device, HolderStatus::written_off);
    tell_device(books, device);
    give_up(db, device);
    forget_former_allowances(db, device, std::numeric_limits<std::int64_t>::max());
    if (at_risk > Amount{}) {
        books.raise("written_off_allowance", row->name + ": what it spent at risk and never told", "finance",
                    device.text, std::nullopt, Money{at_risk, currency_of_business(books, row->business)}, now, random);
    }

    std::vector<Money> out;
    for (const auto& [currency, amount] : sums) {
        if (currency == Currency::none() || amount == Amount{}) continue;
        out.push_back({amount, currency});
        books.raise("written_off", row->name + ": " + std::string(why), "finance", device.text,
                    std::nullopt, Money{amount, currency}, now, random);
    }
    return out;
}

Result<void> revoke_device(Books& books, const DeviceId& device) {
    const auto row = holder(books.db(), device.text);
    if (!row) return unknown();
    if (row->revoked) return Fault{"already_revoked", "the device was revoked before"};
    set_revoked(books.db(), device);
    // One that was written off, or is in quarantine, stays that in the books.
    if (row->status == HolderStatus::active) set_status(books.db(), device, HolderStatus::revoked);
    tell_device(books, device);
    return {};
}

}  // namespace obol::ledger
