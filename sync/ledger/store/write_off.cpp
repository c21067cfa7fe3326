#include "sync/ledger/store/write_off.hpp"

#include <map>

#include "sync/ledger/store/holders.hpp"
#include "sync/ledger/store/positions.hpp"

namespace obol::ledger {

using wire::HolderStatus;

namespace {

Fault unknown() { return {"device_unknown", "there is no such device"}; }
Fault already_written_off() { return {"already_written_off", "the device was written off before"}; }

}  // namespace

Result<std::vector<Money>> write_off_device(Books& books, const DeviceId& device, std::string_view why,
                                            Instant now, Random& random) {
    sql::Db& db = books.db();
    const auto row = holder(db, device.text);
    if (!row) return unknown();
    if (row->status == HolderStatus::written_off) return already_written_off();
    if (era(db).recovery) {
        // B5: the books do not know yet what the device drew since the backup.
        return Fault{"in_recovery", "nothing can be written off until recovery ends"};
    }
    std::map<Currency, Amount> sums;
    for (const Subject& subject : subjects_held_by(db, device)) {
        const book::Position before = position(db, device, subject);
        apply(books, device, book::write_off(subject, before));
        sums[before.currency] += before.held;
    }
    set_status(db, device, HolderStatus::written_off);

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
    if (row->status == HolderStatus::revoked) {
        return Fault{"already_revoked", "the device was revoked before"};
    }
    if (row->status == HolderStatus::written_off) return already_written_off();
    set_status(books.db(), device, HolderStatus::revoked);
    return {};
}

}  // namespace obol::ledger
