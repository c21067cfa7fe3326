#include <map>

#include "agent/store/activity.hpp"
#include "agent/store/print_jobs.hpp"
#include "agent/store/use_stock.hpp"
#include "agent/store/write_context.hpp"
#include "sync/core/ensure.hpp"
#include "sync/core/overloaded.hpp"
#include "sync/domain/subject.hpp"

namespace obol::agent {

using namespace journal;

namespace {

std::optional<std::string> or_null(const std::string& text) {
    return text.empty() ? std::nullopt : std::optional(text);
}

}  // namespace

// A row of `operation`; what is empty becomes NULL.
struct Effects::OperationRow {
    std::string ref;
    std::string_view kind;
    std::string terminal;
    std::string receipt{}, ticket{}, wallet{}, purchase{};
    std::optional<std::int64_t> total{};
};

Effects::Effects(Facts& facts, WriteTxn::Context& context, std::int64_t seq, Instant at, Instant wall)
    : facts_(facts), db_(facts.db()), context_(context), cache_(facts, context.here), seq_(seq), at_(at), wall_(wall) {}

void Effects::apply(const Record& record, const std::vector<Posting>& postings) {
    // The cache first: it says whose home a new lot has, which move_held asks. The index too: the right to
    // refund belongs where the purchase stands in it.
    index(record);
    apply_to_cache(record);
    count_own(facts_, record, seq_, wall_);
    note_risk(record);
    move_held(record, postings);
    move_shown(postings);
}

// Summed per subject first: money that only passes through a pocket never makes it negative on the way.
void Effects::move_held(const Record& record, const std::vector<Posting>& postings) {
    std::map<Subject, AuthorityLine> sums;
    for (const AuthorityLine& line : held_moves(record, postings)) {
        AuthorityLine& sum = sums[line.subject];
        sum = {line.subject, sum.amount + line.amount, line.currency};
    }
    std::map<std::string_view, Amount> totals;
    for (const auto& [subject, sum] : sums) {
        if (sum.amount == Amount{}) continue;
        if (sum.currency != Currency::none()) totals[sum.currency.code()] += sum.amount;
        const std::int64_t touched =
            db_.run("UPDATE held SET minor = minor + ?, last_used = ? WHERE subject = ?", sum.amount.minor,
                    to_millis(at_), subject);
        if (touched == 0) {
            db_.run("INSERT INTO held (subject, minor, currency, last_used, away) VALUES (?, ?, ?, ?, ?)", subject,
                    sum.amount.minor, sum.currency.code(), to_millis(at_), cache_.is_away(subject));
        } else if (sum.amount < Amount{}) {
            db_.run("DELETE FROM held WHERE subject = ? AND minor = 0", subject);
        }
    }
    for (const auto& [currency, amount] : totals) {
        if (amount == Amount{}) continue;
        db_.run(
            "INSERT INTO held_total (currency, minor) VALUES (?, ?) "
            "ON CONFLICT (currency) DO UPDATE SET minor = minor + excluded.minor",
            currency, amount.minor);
    }
}

void Effects::note_risk(const Record& record) {
    const auto* purchase = std::get_if<Purchase>(&record);
    const auto* redeemed = std::get_if<PassRedeemed>(&record);
    if (!purchase && !redeemed) return;
    const WalletId& wallet = purchase ? purchase->wallet : redeemed->credit.wallet;
    for (const AuthorityLine& line : at_risk_lines(record)) {
        db_.run("INSERT INTO at_risk (seq, subject, minor, wallet, at) VALUES (?, ?, ?, ?, ?)", seq_, line.subject,
                line.amount.minor, wallet.text, to_millis(wall_));
    }
}

void Effects::move_shown(const std::vector<Posting>& postings) {
    for (const Posting& posting : postings) {
        if (is_subject(posting.account)) cache_.add_to_shown(posting.account, posting.amount, posting.currency);
    }
}

void Effects::insert(const OperationRow& row) {
    db_.run(
        "INSERT INTO operation (ref, kind, seq, purchase, receipt, terminal, ticket, wallet, total, at) "
        "VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
        row.ref, row.kind, seq_, or_null(row.purchase), or_null(row.receipt), row.terminal, or_null(row.ticket),
        or_null(row.wallet), row.total, to_millis(at_));
    const auto printer = context_.receipt_printers.find(row.terminal);
    if (row.receipt.empty() || printer == context_.receipt_printers.end()) return;
    add_own_print_job(db_, make_uuid7(at_, context_.random), printer->second, row.receipt, row.terminal, at_);
}

void Effects::close_asks(std::string_view condition, std::int64_t seq) {
    db_.each(
        "UPDATE ask SET open = 0 WHERE open = 1 AND " + std::string(condition) + " RETURNING seq",
        [this](sql::Statement& row) { context_.closed_asks.push_back(row.integer(0)); }, seq);
}

void Effects::set_pin_lock(const PassId& pass, bool locked) {
    db_.run(
        "INSERT INTO pin_tries (pass, wrong, locked, seq) VALUES (?1, 0, ?2, ?3) "
        "ON CONFLICT (pass) DO UPDATE SET locked = ?2, seq = ?3, wrong = CASE WHEN ?2 THEN wrong ELSE 0 END",
        pass.text, locked, seq_);
    if (!locked) tell_tries(pass, 0);
}

// As often as it is applied, the same: a cache that was replaced has own entries laid over it again.
void Effects::tell_tries(const PassId& pass, int wrong) {
    if (wrong == 0) db_.run("DELETE FROM pin_told WHERE pass = ? AND seq < ?", pass.text, seq_);
    db_.run("INSERT OR REPLACE INTO pin_told (pass, seq, wrong) VALUES (?, ?, ?)", pass.text, seq_, wrong);
}

void Effects::credit(const Credit& credit) {
    if (credit.lot) cache_.put_lot(*credit.lot);
}

void Effects::index_awards(const Purchase& purchase) {
    if (purchase.decision.awards.empty()) return;
    const std::optional<WalletRow> known = facts_.wallet(purchase.wallet);
    const std::string party = known ? party_of(known->wallet) : purchase.wallet.text;
    for (const Award& award : purchase.decision.awards) {
        db_.run("INSERT INTO award (purchase, offer, party, wallet) VALUES (?, ?, ?, ?)", purchase.id.text,
                award.offer.text, party, purchase.wallet.text);
        if (award.counted) note_use(db_, award.offer, at_);
    }
    count_uses(purchase, 1);
}

// Like the counters of limits: the centre's count of the wallet takes these in once it has booked the entry.
void Effects::count_uses(const Purchase& purchase, std::int64_t by) {
    for (const Award& award : purchase.decision.awards) {
        const auto terms = std::ranges::find(purchase.facts.offers, award.offer,
                                             [](const OfferFacts& each) { return each.offer.id; });
        if (terms == purchase.facts.offers.end() || !terms->offer.uses_per_contact) continue;
        add_own_tally(db_, seq_, purchase.wallet, terms->offer.business,
                      {journal::uses_kind(award.offer), "", by, Amount{}});
    }
}

void Effects::redeem_promotion(const PassId& id, const VenueId& venue) {
    Pass pass;
    if (const std::optional<PassRow> known = facts_.pass(id)) pass = known->pass;
    pass.id = id;
    pass.state = PassState::redeemed;
    pass.redeemed_at = at_;
    pass.redeemed_venue = venue;
    cache_.put_pass_state(pass, seq_);
}

void Effects::revive_promotion(const PassId& id) {
    Pass pass;
    if (const std::optional<PassRow> known = facts_.pass(id)) pass = known->pass;
    pass.id = id;
    pass.state = PassState::active;
    pass.redeemed_at.reset();
    pass.redeemed_venue = VenueId{};
    cache_.put_pass_state(pass, seq_);
}

// What people may ask for by an id, a receipt number or a ticket; and the asks.
void Effects::index(const Record& record) {
    const std::string_view kind = kind_of(record);
    std::visit(
        overloaded{
            [&](const PassActivated& it) {
                insert({.ref = it.id, .kind = kind, .terminal = it.terminal.text, .receipt = it.receipt,
                        .ticket = it.ticket, .total = it.value.amount.minor});
            },
            [&](const PassRedeemed& it) {
                insert({.ref = it.id, .kind = kind, .terminal = it.terminal.text, .receipt = it.receipt,
                        .wallet = it.credit.wallet.text, .total = it.value.amount.minor});
            },
            [&](const TopUp& it) {
                insert({.ref = it.id, .kind = kind, .terminal = it.terminal.text, .receipt = it.receipt,
                        .ticket = it.ticket, .wallet = it.credit.wallet.text,
                        .total = it.credit.money.amount.minor});
            },
            [&](const Purchase& it) {
                insert({.ref = it.id.text, .kind = kind, .terminal = it.terminal.text, .receipt = it.receipt,
                        .ticket = it.facts.basket.ticket, .wallet = it.wallet.text,
                        .total = it.decision.basket_total.minor});
                index_awards(it);
            },
            [&](const Refund& it) {
                insert({.ref = it.id, .kind = kind, .terminal = it.terminal.text, .receipt = it.receipt,
                        .wallet = it.wallet.text, .purchase = it.purchase.text,
                        .total = it.decision.refunded.minor});
                if (!it.is_void) return;
                db_.run("DELETE FROM award WHERE purchase = ?", it.purchase.text);
                if (const auto purchase = facts_.purchase(it.purchase)) count_uses(*purchase, -1);
            },
            [&](const ActivationVoided& it) {
                insert({.ref = it.id, .kind = kind, .terminal = it.terminal.text, .receipt = it.receipt,
                        .purchase = it.activation, .total = it.value.amount.minor});
            },
            [&](const PassIssued& it) {
                insert({.ref = it.pass.text, .kind = kind, .terminal = it.terminal.text, .receipt = it.receipt,
                        .total = it.value.amount.minor});
            },
            [&](const IssueVoided& it) {
                insert({.ref = it.id, .kind = kind, .terminal = it.terminal.text, .receipt = it.receipt,
                        .purchase = it.pass.text, .total = it.value.amount.minor});
            },
            [&](const DayClosed& it) {
                insert({.ref = it.id, .kind = kind, .terminal = it.terminal.text, .receipt = it.receipt});
            },
            [&](const AuthorityAsked& it) {
                db_.run("INSERT INTO ask (seq, open, placement, at) VALUES (?, 1, ?, ?)", seq_, it.placement,
                        to_millis(at_));
            },
            [&](const AuthorityTaken& it) {
                const std::size_t before = context_.closed_asks.size();
                close_asks("seq = ?", it.ask);
                ENSURE(context_.closed_asks.size() == before + 1);  // an ask is taken once
                for (const journal::AuthorityLine& line : it.lines) {
                    constexpr std::string_view right = "right:";
                    if (!line.subject.starts_with(right)) continue;
                    db_.run("INSERT OR IGNORE INTO right_was_away (purchase) VALUES (?)",
                            std::string_view(line.subject).substr(right.size()));
                }
            },
            [&](const GenerationAdopted& it) {
                context_.state.generation = it.generation;
                db_.run("INSERT OR REPLACE INTO meta (key, value) VALUES ('generation', ?)", it.generation);
                close_asks("seq < ?", seq_);
            },
            [&](const Alarm& it) {
                db_.run("INSERT INTO exception (id, at, code, detail, seq) VALUES (?, ?, ?, ?, ?)",
                        make_uuid7(at_, context_.random), to_millis(at_), it.code, it.detail, seq_);
            },
            [&](const ClockEvent& it) {
                if (it.trusted) return;
                db_.run("INSERT INTO exception (id, at, code, detail, seq) VALUES (?, ?, 'clock_untrusted', ?, ?)",
                        make_uuid7(at_, context_.random), to_millis(at_),
                        it.reason + ": the system clock showed " + to_rfc3339(it.system) + ", the time was taken to be " +
                            to_rfc3339(it.taken),
                        seq_);
            },
            [](const auto&) {},
        },
        record);
}

void Effects::apply_to_cache(const Record& record) {
    const auto state_of = [this](const PassId& id, PassState state, Amount value, auto&& more) {
        Pass pass;
        pass.id = id;
        pass.state = state;
        pass.value = value;
        more(pass);
        cache_.put_pass_state(pass, seq_);
    };
    std::visit(
        overloaded{
            [&](const WalletOpened& it) { cache_.put_wallet(it.wallet); },
            [&](const PassActivated& it) {
                state_of(it.pass, PassState::active, it.value.amount,
                         [&it](Pass& pass) { pass.redeem_by = it.redeem_by; });
            },
            [&](const ActivationVoided& it) {
                const std::optional<PassRow> known = facts_.pass(it.pass);
                const bool fixed = known && known->plan.fixed_value();
                state_of(it.pass, PassState::draft, fixed ? it.value.amount : Amount{}, [](Pass&) {});
            },
            [&](const PassRedeemed& it) {
                const std::optional<PassRow> known = facts_.pass(it.pass);
                state_of(it.pass, PassState::redeemed, it.value.amount, [&](Pass& pass) {
                    if (known) pass.redeem_by = known->pass.redeem_by;
                    pass.redeemed_at = at_;
                    pass.redeemed_venue = it.venue;
                });
                credit(it.credit);
            },
            [&](const TopUp& it) { credit(it.credit); },
            [&](const Purchase& it) {
                for (const Award& award : it.decision.awards) {
                    cache_.put_lot(award.lot);
                    if (!award.pass.empty()) redeem_promotion(award.pass, it.facts.place.venue);
                }
            },
            [&](const Refund& it) {
                for (const Lot& lot : it.revived) cache_.put_lot(lot);
                for (const AwardUndone& undone : it.decision.undone) {
                    if (!undone.pass.empty()) revive_promotion(undone.pass);
                }
            },
            [&](const PinLocked& it) { set_pin_lock(it.pass, true); },
            [&](const PinUnlocked& it) { set_pin_lock(it.pass, false); },
            [&](const PinTried& it) { tell_tries(it.pass, it.wrong); },
            [&](const IssueVoided& it) {
                state_of(it.pass, PassState::cancelled, it.value.amount, [](Pass&) {});
            },
            [](const auto&) {},
        },
        record);
}

}  // namespace obol::agent
