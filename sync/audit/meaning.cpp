#include "sync/audit/meaning.hpp"

#include <set>

namespace obol::audit {
namespace {

constexpr std::string_view rights = "XXX";

class Sums {
public:
    void add(std::string account, std::int64_t minor, std::string_view currency) {
        std::int64_t& sum = nets_[{std::move(account), std::string(currency)}];
        sum = plus(sum, minor);
    }
    // From one account to another: balanced by its making.
    void move(const std::string& from, const std::string& to, std::int64_t minor,
              std::string_view currency) {
        add(from, negated(minor), currency);
        add(to, minor, currency);
    }
    Nets done() {
        std::erase_if(nets_, [](const auto& net) { return net.second == 0; });
        return std::move(nets_);
    }

private:
    Nets nets_;
};

std::string tender_of(const Value& it) {
    return "tender:" + it.text_or_empty("tender") + ":" + it.text_or_empty("venue");
}
std::string pass_of(const Value& it) { return "pass:" + it.text_or_empty("pass"); }

std::string credited_account(const Value& it) {
    const std::string pocket = it.text_or_empty("credit.pocket");
    if (pocket == "commerce") return "lot:" + it.text_or_empty("credit.lot.id");
    if (pocket == "personal") return "personal:" + it.text_or_empty("credit.wallet");
    return "business:" + it.text_or_empty("credit.wallet") + ":" +
           it.text_or_empty("credit.business");
}

// The pocket that a part of a payment came from.
std::string paying_account(const Value& part, const std::string& wallet,
                           const std::string& business) {
    const std::string pocket = part.text_or_empty("pocket");
    if (pocket == "commerce") return "lot:" + part.text_or_empty("lot");
    if (pocket == "personal") return "personal:" + wallet;
    return "business:" + wallet + ":" + business;
}

void add_awards(Sums& sums, const Value& it, const std::string& own, const std::string& currency) {
    const std::string venue = it.text_or_empty("facts.place.venue");
    const std::string promotion = "promotion:" + it.text_or_empty("facts.place.business");
    for (const Value& award : it.list("decision.awards")) {
        const std::string lot = award.text_or_empty("lot.id");
        const std::int64_t amount = award.integer_or_zero("amount");
        sums.move(promotion, "lot:" + lot, amount, currency);
        if (award.text("pass"))
            sums.move("pass:" + award.text_or_empty("pass"), "used:" + venue, 1, rights);
        if (award.flag("counted"))
            sums.move("offer:" + award.text_or_empty("offer"), "used:" + venue, 1, rights);
        if (!award.flag("instant")) continue;
        // What the basket leaves of an instant award becomes open money.
        std::int64_t left = amount;
        for (const Value& part : it.list("decision.allocations")) {
            if (part.text("lot") == lot) left = plus(left, negated(part.integer_or_zero("amount")));
        }
        sums.move("lot:" + lot, own, left, currency);
    }
}

Nets of_purchase(const Value& it) {
    Sums sums;
    const std::string currency = it.text_or_empty("facts.basket.currency"),
                      wallet = it.text_or_empty("wallet");
    const std::string business = it.text_or_empty("facts.place.business"),
                      venue = it.text_or_empty("facts.place.venue");
    for (const Value& part : it.list("decision.allocations")) {
        sums.move(paying_account(part, wallet, business), "sale:" + venue,
                  part.integer_or_zero("amount"), currency);
    }
    add_awards(sums, it, "business:" + wallet + ":" + business, currency);
    sums.move("purchased:" + venue, "right:" + it.text_or_empty("id"), 1, rights);
    return sums.done();
}

Nets of_refund(const Value& it, bool is_void) {
    Sums sums;
    const std::string currency = it.text_or_empty("currency"), wallet = it.text_or_empty("wallet");
    const std::string business = it.text_or_empty("business"), venue = it.text_or_empty("venue");
    for (const Value& part : it.list("decision.allocations")) {
        sums.move("sale:" + venue, paying_account(part, wallet, business),
                  part.integer_or_zero("amount"), currency);
    }
    const std::string promotion = "promotion:" + business;
    for (const Value& undone : it.list("decision.undone")) {
        sums.move("lot:" + undone.text_or_empty("lot"), promotion,
                  undone.integer_or_zero("from_lot"), currency);
        sums.move("business:" + wallet + ":" + business, promotion,
                  undone.integer_or_zero("from_business"), currency);
        sums.move("claim:" + wallet + ":" + business, promotion, undone.integer_or_zero("owed"),
                  currency);
        if (undone.text("pass"))
            sums.move("used:" + venue, "pass:" + undone.text_or_empty("pass"), 1, rights);
        if (undone.flag("use_back"))
            sums.move("used:" + venue, "offer:" + undone.text_or_empty("offer"), 1, rights);
    }
    if (is_void)
        sums.move("right:" + it.text_or_empty("purchase"), "purchased:" + venue, 1, rights);
    return sums.done();
}

Nets of_pass_or_money(const Body& body) {
    const Value& it = body.detail;
    Sums sums;
    const std::int64_t value = it.integer_or_zero("value.amount");
    const std::string currency = it.text_or_empty("value.currency");
    const std::string draft = "draft:" + it.text_or_empty("pass"),
                      activated = "activated:" + it.text_or_empty("venue");
    if (body.kind == "pass_activated") {
        sums.move(tender_of(it), pass_of(it), value, currency);
        sums.move(draft, activated, 1, rights);
    } else if (body.kind == "activation_voided") {
        sums.move(pass_of(it), tender_of(it), value, currency);
        sums.move(activated, draft, 1, rights);
    } else if (body.kind == "issue_voided") {
        sums.move(pass_of(it), tender_of(it), value, currency);
    } else if (body.kind == "pass_redeemed") {
        sums.add(pass_of(it), negated(value), currency);
        sums.add(credited_account(it), it.integer_or_zero("credit.money.amount"),
                 it.text_or_empty("credit.money.currency"));
    } else if (body.kind == "top_up") {
        sums.move(tender_of(it), credited_account(it), it.integer_or_zero("credit.money.amount"),
                  it.text_or_empty("credit.money.currency"));
    }
    return sums.done();
}

const std::set<std::string_view>& kinds_without_money() {
    static const std::set<std::string_view> kinds{"journal_opened",
                                                  "wallet_opened",
                                                  "pass_issued",
                                                  "authority_asked",
                                                  "authority_taken",
                                                  "authority_returned",
                                                  "generation_adopted",
                                                  "pin_locked",
                                                  "pin_unlocked",
                                                  "pin_tried",
                                                  "alarm",
                                                  "clock_event",
                                                  "day_closed"};
    return kinds;
}

const std::set<std::string_view>& kinds_of_money() {
    static const std::set<std::string_view> kinds{"pass_activated", "activation_voided",
                                                  "issue_voided", "pass_redeemed", "top_up"};
    return kinds;
}

void add_move(std::map<std::string, Line>& moves, const std::string& subject, std::int64_t amount,
              const std::string& currency) {
    Line& line = moves[subject];
    line.subject = subject;
    line.currency = currency;
    line.amount = plus(line.amount, amount);
}

}  // namespace

std::optional<Nets> wanted_nets(const Body& body) {
    if (body.kind == "purchase") return of_purchase(body.detail);
    if (body.kind == "refund" || body.kind == "void")
        return of_refund(body.detail, body.kind == "void");
    if (kinds_of_money().contains(body.kind)) return of_pass_or_money(body);
    if (kinds_without_money().contains(body.kind)) return Nets{};
    return std::nullopt;
}

std::vector<Line> lines_of(const Body& body) {
    std::vector<Line> out;
    for (const Value& line : body.detail.list("lines")) {
        out.push_back({line.text_or_empty("subject"), line.text_or_empty("currency"),
                       line.integer_or_zero("amount")});
    }
    return out;
}

std::map<std::string, Line> held_moves(const std::vector<Posting>& postings) {
    std::map<std::string, Line> moves;
    for (const Posting& posting : postings) {
        if (is_subject(posting.account))
            add_move(moves, posting.account, posting.minor, posting.currency);
    }
    return moves;
}

std::map<std::string, Line> risks_of(const Body& body) {
    const Value& it = body.detail;
    std::map<std::string, Line> risks;
    const auto add = [&](const std::string& subject, std::int64_t amount, const std::string& currency) {
        if (amount != 0) add_move(risks, subject, amount, currency);
    };
    if (body.kind == "pass_redeemed") {
        add(pass_of(it), it.integer_or_zero("at_risk"), it.text_or_empty("value.currency"));
    }
    if (body.kind != "purchase") return risks;
    for (const Value& part : it.list("decision.allocations")) {
        add(paying_account(part, it.text_or_empty("wallet"), it.text_or_empty("facts.place.business")),
            part.integer_or_zero("at_risk"), it.text_or_empty("facts.basket.currency"));
    }
    return risks;
}

std::string wallet_at_risk(const Body& body) {
    return body.detail.text_or_empty(body.kind == "purchase" ? "wallet" : "credit.wallet");
}

std::map<std::string, Line> held_moves(const Body& body) {
    std::map<std::string, Line> moves = held_moves(body.postings);
    for (const auto& [subject, line] : risks_of(body)) add_move(moves, subject, line.amount, line.currency);
    const bool taken = body.kind == "authority_taken";
    if (!taken && body.kind != "authority_returned") return moves;
    for (const Line& line : lines_of(body)) {
        add_move(moves, line.subject, taken ? line.amount : negated(line.amount), line.currency);
    }
    return moves;
}

std::optional<Operation> operation_of(const Body& body) {
    const Value& it = body.detail;
    Operation out{.ref = it.text_or_empty("id"),
                  .terminal = it.text_or_empty("terminal"),
                  .receipt = it.text("receipt")};
    if (body.kind == "pass_activated") {
        out.ticket = it.text("ticket");
        out.total = it.integer("value.amount");
    } else if (body.kind == "pass_redeemed") {
        out.wallet = it.text("credit.wallet");
        out.total = it.integer("value.amount");
    } else if (body.kind == "top_up") {
        out.ticket = it.text("ticket");
        out.wallet = it.text("credit.wallet");
        out.total = it.integer("credit.money.amount");
    } else if (body.kind == "purchase") {
        out.ticket = it.text("facts.basket.ticket");
        out.wallet = it.text("wallet");
        out.total = it.integer("decision.basket_total");
    } else if (body.kind == "refund" || body.kind == "void") {
        out.purchase = it.text("purchase");
        out.wallet = it.text("wallet");
        out.total = it.integer("decision.refunded");
    } else if (body.kind == "activation_voided") {
        out.purchase = it.text("activation");
        out.total = it.integer("value.amount");
    } else if (body.kind == "pass_issued") {
        out.ref = it.text_or_empty("pass");
        out.total = it.integer("value.amount");
    } else if (body.kind == "issue_voided") {
        out.purchase = it.text("pass");
        out.total = it.integer("value.amount");
    } else if (body.kind != "day_closed") {
        return std::nullopt;
    }
    return out;
}

bool has_answer(const Body& body) {
    // Passes that are redeemed within a purchase have no receipt of their own, and no answer.
    if (body.kind == "pass_redeemed") return body.detail.text("receipt").has_value();
    return body.kind == "pin_unlocked" || operation_of(body).has_value();
}

std::string id_of(const Body& body) {
    const bool by_pass = body.kind == "pass_issued" || body.kind == "pin_unlocked";
    return body.detail.text_or_empty(by_pass ? "pass" : "id");
}

}  // namespace obol::audit
