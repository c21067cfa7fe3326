#include "agent/store/store.hpp"

#include <algorithm>
#include <boost/asio/async_result.hpp>
#include <boost/asio/dispatch.hpp>
#include <boost/asio/post.hpp>
#include <boost/asio/use_awaitable.hpp>

#include "agent/store/disk_space.hpp"
#include "agent/store/open.hpp"
#include "agent/store/writer.hpp"

namespace obol::agent {

namespace asio = boost::asio;

namespace {

// The loop's connection. Each read by itself would take and drop the locks of a read transaction, which
// costs more than the read; so what runs in one turn of the loop shares one, which a handler posted at its
// begin ends. It never outlives a commit: what waited for that commit reads what it wrote.
class Reader {
public:
    Reader(const StoreOptions& options, WriteTxn::Context& context, asio::any_io_executor loop)
        : context_(context), loop_(std::move(loop)), db_(options.path, sql::Db::Mode::reader, options.vfs),
          facts_(db_, context.cache_key,
                 [&context] { return context.clock.judged(); },
                 &memory_),
          self_(std::make_shared<Reader*>(this)) {}

    Facts& facts() {
        // Changes before commits, as the writer counts commits before changes: who sees a change sees the
        // commit that made it, so nothing older than the change is remembered after it.
        forget_what_changed();
        const std::uint64_t commits = context_.commits;
        if (turn_ && commits_ != commits) turn_.reset();
        if (!turn_) {
            // One that could not be ended would show the same moment for ever.
            if (db_.in_transaction()) db_.run("ROLLBACK");
            commits_ = commits;
            turn_.emplace(db_);
            end_with_this_turn();
        }
        return facts_;
    }
    void look_anew() {
        turn_.reset();
        forget_what_changed();
    }

private:
    void forget_what_changed() {
        const std::uint64_t changes = context_.rule_changes;
        if (std::exchange(rule_changes_, changes) != changes) memory_.clear();
    }
    void end_with_this_turn() {
        if (std::exchange(ending_, true)) return;
        asio::post(loop_, [weak = std::weak_ptr<Reader*>(self_)] {
            const auto self = weak.lock();
            if (!self) return;
            (*self)->ending_ = false;
            (*self)->turn_.reset();
        });
    }

    WriteTxn::Context& context_;
    asio::any_io_executor loop_;
    sql::Db db_;
    RuleMemory memory_{};
    Facts facts_;
    std::optional<sql::ReadTxn> turn_{};
    std::uint64_t commits_ = 0, rule_changes_ = 0;
    bool ending_ = false;
    std::shared_ptr<Reader*> self_;  // for what is posted
};

}  // namespace

struct Store::Impl {
    Impl(Opened opened, StoreKeys the_keys, const StoreOptions& options, asio::any_io_executor loop, WallClock& wall,
         BootClock& boot, Random& random)
        : keys(std::move(the_keys)),
          lock(std::move(opened.lock)),
          writing(std::move(opened.db)),
          clock(wall, boot, opened.clock),
          context{.device = opened.device,
                  .key = keys.device,
                  .cache_key = keys.cache_key,
                  .clock = clock,
                  .boot = boot,
                  .random = random},
          listeners(std::make_shared<StoreListeners>()) {
        context.here = VenueId{opened.venue};
        context.device_name = opened.device_name;
        context.receipt_printers = options.receipt_printers;
        context.state = opened.state;
        reader = std::make_unique<Reader>(options, context, loop);
        listeners->news = [this] { reader->look_anew(); };
        writer = std::make_unique<Writer>(*writing, context, options, std::move(loop), listeners);
    }

    // What is not told now, because the disk is full, comes before the next entry.
    void tell_clock_events() {
        clock.on_event([this] { tell_clock(); });
        if (!clock.news(0, 0).events.empty()) tell_clock();
    }
    void tell_clock() {
        const auto job = [](WriteTxn& txn) -> Result<void> {
            txn.tell_clock();
            return {};
        };
        writer->submit(job, [](std::exception_ptr, const Result<void>&) {}, surely);
    }

