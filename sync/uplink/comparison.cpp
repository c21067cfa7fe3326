#include "sync/uplink/comparison.hpp"

namespace obol::uplink {

namespace {

// An entry between the read and the ledger's look costs one of them; more means that the till is busy.
constexpr int most_looks = 5;

struct Looked {
    std::vector<wire::Difference> differences;
    Subject until;  // empty: that was the last slice
};

// What the ledger says of one slice: its digest first, the rows only where that differs.
awaitable<Result<wire::CompareAnswer>> look(Ledger& ledger, wire::CompareAsk ask, std::vector<wire::Balance> rows) {
    wire::CompareAsk short_ask = ask;
    Result<wire::CompareAnswer> answer = co_await ledger.compare(std::move(short_ask));
    if (!answer || answer->state != wire::Comparison::different) co_return answer;
    ask.rows = std::move(rows);
    co_return co_await ledger.compare(std::move(ask));
}

awaitable<Result<Looked>> look_behind(Store& store, Ledger& ledger, wire::Compared what, Subject after) {
    for (int i = 0; i < most_looks; ++i) {
        Slice slice = co_await store.slice(what, after, wire::most_rows_a_slice);
        if (slice.cursor == 0) break;  // nothing was told yet
        Looked out;
        if (!slice.last) out.until = slice.rows.back().subject;
        wire::CompareAsk ask{slice.generation, slice.head, slice.cursor, what, after, out.until,
                             wire::digest_of(slice.rows), std::nullopt};
        Result<wire::CompareAnswer> answer = co_await look(ledger, std::move(ask), std::move(slice.rows));
        if (!answer) co_return answer.error();
        if (answer->state == wire::Comparison::moved) continue;
        out.differences = std::move(answer->differences);
        co_return out;
    }
    co_return Fault{"busy", "entries were written meanwhile; compare again in a moment"};
}

}  // namespace

awaitable<Result<Comparison>> compare_all(Store& store, Ledger& ledger) {
    Comparison out;
    for (const wire::Compared what : {wire::Compared::held, wire::Compared::balances}) {
        Subject after;
        do {
            Result<Looked> looked = co_await look_behind(store, ledger, what, after);
            if (!looked) co_return looked.error();
            for (wire::Difference& one : looked->differences) out.different.push_back({what, std::move(one)});
            after = std::move(looked->until);
        } while (!after.empty());
    }
    Comparison found = out;
    co_await store.compared(std::move(found));
    co_return out;
}

}  // namespace obol::uplink
