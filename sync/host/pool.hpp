#pragma once
// Threads for work that would hold up an event loop, with a bounded queue before them.

#include <condition_variable>
#include <cstddef>
#include <deque>
#include <functional>
#include <memory>
#include <mutex>
#include <string_view>
#include <vector>

#include "sync/host/system.hpp"

namespace obol::host {

class Pool {
public:
    Pool(std::string_view name, std::size_t threads, std::size_t most_waiting);
    // Ends what runs; what still waits is dropped.
    ~Pool();
    Pool(const Pool&) = delete;
    Pool& operator=(const Pool&) = delete;

    // false: so many wait already, and the job was not taken.
    bool add(std::function<void()> job);

private:
    void work();
    void end();

    std::size_t most_waiting_;
    std::mutex mutex_;
    std::condition_variable wake_;
    std::deque<std::function<void()>> jobs_;
    bool stopping_ = false;
    std::vector<std::unique_ptr<Worker>> workers_;
};

}  // namespace obol::host
