#pragma once
// What the configuration says of devices (member `devices`; config/agent.json explains it).

#include <map>
#include <string>
#include <vector>

namespace obol::agent {

struct PrinterSetting {
    std::string name;
    std::string address;                   // tcp://HOST:9100, file:/dev/usb/lp0, serial:…, emulator:PATH
    std::string profile = "generic-80mm";  // of config/printers, or the path of a file like these
    std::string terminal{};                // whose receipts it prints by itself
    std::string language{};                // of what it prints; empty: the venue's
    bool drawer = false;                   // one hangs on its kick connector
    bool operator==(const PrinterSetting&) const = default;
};

struct ScannerSetting {
    std::string name, address;
    std::string terminal;  // who hears what it reads
    bool operator==(const ScannerSetting&) const = default;
};

struct DisplaySetting {
    std::string name, address;
    std::string terminal{};
    bool operator==(const DisplaySetting&) const = default;
};

struct DeviceSettings {
    std::vector<PrinterSetting> printers{};
    std::vector<ScannerSetting> scanners{};
    std::vector<DisplaySetting> displays{};

    // Terminal -> the printer that prints each of its receipts.
    std::map<std::string, std::string> receipt_printers() const {
        std::map<std::string, std::string> out;
        for (const PrinterSetting& each : printers) {
            if (!each.terminal.empty()) out.emplace(each.terminal, each.name);
        }
        return out;
    }
};

}  // namespace obol::agent
