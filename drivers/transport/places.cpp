#include "drivers/transport/places.hpp"

#include <boost/asio/ip/address.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <cerrno>
#include <cstring>
#include <fcntl.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <sys/ioctl.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <termios.h>
#include <unistd.h>

namespace obol::drivers {

namespace asio = boost::asio;

namespace {

// Little waits in the system, so that a job that fails has not left long ago as far as we know.
constexpr int system_buffer = 16 * 1024;
constexpr int unanswered_ms = 20'000;  // bytes that nobody acknowledges: the connection is gone

Result<Opened> connected(int descriptor, const sockaddr* address, socklen_t size, const std::string& what) {
    if (descriptor < 0) return fault_of_errno(errno, what);
    if (::connect(descriptor, address, size) == 0) return Opened{descriptor, false};
    const int error = errno;
    if (error == EINPROGRESS) return Opened{descriptor, true};
    ::close(descriptor);
    return fault_of_errno(error, what);
}

Result<Opened> connect_tcp(const asio::ip::tcp::endpoint& to) {
    const int descriptor = ::socket(to.protocol().family(), SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
    if (descriptor >= 0) {
        const int on = 1;
        ::setsockopt(descriptor, SOL_SOCKET, SO_SNDBUF, &system_buffer, sizeof system_buffer);
        ::setsockopt(descriptor, SOL_SOCKET, SO_KEEPALIVE, &on, sizeof on);
        ::setsockopt(descriptor, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
        ::setsockopt(descriptor, IPPROTO_TCP, TCP_USER_TIMEOUT, &unanswered_ms, sizeof unanswered_ms);
    }
    return connected(descriptor, to.data(), static_cast<socklen_t>(to.size()), "no connection");
}

Result<Opened> connect_unix(const std::string& path) {
    sockaddr_un address{};
    address.sun_family = AF_UNIX;
    if (path.size() >= sizeof address.sun_path) return Fault{"illegal", path + " is too long for a socket"};
    std::memcpy(address.sun_path, path.c_str(), path.size() + 1);
    const int descriptor = ::socket(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
    return connected(descriptor, reinterpret_cast<const sockaddr*>(&address), sizeof address, path);
}

// An orderly end when all has arrived; else what waits in the system is not to come out later.
void end_tcp(int descriptor, bool clean) {
    int waiting = 0;
    ::ioctl(descriptor, TIOCOUTQ, &waiting);
    if (clean && waiting == 0) return;
    const linger at_once{1, 0};
    ::setsockopt(descriptor, SOL_SOCKET, SO_LINGER, &at_once, sizeof at_once);
}

// close() of a line waits for its bytes, which nobody may be taking.
void end_line(int descriptor, bool) {
    if (::isatty(descriptor) == 1) ::tcflush(descriptor, TCIOFLUSH);
}

speed_t speed_of(int baud) {
    switch (baud) {
        case 1200: return B1200;
        case 2400: return B2400;
        case 4800: return B4800;
        case 19200: return B19200;
        case 38400: return B38400;
        case 57600: return B57600;
        case 115200: return B115200;
        case 230400: return B230400;
        case 460800: return B460800;
        case 921600: return B921600;
        default: return B9600;
    }
}

Result<void> set_line(int descriptor, const SerialAddress& address) {
    termios line{};
    if (::tcgetattr(descriptor, &line) != 0) return Fault{"illegal", address.path + " is no serial line"};
    ::cfmakeraw(&line);
    ::cfsetispeed(&line, speed_of(address.baud));
    ::cfsetospeed(&line, speed_of(address.baud));
    line.c_cflag |= CLOCAL | CREAD;
    line.c_cflag &= ~static_cast<tcflag_t>(CSIZE | PARENB | PARODD | CSTOPB | CRTSCTS);
    line.c_cflag |= address.data_bits == 7 ? CS7 : CS8;
    if (address.stop_bits == 2) line.c_cflag |= CSTOPB;
    if (address.parity != SerialAddress::Parity::none) line.c_cflag |= PARENB;
    if (address.parity == SerialAddress::Parity::odd) line.c_cflag |= PARODD;
    if (address.flow == SerialAddress::Flow::rtscts) line.c_cflag |= CRTSCTS;
    if (address.flow == SerialAddress::Flow::xonxoff) line.c_iflag |= IXON | IXOFF;
    line.c_cc[VMIN] = 1;
    line.c_cc[VTIME] = 0;
    if (::tcsetattr(descriptor, TCSANOW, &line) != 0) return fault_of_errno(errno, address.path);
    ::tcflush(descriptor, TCIOFLUSH);
    return {};
}

Result<Opened> open_file(const std::string& path) {
    const int descriptor = ::open(path.c_str(), O_RDWR | O_NONBLOCK | O_NOCTTY | O_CLOEXEC);
    if (descriptor < 0) return fault_of_errno(errno, path);
    return Opened{descriptor, false};
}

Result<Opened> open_line(const SerialAddress& address) {
    const Result<Opened> opened = open_file(address.path);
    if (!opened) return opened;
    if (const Result<void> set = set_line(opened->descriptor, address); !set) {
        ::close(opened->descriptor);
        return set.error();
    }
    ::ioctl(opened->descriptor, TIOCEXCL);
    return opened;
}

}  // namespace

StreamKind tcp_place(const TcpAddress& address, const ChannelWorld& world) {
    StreamKind kind;
    const auto resolver = std::make_shared<asio::ip::tcp::resolver>(world.executor);
    kind.open = [address, resolver](std::function<void(Result<Opened>)> have) {
        boost::system::error_code named;
        const asio::ip::address number = asio::ip::make_address(address.host, named);
        if (!named) return have(connect_tcp({number, address.port}));
        resolver->async_resolve(
            address.host, std::to_string(address.port),
            [have = std::move(have), host = address.host](const boost::system::error_code& error,
                                                          const asio::ip::tcp::resolver::results_type& found) {
                if (error || found.empty()) {
                    return have(Fault{"offline", "nobody knows the name " + host + ": give the address as a number"});
                }
                have(connect_tcp(found.begin()->endpoint()));
            });
    };
    kind.cancel = [resolver] { resolver->cancel(); };
    kind.before_close = end_tcp;
    kind.one_job_each = kind.socket = true;
    return kind;
}

StreamKind serial_place(const SerialAddress& address) {
    StreamKind kind;
    kind.open = [address](const std::function<void(Result<Opened>)>& have) { have(open_line(address)); };
    kind.before_close = end_line;
    if (address.flow == SerialAddress::Flow::dtrdsr) {
        // The system does not watch DSR; a line that has none is always ready.
        kind.ready_to_write = [](int descriptor) {
            int lines = 0;
            return ::ioctl(descriptor, TIOCMGET, &lines) != 0 || (lines & TIOCM_DSR) != 0;
        };
    }
    return kind;
}

StreamKind device_place(const FileAddress& address) {
    StreamKind kind;
    kind.open = [address](const std::function<void(Result<Opened>)>& have) {
        struct stat what {};
        if (::stat(address.path.c_str(), &what) == 0 && !S_ISCHR(what.st_mode)) {
            return have(Fault{"illegal", address.path + " is no device"});
        }
        Result<Opened> opened = open_file(address.path);
        if (opened && ::isatty(opened->descriptor) == 1) {
            ::close(opened->descriptor);
            return have(Fault{"illegal", address.path + " is a serial line: write serial:" + address.path + "?baud=…"});
        }
        have(std::move(opened));
    };
    kind.end_is_silence = true;
    return kind;
}

StreamKind emulator_place(const EmulatorAddress& address) {
    StreamKind kind;
    kind.open = [path = address.path](const std::function<void(Result<Opened>)>& have) {
        struct stat what {};
        if (::stat(path.c_str(), &what) != 0) return have(fault_of_errno(errno, path));
        if (S_ISSOCK(what.st_mode)) return have(connect_unix(path));
        SerialAddress line;
        line.path = path;
        have(open_line(line));
    };
    kind.before_close = end_line;
    return kind;
}

}  // namespace obol::drivers
