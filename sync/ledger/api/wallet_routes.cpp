// One wallet: what it holds, by what, since when; and money paid into it at the centre.

#include <algorithm>
#include <limits>

#include "sync/core/ensure.hpp"
#include "sync/domain/bounds.hpp"
#include "sync/ledger/api/admin.hpp"
#include "sync/ledger/api/limit_words.hpp"
#include "sync/ledger/api/wallet_words.hpp"
#include "sync/ledger/store/registrar.hpp"
#include "sync/ledger/store/wallets.hpp"

namespace obol::ledger {

namespace {

Answer wallet_unknown() { return problem("wallet_unknown", "there is no such wallet"); }

Answer show(Office& office, const Call& call) {
    const auto found = wallet(office.books, WalletId{call.ids[0]});
    if (!found) return wallet_unknown();
    return answer(200, wallet_in_words(office.books, *found));
}

Answer breakdown(Office& office, const Call& call) {
    const auto found = wallet(office.books, WalletId{call.ids[0]});
    if (!found) return wallet_unknown();
    return answer(200, breakdown_in_words(office.books, *found));
}

// A date is its midnight in the business's zone.
Result<std::optional<Instant>> moment(const Call& call, std::string_view name, const Zone& zone) {
    const auto text = call.request.query_value(name);
    if (!text) return std::optional<Instant>{};
    const auto boundary = parse_boundary(*text);
    if (!boundary) return Fault{"malformed_request", std::string(name) + " is no date and no instant"};
    if (boundary->instant) return std::optional<Instant>{*boundary->instant};
    return std::optional<Instant>{zone.start_of_day(*boundary->date)};
}

std::vector<std::pair<std::string, std::string>> accounts_of(Books& books, const Wallet& of) {
    std::vector<std::pair<std::string, std::string>> accounts{{personal_subject(of.id), "personal"}};
    for (const BusinessId& business : businesses_of(books, of.id)) {
        accounts.emplace_back(business_subject(of.id, business), "business");
    }
    for (const Lot& lot : lots_of(books, of.id)) accounts.emplace_back(lot_subject(lot.id), "commerce");
    return accounts;
}

struct Row {
    std::int64_t transfer = 0, n = 0;
    Words words;
};

// Every posting on the wallet's accounts in [from, to), oldest first, and what there was before.
Answer statement(Office& office, const Call& call) {
    const auto found = wallet(office.books, WalletId{call.ids[0]});
    if (!found) return wallet_unknown();
    auto zone = zone_of(office.books, business_of_venue(office.books, found->home)
                                          .value_or(scope_of_wallet(office.books, found->id)));
    if (!zone) {
        auto utc = Zone::find("Etc/UTC");
        ENSURE(utc);
        zone = *utc;
    }
    const auto from = moment(call, "from", *zone), to = moment(call, "to", *zone);
    if (!from) return problem(from.error());
    if (!to) return problem(to.error());
    const std::int64_t first = *from ? to_millis(**from) : std::numeric_limits<std::int64_t>::min();
    const std::int64_t end = *to ? to_millis(**to) : std::numeric_limits<std::int64_t>::max();

    std::int64_t opening = 0, moved = 0;
    std::vector<Row> rows;
    for (const auto& [account, pocket] : accounts_of(office.books, *found)) {
        office.books.db().each(
            "SELECT p.transfer, p.n, p.minor, t.at, t.source, t.note FROM posting p "
            "JOIN transfer t ON t.id = p.transfer WHERE p.account = ? AND t.at < ?",
            [&, &account = account, &pocket = pocket](sql::Statement& row) {
                const std::int64_t minor = row.integer(2), at = row.integer(3);
                if (at < first) return void(opening += minor);
                moved += minor;
                rows.push_back({row.integer(0), row.integer(1),
                                Words{{"transfer", row.integer(0)},
                                      {"at", to_rfc3339(from_millis(at))},
                                      {"pocket", pocket},
                                      {"account", account},
                                      {"amount", minor},
                                      {"source", row.text(4)},
                                      {"note", row.null(5) ? "" : row.text(5)}}});
            },
            account, end);
    }
    std::sort(rows.begin(), rows.end(), [](const Row& a, const Row& b) {
        return std::pair{a.transfer, a.n} < std::pair{b.transfer, b.n};
    });
    Words items = Words::array();
    for (Row& row : rows) items.push_back(std::move(row.words));
    return answer(200, Words{{"wallet", found->id.text},
                             {"currency", found->currency.code()},
                             {"from", instant_in_words(*from)},
                             {"to", instant_in_words(*to)},
                             {"opening", opening},
                             {"closing", opening + moved},
                             {"items", items}});
}

bool is_of_a_limit(const Fault& fault) {
    return fault.code == name_of(Code::limit_reached) ||
           fault.code == name_of(Code::below_minimum) || fault.code == name_of(Code::above_maximum);
}

Answer top_up(Office& office, const Call& call) {
    wire::JsonFaults faults;
    wire::ObjectReader reader{call.body, "", faults};
    Deposit order;
    order.wallet = WalletId{call.ids[0]};
    order.source = call.source();
    order.amount = Amount{reader.required_integer("amount", 1, largest_credit)};
    order.business = BusinessId{reader.required_id("business")};
    if (const auto pool = reader.optional_id("pool")) order.pool = PoolId{*pool};
    order.reference = reader.optional_text("reference", 1, 256).value_or("");
    reader.done();
    if (!faults.empty()) return malformed(faults);

    const auto done = deposit(office.books, order, call.now, office.random);
    if (!done && done.error().code == "business_unknown") {
        return malformed({{"/business", done.error().detail}});
    }
    if (!done && done.error().code == "pool_unknown") {
        return malformed({{"/pool", done.error().detail}});
    }
    if (!done && is_of_a_limit(done.error())) {
        const Currency currency = wallet(office.books, order.wallet)->currency;
        return refused_by_limits(judge_deposit(office.books, order, currency, call.now));
    }
    if (!done) return problem(done.error());
    const auto credited = wallet(office.books, order.wallet);
    ENSURE(credited);
    Words credit{{"pocket", done->lot ? "commerce" : "business"}};
    if (done->lot) credit["lot"] = done->lot->text;
    credit.update(money_in_words(done->money));
    return answer(201, Words{{"id", std::to_string(done->transfer)},
                             {"credited", credit},
                             {"wallet", wallet_in_words(office.books, *credited)}});
}

}  // namespace

Routes wallet_routes() {
    return {{"GET", "/wallets/{id}", may_read, show},
            {"GET", "/wallets/{id}/breakdown", may_read, breakdown},
            {"GET", "/wallets/{id}/statement", may_read, statement},
            {"POST", "/wallets/{id}/top-ups", may_finance, top_up}};
}

}  // namespace obol::ledger
