#include "agent/store/uplink_store.hpp"

#include <boost/asio/async_result.hpp>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/post.hpp>
#include <boost/asio/use_awaitable.hpp>

#include "agent/store/authority_moves.hpp"
#include "agent/store/comparison.hpp"
#include "agent/store/page_moves.hpp"
#include "agent/store/use_stock.hpp"

namespace obol::agent {

namespace asio = boost::asio;

namespace {

struct Done {};
template <class T>
using Job = std::function<Result<T>(WriteTxn&)>;

constexpr Millis between_tries{1000};

bool is_stopped(Facts& facts) { return facts.meta("stopped_why").has_value(); }

void stop(WriteTxn& txn, std::string_view why) {
    if (!is_stopped(txn)) txn.set_meta("stopped_why", why);
}

// A7, between two greetings: what the ledger has booked of this chain and the chain has not, a twin wrote. Nothing of
// that page is believed, for its balances contain what the own entries to come would be laid over once more.
bool stops_behind(WriteTxn& txn, std::int64_t as_of) {
    if (as_of <= txn.head().seq) return false;
    stop(txn, "the ledger has booked more than the journal has");
    return true;
}

}  // namespace

template <class T>
awaitable<T> UplinkStore::commit(Job<T> job, Standing standing) {
    for (;;) {
        Result<T> out = co_await store_.write<T>(job, standing);
        if (out) co_return std::move(*out);
        if (timers_ == nullptr) throw StoreRefused(out.error());
        co_await pause();
    }
}

// No coroutine of its own, as Store::run.
awaitable<void> UplinkStore::pause() {
    return asio::async_initiate<const asio::use_awaitable_t<>, void()>(
        [](auto&& handler, Timers* timers) noexcept {
            auto kept = std::make_shared<std::decay_t<decltype(handler)>>(std::forward<decltype(handler)>(handler));
            timers->after(between_tries, [kept] { std::move (*kept)(); });
        },
        asio::use_awaitable, timers_);
}

UplinkStore::UplinkStore(agent::Store& store, InUse& in_use, asio::any_io_executor loop, Millis idle_return,
                         Timers* timers)
    : store_(store),
      in_use_(in_use),
      loop_(std::move(loop)),
      idle_return_(idle_return),
      timers_(timers),
      self_(std::make_shared<UplinkStore*>(this)) {
    store_.on_ask_closed([weak = std::weak_ptr<UplinkStore*>(self_)](std::int64_t seq) {
        if (const auto self = weak.lock()) (*self)->ask_closed(seq);
    });
    in_use_.on_release([weak = std::weak_ptr<UplinkStore*>(self_)] {
        if (const auto self = weak.lock()) (*self)->retry_recalls();
    });
}

UplinkStore::~UplinkStore() { *self_ = nullptr; }

awaitable<uplink::Position> UplinkStore::position() {
    Facts& facts = store_.facts();
    const sql::ReadTxn one_moment{facts.db()};
    uplink::Position out;
    out.head = facts.head();
    out.acked_seq = facts.acked_seq();
    out.generation = number_in_meta(facts, "generation");
    out.cursor = number_in_meta(facts, "cursor");
    out.stopped = is_stopped(facts);
    out.stopped_why = facts.meta("stopped_why").value_or("");
    out.staged = staged_so_far(facts);
    co_return out;
}

awaitable<uplink::Batch> UplinkStore::read(std::int64_t from_seq, std::size_t most_entries, std::size_t most_bytes) {
    Facts& facts = store_.facts();
    const sql::ReadTxn one_moment{facts.db()};
    uplink::Batch out;
    out.from_seq = from_seq;
    std::size_t size = 0;
    sql::Statement rows = facts.db().prepare("SELECT body FROM entry WHERE seq >= ? ORDER BY seq LIMIT ?");
    rows.bind_all(from_seq, static_cast<std::int64_t>(most_entries));
    while (rows.step()) {
        Bytes body = rows.blob(0);
        size += body.size();
        if (!out.entries.empty() && size > most_bytes) break;  // one entry goes, however large
        out.entries.push_back(std::move(body));
    }
    if (out.entries.empty()) co_return out;
    out.last.seq = from_seq + static_cast<std::int64_t>(out.entries.size()) - 1;
    out.last.hash = facts.hash_at(out.last.seq).value();
    const auto stored =
        facts.db().value<Bytes>("SELECT signature FROM head_signature WHERE seq = ?", out.last.seq);
    if (stored) {
        out.signature = *stored;
    } else {  // the batch ends within a commit group
        const crypto::Signature made = store_.key().sign(journal::signed_text(store_.device(), out.last));
        out.signature.assign(made.begin(), made.end());
    }
    co_return out;
}

awaitable<std::optional<journal::Hash>> UplinkStore::hash_at(std::int64_t seq) { co_return store_.facts().hash_at(seq); }

awaitable<void> UplinkStore::acknowledge(journal::Head head) {
    Job<Done> job = [head](WriteTxn& txn) -> Result<Done> {
        if (txn.hash_at(head.seq) == head.hash && head.seq > txn.acked_seq()) txn.set_meta("acked_seq", head.seq);
        return Done{};
    };
    co_await commit<Done>(std::move(job), surely_gives_back);
}

awaitable<void> UplinkStore::take(std::vector<wire::Grant> grants) {
    if (grants.empty()) co_return;
    Job<Done> job = [&grants](WriteTxn& txn) -> Result<Done> {
        if (!is_stopped(txn)) take_grants(txn, grants);
        return Done{};
    };
    co_await commit<Done>(std::move(job));
}

// Those that are due leave the list before any is called: a callback may wait anew.
template <class Due>
void UplinkStore::wake(Due due) {
    std::vector<Closed> called;
    for (auto it = waiters_.begin(); it != waiters_.end();) {
        if (due(it->second)) {
            called.push_back(std::move(it->second.closed));
            it = waiters_.erase(it);
        } else {
            ++it;
        }
    }
    for (const Closed& closed : called) closed();
}

awaitable<bool> UplinkStore::apply(wire::Page page) {
    struct Applied {
        bool fits = false;
        std::vector<wire::Recall> put_off;
    };
    Job<Applied> job = [this, &page](WriteTxn& txn) -> Result<Applied> {
        Applied out;
        if (stops_behind(txn, page.as_of)) return out;
        out.fits = apply_page(txn, page);
        txn.keep_clock_seen();
        if (out.fits && !is_stopped(txn)) out.put_off = return_recalled(txn, page.recalls, page.as_of, in_use_);
        return out;
    };
    Applied out = co_await commit<Applied>(std::move(job));
    if (!out.fits) co_return false;
    put_off_ = std::move(out.put_off);
    put_off_as_of_ = page.as_of;
    if (!page.facts.empty()) facts_changed_();
    wake([](const Waiter& waiter) { return waiter.moot && waiter.moot(); });
    co_return true;
}

// As many rows of a snapshot as a purchase that came just after may wait for.
constexpr std::size_t rows_a_job = 200;

// What an earlier snapshot left, begun and not ended, or put out of force.
awaitable<void> UplinkStore::empty_staged() {
    bool more = true;
    while (more) {
        Job<bool> job = [](WriteTxn& txn) -> Result<bool> { return txn.empty_staged(rows_a_job); };
        more = co_await commit<bool>(std::move(job));
    }
}

awaitable<bool> UplinkStore::stage(wire::SnapshotPage page) {
    Job<bool> judge = [&page](WriteTxn& txn) -> Result<bool> { return stops_behind(txn, page.as_of); };
    const bool behind = co_await commit<bool>(std::move(judge), surely_gives_back);
    if (behind) co_return false;
    if (page.after.empty()) {
        Job<Done> begin = [](WriteTxn& txn) -> Result<Done> {
            forget_staged(txn);
            return Done{};
        };
        co_await commit<Done>(std::move(begin));
        co_await empty_staged();
    } else {
        const wire::SnapshotAsk expected{page.id, page.after};
        if (staged_so_far(store_.facts()) != expected) co_return false;
    }
    // A page that is cut short here is staged again from its beginning: each row stands for itself.
    const std::size_t facts = page.facts.size(), all = facts + page.balances.size();
    std::size_t done = 0;
    do {
        const std::size_t end = std::min(done + rows_a_job, all);
        Job<Done> job = [&page, done, end, facts, all](WriteTxn& txn) -> Result<Done> {
            for (std::size_t i = done; i < end; ++i) {
                if (i < facts) txn.stage_fact(page.facts[i]);
                else txn.stage_balance(page.balances[i - facts], page.as_of);
            }
            if (end == all) note_staged(txn, page);
            return Done{};
        };
        co_await commit<Done>(std::move(job));
        done = end;
    } while (done < all);
    co_return true;
}

awaitable<void> UplinkStore::install() {
    Job<bool> job = [](WriteTxn& txn) -> Result<bool> { return install_staged(txn); };
    const bool in_force = co_await commit<bool>(std::move(job));
    if (!in_force) co_return;
    facts_changed_();
    co_await look_at_homes();
    co_await empty_staged();
}

// In pieces, and not of what counts: whose home is elsewhere only says what goes back when it is idle.
awaitable<void> UplinkStore::look_at_homes() {
    bool more = true;
    while (more) {
        Job<bool> job = [](WriteTxn& txn) -> Result<bool> { return txn.refresh_homes(rows_a_job); };
        more = co_await commit<bool>(std::move(job));
    }
}

awaitable<void> UplinkStore::install(wire::Snapshot whole) {
    wire::SnapshotPage page = uplink::one_page(std::move(whole));
    const bool staged = co_await stage(std::move(page));
    if (staged) co_await install();
}

awaitable<void> UplinkStore::adopt(std::int64_t generation) {
    Job<Done> job = [generation](WriteTxn& txn) -> Result<Done> {
        if (is_stopped(txn) || generation <= number_in_meta(txn, "generation")) return Done{};
        const journal::GenerationAdopted adopted{generation};
        txn.append(adopted);
        // Cursors of another generation count other changes: begin with a snapshot.
        txn.set_meta("cursor", std::int64_t{0});
        return Done{};
    };
    co_await commit<Done>(std::move(job));
}

awaitable<void> UplinkStore::ask_placement() {
    Job<Done> job = [](WriteTxn& txn) -> Result<Done> {
        if (is_stopped(txn)) return Done{};
        if (txn.db().value<std::int64_t>("SELECT 1 FROM ask WHERE open = 1 AND placement = 1")) return Done{};
        const journal::AuthorityAsked asked{true, {}};
        txn.append(asked);
        return Done{};
    };
    co_await commit<Done>(std::move(job));
}

// What a till will want when the link is down. A store that has no room for it goes without.
awaitable<void> UplinkStore::ask_for_lacking_uses(Instant now) {
    if (!uses_lacking(store_.facts(), now)) co_return;
    Job<Done> job = [this](WriteTxn& txn) -> Result<Done> {
        if (!is_stopped(txn)) ask_for_uses(txn, in_use_);
        return Done{};
    };
    co_await store_.write<Done>(std::move(job));
}

awaitable<void> UplinkStore::return_idle() {
    if (store_.facts().meta("away_after")) co_await look_at_homes();  // where a restart left it
    std::set<std::int64_t> waited_for;
    for (const auto& [token, waiter] : waiters_) waited_for.insert(waiter.ask);
    const Instant now = store_.clock().judged().now;
    co_await ask_for_lacking_uses(now);
    if (put_off_.empty() && !anything_due(store_.facts(), now, idle_return_) &&
        !idle_uses(store_.facts(), now, now - idle_return_)) {
        co_return;
    }
    std::vector<wire::Recall> recalls = std::exchange(put_off_, {});
    // With the page that they came by: another may come while the job waits for its turn.
    const std::int64_t as_of = put_off_as_of_;
    Job<std::vector<wire::Recall>> job = [this, waited_for = std::move(waited_for), &recalls,
                                          as_of](WriteTxn& txn) -> Result<std::vector<wire::Recall>> {
        if (is_stopped(txn)) return std::vector<wire::Recall>{};
        const Instant since = txn.now() - idle_return_;
        std::vector<wire::Recall> still = return_recalled(txn, recalls, as_of, in_use_);
        return_unused(txn, since, in_use_);
        give_up_asks(txn, since, waited_for);
        return_idle_uses(txn, since, in_use_);
        return still;
    };
    std::vector<wire::Recall> still = co_await commit<std::vector<wire::Recall>>(std::move(job), surely_gives_back);
    // A page may have put off others meanwhile.
    put_off_.insert(put_off_.end(), std::make_move_iterator(still.begin()), std::make_move_iterator(still.end()));
}

awaitable<void> UplinkStore::stop_for_good(std::string why) {
    Job<Done> job = [&why](WriteTxn& txn) -> Result<Done> {
        stop(txn, why);
        return Done{};
    };
    co_await commit<Done>(std::move(job), surely_gives_back);
}

awaitable<uplink::Slice> UplinkStore::slice(wire::Compared what, Subject after, std::size_t most) {
    co_return read_slice(store_.facts(), what, after, most);
}

awaitable<void> UplinkStore::compared(uplink::Comparison found) {
    Job<Done> job = [&found](WriteTxn& txn) -> Result<Done> {
        note_comparison(txn, found);
        return Done{};
    };
    co_await commit<Done>(std::move(job));
}

namespace {

// A till that quotes again and again what is out of reach would fill the journal with the same ask.
std::optional<std::int64_t> open_ask_like(WriteTxn& txn, const journal::AuthorityAsked& asked) {
    constexpr int most_compared = 16;
    std::vector<std::int64_t> open;
    txn.db().each("SELECT seq FROM ask WHERE open = 1 ORDER BY seq DESC LIMIT ?",
                  [&open](sql::Statement& row) { open.push_back(row.integer(0)); }, most_compared);
    for (const std::int64_t seq : open) {
        const std::optional<journal::Entry> entry = txn.entry(seq);
        const auto record = journal::from_detail(entry->kind, entry->detail);
        const auto* before = record ? std::get_if<journal::AuthorityAsked>(&*record) : nullptr;
        if (before != nullptr && *before == asked) return seq;
    }
    return std::nullopt;
}

}  // namespace

awaitable<Result<std::int64_t>> UplinkStore::ask(std::vector<journal::AuthorityLine> lines) {
    const journal::AuthorityAsked asked{false, std::move(lines)};
    Job<std::int64_t> job = [&asked](WriteTxn& txn) -> Result<std::int64_t> {
        const std::optional<std::int64_t> same = open_ask_like(txn, asked);
        return same ? *same : txn.append(asked).seq;
    };
    co_return co_await store_.write<std::int64_t>(std::move(job));
}

std::uint64_t UplinkStore::wait_for(std::int64_t ask, Closed closed, Moot moot) {
    // Before anybody is noted down: a disk that cannot be read leaves nobody behind who would be called.
    const bool open =
        store_.facts().db().value<std::int64_t>("SELECT 1 FROM ask WHERE seq = ? AND open = 1", ask).has_value();
    const std::uint64_t token = next_token_++;
    waiters_.emplace(token, Waiter{ask, std::move(closed), std::move(moot)});
    if (!open) {
        asio::post(loop_, [weak = std::weak_ptr<UplinkStore*>(self_), ask] {
            if (const auto self = weak.lock()) (*self)->ask_closed(ask);
        });
    }
    return token;
}

void UplinkStore::stop_waiting(std::uint64_t token) { waiters_.erase(token); }

void UplinkStore::ask_closed(std::int64_t seq) {
    wake([seq](const Waiter& waiter) { return waiter.ask == seq; });
}

// The recalled subject may be free now; the centre would not say it again.
void UplinkStore::retry_recalls() {
    if (put_off_.empty()) return;
    std::vector<wire::Recall> recalls = std::exchange(put_off_, {});
    const std::int64_t as_of = put_off_as_of_;
    auto retry = [](std::weak_ptr<UplinkStore*> weak, std::vector<wire::Recall> due,
                    std::int64_t booked) -> awaitable<void> {
        const auto self = weak.lock();
        if (!self) co_return;
        InUse& in_use = (*self)->in_use_;
        Job<std::vector<wire::Recall>> job =
            [&due, &in_use, booked](WriteTxn& txn) -> Result<std::vector<wire::Recall>> {
            if (is_stopped(txn)) return std::vector<wire::Recall>{};
            return return_recalled(txn, due, booked, in_use);
        };
        auto still = co_await (*self)->store_.write<std::vector<wire::Recall>>(std::move(job), surely_gives_back);
        if (*self == nullptr) co_return;  // the process is on its way out
        // A store that refuses says so to the next exchange too; the wish itself is kept for then.
        auto& put_off = (*self)->put_off_;
        if (put_off.empty()) put_off = still ? std::move(*still) : std::move(due);
    };
    asio::co_spawn(loop_, retry(self_, std::move(recalls), as_of), [](std::exception_ptr thrown) {
        if (thrown) std::rethrow_exception(thrown);  // a bug: the loop's owner stops the process
    });
}

}  // namespace obol::agent
