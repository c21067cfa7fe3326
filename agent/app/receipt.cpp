#include "agent/app/receipt.hpp"

#include <algorithm>
#include <map>
#include <tuple>

#include "sync/core/overloaded.hpp"

namespace obol::agent {
namespace {

using Parts = std::vector<Receipt::Part>;

std::string name_of_pool(const PoolId& id, const std::vector<Pool>& pools) {
    const auto found = std::ranges::find(pools, id, &Pool::id);
    return found == pools.end() ? id.text : found->name;
}

// Lots of one pool that end together are one line on paper.
class Balances {
public:
    void lot(const Lot& lot, std::string pool_name, Amount left) {
        if (left.minor <= 0) return;
        Receipt::Part& part = lots_[{lot.valid.until.value_or(Instant::max()), pool_name, lot.pool}];
        part.pocket = Pocket::commerce;
        part.pool = lot.pool;
        part.pool_name = std::move(pool_name);
        part.until = lot.valid.until;
        part.amount += left;
    }
    void pocket(Pocket pocket, Amount left) {
        if (left.minor > 0) pockets_.push_back({pocket, {}, {}, left, {}, {}});
    }
    Parts finish() {
        Parts out;
        for (auto& [key, part] : lots_) out.push_back(std::move(part));
        out.insert(out.end(), pockets_.begin(), pockets_.end());
        return out;
    }

private:
    std::map<std::tuple<Instant, std::string, PoolId>, Receipt::Part> lots_;  // earliest end first
    Parts pockets_;
};

// Two lots of a pool may pay for the same line.
void add_share(std::vector<LineShare>& shares, const LineShare& more) {
    const auto same = std::ranges::find(shares, more.line, &LineShare::line);
    if (same == shares.end()) {
        shares.push_back(more);
    } else {
        same->amount += more.amount;
    }
}

Parts parts_of(const std::vector<PaidFrom>& paid, const std::vector<Pool>& pools) {
    Parts out;
    for (const PaidFrom& from : paid) {
        const auto same = std::ranges::find_if(out, [&](const Receipt::Part& part) {
            return part.pocket == from.pocket && part.pool == from.pool;
        });
        if (same != out.end()) {
            same->amount += from.amount;
            for (const LineShare& share : from.lines) add_share(same->lines, share);
            continue;
        }
        const bool commerce = from.pocket == Pocket::commerce;
        out.push_back({from.pocket, from.pool, commerce ? name_of_pool(from.pool, pools) : "", from.amount, {}, from.lines});
    }
    return out;
}

// Makes the model from what the entry says. Purchases carry their balances in their facts; for the
// others the figures of now are taken back by what this device wrote after the entry.
class Teller {
public:
    Teller(Facts& facts, const Here& here, Receipt& out, std::int64_t seq)
        : facts_(facts), here_(here), out_(out), seq_(seq) {}

    void operator()(const journal::Purchase& purchase) {
        out_.kind = ReceiptKind::purchase;
        parties(purchase.id.text, purchase.terminal, purchase.wallet);
        out_.ticket = purchase.facts.basket.ticket;
        out_.currency = purchase.facts.basket.currency;
        for (const Line& line : purchase.facts.basket.lines) {
            out_.items.push_back({line.id, line.name.empty() ? line.sku : line.name, line.quantity, line.amount});
        }
        out_.total = purchase.decision.basket_total;
        out_.wallet_part = purchase.decision.spent;
        out_.other_part = purchase.decision.due;
        out_.parts = parts_of(purchase.decision.allocations, purchase.facts.pools);
        for (const Award& award : purchase.decision.awards) {
            const std::optional<Instant> until = award.instant ? std::nullopt : award.lot.valid.until;
            out_.awards.push_back({award.offer, name_of_offer(award.offer, purchase), award.amount, until});
        }
        out_.balances = left_after(purchase);
    }

    void operator()(const journal::Refund& refund) {
        out_.kind = refund.is_void ? ReceiptKind::purchase_void : ReceiptKind::refund;
        parties(refund.id, refund.terminal, refund.wallet);
        out_.currency = refund.currency;
        out_.purchase = refund.purchase;
        std::vector<Pool> pools;
        if (const auto bought = facts_.purchase(refund.purchase)) {
            out_.first_receipt = bought->receipt;
            out_.ticket = bought->facts.basket.ticket;
            pools = bought->facts.pools;
            for (const AwardUndone& undone : refund.decision.undone) {
                out_.awards.push_back({undone.offer, name_of_offer(undone.offer, *bought), undone.total(), {}});
            }
        }
        for (const RefundLine& goods : refund.decision.goods) {
            const auto line = std::ranges::find(refund.facts.basket.lines, goods.line, &Line::id);
            const bool known = line != refund.facts.basket.lines.end();
            const std::string name = !known ? goods.line.text : line->name.empty() ? line->sku : line->name;
            out_.items.push_back({goods.line, name, "", goods.amount});
        }
        out_.wallet_part = refund.decision.refunded;
        out_.other_part = refund.decision.due_back;
        out_.total = out_.wallet_part + out_.other_part;
        out_.parts = parts_of(refund.decision.allocations, pools);
        out_.balances = left_then(refund.wallet);
    }

