#include "agent/device_makers.hpp"

#include "drivers/devices.hpp"

namespace obol::agent {

DeviceMakers device_makers(boost::asio::any_io_executor loop, Timers& timers) {
    const drivers::ChannelWorld world{std::move(loop), timers};
    return {[world](const PrinterSetting& it, const drivers::Profile& profile) {
                const drivers::PrinterAddress where{it.name, it.address, profile, it.drawer};
                return drivers::make_printer(where, world);
            },
            [world](const ScannerSetting& it) {
                const drivers::ScannerAddress where{it.name, it.address};
                return drivers::make_scanner(where, world);
            },
            [world](const DisplaySetting& it) {
                const drivers::DisplayAddress where{it.name, it.address};
                return drivers::make_display(where, world);
            }};
}

}  // namespace obol::agent
