#include "sync/ledger/book/booking.hpp"

#include <algorithm>
#include <map>

#include "sync/core/ensure.hpp"
#include "sync/core/overloaded.hpp"
#include "sync/domain/subject.hpp"

namespace obol::ledger::book {

namespace {

constexpr Amount nothing{};
// A device with a valid key may still write nonsense. Bounds that keep every sum inside int64.
constexpr std::size_t most_postings = 4096;
constexpr Amount most_once{largest_amount / 16};
constexpr Amount most_total{std::int64_t{1} << 60};

bool within(Amount amount, Amount bound) { return amount <= bound && amount >= -bound; }
bool in_measure(Amount amount) { return within(amount, most_once); }

// Collects moves per subject; reads each position once and keeps it current, so that several lines
// on one subject see each other.
class Booker {
public:
    Booker(const Holder& holder, const Views& views) : holder_(holder), views_(views) {}

    // Which bucket an amount came from, so that redeemed value can stay in it.
    struct Taken {
        Amount held{}, suspense{}, missing{};
    };

    // Value leaves through this holder. What it does not show as held comes out of what was written
    // off for it, and what is in neither is lost.
    Taken spend(const Subject& subject, Currency currency, Amount amount) {
        Move& move = move_of(subject, currency);
        move.value -= amount;
        if (holder_.branch > 0) {
            move.loss += amount;
            return {.missing = amount};
        }
        const Taken taken = draw(subject, amount);
        move.held -= taken.held;
        move.suspense -= taken.suspense;
        move.loss += taken.suspense + taken.missing;
        const Amount lost = taken.suspense + taken.missing;
        if (lost > nothing) {
            doubt("overdrawn", subject + " was spent beyond what its holder had",
                  Money{lost, currency});
        }
        return taken;
    }

    // Value leaves without authority: the centre pays, since nobody holds what lies there. The rest is
    // lost, until others return what they hold; where they spend it, it stays lost.
    void risk(const Subject& subject, Currency currency, Amount amount) {
        Move& move = move_of(subject, currency);
        move.value -= amount;
        if (holder_.branch > 0) {
            move.loss += amount;
            return;
        }
        Position& position = position_of(subject);
        const Amount paid = std::min(amount, std::max(position.centre, nothing));
        const Amount lost = amount - paid;
        move.centre -= paid;
        position.centre -= paid;
        if (lost == nothing) return;
        move.loss += lost;
        owe(move, position, lost);
        doubt("allowance_overspent",
              subject + " was spent at risk beyond what the centre had; what others return pays it first",
              Money{lost, currency});
    }

    // New value is held by its maker from the first moment (W3); on a fork's later branch by
    // nobody.
    void gain(const Subject& subject, Currency currency, Amount amount, Amount into_suspense) {
        Move& move = move_of(subject, currency);
        Position& position = position_of(subject);
        move.value += amount;
        if (holder_.branch > 0) {
            move.loss -= amount;
            return;
        }
        const Amount into_held = amount - into_suspense;
        move.held += into_held;
        position.held += into_held;
        move.suspense += into_suspense;
        position.suspense += into_suspense;
        move.loss -= into_suspense;
    }

    // Authority goes back: at most what the holder shows becomes grantable, the rest accounts for
    // what was written off and frees nothing (W9). Returns what neither covers.
    Amount free(const Subject& subject, Currency currency, Amount amount) {
        Move& move = move_of(subject, currency);
        const Taken taken = draw(subject, amount);
        Position& position = position_of(subject);
        const Amount repaid = std::min(taken.held, position.owed);
        move.held -= taken.held;
        move.centre += taken.held - repaid;
        move.suspense -= taken.suspense;
        move.loss -= repaid;
        move.repaid += repaid;
        owe(move, position, -repaid);
        return taken.missing;
    }

    // A grant that the ledger forgot was real when it was given: the centre pays for it, if need be
    // below zero.
    void regrant(const Subject& subject, Currency currency, Amount amount) {
        Move& move = move_of(subject, currency);
        Position& position = position_of(subject);
        move.held += amount;
        move.centre -= amount;
        position.held += amount;
        position.centre -= amount;
    }

    void doubt(std::string code, std::string detail, std::optional<Money> amount = std::nullopt) {
        effects.doubts.push_back({std::move(code), std::move(detail), amount});
    }

    Position& position_of(const Subject& subject) {
        auto [at, fresh] = positions_.try_emplace(subject);
        if (fresh) at->second = views_.position(subject);
        return at->second;
    }

    // Does this holder's chain still free money by what it says? A forked one does not: the other
    // copy may have spent the same.
    bool frees() const { return holder_.branch == 0 && holder_.standing != Standing::quarantined; }

    Effects finish() {
        for (auto& [subject, move] : moves_) {
            forget_what_nobody_can_pay(move);
            ENSURE(move.centre + move.held == move.value + move.loss);
            effects.moves.push_back(std::move(move));
        }
        return std::move(effects);
    }

    const Holder& holder() const { return holder_; }
    const Views& views() const { return views_; }

