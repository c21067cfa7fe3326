#include "sync/ledger/api/reconciliation.hpp"

#include <map>

#include "sync/core/ensure.hpp"
#include "sync/ledger/store/comparison.hpp"
#include "sync/ledger/store/former_allowances.hpp"
#include "sync/ledger/store/holders.hpp"
#include "sync/ledger/store/recovery.hpp"

namespace obol::ledger {

namespace {

// {"at", "different"} of the last comparison that came to its end; null before the first.
Words comparison_in_words(sql::Db& db, const DeviceId& h, wire::Compared what) {
    const ComparisonState state = comparison_with(db, h, what);
    if (!state.at) return nullptr;
    return Words{{"at", to_rfc3339(*state.at)}, {"different", state.different}};
}

Words devices_in_words(Books& books) {
    Words devices = Words::array();
    books.db().each(
        "SELECT h, name, venue, status, head_seq, head_hash, reported_generation FROM holder ORDER BY name",
        [&](sql::Statement& row) {
            devices.push_back(Words{{"id", row.text(0)},
                                    {"name", row.text(1)},
                                    {"venue", row.text(2)},
                                    {"status", row.text(3)},
                                    {"head", Words{{"seq", row.integer(4)}, {"hash", to_hex(row.blob_view(5))}}},
                                    {"generation", row.integer(6)}});
        });
    for (Words& device : devices) {
        const DeviceId h{device["id"].get<std::string>()};
        device["compared"] = Words{{"held", comparison_in_words(books.db(), h, wire::Compared::held)},
                                   {"balances", comparison_in_words(books.db(), h, wire::Compared::balances)}};
    }
    return devices;
}

// subject → [{"venue", "device", "amount"}]
std::map<std::string, Words> held_by_subject(Books& books) {
    std::map<std::string, Words> held;
    books.db().each(
        "SELECT held.subject, h.venue, h.name, held.minor FROM held JOIN holder h ON h.h = held.h "
        "WHERE held.minor > 0 ORDER BY held.subject, h.name",
        [&](sql::Statement& row) {
            Words& list = held.try_emplace(row.text(0), Words::array()).first->second;
            list.push_back(
                Words{{"venue", row.text(1)}, {"device", row.text(2)}, {"amount", row.integer(3)}});
        });
    return held;
}

Words subjects_in_words(Books& books) {
    const auto held = held_by_subject(books);
    Words subjects = Words::array();
    books.db().each(
        "SELECT s.subject, s.currency, COALESCE(a.minor, 0), s.centre, s.loss, s.home FROM subject s "
        "LEFT JOIN account a ON a.account = s.subject AND a.currency = s.currency ORDER BY s.subject",
        [&](sql::Statement& row) {
            const auto found = held.find(row.text(0));
            subjects.push_back(Words{{"subject", row.text(0)},
                                     {"currency", row.text(1)},
                                     {"amount", row.integer(2)},
                                     {"centre", row.integer(3)},
                                     {"loss", row.integer(4)},
                                     {"home", text_or_null(row.text_view(5))},
                                     {"held", found == held.end() ? Words::array() : found->second}});
        });
    return subjects;
}

Words wallets_in_words(Books& books) {
    Words wallets = Words::array();
    std::map<std::string, std::size_t> place;
    const auto of = [&](const std::string& wallet) -> Words& {
        const auto [at, is_new] = place.try_emplace(wallet, wallets.size());
        if (is_new) {
            wallets.push_back(Words{{"id", wallet},
                                    {"pockets", Words{{"personal", 0}, {"business", 0}, {"commerce", 0}}},
                                    {"lots", Words::array()}});
        }
        return wallets[at->second];
    };
    const auto add = [&](const std::string& wallet, const char* pocket, std::int64_t minor) {
        Words& sum = of(wallet)["pockets"][pocket];
        sum = sum.get<std::int64_t>() + minor;
    };
    books.db().each("SELECT id FROM fact WHERE kind = 'wallet' AND gone = 0 ORDER BY id",
                    [&](sql::Statement& row) { of(row.text(0)); });
    books.db().each("SELECT account, minor FROM account WHERE account >= 'personal:' AND account < 'personal;'",
                    [&](sql::Statement& row) { add(row.text(0).substr(9), "personal", row.integer(1)); });
    books.db().each("SELECT account, minor FROM account WHERE account >= 'business:' AND account < 'business;'",
                    [&](sql::Statement& row) {
                        const std::string rest = row.text(0).substr(9);
                        add(rest.substr(0, rest.find(':')), "business", row.integer(1));
                    });
    books.db().each("SELECT w.wallet, w.lot, COALESCE(a.minor, 0) FROM wallet_lot w "
                    "LEFT JOIN account a ON a.account = 'lot:' || w.lot ORDER BY w.wallet, w.lot",
                    [&](sql::Statement& row) {
                        of(row.text(0))["lots"].push_back(
                            Words{{"id", row.text(1)}, {"amount", row.integer(2)}});
                        add(row.text(0), "commerce", row.integer(2));
                    });
    return wallets;
}

Words accounts_in_words(Books& books) {
    Words accounts = Words::array();
    books.db().each("SELECT account, currency, minor FROM account WHERE minor <> 0 ORDER BY account, currency",
                    [&](sql::Statement& row) {
                        accounts.push_back(Words{{"account", row.text(0)},
                                                 {"amount", row.integer(2)},
                                                 {"currency", row.text(1)}});
                    });
    return accounts;
}

Words contradictions_in_words(Books& books) {
    Words found = Words::array();
    const auto note = [&](std::string_view what, const std::string& where, std::int64_t by) {
        found.push_back(Words{{"what", what}, {"where", where}, {"by", by}});
    };
    books.db().each("SELECT currency, sum(minor) FROM account GROUP BY currency HAVING sum(minor) <> 0",
                    [&](sql::Statement& row) {
                        note("the accounts of a currency do not sum to zero", row.text(0), row.integer(1));
                    });
    // I2: centre + held = value + loss.
    books.db().each(
        "SELECT s.subject, s.centre + COALESCE((SELECT sum(minor) FROM held WHERE subject = s.subject), 0) - "
        "COALESCE((SELECT sum(minor) FROM account WHERE account = s.subject), 0) - s.loss AS off "
        "FROM subject s WHERE off <> 0",
        [&](sql::Statement& row) {
            note("centre and held differ from value and loss", row.text(0), row.integer(1));
        });
    books.db().each(
        "SELECT a.account, a.minor - COALESCE((SELECT sum(minor) FROM posting p WHERE p.account = a.account "
        "AND p.currency = a.currency), 0) AS off FROM account a WHERE off <> 0",
        [&](sql::Statement& row) {
            note("an account differs from its postings", row.text(0), row.integer(1));
        });
    return found;
}

// Whom recovery waits for. `listed` is what the record of issued keys says of the device: one that was
// given up after the backup will not come by itself.
Words awaited_in_words(Books& books) {
    Words out = Words::array();
    for (const Awaited& each : awaited(books.db())) {
        out.push_back(Words{{"id", each.h.text},
                            {"name", each.name},
                            {"venue", each.venue},
                            {"status", each.status},
                            {"listed", each.listed},
                            {"last_seen", instant_in_words(each.last_seen)}});
    }
    return out;
}

// What lies at the centre though it is homed at a venue that could hold it: it will ask for it soon.
std::int64_t placeable(Books& books) {
    return books.db()
        .value<std::int64_t>("SELECT count(*) FROM subject s WHERE s.centre > 0 AND s.home <> '' AND EXISTS "
                             "(SELECT 1 FROM holder h WHERE h.venue = s.home AND h.status = 'active')")
        .value_or(0);
}

// The most that each device could have spent at risk by now, or could yet: which of the two the ledger
// cannot know. By an allowance that was lowered, until the device has heard of it.
Words allowances_in_words(Books& books, std::map<std::string, std::int64_t>& sums) {
    std::vector<DeviceId> devices;
    books.db().each("SELECT h FROM holder WHERE status <> 'written_off' ORDER BY name",
                    [&](sql::Statement& row) { devices.push_back(DeviceId{row.text(0)}); });
    Words words = Words::array();
    for (const DeviceId& h : devices) {
        const std::optional<HolderRow> row = holder(books.db(), h.text);
        ENSURE(row);
        const Amount most = most_at_risk(books, *row);
        if (most == Amount{}) continue;
        const std::string currency(currency_of_business(books, row->business).code());
        sums[currency] += most.minor;
        words.push_back(Words{{"venue", row->venue.text},
                              {"device", row->name},
                              {"amount", most.minor},
                              {"currency", currency},
                              {"lowered_unheard", most_by_former(books.db(), h) > Amount{}}});
    }
    return words;
}

}  // namespace

Words exposure_in_words(Books& books) {
    std::map<std::string, std::int64_t> sums;
    const auto add = [&](sql::Statement& row) { sums[row.text(0)] += row.integer(1); };
    // Every currency in use is told, so that a zero is seen to be one.
    books.db().each("SELECT DISTINCT currency, 0 FROM subject WHERE currency <> 'XXX'", add);
    books.db().each("SELECT currency, sum(loss) FROM subject WHERE currency <> 'XXX' GROUP BY currency", add);
    books.db().each("SELECT s.currency, sum(p.minor) FROM suspense p JOIN subject s ON s.subject = p.subject "
                    "WHERE s.currency <> 'XXX' GROUP BY s.currency", add);
    // What an operator bore to end a recovery early or to give a device up that might spend at risk, until
    // somebody says that it is accounted for.
    books.db().each("SELECT currency, sum(minor) FROM exception "
                    "WHERE code IN ('written_off_in_recovery', 'written_off_allowance') AND closed_at IS NULL AND currency IS NOT NULL GROUP BY currency", add);
    // A centre below zero has granted what it did not have (a ledger that forgot).
    books.db().each("SELECT currency, -sum(centre) FROM subject WHERE centre < 0 AND currency <> 'XXX' "
                    "GROUP BY currency", add);
    const Words allowances = allowances_in_words(books, sums);
    Words exposure = Words::array(), held = Words::array();
    for (const auto& [currency, minor] : sums) {
        exposure.push_back(Words{{"amount", minor}, {"currency", currency}});
    }
    books.db().each(
        "SELECT h.venue, s.currency, sum(held.minor) FROM held JOIN holder h ON h.h = held.h "
        "JOIN subject s ON s.subject = held.subject WHERE s.currency <> 'XXX' AND held.minor > 0 "
        "GROUP BY h.venue, s.currency ORDER BY h.venue, s.currency",
        [&](sql::Statement& row) {
            held.push_back(
                Words{{"venue", row.text(0)}, {"amount", row.integer(2)}, {"currency", row.text(1)}});
        });
    return Words{{"exposure", exposure}, {"allowances", allowances}, {"held", held}};
}

Words reconciliation_in_words(Books& books, Instant now) {
    const Era current = era(books.db());
    return Words{{"as_of", to_rfc3339(now)},
                 {"generation", current.generation},
                 {"recovery", current.recovery},
                 {"awaited", awaited_in_words(books)},
                 {"later_ledger_seen", later_ledger_seen(books.db())},
                 {"placeable", placeable(books)},
                 {"devices", devices_in_words(books)},
                 {"wallets", wallets_in_words(books)},
                 {"subjects", subjects_in_words(books)},
                 {"accounts", accounts_in_words(books)},
                 {"contradictions", contradictions_in_words(books)}};
}

}  // namespace obol::ledger
