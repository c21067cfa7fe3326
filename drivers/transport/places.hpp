#pragma once
// How each kind of place is opened, for StreamChannel.

#include "drivers/transport/address.hpp"
#include "drivers/transport/channels.hpp"
#include "drivers/transport/stream.hpp"

namespace obol::drivers {

StreamKind tcp_place(const TcpAddress& address, const ChannelWorld& world);
StreamKind serial_place(const SerialAddress& address);
StreamKind device_place(const FileAddress& address);      // /dev/usb/lp0
StreamKind emulator_place(const EmulatorAddress& address);  // a unix socket or a pty

}  // namespace obol::drivers
