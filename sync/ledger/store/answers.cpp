#include "sync/ledger/store/answers.hpp"

#include <algorithm>
#include <map>

#include "sync/domain/subject.hpp"
#include "sync/ledger/book/answer.hpp"
#include "sync/ledger/store/network.hpp"
#include "sync/ledger/store/positions.hpp"
#include "sync/ledger/store/postings.hpp"

namespace obol::ledger {

namespace {

using wire::HolderStatus;

void give_all(sql::Db& db, const OpenAsk& ask, const std::vector<journal::AuthorityLine>& lines) {
    for (const journal::AuthorityLine& line : lines) give(db, ask.h, line);
    grant_ask(db, ask.h, ask.seq, lines);
}

}  // namespace

bool Answers::may_be_granted(const HolderRow& row) {
    const Era now = era(books_.db());
    return !now.recovery && row.status == HolderStatus::active &&
           row.reported_generation == now.generation;
}

bool Answers::another_may_return(const DeviceId& asker, const Subject& subject) {
    std::vector<DeviceId> others;
    books_.db().each(
        "SELECT held.h FROM held JOIN holder ON holder.h = held.h "
        "WHERE subject = ? AND held.h <> ? AND minor > 0 AND status = 'active'",
        [&](sql::Statement& row) { others.emplace_back(row.text(0)); }, subject, asker.text);
    return std::any_of(others.begin(), others.end(), reachable_);
}

void Answers::answer_explicit(const OpenAsk& ask, Wake& wake) {
    sql::Db& db = books_.db();
    const std::optional<HolderRow> asker = holder(db, ask.h.text);
    if (!asker || !may_be_granted(*asker)) return;
    std::vector<book::Wanted> lines;
    for (const WantedLine& line : lines_of(db, ask)) {
        const std::optional<SubjectRow> row = books_.subject(line.subject);
        // What does not exist, or is none of this business's affairs, is never given.
        if (!row || !sees(db, asker->business, row->business.text)) continue;
        lines.push_back({.subject = line.subject,
                         .currency = row->currency,
                         .wanted = line.wanted,
                         .centre = row->centre,
                         .whole = row->centre + books_.held_total(line.subject),
                         .may_return = another_may_return(ask.h, line.subject)});
    }
    const std::vector<journal::AuthorityLine> given = book::answer(lines);
    if (!given.empty()) {
        give_all(db, ask, given);
        wake.holders.insert(ask.h.text);
        return;
    }
    for (const book::Wanted& line : lines) {
        if (book::missing(line) <= Amount{}) continue;
        db.each(
            "SELECT h FROM held WHERE subject = ? AND h <> ? AND minor > 0",
            [&](sql::Statement& row) { wake.holders.insert(row.text(0)); }, line.subject,
            ask.h.text);
    }
}

namespace {

// Homed at this venue, at the centre, and not waiting for somebody who asked for it by name.
constexpr std::string_view placeable =
    "SELECT subject, centre, currency FROM subject s WHERE home = ?1 AND home <> '' AND centre > 0 "
    "AND NOT EXISTS (SELECT 1 FROM ask_line l JOIN ask a ON a.h = l.h AND a.seq = l.seq "
    "WHERE l.subject = s.subject AND a.state = 'open' AND a.placement = 0) ORDER BY subject";

}  // namespace

void Answers::answer_placement(const OpenAsk& ask, Wake& wake) {
    sql::Db& db = books_.db();
    const std::optional<HolderRow> asker = holder(db, ask.h.text);
    if (!asker || !may_be_granted(*asker)) return;
    std::vector<journal::AuthorityLine> found, lines;
    {
        auto row = db.prepare(placeable);
        row.bind_all(asker->venue.text);
        while (found.size() < most_placed_an_ask && row.step()) {
            found.push_back({row.text(0), Amount{row.integer(1)}, currency_of(row.text_view(2))});
        }
    }
    for (journal::AuthorityLine& line : found) {
        const bool split =
            is_indivisible(line.subject) && books_.held_total(line.subject) > Amount{};
        if (!split) lines.push_back(std::move(line));
    }
    if (lines.empty()) return;
    give_all(db, ask, lines);
    wake.holders.insert(ask.h.text);
}

void Answers::settle(const std::set<Subject>& touched, Wake& wake) {
    std::map<std::int64_t, OpenAsk> asks;
    for (const Subject& subject : touched) {
        for (OpenAsk& ask : open_asks_naming(books_.db(), subject)) asks.emplace(ask.arrival, ask);
    }
    for (const auto& [arrival, ask] : asks) answer_explicit(ask, wake);
    for (const OpenAsk& ask : open_asks(books_.db(), true)) answer_placement(ask, wake);
    for (const Subject& subject : touched) {
        const std::optional<SubjectRow> row = books_.subject(subject);
        if (row && row->centre > Amount{} && !row->home.empty()) wake.venues.insert(row->home.text);
        books_.db().each(
            "SELECT held.h FROM subject s JOIN held ON held.subject = s.subject AND held.minor > 0 "
            "WHERE s.subject = ? AND s.owed > 0",
            [&](sql::Statement& found) { wake.holders.insert(found.text(0)); }, subject);
    }
}

void Answers::settle_all(Wake& wake) {
    for (const OpenAsk& ask : open_asks(books_.db(), false)) answer_explicit(ask, wake);
    for (const OpenAsk& ask : open_asks(books_.db(), true)) answer_placement(ask, wake);
    wake.all = true;
}

std::vector<wire::Recall> Answers::recalls_for(const HolderRow& row) {
    std::vector<wire::Recall> out;
    if (row.status != HolderStatus::active) return out;
    struct Wish {
        Amount wanted{}, held{}, centre{};
    };
    std::map<Subject, Wish> wishes;
    books_.db().each(
        "SELECT l.subject, l.wanted, held.minor, s.centre FROM ask a "
        "JOIN holder asker ON asker.h = a.h AND asker.status = 'active' "
        "JOIN ask_line l ON l.h = a.h AND l.seq = a.seq "
        "JOIN held ON held.subject = l.subject AND held.h = ?1 AND held.minor > 0 "
        "JOIN subject s ON s.subject = l.subject "
        "JOIN sees ON sees.viewer = asker.business AND sees.business = s.business "
        "WHERE a.state = 'open' AND a.placement = 0 AND a.h <> ?1",
        [&](sql::Statement& found) {
            Wish& wish = wishes[found.text(0)];
            // Several may want it; more than is held is never wished for, so the sum may be cut
            // there.
            const Amount most = Amount{largest_amount};
            wish.wanted = std::min(most, wish.wanted + std::min(most, Amount{found.integer(1)}));
            wish.held = Amount{found.integer(2)};
            wish.centre = Amount{found.integer(3)};
        },
        row.h.text);
    // What was spent at risk is paid by what its holders return.
    books_.db().each(
        "SELECT s.subject, s.owed, held.minor, s.centre FROM subject s "
        "JOIN held ON held.subject = s.subject AND held.h = ?1 AND held.minor > 0 WHERE s.owed > 0",
        [&](sql::Statement& found) {
            Wish& wish = wishes[found.text(0)];
            const Amount most = Amount{largest_amount};
            wish.wanted = std::min(most, wish.wanted + std::min(most, Amount{found.integer(1)}));
            wish.held = Amount{found.integer(2)};
            wish.centre = Amount{found.integer(3)};
        },
        row.h.text);
    for (const auto& [subject, wish] : wishes) {
        if (out.size() == most_recalls_a_page) break;
        const Amount lacking = wish.wanted - std::max(wish.centre, Amount{});
        if (lacking <= Amount{}) continue;
        out.push_back(
            {subject, is_indivisible(subject) ? wish.held : std::min(lacking, wish.held)});
    }
    return out;
}

bool Answers::placement_for(const HolderRow& row) {
    if (!may_be_granted(row)) return false;
    auto found = books_.db().prepare(placeable);
    found.bind_all(row.venue.text);
    return found.step();
}

}  // namespace obol::ledger
