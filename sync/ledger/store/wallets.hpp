#pragma once
// Wallets, their lots and what the centre knows of their holders. In the caller's transaction.

#include <optional>
#include <string>

#include "sync/ledger/store/books.hpp"
#include "sync/ledger/store/shapes.hpp"

namespace obol::ledger {

std::optional<ContactShape> contact(Books& books, const ContactId& id);
std::optional<Wallet> wallet(Books& books, const WalletId& id);
// The business that scopes the wallet's fact: whose venues see it.
BusinessId scope_of_wallet(Books& books, const WalletId& id);
std::vector<Lot> lots_of(Books& books, const WalletId& id);
std::vector<std::string> wallets_of(Books& books, const ContactId& contact);

// The fact of a wallet with what its contact is found by; keeps what booking wrote beside it.
bool put_wallet(Books& books, const Wallet& wallet, const BusinessId& scope);
void put_lot(Books& books, const Lot& lot);

// Spend-by of a new lot: the pool's validity, where nothing else is said.
Span lot_validity(const Pool& pool, const std::optional<Boundary>& from,
                  const std::optional<Boundary>& until, Instant credited_at, const Zone& zone);

struct Deposit {
    WalletId wallet;
    BusinessId business;
    std::optional<PoolId> pool{};  // none: into the business pocket
    Amount amount{};
    std::string source, reference;
};
// What limits say to it.
std::vector<Reason> judge_deposit(Books& books, const Deposit& order, Currency currency,
                                  Instant now);
struct Deposited {
    std::optional<LotId> lot{};
    Money money;
    std::int64_t transfer = 0;
};
// Money paid in at the centre; it is placed at the wallet's home. Fault wallet_unknown,
// pool_unknown, business_unknown, wallet_blocked, or the code of the first limit in its way.
Result<Deposited> deposit(Books& books, const Deposit& deposit, Instant now, Random& random);

}  // namespace obol::ledger
