#pragma once
// A scanner that types as a keyboard does, read from the kernel and taken away from everybody else: its codes do not
// end in whatever window is in front.

#include <boost/asio/any_io_executor.hpp>
#include <memory>
#include <string>

#include "drivers/scanner/keys.hpp"
#include "drivers/scanner/reader.hpp"
#include "drivers/transport/address.hpp"

namespace obol::drivers {

class InputScanner final : public Scanner {
public:
    static constexpr Millis reopen{1'000};

    InputScanner(std::string name, EvdevAddress address, KeyLayout layout, ScanRules rules,
                 boost::asio::any_io_executor executor, Timers& timers);
    ~InputScanner() override;

    std::string name() const override;
    Result<void> open() override;
    void close() override;
    Result<void> set_enabled(bool enabled) override;
    DeviceState state() const override;
    PowerState power() const override;
    std::string health() const override;
    void listen(Events events) override;

private:
    class Core;
    std::shared_ptr<Core> core_;
};

}  // namespace obol::drivers
