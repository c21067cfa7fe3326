#include "sync/ledger/store/pins.hpp"

#include "sync/domain/pass.hpp"

namespace obol::ledger {

namespace {

struct Lock {
    bool locked = false;
    int wrong = 0;
};

void set_in_fact(Books& books, std::string_view kind, const std::string& id, const Lock& lock,
                 std::set<std::string>& businesses) {
    std::optional<journal::Map> body = books.fact(kind, id);
    if (!body) return;
    const auto business = books.db().value<std::string>(
        "SELECT business FROM fact WHERE kind = ? AND id = ?", kind, id);
    (*body)["pin_locked"] = lock.locked;
    body->erase("wrong_pins");
    if (lock.wrong > 0 && kind == "pass") (*body)["wrong_pins"] = std::int64_t{lock.wrong};
    if (books.put_fact(kind, id, BusinessId{*business}, *body)) businesses.insert(*business);
}

std::optional<Lock> lock_of(Books& books, const PassId& pass) {
    std::optional<Lock> lock;
    books.db().each(
        "SELECT pin_locked, wrong_pins FROM pass_secret WHERE pass = ?",
        [&lock](sql::Statement& row) {
            lock = Lock{row.integer(0) != 0, static_cast<int>(row.integer(1))};
        },
        pass.text);
    return lock;
}

// In the ledger's secrets and in the facts of the pass and of the wallet that it opened.
void write(Books& books, const PassId& pass, const Lock& lock, std::set<std::string>& businesses) {
    books.db().run("UPDATE pass_secret SET pin_locked = ?, wrong_pins = ? WHERE pass = ?",
                   lock.locked, lock.wrong, pass.text);
    set_in_fact(books, "pass", pass.text, lock, businesses);
    const auto wallet =
        books.db().value<std::string>("SELECT wallet FROM opened_wallet WHERE pass = ?", pass.text);
    if (wallet) set_in_fact(books, "wallet", *wallet, lock, businesses);
}

}  // namespace

void set_pin_locked(Books& books, const PassId& pass, bool locked,
                    std::set<std::string>& businesses) {
    const std::optional<Lock> before = lock_of(books, pass);
    if (before) write(books, pass, {locked, locked ? before->wrong : 0}, businesses);
}

void set_wrong_pins(Books& books, const PassId& pass, int wrong,
                    std::set<std::string>& businesses) {
    const std::optional<Lock> before = lock_of(books, pass);
    if (!before) return;
    // A lock stays: only somebody who may unlock takes it away.
    write(books, pass, {before->locked || wrong >= most_pin_tries, wrong}, businesses);
}

void add_wrong_pins(Books& books, const PassId& pass, int more,
                    std::set<std::string>& businesses) {
    const std::optional<Lock> before = lock_of(books, pass);
    if (before) set_wrong_pins(books, pass, more == 0 ? 0 : before->wrong + more, businesses);
}

void tell_wrong_pins(Books& books, const PassId& pass, std::set<std::string>& businesses) {
    if (const auto lock = lock_of(books, pass)) set_wrong_pins(books, pass, lock->wrong, businesses);
}

}  // namespace obol::ledger
