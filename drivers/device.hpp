#pragma once
// The devices of a till, in the words of UnifiedPOS 1.16: states, error codes and the four device
// classes. Whoever speaks to a device implements one of these; the agent sees nothing else of it.
//
// What is kept of UnifiedPOS, and what is not:
//  - a device is open, claimed and enabled in that order, and says closed, idle, busy or error;
//  - output is asynchronous: a call hands over a job and returns its OutputID at once, completion and
//    failure come later as events. Nothing that sells ever waits for paper;
//  - input comes as data events;
//  - methods return Result instead of throwing; the code of the Fault is the word of an ErrorCode.
// Every call is made on the owner's event loop and every event arrives there.

#include <cstddef>
#include <cstdint>
#include <functional>
#include <string>
#include <string_view>
#include <vector>

#include "drivers/ticket/document.hpp"
#include "sync/core/result.hpp"

namespace obol::drivers {

enum class DeviceState { closed, idle, busy, error };

// E_CLOSED … E_EXTENDED of UnifiedPOS, without the ones that only its control objects can give.
enum class ErrorCode {
    closed,       // not open
    claimed,      // somebody else has it
    not_claimed,  // claim it first
    no_service,   // no driver for this address
    disabled,     // enable it first
    illegal,      // the device cannot do that, or the argument is out of range
    no_hardware,  // not connected, unplugged
    offline,      // connected, not answering or switched off line
    no_exist,     // the file or job named does not exist
    failure,      // the device says that it failed
    timeout,      // no answer in time
    busy,         // a job is running
    extended,     // see ExtendedError
};

// Printer faults that a person can act on; each is also a status that comes and goes.
enum class ExtendedError { none, cover_open, paper_empty, cutter_jammed, overheated };

enum class PowerState { unknown, online, off_or_offline };

constexpr std::string_view name_of(DeviceState state) {
    constexpr std::string_view names[] = {"closed", "idle", "busy", "error"};
    return names[static_cast<std::size_t>(state)];
}
constexpr std::string_view name_of(ErrorCode code) {
    constexpr std::string_view names[] = {"closed", "claimed", "not_claimed", "no_service", "disabled",
                                          "illegal", "no_hardware", "offline", "no_exist", "failure",
                                          "timeout", "busy", "extended"};
    return names[static_cast<std::size_t>(code)];
}
constexpr std::string_view name_of(ExtendedError error) {
    constexpr std::string_view names[] = {"none", "cover_open", "paper_empty", "cutter_jammed",
                                          "overheated"};
    return names[static_cast<std::size_t>(error)];
}

using OutputId = std::uint64_t;

struct OutputComplete {
    OutputId id = 0;
    bool confirmed = false;  // the printer said so; else the bytes have only left
};
struct OutputFailed {  // the job is gone from the device's queue; the agent's print queue decides what next
    OutputId id = 0;
    ErrorCode code = ErrorCode::failure;
    ExtendedError extended = ExtendedError::none;
    std::string detail;
    bool perhaps_printed = false;  // bytes had left when it failed: a repeat must say COPY
};

// What all devices share.
class Device {
public:
    virtual ~Device() = default;
    virtual std::string name() const = 0;  // of the configuration: "counter", "kitchen"
    // Fault no_service | no_hardware | claimed | offline.
    virtual Result<void> open() = 0;
    virtual void close() = 0;
    virtual Result<void> set_enabled(bool enabled) = 0;
    virtual DeviceState state() const = 0;
    virtual PowerState power() const = 0;
    // One sentence for the status page; empty while all is well.
    virtual std::string health() const = 0;
};

struct PrinterStatus {
    bool cover_open = false;
    bool paper_empty = false;
    bool paper_near_end = false;
    ExtendedError error = ExtendedError::none;
    bool operator==(const PrinterStatus&) const = default;
};

struct PrinterCapabilities {
    int columns = 42;        // RecLineChars
    int dots = 512;          // RecLineWidth
    bool cutter = true;      // CapRecPapercut
    bool native_qr = false;  // CapRecBarCode for QR; else it is drawn
    bool drawer = true;      // a drawer hangs on its kick connector
    std::vector<std::string> code_pages{};
    bool operator==(const PrinterCapabilities&) const = default;
};

class CashDrawer;

class POSPrinter : public Device {
public:
    struct Events {
        std::function<void(OutputComplete)> complete;
        std::function<void(OutputFailed)> failed;
        // On each change, and when the printer is reached again or lost: whoever waits for a fault to go tries again.
        std::function<void(PrinterStatus)> status;
    };
    virtual void listen(Events events) = 0;
    virtual PrinterCapabilities capabilities() const = 0;
    virtual PrinterStatus status() const = 0;
    // Queues the document as one transaction, whole or not at all. Fault closed | disabled | busy (queue
    // full) | illegal.
    virtual Result<OutputId> print(const Document& document) = 0;
    // Pulses the drawer that hangs on this printer; a job like any other, so that it keeps its place.
    virtual Result<OutputId> kick_drawer() = 0;
    // Drops all jobs, the running one too; no event tells of them.
    virtual void clear_output() = 0;
    // The drawer on its kick connector, as a device of its own; nullptr: none. It lives as long as the printer.
    virtual CashDrawer* cash_drawer() { return nullptr; }
};

struct ScanData {
    std::string data;       // as read, framing removed, AIM identifier kept
    std::string symbology;  // "qr", "ean13" …; empty where the device does not tell
    bool operator==(const ScanData&) const = default;
};

class Scanner : public Device {
public:
    struct Events {
        std::function<void(ScanData)> data;
        std::function<void(ErrorCode, std::string detail)> error;
    };
    virtual void listen(Events events) = 0;
};

enum class DrawerState { unknown, closed, open };

class CashDrawer : public Device {
public:
    virtual Result<void> open_drawer() = 0;
    virtual DrawerState drawer() const = 0;  // unknown where no contact tells
    virtual void listen(std::function<void(DrawerState)> changed) = 0;
};

class LineDisplay : public Device {
public:
    virtual int columns() const = 0;
    virtual int rows() const = 0;
    // The whole display at once; longer lines are cut, missing ones blank. Fault closed | disabled | offline.
    virtual Result<void> display(const std::vector<std::string>& lines) = 0;
    virtual Result<void> clear() = 0;
};

}  // namespace obol::drivers
