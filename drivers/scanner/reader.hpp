#pragma once
// From bytes to codes: framing, time and repeats. What all scanners have in common.

#include <map>
#include <string>

#include "drivers/device.hpp"
#include "drivers/scanner/framing.hpp"
#include "sync/core/timers.hpp"

namespace obol::drivers {

struct ScanRules {
    FramingRules framing;
    Millis idle{200};     // between two characters of one code
    Millis repeat{700};   // the same code again within this time is the same scan
};

// Reads what the options of a scanner's address say. `scan_options` are the names of those.
inline constexpr std::string_view scan_options = "suffix prefix gap repeat longest";
Result<ScanRules> scan_rules(const std::map<std::string, std::string>& options);

class ScanReader {
public:
    ScanReader(ScanRules rules, Timers& timers) : rules_(rules), timers_(timers), framing_(rules.framing) {}
    ScanReader(const ScanReader&) = delete;
    ScanReader& operator=(const ScanReader&) = delete;
    ~ScanReader() { stop(); }

    void listen(Scanner::Events events) { events_ = std::move(events); }
    void take(std::string_view bytes);
    // The device is gone: half a code is dropped.
    void ends();
    void stop();  // and nobody is told

private:
    void tell(const std::vector<Framed>& all);

    ScanRules rules_;
    Timers& timers_;
    Framing framing_;
    Scanner::Events events_;
    std::string last_;  // the code that was scanned just now
    Timers::Token idle_ = 0, repeat_ = 0;
};

}  // namespace obol::drivers
