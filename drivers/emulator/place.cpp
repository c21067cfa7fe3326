#include "drivers/emulator/place.hpp"

#include <array>
#include <boost/asio/posix/stream_descriptor.hpp>
#include <cerrno>
#include <cstdlib>
#include <cstring>
#include <fcntl.h>
#include <netinet/in.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <termios.h>
#include <unistd.h>
#include <utility>

#include "drivers/transport/address.hpp"
#include "drivers/transport/stream.hpp"

namespace obol::drivers {

namespace asio = boost::asio;

namespace {

constexpr std::size_t most_unheard = 64 * 1024;  // what the host does not read

Result<int> bound(int descriptor, const sockaddr* address, socklen_t size, const std::string& what) {
    const int on = 1;
    if (descriptor >= 0) ::setsockopt(descriptor, SOL_SOCKET, SO_REUSEADDR, &on, sizeof on);
    if (descriptor >= 0 && ::bind(descriptor, address, size) == 0 && ::listen(descriptor, 8) == 0) return descriptor;
    const int error = errno;
    if (descriptor >= 0) ::close(descriptor);
    return fault_of_errno(error, what);
}

}  // namespace

class EmulatedPlace::Core : public std::enable_shared_from_this<Core> {
public:
    Core(asio::any_io_executor executor, Take the_take)
        : take(std::move(the_take)), listening_(executor), line_(executor) {}

    Result<void> plug(const std::string& where) {
        address = where;
        ++turn_;
        if (where.starts_with("pty:")) return open_pty(where.substr(4));
        const Result<int> descriptor = where.starts_with("unix:") ? listen_unix(where.substr(5)) : listen_tcp(where);
        if (!descriptor) return descriptor.error();
        listening_.assign(*descriptor);
        accept();
        return {};
    }

    void unplug() {
        ++turn_;
        boost::system::error_code ignored;
        listening_.close(ignored);
        line_.close(ignored);
        if (own_end_ >= 0) ::close(std::exchange(own_end_, -1));
        if (address.starts_with("pty:")) ::unlink(address.c_str() + 4);
        if (address.starts_with("unix:")) ::unlink(address.c_str() + 5);
        from_host_.clear();
        to_host_.clear();
        reading_ = writing_ = false;
    }

    void say(std::string_view bytes) {
        if (!line_.is_open() || to_host_.size() > most_unheard) return;
        to_host_ += bytes;
        if (!writing_) write();
    }

    // The rest of what the host has sent, and then more of it.
    void move() {
        from_host_.erase(0, take(from_host_));
        if (!from_host_.empty() || reading_) return;
        if (line_.is_open() && !ended_) return read_when_there();
        if (ended_) hang_up();
    }

    bool plugged() const { return listening_.is_open() || line_.is_open(); }

    Take take;
    std::string address;

private:
    template <class Handler>
    auto mine(Handler handler) {
        return [self = shared_from_this(), turn = turn_, handler = std::move(handler)](const boost::system::error_code& error) {
            if (self->turn_ == turn && error != asio::error::operation_aborted) handler();
        };
    }

    Result<int> listen_tcp(const std::string& where) {
        // Port 0 means any, which no address of a device may say.
        const bool any = where.ends_with(":0");
        const Result<Address> parsed = parse_address(any ? where.substr(0, where.size() - 2) : where);
        if (!parsed) return parsed.error();
        const auto* const tcp = std::get_if<TcpAddress>(&parsed->where);
        if (tcp == nullptr || (tcp->host != "127.0.0.1" && tcp->host != "localhost")) {
            return Fault{"illegal", where + " must be tcp://127.0.0.1:port, unix:/path or pty:/path"};
        }
        sockaddr_in to{};
        to.sin_family = AF_INET;
        to.sin_port = htons(any ? 0 : tcp->port);
        to.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
        // A small window, as printers have: what does not fit waits at the host.
        const int descriptor = ::socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0), window = 4096;
        if (descriptor >= 0) ::setsockopt(descriptor, SOL_SOCKET, SO_RCVBUF, &window, sizeof window);
        Result<int> out = bound(descriptor, reinterpret_cast<const sockaddr*>(&to), sizeof to, where);
        socklen_t size = sizeof to;
        if (out && ::getsockname(*out, reinterpret_cast<sockaddr*>(&to), &size) == 0) {
            address = "tcp://127.0.0.1:" + std::to_string(ntohs(to.sin_port));
        }
        return out;
    }

