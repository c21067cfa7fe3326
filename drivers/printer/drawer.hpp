#pragma once
// The cash drawer on a printer's kick connector.

#include <functional>
#include <string>

#include "drivers/device.hpp"

namespace obol::drivers {

class ReceiptPrinter;

// It is open, closed and enabled as its printer is.
class PrinterDrawer final : public CashDrawer {
public:
    PrinterDrawer(ReceiptPrinter& printer, std::string name) : printer_(printer), name_(std::move(name)) {}

    std::string name() const override { return name_; }
    Result<void> open() override;
    void close() override {}
    Result<void> set_enabled(bool enabled) override;
    DeviceState state() const override;
    PowerState power() const override;
    std::string health() const override;

    Result<void> open_drawer() override;
    DrawerState drawer() const override;
    void listen(std::function<void(DrawerState)> changed) override { changed_ = std::move(changed); }

    void look();  // perhaps it has changed

private:
    ReceiptPrinter& printer_;
    std::string name_;
    std::function<void(DrawerState)> changed_;
    DrawerState told_ = DrawerState::unknown;
};

}  // namespace obol::drivers
