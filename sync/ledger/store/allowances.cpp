#include "sync/ledger/store/allowances.hpp"

#include <algorithm>

#include "sync/core/ensure.hpp"
#include "sync/domain/subject.hpp"
#include "sync/ledger/store/postings.hpp"

namespace obol::ledger {

using book::Doubt;

namespace {

std::optional<Allowance> stated_in(const std::optional<journal::Map>& body) {
    if (!body) return std::nullopt;
    const auto at = body->find("allowance");
    if (at == body->end() || at->second.is_null()) return std::nullopt;
    const auto read = journal::allowance_from(at->second);
    return read ? std::optional(*read) : std::nullopt;
}

struct Claim {
    const AllowanceFacts* facts = nullptr;
    WalletId wallet;
    Currency currency;
};

std::optional<Claim> claim_of(const journal::Record& record) {
    if (const auto* it = std::get_if<journal::Purchase>(&record)) {
        return Claim{&it->facts.allowance, it->wallet, it->facts.basket.currency};
    }
    if (const auto* it = std::get_if<journal::PassRedeemed>(&record)) {
        return Claim{&it->allowance, it->credit.wallet, it->value.currency};
    }
    return std::nullopt;
}

Amount stated_risked(const journal::Record& record, const Subject& subject) {
    const auto* it = std::get_if<journal::Purchase>(&record);
    if (!it) return {};
    if (subject == business_subject(it->wallet, it->facts.place.business)) return it->facts.business.risked;
    if (subject == personal_subject(it->wallet)) return it->facts.personal.risked;
    const auto lot = std::ranges::find(it->facts.lots, subject,
                                       [](const LotFacts& each) { return lot_subject(each.lot.id); });
    return lot == it->facts.lots.end() ? Amount{} : lot->funds.risked;
}

// What the holder's own chain says that it had spent at risk.
class Spent {
public:
    Spent(sql::Db& db, const HolderRow& holder, std::int64_t seq) : db_(db), h_(holder.h.text), seq_(seq) {}

    AllowanceFacts facts(const AllowanceFacts& stated, const WalletId& wallet) {
        AllowanceFacts out = stated;
        out.spent = sum("seq > ?3", stated.acked);
        out.count = value("count(DISTINCT seq)", "seq > ?3", stated.acked);
        out.recent = sum("at > ?3 AND wallet = ?4", to_millis(stated.since), wallet.text);
        return out;
    }
    Amount of(const Subject& subject, std::int64_t acked) {
        return sum("seq > ?3 AND subject = ?4", acked, subject);
    }

private:
    // A device that writes nonsense must not make the sum overflow: exact as far as money goes.
    template <class... More>
    Amount sum(std::string_view where, const More&... more) {
        return Amount{value("CAST(min(total(minor), 4e18) AS INTEGER)", where, more...)};
    }
    template <class... More>
    std::int64_t value(std::string_view what, std::string_view where, const More&... more) {
        const std::string sql = "SELECT " + std::string(what) + " FROM at_risk WHERE h = ?1 AND seq < ?2 AND " +
                                std::string(where);
        return db_.value<std::int64_t>(sql, h_, seq_, more...).value_or(0);
    }

    sql::Db& db_;
    const std::string& h_;
    std::int64_t seq_;
};

// By the allowance that this ledger knows, which may be another than the venue had heard of.
Amount beyond(const AllowanceFacts& facts, const std::vector<journal::AuthorityLine>& lines, Spent& spent) {
    const RiskRoom room = risk_room(facts);
    Amount total{}, of_subjects{};
    for (const journal::AuthorityLine& line : lines) {
        total += line.amount;
        const Amount may = RiskRoom{line.amount, room.per_subject}.of(spent.of(line.subject, facts.acked));
        of_subjects += line.amount - may;
    }
    return std::max(of_subjects, total > room.in_all ? total - room.in_all : Amount{});
}

}  // namespace

Allowance allowance_of(Books& books, const VenueId& venue, const BusinessId& business) {
    if (const auto own = stated_in(books.fact("venue", venue.text))) return *own;
    return stated_in(books.fact("business", business.text)).value_or(Allowance{});
}

Currency currency_of_business(Books& books, const BusinessId& business) {
    const auto body = books.fact("business", business.text);
    ENSURE(body);
    const auto currency = body->find("currency");
    ENSURE(currency != body->end() && currency->second.text());
    return currency_of(*currency->second.text());
}

std::vector<Doubt> note_risk(Books& books, const HolderRow& holder, std::int64_t reported,
                             const journal::Entry& entry, const journal::Record& record) {
    const std::vector<journal::AuthorityLine> lines = journal::at_risk_lines(record);
    const std::optional<Claim> claim = claim_of(record);
    if (lines.empty() || !claim) return {};
    std::vector<Doubt> doubts;
    const auto mismatch = [&doubts](std::string_view where, std::string_view detail) {
        doubts.push_back({"replay_mismatch", "allowance." + std::string(where) + ": " + std::string(detail), std::nullopt});
    };
    const AllowanceFacts& stated = *claim->facts;
    if (stated.acked > reported) mismatch("acked", "more than was booked by then");
    if (stated.since > entry.wall - split_sale_window) mismatch("since", "leaves out recent sales");
    Spent spent{books.db(), holder, entry.seq};
    AllowanceFacts right = spent.facts(stated, claim->wallet);
    if (right != stated) mismatch("spent", "not what the chain says was spent at risk before");
    for (const journal::AuthorityLine& line : lines) {
        if (spent.of(line.subject, stated.acked) != stated_risked(record, line.subject)) {
            mismatch("risked", "not what the chain says of " + line.subject);
        }
    }
    right.allowance = allowance_of(books, holder.venue, holder.business);
    if (const Amount excess = beyond(right, lines, spent); excess > Amount{}) {
        doubts.push_back({"allowance_exceeded", "spent at risk beyond what the venue is allowed",
                          Money{excess, claim->currency}});
    }
    for (const journal::AuthorityLine& line : lines) {
        books.db().run("INSERT INTO at_risk (h, seq, subject, minor, wallet, at) VALUES (?, ?, ?, ?, ?, ?)",
                       holder.h.text, entry.seq, line.subject, line.amount.minor, claim->wallet.text,
                       to_millis(entry.wall));
    }
    return doubts;
}

}  // namespace obol::ledger
