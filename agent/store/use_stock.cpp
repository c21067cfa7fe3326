#include "agent/store/use_stock.hpp"

#include <algorithm>
#include <map>

#include "agent/store/authority_moves.hpp"
#include "sync/domain/use_stock.hpp"

namespace obol::agent {

namespace {

constexpr std::string_view prefix = "offer:";

struct Stock {
    UsePace pace{};
    std::int64_t held = 0, elsewhere = 0;
    bool idle = false;
    std::int64_t to_ask = 0, to_return = 0;
};

void read_paces(Facts& facts, Instant now, std::map<OfferId, Stock>& out) {
    facts.db().each("SELECT offer, since, now, before, asked, tries FROM use_pace", [&](sql::Statement& row) {
        UsePace pace{from_millis(row.integer(1)), row.integer(2), row.integer(3), std::nullopt,
                     static_cast<int>(row.integer(5))};
        if (row.integer(4) > 0) pace.asked = from_millis(row.integer(4));
        out[OfferId{row.text(0)}].pace = at(pace, now);
    });
}

// Held beyond its home, which is nowhere: the uses of offers are in one row each.
void read_held(Facts& facts, Instant since, std::map<OfferId, Stock>& out) {
    facts.db().each(
        "SELECT subject, minor, last_used FROM held WHERE subject >= 'offer:' AND subject < 'offer;'",
        [&](sql::Statement& row) {
            Stock& stock = out[OfferId{row.text(0).substr(prefix.size())}];
            stock.held = row.integer(1);
            stock.idle = from_millis(row.integer(2)) <= since;
        });
}

bool is_over(const Offer& offer, Instant now) { return offer.valid.until && *offer.valid.until <= now; }

// What moves, by offer.
std::map<OfferId, Stock> stocks(Facts& facts, Instant now, Instant since) {
    std::map<OfferId, Stock> out;
    read_paces(facts, now, out);
    read_held(facts, since, out);
    for (auto& [id, stock] : out) {
        const std::optional<Offer> offer = facts.offer(id);
        const bool given_no_more = !offer || !offer->uses || is_over(*offer, now);
        if (given_no_more) stock.pace = {};
        const std::int64_t beyond = stock.held - uses_to_keep(stock.pace);
        if (stock.idle && beyond > 0) stock.to_return = beyond;
        if (given_no_more) continue;
        stock.elsewhere = facts.funds(offer_subject(id)).shown.minor - stock.held;
        stock.to_ask = uses_to_ask(stock.pace, stock.held, stock.elsewhere, now);
    }
    std::erase_if(out, [](const auto& each) { return each.second.to_ask <= 0 && each.second.to_return <= 0; });
    return out;
}

void write_pace(sql::Db& db, const OfferId& offer, const UsePace& pace) {
    db.run("INSERT OR REPLACE INTO use_pace (offer, since, now, before, asked, tries) VALUES (?, ?, ?, ?, ?, ?)",
           offer.text, to_millis(pace.since), pace.now, pace.before, pace.asked ? to_millis(*pace.asked) : 0,
           static_cast<std::int64_t>(pace.tries));
}

}  // namespace

void note_use(sql::Db& db, const OfferId& offer, Instant when) {
    UsePace pace;
    {
        auto row = db.prepare("SELECT since, now, before, asked, tries FROM use_pace WHERE offer = ?");
        row.bind_all(offer.text);
        if (row.step()) {
            pace = {from_millis(row.integer(0)), row.integer(1), row.integer(2), std::nullopt,
                    static_cast<int>(row.integer(4))};
            if (row.integer(3) > 0) pace.asked = from_millis(row.integer(3));
        }
    }
    write_pace(db, offer, used_once(pace, when));
}

bool idle_uses(Facts& facts, Instant now, Instant since) {
    const std::map<OfferId, Stock> all = stocks(facts, now, since);
    return std::ranges::any_of(all, [](const auto& each) { return each.second.to_return > 0; });
}

bool uses_lacking(Facts& facts, Instant now) {
    const std::map<OfferId, Stock> all = stocks(facts, now, now);
    return std::ranges::any_of(all, [](const auto& each) { return each.second.to_ask > 0; });
}

void return_idle_uses(WriteTxn& txn, Instant since, const InUse& in_use) {
    std::vector<journal::AuthorityLine> lines;
    for (const auto& [id, stock] : stocks(txn, txn.now(), since)) {
        const Subject subject = offer_subject(id);
        if (stock.to_return <= 0 || in_use.contains(subject)) continue;
        lines.push_back({subject, Amount{stock.to_return}, Currency::none()});
    }
    append_returns(txn, "idle", std::move(lines));
}

void ask_for_uses(WriteTxn& txn, const InUse& in_use) {
    std::vector<journal::AuthorityLine> lines;
    for (auto& [id, stock] : stocks(txn, txn.now(), txn.now())) {
        const Subject subject = offer_subject(id);
        // A sale asks for it right now.
        if (stock.to_ask <= 0 || in_use.contains(subject)) continue;
        lines.push_back({subject, Amount{stock.to_ask}, Currency::none()});
        stock.pace.asked = txn.now();
        ++stock.pace.tries;
        write_pace(txn.db(), id, stock.pace);
    }
    if (lines.empty()) return;
    const journal::AuthorityAsked asked{false, std::move(lines)};
    txn.append(asked);
}

}  // namespace obol::agent
