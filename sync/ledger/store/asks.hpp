#pragma once
// Asks and grants: rows of ask and ask_line. An ask is answered once; its grant is repeated until
// the chain has taken it.

#include <optional>
#include <vector>

#include "sync/ledger/book/booking.hpp"
#include "sync/sql/db.hpp"
#include "sync/wire/messages.hpp"

namespace obol::ledger {

void open_ask(sql::Db& db, const DeviceId& h, std::int64_t seq, const journal::Hash& hash,
              const book::NewAsk& ask);
void close_ask(sql::Db& db, const DeviceId& h, std::int64_t seq);
void grant_ask(sql::Db& db, const DeviceId& h, std::int64_t seq,
               const std::vector<journal::AuthorityLine>& lines);

std::optional<book::Ask> ask_of(sql::Db& db, const DeviceId& h, std::int64_t seq);
std::vector<book::Ask> live_asks_of(sql::Db& db, const DeviceId& h);
std::vector<wire::Grant> grants_of(sql::Db& db, const DeviceId& h);

struct OpenAsk {
    DeviceId h;
    std::int64_t seq = 0;
    std::int64_t arrival = 0;
};
std::vector<OpenAsk> open_asks_naming(sql::Db& db, std::string_view subject);
std::vector<OpenAsk> open_asks(sql::Db& db, bool placement);  // in the order of arrival

struct WantedLine {
    Subject subject;
    Amount wanted{};
};
std::vector<WantedLine> lines_of(sql::Db& db, const OpenAsk& ask);

}  // namespace obol::ledger