    void operator()(const journal::PassRedeemed& redeemed) {
        out_.kind = ReceiptKind::pass_redeemed;
        parties(redeemed.id, redeemed.terminal, redeemed.credit.wallet);
        pass(redeemed.pass);
        credit(redeemed.credit, redeemed.pool);
    }

    void operator()(const journal::TopUp& top_up) {
        out_.kind = ReceiptKind::top_up;
        parties(top_up.id, top_up.terminal, top_up.credit.wallet);
        out_.tender = top_up.tender;
        out_.ticket = top_up.ticket;
        credit(top_up.credit, top_up.pool);
    }

    void operator()(const journal::PassActivated& sold) {
        out_.kind = ReceiptKind::pass_activated;
        parties(sold.id, sold.terminal, WalletId{});
        pass(sold.pass);
        out_.tender = sold.tender;
        out_.ticket = sold.ticket;
        out_.currency = sold.value.currency;
        out_.total = out_.other_part = sold.value.amount;
    }

    void operator()(const journal::ActivationVoided& voided) {
        out_.kind = ReceiptKind::activation_voided;
        parties(voided.id, voided.terminal, WalletId{});
        pass(voided.pass);
        out_.tender = voided.tender;
        out_.currency = voided.value.currency;
        out_.total = out_.other_part = voided.value.amount;
    }

    void operator()(const journal::PassIssued& sold) {
        out_.kind = ReceiptKind::pass_activated;
        parties(sold.pass.text, sold.terminal, WalletId{});
        pass(sold.pass);
        out_.tender = sold.tender;
        out_.currency = sold.value.currency;
        out_.total = out_.other_part = sold.value.amount;
    }

    void operator()(const journal::IssueVoided& voided) {
        out_.kind = ReceiptKind::activation_voided;
        parties(voided.id, voided.terminal, WalletId{});
        pass(voided.pass);
        out_.tender = voided.tender;
        out_.currency = voided.value.currency;
        out_.total = out_.other_part = voided.value.amount;
    }

    void operator()(const journal::DayClosed& closed) {
        out_.kind = ReceiptKind::day_closed;
        parties(closed.id, closed.terminal, WalletId{});
        out_.day = day_report_of(facts_, here_, closed, out_.at, out_.entry);
    }

    template <class Other>
    void operator()(const Other&) {}  // carries no receipt number

private:
    void parties(const std::string& id, const TerminalId& terminal, const WalletId& wallet) {
        out_.id = id;
        out_.terminal = terminal.text;
        out_.wallet = wallet;
        if (wallet.empty()) return;
        if (const std::optional<WalletRow> row = facts_.wallet(wallet)) out_.holder = row->wallet.holder;
    }

    void pass(const PassId& id) {
        if (const std::optional<PassRow> row = facts_.pass(id)) out_.pass_display = row->pass.display;
    }

    void credit(const journal::Credit& credit, const std::optional<Pool>& pool) {
        out_.currency = credit.money.currency;
        out_.total = out_.wallet_part = credit.money.amount;
        Receipt::Part part{credit.pocket, {}, {}, credit.money.amount, {}, {}};
        if (credit.lot) {
            part.pool = credit.lot->pool;
            part.pool_name = pool ? pool->name : credit.lot->pool.text;
            part.until = credit.lot->valid.until;
        }
        out_.parts = {part};
        out_.balances = left_then(credit.wallet);
    }

    static std::string name_of_offer(const OfferId& id, const journal::Purchase& purchase) {
        const auto terms = std::ranges::find(purchase.facts.offers, id,
                                             [](const OfferFacts& each) { return each.offer.id; });
        return terms == purchase.facts.offers.end() ? id.text : terms->offer.name;
    }

