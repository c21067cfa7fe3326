#include "sync/domain/subject.hpp"

#include <algorithm>
#include <array>

namespace obol {
namespace {

struct Kind {
    std::string_view prefix;
    bool indivisible;
};
constexpr std::array kinds{
    Kind{"pass:", true},      Kind{"lot:", false},  Kind{"business:", false},
    Kind{"personal:", false}, Kind{"draft:", true}, Kind{"right:", true},
    Kind{"offer:", false},
};

// Of the kind that the account's name begins with; none where it is no subject.
const Kind* kind_of(std::string_view account) {
    const auto* kind = std::find_if(kinds.begin(), kinds.end(), [&](const Kind& candidate) {
        return account.starts_with(candidate.prefix);
    });
    return kind == kinds.end() ? nullptr : kind;
}

}  // namespace

Subject pass_subject(const PassId& pass) { return "pass:" + pass.text; }
Subject lot_subject(const LotId& lot) { return "lot:" + lot.text; }
Subject business_subject(const WalletId& wallet, const BusinessId& business) {
    return "business:" + wallet.text + ":" + business.text;
}
Subject personal_subject(const WalletId& wallet) { return "personal:" + wallet.text; }
Subject draft_subject(const PassId& pass) { return "draft:" + pass.text; }
Subject right_subject(const PurchaseId& purchase) { return "right:" + purchase.text; }
Subject offer_subject(const OfferId& offer) { return "offer:" + offer.text; }

bool is_subject(std::string_view account) {
    const Kind* kind = kind_of(account);
    if (kind == nullptr) return false;
    const std::string_view rest = account.substr(kind->prefix.size());
    if (kind->prefix != "business:") return is_id_form(rest);
    const std::size_t colon = rest.find(':');
    return colon != std::string_view::npos && is_id_form(rest.substr(0, colon)) &&
           is_id_form(rest.substr(colon + 1));
}

bool is_indivisible(std::string_view subject) {
    const Kind* kind = kind_of(subject);
    return kind != nullptr && kind->indivisible;
}

}  // namespace obol
