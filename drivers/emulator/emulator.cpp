#include "drivers/emulator/emulator.hpp"

#include <algorithm>
#include <cerrno>
#include <charconv>
#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include "drivers/png/png.hpp"
#include "drivers/transport/stream.hpp"

namespace obol::drivers {
namespace {

constexpr std::string_view commands =
    "paper out | paper out after DOTS | paper low | paper fine | paper load | cover open | cover close | jam | free | "
    "silent | speak | lie | truth | deaf | drawer open | drawer close | power off | power on | unplug | plug | "
    "scan CODE | type TEXT | scanner unplug | scanner plug | status | help";

// A file that is whole as soon as it has its name.
Result<void> write_file(const std::string& path, std::string_view bytes) {
    const std::string beginning = path + ".part";
    const int file = ::open(beginning.c_str(), O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0644);
    if (file < 0) return fault_of_errno(errno, path);
    while (!bytes.empty()) {
        const ssize_t put = ::write(file, bytes.data(), bytes.size());
        if (put <= 0) break;
        bytes.remove_prefix(static_cast<std::size_t>(put));
    }
    const bool good = bytes.empty() && ::close(file) == 0 && ::rename(beginning.c_str(), path.c_str()) == 0;
    if (!good) return fault_of_errno(errno, path);
    return {};
}

// \r \n \t \\ and \xHH.
std::optional<std::string> unescaped(std::string_view text) {
    std::string out;
    for (std::size_t i = 0; i < text.size(); ++i) {
        if (text[i] != '\\') {
            out += text[i];
            continue;
        }
        if (++i == text.size()) return std::nullopt;
        int value = 0;
        switch (text[i]) {
            case 'r': out += '\r'; break;
            case 'n': out += '\n'; break;
            case 't': out += '\t'; break;
            case '\\': out += '\\'; break;
            case 'x':
                if (i + 2 >= text.size() ||
                    std::from_chars(text.data() + i + 1, text.data() + i + 3, value, 16).ptr != text.data() + i + 3) {
                    return std::nullopt;
                }
                out += static_cast<char>(value);
                i += 2;
                break;
            default: return std::nullopt;
        }
    }
    return out;
}

}  // namespace

Emulator::Emulator(boost::asio::any_io_executor executor, EmulatorSettings settings)
    : settings_(std::move(settings)),
      printer_(settings_.profile),
      printer_place_(executor, [this](std::string_view bytes) { return take(bytes); }),
      scanner_place_(executor, [](std::string_view bytes) { return bytes.size(); }),
      keys_place_(executor, [this](std::string_view bytes) {
          scanner_place_.say(bytes);
          return bytes.size();
      }) {}

Result<void> Emulator::plug() {
    if (!settings_.paper.empty() && ::mkdir(settings_.paper.c_str(), 0755) != 0 && errno != EEXIST) {
        return fault_of_errno(errno, settings_.paper);
    }
    if (!settings_.printer.empty()) {
        if (const Result<void> plugged = printer_place_.plug(settings_.printer); !plugged) return plugged;
        settings_.printer = printer_place_.address();  // the same again when it is plugged in again
    }
    if (!settings_.keys.empty()) {
        if (const Result<void> plugged = keys_place_.plug(settings_.keys); !plugged) return plugged;
    }
    if (!settings_.scanner.empty()) return scanner_place_.plug(settings_.scanner);
    return {};
}

std::size_t Emulator::take(std::string_view bytes) {
    const std::size_t taken = printer_.receive(bytes);
    look();
    return taken;
}

// What came of it: paper, an open drawer, answers.
void Emulator::look() {
    if (printer_.pulses() > pulses_seen_) printer_.drawer_is_open(true);
    pulses_seen_ = printer_.pulses();
    for (; sheets_kept_ < printer_.sheets().size(); ++sheets_kept_) {
        std::string number = std::to_string(sheets_kept_ + 1);
        number.insert(0, 4 - std::min<std::size_t>(4, number.size()), '0');
        keep(printer_.sheets()[sheets_kept_], "sheet-" + number);
    }
    const bool knife = settings_.profile.features.full_cut || settings_.profile.features.part_cut;
    if (!knife && printer_.sheet().picture.height() > 0) keep(printer_.sheet(), "sheet-now");
    printer_place_.say(printer_.answers());
}

void Emulator::keep(const Sheet& sheet, const std::string& name) {
    if (settings_.paper.empty() || sheet.picture.height() == 0) return;
    const std::string path = settings_.paper + "/" + name;
    Result<void> kept = write_file(path + ".txt", sheet.text);
    if (kept) kept = write_file(path + ".png", to_png(sheet.picture, settings_.profile.paper.dpi));
    if (!kept) trouble_ = kept.error().detail;
}

std::string Emulator::obey(std::string_view command) {
    const auto after = [&](std::string_view start) -> std::optional<std::string_view> {
        if (!command.starts_with(start)) return std::nullopt;
        return command.substr(start.size());
    };
    Result<void> done;
    if (command == "paper out") printer_.run_out_after(0);
    else if (const auto dots = after("paper out after ")) {
        int number = 0;
        const auto [end, error] = std::from_chars(dots->data(), dots->data() + dots->size(), number);
        if (error != std::errc{} || end != dots->data() + dots->size() || number < 0) return "fault: DOTS is a number";
        printer_.run_out_after(number);
    }
    else if (command == "paper low") printer_.paper_near_end(true);
    else if (command == "paper fine") printer_.paper_near_end(false);
    else if (command == "paper load") printer_.load_paper();
    else if (command == "cover open") printer_.open_cover(true);
    else if (command == "cover close") printer_.open_cover(false);
    else if (command == "jam") printer_.jam_at_next_cut();
    else if (command == "free") printer_.free_knife();
    else if (command == "silent") printer_.go_silent(true);
    else if (command == "speak") printer_.go_silent(false);
    else if (command == "lie") printer_.lie(true);
    else if (command == "truth") printer_.lie(false);
    else if (command == "deaf") printer_.ignore_code_pages(true);
    else if (command == "drawer open") printer_.drawer_is_open(true);
    else if (command == "drawer close") printer_.drawer_is_open(false);
    else if (command == "power off" || command == "unplug") {
        if (command == "power off") printer_.power_cycle();
        printer_place_.unplug();
    }
    else if (command == "power on" || command == "plug") {
        if (!printer_place_.plugged()) done = printer_place_.plug(settings_.printer);
    }
    else if (const auto code = after("scan ")) scanner_place_.say(std::string(*code) + "\r");
    else if (const auto typed = after("type ")) {
        const auto bytes = unescaped(*typed);
        if (!bytes) return "fault: TEXT knows \\r \\n \\t \\\\ and \\xHH";
        scanner_place_.say(*bytes);
    }
    else if (command == "scanner unplug") scanner_place_.unplug();
    else if (command == "scanner plug") {
        if (!scanner_place_.plugged()) done = scanner_place_.plug(settings_.scanner);
    }
    else if (command == "status") {
        return "sheets=" + std::to_string(printer_.sheets().size()) + " pulses=" + std::to_string(printer_.pulses()) +
               " stopped=" + (printer_.stopped() ? "yes" : "no") + " waiting=" + std::to_string(printer_.held()) +
               " unknown=" + std::to_string(printer_.unknown().size()) + (trouble_.empty() ? "" : " trouble: " + trouble_);
    }
    else if (command == "help") return std::string(commands);
    else return "fault: unknown; known are: " + std::string(commands);
    if (!done) return "fault: " + done.error().detail;
    look();
    printer_place_.again();
    return "ok";
}

}  // namespace obol::drivers
