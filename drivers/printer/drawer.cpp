#include "drivers/printer/drawer.hpp"

#include "drivers/printer/receipt_printer.hpp"

namespace obol::drivers {

Result<void> PrinterDrawer::open() {
    if (printer_.state() != DeviceState::closed) return {};
    return Fault{"closed", "open the printer " + printer_.name() + " first: " + name_ + " hangs on it"};
}

Result<void> PrinterDrawer::set_enabled(bool) { return open(); }
DeviceState PrinterDrawer::state() const { return printer_.state(); }
PowerState PrinterDrawer::power() const { return printer_.power(); }
std::string PrinterDrawer::health() const { return printer_.health(); }

Result<void> PrinterDrawer::open_drawer() {
    if (const Result<OutputId> job = printer_.kick_drawer(); !job) return job.error();
    return {};
}

DrawerState PrinterDrawer::drawer() const { return printer_.drawer_state(); }

void PrinterDrawer::look() {
    const DrawerState now = drawer();
    if (std::exchange(told_, now) != now && changed_) changed_(now);
}

}  // namespace obol::drivers
