#include "agent/app/refusals.hpp"

#include <boost/asio/co_spawn.hpp>

#include "agent/app/business_day.hpp"
#include "sync/host/system.hpp"

namespace obol::agent {

namespace {

awaitable<void> keep(Context& context, std::string code) {
    std::function<Result<bool>(WriteTxn&)> job = [&context, &code](WriteTxn& txn) -> Result<bool> {
        const std::optional<BusinessCalendar> calendar = calendar_of(txn, context.here);
        if (!calendar) return false;
        const LocalDate day = business_day_of(txn.now(), *calendar);
        txn.db().run("INSERT INTO refusal (day, code, count) VALUES (?, ?, 1) ON CONFLICT (day, code) DO UPDATE SET count = count + 1",
                     to_iso_date(day), code);
        return true;
    };
    // A full or read-only disk keeps no count; what it refuses is told by itself.
    static_cast<void>(co_await context.store.write<bool>(std::move(job)));
}

}  // namespace

void Refusals::count(const TerminalId& terminal, const std::string& code) {
    const Instant now = context_.wall.now();
    std::erase_if(last_, [now](const auto& each) { return each.second + one_refusal <= now; });
    if (!last_.emplace(std::pair{terminal.text, code}, now).second) return;
    boost::asio::co_spawn(loop_, keep(context_, code), [](std::exception_ptr thrown) {
        if (!thrown) return;
        try {
            std::rethrow_exception(thrown);
        } catch (const std::exception& error) {
            host::log_line(host::Level::error, std::string("a refusal was not counted: ") + error.what());
        }
    });
}

std::vector<std::pair<std::string, std::int64_t>> refusals_of(Facts& facts, LocalDate day) {
    std::vector<std::pair<std::string, std::int64_t>> out;
    facts.db().each(
        "SELECT code, count FROM refusal WHERE day = ? ORDER BY count DESC, code",
        [&out](sql::Statement& row) { out.emplace_back(row.text(0), row.integer(1)); }, to_iso_date(day));
    return out;
}

}  // namespace obol::agent
