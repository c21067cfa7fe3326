#include "drivers/input/input_scanner.hpp"

#include <boost/asio/posix/stream_descriptor.hpp>
#include <cerrno>
#include <fcntl.h>
#include <libevdev/libevdev.h>
#include <unistd.h>
#include <utility>

#include "drivers/input/keyboards.hpp"
#include "drivers/printer/words.hpp"
#include "drivers/transport/stream.hpp"

namespace obol::drivers {

namespace asio = boost::asio;

namespace {

struct FreeDevice {
    void operator()(libevdev* device) const { libevdev_free(device); }
};

std::string words_of(const EvdevAddress& address) {
    constexpr std::string_view digits = "0123456789abcdef";
    std::string out = "evdev:" + address.path;
    if (!address.path.empty()) return out;
    for (const std::uint16_t id : {address.vendor, address.product}) {
        for (int shift = 12; shift >= 0; shift -= 4) out += digits[id >> shift & 15];
        out += ':';
    }
    out.pop_back();
    return address.serial.empty() ? out : out + "?serial=" + address.serial;
}

}  // namespace

class InputScanner::Core : public std::enable_shared_from_this<Core> {
public:
    Core(std::string the_name, EvdevAddress address, KeyLayout layout, ScanRules rules, asio::any_io_executor executor, Timers& timers)
        : name(std::move(the_name)),
          reader(std::move(rules), timers),
          address_(std::move(address)),
          keyboard_(layout),
          timers_(timers),
          file_(executor),
          news_(executor) {}

    // A handler of this enabling; those of an earlier one find that their time is over.
    template <class Handler>
    auto mine(Handler handler) {
        return [self = shared_from_this(), turn = turn_, handler = std::move(handler)](auto&&... of) {
            if (self->turn_ == turn) handler(of...);
        };
    }

    void enable() {
        ++turn_;
        enabled = true;
        // What has come since an event, or where no event comes, since a second.
        if (keyboards_.news() >= 0) {
            news_.assign(::dup(keyboards_.news()));
            wait_for_news();
        }
        again_ = timers_.after(Millis{0}, mine([this] {
                                   again_ = 0;
                                   attach();
                               }));
    }

    void disable() {
        ++turn_;
        enabled = false;
        detach();
        boost::system::error_code ignored;
        news_.close(ignored);
        if (again_ != 0) timers_.cancel(std::exchange(again_, 0));
        reader.stop();
        power = PowerState::unknown;
        trouble.clear();
    }

    const std::string name;
    ScanReader reader;
    Events events;
    bool open = false, enabled = false;
    PowerState power = PowerState::unknown;
    std::string trouble;

private:
    void wait_for_news() {
        news_.async_wait(asio::posix::stream_descriptor::wait_read, mine([this](const boost::system::error_code& error) {
                             if (error) return;  // the timer goes on looking
                             keyboards_.read_news();
                             if (!file_.is_open()) attach();
                             wait_for_news();
                         }));
    }

    void attach() {
        if (again_ != 0) timers_.cancel(std::exchange(again_, 0));
        if (const Result<void> attached = try_to_attach(); !attached) return lost(attached.error());
        power = PowerState::online;
        trouble.clear();
        read_when_there();
    }

    Result<void> try_to_attach() {
        const Result<std::string> path = keyboards_.find(address_);
        if (!path) return path.error();
        const int descriptor = ::open(path->c_str(), O_RDONLY | O_NONBLOCK | O_CLOEXEC);
        if (descriptor < 0) return fault_of_errno(errno, *path);
        libevdev* device = nullptr;
        if (const int error = libevdev_new_from_fd(descriptor, &device); error != 0) {
            ::close(descriptor);
            return Fault{"illegal", *path + " is no input device"};
        }
        device_.reset(device);
        const int grabbed = libevdev_grab(device, LIBEVDEV_GRAB);
        boost::system::error_code error;
        if (grabbed == 0) file_.assign(descriptor, error);
        if (grabbed != 0 || error) {
            device_.reset();
            ::close(descriptor);
            return fault_of_errno(grabbed != 0 ? -grabbed : error.value(), *path);
        }
        return {};
    }