    static Result<int> listen_unix(const std::string& path) {
        sockaddr_un to{};
        to.sun_family = AF_UNIX;
        if (path.size() >= sizeof to.sun_path) return Fault{"illegal", path + " is too long for a socket"};
        std::memcpy(to.sun_path, path.c_str(), path.size() + 1);
        ::unlink(path.c_str());
        return bound(::socket(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0), reinterpret_cast<const sockaddr*>(&to), sizeof to, path);
    }

    Result<void> open_pty(const std::string& link) {
        const int master = ::posix_openpt(O_RDWR | O_NOCTTY | O_CLOEXEC);
        std::array<char, 128> name{};
        if (master < 0 || ::grantpt(master) != 0 || ::unlockpt(master) != 0 || ::ptsname_r(master, name.data(), name.size()) != 0) {
            return fault_of_errno(errno, "a pty");
        }
        ::fcntl(master, F_SETFL, O_NONBLOCK);
        // Our own hold on the host's end: without one the line would be down until the host opens it.
        own_end_ = ::open(name.data(), O_RDWR | O_NOCTTY | O_CLOEXEC);
        termios raw{};
        ::tcgetattr(own_end_, &raw);
        ::cfmakeraw(&raw);
        ::tcsetattr(own_end_, TCSANOW, &raw);
        ::unlink(link.c_str());
        if (::symlink(name.data(), link.c_str()) != 0) {
            const int error = errno;
            ::close(master);
            return fault_of_errno(error, link);
        }
        line_.assign(master);
        ended_ = false;
        read_when_there();
        return {};
    }

    void accept() {
        listening_.async_wait(asio::posix::stream_descriptor::wait_read, mine([this] {
                                  const int host = ::accept4(listening_.native_handle(), nullptr, nullptr, SOCK_NONBLOCK | SOCK_CLOEXEC);
                                  if (host < 0) return accept();
                                  line_.assign(host);
                                  ended_ = false;
                                  read_when_there();
                              }));
    }

    void read_when_there() {
        reading_ = true;
        line_.async_wait(asio::posix::stream_descriptor::wait_read, mine([this] {
                             reading_ = false;
                             std::array<char, 2048> bytes;
                             const ssize_t got = ::read(line_.native_handle(), bytes.data(), bytes.size());
                             if (got > 0) {
                                 from_host_.append(bytes.data(), static_cast<std::size_t>(got));
                             } else if (got == 0) {
                                 ended_ = true;
                             } else if (errno != EAGAIN && errno != EINTR && errno != EIO) {
                                 ended_ = true;
                                 from_host_.clear();  // reset by the host
                             }
                             move();
                         }));
    }

    void hang_up() {
        boost::system::error_code ignored;
        line_.close(ignored);
        to_host_.clear();
        writing_ = ended_ = false;
        accept();
    }

    void write() {
        writing_ = false;
        if (to_host_.empty() || !line_.is_open()) return;
        const bool line = own_end_ >= 0;
        const ssize_t put = line ? ::write(line_.native_handle(), to_host_.data(), to_host_.size())
                                 : ::send(line_.native_handle(), to_host_.data(), to_host_.size(), MSG_NOSIGNAL);
        if (put > 0) to_host_.erase(0, static_cast<std::size_t>(put));
        if (put < 0 && errno != EAGAIN && errno != EINTR) to_host_.clear();
        if (to_host_.empty()) return;
        writing_ = true;
        line_.async_wait(asio::posix::stream_descriptor::wait_write, mine([this] { write(); }));
    }

    asio::posix::stream_descriptor listening_, line_;
    int own_end_ = -1;
    std::uint64_t turn_ = 0;
    std::string from_host_, to_host_;
    bool reading_ = false, writing_ = false, ended_ = false;
};

EmulatedPlace::EmulatedPlace(asio::any_io_executor executor, Take take)
    : core_(std::make_shared<Core>(std::move(executor), std::move(take))) {}

EmulatedPlace::~EmulatedPlace() {
    core_->unplug();
    core_->take = [](std::string_view bytes) { return bytes.size(); };
}

Result<void> EmulatedPlace::plug(const std::string& address) { return core_->plug(address); }
void EmulatedPlace::unplug() { core_->unplug(); }
bool EmulatedPlace::plugged() const { return core_->plugged(); }
std::string EmulatedPlace::address() const { return core_->address; }
void EmulatedPlace::say(std::string_view bytes) { core_->say(bytes); }
void EmulatedPlace::again() { core_->move(); }

}  // namespace obol::drivers
