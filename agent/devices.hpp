#pragma once
// The devices of this venue's tills, as the configuration names them. What speaks to a device comes from the makers
// that serve.cpp hands in; the rest of the agent knows drivers/device.hpp alone.

#include <functional>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "agent/device_settings.hpp"
#include "drivers/device.hpp"
#include "drivers/escpos/profile.hpp"
#include "sync/core/timers.hpp"

namespace obol::agent {

// Fault no_service: nothing here speaks to such an address.
struct DeviceMakers {
    using Printer = std::function<Result<std::unique_ptr<drivers::POSPrinter>>(const PrinterSetting&, const drivers::Profile&)>;
    using Scanner = std::function<Result<std::unique_ptr<drivers::Scanner>>(const ScannerSetting&)>;
    using Display = std::function<Result<std::unique_ptr<drivers::LineDisplay>>(const DisplaySetting&)>;
    Printer printer;
    Scanner scanner;
    Display display;
};

class DeviceSet {
public:
    struct Printer {
        PrinterSetting setting;
        drivers::Profile profile;
        std::unique_ptr<drivers::POSPrinter> device;
    };
    struct Scanner {
        ScannerSetting setting;
        std::unique_ptr<drivers::Scanner> device;
    };
    struct Display {
        DisplaySetting setting;
        std::unique_ptr<drivers::LineDisplay> device;
    };

    DeviceSet() = default;
    DeviceSet(DeviceSet&&) = default;
    DeviceSet& operator=(DeviceSet&&) = default;

    // A Fault names the device: a profile that cannot be read, an address that nothing here speaks to.
    static Result<DeviceSet> make(const DeviceSettings& settings, const DeviceMakers& makers);

    Printer* printer(std::string_view name);
    Display* display(std::string_view name);
    // The one that a terminal prints on; else the only one there is; nullptr: it must be named.
    Printer* printer_for(std::string_view terminal);
    // Of what the terminal reads and prints, where its printer says so.
    std::string language_of(std::string_view terminal, const std::string& otherwise) const;

    // Opens and enables each; one that is not there yet is tried again every few seconds, for ever.
    void start(Timers& timers);
    // Closes them; nothing is tried any more.
    void stop();

    std::vector<Printer> printers{};
    std::vector<Scanner> scanners{};
    std::vector<Display> displays{};

private:
    void open_all();

    Timers* timers_ = nullptr;
    Timers::Token retry_{};
};

// By the name of a file in config/printers, all of which the program carries, or by a path. Fault profile_invalid |
// profile_unknown | file_unreadable.
Result<drivers::Profile> profile_named(const std::string& name);
std::vector<std::string> profile_names();

// As UnifiedPOS says it: closed, idle, busy, error.
std::string_view state_of(const drivers::Device& device);
std::string_view name_of(drivers::PowerState power);

}  // namespace obol::agent
