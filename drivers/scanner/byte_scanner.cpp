#include "drivers/scanner/byte_scanner.hpp"

#include "drivers/printer/words.hpp"

namespace obol::drivers {

ByteScanner::ByteScanner(std::string name, std::string address, std::unique_ptr<ByteChannel> channel, ScanRules rules,
                         Timers& timers)
    : name_(std::move(name)), address_(std::move(address)), channel_(std::move(channel)), timers_(timers), reader_(rules, timers) {
    channel_->listen({[this] {
                          power_ = PowerState::online;
                          trouble_.clear();
                      },
                      [this](std::string_view bytes) { reader_.take(bytes); },
                      {},
                      {},
                      [this](const Fault& fault) { lost(fault); }});
}

Result<void> ByteScanner::open() {
    open_ = true;
    return {};
}

void ByteScanner::close() {
    open_ = enabled_ = false;
    if (again_ != 0) timers_.cancel(std::exchange(again_, 0));
    channel_->close();
    reader_.stop();
    power_ = PowerState::unknown;
    trouble_.clear();
}

Result<void> ByteScanner::set_enabled(bool enabled) {
    if (!open_) return Fault{"closed", "open the scanner " + name_ + " first"};
    if (enabled == enabled_) return {};
    if (enabled) {
        enabled_ = true;
        channel_->open();
    } else {
        close();
        open_ = true;
    }
    return {};
}

DeviceState ByteScanner::state() const {
    return !open_ ? DeviceState::closed : trouble_.empty() ? DeviceState::idle : DeviceState::error;
}

void ByteScanner::listen(Events events) {
    events_ = events;
    reader_.listen(std::move(events));
}

void ByteScanner::lost(const Fault& fault) {
    const bool news = trouble_.empty();
    power_ = PowerState::off_or_offline;
    trouble_ = address_ + ": " + fault.detail;
    reader_.ends();
    again_ = timers_.after(reopen, [this] {
        again_ = 0;
        channel_->open();
    });
    if (news && events_.error) events_.error(code_of(fault), trouble_);
}

}  // namespace obol::drivers
