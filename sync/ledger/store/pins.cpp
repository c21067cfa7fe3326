#include "sync/ledger/store/pins.hpp"

namespace obol::ledger {

namespace {

void set_in_fact(Books& books, std::string_view kind, const std::string& id, bool locked,
                 std::set<std::string>& businesses) {
    std::optional<journal::Map> body = books.fact(kind, id);
    if (!body) return;
    const auto business = books.db().value<std::string>(
        "SELECT business FROM fact WHERE kind = ? AND id = ?", kind, id);
    (*body)["pin_locked"] = locked;
    if (books.put_fact(kind, id, BusinessId{*business}, *body)) businesses.insert(*business);
}

}  // namespace

void set_pin_locked(Books& books, const PassId& pass, bool locked,
                    std::set<std::string>& businesses) {
    books.db().run(
        "UPDATE pass_secret SET pin_locked = ?1, "
        "wrong_pins = CASE ?1 WHEN 0 THEN 0 ELSE wrong_pins END WHERE pass = ?2",
        locked, pass.text);
    set_in_fact(books, "pass", pass.text, locked, businesses);
    const auto wallet =
        books.db().value<std::string>("SELECT wallet FROM opened_wallet WHERE pass = ?", pass.text);
    if (wallet) set_in_fact(books, "wallet", *wallet, locked, businesses);
}

}  // namespace obol::ledger
