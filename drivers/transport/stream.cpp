#include "drivers/transport/stream.hpp"

#include <array>
#include <boost/asio/posix/stream_descriptor.hpp>
#include <boost/asio/post.hpp>
#include <cerrno>
#include <system_error>
#include <sys/socket.h>
#include <unistd.h>
#include <utility>

#include "sync/core/ensure.hpp"

namespace obol::drivers {

namespace asio = boost::asio;

namespace {

constexpr Millis silence{100};   // before a device that had nothing to say is read again
constexpr Millis not_ready{20};  // before a line is looked at again
constexpr std::size_t a_bite = 64;  // to a line that only we watch: so much may be too much
constexpr std::size_t a_write = 16 * 1024;

}  // namespace

Fault fault_of_errno(int error, const std::string& what) {
    const std::string why = std::system_category().message(error);
    switch (error) {
        case ENOENT:
        case ENXIO:
        case ENODEV:
        case EIO:
        case ESHUTDOWN: return {"no_hardware", what + " is not there: is it plugged in and switched on?"};
        case EBUSY: return {"claimed", what + " is used by another program"};
        case EACCES:
        case EPERM: return {"no_service", what + " may not be opened (" + why + "): its group, such as lp, dialout or input, must have the service's user"};
        case ECONNREFUSED:
        case ECONNRESET:
        case EPIPE:
        case EHOSTUNREACH:
        case ENETUNREACH:
        case EHOSTDOWN:
        case ETIMEDOUT: return {"offline", what + ": " + why};
        default: return {"failure", what + ": " + why};
    }
}

// The handlers keep it alive; `turn_` tells those of an earlier opening that their time is over.
class StreamChannel::Core : public std::enable_shared_from_this<Core> {
public:
    Core(asio::any_io_executor executor, Timers& timers, StreamKind kind)
        : timers_(timers), kind_(std::move(kind)), file_(executor), executor_(std::move(executor)) {}

    void open() {
        ENSURE(!file_.is_open());
        ++turn_;
        wait(kind_.connection, [this] { lose({"timeout", "no connection in time"}); });
        later([this] {
            // The answer may come when all this is gone.
            kind_.open([weak = weak_from_this(), turn = turn_](Result<Opened> opened) {
                const auto self = weak.lock();
                if (self && self->turn_ == turn) {
                    self->have(opened);
                } else if (opened) {
                    ::close(opened->descriptor);
                }
            });
        });
    }

    void close() {
        ++turn_;
        stop_waiting();
        kind_.cancel();
        if (file_.is_open()) {
            kind_.before_close(file_.native_handle(), out_.empty());
            boost::system::error_code ignored;
            file_.close(ignored);
        }
        out_.clear();
        open_ = writing_ = finishing_ = false;
    }

    void send(std::string bytes) {
        ENSURE(open_);
        out_ += bytes;
        if (std::exchange(writing_, true)) return;
        later([this] { write(); });
    }

    void finish() {
        finishing_ = true;
        if (!writing_) later([this] { all_sent(); });
    }

    Events events_;
    Timers& timers_;
    StreamKind kind_;
    bool open_ = false;
    std::string out_;

private:
    template <class Handler>
    auto mine(Handler handler) {
        return [self = shared_from_this(), turn = turn_, handler = std::move(handler)](auto&&... of) {
            if (self->turn_ == turn) handler(of...);
        };
    }
    template <class Handler>
    void later(Handler handler) {
        asio::post(executor_, mine(std::move(handler)));
    }
    template <class Handler>
    void wait(Millis time, Handler handler) {
        stop_waiting();
        deadline_ = timers_.after(time, mine([this, handler = std::move(handler)] {
                                      deadline_ = 0;
                                      handler();
                                  }));
    }
    void stop_waiting() {
        if (deadline_ != 0) timers_.cancel(std::exchange(deadline_, 0));
    }

    void have(const Result<Opened>& opened) {
        if (!opened) return lose(opened.error());
        boost::system::error_code error;
        file_.assign(opened->descriptor, error);
        if (error) {
            ::close(opened->descriptor);
            return lose({"illegal", "this is neither a device nor a connection: " + error.message()});
        }
        if (!opened->connecting) return ready();
        file_.async_wait(asio::posix::stream_descriptor::wait_write,
                         mine([this](const boost::system::error_code& fault) {
                             int result = fault ? fault.value() : 0;
                             socklen_t size = sizeof result;
                             if (!fault) ::getsockopt(file_.native_handle(), SOL_SOCKET, SO_ERROR, &result, &size);
                             if (result != 0) return lose(fault_of_errno(result, "no connection"));
                             ready();
                         }));
    }

