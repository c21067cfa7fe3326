// A receipt as JSON and as a document to print.

#include <nlohmann/json.hpp>

#include "agent/app/receipt.hpp"
#include "drivers/ticket/text.hpp"

namespace obol::agent {
namespace {

enum class Say {
    purchase, refund, purchase_void, redeem, activation, activation_void, top_up, receipt, ticket,
    terminal, total, from_wallet, to_wallet, due, due_back, business_pocket, personal_pocket, balance,
    until, pass, tender, cash, card, other, of_receipt, holder, offline, thanks, value, award, award_undone,
};

struct Phrase {
    std::string_view en, el;
};

constexpr Phrase phrase_of(Say what) {
    switch (what) {
        case Say::purchase: return {"RECEIPT", "ΑΠΟΔΕΙΞΗ"};
        case Say::refund: return {"REFUND", "ΕΠΙΣΤΡΟΦΗ"};
        case Say::purchase_void: return {"VOID", "ΑΚΥΡΩΣΗ"};
        case Say::redeem: return {"PASS REDEEMED", "ΕΞΑΡΓΥΡΩΣΗ ΚΑΡΤΑΣ"};
        case Say::activation: return {"PASS SOLD", "ΠΩΛΗΣΗ ΚΑΡΤΑΣ"};
        case Say::activation_void: return {"PASS SALE VOIDED", "ΑΚΥΡΩΣΗ ΠΩΛΗΣΗΣ ΚΑΡΤΑΣ"};
        case Say::top_up: return {"TOP-UP", "ΦΟΡΤΙΣΗ ΠΟΡΤΟΦΟΛΙΟΥ"};
        case Say::receipt: return {"No.", "Αρ."};
        case Say::ticket: return {"Ticket", "Δελτίο"};
        case Say::terminal: return {"Till", "Ταμείο"};
        case Say::total: return {"Total", "Σύνολο"};
        case Say::from_wallet: return {"Paid from wallet", "Από το πορτοφόλι"};
        case Say::to_wallet: return {"To wallet", "Στο πορτοφόλι"};
        case Say::due: return {"Due", "Υπόλοιπο πληρωμής"};
        case Say::due_back: return {"Given back otherwise", "Επιστροφή με άλλο τρόπο"};
        case Say::business_pocket: return {"Open balance", "Ελεύθερο υπόλοιπο"};
        case Say::personal_pocket: return {"Own money", "Προσωπικά χρήματα"};
        case Say::balance: return {"Balance left", "Υπόλοιπο πορτοφολιού"};
        case Say::until: return {"until", "έως"};
        case Say::pass: return {"Pass", "Κάρτα"};
        case Say::tender: return {"Tender", "Πληρωμή"};
        case Say::cash: return {"cash", "μετρητά"};
        case Say::card: return {"card", "κάρτα"};
        case Say::other: return {"other", "άλλο"};
        case Say::of_receipt: return {"For receipt", "Για την απόδειξη"};
        case Say::holder: return {"Holder", "Κάτοχος"};
        case Say::offline: return {"OFFLINE - not yet confirmed", "ΕΚΤΟΣ ΣΥΝΔΕΣΗΣ - δεν έχει επιβεβαιωθεί"};
        case Say::thanks: return {"Thank you", "Ευχαριστούμε"};
        case Say::value: return {"Value", "Αξία"};
        case Say::award: return {"Reward", "Επιβράβευση"};
        case Say::award_undone: return {"Reward taken back", "Ανάκληση επιβράβευσης"};
    }
    return {};
}

Say heading_of(ReceiptKind kind) {
    switch (kind) {
        case ReceiptKind::purchase: return Say::purchase;
        case ReceiptKind::refund: return Say::refund;
        case ReceiptKind::purchase_void: return Say::purchase_void;
        case ReceiptKind::pass_redeemed: return Say::redeem;
        case ReceiptKind::pass_activated: return Say::activation;
        case ReceiptKind::activation_voided: return Say::activation_void;
        case ReceiptKind::top_up: return Say::top_up;
    }
    return Say::purchase;
}

std::string two(int n) { return (n < 10 ? "0" : "") + std::to_string(n); }

class Writer {
public:
    Writer(const Receipt& receipt, std::string_view language)
        : receipt_(receipt), greek_(language == "el"), zone_(Zone::find(receipt.zone)) {}

    drivers::Document write() {
        head();
        for (const Receipt::Item& item : receipt_.items) {
            const bool several = !item.quantity.empty() && item.quantity != "1";
            doc_.columns((several ? item.quantity + " x " : "") + item.name, money(item.amount));
        }
        if (!receipt_.items.empty()) doc_.rule();
        sums();
        awards();
        balances();
        foot();
        return std::move(doc_);
    }

private:
    std::string say(Say what) const { return std::string(greek_ ? phrase_of(what).el : phrase_of(what).en); }
    std::string money(Amount amount) const { return to_decimal(amount, receipt_.currency); }
    std::string with_currency(Amount amount) const {
        return money(amount) + " " + std::string(receipt_.currency.code());
    }

