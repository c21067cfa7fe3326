#include "agent/store/writer.hpp"

#include <algorithm>
#include <boost/asio/execution.hpp>
#include <boost/asio/post.hpp>
#include <boost/asio/prefer.hpp>

#include "sync/core/ensure.hpp"

namespace obol::agent {

namespace asio = boost::asio;

namespace {

// After these the file itself is in doubt, not just the job that met them.
bool hurts_the_store(const sql::SqlError& error) { return !error.constraint() && !error.disk_full(); }

const Fault read_only_now{"storage_read_only", "the file system of the agent's state is read-only"};

struct AtWork {
    WriteTxn::Context& context;
    explicit AtWork(WriteTxn::Context& of) : context(of) { context.step(); }
    ~AtWork() { context.step_since = WriteTxn::Context::resting; }
};

}  // namespace

Writer::Writer(sql::Db& db, WriteTxn::Context& context, const StoreOptions& options, asio::any_io_executor loop,
               std::shared_ptr<StoreListeners> listeners)
    : db_(db),
      context_(context),
      options_(options),
      disk_(options.free_bytes, options.reserve_bytes, options.reserve_file, options.read_only),
      loop_(std::move(loop)),
      listeners_(std::move(listeners)),
      self_(std::make_shared<Writer*>(this)) {
    ENSURE(options_.group_size > 0);
    if (options_.own_thread) thread_ = std::make_unique<host::Worker>("obol-store", [this] { work(); });
}

Writer::~Writer() { finish(); }

void Writer::finish() {
    {
        const std::lock_guard lock{mutex_};
        ending_ = true;
    }
    news_.notify_one();
    thread_.reset();
    while (!queue_.empty()) {  // without a thread
        Group group{next_group(), {}};
        run(group);
    }
}

void Writer::submit(Job job, Done done, Standing standing) {
    Pending pending{std::move(job), std::move(done), standing,
                    asio::prefer(loop_, asio::execution::outstanding_work.tracked)};
    bool refused = false;
    bool post_it = false;
    {
        const std::lock_guard lock{mutex_};
        refused = ending_ || (!standing.past_queue_limit && queue_.size() >= options_.queue_limit);
        if (!refused) {
            queue_.push_back(std::move(pending));
            post_it = !options_.own_thread && !std::exchange(posted_, true);
        }
    }
    if (refused) {
        // Posted, so that a caller never continues inside its own call.
        asio::post(loop_, [done = std::move(pending.done)] {
            done(nullptr, Fault{"busy", "too many writes are waiting, or the agent is ending"});
        });
        return;
    }
    if (options_.own_thread) news_.notify_one();
    if (post_it) commit_on_loop();
}

void Writer::commit_on_loop() {
    asio::post(loop_, [weak = std::weak_ptr<Writer*>(self_)] {
        const auto self = weak.lock();
        if (!self) return;
        Writer& writer = **self;
        writer.posted_ = false;
        Group group{writer.next_group(), {}};
        writer.run(group);
        if (!writer.queue_.empty() && !std::exchange(writer.posted_, true)) writer.commit_on_loop();
    });
}

std::vector<Writer::Pending> Writer::next_group() {
    std::vector<Pending> out;
    while (!queue_.empty() && out.size() < options_.group_size) {
        out.push_back(std::move(queue_.front()));
        queue_.pop_front();
    }
    return out;
}

void Writer::work() {
    for (;;) {
        Group group;
        {
            std::unique_lock lock{mutex_};
            news_.wait(lock, [this] { return ending_ || !queue_.empty(); });
            if (queue_.empty()) return;
            group.jobs = next_group();
        }
        run(group);
    }
}

Result<void> Writer::run_now(Job job) {
    Result<void> out;
    Group group;
    group.jobs.push_back({std::move(job), {}, {}, {}});
    run_jobs(group);
    if (group.outcomes[0].thrown) std::rethrow_exception(group.outcomes[0].thrown);
    return group.outcomes[0].result;
}

void Writer::run(Group& group) {
    if (group.jobs.empty()) return;
    const std::int64_t before = context_.state.head.seq;
    run_jobs(group);
    // Before anybody hears of it, so that nobody who does reads what was true before.
    ++context_.commits;
    if (std::exchange(context_.rules_touched, false)) ++context_.rule_changes;
    deliver(std::move(group), context_.state.head.seq > before);
}

void Writer::all(Group& group, const Fault& fault) {
    for (Outcome& outcome : group.outcomes) outcome = {nullptr, fault};
}

void Writer::run_jobs(Group& group) {
    group.outcomes.assign(group.jobs.size(), {});
    if (failed_) return all(group, {"outcome_unknown", "the store has failed and writes no more"});
    const AtWork at_work{context_};
    const bool giving_back = std::any_of(group.jobs.begin(), group.jobs.end(),
                                         [](const Pending& each) { return each.standing.from_reserve; });
    const DiskSpace::Room room = disk_.look(giving_back);
    if (room == DiskSpace::Room::read_only) return all(group, read_only_now);
    const Fault full{"storage_full", "too little space is left on the disk"};
    if (room == DiskSpace::Room::none || (room == DiskSpace::Room::reserve && !giving_back)) return all(group, full);
    context_.closed_asks.clear();
    const WriteTxn::Context::State before = context_.mark();
    bool committing = false;
    try {
        sql::Txn txn{db_};
        for (std::size_t i = 0; i < group.jobs.size(); ++i) {
            const Pending& each = group.jobs[i];
            context_.step();
            const bool may = room == DiskSpace::Room::enough || each.standing.from_reserve;
            group.outcomes[i] = may ? run_one(each.job) : Outcome{nullptr, full};
        }
        context_.step();
        sign_head(before.head.seq);
        committing = true;
        txn.commit();
        if (room == DiskSpace::Room::reserve) reuse_log();
    } catch (const sql::SqlError& error) {
        context_.restore(before);
        context_.memory.clear();
        if (!committing && !hurts_the_store(error)) {
            all(group, {"storage_full", error.what()});
            empty_log();
            return;
        }
        // SQLite calls it a failed write (SQLITE_IOERR_WRITE). Nothing was committed, so nothing happened.
        if (!committing && !error.damaged() && disk_.read_only()) return all(group, read_only_now);
        // Perhaps the commit stands, perhaps not: only a fresh look at the file can tell.
        failed_ = true;
        all(group, {"outcome_unknown", error.what()});
    }
}

// On the last of the disk the log must not grow: what it holds goes into the database at once, and the
// next commit begins at its front.
void Writer::reuse_log() {
    try {
        db_.exec("PRAGMA wal_checkpoint(PASSIVE)");
    } catch (const sql::SqlError&) {
        // The commit stands in the log all the same.
    }
}

// What was undone may have filled the disk with a log that holds nothing any more.
void Writer::empty_log() {
    try {
        db_.exec("PRAGMA wal_checkpoint(TRUNCATE)");
    } catch (const sql::SqlError&) {
        // It is used again from its front.
    }
}

// A Fault, a refusal or an exception undoes this job alone. A full or failing disk is not the job's
// matter: it ends the group.
Writer::Outcome Writer::run_one(const Job& job) {
    const WriteTxn::Context::State before = context_.mark();
    Outcome out;
    {
        sql::Savepoint savepoint{db_};
        try {
            WriteTxn txn{db_, context_};
            out.result = job(txn);
            if (out.result) savepoint.release();
        } catch (const Refused& refused) {
            out.result = refused.fault;
        } catch (const sql::SqlError& error) {
            if (!error.constraint()) throw;
            out.thrown = std::current_exception();
        } catch (...) {
            out.thrown = std::current_exception();
        }
        if (out.thrown || !out.result) savepoint.undo();
    }
    if (out.thrown || !out.result) {
        context_.restore(before);
        if (context_.rules_touched) context_.memory.clear();  // it may have seen what is undone now
    }
    return out;
}

// One signature covers all entries before it, since every hash covers its predecessor.
void Writer::sign_head(std::int64_t before) {
    const journal::Head& head = context_.state.head;
    if (head.seq == before) return;
    const crypto::Signature signature = context_.key.sign(journal::signed_text(context_.device, head));
    db_.run("INSERT INTO head_signature (seq, signature) VALUES (?, ?)", head.seq, signature);
}

void Writer::deliver(Group group, bool appended) {
    auto closed = failed_ ? std::vector<std::int64_t>{} : std::move(context_.closed_asks);
    context_.closed_asks.clear();
    const bool broken = failed_;
    asio::post(loop_, [group = std::make_shared<Group>(std::move(group)), closed = std::move(closed), appended, broken,
                       weak = std::weak_ptr<StoreListeners>(listeners_)] {
        if (const auto listeners = weak.lock()) listeners->news();
        for (std::size_t i = 0; i < group->jobs.size(); ++i) {
            Outcome& outcome = group->outcomes[i];
            group->jobs[i].done(outcome.thrown, std::move(outcome.result));
        }
        const auto listeners = weak.lock();
        if (!listeners) return;
        for (const std::int64_t seq : closed) {
            for (const auto& callback : listeners->ask_closed) callback(seq);
        }
        if (appended) {
            for (const auto& callback : listeners->commit) callback();
        }
        if (broken) {
            for (const auto& callback : std::exchange(listeners->failure, {})) callback();
        }
    });
}

}  // namespace obol::agent