    void ready() {
        stop_waiting();
        open_ = true;
        read_when_there();
        if (events_.opened) events_.opened();
    }

    void read_when_there() {
        file_.async_wait(asio::posix::stream_descriptor::wait_read,
                         mine([this](const boost::system::error_code& fault) {
                             if (fault) return lose(fault_of_errno(fault.value(), "it"));
                             read();
                         }));
    }

    void read() {
        std::array<char, 4096> bytes;
        const ssize_t got = ::read(file_.native_handle(), bytes.data(), bytes.size());
        const int error = errno;
        const std::uint64_t turn = turn_;
        if (got > 0) {
            if (events_.received) events_.received({bytes.data(), static_cast<std::size_t>(got)});
            if (turn == turn_) read_when_there();
        } else if (got == 0 && kind_.end_is_silence) {
            timers_.after(silence, mine([this] { read_when_there(); }));
        } else if (got == 0) {
            if (finishing_) return finished();
            lose({kind_.socket ? "offline" : "no_hardware",
                  kind_.socket ? "the other side has closed the connection" : "it was unplugged"});
        } else if (error == EAGAIN || error == EWOULDBLOCK || error == EINTR) {
            read_when_there();
        } else {
            lose(fault_of_errno(error, "it"));
        }
    }

    void write() {
        if (out_.empty()) {
            writing_ = false;
            if (finishing_) all_sent();
            return;
        }
        const bool watched = static_cast<bool>(kind_.ready_to_write);
        if (watched && !kind_.ready_to_write(file_.native_handle())) {
            timers_.after(not_ready, mine([this] { write(); }));
            return;
        }
        const std::size_t most = std::min(out_.size(), watched ? a_bite : a_write);
        const ssize_t put = kind_.socket ? ::send(file_.native_handle(), out_.data(), most, MSG_NOSIGNAL)
                                         : ::write(file_.native_handle(), out_.data(), most);
        const int error = errno;
        if (put > 0) {
            out_.erase(0, static_cast<std::size_t>(put));
            later([this] { write(); });
            if (events_.taken) events_.taken(static_cast<std::size_t>(put));
        } else if (put == 0 || error == EAGAIN || error == EWOULDBLOCK || error == EINTR) {
            file_.async_wait(asio::posix::stream_descriptor::wait_write,
                             mine([this](const boost::system::error_code& fault) {
                                 if (fault) return lose(fault_of_errno(fault.value(), "it"));
                                 write();
                             }));
        } else {
            lose(fault_of_errno(error, "it"));
        }
    }

    // One job a connection: the other side is told that this was all, and says so by closing, too.
    void all_sent() {
        if (!kind_.one_job_each || !kind_.socket) return finished();
        ::shutdown(file_.native_handle(), SHUT_WR);
        wait(kind_.farewell, [this] { finished(); });
    }

    void finished() {
        stop_waiting();
        finishing_ = false;
        if (events_.finished) events_.finished();
    }

    void lose(const Fault& fault) {
        close();
        if (events_.lost) events_.lost(fault);
    }

    asio::posix::stream_descriptor file_;
    asio::any_io_executor executor_;
    std::uint64_t turn_ = 0;
    Timers::Token deadline_ = 0;
    bool writing_ = false, finishing_ = false;
};

StreamChannel::StreamChannel(asio::any_io_executor executor, Timers& timers, StreamKind kind)
    : core_(std::make_shared<Core>(std::move(executor), timers, std::move(kind))) {}

StreamChannel::~StreamChannel() {
    core_->close();
    core_->events_ = {};
}

void StreamChannel::listen(Events events) { core_->events_ = std::move(events); }
void StreamChannel::open() { core_->open(); }
void StreamChannel::close() { core_->close(); }
bool StreamChannel::is_open() const { return core_->open_; }
void StreamChannel::send(std::string bytes) { core_->send(std::move(bytes)); }
void StreamChannel::drop_unsent() { core_->out_.clear(); }
void StreamChannel::finish() { core_->finish(); }
bool StreamChannel::one_job_each() const { return core_->kind_.one_job_each; }

}  // namespace obol::drivers
