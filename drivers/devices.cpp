#include "drivers/devices.hpp"

#include "drivers/display/escpos_display.hpp"
#include "drivers/input/input_scanner.hpp"
#include "drivers/printer/receipt_printer.hpp"
#include "drivers/scanner/byte_scanner.hpp"

namespace obol::drivers {

Result<std::unique_ptr<POSPrinter>> make_printer(const PrinterAddress& printer, const ChannelWorld& world) {
    Result<Address> address = parse_address(printer.address);
    if (!address) return address.error();
    const bool pages = printer.profile.language == Profile::Language::page;
    auto* const cups = std::get_if<CupsAddress>(&address->where);
    if (cups != nullptr) cups->raw = !pages;
    if (pages && cups == nullptr && !std::holds_alternative<FileAddress>(address->where)) {
        return Fault{"no_service", "address " + printer.address + ": a printer of pages has an address cups:"};
    }
    Result<std::unique_ptr<ByteChannel>> channel = make_channel(*address, world);
    if (!channel) return channel.error();
    return std::unique_ptr<POSPrinter>(std::make_unique<ReceiptPrinter>(
        PrinterSettings{printer.name, printer.address, printer.drawer}, printer.profile, std::move(*channel), world.timers));
}

Result<std::unique_ptr<Scanner>> make_scanner(const ScannerAddress& scanner, const ChannelWorld& world) {
    const Result<Address> address = parse_address(scanner.address, "layout " + std::string(scan_options));
    if (!address) return address.error();
    const Result<ScanRules> rules = scan_rules(address->options);
    if (!rules) return Fault{"illegal", "address " + scanner.address + ": " + rules.error().detail};
    const auto named = address->options.find("layout");
    const auto* const keyboard = std::get_if<EvdevAddress>(&address->where);
    const auto layout = find_key_layout(named == address->options.end() ? "us" : named->second);
    if (!layout || (keyboard == nullptr && named != address->options.end())) {
        return Fault{"illegal", "address " + scanner.address + ": layout= is us or gr, of an evdev: address"};
    }
    if (keyboard != nullptr) {
        return std::unique_ptr<Scanner>(
            std::make_unique<InputScanner>(scanner.name, *keyboard, *layout, *rules, world.executor, world.timers));
    }
    Result<std::unique_ptr<ByteChannel>> channel = make_channel(*address, world);
    if (!channel) return channel.error();
    if (!(*channel)->answers()) return Fault{"no_service", "address " + scanner.address + ": nothing is ever read there"};
    return std::unique_ptr<Scanner>(
        std::make_unique<ByteScanner>(scanner.name, scanner.address, std::move(*channel), *rules, world.timers));
}

Result<std::unique_ptr<LineDisplay>> make_display(const DisplayAddress& display, const ChannelWorld& world) {
    const Result<Address> address = parse_address(display.address, display_options);
    if (!address) return address.error();
    const Result<DisplayRules> rules = display_rules(address->options);
    if (!rules) return Fault{"illegal", "address " + display.address + ": " + rules.error().detail};
    Result<std::unique_ptr<ByteChannel>> channel = make_channel(*address, world);
    if (!channel) return channel.error();
    if (std::holds_alternative<CupsAddress>(address->where)) {
        return Fault{"no_service", "address " + display.address + ": no display hangs there"};
    }
    return std::unique_ptr<LineDisplay>(
        std::make_unique<EscposDisplay>(display.name, display.address, std::move(*channel), *rules, world.timers));
}

}  // namespace obol::drivers
