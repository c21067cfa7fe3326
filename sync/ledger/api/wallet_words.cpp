#include "sync/ledger/api/wallet_words.hpp"

#include <algorithm>

#include "sync/ledger/api/subject_words.hpp"
#include "sync/ledger/store/registrar.hpp"
#include "sync/ledger/store/wallets.hpp"

namespace obol::ledger {

namespace {

Words pool_named(Books& books, const PoolId& id) {
    const auto pool = current_pool(books, id);
    return Words{{"id", id.text}, {"name", pool ? pool->name : ""}};
}

Words lot_in_words(Books& books, const Lot& lot) {
    const Words where = subject_in_words(books, lot_subject(lot.id));
    return Words{{"id", lot.id.text},
                 {"business", lot.business.text},
                 {"pool", pool_named(books, lot.pool)},
                 {"amount", where["amount"]},
                 {"centre", where["centre"]},
                 {"held", where["held"]},
                 {"valid_from", instant_in_words(lot.valid.from)},
                 {"valid_until", instant_in_words(lot.valid.until)},
                 {"source", lot.source}};
}

}  // namespace

std::vector<BusinessId> businesses_of(Books& books, const WalletId& id) {
    std::vector<BusinessId> businesses;
    const std::string first = business_subject(id, BusinessId{});
    // ';' is the character after ':', so this is every subject that begins with "business:ID:".
    std::string last = first;
    last.back() = ';';
    books.db().each("SELECT subject FROM subject WHERE subject >= ? AND subject < ? ORDER BY subject",
                    [&](sql::Statement& row) {
                        businesses.emplace_back(row.text(0).substr(first.size()));
                    },
                    first, last);
    return businesses;
}

Words wallet_in_words(Books& books, const Wallet& wallet) {
    const Words personal = subject_in_words(books, personal_subject(wallet.id));
    Words lots = Words::array(), open = Words::array();
    std::int64_t business_total = 0, commerce_total = 0;
    for (const BusinessId& business : businesses_of(books, wallet.id)) {
        Words pocket{{"business", business.text}};
        pocket.update(subject_in_words(books, business_subject(wallet.id, business)));
        business_total += pocket["amount"].get<std::int64_t>();
        open.push_back(std::move(pocket));
    }
    for (const Lot& lot : lots_of(books, wallet.id)) {
        lots.push_back(lot_in_words(books, lot));
        commerce_total += lots.back()["amount"].get<std::int64_t>();
    }
    return Words{{"id", wallet.id.text},
                 {"holder", wallet.holder},
                 {"contact", wallet.contact ? Words(wallet.contact->text) : Words(nullptr)},
                 {"opened_by", wallet.opened_by ? Words(wallet.opened_by->text) : Words(nullptr)},
                 {"currency", wallet.currency.code()},
                 {"home", text_or_null(wallet.home.text)},
                 {"blocked", wallet.blocked},
                 {"pockets", Words{{"personal", personal["amount"]},
                                   {"business", business_total},
                                   {"commerce", commerce_total}}},
                 {"personal", personal},
                 {"business", open},
                 {"lots", lots}};
}

Words breakdown_in_words(Books& books, const Wallet& wallet) {
    Words by_business = Words::object();
    const auto of = [&](const BusinessId& business) -> Words& {
        if (!by_business.contains(business.text)) {
            by_business[business.text] = Words{{"business", business.text},
                                               {"open", 0},
                                               {"commerce", 0},
                                               {"pools", Words::array()}};
        }
        return by_business[business.text];
    };
    for (const BusinessId& business : businesses_of(books, wallet.id)) {
        of(business)["open"] = books.balance(business_subject(wallet.id, business)).minor;
    }
    for (const Lot& lot : lots_of(books, wallet.id)) {
        const std::int64_t amount = books.balance(lot_subject(lot.id)).minor;
        Words& entry = of(lot.business);
        entry["commerce"] = entry["commerce"].get<std::int64_t>() + amount;
        auto known = std::find_if(entry["pools"].begin(), entry["pools"].end(),
                                  [&](const Words& pool) { return pool["pool"]["id"] == lot.pool.text; });
        if (known == entry["pools"].end()) {
            entry["pools"].push_back(
                Words{{"pool", pool_named(books, lot.pool)}, {"amount", 0}, {"lots", 0}});
            known = std::prev(entry["pools"].end());
        }
        (*known)["amount"] = (*known)["amount"].get<std::int64_t>() + amount;
        (*known)["lots"] = (*known)["lots"].get<std::int64_t>() + 1;
    }
    Words businesses = Words::array();
    for (auto& [id, entry] : by_business.items()) businesses.push_back(entry);
    return Words{{"wallet", wallet.id.text},
                 {"currency", wallet.currency.code()},
                 {"personal", books.balance(personal_subject(wallet.id)).minor},
                 {"businesses", businesses}};
}

}  // namespace obol::ledger
