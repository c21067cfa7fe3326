#include "sync/ledger/store/network.hpp"

#include <map>
#include <set>
#include <utility>

#include "sync/journal/records.hpp"
#include "sync/ledger/store/limits.hpp"

namespace obol::ledger {

namespace {

using Pairs = std::set<std::pair<std::string, std::string>>;  // viewer, business

std::optional<journal::Value> body_of(sql::Statement& row, int column) {
    Result<journal::Value> value = journal::decode(row.blob_view(column));
    if (!value) return std::nullopt;
    return std::move(*value);
}

Pairs wanted_pairs(sql::Db& db) {
    Pairs pairs;
    std::map<std::string, std::string> business_of_venue;
    db.each("SELECT id FROM fact WHERE kind = 'business' AND gone = 0", [&](sql::Statement& row) {
        pairs.emplace(row.text(0), row.text(0));
        pairs.emplace(row.text(0), "");
    });
    db.each("SELECT id, business FROM fact WHERE kind = 'venue' AND gone = 0",
            [&](sql::Statement& row) {
                business_of_venue.emplace(row.text(0), row.text(1));
                pairs.emplace(row.text(1), row.text(1));
                pairs.emplace(row.text(1), "");
            });
    db.each("SELECT body FROM fact WHERE kind = 'pool' AND gone = 0", [&](sql::Statement& row) {
        const auto body = body_of(row, 0);
        if (!body) return;
        const Result<Pool> pool = journal::pool_from(*body);
        if (!pool) return;
        for (const BusinessId& named : pool->businesses)
            pairs.emplace(named.text, pool->business.text);
        for (const VenueId& named : pool->venues) {
            const auto at = business_of_venue.find(named.text);
            if (at != business_of_venue.end()) pairs.emplace(at->second, pool->business.text);
        }
    });
    return pairs;
}

void announce_again(sql::Db& db, const std::string& business) {
    db.run("DELETE FROM change WHERE business = ?", business);
    db.run(
        "INSERT INTO change (business, kind, id) SELECT business, kind, id FROM fact "
        "WHERE business = ? AND gone = 0",
        business);
    db.run(
        "INSERT INTO change (business, kind, id) SELECT business, 'balance', subject FROM subject "
        "WHERE business = ? AND (currency <> 'XXX' OR subject LIKE 'offer:%')",
        business);
    announce_limits_again(db, business);
}

}  // namespace

void refresh_network(sql::Db& db) {
    const Pairs wanted = wanted_pairs(db);
    Pairs present;
    db.each("SELECT viewer, business FROM sees",
            [&](sql::Statement& row) { present.emplace(row.text(0), row.text(1)); });
    for (const auto& [viewer, business] : present) {
        if (!wanted.contains({viewer, business})) {
            db.run("DELETE FROM sees WHERE viewer = ? AND business = ?", viewer, business);
        }
    }
    std::set<std::string> newly_seen;
    for (const auto& [viewer, business] : wanted) {
        if (present.contains({viewer, business})) continue;
        db.run("INSERT INTO sees (viewer, business) VALUES (?, ?)", viewer, business);
        if (business != viewer && !business.empty()) newly_seen.insert(business);
    }
    for (const std::string& business : newly_seen) announce_again(db, business);
}

bool sees(sql::Db& db, const BusinessId& viewer, std::string_view business) {
    return db
        .value<std::int64_t>("SELECT 1 FROM sees WHERE viewer = ? AND business = ?", viewer.text,
                             business)
        .has_value();
}

std::vector<std::string> viewers_of(sql::Db& db, std::string_view business) {
    std::vector<std::string> out;
    db.each(
        "SELECT viewer FROM sees WHERE business = ?",
        [&](sql::Statement& row) { out.push_back(row.text(0)); }, business);
    return out;
}

}  // namespace obol::ledger
