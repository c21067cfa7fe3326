#include "sync/ledger/store/postings.hpp"

#include "sync/core/ensure.hpp"

namespace obol::ledger {

std::int64_t write_transfer(sql::Db& db, const TransferHead& head,
                            const std::vector<journal::Posting>& postings) {
    ENSURE(journal::balanced(postings));
    db.run("INSERT INTO transfer (at, source, holder, seq, branch, note) VALUES (?, ?, ?, ?, ?, ?)",
           to_millis(head.at), head.source, head.holder, head.seq, head.branch, head.note);
    const std::int64_t id = db.last_insert_rowid();
    int n = 0;
    for (const journal::Posting& posting : postings) {
        const std::string_view currency = posting.currency.code();
        db.run("INSERT INTO posting (transfer, n, account, minor, currency) VALUES (?, ?, ?, ?, ?)",
               id, n++, posting.account, posting.amount.minor, currency);
        db.run(
            "INSERT INTO account (account, currency, minor) VALUES (?1, ?2, ?3) "
            "ON CONFLICT (account, currency) DO UPDATE SET minor = minor + ?3",
            posting.account, currency, posting.amount.minor);
    }
    return id;
}

Currency currency_of(std::string_view code) {
    if (code == Currency::none().code()) return Currency::none();
    const Result<Currency> currency = Currency::parse(code);
    ENSURE(currency);
    return *currency;
}

}  // namespace obol::ledger
