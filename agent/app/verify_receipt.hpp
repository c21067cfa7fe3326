#pragma once
// POST /v1/receipts/verify: is this paper genuine? Told without any link for every device of the business that
// the centre has ever told of; of own receipts the own journal is asked besides.

#include "agent/app/context.hpp"
#include "sync/journal/receipt_token.hpp"

namespace obol::agent {

// What was found out about a text that claims to be a receipt's token.
struct ReceiptProof {
    struct Remark {
        std::string code, detail;
        bool operator==(const Remark&) const = default;
    };
    bool valid = false;
    std::optional<journal::ReceiptToken> token{};  // what it says, be it true or not
    VenueId venue{};                               // of the device that signed it, where that is known
    bool own = false;
    std::vector<Remark> remarks{};  // why it is not valid, or what became of the device since
};

// nullopt: the text claims nothing of the kind, however it was typed.
std::optional<ReceiptProof> prove_receipt(Context& context, std::string_view data);
Answer verify_receipt(Context& context, const std::string& data);

}  // namespace obol::agent
