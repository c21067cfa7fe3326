#include "sync/ledger/store/former_allowances.hpp"

#include <algorithm>

namespace obol::ledger {

std::map<DeviceId, Amount> risks_by_fact(Books& books) {
    struct Row {
        std::string h, venue, business;
    };
    std::vector<Row> rows;
    books.db().each("SELECT h, venue, business FROM holder WHERE status <> 'written_off'", [&](sql::Statement& row) {
        rows.push_back({row.text(0), row.text(1), row.text(2)});
    });
    std::map<DeviceId, Amount> out;
    for (const Row& row : rows) {
        const Amount most =
            most_at_risk(allowance_of(books, VenueId{row.venue}, BusinessId{row.business}), Amount{}, 0);
        if (most > Amount{}) out.emplace(DeviceId{row.h}, most);
    }
    return out;
}

void keeping_former_allowances(Books& books, const std::function<void()>& change) {
    const std::map<DeviceId, Amount> before = risks_by_fact(books);
    change();
    if (before.empty()) return;
    const std::map<DeviceId, Amount> after = risks_by_fact(books);
    const std::int64_t until = books.last_change();
    for (const auto& [h, most] : before) {
        const auto now = after.find(h);
        if (now != after.end() && now->second >= most) continue;
        books.db().run("INSERT INTO former_allowance (h, until, minor) VALUES (?, ?, ?) "
                       "ON CONFLICT (h, until) DO UPDATE SET minor = max(minor, excluded.minor)",
                       h.text, until, most.minor);
    }
}

bool has_former_allowance(sql::Db& db, const DeviceId& h, std::int64_t cursor) {
    return db.value<std::int64_t>("SELECT 1 FROM former_allowance WHERE h = ? AND until <= ? LIMIT 1", h.text, cursor)
        .has_value();
}

void forget_former_allowances(sql::Db& db, const DeviceId& h, std::int64_t cursor) {
    db.run("DELETE FROM former_allowance WHERE h = ? AND until <= ?", h.text, cursor);
}

Amount most_by_former(sql::Db& db, const DeviceId& h) {
    return Amount{db.value<std::int64_t>("SELECT max(minor) FROM former_allowance WHERE h = ?", h.text).value_or(0)};
}

Amount most_at_risk(Books& books, const HolderRow& row) {
    return std::max(obol::most_at_risk(allowance_of(books, row.venue, row.business), Amount{}, 0),
                    most_by_former(books.db(), row.h));
}

}  // namespace obol::ledger
