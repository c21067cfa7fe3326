// A receipt as JSON.

#include <nlohmann/json.hpp>

#include "agent/app/receipt.hpp"

namespace obol::agent {
namespace {

Words parts_in_words(const std::vector<Receipt::Part>& parts) {
    Words words = Words::array();
    for (const Receipt::Part& part : parts) {
        Words each;
        each["pocket"] = name_of(part.pocket);
        if (part.pocket == Pocket::commerce) {
            each["pool"] = Words{{"id", part.pool.text}, {"name", part.pool_name}};
        }
        each["amount"] = part.amount.minor;
        if (part.until) each["valid_until"] = instant_in_words(*part.until);
        for (const LineShare& share : part.lines) {
            each["lines"].push_back({{"line", share.line.text}, {"amount", share.amount.minor}});
        }
        words.push_back(std::move(each));
    }
    return words;
}

Words awards_in_words(const std::vector<Receipt::Award>& awards) {
    Words words = Words::array();
    for (const Receipt::Award& award : awards) {
        Words each;
        each["offer"] = award.offer.text;
        each["name"] = award.name;
        each["amount"] = award.amount.minor;
        if (award.until) each["valid_until"] = instant_in_words(*award.until);
        words.push_back(std::move(each));
    }
    return words;
}

void add_sums(Words& words, const Receipt& receipt) {
    words["currency"] = receipt.currency.code();
    words["total"] = receipt.total.minor;
    switch (receipt.kind) {
        case ReceiptKind::purchase:
            words["spent"] = receipt.wallet_part.minor;
            words["due"] = receipt.other_part.minor;
            break;
        case ReceiptKind::refund:
        case ReceiptKind::purchase_void:
            words["refunded"] = receipt.wallet_part.minor;
            words["due_back"] = receipt.other_part.minor;
            break;
        default: words["credited"] = receipt.wallet_part.minor;
    }
    words["parts"] = parts_in_words(receipt.parts);
    words["awards"] = awards_in_words(receipt.awards);
    words["balances"] = parts_in_words(receipt.balances);
}

}  // namespace

Words receipt_in_full(const Receipt& receipt) {
    Words words;
    words["number"] = receipt.number;
    words["kind"] = name_of(receipt.kind);
    words["id"] = receipt.id;
    words["business"] = receipt.business;
    words["venue"] = receipt.venue;
    words["terminal"] = receipt.terminal;
    const Result<Zone> zone = Zone::find(receipt.zone);
    words["at"] = zone ? to_rfc3339(receipt.at, *zone) : to_rfc3339(receipt.at);
    if (receipt.day) words["report"] = day_report_in_words(*receipt.day);
    if (!receipt.ticket.empty()) words["ticket"] = receipt.ticket;
    if (!receipt.purchase.empty()) words["purchase"] = receipt.purchase.text;
    if (!receipt.first_receipt.empty()) words["first_receipt"] = receipt.first_receipt;
    if (!receipt.pass_display.empty()) words["pass"] = Words{{"display", receipt.pass_display}};
    if (!receipt.tender.empty()) words["tender"] = receipt.tender;
    Words lines = Words::array();
    for (const Receipt::Item& item : receipt.items) {
        Words line;
        line["line"] = item.line.text;
        line["name"] = item.name;
        if (!item.quantity.empty()) line["quantity"] = item.quantity;
        line["amount"] = item.amount.minor;
        lines.push_back(std::move(line));
    }
    words["lines"] = std::move(lines);
    if (!receipt.day) add_sums(words, receipt);
    if (!receipt.wallet.empty()) {
        words["wallet"]["id"] = receipt.wallet.text;
        words["wallet"]["holder"] = receipt.holder.empty() ? Words(nullptr) : Words(receipt.holder);
    }
    words["entry"] = entry_in_words(receipt.entry);
    words["confirmed"] = receipt.confirmed;
    words["offline"] = receipt.offline;
    if (receipt.qr) words["qr"] = *receipt.qr;
    return words;
}

}  // namespace obol::agent
