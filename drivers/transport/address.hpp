#pragma once
// Where a device is, as it is written in the configuration:
//
//   tcp://host:port                       port 9100 where none is said; [::1] for IPv6
//   serial:/dev/…?baud=19200&flow=rtscts|dtrdsr|xonxoff|none&parity=none|even|odd&data=7|8&stop=1|2
//   file:/path                            a device such as /dev/usb/lp0, else a file that grows
//   cups:queue                            through lp
//   emulator:/path                        a unix socket or a pty of drivers/fake
//   evdev:/dev/input/…, evdev:vvvv:pppp   a keyboard that scans, by its file or its ids
//
// Strict: what nobody knows is a fault that names it. `options` hold what the device reads, not the line.

#include <cstdint>
#include <map>
#include <string>
#include <string_view>
#include <variant>

#include "sync/core/result.hpp"

namespace obol::drivers {

struct TcpAddress {
    std::string host;
    std::uint16_t port = 9100;
    bool operator==(const TcpAddress&) const = default;
};
struct SerialAddress {
    enum class Flow { none, rtscts, dtrdsr, xonxoff };
    enum class Parity { none, even, odd };
    std::string path;
    int baud = 9600;
    Flow flow = Flow::none;
    Parity parity = Parity::none;
    int data_bits = 8, stop_bits = 1;
    bool operator==(const SerialAddress&) const = default;
};
struct FileAddress {
    std::string path;
    bool operator==(const FileAddress&) const = default;
};
struct CupsAddress {
    std::string queue;
    bool raw = true;  // the printer gets our bytes as they are; else pages, on A4
    bool operator==(const CupsAddress&) const = default;
};
struct EmulatorAddress {
    std::string path;
    bool operator==(const EmulatorAddress&) const = default;
};
struct EvdevAddress {
    std::string path;  // or, where it is empty, by ids
    std::uint16_t vendor = 0, product = 0;
    std::string serial;  // of several alike
    bool operator==(const EvdevAddress&) const = default;
};

struct Address {
    std::variant<TcpAddress, SerialAddress, FileAddress, CupsAddress, EmulatorAddress, EvdevAddress> where;
    std::map<std::string, std::string> options;  // what is left for the device
    bool operator==(const Address&) const = default;
};

// `device_options`: the names that the device at this address knows, with a space between them.
// Fault illegal.
Result<Address> parse_address(std::string_view text, std::string_view device_options = "");

}  // namespace obol::drivers