    Effects effects{};

private:
    static void owe(Move& move, Position& position, Amount amount) {
        move.owed += amount;
        position.owed += amount;
    }

    // Only authority that is still out can come back.
    void forget_what_nobody_can_pay(Move& move) {
        Position& position = position_of(move.subject);
        if (position.owed == nothing) return;
        const Amount out = views_.elsewhere(move.subject) + std::max(position.held, nothing);
        if (position.owed > out) owe(move, position, out - position.owed);
    }

    Taken draw(const Subject& subject, Amount amount) {
        Position& position = position_of(subject);
        Taken out;
        out.held = std::min(amount, std::max(position.held, nothing));
        out.suspense = std::min(amount - out.held, std::max(position.suspense, nothing));
        out.missing = amount - out.held - out.suspense;
        position.held -= out.held;
        position.suspense -= out.suspense;
        return out;
    }

    Move& move_of(const Subject& subject, Currency currency) {
        auto [at, fresh] = moves_.try_emplace(subject);
        if (fresh) {
            const Position& position = position_of(subject);
            at->second.subject = subject;
            at->second.currency = position.known ? position.currency : currency;
        }
        return at->second;
    }

    const Holder& holder_;
    const Views& views_;
    std::map<Subject, Position> positions_;
    std::map<Subject, Move> moves_;
};

struct Net {
    Currency currency;
    Amount amount{};
    Amount out{};      // what leaves, before anything comes in
    Amount at_risk{};  // of that
};

std::map<Subject, Net> net_of(const std::vector<journal::Posting>& postings) {
    std::map<Subject, Net> out;
    for (const journal::Posting& posting : postings) {
        if (!is_subject(posting.account)) continue;
        Net& net = out[posting.account];
        net.currency = posting.currency;
        net.amount += posting.amount;
        if (posting.amount < nothing) net.out -= posting.amount;
    }
    return out;
}

// An entry cannot put more at risk than it spends, whatever it claims.
void add_risk(std::map<Subject, Net>& nets, const journal::Record& record) {
    for (const journal::AuthorityLine& line : journal::at_risk_lines(record)) {
        const auto at = nets.find(line.subject);
        if (at != nets.end()) at->second.at_risk = std::min(line.amount, at->second.out);
    }
}

// A redeemed pass and the lot it becomes are one thing in two forms: what came out of the
// written-off part stays there.
void book_postings(Booker& booker, const journal::Entry& entry, const journal::Record& record) {
    const bool one_thing = std::holds_alternative<journal::PassRedeemed>(record);
    if (entry.postings.empty()) return;
    booker.effects.postings = entry.postings;
    std::map<Subject, Net> nets = net_of(entry.postings);
    add_risk(nets, record);
    Amount carried{};
    for (const auto& [subject, net] : nets) {
        const Amount with_authority = net.amount + net.at_risk;
        if (with_authority < nothing) {
            carried += booker.spend(subject, net.currency, -with_authority).suspense;
        }
        if (net.at_risk > nothing) booker.risk(subject, net.currency, net.at_risk);
    }
    for (const auto& [subject, net] : nets) {
        const Amount gained = net.amount + net.at_risk;
        if (gained <= nothing) continue;
        const Amount into_suspense = one_thing ? std::min(carried, gained) : nothing;
        booker.gain(subject, net.currency, gained, into_suspense);
        if (one_thing) carried -= into_suspense;
    }
}

// Lines of one ask, taken or returned entry: positive, on subjects, one per subject.
bool well_formed(const std::vector<journal::AuthorityLine>& lines) {
    std::map<std::string_view, bool> seen;
    for (const journal::AuthorityLine& line : lines) {
        if (line.amount <= nothing || !in_measure(line.amount)) return false;
        if (!is_subject(line.subject) || !seen.try_emplace(line.subject, true).second) return false;
    }
    return true;
}

void asked(Booker& booker, const journal::AuthorityAsked& record) {
    if (booker.holder().branch > 0) return;
    if (!well_formed(record.lines)) {
        booker.doubt("malformed_record",
                     "an ask with lines that are not amounts of distinct subjects");
        return;
    }
    booker.effects.opened = NewAsk{record.placement, record.lines};
}

const journal::AuthorityLine* line_of(const std::vector<journal::AuthorityLine>& lines,
                                      const Subject& subject) {
    const auto at = std::find_if(lines.begin(), lines.end(),
                                 [&](const auto& line) { return line.subject == subject; });
    return at == lines.end() ? nullptr : &*at;
}

// granted − taken goes back. A forked chain gives nothing back: its other copy may have taken more.
void give_back(Booker& booker, const Ask& ask, const std::vector<journal::AuthorityLine>& taken) {
    if (!booker.frees()) return;
    for (const journal::AuthorityLine& grant : ask.granted) {
        const journal::AuthorityLine* line = line_of(taken, grant.subject);
        const Amount left = grant.amount - (line ? std::min(line->amount, grant.amount) : nothing);
        if (left > nothing) booker.free(grant.subject, grant.currency, left);
    }
}

void taken(Booker& booker, const journal::AuthorityTaken& record) {
    if (booker.holder().branch > 0) return;
    const std::optional<Ask> ask = booker.views().ask(record.ask);
    if (!well_formed(record.lines)) {
        booker.doubt("malformed_record",
                     "authority taken in lines that are not amounts of distinct subjects");
        return;
    }
    if (ask && ask->state == AskState::closed) {
        if (!record.lines.empty()) {
            booker.doubt("ask_closed", "ask " + std::to_string(record.ask) + " was taken before");
        }
        return;
    }
    for (const journal::AuthorityLine& line : record.lines) {
        const journal::AuthorityLine* grant = ask ? line_of(ask->granted, line.subject) : nullptr;
        const Amount over = line.amount - (grant ? std::min(grant->amount, line.amount) : nothing);
        if (over <= nothing || -booker.position_of(line.subject).centre > most_total) continue;
        booker.regrant(line.subject, line.currency, over);
        booker.effects.recovery = true;
        booker.doubt("unknown_grant",
                     line.subject + " was taken for ask " + std::to_string(record.ask) +
                         ", which this ledger never granted",
                     Money{over, line.currency});
    }
    if (!ask) return;
    give_back(booker, *ask, record.lines);
    booker.effects.closed.push_back(ask->seq);
}

void returned(Booker& booker, const journal::AuthorityReturned& record) {
    if (!booker.frees()) return;
    if (!well_formed(record.lines)) {
        booker.doubt("malformed_record", "a return of what are not amounts of distinct subjects");
        return;
    }
    for (const journal::AuthorityLine& line : record.lines) {
        const Amount over = booker.free(line.subject, line.currency, line.amount);
        if (over > nothing) {
            booker.doubt("returned_beyond_held",
                         line.subject + " was returned beyond what its holder had",
                         Money{over, line.currency});
        }
    }
}

void adopted(Booker& booker, const journal::GenerationAdopted& record) {
    if (booker.holder().branch > 0) return;
    for (const Ask& ask : booker.views().live_asks()) {
        if (ask.state == AskState::granted) give_back(booker, ask, {});
        booker.effects.closed.push_back(ask.seq);
    }
    booker.effects.adopted = record.generation;
}

// Refunding takes the right to refund, which was born at the buyer (W6).
void refunded(Booker& booker, const journal::Refund& record) {
    const Subject right = right_subject(record.purchase);
    const bool gives_back =
        record.decision.refunded > nothing || record.decision.due_back > nothing;
    if (!gives_back || booker.holder().branch > 0) return;
    // A void spends the right itself, so what it lacks shows there as overdrawn.
    if (!record.is_void && booker.position_of(right).held <= nothing) {
        booker.doubt("refund_without_right",
                     "the right to refund " + record.purchase.text + " is elsewhere");
    }
}

bool moves_money(const journal::Entry& entry) {
    return std::any_of(entry.postings.begin(), entry.postings.end(),
                       [](const journal::Posting& posting) { return is_subject(posting.account); });
}

}  // namespace

Effects book(const Holder& holder, const journal::Entry& entry, const journal::Record& record,
             const Views& views) {
    Booker booker{holder, views};
    book_postings(booker, entry, record);
    std::visit(overloaded{
                   [&](const journal::AuthorityAsked& it) { asked(booker, it); },
                   [&](const journal::AuthorityTaken& it) { taken(booker, it); },
                   [&](const journal::AuthorityReturned& it) { returned(booker, it); },
                   [&](const journal::GenerationAdopted& it) { adopted(booker, it); },
                   [&](const journal::Refund& it) { refunded(booker, it); },
                   [](const auto&) {},
               },
               record);
    if (holder.standing == Standing::written_off && moves_money(entry)) {
        booker.doubt("late_entry", "an entry of a holder that was written off");
    }
    return booker.finish();
}

std::optional<Doubt> unbookable(const journal::Entry& entry, const Views& views) {
    if (entry.postings.size() > most_postings) return Doubt{"malformed_entry", "too many postings"};
    for (const journal::Posting& posting : entry.postings) {
        const Amount total = views.total(posting.account, posting.currency);
        if (!in_measure(posting.amount) || !within(total, most_total)) {
            return Doubt{"malformed_entry", "an amount beyond measure on " + posting.account};
        }
        if (!is_subject(posting.account)) continue;
        const Position position = views.position(posting.account);
        if (position.known && position.currency != posting.currency) {
            return Doubt{"malformed_entry", posting.account + " is not in this currency"};
        }
    }
    if (!journal::balanced(entry.postings))
        return Doubt{"unbalanced", "the postings do not sum to zero"};
    return std::nullopt;
}

Move write_off(const Subject& subject, const Position& position) {
    const Amount repaid = std::min(position.held, position.owed);
    return {.subject = subject,
            .currency = position.currency,
            .centre = position.held - repaid,
            .held = -position.held,
            .suspense = position.held,
            .loss = -repaid,
            .owed = -repaid,
            .repaid = repaid};
}

}  // namespace obol::ledger::book
