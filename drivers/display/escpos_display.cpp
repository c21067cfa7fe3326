#include "drivers/display/escpos_display.hpp"

#include <charconv>
#include <map>

#include "drivers/escpos/letters.hpp"
#include "drivers/ticket/utf8.hpp"
#include "drivers/ticket/wrap.hpp"

namespace obol::drivers {
namespace {

constexpr char escape = 0x1B, unit = 0x1F;

std::vector<Profile::Slot> usual_pages() {  // ESC t of Epson's DM-D
    std::vector<Profile::Slot> out;
    const std::pair<int, const char*> usual[] = {{0, "CP437"}, {14, "CP737"}, {19, "CP858"}, {47, "CP1253"}};
    for (const auto& [number, name] : usual) {
        if (const CodePage* const page = find_code_page(name)) out.push_back({number, page});
    }
    return out;
}

bool read_number(std::string_view text, int least, int most, int& out) {
    const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), out);
    return error == std::errc{} && end == text.data() + text.size() && out >= least && out <= most;
}

// So many cells of it, or fewer.
std::string cut_to(std::string_view utf8, int cells) {
    std::string out;
    while (!utf8.empty()) {
        const char32_t point = next_point(utf8);
        if (cells < cells_of(point)) break;
        cells -= cells_of(point);
        append_point(out, point);
    }
    return out;
}

}  // namespace

Result<DisplayRules> display_rules(const std::map<std::string, std::string>& options) {
    DisplayRules rules{20, 2, usual_pages()};
    for (const auto& [name, value] : options) {
        if (name == "columns" && !read_number(value, 8, 80, rules.columns)) {
            return Fault{"illegal", "columns=" + value + " must be a number from 8 to 80"};
        }
        if (name == "rows" && !read_number(value, 1, 8, rules.rows)) {
            return Fault{"illegal", "rows=" + value + " must be a number from 1 to 8"};
        }
        if (name != "pages") continue;
        rules.code_pages.clear();
        for (std::string_view rest = value; !rest.empty();) {
            const std::string_view one = rest.substr(0, rest.find(','));
            rest.remove_prefix(std::min(rest.size(), one.size() + 1));
            const std::size_t colon = std::min(one.find(':'), one.size());
            const CodePage* const page = find_code_page(one.substr(0, colon));
            int number = 0;
            if (page == nullptr || colon == one.size() || !read_number(one.substr(colon + 1), 0, 255, number) ||
                rules.code_pages.size() == 64) {
                return Fault{"illegal", "pages=" + value + " must be code pages and their numbers, such as CP737:14,CP858:19"};
            }
            rules.code_pages.push_back({number, page});
        }
    }
    return rules;
}

std::string display_bytes(const std::vector<std::string>& lines, const DisplayRules& rules) {
    Profile profile;
    profile.code_pages = rules.code_pages;
    Letters letters(profile, "\x1Bt", '_');
    std::vector<std::string> shown;
    for (int row = 0; row < rules.rows; ++row) {
        const auto i = static_cast<std::size_t>(row);
        const std::string line = i < lines.size() ? printable(lines[i]) : "";
        shown.push_back(cut_to(line, rules.columns));
        letters.add(shown.back());
    }
    letters.choose();
    std::string out{escape, '@', 0x0C};
    for (int row = 0; row < rules.rows; ++row) {
        const std::string text = letters.next_line();
        if (text.empty()) continue;
        out += {unit, '$', 1, static_cast<char>(row + 1)};
        out += text;
    }
    return out;
}

EscposDisplay::EscposDisplay(std::string name, std::string address, std::unique_ptr<ByteChannel> channel,
                             DisplayRules rules, Timers& timers)
    : name_(std::move(name)), address_(std::move(address)), channel_(std::move(channel)), rules_(std::move(rules)), timers_(timers) {
    channel_->listen({[this] { opened(); },
                      {},
                      [this](std::size_t bytes) { taken(bytes); },
                      {},
                      [this](const Fault& fault) { lost(fault); }});
}

Result<void> EscposDisplay::open() {
    open_ = true;
    return {};
}

void EscposDisplay::close() {
    open_ = enabled_ = behind_ = false;
    if (timer_ != 0) timers_.cancel(std::exchange(timer_, 0));
    channel_->close();
    untaken_ = 0;
    power_ = PowerState::unknown;
    trouble_.clear();
}

Result<void> EscposDisplay::set_enabled(bool enabled) {
    if (!open_) return Fault{"closed", "open the display " + name_ + " first"};
    if (enabled == enabled_) return {};
    if (enabled) {
        enabled_ = true;
        channel_->open();
    } else {
        close();
        open_ = true;
    }
    return {};
}

DeviceState EscposDisplay::state() const {
    if (!open_) return DeviceState::closed;
    return !trouble_.empty() ? DeviceState::error : untaken_ > 0 ? DeviceState::busy : DeviceState::idle;
}

Result<void> EscposDisplay::display(const std::vector<std::string>& lines) {
    if (!open_) return Fault{"closed", "open the display " + name_ + " first"};
    if (!enabled_) return Fault{"disabled", "enable the display " + name_ + " first"};
    wanted_ = lines;
    if (!trouble_.empty()) return Fault{"offline", trouble_};
    behind_ = true;
    if (channel_->is_open()) show();
    return {};
}

// Only the last of what was wanted meanwhile is shown: a slow line never falls behind.
void EscposDisplay::show() {
    if (untaken_ > 0 || !std::exchange(behind_, false)) return;
    std::string bytes = display_bytes(wanted_, rules_);
    untaken_ = bytes.size();
    timer_ = timers_.after(no_byte_taken, [this] {
        timer_ = 0;
        channel_->close();
        lost({"timeout", "it takes no bytes: is it switched on?"});
    });
    channel_->send(std::move(bytes));
}

void EscposDisplay::opened() {
    power_ = PowerState::online;
    trouble_.clear();
    untaken_ = 0;
    behind_ = true;  // it has forgotten what it showed
    show();
}

void EscposDisplay::taken(std::size_t bytes) {
    untaken_ -= std::min(untaken_, bytes);
    if (untaken_ > 0) return;
    if (timer_ != 0) timers_.cancel(std::exchange(timer_, 0));
    show();
}

void EscposDisplay::lost(const Fault& fault) {
    if (timer_ != 0) timers_.cancel(timer_);
    power_ = PowerState::off_or_offline;
    trouble_ = address_ + ": " + fault.detail;
    untaken_ = 0;
    timer_ = timers_.after(reopen, [this] {
        timer_ = 0;
        channel_->open();
    });
}

}  // namespace obol::drivers