    StoreKeys keys;
    std::unique_ptr<host::FileLock> lock;
    std::unique_ptr<sql::Db> writing;
    GuardedClock clock;
    WriteTxn::Context context;
    std::shared_ptr<StoreListeners> listeners;
    std::unique_ptr<Reader> reader;
    std::unique_ptr<Writer> writer;  // goes first: it uses the rest
};

Store::Store(std::unique_ptr<Impl> impl) : impl_(std::move(impl)) {}
Store::~Store() = default;

Result<std::unique_ptr<Store>> Store::open(asio::any_io_executor loop, StoreOptions options, StoreKeys keys,
                                           WallClock& wall, BootClock& boot, Random& random) {
    if (!options.free_bytes) options.free_bytes = [path = options.path] { return host::free_space(path); };
    if (!options.read_only) options.read_only = [path = options.path] { return host::read_only(path); };
    const auto of_disk = [&options](const Fault& fault) {
        return options.read_only() ? Fault{"storage_read_only", fault.detail} : fault;
    };
    try {
        make_room_to_open(options);
        Result<Opened> opened = open_database(options, keys.device, boot.boot_id());
        if (!opened) return opened.error().code == "file_unwritable" ? of_disk(opened.error()) : opened.error();
        const bool begin = opened->state.head.seq == 0 && !opened->venue.empty();
        const journal::JournalOpened first{VenueId{opened->venue}, BusinessId{opened->business}, options.software};
        auto impl = std::make_unique<Impl>(std::move(*opened), std::move(keys), options, std::move(loop), wall, boot,
                                           random);
        if (begin) {
            const Result<void> done = impl->writer->run_now([&first](WriteTxn& txn) -> Result<void> {
                txn.append(first);
                return {};
            });
            if (!done) return done.error();
        }
        impl->tell_clock_events();
        return std::unique_ptr<Store>(new Store(std::move(impl)));
    } catch (const sql::SqlError& error) {
        if (error.damaged()) return Fault{"database_damaged", options.path + ": " + error.what()};
        return of_disk({"database_unusable", options.path + ": " + error.what()});
    }
}

// No coroutine of its own: what is captured lives in the handler, which GCC 12 destroys once. Without memory
// to begin, the process ends: asio would drop the caller, an uplink for good, without a word.
awaitable<Result<void>> Store::run(std::function<Result<void>(WriteTxn&)> job, Standing standing) {
    return asio::async_initiate<const asio::use_awaitable_t<>, void(std::exception_ptr, Result<void>)>(
        [](auto&& handler, Writer* writer, Writer::Job work, Standing claim) noexcept {
            using Handler = std::decay_t<decltype(handler)>;
            auto kept = std::make_shared<Handler>(std::forward<decltype(handler)>(handler));
            Writer::Done done = [kept](std::exception_ptr thrown, Result<void> result) {
                const auto executor = asio::get_associated_executor(*kept);
                asio::dispatch(executor, [kept, thrown, result = std::move(result)]() mutable {
                    std::move (*kept)(thrown, std::move(result));
                });
            };
            writer->submit(std::move(work), std::move(done), claim);
        },
        asio::use_awaitable, impl_->writer.get(), std::move(job), standing);
}

void Store::finish() { impl_->writer->finish(); }

GuardedClock& Store::clock() { return impl_->clock; }
Facts& Store::facts() { return impl_->reader->facts(); }
const DeviceId& Store::device() const { return impl_->context.device; }
const crypto::SigningKey& Store::key() const { return impl_->keys.device; }
bool Store::failed() const { return impl_->writer->failed(); }
bool Store::read_only() const { return impl_->writer->read_only(); }

Millis Store::stuck_for() const {
    const std::int64_t since = impl_->context.step_since;
    if (since == WriteTxn::Context::resting) return Millis{};
    return std::max(Millis{}, impl_->context.boot.since_boot() - Millis{since});
}

void Store::on_commit(std::function<void()> callback) { impl_->listeners->commit.push_back(std::move(callback)); }
void Store::on_ask_closed(std::function<void(std::int64_t)> callback) {
    impl_->listeners->ask_closed.push_back(std::move(callback));
}
void Store::on_failure(std::function<void()> callback) { impl_->listeners->failure.push_back(std::move(callback)); }

}  // namespace obol::agent
