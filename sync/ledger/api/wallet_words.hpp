#pragma once

#include "sync/ledger/api/words.hpp"
#include "sync/ledger/store/books.hpp"

namespace obol::ledger {

// The wallet of API.md; besides, per pocket and lot, what the centre has and what each venue holds.
Words wallet_in_words(Books& books, const Wallet& wallet);
// The same money by business and pool.
Words breakdown_in_words(Books& books, const Wallet& wallet);

// The businesses that have a pocket in it, whether or not there is money.
std::vector<BusinessId> businesses_of(Books& books, const WalletId& wallet);

}  // namespace obol::ledger
