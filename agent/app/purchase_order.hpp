#pragma once
// What a till asks of a quote or a purchase, decoded.

#include <optional>
#include <string>
#include <vector>

#include "agent/app/basket_of.hpp"
#include "agent/app/present.hpp"
#include "sync/domain/purchase.hpp"

namespace obol::agent {

inline constexpr std::size_t most_tender_passes = 20;
inline constexpr std::size_t most_promotion_codes = 20;
inline constexpr std::size_t most_left_out = 200;

struct PurchaseOrder {
    WalletRef wallet{};
    std::vector<CodeAndPin> passes{};  // redeemed into the wallet first
    Basket basket{};                   // not yet completed from the catalogue
    SpendRequest spend{};
    std::vector<LotId> left_out{};     // lots of the wallet that are not to pay
    std::vector<std::string> promotion_codes{};
    std::optional<Amount> expected{};  // of a purchase alone: what the quote said would be spent
    bool confirm_duplicate = false;    // of a purchase alone
};

enum class OrderOf { quote, purchase };
PurchaseOrder read_purchase_order(const wire::Json& body, OrderOf what, wire::JsonFaults& faults);

}  // namespace obol::agent
