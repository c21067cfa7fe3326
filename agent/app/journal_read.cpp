#include "agent/app/journal_read.hpp"

#include <algorithm>
#include <boost/asio/post.hpp>
#include <boost/asio/this_coro.hpp>
#include <boost/asio/use_awaitable.hpp>

#include "sync/core/ensure.hpp"

namespace obol::agent {

namespace {

constexpr std::size_t entries_at_once = 100;

}  // namespace

void read_records(Facts& facts, std::int64_t& next, std::int64_t upto, std::size_t most, const SeeRecord& see) {
    const auto left = static_cast<std::size_t>(std::max<std::int64_t>(0, upto - next + 1));
    for (const auto& [seq, body] : facts.bodies(next, std::min(most, left))) {
        const Result<journal::Entry> entry = journal::decode_body(body);
        ENSURE(entry.has_value());
        const Result<journal::Record> record = journal::from_detail(entry->kind, entry->detail);
        if (record) see(seq, *entry, *record);
        next = seq + 1;
    }
}

awaitable<void> read_in_turns(Context& context, std::int64_t& next, std::int64_t upto, SeeRecord see) {
    const boost::asio::any_io_executor loop = co_await boost::asio::this_coro::executor;
    while (next <= upto) {
        const std::int64_t before = next;
        read_records(context.store.facts(), next, upto, entries_at_once, see);
        ENSURE(next > before);
        co_await boost::asio::post(loop, boost::asio::use_awaitable);
    }
}

std::int64_t first_entry_since(Facts& facts, Instant from) {
    std::int64_t low = 1, high = facts.head().seq + 1;
    while (low < high) {
        const std::int64_t middle = low + (high - low) / 2;
        const std::optional<journal::Entry> entry = facts.entry(middle);
        ENSURE(entry.has_value());
        if (entry->wall < from) low = middle + 1;
        else high = middle;
    }
    return low;
}

}  // namespace obol::agent
