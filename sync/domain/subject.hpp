#pragma once
// A subject is something of which a venue can hold authority. Its text is also its account in the
// double entry, so that one posting moves value and authority together.
//
//   subject = "pass:" id | "lot:" id | "business:" wallet ":" business | "personal:" wallet
//           | "draft:" pass        right to sell a printed draft, 1 XXX
//           | "right:" purchase    right to refund a purchase, 1 XXX
//           | "offer:" offer       uses left of an offer that has a cap on them, in XXX
// A promotion pass counts in XXX: it is one use of its offer.
//   other accounts = "sale:" venue | "tender:" kind ":" venue | "issue:" business
//                  | "activated:" venue | "purchased:" venue | "breakage:" business | "suspense:" business
//                  | "promotion:" business   gives awards and takes them back
//                  | "used:" venue           uses of promotion passes and offers
//                  | "claim:" wallet ":" business   what a wallet owes of an award that it had spent

#include <string>
#include <string_view>

#include "sync/core/ids.hpp"

namespace obol {

using Subject = std::string;

Subject pass_subject(const PassId& pass);
Subject lot_subject(const LotId& lot);
Subject business_subject(const WalletId& wallet, const BusinessId& business);
Subject personal_subject(const WalletId& wallet);
Subject draft_subject(const PassId& pass);
Subject right_subject(const PurchaseId& purchase);
Subject offer_subject(const OfferId& offer);

bool is_subject(std::string_view account);
// Granted and returned whole or not at all: pass, draft, right.
bool is_indivisible(std::string_view subject);

}  // namespace obol
