#include "tests/sim/model.hpp"

#include <algorithm>

#include "sync/journal/records.hpp"
#include "sync/ledger/store/former_allowances.hpp"
#include "tests/sim/agenda.hpp"

namespace obol::sim {

namespace {

[[noreturn]] void violated(const std::string& what) { throw Violation(what); }

void must_be(bool good, const std::string& what) {
    if (!good) violated(what);
}

template <class Words>
    requires std::is_invocable_v<Words>
void must_be(bool good, Words&& words) {
    if (!good) violated(words());
}

bool subject(std::string_view account) {
    for (const std::string_view prefix : {"pass:", "lot:", "business:", "personal:", "draft:", "right:", "offer:"}) {
        if (account.starts_with(prefix)) return true;
    }
    return false;
}

std::string says(const Amounts& amounts) {
    std::string out;
    for (const auto& [what, amount] : amounts) out += " " + what + "=" + std::to_string(amount);
    return out;
}

void add(Amounts& to, const std::string& what, std::int64_t amount) {
    if ((to[what] += amount) == 0) to.erase(what);
}

std::int64_t of(const Amounts& amounts, const std::string& what) {
    const auto found = amounts.find(what);
    return found == amounts.end() ? 0 : found->second;
}

Amounts lines_of(const std::vector<journal::AuthorityLine>& lines) {
    Amounts out;
    for (const auto& line : lines) out[line.subject] += line.amount.minor;
    return out;
}

}  // namespace

int Model::new_chain(const std::string& h) {
    chains_.push_back({h});
    return static_cast<int>(chains_.size()) - 1;
}

int Model::remember(int chain) {
    remembered_.push_back(at(chain));
    return static_cast<int>(remembered_.size()) - 1;
}

int Model::copy_chain(int remembered, Copy how, int other) {
    Chain copy = remembered_[static_cast<std::size_t>(remembered)];
    if (how != Copy::runs) {
        copy.silent = how == Copy::stopped;
        if (how == Copy::goes_on) chains_[static_cast<std::size_t>(other)].silent = true;
        chains_.push_back(std::move(copy));
        return static_cast<int>(chains_.size()) - 1;
    }
    for (const auto& [what, amount] : copy.held) copies_ += amount;
    for (const auto& [seq, lines] : copy.open_asks) {
        for (const auto& [what, amount] : lines) copies_ += amount;
        if (lines.empty()) {  // by placement: whatever is homed there
            for (const auto& [what, amount] : truth_) copies_ += std::max<std::int64_t>(amount, 0);
        }
    }
    for (const auto& [what, amount] : copy.refundable) copies_ += amount;
    exposed_ = copied_ = true;
    chains_.push_back(std::move(copy));
    return static_cast<int>(chains_.size()) - 1;
}

void Model::read_entry(Chain& chain, std::int64_t seq, const Bytes& body, const Amounts& postings) {
    const auto entry = journal::decode_body(body);
    must_be(entry && entry->seq == seq && seq == chain.head.seq + 1, chain.h + ": the journal has a gap");
    must_be(entry->prev == chain.head.hash, chain.h + ": entry " + std::to_string(seq) + " does not follow the one before");
    must_be(journal::balanced(entry->postings), chain.h + ": entry " + std::to_string(seq) + " does not balance");
    Amounts moves;
    for (const auto& [account, amount] : postings) {
        if (!subject(account)) continue;
        add(truth_, account, amount);
        add(moves, account, amount);
        // A sale of a pass is undone as well: its draft comes back.
        const bool undone = entry->kind == "purchase" || entry->kind == "pass_activated";
        if (amount < 0 && undone) chain.refundable[account] -= amount;
    }
    count("entry: " + entry->kind);
    if (entry->kind == "purchase" || entry->kind == "pass_redeemed") {
        const auto record = journal::from_detail(entry->kind, entry->detail);
        must_be(record.has_value(), chain.h + ": entry " + std::to_string(seq) + " cannot be read");
        for (const auto& [what, amount] : lines_of(journal::at_risk_lines(*record))) {
            add(moves, what, amount);
            risked_[what] += amount;
            chain.risks[seq] += amount;
            count("branch: spent at risk");
        }
    }
    if (entry->kind.starts_with("authority_") || entry->kind == "generation_adopted") {
        const auto record = journal::from_detail(entry->kind, entry->detail);
        must_be(record.has_value(), chain.h + ": entry " + std::to_string(seq) + " cannot be read");
        if (const auto* asked = std::get_if<journal::AuthorityAsked>(&*record)) {
            chain.open_asks[seq] = lines_of(asked->lines);
            if (asked->placement) count("branch: placement asked");
        } else if (const auto* taken = std::get_if<journal::AuthorityTaken>(&*record)) {
            const Amounts wished = chain.open_asks[taken->ask], got = lines_of(taken->lines);
            for (const auto& [what, amount] : wished) {
                if (of(got, what) > 0 && of(got, what) < amount) count("branch: L2 grant in part");
            }
            must_be(chain.open_asks.erase(taken->ask) == 1, chain.h + ": ask " + std::to_string(taken->ask) + " was taken twice");
            for (const auto& [what, amount] : lines_of(taken->lines)) add(moves, what, amount);
            if (taken->lines.empty()) count("branch: A2 empty taken");
        } else if (const auto* back = std::get_if<journal::AuthorityReturned>(&*record)) {
            for (const auto& [what, amount] : lines_of(back->lines)) add(moves, what, -amount);
            count("branch: returned: " + back->why);
        } else {
            chain.open_asks.clear();
        }
    }
    for (const auto& [what, amount] : moves) add(chain.held, what, amount);
    for (const auto& [what, amount] : chain.held) must_be(amount >= 0, chain.h + ": holds less than nothing of " + what);
    ++entries_;
    chain.head = {seq, journal::hash_of(body)};
    chain.hashes.push_back(chain.head.hash);
    chain.moves.push_back(std::move(moves));
}

void Model::read_till(int number, sql::Db& db) {
    Chain& chain = chains_[static_cast<std::size_t>(number)];
    if (chain.head.seq > 0) {
        const auto hash = db.value<Bytes>("SELECT hash FROM entry WHERE seq = ?", chain.head.seq);
        must_be(hash && std::equal(hash->begin(), hash->end(), chain.head.hash.begin(), chain.head.hash.end()),
                chain.h + ": entry " + std::to_string(chain.head.seq) + " was there and is there no more");
    }
    std::map<std::int64_t, Amounts> postings;
    db.each("SELECT seq, account, minor FROM posting WHERE seq > ?",
            [&](sql::Statement& row) { postings[row.integer(0)][row.text(1)] += row.integer(2); }, chain.head.seq);
    std::vector<std::pair<std::int64_t, Bytes>> fresh;
    db.each("SELECT seq, body FROM entry WHERE seq > ? ORDER BY seq",
            [&](sql::Statement& row) { fresh.emplace_back(row.integer(0), row.blob(1)); }, chain.head.seq);
    for (const auto& [seq, body] : fresh) read_entry(chain, seq, body, postings[seq]);
    Amounts held;
    db.each("SELECT subject, minor FROM held", [&](sql::Statement& row) {
        if (row.integer(1) != 0) held[row.text(0)] = row.integer(1);
    });
    if (!chain.risks.empty()) {
        const std::int64_t acked = db.value<std::int64_t>("SELECT value FROM meta WHERE key = 'acked_seq'").value_or(0);
        std::int64_t open = 0;
        for (auto each = chain.risks.upper_bound(acked); each != chain.risks.end(); ++each) open += each->second;
        must_be(open <= risk_cap_, chain.h + ": " + std::to_string(open) + " are spent at risk and not reported; " + std::to_string(risk_cap_) + " are allowed");
    }
    must_be(held == chain.held, "I3: " + chain.h + " holds" + says(held) + "; its entries sum up to" + says(chain.held));
}

void Model::read_centre(sql::Db& db) {
    db.each("SELECT t.id, p.account, p.minor FROM transfer t JOIN posting p ON p.transfer = t.id "
            "WHERE t.id > ? AND t.holder IS NULL ORDER BY t.id",
            [&](sql::Statement& row) {
                if (!subject(row.text_view(1))) return;
                add(truth_, row.text(1), row.integer(2));
                add(centre_moves_[row.integer(0)], row.text(1), row.integer(2));
            },
            last_transfer_);
    // Whether an operator's deed that ended with the ledger was done, its books alone can tell.
    db.each("SELECT p.account, p.minor FROM transfer t JOIN posting p ON p.transfer = t.id WHERE t.id > ? AND t.source = 'admin:ann'",
            [&](sql::Statement& row) {
                const std::string account = row.text(0);
                if (account.starts_with("pass:")) happened({{"pass " + account.substr(5), row.integer(1)}});
                if (!account.starts_with("business:")) return;
                happened({{"wallet " + account.substr(9, account.find(':', 9) - 9), row.integer(1)}});
            },
            last_transfer_);
    last_transfer_ = db.value<std::int64_t>("SELECT max(id) FROM transfer").value_or(0);
}

void Model::ledger_forgets(std::int64_t after) {
    const auto first = centre_moves_.upper_bound(after);
    for (auto each = first; each != centre_moves_.end(); ++each) {
        for (const auto& [what, amount] : each->second) {
            add(truth_, what, -amount);
            copies_ += std::abs(amount);
            exposed_ = copied_ = forgotten_ = true;
        }
        count("branch: B3 what the centre did is forgotten");
    }
    centre_moves_.erase(first, centre_moves_.end());
    last_transfer_ = std::min(last_transfer_, after);
}

void Model::done_elsewhere(sql::Db& old_ledger, std::int64_t& last_transfer) {
    old_ledger.each("SELECT p.account, p.minor FROM transfer t JOIN posting p ON p.transfer = t.id WHERE t.id > ? AND t.holder IS NULL",
                    [&](sql::Statement& row) {
                        if (!subject(row.text_view(0))) return;
                        copies_ += std::abs(row.integer(1));
                        exposed_ = copied_ = forgotten_ = true;
                        count("branch: B3 done at a ledger that was replaced");
                    },
                    last_transfer);
    last_transfer = old_ledger.value<std::int64_t>("SELECT max(id) FROM transfer").value_or(0);
}

Amounts Model::held_at_ledger(sql::Db& db) {
    Amounts out;
    db.each("SELECT h, subject, minor FROM held", [&](sql::Statement& row) { out[row.text(0) + " " + row.text(1)] = row.integer(2); });
    return out;
}

void Model::forgotten_grants(const Amounts& held_before, sql::Db& db) {
    const Amounts now = held_at_ledger(db);
    for (const auto& [what, amount] : held_before) copies_ += std::max<std::int64_t>(0, amount - of(now, what));
    // What was drawn since and is spent and told already.
    for (const Chain& chain : chains_) {
        const auto booked = static_cast<std::size_t>(db.value<std::int64_t>("SELECT head_seq FROM holder WHERE h = ?", chain.h).value_or(0));
        for (std::size_t seq = booked + 1; seq < chain.moves.size(); ++seq) {
            for (const auto& [what, amount] : chain.moves[seq]) copies_ += std::max<std::int64_t>(0, amount);
        }
    }
    exposed_ = copied_ = forgotten_ = true;
}

// Each table once: this is looked at after every deed.
Model::Positions Model::positions_at(sql::Db& db) {
    Positions out;
    db.each("SELECT subject, centre, loss FROM subject", [&](sql::Statement& row) {
        Position& position = out[row.text(0)];
        position.centre = row.integer(1);
        position.loss = row.integer(2);
        position.known = true;
    });
    db.each("SELECT subject, minor FROM held WHERE minor <> 0", [&](sql::Statement& row) { out[row.text(0)].held += row.integer(1); });
    db.each("SELECT account, minor FROM account", [&](sql::Statement& row) { out[row.text(0)].value += row.integer(1); });
    db.each("SELECT subject, minor FROM suspense", [&](sql::Statement& row) { out[row.text(0)].suspense += row.integer(1); });
    return out;
}

// In recovery what was drawn comes before what was returned.
void Model::check_ledger(sql::Db& db, bool in_recovery) {
    const Positions positions = positions_at(db);
    for (const auto& [what, is] : positions) {
        if (!is.known) continue;
        must_be(is.centre + is.held == is.value + is.loss, [&, what = what, is = is] {
            return "I2: " + what + ": centre " + std::to_string(is.centre) + " + held " + std::to_string(is.held) + " is not value " +
                   std::to_string(is.value) + " + loss " + std::to_string(is.loss);
        });
        must_be(is.centre >= 0 || exposed_ || in_recovery, [&, what = what] { return "I2: the centre has less than nothing of " + what; });
    }
    if (!in_recovery) check_authority(db, positions);
}

void Model::check_transfers(sql::Db& db) {
    db.each("SELECT transfer FROM posting GROUP BY transfer, currency HAVING sum(minor) <> 0",
            [&](sql::Statement& row) { violated("transfer " + std::to_string(row.integer(0)) + " does not balance"); });
}

void Model::check_authority(sql::Db& db, const Positions& positions) {
    Amounts spendable, allowed;  // by write-offs
    for (const Chain& chain : chains_) {
        if (chain.silent) continue;
        for (const auto& [what, amount] : chain.held) spendable[what] += amount;
    }
    for (const auto& [what, is] : positions) {
        if (!is.known) continue;
        spendable[what] += std::max<std::int64_t>(is.centre, 0);
        if (is.loss + is.suspense != 0) allowed[what] += is.loss + is.suspense;
    }
    // What the later branch of a fork took in or spent is loss, of either sign, and no write-off: what a copy may spend
    // is bounded by what it took along, whichever branch the ledger came to know first.
    if (copied_) {
        db.each("SELECT p.account, p.minor FROM transfer t JOIN posting p ON p.transfer = t.id WHERE t.branch > 0",
                [&](sql::Statement& row) {
                    if (subject(row.text_view(0))) allowed[row.text(0)] += row.integer(1);
                });
    }
    for (const auto& [what, amount] : risked_) allowed[what] = std::max(of(allowed, what), amount);
    std::int64_t beyond = 0, overspent = 0;
    Amounts excesses;
    for (const auto& [what, amount] : spendable) {
        const std::int64_t excess = amount - of(truth_, what) - of(allowed, what);
        if (excess > 0) beyond += excesses[what] = excess;
        must_be(excess <= 0 || copied_, [&, what = what, amount = amount] {
            return "I4: of " + what + " " + std::to_string(amount) + " may be spent, and there is " + std::to_string(of(truth_, what));
        });
    }
    for (const auto& [what, amount] : truth_) {
        if (amount < 0) overspent += std::max<std::int64_t>(0, -amount - of(allowed, what));
        must_be(amount >= 0 || exposed_ || -amount <= of(risked_, what),
                [&, what = what, amount = amount] { return "I1: " + what + " was overspent by " + std::to_string(-amount); });
    }
    must_be(beyond <= copies_, "I4: " + std::to_string(beyond) + " too many may be spent; the copies account for " + std::to_string(copies_) + ":" + says(excesses));
    must_be(overspent <= copies_, "I1: " + std::to_string(overspent) + " were overspent; the exposure is " + std::to_string(copies_));
}

void Model::check_folds(sql::Db& db) {
    struct Holder {
        std::string h;
        std::int64_t seq;
        Bytes hash;
    };
    std::vector<Holder> holders;
    db.each("SELECT h, head_seq, head_hash FROM holder WHERE status IN ('active', 'revoked')",
            [&](sql::Statement& row) { holders.push_back({row.text(0), row.integer(1), row.blob(2)}); });
    for (const Holder& holder : holders) {
        const auto is_it = [&](const Chain& chain) {
            if (chain.h != holder.h || chain.head.seq < holder.seq) return false;
            const auto& hash = chain.hashes[static_cast<std::size_t>(holder.seq)];
            return holder.seq == 0 || std::equal(hash.begin(), hash.end(), holder.hash.begin(), holder.hash.end());
        };
        const auto chain = std::find_if(chains_.begin(), chains_.end(), is_it);
        if (chain == chains_.end()) continue;  // it lies in a journal that nobody has looked at since a crash
        if (chain->booked > holder.seq) {      // the ledger fell back
            chain->booked = 0;
            chain->booked_fold.clear();
        }
        while (chain->booked < holder.seq) {
            for (const auto& [what, by] : chain->moves[static_cast<std::size_t>(++chain->booked)]) add(chain->booked_fold, what, by);
        }
        Amounts expected = chain->booked_fold, shown;
        db.each("SELECT l.subject, l.granted FROM ask_line l JOIN ask a ON a.h = l.h AND a.seq = l.seq WHERE a.h = ? AND a.state = 'granted'",
                [&](sql::Statement& row) { add(expected, row.text(0), row.integer(1)); }, holder.h);
        db.each("SELECT subject, minor FROM held WHERE h = ? AND minor <> 0",
                [&](sql::Statement& row) { shown[row.text(0)] = row.integer(1); }, holder.h);
        must_be(shown == expected, "I3: the ledger shows that " + holder.h.substr(0, 8) + " holds" + says(shown) + "; its chain up to " +
                                       std::to_string(holder.seq) + " and its grants sum up to" + says(expected));
    }
}

void Model::check_named_risks(ledger::Books& books) const {
    for (const Chain& chain : chains_) {
        if (chain.risks.empty()) continue;
        const auto row = ledger::holder(books.db(), chain.h);
        if (!row) continue;
        std::int64_t untold = 0;
        for (auto each = chain.risks.upper_bound(row->head.seq); each != chain.risks.end(); ++each) untold += each->second;
        const std::int64_t named = ledger::most_at_risk(books, *row).minor;
        must_be(untold <= named, "exposure: " + chain.h.substr(0, 8) + " has spent " + std::to_string(untold) +
                                     " at risk of which the ledger has not heard; it names " + std::to_string(named));
    }
}

void Model::happened(std::vector<Effect> effects, int chain, std::int64_t seq) {
    for (const Effect& effect : effects) {
        const std::int64_t now = purses_[effect.purse] += effect.by;
        must_be(now >= 0 || exposed_ || !risked_.empty(), effect.purse + " was overspent by " + std::to_string(-now));
    }
    known_.push_back({std::move(effects), chain, seq});
}

std::int64_t Model::in_purse(const std::string& purse) const { return of(purses_, purse); }

void Model::answered(const std::string& key, int status, const std::string& body) {
    const auto [before, first] = answers_.try_emplace(key, status, body);
    must_be(first || before->second == std::pair{status, body},
            "key " + key + " was answered " + std::to_string(before->second.first) + " " + before->second.second + " and then " +
                std::to_string(status) + " " + body);
}

void Model::refunded(const std::string& purchase, std::int64_t spent, std::int64_t by) {
    const std::int64_t all = refunded_[purchase] += by;
    must_be(all <= spent || copied_, "of purchase " + purchase + ", for which " + std::to_string(spent) + " was spent, " +
                                         std::to_string(all) + " came back");
}

void Model::wrong_pin(const std::string& pass, const std::string& till) {
    const int tries = ++wrong_[pass][till];
    must_be(tries <= 3, std::to_string(tries) + " wrong PINs of pass " + pass + " were tried at " + till);
}

void Model::pin_reset(const std::string& pass) { wrong_.erase(pass); }

Amounts Model::purses_of(sql::Db& db) {
    std::map<std::string, std::string> wallet_of_lot;
    db.each("SELECT wallet, lot FROM wallet_lot", [&](sql::Statement& row) { wallet_of_lot[row.text(1)] = row.text(0); });
    Amounts out;
    db.each("SELECT account, minor FROM account WHERE currency <> 'XXX'", [&](sql::Statement& row) {
        const std::string account = row.text(0);
        const std::size_t colon = account.find(':');
        const std::string kind = account.substr(0, colon), id = account.substr(colon + 1);
        if (kind == "pass") add(out, "pass " + id, row.integer(1));
        if (kind == "lot") add(out, "wallet " + wallet_of_lot[id], row.integer(1));
        if (kind == "personal") add(out, "wallet " + id, row.integer(1));
        if (kind == "business") add(out, "wallet " + id.substr(0, id.find(':')), row.integer(1));
    });
    return out;
}

void Model::compare_purses(sql::Db& db, bool issued_unheard) {
    std::map<std::string, std::pair<std::int64_t, Bytes>> heads;
    db.each("SELECT h, head_seq, head_hash FROM holder",
            [&](sql::Statement& row) { heads[row.text(0)] = {row.integer(1), row.blob(2)}; });
    Amounts expected = purses_;
    for (const Known& each : known_) {
        // What lay on a disk that is gone for good, the ledger never heard of.
        if (each.chain < 0 || each.seq <= heads[at(each.chain).h].first) continue;
        for (const Effect& effect : each.effects) expected[effect.purse] -= effect.by;
    }
    std::erase_if(expected, [](const auto& item) { return item.second == 0; });
    const Amounts shown = purses_of(db);
    if (shown == expected) return;
    for (const auto& [purse, amount] : expected) {
        must_be(of(shown, purse) == amount, purse + " is worth " + std::to_string(of(shown, purse)) +
                                                " at the ledger; by what customers were told it is " + std::to_string(amount));
    }
    for (const auto& [purse, amount] : shown) {
        if (issued_unheard && purse.starts_with("pass ") && !expected.contains(purse)) continue;
        must_be(of(expected, purse) == amount, purse + " is worth " + std::to_string(amount) + " at the ledger, of which no customer knows");
    }
}

}  // namespace obol::sim
