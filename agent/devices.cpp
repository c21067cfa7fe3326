#include "agent/devices.hpp"

#include <algorithm>
#include <map>

#include "drivers/profiles/read.hpp"
#include "printer_profiles_embedded.hpp"
#include "sync/host/system.hpp"

namespace obol::agent {

namespace {

constexpr Millis between_tries{5'000};

const std::map<std::string, drivers::Profile, std::less<>>& own_profiles() {
    static const auto all = [] {
        std::map<std::string, drivers::Profile, std::less<>> out;
        // A test reads each of them.
        for (const auto& [file, text] : embedded::printer_profiles::all_of_them) {
            out.emplace(file, drivers::read_profile(text).value());
        }
        return out;
    }();
    return all;
}

Fault of(const std::string& name, const Fault& why) { return {why.code, "device " + name + ": " + why.detail}; }

void open(drivers::Device& device) {
    if (device.state() != drivers::DeviceState::closed) return;
    if (device.open()) (void)device.set_enabled(true);  // what fails stays closed, says why in health(), and is tried again
}

}  // namespace

Result<drivers::Profile> profile_named(const std::string& name) {
    if (name.find('/') != std::string::npos) {
        const Result<std::string> text = host::read_file(name);
        if (!text) return text.error();
        return drivers::read_profile(*text);
    }
    const auto found = own_profiles().find(name);
    if (found == own_profiles().end()) return Fault{"profile_unknown", "there is no printer profile " + name};
    return found->second;
}

std::vector<std::string> profile_names() {
    std::vector<std::string> out;
    for (const auto& [name, profile] : own_profiles()) out.push_back(name);
    return out;
}

Result<DeviceSet> DeviceSet::make(const DeviceSettings& settings, const DeviceMakers& makers) {
    DeviceSet out;
    for (const PrinterSetting& setting : settings.printers) {
        Result<drivers::Profile> profile = profile_named(setting.profile);
        if (!profile) return of(setting.name, profile.error());
        auto device = makers.printer(setting, *profile);
        if (!device) return of(setting.name, device.error());
        out.printers.push_back({setting, std::move(*profile), std::move(*device)});
    }
    for (const ScannerSetting& setting : settings.scanners) {
        auto device = makers.scanner(setting);
        if (!device) return of(setting.name, device.error());
        out.scanners.push_back({setting, std::move(*device)});
    }
    for (const DisplaySetting& setting : settings.displays) {
        auto device = makers.display(setting);
        if (!device) return of(setting.name, device.error());
        out.displays.push_back({setting, std::move(*device)});
    }
    return out;
}

DeviceSet::Printer* DeviceSet::printer(std::string_view name) {
    const auto found = std::ranges::find_if(printers, [name](const Printer& each) { return each.setting.name == name; });
    return found == printers.end() ? nullptr : &*found;
}

DeviceSet::Display* DeviceSet::display(std::string_view name) {
    const auto found = std::ranges::find_if(displays, [name](const Display& each) { return each.setting.name == name; });
    return found == displays.end() ? nullptr : &*found;
}

DeviceSet::Printer* DeviceSet::printer_for(std::string_view terminal) {
    for (Printer& each : printers) {
        if (!terminal.empty() && each.setting.terminal == terminal) return &each;
    }
    return printers.size() == 1 ? &printers.front() : nullptr;
}

std::string DeviceSet::language_of(std::string_view terminal, const std::string& otherwise) const {
    for (const Printer& each : printers) {
        if (each.setting.terminal == terminal && !each.setting.language.empty()) return each.setting.language;
    }
    return otherwise;
}

void DeviceSet::open_all() {
    for (Printer& each : printers) open(*each.device);
    for (Scanner& each : scanners) open(*each.device);
    for (Display& each : displays) open(*each.device);
    retry_ = timers_->after(between_tries, [this] { open_all(); });
}

void DeviceSet::start(Timers& timers) {
    timers_ = &timers;
    open_all();
}

void DeviceSet::stop() {
    if (timers_ == nullptr) return;
    timers_->cancel(retry_);
    for (Printer& each : printers) each.device->close();
    for (Scanner& each : scanners) each.device->close();
    for (Display& each : displays) each.device->close();
}

std::string_view state_of(const drivers::Device& device) { return drivers::name_of(device.state()); }

std::string_view name_of(drivers::PowerState power) {
    switch (power) {
        case drivers::PowerState::unknown: return "unknown";
        case drivers::PowerState::online: return "online";
        case drivers::PowerState::off_or_offline: return "off_or_offline";
    }
    return "";
}

}  // namespace obol::agent
