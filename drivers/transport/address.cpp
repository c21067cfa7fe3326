#include "drivers/transport/address.hpp"

#include <algorithm>
#include <charconv>
#include <optional>

namespace obol::drivers {
namespace {

constexpr int bauds[] = {1200, 2400, 4800, 9600, 19200, 38400, 57600, 115200, 230400, 460800, 921600};
constexpr std::size_t longest_address = 1024;

struct Illegal {
    std::string what;
};

template <class Number>
std::optional<Number> number(std::string_view text, int base = 10) {
    Number value{};
    const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value, base);
    if (error != std::errc{} || end != text.data() + text.size() || text.empty()) return std::nullopt;
    return value;
}

using Options = std::map<std::string, std::string>;

Options options_of(std::string_view text) {
    Options out;
    while (!text.empty()) {
        const std::string_view one = text.substr(0, text.find('&'));
        text.remove_prefix(std::min(text.size(), one.size() + 1));
        const std::size_t equals = one.find('=');
        if (equals == 0 || equals == std::string_view::npos || equals + 1 == one.size()) {
            throw Illegal{"'" + std::string(one) + "' must be name=value"};
        }
        if (!out.emplace(one.substr(0, equals), one.substr(equals + 1)).second) {
            throw Illegal{"'" + std::string(one.substr(0, equals)) + "' stands twice"};
        }
    }
    return out;
}

std::string take(Options& options, const std::string& name, std::string otherwise) {
    const auto found = options.find(name);
    if (found == options.end()) return otherwise;
    std::string value = std::move(found->second);
    options.erase(found);
    return value;
}

// Which of the words it is; the words have a space between them.
int choice(Options& options, const std::string& name, std::string_view words, std::string_view otherwise) {
    const std::string value = take(options, name, std::string(otherwise));
    int i = 0;
    for (std::string_view rest = words; !rest.empty(); ++i) {
        const std::string_view word = rest.substr(0, rest.find(' '));
        if (word == value) return i;
        rest.remove_prefix(std::min(rest.size(), word.size() + 1));
    }
    throw Illegal{name + "=" + value + " must be one of: " + std::string(words)};
}

std::string path_of(std::string_view text) {
    const bool plain = text.starts_with("/") && text.size() > 1 &&
                       std::none_of(text.begin(), text.end(), [](char c) { return c >= 0 && c < 0x20; });
    if (!plain) throw Illegal{"'" + std::string(text) + "' must be a path that begins with /"};
    return std::string(text);
}

TcpAddress tcp_of(std::string_view text) {
    TcpAddress out;
    std::string_view rest;
    if (text.starts_with("[")) {
        const std::size_t end = text.find(']');
        if (end == std::string_view::npos) throw Illegal{"the ] after an IPv6 address is missing"};
        out.host = text.substr(1, end - 1);
        rest = text.substr(end + 1);
    } else {
        const std::size_t colon = std::min(text.find(':'), text.size());
        out.host = text.substr(0, colon);
        rest = text.substr(colon);
    }
    const bool plain = !out.host.empty() && std::all_of(out.host.begin(), out.host.end(), [&](char c) {
        return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '.' || c == '-' ||
               c == '_' || (c == ':' && text.starts_with("["));
    });
    if (!plain) throw Illegal{"'" + out.host + "' is no name or address of a host"};
    if (rest.empty()) return out;
    const auto port = rest.starts_with(":") ? number<std::uint16_t>(rest.substr(1)) : std::nullopt;
    if (!port || *port == 0) throw Illegal{"'" + std::string(rest) + "' must be a port from :1 to :65535"};
    out.port = *port;
    return out;
}

SerialAddress serial_of(std::string_view text, Options& options) {
    SerialAddress out;
    out.path = path_of(text);
    const std::string baud = take(options, "baud", "9600");
    out.baud = number<int>(baud).value_or(0);
    if (std::find(std::begin(bauds), std::end(bauds), out.baud) == std::end(bauds)) {
        throw Illegal{"baud=" + baud + " is no speed of a serial line: 9600, 19200, 38400, 115200 …"};
    }
    out.flow = static_cast<SerialAddress::Flow>(choice(options, "flow", "none rtscts dtrdsr xonxoff", "none"));
    out.parity = static_cast<SerialAddress::Parity>(choice(options, "parity", "none even odd", "none"));
    out.data_bits = 7 + choice(options, "data", "7 8", "8");
    out.stop_bits = 1 + choice(options, "stop", "1 2", "1");
    return out;
}

CupsAddress cups_of(std::string_view text) {
    const bool plain = !text.empty() && text.size() <= 127 && text[0] != '-' &&
                       std::all_of(text.begin(), text.end(), [](char c) {
                           return c > ' ' && c != 0x7F && c != '/' && c != '#' && c != '\'' && c != '"' && c != '\\';
                       });
    if (!plain) throw Illegal{"'" + std::string(text) + "' is no name of a CUPS queue; lpstat -e lists them"};
    return {std::string(text)};
}

EvdevAddress evdev_of(std::string_view text, Options& options) {
    EvdevAddress out;
    if (text.starts_with("/")) {
        out.path = path_of(text);
        return out;
    }
    const auto vendor = text.size() == 9 ? number<std::uint16_t>(text.substr(0, 4), 16) : std::nullopt;
    const auto product = text.size() == 9 ? number<std::uint16_t>(text.substr(5), 16) : std::nullopt;
    if (!vendor || !product || text[4] != ':') {
        throw Illegal{"'" + std::string(text) + "' must be a path or vendor:product as lsusb shows them, such as 0c2e:0b61"};
    }
    out.vendor = *vendor;
    out.product = *product;
    out.serial = take(options, "serial", "");
    return out;
}

Address parsed(std::string_view text, std::string_view device_options) {
    if (text.size() > longest_address) throw Illegal{"is longer than any address"};
    const std::size_t colon = text.find(':');
    if (colon == std::string_view::npos) throw Illegal{"must begin with tcp:, serial:, file:, cups:, emulator: or evdev:"};
    const std::string_view kind = text.substr(0, colon);
    const std::size_t question = std::min(text.find('?', colon), text.size());
    const std::string_view rest = text.substr(colon + 1, question - colon - 1);
    Address out;
    if (question < text.size()) out.options = options_of(text.substr(question + 1));
    if (kind == "tcp" && rest.starts_with("//")) {
        out.where = tcp_of(rest.substr(2));
    } else if (kind == "serial") {
        out.where = serial_of(rest, out.options);
    } else if (kind == "file") {
        out.where = FileAddress{path_of(rest)};
    } else if (kind == "cups") {
        out.where = cups_of(rest);
    } else if (kind == "emulator") {
        out.where = EmulatorAddress{path_of(rest)};
    } else if (kind == "evdev") {
        out.where = evdev_of(rest, out.options);
    } else {
        throw Illegal{"must begin with tcp://, serial:, file:, cups:, emulator: or evdev:"};
    }
    for (const auto& [name, value] : out.options) {
        if ((" " + std::string(device_options) + " ").find(" " + name + " ") == std::string::npos) {
            throw Illegal{"'" + name + "' is not known here" +
                          (device_options.empty() ? "" : "; known are: " + std::string(device_options))};
        }
    }
    return out;
}

}  // namespace

Result<Address> parse_address(std::string_view text, std::string_view device_options) {
    try {
        return parsed(text, device_options);
    } catch (const Illegal& fault) {
        return Fault{"illegal", "address " + std::string(text.substr(0, longest_address)) + ": " + fault.what};
    }
}

}  // namespace obol::drivers
