#pragma once
// A receipt is one model with several renderings. It is made from the journal when it is asked for, so a
// reprint says what the first print said; only whether the centre has confirmed it may have changed.

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "agent/app/day_report.hpp"
#include "drivers/ticket/document.hpp"
#include "sync/journal/receipt_token.hpp"

namespace obol::agent {

enum class ReceiptKind {
    purchase, refund, purchase_void, pass_redeemed, pass_activated, activation_voided, top_up, day_closed,
};
std::string_view name_of(ReceiptKind kind);

struct Receipt {
    struct Item {
        LineId line{};
        std::string name{}, quantity{};
        Amount amount{};
        bool operator==(const Item&) const = default;
    };
    // What paid or was paid back, or what is left: a pool's money, or a pocket's.
    struct Part {
        Pocket pocket = Pocket::business;
        PoolId pool{};
        std::string pool_name{};
        Amount amount{};
        std::optional<Instant> until{};  // first instant that is too late
        std::vector<LineShare> lines{};  // what it paid for
        bool operator==(const Part&) const = default;
    };

    struct Award {  // given, or of a refund taken back
        OfferId offer{};
        std::string name{};
        Amount amount{};
        std::optional<Instant> until{};
        bool operator==(const Award&) const = default;
    };

    ReceiptKind kind = ReceiptKind::purchase;
    std::string number{}, id{};  // id: of the purchase, refund, …
    std::string business{}, venue{}, terminal{}, ticket{};
    std::string zone{};          // the venue's
    Instant at;
    Currency currency;
    std::vector<Item> items{};   // of a purchase; of a refund what came back
    Amount total{};              // basket's total; goods value given back; value of a pass or top-up
    Amount wallet_part{};        // spent, refunded or credited
    Amount other_part{};         // due, or due back, by other tender
    std::vector<Part> parts{};
    std::vector<Award> awards{};
    std::vector<Part> balances{};
    std::string tender{}, pass_display{};
    PurchaseId purchase{};       // of a refund: what was bought, and its receipt
    std::string first_receipt{};
    WalletId wallet{};
    std::string holder{};        // initials
    Appended entry{};
    bool confirmed = false;      // the centre has booked it
    bool offline = false;        // not confirmed, and the link is down
    std::optional<std::string> qr{};  // what proves it (journal/receipt_token); of what is signed alone
    std::optional<DayReport> day{};   // of a Z report
};

// nullopt: no such receipt here. By the store it is signed; by the facts alone, within a job, it is not.
std::optional<Receipt> find_receipt(Store& store, const Here& here, std::string_view number, bool link_up);
std::optional<Receipt> find_receipt(Facts& facts, const Here& here, std::string_view number, bool link_up);

// What its token says; nullopt: a receipt that no token tells.
std::optional<journal::ReceiptToken> token_of(const Receipt& receipt);

Words receipt_in_full(const Receipt& receipt);
// What is printed, in a language of the catalogue; others read as "en". A copy says so.
drivers::Document receipt_document(const Receipt& receipt, std::string_view language, bool copy = false);

}  // namespace obol::agent