    std::string date(LocalDate day) const {
        if (!greek_) return to_iso_date(day);
        return two(static_cast<int>(day.day)) + "/" + two(static_cast<int>(day.month)) + "/" + std::to_string(day.year);
    }
    std::string moment() const {
        if (!zone_) return to_rfc3339(receipt_.at);
        const LocalTime local = zone_->local(receipt_.at);
        return date(local.date) + " " + two(local.second_of_day / 3600) + ":" + two(local.second_of_day / 60 % 60);
    }
    // The last day on which it can still be spent.
    std::string last_day(Instant until) const {
        const Instant last = until - Millis{1};
        return zone_ ? date(zone_->local(last).date) : to_rfc3339(last);
    }

    std::string label(const Receipt::Part& part) const {
        if (part.pocket == Pocket::business) return say(Say::business_pocket);
        if (part.pocket == Pocket::personal) return say(Say::personal_pocket);
        return part.pool_name;
    }

    void head() {
        doc_.title(receipt_.business).text(receipt_.venue, drivers::Align::centre);
        doc_.rule(true);
        doc_.text(say(heading_of(receipt_.kind)), drivers::Align::centre, true);
        doc_.columns(say(Say::receipt) + " " + receipt_.number, moment());
        const std::string ticket = receipt_.ticket.empty() ? "" : say(Say::ticket) + " " + receipt_.ticket;
        doc_.columns(ticket, say(Say::terminal) + " " + receipt_.terminal);
        if (!receipt_.first_receipt.empty()) doc_.columns(say(Say::of_receipt), receipt_.first_receipt);
        if (!receipt_.pass_display.empty()) doc_.columns(say(Say::pass), receipt_.pass_display);
        if (!receipt_.holder.empty()) doc_.columns(say(Say::holder), receipt_.holder);
        doc_.rule();
    }

    void parts(Say heading) {
        if (receipt_.parts.empty()) return;
        doc_.columns(say(heading), money(receipt_.wallet_part), 0, true);
        for (const Receipt::Part& part : receipt_.parts) {
            doc_.columns(label(part), money(part.amount), 2);
            until(part);
        }
    }

    void until(const Receipt::Part& part) {
        if (part.until) doc_.columns(say(Say::until) + " " + last_day(*part.until), "", 4);
    }

    void sums() {
        switch (receipt_.kind) {
            case ReceiptKind::purchase:
                doc_.columns(say(Say::total), with_currency(receipt_.total), 0, true);
                parts(Say::from_wallet);
                doc_.columns(say(Say::due), with_currency(receipt_.other_part), 0, true);
                break;
            case ReceiptKind::refund:
            case ReceiptKind::purchase_void:
                doc_.columns(say(Say::total), with_currency(receipt_.total), 0, true);
                parts(Say::to_wallet);
                if (receipt_.other_part.minor != 0) doc_.columns(say(Say::due_back), money(receipt_.other_part));
                break;
            default:
                doc_.columns(say(Say::value), with_currency(receipt_.total), 0, true);
                tender();
                parts(Say::to_wallet);
        }
    }

    void awards() {
        const bool given = receipt_.kind == ReceiptKind::purchase;
        for (const Receipt::Award& award : receipt_.awards) {
            doc_.columns(say(given ? Say::award : Say::award_undone), money(award.amount), 0, true);
            doc_.columns(award.name, "", 2);
            if (award.until) doc_.columns(say(Say::until) + " " + last_day(*award.until), "", 4);
        }
    }

    void tender() {
        if (receipt_.tender.empty()) return;
        const Say which = receipt_.tender == "cash"   ? Say::cash
                          : receipt_.tender == "card" ? Say::card
                                                      : Say::other;
        doc_.columns(say(Say::tender), say(which));
    }

    void balances() {
        if (receipt_.wallet.empty()) return;
        Amount sum;
        for (const Receipt::Part& part : receipt_.balances) sum += part.amount;
        doc_.rule().columns(say(Say::balance), with_currency(sum), 0, true);
        for (const Receipt::Part& part : receipt_.balances) {
            doc_.columns(label(part), money(part.amount), 2);
            until(part);
        }
    }

    void foot() {
        if (receipt_.offline) doc_.rule().text(say(Say::offline), drivers::Align::centre, true);
        doc_.rule(true).text(say(Say::thanks), drivers::Align::centre).feed();
    }

    const Receipt& receipt_;
    bool greek_;
    Result<Zone> zone_;
    drivers::Document doc_;
};

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
    add_sums(words, receipt);
    if (!receipt.wallet.empty()) {
        words["wallet"]["id"] = receipt.wallet.text;
        words["wallet"]["holder"] = receipt.holder.empty() ? Words(nullptr) : Words(receipt.holder);
    }
    words["entry"] = entry_in_words(receipt.entry);
    words["confirmed"] = receipt.confirmed;
    words["offline"] = receipt.offline;
    return words;
}

drivers::Document receipt_document(const Receipt& receipt, std::string_view language) {
    return Writer(receipt, language).write();
}

}  // namespace obol::agent
