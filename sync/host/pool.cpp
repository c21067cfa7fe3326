#include "sync/host/pool.hpp"

namespace obol::host {

Pool::Pool(std::string_view name, std::size_t threads, std::size_t most_waiting)
    : most_waiting_(most_waiting) {
    try {
        for (std::size_t i = 0; i < threads; ++i) {
            workers_.push_back(std::make_unique<Worker>(name, [this] { work(); }));
        }
    } catch (...) {
        end();  // else those that were made would be waited for, and they for jobs
        throw;
    }
}

Pool::~Pool() { end(); }

void Pool::end() {
    {
        const std::lock_guard lock(mutex_);
        stopping_ = true;
    }
    wake_.notify_all();
    workers_.clear();  // joins
}

bool Pool::add(std::function<void()> job) {
    {
        const std::lock_guard lock(mutex_);
        if (jobs_.size() >= most_waiting_) return false;
        jobs_.push_back(std::move(job));
    }
    wake_.notify_one();
    return true;
}

void Pool::work() {
    for (;;) {
        std::function<void()> job;
        {
            std::unique_lock lock(mutex_);
            wake_.wait(lock, [this] { return stopping_ || !jobs_.empty(); });
            if (stopping_) return;
            job = std::move(jobs_.front());
            jobs_.pop_front();
        }
        job();
    }
}

}  // namespace obol::host
