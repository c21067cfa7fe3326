#include "agent/app/print_queue.hpp"

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/post.hpp>

#include "agent/app/suspend.hpp"
#include "sync/host/system.hpp"

namespace obol::agent {

namespace asio = boost::asio;
using drivers::ErrorCode;
using drivers::ExtendedError;

namespace {

constexpr Millis between_tries{5'000};       // while nothing is heard of a printer that is not ready
constexpr Millis patience{120'000};          // with a printer that says neither that it did nor that it failed
constexpr Millis between_forgetting{60 * 60 * 1000};
constexpr std::int64_t forgotten_at_once = 200;
constexpr int most_failures = 3;             // of one job, where the printer names no reason that passes

std::string reason_to_wait(ExtendedError error) {
    if (error == ExtendedError::paper_empty) return "paper";
    return error == ExtendedError::cover_open ? "cover" : "offline";
}

ErrorCode code_named_by(const Fault& fault) {
    for (int code = 0; code <= static_cast<int>(ErrorCode::extended); ++code) {
        if (drivers::name_of(static_cast<ErrorCode>(code)) == fault.code) return static_cast<ErrorCode>(code);
    }
    return ErrorCode::failure;
}

std::string sentence_of(const drivers::OutputFailed& failed) {
    std::string out(drivers::name_of(failed.code));
    if (failed.extended != ExtendedError::none) out += ", " + std::string(drivers::name_of(failed.extended));
    return failed.detail.empty() ? out : out + ": " + failed.detail;
}

}  // namespace

struct PrintQueue::Outcome {
    bool complete = false;
    bool confirmed = false;
    drivers::OutputFailed failed{};
};

struct PrintQueue::Lane {
    DeviceSet::Printer* printer = nullptr;
    bool running = false;
    bool news = false, posted = false;
    std::function<void()> wake{};
    std::vector<std::pair<drivers::OutputId, Outcome>> heard{};
    std::int64_t failing = 0;  // this job,
    int failures = 0;          // so often

    const std::string& name() const { return printer->setting.name; }
};

NotReady not_ready(const drivers::POSPrinter& printer) {
    const drivers::PrinterStatus status = printer.status();
    if (printer.state() == drivers::DeviceState::closed) return {"offline", "closed: " + printer.health()};
    if (printer.power() == drivers::PowerState::off_or_offline) return {"offline", printer.health()};
    if (status.cover_open) return {"cover", "the cover is open"};
    if (status.paper_empty) return {"paper", "there is no paper"};
    if (status.error != ExtendedError::none) {
        return {reason_to_wait(status.error), std::string(drivers::name_of(status.error))};
    }
    return {};
}

PrintQueue::PrintQueue(asio::any_io_executor loop, Store& store, DeviceSet& devices, Timers& timers, Compose compose)
    : loop_(std::move(loop)), store_(store), devices_(devices), timers_(timers), compose_(std::move(compose)),
      self_(std::make_shared<PrintQueue*>(this)) {
    for (DeviceSet::Printer& printer : devices_.printers) {
        lanes_.push_back(std::make_unique<Lane>());
        lanes_.back()->printer = &printer;
    }
}

PrintQueue::~PrintQueue() {
    self_.reset();
    for (const auto& lane : lanes_) lane->printer->device->listen({});
}

void PrintQueue::spawn(awaitable<void> work, std::string what) {
    asio::co_spawn(loop_, std::move(work), [what = std::move(what)](std::exception_ptr thrown) {
        if (!thrown) return;
        try {
            std::rethrow_exception(thrown);
        } catch (const std::exception& error) {
            // Printing stops for now; selling does not, and says itself what is wrong with the disk.
            host::log_line(host::Level::error, what + ": " + error.what());
        }
    });
}

void PrintQueue::start() {
    for (const auto& each : lanes_) {
        Lane& lane = *each;
        const auto heard = [this, &lane](drivers::OutputId id, Outcome outcome) {
            lane.heard.emplace_back(id, std::move(outcome));
            signal(lane);
        };
        lane.printer->device->listen(
            {[heard](drivers::OutputComplete done) { heard(done.id, {true, done.confirmed, {}}); },
             [heard](drivers::OutputFailed failed) { heard(failed.id, {false, false, failed}); },
             [this, &lane](drivers::PrinterStatus) { signal(lane); }});
    }
    spawn(resume(), "print queue");
    forget_now_and_then();
}

awaitable<void> PrintQueue::resume() {
    std::vector<std::string> names;
    for (const auto& lane : lanes_) names.push_back(lane->name());
    std::function<Result<bool>(WriteTxn&)> job = [&names](WriteTxn& txn) -> Result<bool> {
        resume_print_jobs(txn, names);
        return true;
    };
    const Result<bool> done = co_await store_.write<bool>(std::move(job), surely_gives_back);
    if (!done) host::log_line(host::Level::warning, "print jobs were not resumed: " + done.error().detail);
    started_ = true;
    look();
}

awaitable<void> PrintQueue::forget() {
    const Instant before = store_.clock().now() - print_jobs_kept;
    for (bool more = true; more;) {
        std::function<Result<bool>(WriteTxn&)> job = [before](WriteTxn& txn) -> Result<bool> {
            return forget_print_jobs(txn, before, forgotten_at_once);
        };
        const Result<bool> some = co_await store_.write<bool>(std::move(job));
        more = some && *some;
    }
}

void PrintQueue::forget_now_and_then() {
    spawn(forget(), "old print jobs");
    timers_.after(between_forgetting, [this, weak = std::weak_ptr(self_)] {
        if (weak.lock()) forget_now_and_then();
    });
}

void PrintQueue::look() {
    if (!started_) return;
    for (const auto& lane : lanes_) run(*lane);
}

void PrintQueue::remember_slip(const std::string& job, drivers::Document slip) { slips_[job] = std::move(slip); }

void PrintQueue::run(Lane& lane) {
    if (lane.running) return;
    lane.running = true;
    spawn(work(lane), "printer " + lane.name());
}

awaitable<void> PrintQueue::work(Lane& lane) {
    // Not by a destructor: that of a coroutine which never came to its end runs when the lane is gone.
    try {
        while (std::optional<PrintJob> job = next_print_job(store_.facts(), lane.name())) {
            const bool done = co_await attempt(lane, std::move(*job));
            if (!done) (void)co_await pause(lane, between_tries);
        }
    } catch (...) {
        lane.running = false;
        throw;
    }
    lane.running = false;
}

awaitable<bool> PrintQueue::attempt(Lane& lane, PrintJob job) {
    NotReady not_now = not_ready(*lane.printer->device);
    if (!not_now.why.empty()) {
        co_await hold(std::move(job), std::move(not_now.why), std::move(not_now.detail));
        co_return false;
    }
    const Result<drivers::Document> document = co_await document_of(lane, job);
    if (!document) {
        co_await end(lane, std::move(job), "failed", document.error().code, document.error().detail);
        co_return true;
    }
    const bool perhaps_before = job.perhaps;
    job.state = "sending";
    job.why.clear();
    job.detail.clear();
    job.perhaps = true;  // durable before the first byte leaves
    const bool kept = co_await keep(job);
    if (!kept) co_return false;
    Outcome outcome = co_await send(lane, *document);
    co_return co_await settle(lane, std::move(job), perhaps_before, std::move(outcome));
}

awaitable<Result<drivers::Document>> PrintQueue::document_of(const Lane& lane, const PrintJob& job) {
    if (job.what != "slip") co_return co_await compose_(job, *lane.printer);
    const auto slip = slips_.find(job.id);
    if (slip == slips_.end()) co_return Fault{"slip_lost", "a slip's code and PIN are kept nowhere"};
    co_return slip->second;
}

awaitable<PrintQueue::Outcome> PrintQueue::send(Lane& lane, const drivers::Document& document) {
    lane.heard.clear();
    lane.news = false;
    drivers::POSPrinter& printer = *lane.printer->device;
    const Result<drivers::OutputId> id = printer.print(document);
    Outcome bad;
    if (!id) {
        bad.failed = {0, code_named_by(id.error()), ExtendedError::none, id.error().detail, false};
        co_return bad;
    }
    const auto found = [&] {
        return std::ranges::find_if(lane.heard, [&](const auto& each) { return each.first == *id; });
    };
    bool something_heard = true;
    while (found() == lane.heard.end() && something_heard) something_heard = co_await pause(lane, patience);
    if (const auto outcome = found(); outcome != lane.heard.end()) co_return outcome->second;
    printer.clear_output();
    bad.failed = {*id, ErrorCode::timeout, ExtendedError::none, "nothing was heard of it", true};
    co_return bad;
}

awaitable<bool> PrintQueue::settle(Lane& lane, PrintJob job, bool perhaps_before, Outcome outcome) {
    if (outcome.complete) {
        co_await end(lane, std::move(job), outcome.confirmed ? "printed" : "sent", "", "");
        co_return true;
    }
    const drivers::OutputFailed& failed = outcome.failed;
    job.perhaps = perhaps_before || failed.perhaps_printed;
    std::string detail = sentence_of(failed);
    const bool stopped_short = failed.extended == ExtendedError::paper_empty || failed.extended == ExtendedError::cover_open;
    std::string fatal;
    if (failed.code == ErrorCode::illegal) fatal = "illegal";
    if (failed.code == ErrorCode::failure && job.n == lane.failing && ++lane.failures >= most_failures) fatal = "failure";
    if (failed.code == ErrorCode::failure && job.n != lane.failing) {
        lane.failing = job.n;
        lane.failures = 1;
    }
    // A whole second slip would be a second key to the same money.
    if (job.what == "slip" && failed.perhaps_printed && !stopped_short) fatal = "slip_uncertain";
    if (!fatal.empty()) {
        co_await end(lane, std::move(job), "failed", std::move(fatal), std::move(detail));
        co_return true;
    }
    std::string why = reason_to_wait(failed.extended);
    co_await hold(std::move(job), std::move(why), std::move(detail));
    co_return false;
}

awaitable<void> PrintQueue::hold(PrintJob job, std::string why, std::string detail) {
    if (job.state == "waiting" && job.why == why) co_return;
    job.state = "waiting";
    job.why = std::move(why);
    job.detail = std::move(detail);
    (void)co_await keep(std::move(job));
}

awaitable<void> PrintQueue::end(Lane& lane, PrintJob job, std::string state, std::string why, std::string detail) {
    slips_.erase(job.id);
    job.state = std::move(state);
    job.why = std::move(why);
    job.detail = std::move(detail);
    if (job.state == "failed") {
        host::log_line(host::Level::warning, "print job " + job.id + " on " + job.printer + " failed: " + job.why +
                                                 (job.detail.empty() ? "" : ", " + job.detail));
    }
    // Until the disk takes it, the row says that it is being sent: a restart would print it once more, marked COPY.
    while (!store_.failed()) {
        const bool kept = co_await keep(job);
        if (kept) co_return;
        (void)co_await pause(lane, between_tries);
    }
}

awaitable<bool> PrintQueue::keep(PrintJob job) {
    std::function<Result<bool>(WriteTxn&)> write = [&job](WriteTxn& txn) -> Result<bool> {
        keep_print_job(txn, job);
        return true;
    };
    const Result<bool> done = co_await store_.write<bool>(std::move(write), surely_gives_back);
    if (!done) co_return false;
    job.changed = store_.clock().now();
    for (const auto& listener : listeners_) listener(job);
    co_return true;
}

// False: the time is over and nothing was heard.
awaitable<bool> PrintQueue::pause(Lane& lane, Millis at_most) {
    if (!lane.news) {
        Timers::Token timer{};
        std::function<void(std::function<void()>)> begin = [&](std::function<void()> wake) {
            lane.wake = std::move(wake);
            timer = timers_.after(at_most, [this, &lane, weak = std::weak_ptr(self_)] {
                if (weak.lock()) wake_up(lane);
            });
        };
        co_await until_called(begin);
        timers_.cancel(timer);
    }
    co_return std::exchange(lane.news, false);
}

void PrintQueue::signal(Lane& lane) {
    lane.news = true;
    wake_up(lane);
}

// Posted, since a device may call from within a call of ours.
void PrintQueue::wake_up(Lane& lane) {
    if (!lane.wake || std::exchange(lane.posted, true)) return;
    asio::post(loop_, [&lane, weak = std::weak_ptr(self_)] {
        if (!weak.lock()) return;
        lane.posted = false;
        if (const auto wake = std::exchange(lane.wake, nullptr)) wake();
    });
}

}  // namespace obol::agent
