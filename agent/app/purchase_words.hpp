#pragma once
// Quotes, purchases and refunds as JSON (API.md).

#include "agent/app/settlement.hpp"
#include "agent/app/words.hpp"

namespace obol::agent {

// [{"pocket", "lot", "pool", "amount", "lines"}]; names and versions of pools from `pools`.
Words allocations_in_words(const std::vector<PaidFrom>& paid, const std::vector<Pool>& pools);
Words basket_in_words(const Basket& basket);

// "awards_undone" and "award_owed", as refunds tell them.
void add_undone(Words& words, const RefundDecision& decision);

Words quote_in_words(const Settlement& settlement, bool online);

// What POST and GET of a purchase have in common: currency, basket_total, spent, due … policy.
void add_outcome(Words& words, const PurchaseFacts& facts, const PurchaseDecision& decision);

// Of what passes were worth, and were redeemed without authority.
Amount passes_at_risk(const std::vector<PassCredit>& credits);
Words redeemed_in_words(const std::vector<PassCredit>& credits);

}  // namespace obol::agent
