#pragma once
// A scanner that sends characters: serial, USB as a serial line, TCP.

#include <memory>
#include <string>

#include "drivers/channel.hpp"
#include "drivers/scanner/reader.hpp"

namespace obol::drivers {

class ByteScanner final : public Scanner {
public:
    static constexpr Millis reopen{2'000};

    ByteScanner(std::string name, std::string address, std::unique_ptr<ByteChannel> channel, ScanRules rules, Timers& timers);
    ~ByteScanner() override { close(); }

    std::string name() const override { return name_; }
    Result<void> open() override;
    void close() override;
    Result<void> set_enabled(bool enabled) override;
    DeviceState state() const override;
    PowerState power() const override { return power_; }
    std::string health() const override { return trouble_; }
    void listen(Events events) override;

private:
    void lost(const Fault& fault);

    std::string name_, address_;
    std::unique_ptr<ByteChannel> channel_;
    Timers& timers_;
    ScanReader reader_;
    Events events_;
    bool open_ = false, enabled_ = false;
    PowerState power_ = PowerState::unknown;
    std::string trouble_;
    Timers::Token again_ = 0;
};

}  // namespace obol::drivers
