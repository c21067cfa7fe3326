#pragma once
// Private to this folder: the one connection that writes. Jobs that wait together share one commit, each
// in a savepoint of its own; nobody hears of a job before the commit that carries it.

#include <condition_variable>
#include <deque>
#include <memory>
#include <mutex>

#include "agent/store/disk_space.hpp"
#include "agent/store/write_context.hpp"
#include "sync/host/system.hpp"

namespace obol::agent {

// Called on the loop; weakly held by what is posted there, so that nothing fires after the store is gone.
struct StoreListeners {
    std::function<void()> news;  // first of all: readers look anew
    std::vector<std::function<void()>> commit;
    std::vector<std::function<void(std::int64_t)>> ask_closed;
    std::vector<std::function<void()>> failure;
};

class Writer {
public:
    using Job = std::function<Result<void>(WriteTxn&)>;
    using Done = std::function<void(std::exception_ptr, Result<void>)>;

    Writer(sql::Db& db, WriteTxn::Context& context, const StoreOptions& options,
           boost::asio::any_io_executor loop, std::shared_ptr<StoreListeners> listeners);
    ~Writer();  // finishes
    Writer(const Writer&) = delete;
    Writer& operator=(const Writer&) = delete;

    void submit(Job job, Done done, Standing standing);
    // Commits what is queued; no job runs after this has returned.
    void finish();
    // On the caller's thread, before the first submit.
    Result<void> run_now(Job job);
    bool failed() const { return failed_; }
    bool read_only() const { return disk_.read_only(); }

private:
    struct Pending {
        Job job;
        Done done;
        Standing standing;
        boost::asio::any_io_executor work;  // the loop has something to wait for
    };
    struct Outcome {
        std::exception_ptr thrown{};
        Result<void> result{};
    };
    struct Group {
        std::vector<Pending> jobs;
        std::vector<Outcome> outcomes;
    };

    void work();             // the thread
    void commit_on_loop();   // without a thread
    std::vector<Pending> next_group();
    void run(Group& group);
    void run_jobs(Group& group);
    Outcome run_one(const Job& job);
    void sign_head(std::int64_t before);
    void deliver(Group group, bool appended);
    void all(Group& group, const Fault& fault);
    void reuse_log();
    void empty_log();

    sql::Db& db_;
    WriteTxn::Context& context_;
    StoreOptions options_;
    DiskSpace disk_;
    boost::asio::any_io_executor loop_;
    std::shared_ptr<StoreListeners> listeners_;
    std::shared_ptr<Writer*> self_;  // for what is posted to the loop without a thread
    std::atomic<bool> failed_{false};

    std::mutex mutex_;
    std::condition_variable news_;
    std::deque<Pending> queue_;
    bool ending_ = false;
    bool posted_ = false;
    std::unique_ptr<host::Worker> thread_;  // last: it starts when all the rest stands
};

}  // namespace obol::agent
