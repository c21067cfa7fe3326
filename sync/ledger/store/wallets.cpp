#include "sync/ledger/store/wallets.hpp"

#include "sync/core/ensure.hpp"
#include "sync/ledger/store/limits.hpp"
#include "sync/ledger/store/registrar.hpp"

namespace obol::ledger {

using journal::Map;
using journal::Value;

namespace {

void set_or_erase(Map& document, const std::string& key, const std::optional<std::string>& value) {
    if (value) {
        document[key] = *value;
    } else {
        document.erase(key);
    }
}

std::optional<std::string> optional_text(sql::Statement& row, int column) {
    if (row.null(column)) return std::nullopt;
    return row.text(column);
}

std::vector<std::string> split_lines(const std::string& text) {
    std::vector<std::string> lines;
    std::size_t start = 0;
    while (start < text.size()) {
        const std::size_t end = std::min(text.find('\n', start), text.size());
        lines.push_back(text.substr(start, end - start));
        start = end + 1;
    }
    return lines;
}

}  // namespace

std::optional<ContactShape> contact(Books& books, const ContactId& id) {
    std::optional<ContactShape> found;
    books.db().each(
        "SELECT name, phone, email, card, segments FROM contact WHERE id = ?",
        [&](sql::Statement& row) {
            found = ContactShape{.id = id,
                                 .name = row.text(0),
                                 .phone = optional_text(row, 1),
                                 .email = optional_text(row, 2),
                                 .card = optional_text(row, 3),
                                 .segments = split_lines(row.text(4))};
        },
        id.text);
    return found;
}

std::optional<Wallet> wallet(Books& books, const WalletId& id) {
    const auto document = books.fact("wallet", id.text);
    if (!document) return std::nullopt;
    auto read = journal::wallet_from(Value{*document});
    ENSURE(read);  // we wrote it
    return *read;
}

BusinessId scope_of_wallet(Books& books, const WalletId& id) {
    return BusinessId{books.db()
                          .value<std::string>(
                              "SELECT business FROM fact WHERE kind = 'wallet' AND id = ?", id.text)
                          .value_or("")};
}

std::vector<Lot> lots_of(Books& books, const WalletId& id) {
    std::vector<std::string> ids;
    books.db().each(
        "SELECT lot FROM wallet_lot WHERE wallet = ? ORDER BY lot",
        [&](sql::Statement& row) { ids.push_back(row.text(0)); }, id.text);
    std::vector<Lot> lots;
    for (const std::string& lot_id : ids) {
        const auto document = books.fact("lot", lot_id);
        if (!document) continue;
        auto lot = journal::lot_from(Value{*document});
        ENSURE(lot);
        lots.push_back(*lot);
    }
    return lots;
}

std::vector<std::string> wallets_of(Books& books, const ContactId& id) {
    std::vector<std::string> wallets;
    books.db().each(
        "SELECT wallet FROM contact_wallet WHERE contact = ? ORDER BY wallet",
        [&](sql::Statement& row) { wallets.push_back(row.text(0)); }, id.text);
    return wallets;
}

bool put_wallet(Books& books, const Wallet& wallet, const BusinessId& scope) {
    Map document = books.fact("wallet", wallet.id.text).value_or(Map{{"pin_locked", false}});
    std::optional<ContactShape> person;
    if (wallet.contact) person = contact(books, *wallet.contact);
    Wallet of_person = wallet;
    of_person.segments = person ? person->segments : std::vector<std::string>{};
    const Value body = journal::to_value(of_person);
    ENSURE(body.map());
    document.erase("segments");  // left out where there are none
    for (const auto& [key, value] : *body.map()) document[key] = value;

    set_or_erase(document, "phone", person ? person->phone : std::nullopt);
    set_or_erase(document, "email", person ? person->email : std::nullopt);
    set_or_erase(document, "card", person ? person->card : std::nullopt);
    if (wallet.contact) {
        books.db().run("INSERT OR IGNORE INTO contact_wallet (contact, wallet) VALUES (?, ?)",
                       wallet.contact->text, wallet.id.text);
    }
    return books.put_fact("wallet", wallet.id.text, scope, document);
}

void put_lot(Books& books, const Lot& lot) {
    const Value body = journal::to_value(lot);
    ENSURE(body.map());
    books.put_fact("lot", lot.id.text, lot.business, *body.map());
}

Span lot_validity(const Pool& pool, const std::optional<Boundary>& from,
                  const std::optional<Boundary>& until, Instant credited_at, const Zone& zone) {
    Validity validity = pool.validity;
    if (from) validity.from = from;
    if (until) {
        validity.until = until;
        validity.period.reset();
    }
    return resolve(validity, credited_at, zone);
}

std::vector<Reason> judge_deposit(Books& books, const Deposit& order, Currency currency,
                                  Instant now) {
    return judge_limits(
        limit_facts(books, order.wallet, order.business, LimitKind::top_up, now),
        {order.amount, currency});
}

Result<Deposited> deposit(Books& books, const Deposit& order, Instant now, Random& random) {
    ENSURE(order.amount > Amount{});
    const auto to = wallet(books, order.wallet);
    if (!to) return Fault{"wallet_unknown", "there is no wallet " + order.wallet.text};
    if (to->blocked) return Fault{"wallet_blocked", "the wallet is blocked"};
    const auto zone = zone_of(books, order.business);
    if (!zone) return Fault{"business_unknown", "there is no business " + order.business.text};

    Deposited done{.money = Money{order.amount, to->currency}};
    const auto pool = order.pool ? current_pool(books, *order.pool) : std::nullopt;
    if (order.pool && !pool) return Fault{"pool_unknown", "there is no pool " + order.pool->text};
    for (const Reason& reason : judge_deposit(books, order, done.money.currency, now)) {
        return Fault{std::string(name_of(reason.code)), reason.detail};
    }
    count_at_centre(books, {to->id, order.business, LimitKind::top_up, now, 1, done.money});

    Subject subject = business_subject(to->id, order.business);
    if (pool) {
        const Lot lot{.id = LotId{make_uuid7(now, random)},
                      .wallet = to->id,
                      .business = order.business,
                      .pool = pool->id,
                      .currency = to->currency,
                      .valid = lot_validity(*pool, {}, {}, now, *zone),
                      .credited_at = now,
                      .source = "top_up"};
        put_lot(books, lot);
        done.lot = lot.id;
        subject = lot_subject(lot.id);
    }
    books.ensure_subject(subject, order.business, to->home, to->currency);
    const std::vector<journal::Posting> postings{
        {"issue:" + order.business.text, -order.amount, to->currency},
        {subject, order.amount, to->currency}};
    const auto moved = books.transfer(now, order.source, order.reference, postings);
    if (!moved) return moved.error();
    done.transfer = *moved;
    return done;
}

}  // namespace obol::ledger
