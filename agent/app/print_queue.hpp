#pragma once
// Prints the jobs of the database, each printer by itself and in order. Nobody who sells waits for it: a job is a row
// that commits with what it prints, and this follows the rows.
//
//   queued ──▶ sending ──▶ printed   the printer said so
//     ▲           │   └──▶ sent      it took all and cannot say
//     │           ▼
//     │        waiting(paper | cover | offline)  whole again, marked COPY, when the printer is ready
//     │           └──▶ failed(reason)            no repeat can help
//     └─ at the start, what was `sending` when the program ended: perhaps it was printed, so it says COPY
//
// A gift slip shows a code and a PIN, which no row holds: it is printed from memory, once. What was not printed when
// the program ends, or may have been printed, is failed(slip_lost | slip_uncertain) and never repeated.

#include <boost/asio/any_io_executor.hpp>
#include <functional>
#include <map>
#include <memory>

#include "agent/app/context.hpp"
#include "agent/devices.hpp"
#include "agent/store/print_jobs.hpp"
#include "sync/core/timers.hpp"

namespace obol::agent {

class PrintQueue {
public:
    // What a job prints, at the moment at which it is printed. Fault receipt_unknown | …: the job fails by that code.
    using Compose = std::function<awaitable<Result<drivers::Document>>(PrintJob job, const DeviceSet::Printer& printer)>;

    PrintQueue(boost::asio::any_io_executor loop, Store& store, DeviceSet& devices, Timers& timers, Compose compose);
    ~PrintQueue();
    PrintQueue(const PrintQueue&) = delete;
    PrintQueue& operator=(const PrintQueue&) = delete;

    // Listens to the printers and goes on with what an earlier run left.
    void start();
    // There may be new rows: after each commit that added entries, and after a job was asked for.
    void look();
    // What a slip says, kept here alone until its job has ended. Before the job commits, since it may be printed at once;
    // forgotten where it does not.
    void remember_slip(const std::string& job, drivers::Document slip);
    void forget_slip(const std::string& job) { slips_.erase(job); }
    // On the loop, after each change of a job has committed.
    void on_change(std::function<void(const PrintJob&)> listener) { listeners_.push_back(std::move(listener)); }

private:
    struct Lane;
    struct Outcome;

    awaitable<void> resume();
    awaitable<void> forget();
    void run(Lane& lane);
    awaitable<void> work(Lane& lane);
    awaitable<bool> attempt(Lane& lane, PrintJob job);  // false: it waits
    awaitable<Outcome> send(Lane& lane, const drivers::Document& document);
    awaitable<bool> settle(Lane& lane, PrintJob job, bool perhaps_before, Outcome outcome);
    awaitable<Result<drivers::Document>> document_of(const Lane& lane, const PrintJob& job);
    awaitable<void> hold(PrintJob job, std::string why, std::string detail);
    awaitable<void> end(Lane& lane, PrintJob job, std::string state, std::string why, std::string detail);
    awaitable<bool> keep(PrintJob job);  // false: the disk does not take it now
    awaitable<bool> pause(Lane& lane, Millis at_most);
    void signal(Lane& lane);
    void wake_up(Lane& lane);
    void forget_now_and_then();
    void spawn(awaitable<void> work, std::string what);

    boost::asio::any_io_executor loop_;
    Store& store_;
    DeviceSet& devices_;
    Timers& timers_;
    Compose compose_;
    std::vector<std::unique_ptr<Lane>> lanes_;
    std::map<std::string, drivers::Document> slips_;  // by job
    std::vector<std::function<void(const PrintJob&)>> listeners_;
    bool started_ = false;
    std::shared_ptr<PrintQueue*> self_;  // for what is posted
};

// Why a printer cannot print now: paper | cover | offline, and a sentence. Empty: it can.
struct NotReady {
    std::string why{}, detail{};
};
NotReady not_ready(const drivers::POSPrinter& printer);

}  // namespace obol::agent
