#include "sync/ledger/store/booker.hpp"

#include <map>

#include "sync/core/ensure.hpp"
#include "sync/domain/subject.hpp"
#include "sync/ledger/store/allowances.hpp"
#include "sync/ledger/store/asks.hpp"
#include "sync/ledger/store/device_facts.hpp"
#include "sync/ledger/store/limits.hpp"
#include "sync/ledger/store/pins.hpp"
#include "sync/ledger/store/positions.hpp"
#include "sync/ledger/store/postings.hpp"
#include "sync/ledger/store/recovery.hpp"
#include "sync/ledger/store/wallets.hpp"

namespace obol::ledger {

using book::Doubt;
using wire::EntryResult;

namespace {

constexpr std::size_t longest_detail = 1000;

// One exception a code: an entry that is wrong in five places is one thing to look at.
std::vector<Doubt> merged(const std::vector<Doubt>& doubts) {
    std::map<std::pair<std::string, std::string>, Doubt> by_code;  // code, currency
    for (const Doubt& doubt : doubts) {
        const std::string currency = doubt.amount ? std::string(doubt.amount->currency.code()) : "";
        auto [at, fresh] = by_code.try_emplace({doubt.code, currency}, doubt);
        if (fresh) continue;
        Doubt& kept = at->second;
        if (kept.amount) kept.amount->amount += doubt.amount->amount;
        if (kept.detail.size() < longest_detail) kept.detail += "; " + doubt.detail;
    }
    std::vector<Doubt> out;
    for (auto& [key, doubt] : by_code) out.push_back(std::move(doubt));
    return out;
}

// An entry whose postings do not follow from its record, or whose record does not follow from the
// rules.
std::vector<Doubt> replay_doubts(const journal::Record& record, const journal::Entry& entry,
                                 const journal::KnownRules& rules) {
    std::vector<Doubt> out;
    for (const journal::Mismatch& mismatch : journal::replay(record, entry.postings, rules)) {
        out.push_back({"replay_mismatch", mismatch.where + ": " + mismatch.detail, std::nullopt});
    }
    return out;
}

}  // namespace

std::optional<EntryResult> Booker::add(std::int64_t seq, ByteView body) {
    const journal::Hash hash = journal::hash_of(body);
    Result<journal::Entry> decoded = journal::decode_body(body);
    if (decoded && decoded->seq != seq)
        decoded = Fault{"malformed_entry", "the entry claims another place"};
    std::optional<journal::Entry> entry;
    if (decoded) entry = std::move(*decoded);

    const Place place = place_of(seq, hash, entry);
    if (place.where == Where::duplicate) return EntryResult::duplicate;
    if (place.where == Where::fork) quarantine(seq);
    if (place.where == Where::gap) return std::nullopt;

    books_.db().run(
        "INSERT INTO entry (h, seq, hash, kind, body, branch, booked_at) VALUES (?, ?, ?, ?, ?, ?, "
        "?)",
        holder_.h.text, seq, hash, entry ? std::string_view(entry->kind) : "malformed", body,
        place.branch, to_millis(now_));
    if (place.branch == 0) {
        holder_.head = {seq, hash};
        set_head(books_.db(), holder_.h, holder_.head);
    }
    std::vector<Doubt> doubts;
    if (entry) {
        doubts = take_effect(*entry, hash, place.branch);
    } else {
        doubts.push_back({"malformed_entry", decoded.error().detail, std::nullopt});
    }
    raise(doubts, seq);
    const bool plain = doubts.empty() && place.branch == 0;
    return plain ? EntryResult::accepted : EntryResult::accepted_with_exception;
}

// A body that cannot be read has no prev to compare; it is taken to follow what is there.
Booker::Place Booker::place_of(std::int64_t seq, const journal::Hash& hash,
                               const std::optional<journal::Entry>& entry) {
    if (seq < 1) return {};
    sql::Db& db = books_.db();
    if (db.value<std::int64_t>("SELECT branch FROM entry WHERE h = ? AND seq = ? AND hash = ?",
                               holder_.h.text, seq, hash)) {
        return {Where::duplicate, 0};
    }
    // There is nothing before the first entry that its prev could contradict.
    const bool follows_head = !entry || holder_.head.seq == 0 || entry->prev == holder_.head.hash;
    if (seq == holder_.head.seq + 1 && follows_head) return {Where::next, 0};
    std::optional<std::int64_t> parent;
    if (seq == 1) {
        parent = 0;
    } else if (entry) {
        parent = db.value<std::int64_t>(
            "SELECT branch FROM entry WHERE h = ? AND seq = ? AND hash = ? ORDER BY branch",
            holder_.h.text, seq - 1, entry->prev);
    } else {
        parent = db.value<std::int64_t>("SELECT max(branch) FROM entry WHERE h = ? AND seq = ?",
                                        holder_.h.text, seq - 1);
    }
    if (parent) return {Where::fork, branch_after(seq, *parent)};
    // Another hash where our head is: a second chain, even if we never saw where it parted.
    if (entry && seq == holder_.head.seq + 1) quarantine(seq);
    return {};
}

// A later branch goes on under its number while nobody else stands there; what parts anew gets a
// new one.
std::int64_t Booker::branch_after(std::int64_t seq, std::int64_t parent_branch) {
    sql::Db& db = books_.db();
    if (parent_branch > 0 &&
        !db.value<std::int64_t>("SELECT 1 FROM entry WHERE h = ? AND seq = ? AND branch = ?",
                                holder_.h.text, seq, parent_branch)) {
        return parent_branch;
    }
    return db.value<std::int64_t>("SELECT max(branch) FROM entry WHERE h = ?", holder_.h.text)
               .value_or(0) +
           1;
}

void Booker::quarantine(std::int64_t seq) {
    if (holder_.status == wire::HolderStatus::active) {
        holder_.status = wire::HolderStatus::quarantined;
        set_status(books_.db(), holder_.h, holder_.status);
        tell_device(books_, holder_.h);
        businesses_.insert(holder_.business.text);
    }
    books_.raise_once(
        "chain_fork",
        "two chains are signed with this device's key; they part at entry " + std::to_string(seq),
        holder_.business.text, holder_.h.text, now_, random_);
}

std::vector<Doubt> Booker::take_effect(const journal::Entry& entry, const journal::Hash& hash,
                                       std::int64_t branch) {
    if (entry.device != holder_.h) {
        return {{"malformed_entry", "the entry names another device", std::nullopt}};
    }
    const Result<journal::Record> record = journal::from_detail(entry.kind, entry.detail);
    if (!record) {
        // Kinds may come that this ledger does not know; without postings they move nothing.
        if (record.error().code == "unknown_kind" && entry.postings.empty()) return {};
        return {{record.error().code, entry.kind + ": " + record.error().detail, std::nullopt}};
    }
    if (std::optional<Doubt> doubt = book::unbookable(entry, views())) return {*doubt};
    return book_record(entry, *record, hash, branch);
}

std::vector<Doubt> Booker::book_record(const journal::Entry& entry, const journal::Record& record,
                                       const journal::Hash& hash, std::int64_t branch) {
    const book::Holder as{.h = holder_.h,
                          .venue = holder_.venue,
                          .business = holder_.business,
                          .standing = standing_of(holder_.status),
                          .branch = branch};
    std::vector<Doubt> doubts = replay_doubts(record, entry, rules_);
    const book::FactEffects facts = book::fact_effects(as, entry, record, fact_view());
    const book::Effects effects = book::book(as, entry, record, views());
    doubts.insert(doubts.end(), facts.doubts.begin(), facts.doubts.end());
    doubts.insert(doubts.end(), effects.doubts.begin(), effects.doubts.end());

    if (branch == 0) {
        const std::vector<Doubt> risk = note_risk(books_, holder_, reported_, entry, record);
        doubts.insert(doubts.end(), risk.begin(), risk.end());
    }
    const std::vector<Doubt> limits =
        count_entry(books_, holder_, entry, record, rules_, branch);
    doubts.insert(doubts.end(), limits.begin(), limits.end());
    if (const auto counted = journal::counted(record, entry.wall, rules_.purchase)) {
        businesses_.insert(counted->business.text);
    }

    apply_postings(effects, entry, branch);
    // Facts first: they say whose a new subject is and where it is at home.
    if (const auto doubt = apply_facts(facts, entry)) doubts.push_back(*doubt);
    apply_effects(effects, entry, hash);
    if (branch == 0) count_uses(record, doubts);
    return merged(doubts);
}

void Booker::apply_postings(const book::Effects& effects, const journal::Entry& entry,
                                    std::int64_t branch) {
    if (effects.postings.empty()) return;
    write_transfer(books_.db(),
                          {.at = entry.wall,
                           .source = entry.kind,
                           .holder = holder_.h.text,
                           .seq = entry.seq,
                           .branch = branch},
                          effects.postings);
}

std::optional<Doubt> Booker::apply_facts(const book::FactEffects& effects, const journal::Entry& entry) {
    for (const book::FactChange& fact : effects.facts) {
        if (books_.put_fact(fact.kind, fact.id, fact.business, fact.body)) {
            businesses_.insert(fact.business.text);
        }
    }
    for (const book::PinChange& pin : effects.pins) {
        if (pin.locked) set_pin_locked(books_, pin.pass, *pin.locked, businesses_);
        if (pin.wrong) add_wrong_pins(books_, pin.pass, *pin.wrong, businesses_);
    }
    if (!effects.operation) return std::nullopt;
    const book::Operation& it = *effects.operation;
    // A refund that the other tender alone pays moves nothing here; it has its place in the order all the same.
    const std::int64_t booked = books_.db().value<std::int64_t>("SELECT max(booked) FROM operation WHERE purchase = ?", it.purchase).value_or(0) + 1;
    std::optional<std::string> purchase;
    if (!it.purchase.empty()) purchase = it.purchase;
    const std::int64_t added = books_.db().run(
        "INSERT OR IGNORE INTO operation (ref, kind, h, seq, purchase, booked) VALUES (?, ?, ?, ?, ?, ?)",
        it.ref, it.kind, holder_.h.text, entry.seq, purchase, booked);
    if (added > 0) return std::nullopt;
    // Its money has moved; a refund of this id would be of the first one.
    return Doubt{"replay_mismatch", "another " + it.kind + " has the id " + it.ref + " already", std::nullopt};
}

void Booker::apply_effects(const book::Effects& effects, const journal::Entry& entry,
                           const journal::Hash& hash) {
    sql::Db& db = books_.db();
    for (const book::Move& move : effects.moves) {
        const bool still = move.value == Amount{} && move.centre == Amount{} &&
                           move.held == Amount{} && move.suspense == Amount{} &&
                           move.loss == Amount{};
        if (still) continue;
        const book::Origin origin = book::origin_of(
            move.subject, {.h = holder_.h, .venue = holder_.venue, .business = holder_.business},
            fact_view());
        books_.ensure_subject(move.subject, origin.business, origin.home, move.currency);
        apply(books_, holder_.h, move);
        touched_.insert(move.subject);
        businesses_.insert(origin.business.text);
    }
    if (effects.opened) {
        open_ask(db, holder_.h, entry.seq, hash, *effects.opened);
        for (const journal::AuthorityLine& line : effects.opened->lines)
            touched_.insert(line.subject);
    }
    for (const std::int64_t seq : effects.closed) close_ask(db, holder_.h, seq);
    if (effects.adopted) adopt(*effects.adopted);
    if (effects.recovery && is_news(db, holder_.h)) {
        begin_recovery(books_, record_);
        holder_.reported_generation = 0;
        era_changed_ = true;
    }
}

void Booker::adopt(std::int64_t generation) {
    sql::Db& db = books_.db();
    holder_.reported_generation = generation;
    set_reported_generation(db, holder_.h, generation);
    const std::int64_t own = era(db).generation;
    if (generation > own) return stop_granting(db, generation);  // L8
    // L7: its chain has told all that it held of an older ledger.
    if (generation == own) era_changed_ |= has_adopted(db, holder_.h);
}

// Each venue counts what it knows of; what comes out above the offer's bound is booked and raised.
void Booker::count_uses(const journal::Record& record, std::vector<Doubt>& doubts) {
    sql::Db& db = books_.db();
    if (const auto* refund = std::get_if<journal::Refund>(&record); refund && refund->is_void) {
        // By the terms of the award, as it was counted.
        const auto sold = books_.known_rules("").purchase(refund->purchase);
        for (const Award& award : sold ? sold->decision.awards : std::vector<Award>{}) {
            const std::optional<Offer> offer = books_.offer(award.offer, award.version);
            const bool counted = db.value<std::int64_t>("SELECT 1 FROM offer_use WHERE purchase = ? AND offer = ?",
                                                        refund->purchase.text, award.offer.text)
                                     .has_value();
            if (counted && offer && offer->uses_per_contact) tell_use(sold->wallet, *offer, -1);
        }
        db.run("DELETE FROM offer_use WHERE purchase = ?", refund->purchase.text);
    }
    const auto* purchase = std::get_if<journal::Purchase>(&record);
    if (!purchase || is_voided(db, purchase->id, purchase->facts.place.business)) return;
    for (const Award& award : purchase->decision.awards) {
        const std::optional<Wallet> owner = wallet(books_, purchase->wallet);
        const std::string party =
            owner && owner->contact ? owner->contact->text : purchase->wallet.text;
        const std::optional<Offer> offer = books_.offer(award.offer, award.version);
        const std::int64_t before =
            db.value<std::int64_t>("SELECT count(*) FROM offer_use WHERE offer = ? AND party = ?",
                                   award.offer.text, party)
                .value_or(0);
        if (offer && offer->uses_per_contact && before >= *offer->uses_per_contact) {
            doubts.push_back({"offer_used_up",
                              "offer " + award.offer.text + " was used " +
                                  std::to_string(before + 1) + " times by " + party,
                              Money{award.amount, purchase->facts.basket.currency}});
        }
        const std::int64_t added =
            db.run("INSERT OR IGNORE INTO offer_use (purchase, offer, party) VALUES (?, ?, ?)",
                   purchase->id.text, award.offer.text, party);
        if (added > 0 && offer && offer->uses_per_contact) tell_use(purchase->wallet, *offer, 1);
    }
}

// Venues are told what a wallet has used of an offer with a bound per contact.
void Booker::tell_use(const WalletId& wallet, const Offer& offer, std::int64_t by) {
    add_tally(books_, wallet, offer.business, {journal::uses_kind(offer.id), "", by, Amount{}});
    businesses_.insert(offer.business.text);
}

void Booker::raise(const std::vector<Doubt>& doubts, std::int64_t seq) {
    for (const Doubt& doubt : doubts) {
        books_.raise(doubt.code, doubt.detail, holder_.business.text, holder_.h.text, seq,
                     doubt.amount, now_, random_);
    }
}

book::FactView Booker::fact_view() {
    return [this](std::string_view kind, std::string_view id) { return books_.fact(kind, id); };
}

book::Views Booker::views() {
    return {
        .position =
            [this](const Subject& subject) { return position(books_.db(), holder_.h, subject); },
        .total =
            [this](std::string_view account, Currency currency) {
                return Amount{
                    books_.db()
                        .value<std::int64_t>(
                            "SELECT minor FROM account WHERE account = ? AND currency = ?", account,
                            currency.code())
                        .value_or(0)};
            },
        .ask = [this](std::int64_t seq) { return ask_of(books_.db(), holder_.h, seq); },
        .live_asks = [this] { return live_asks_of(books_.db(), holder_.h); },
        .elsewhere =
            [this](const Subject& subject) {
                return held_elsewhere(books_.db(), holder_.h, subject);
            },
    };
}

}  // namespace obol::ledger
