// A receipt as a document to print.

#include "agent/app/receipt.hpp"

namespace obol::agent {
namespace {

using drivers::Align;

class Writer {
public:
    Writer(const Receipt& receipt, std::string_view language, bool copy)
        : receipt_(receipt), tongue_(language, receipt.zone, receipt.currency), copy_(copy) {}

    drivers::Document write() {
        head();
        items();
        sums();
        awards();
        balances();
        foot();
        return std::move(doc_);
    }

private:
    std::string say(std::string_view key) const { return tongue_.say(key); }
    std::string money(Amount amount) const { return tongue_.money(amount); }

    std::string label(const Receipt::Part& part) const {
        if (part.pocket == Pocket::business) return say("pocket.business");
        if (part.pocket == Pocket::personal) return say("pocket.personal");
        return part.pool_name;
    }

    void head() {
        doc_.title(receipt_.business).text(receipt_.venue, Align::centre);
        doc_.rule(true);
        if (copy_) doc_.text(say("copy"), Align::centre, true, drivers::Size::tall);
        doc_.text(say("receipt." + std::string(name_of(receipt_.kind))), Align::centre, true);
        doc_.columns(say("number") + " " + receipt_.number, tongue_.moment(receipt_.at));
        const std::string ticket = receipt_.ticket.empty() ? "" : say("ticket") + " " + receipt_.ticket;
        doc_.columns(ticket, say("till") + " " + receipt_.terminal);
        if (!receipt_.first_receipt.empty()) doc_.columns(say("for_receipt"), receipt_.first_receipt);
        if (!receipt_.pass_display.empty()) doc_.columns(say("pass"), receipt_.pass_display);
        if (!receipt_.holder.empty()) doc_.columns(say("holder"), receipt_.holder);
        doc_.rule();
    }

    // Who pays for which line is told by their numbers, where there is more than one of them.
    bool numbered() const {
        if (receipt_.items.size() < 2) return false;
        return std::ranges::any_of(receipt_.parts, [](const Receipt::Part& part) { return !part.lines.empty(); });
    }

    void items() {
        int n = 0;
        for (const Receipt::Item& item : receipt_.items) {
            const bool several = !item.quantity.empty() && item.quantity != "1";
            const std::string number = numbered() ? std::to_string(++n) + ". " : "";
            doc_.columns(number + (several ? item.quantity + " x " : "") + item.name, money(item.amount));
        }
        if (!receipt_.items.empty()) doc_.rule();
    }

    void paid_lines(const Receipt::Part& part) {
        if (!numbered() || part.lines.empty()) return;
        std::string text = say("for_lines");
        const char* before = " ";
        for (const LineShare& share : part.lines) {
            const auto item = std::ranges::find(receipt_.items, share.line, &Receipt::Item::line);
            if (item == receipt_.items.end()) continue;
            text += before + std::to_string(item - receipt_.items.begin() + 1) + ": " + money(share.amount);
            before = ", ";
        }
        doc_.columns(text, "", 4);
    }

    void parts(std::string_view heading) {
        if (receipt_.parts.empty()) return;
        doc_.columns(say(heading), money(receipt_.wallet_part), 0, true);
        for (const Receipt::Part& part : receipt_.parts) {
            doc_.columns(label(part), money(part.amount), 2);
            paid_lines(part);
            until(part.until);
        }
    }

    void until(const std::optional<Instant>& end) {
        if (end) doc_.columns(say("until") + " " + tongue_.last_day(*end), "", 4);
    }

    void sums() {
        const std::string total = tongue_.with_currency(receipt_.total), other = tongue_.with_currency(receipt_.other_part);
        switch (receipt_.kind) {
            case ReceiptKind::purchase:
                doc_.columns(say("total"), total, 0, true);
                parts("paid_from_wallet");
                doc_.columns(say("due"), other, 0, true);
                break;
            case ReceiptKind::refund:
            case ReceiptKind::purchase_void:
                doc_.columns(say("total"), total, 0, true);
                parts("to_wallet");
                if (receipt_.other_part.minor != 0) doc_.columns(say("due_back"), money(receipt_.other_part));
                break;
            default:
                doc_.columns(say("value"), total, 0, true);
                if (!receipt_.tender.empty()) doc_.columns(say("tender"), say("tender." + receipt_.tender));
                parts("to_wallet");
        }
    }

    void awards() {
        const bool given = receipt_.kind == ReceiptKind::purchase;
        for (const Receipt::Award& award : receipt_.awards) {
            doc_.columns(say(given ? "reward" : "reward_undone"), money(award.amount), 0, true);
            doc_.columns(award.name, "", 2);
            until(award.until);
        }
    }

    void balances() {
        if (receipt_.wallet.empty()) return;
        Amount sum;
        for (const Receipt::Part& part : receipt_.balances) sum += part.amount;
        doc_.rule().columns(say("balance_left"), tongue_.with_currency(sum), 0, true);
        for (const Receipt::Part& part : receipt_.balances) {
            doc_.columns(label(part), money(part.amount), 2);
            until(part.until);
        }
    }

    void foot() {
        if (receipt_.offline) doc_.rule().text(say("offline"), Align::centre, true);
        doc_.rule(true).text(say("thanks"), Align::centre);
        if (receipt_.qr) doc_.feed().qr(*receipt_.qr).text(say("keep_it"), Align::centre);
        doc_.feed().cut();
    }

    const Receipt& receipt_;
    Tongue tongue_;
    bool copy_;
    drivers::Document doc_;
};

}  // namespace

drivers::Document receipt_document(const Receipt& receipt, std::string_view language, bool copy) {
    if (receipt.day) return day_report_document(*receipt.day, language, copy);
    return Writer(receipt, language, copy).write();
}

}  // namespace obol::agent
