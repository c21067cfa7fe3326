#include <array>

#include "sync/core/ensure.hpp"
#include "sync/ledger/store/registrar.hpp"
#include "sync/ledger/store/wallets.hpp"

namespace obol::ledger {

namespace {

// The same lot gets the same id in every import.
LotId lot_id_of(const WalletId& wallet, const BusinessId& business, std::size_t index) {
    const std::string text = wallet.text + "-" + business.text + "-" + std::to_string(index);
    if (is_id_form(text)) return LotId{text};
    const auto digest = crypto::sha256(as_bytes(text));
    return LotId{to_hex(ByteView(digest).first(16))};
}

// Whose venues see the wallet: its owner's; everybody's where several businesses have a pocket in it.
BusinessId scope_of(const WalletShape& wallet, const BusinessId& owner) {
    for (const PocketShape& pocket : wallet.pockets) {
        if (pocket.business != owner) return BusinessId{};
    }
    return owner;
}

}  // namespace

// The business of its home, else of its first pocket.
std::optional<BusinessId> Registrar::owner_of(const WalletShape& wallet) {
    if (!wallet.home.empty()) return business_of_venue(books_, wallet.home);
    if (!wallet.pockets.empty()) return wallet.pockets.front().business;
    const auto only = books_.db().value<std::string>(
        "SELECT min(id) FROM fact WHERE kind = 'business' AND gone = 0 HAVING count(*) = 1");
    if (!only) return std::nullopt;
    return BusinessId{*only};
}

bool Registrar::refers_well(const Placed<WalletShape>& placed) {
    const WalletShape& wallet = placed.shape;
    const std::size_t faults_before = faults_.size();
    if (wallet.contact && !contact(books_, *wallet.contact)) {
        refuse(placed.pointer, "contact", "there is no contact " + wallet.contact->text);
    }
    venue_known(wallet.home, placed.pointer, "home");
    for (std::size_t i = 0; i < wallet.pockets.size(); ++i) {
        const PocketShape& pocket = wallet.pockets[i];
        const std::string at = placed.pointer + "/pockets/" + std::to_string(i);
        business_known(pocket.business, at);
        for (std::size_t earlier = 0; earlier < i; ++earlier) {
            if (wallet.pockets[earlier].business == pocket.business) {
                refuse(at, "business", "the wallet has a pocket of this business already");
            }
        }
        for (std::size_t n = 0; n < pocket.lots.size(); ++n) {
            if (current_pool(books_, pocket.lots[n].pool)) continue;
            refuse(at + "/lots/" + std::to_string(n), "pool",
                   "there is no pool " + pocket.lots[n].pool.text);
        }
    }
    return faults_.size() == faults_before;
}

void Registrar::fund(const WalletShape& wallet, const BusinessId& owner) {
    std::vector<journal::Posting> postings;
    const auto credit = [&](const Subject& subject, const BusinessId& business, Amount amount) {
        books_.ensure_subject(subject, business, wallet.home, wallet.currency);
        if (amount == Amount{}) return;
        postings.push_back({"issue:" + business.text, -amount, wallet.currency});
        postings.push_back({subject, amount, wallet.currency});
    };
    if (wallet.personal > Amount{}) credit(personal_subject(wallet.id), owner, wallet.personal);
    for (const PocketShape& pocket : wallet.pockets) {
        credit(business_subject(wallet.id, pocket.business), pocket.business, pocket.open);
        const auto zone = ledger::zone_of(books_, pocket.business);
        ENSURE(zone);
        for (std::size_t i = 0; i < pocket.lots.size(); ++i) {
            const LotShape& given = pocket.lots[i];
            const auto conditions = current_pool(books_, given.pool);
            ENSURE(conditions);
            const Lot lot{.id = lot_id_of(wallet.id, pocket.business, i),
                          .wallet = wallet.id,
                          .business = pocket.business,
                          .pool = given.pool,
                          .currency = wallet.currency,
                          .valid = lot_validity(*conditions, given.valid_from, given.valid_until,
                                                now_, *zone),
                          .credited_at = now_,
                          .source = "import"};
            put_lot(books_, lot);
            credit(lot_subject(lot.id), pocket.business, given.amount);
        }
    }
    if (postings.empty()) return;
    const auto moved = books_.transfer(now_, source_, "wallet " + wallet.id.text, postings);
    ENSURE(moved);  // credits only: nothing can be short
}

Outcome Registrar::put(const Placed<WalletShape>& placed) {
    const WalletShape& given = placed.shape;
    if (const auto before = wallet(books_, given.id)) {
        if (before->currency == given.currency) return Outcome::same;
        return refuse(placed.pointer, "currency", "the currency of a wallet cannot change");
    }
    if (!refers_well(placed)) return Outcome::refused;
    const auto owner = owner_of(given);
    if (!owner) {
        return refuse(placed.pointer, "home", "needs a home or a pocket, or nobody could see it");
    }
    Wallet made{.id = given.id,
                .contact = given.contact,
                .currency = given.currency,
                .home = given.home,
                .blocked = given.blocked};
    if (given.contact) made.holder = initials_of(contact(books_, *given.contact)->name);
    put_wallet(books_, made, scope_of(given, *owner));
    fund(given, *owner);
    return Outcome::created;
}

}  // namespace obol::ledger
