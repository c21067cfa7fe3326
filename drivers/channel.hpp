#pragma once
// A way for bytes to a device and back. The devices are state machines over this and Timers, so that they
// are tested without a socket; `transport/` has the real ones.

#include <cstddef>
#include <functional>
#include <string>
#include <string_view>

#include "sync/core/result.hpp"

namespace obol::drivers {

class ByteChannel {
public:
    // None is called from within a call to the channel, and none after close().
    struct Events {
        std::function<void()> opened;
        std::function<void(std::string_view)> received;
        std::function<void(std::size_t bytes)> taken;  // so many more have left us, in their order
        std::function<void()> finished;                // answers finish(): the job has been handed over
        // It could not be opened, or is lost; it is closed now. Fault no_hardware | offline | claimed | timeout |
        // failure | illegal.
        std::function<void(Fault)> lost;
    };

    virtual ~ByteChannel() = default;
    virtual void listen(Events events) = 0;
    // Opens within its deadline or is lost.
    virtual void open() = 0;
    // At once, whatever waits; bytes that have not been taken are dropped.
    virtual void close() = 0;
    virtual bool is_open() const = 0;
    // Open only. Nothing waits for it: what the device does not take yet is kept here.
    virtual void send(std::string bytes) = 0;
    // Drops what has not been taken yet.
    virtual void drop_unsent() = 0;
    // All of a job has been sent. Where there is one connection a job, the other side is told so.
    virtual void finish() = 0;

    // One job a connection: it is opened for a job or a question and closed after it.
    virtual bool one_job_each() const = 0;
    // Something may be heard through it.
    virtual bool answers() const = 0;
};

}  // namespace obol::drivers
