#pragma once
// Bytes over one descriptor: a socket, a serial line, a device file.

#include <boost/asio/any_io_executor.hpp>
#include <functional>
#include <memory>

#include "drivers/channel.hpp"
#include "sync/core/timers.hpp"

namespace obol::drivers {

// A descriptor that is open or still connecting; non-blocking, closed on exec.
struct Opened {
    int descriptor = -1;
    bool connecting = false;
};

struct StreamKind {
    // Calls back once, at once or later; `cancel` ends an opening that takes too long.
    std::function<void(std::function<void(Result<Opened>)>)> open;
    std::function<void()> cancel = [] {};
    // What must be done so that close() neither waits nor sends what is not wanted any more. `clean`: all was taken.
    std::function<void(int descriptor, bool clean)> before_close = [](int, bool) {};
    std::function<bool(int descriptor)> ready_to_write{};  // a line that the system does not watch for us
    bool one_job_each = false;
    bool socket = false;
    bool end_is_silence = false;  // a read of nothing means that there is nothing to read
    Millis connection{}, farewell{};
};

class StreamChannel final : public ByteChannel {
public:
    StreamChannel(boost::asio::any_io_executor executor, Timers& timers, StreamKind kind);
    ~StreamChannel() override;

    void listen(Events events) override;
    void open() override;
    void close() override;
    bool is_open() const override;
    void send(std::string bytes) override;
    void drop_unsent() override;
    void finish() override;
    bool one_job_each() const override;
    bool answers() const override { return true; }

private:
    class Core;
    std::shared_ptr<Core> core_;
};

// A Fault of opening or using a device, by errno.
Fault fault_of_errno(int error, const std::string& what);

}  // namespace obol::drivers
