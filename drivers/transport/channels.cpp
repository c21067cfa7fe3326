#include "drivers/transport/channels.hpp"

#include "drivers/transport/places.hpp"
#include "drivers/transport/whole.hpp"
#include "sync/core/overloaded.hpp"

namespace obol::drivers {

Result<std::unique_ptr<ByteChannel>> make_channel(const Address& address, const ChannelWorld& world) {
    const auto stream = [&](StreamKind kind) -> Result<std::unique_ptr<ByteChannel>> {
        kind.connection = world.patience.connection;
        kind.farewell = world.patience.farewell;
        return std::unique_ptr<ByteChannel>(
            std::make_unique<StreamChannel>(world.executor, world.timers, std::move(kind)));
    };
    return std::visit(
        overloaded{
            [&](const TcpAddress& tcp) { return stream(tcp_place(tcp, world)); },
            [&](const SerialAddress& serial) { return stream(serial_place(serial)); },
            [&](const EmulatorAddress& emulator) { return stream(emulator_place(emulator)); },
            [&](const FileAddress& file) -> Result<std::unique_ptr<ByteChannel>> {
                if (file.path.starts_with("/dev/")) return stream(device_place(file));
                return file_channel(file, world);
            },
            [&](const CupsAddress& cups) -> Result<std::unique_ptr<ByteChannel>> { return cups_channel(cups, world); },
            [](const EvdevAddress&) -> Result<std::unique_ptr<ByteChannel>> {
                return Fault{"no_service", "a keyboard takes no bytes: evdev: is for scanners"};
            }},
        address.where);
}

}  // namespace obol::drivers
