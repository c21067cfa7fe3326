#pragma once
// A line display for the customer, two lines of twenty letters, by the display commands of ESC/POS: ESC @, CLR,
// US $ (move), ESC t (code page).

#include <map>
#include <memory>
#include <string>
#include <vector>

#include "drivers/channel.hpp"
#include "drivers/device.hpp"
#include "drivers/escpos/profile.hpp"
#include "sync/core/timers.hpp"

namespace obol::drivers {

struct DisplayRules {
    int columns = 20, rows = 2;
    std::vector<Profile::Slot> code_pages;  // by the numbers of ESC t
};
// Reads what the options of a display's address say: pages=CP737:14,CP858:19 …; columns, rows. Without pages those of
// Epson's displays.
inline constexpr std::string_view display_options = "pages columns rows";
Result<DisplayRules> display_rules(const std::map<std::string, std::string>& options);

// The bytes that show so many lines; missing ones blank, longer ones cut. A letter that no page has is shown by what
// is like it.
std::string display_bytes(const std::vector<std::string>& lines, const DisplayRules& rules);

class EscposDisplay final : public LineDisplay {
public:
    static constexpr Millis reopen{2'000}, no_byte_taken{5'000};

    EscposDisplay(std::string name, std::string address, std::unique_ptr<ByteChannel> channel, DisplayRules rules, Timers& timers);
    ~EscposDisplay() override { close(); }

    std::string name() const override { return name_; }
    Result<void> open() override;
    void close() override;
    Result<void> set_enabled(bool enabled) override;
    DeviceState state() const override;
    PowerState power() const override { return power_; }
    std::string health() const override { return trouble_; }

    int columns() const override { return rules_.columns; }
    int rows() const override { return rules_.rows; }
    Result<void> display(const std::vector<std::string>& lines) override;
    Result<void> clear() override { return display({}); }

private:
    void opened();
    void taken(std::size_t bytes);
    void lost(const Fault& fault);
    void show();

    std::string name_, address_;
    std::unique_ptr<ByteChannel> channel_;
    DisplayRules rules_;
    Timers& timers_;
    bool open_ = false, enabled_ = false;
    PowerState power_ = PowerState::unknown;
    std::string trouble_;
    std::vector<std::string> wanted_;  // what it is to show
    bool behind_ = false;              // and does not yet
    std::size_t untaken_ = 0;
    Timers::Token timer_ = 0;
};

}  // namespace obol::drivers
