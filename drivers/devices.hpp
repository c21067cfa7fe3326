#pragma once
// Devices of the addresses that stand in the configuration. What comes back is closed: listen, open and enable it.
// Everything runs on the executor, which is one thread or a strand; `world.timers` outlives the devices.

#include <memory>
#include <string>

#include "drivers/device.hpp"
#include "drivers/escpos/profile.hpp"
#include "drivers/transport/channels.hpp"

namespace obol::drivers {

struct PrinterAddress {
    std::string name;     // "counter"
    std::string address;  // tcp:// serial: file: cups: emulator:
    Profile profile;      // of its model, from config/printers
    bool drawer = true;   // one hangs on its kick connector
};
struct ScannerAddress {
    std::string name;
    std::string address;  // evdev: serial: tcp:// emulator:, with ?layout= suffix= prefix= gap= repeat= longest=
};
struct DisplayAddress {
    std::string name;
    std::string address;  // serial: tcp:// file: emulator:, with ?pages= columns= rows=
};

// Fault illegal: the address says something wrong. no_service: it is for another kind of device.
Result<std::unique_ptr<POSPrinter>> make_printer(const PrinterAddress& printer, const ChannelWorld& world);
Result<std::unique_ptr<Scanner>> make_scanner(const ScannerAddress& scanner, const ChannelWorld& world);
Result<std::unique_ptr<LineDisplay>> make_display(const DisplayAddress& display, const ChannelWorld& world);

}  // namespace obol::drivers
