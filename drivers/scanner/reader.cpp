#include "drivers/scanner/reader.hpp"

#include <charconv>
#include <optional>

namespace obol::drivers {
namespace {

void disarm(Timers& timers, Timers::Token& token) {
    if (token != 0) timers.cancel(std::exchange(token, 0));
}

std::optional<int> number(const std::string& text, int least, int most) {
    int value = 0;
    const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
    if (error != std::errc{} || end != text.data() + text.size() || value < least || value > most) return std::nullopt;
    return value;
}

}  // namespace

Result<ScanRules> scan_rules(const std::map<std::string, std::string>& options) {
    ScanRules rules;
    for (const auto& [name, value] : options) {
        if (name == "suffix") {
            if (value == "cr") rules.framing.suffix = "\r";
            else if (value == "lf") rules.framing.suffix = "\n";
            else if (value == "tab") rules.framing.suffix = "\t";
            else if (value == "any") rules.framing.suffix = "\r\n\t";
            else if (value == "none") rules.framing.suffix = "";
            else return Fault{"illegal", "suffix=" + value + " must be one of: cr lf tab any none"};
        } else if (name == "prefix") {
            rules.framing.prefix = value == "stx" ? "\x02" : value;
        } else if (name == "gap" || name == "repeat") {
            const auto milliseconds = number(value, name == "gap" ? 10 : 0, 10'000);
            if (!milliseconds) return Fault{"illegal", name + "=" + value + " must be milliseconds, up to 10000"};
            (name == "gap" ? rules.idle : rules.repeat) = Millis{*milliseconds};
        } else if (name == "longest") {
            const auto longest = number(value, 1, 65'536);
            if (!longest) return Fault{"illegal", "longest=" + value + " must be a number of characters from 1 to 65536"};
            rules.framing.longest = static_cast<std::size_t>(*longest);
        }
    }
    return rules;
}

void ScanReader::take(std::string_view bytes) {
    disarm(timers_, idle_);
    tell(framing_.take(bytes));
    if (!framing_.in_code()) return;
    idle_ = timers_.after(rules_.idle, [this] {
        idle_ = 0;
        tell(framing_.idle());
    });
}

void ScanReader::ends() {
    disarm(timers_, idle_);
    tell(framing_.ends());
}

void ScanReader::stop() {
    disarm(timers_, idle_);
    disarm(timers_, repeat_);
    framing_ = Framing(rules_.framing);
    last_.clear();
}

void ScanReader::tell(const std::vector<Framed>& all) {
    for (const Framed& each : all) {
        if (each.what != Framed::What::code) {
            if (events_.error) events_.error(ErrorCode::failure, std::string(words_of(each.what)));
            continue;
        }
        const bool again = rules_.repeat > Millis{0} && each.data == last_;
        // A scanner that repeats the same code for ever reports it once: each repeat starts the time anew.
        disarm(timers_, repeat_);
        last_ = each.data;
        repeat_ = timers_.after(rules_.repeat, [this] {
            repeat_ = 0;
            last_.clear();
        });
        if (!again && events_.data) events_.data({each.data, symbology_of(each.data)});
    }
}

}  // namespace obol::drivers