    static Parts left_after(const journal::Purchase& purchase) {
        std::map<LotId, Amount> paid;
        Amount business = purchase.facts.business.shown, personal = purchase.facts.personal.shown;
        for (const PaidFrom& from : purchase.decision.allocations) {
            if (from.pocket == Pocket::commerce) paid[from.lot] += from.amount;
            if (from.pocket == Pocket::business) business -= from.amount;
            if (from.pocket == Pocket::personal) personal -= from.amount;
        }
        Balances balances;
        for (const LotFacts& lot : purchase.facts.lots) {
            balances.lot(lot.lot, name_of_pool(lot.lot.pool, purchase.facts.pools),
                         lot.funds.shown - paid[lot.lot.id]);
        }
        for (const Award& award : purchase.decision.awards) {
            business += left_of(award, purchase.decision.allocations);
            if (award.instant) continue;
            balances.lot(award.lot, name_of_pool(award.lot.pool, purchase.facts.pools), award.amount);
        }
        balances.pocket(Pocket::business, business);
        balances.pocket(Pocket::personal, personal);
        return balances.finish();
    }

    Amount shown_then(const Subject& subject) {
        const auto since = facts_.db().value<std::int64_t>(
            "SELECT COALESCE(SUM(minor), 0) FROM posting WHERE account = ?1 AND seq > ?2", subject, seq_);
        return facts_.funds(subject).shown - Amount{since.value_or(0)};
    }

    Parts left_then(const WalletId& wallet) {
        Balances balances;
        for (const Lot& lot : facts_.lots_of(wallet)) {
            const std::optional<Pool> pool = facts_.pool(lot.pool);
            balances.lot(lot, pool ? pool->name : lot.pool.text, shown_then(lot_subject(lot.id)));
        }
        balances.pocket(Pocket::business, shown_then(business_subject(wallet, here_.business)));
        balances.pocket(Pocket::personal, shown_then(personal_subject(wallet)));
        return balances.finish();
    }

    Facts& facts_;
    const Here& here_;
    Receipt& out_;
    std::int64_t seq_;
};

}  // namespace

std::string_view name_of(ReceiptKind kind) {
    switch (kind) {
        case ReceiptKind::purchase: return "purchase";
        case ReceiptKind::refund: return "refund";
        case ReceiptKind::purchase_void: return "void";
        case ReceiptKind::pass_redeemed: return "redeem";
        case ReceiptKind::pass_activated: return "activation";
        case ReceiptKind::activation_voided: return "activation_void";
        case ReceiptKind::top_up: return "top_up";
        case ReceiptKind::day_closed: return "z_report";
    }
    return "";
}

std::optional<journal::ReceiptToken> token_of(const Receipt& receipt) {
    const auto parts = journal::receipt_number_parts(receipt.number);
    const auto operation = journal::receipt_of_named(name_of(receipt.kind));
    if (!parts || !operation || receipt.entry.seq < 1 || receipt.at < Instant{}) return std::nullopt;
    journal::ReceiptToken out;
    out.device = parts->first;
    out.counter = parts->second;
    out.seq = receipt.entry.seq;
    out.at = receipt.at;
    out.operation = *operation;
    out.id = receipt.id;
    out.amount = receipt.total;
    out.currency = receipt.currency;
    out.head = receipt.entry.hash;
    return out;
}

std::optional<Receipt> find_receipt(Store& store, const Here& here, std::string_view number, bool link_up) {
    std::optional<Receipt> out = find_receipt(store.facts(), here, number, link_up);
    if (!out) return out;
    if (std::optional<journal::ReceiptToken> token = token_of(*out)) out->qr = sign_receipt(std::move(*token), store.key());
    return out;
}

std::optional<Receipt> find_receipt(Facts& facts, const Here& here, std::string_view number, bool link_up) {
    const sql::ReadTxn one_moment{facts.db()};
    const std::optional<Operation> operation = facts.operation_by_receipt(number);
    if (!operation) return std::nullopt;
    const std::optional<journal::Entry> entry = facts.entry(operation->seq);
    if (!entry) return std::nullopt;
    const Result<journal::Record> record = journal::from_detail(entry->kind, entry->detail);
    if (!record) return std::nullopt;

    Receipt out;
    out.number = number;
    const std::optional<Business> business = facts.business(here.business);
    const std::optional<Venue> venue = facts.venue(here.venue);
    out.business = business ? business->name : here.business.text;
    out.venue = venue ? venue->name : here.venue.text;
    out.zone = here.zone;
    out.at = entry->wall;
    out.entry = {operation->seq, facts.hash_at(operation->seq).value_or(journal::Hash{})};
    out.confirmed = operation->seq <= facts.acked_seq();
    out.offline = !out.confirmed && !link_up;
    std::visit(Teller(facts, here, out, operation->seq), *record);
    return out;
}

}  // namespace obol::agent