    void read_when_there() {
        file_.async_wait(asio::posix::stream_descriptor::wait_read, mine([this, device = device_.get()](
                                                                             const boost::system::error_code& error) {
                             if (device_.get() != device) return;
                             if (error) return lost(fault_of_errno(error.value(), "it"));
                             read();
                         }));
    }

    void read() {
        unsigned flags = LIBEVDEV_READ_FLAG_NORMAL;
        for (;;) {
            input_event event{};
            const int got = libevdev_next_event(device_.get(), flags, &event);
            if (got == LIBEVDEV_READ_STATUS_SYNC) {
                // Events were lost: what comes now is where the keys stand, and half a code is none.
                if (flags == LIBEVDEV_READ_FLAG_NORMAL) {
                    keyboard_.forget();
                    reader.ends();
                }
                flags = LIBEVDEV_READ_FLAG_SYNC;
            } else if (got == -EAGAIN) {
                if (flags == LIBEVDEV_READ_FLAG_NORMAL) return read_when_there();
                flags = LIBEVDEV_READ_FLAG_NORMAL;
            } else if (got < 0) {
                return lost(fault_of_errno(-got, "it"));
            }
            if (got == LIBEVDEV_READ_STATUS_SUCCESS && event.type == EV_KEY) key(event);
            if (!device_) return;  // who heard the code has disabled us
        }
    }

    void key(const input_event& event) {
        if (event.value == 0) return keyboard_.release(event.code);
        if (event.value != 1) return;  // a key that is held down repeats; a scanner's never is
        if (const std::string typed = keyboard_.press(event.code); !typed.empty()) reader.take(typed);
    }

    void detach() {
        boost::system::error_code ignored;
        device_.reset();
        file_.close(ignored);  // and lets go of it
        keyboard_.forget();
    }

    void lost(const Fault& fault) {
        const bool news = trouble.empty();
        detach();
        reader.ends();
        power = PowerState::off_or_offline;
        trouble = words_of(address_) + ": " + fault.detail;
        again_ = timers_.after(reopen, mine([this] {
                                   again_ = 0;
                                   attach();
                               }));
        if (news && events.error) events.error(code_of(fault), trouble);
    }

    EvdevAddress address_;
    Keyboards keyboards_;
    Keyboard keyboard_;
    Timers& timers_;
    asio::posix::stream_descriptor file_, news_;
    std::unique_ptr<libevdev, FreeDevice> device_;
    std::uint64_t turn_ = 0;
    Timers::Token again_ = 0;
};

InputScanner::InputScanner(std::string name, EvdevAddress address, KeyLayout layout, ScanRules rules,
                           asio::any_io_executor executor, Timers& timers)
    : core_(std::make_shared<Core>(std::move(name), std::move(address), layout, std::move(rules), std::move(executor), timers)) {}

InputScanner::~InputScanner() {
    close();
    core_->events = {};
}

std::string InputScanner::name() const { return core_->name; }

Result<void> InputScanner::open() {
    core_->open = true;
    return {};
}

void InputScanner::close() {
    if (core_->enabled) core_->disable();
    core_->open = false;
}

Result<void> InputScanner::set_enabled(bool enabled) {
    if (!core_->open) return Fault{"closed", "open the scanner " + core_->name + " first"};
    if (enabled == core_->enabled) return {};
    enabled ? core_->enable() : core_->disable();
    return {};
}

DeviceState InputScanner::state() const {
    return !core_->open ? DeviceState::closed : core_->trouble.empty() ? DeviceState::idle : DeviceState::error;
}

PowerState InputScanner::power() const { return core_->power; }
std::string InputScanner::health() const { return core_->trouble; }

void InputScanner::listen(Events events) {
    core_->events = events;
    core_->reader.listen(std::move(events));
}

}  // namespace obol::drivers
