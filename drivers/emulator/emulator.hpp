#pragma once
// The emulated printer and scanner behind real sockets and lines, obeying a person: one line a command.

#include <boost/asio/any_io_executor.hpp>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

#include "drivers/emulator/place.hpp"
#include "drivers/fake/printer.hpp"

namespace obol::drivers {

struct EmulatorSettings {
    std::string printer, scanner;  // where they wait; empty: there is none
    Profile profile;
    std::string paper;             // the folder that gets a PNG and a text for each sheet; empty: none
    std::string keys{};            // where a person types what the scanner reads; empty: nowhere
};

class Emulator {
public:
    Emulator(boost::asio::any_io_executor executor, EmulatorSettings settings);

    Result<void> plug();
    // "ok", a line of what was asked, or "fault: …". `help` lists the commands.
    std::string obey(std::string_view command);

    FakePrinter& printer() { return printer_; }
    std::string printer_address() const { return printer_place_.address(); }

private:
    std::size_t take(std::string_view bytes);
    void look();
    void keep(const Sheet& sheet, const std::string& name);

    EmulatorSettings settings_;
    FakePrinter printer_;
    EmulatedPlace printer_place_, scanner_place_, keys_place_;
    std::size_t sheets_kept_ = 0;
    int pulses_seen_ = 0;
    std::string trouble_;
};

}  // namespace obol::drivers
