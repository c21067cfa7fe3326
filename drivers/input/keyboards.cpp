#include "drivers/input/keyboards.hpp"

#include <charconv>
#include <cstring>
#include <libudev.h>
#include <linux/input-event-codes.h>

namespace obol::drivers {
namespace {

std::string_view attribute(udev_device* device, const char* name) {
    const char* const value = udev_device_get_sysattr_value(device, name);
    return value == nullptr ? std::string_view{} : std::string_view{value};
}

std::uint16_t hexadecimal(std::string_view text) {
    std::uint16_t value = 0;
    std::from_chars(text.data(), text.data() + text.size(), value, 16);
    return value;
}

// The bitmap of keys that sysfs shows: words of 64 bits in hexadecimal, the highest first. A scanner has Enter and
// digits; its second device, for volume keys, has not.
bool types(std::string_view keys) {
    const std::size_t space = keys.rfind(' ');
    const std::string_view lowest = space == std::string_view::npos ? keys : keys.substr(space + 1);
    std::uint64_t bits = 0;
    std::from_chars(lowest.data(), lowest.data() + lowest.size(), bits, 16);
    return (bits >> KEY_1 & 1) != 0 && (bits >> KEY_ENTER & 1) != 0;
}

}  // namespace

void Keyboards::Free::operator()(udev* context) const { udev_unref(context); }
void Keyboards::Free::operator()(udev_monitor* monitor) const { udev_monitor_unref(monitor); }

Keyboards::Keyboards() : udev_(udev_new()) {
    if (!udev_) return;
    // The kernel's own news come earlier, but before the links and rights that udevd makes.
    monitor_.reset(udev_monitor_new_from_netlink(udev_.get(), "udev"));
    if (!monitor_) return;
    udev_monitor_filter_add_match_subsystem_devtype(monitor_.get(), "input", nullptr);
    if (udev_monitor_enable_receiving(monitor_.get()) < 0) monitor_.reset();
}

Keyboards::~Keyboards() = default;

int Keyboards::news() const { return monitor_ ? udev_monitor_get_fd(monitor_.get()) : -1; }

void Keyboards::read_news() {
    while (udev_device* const device = udev_monitor_receive_device(monitor_.get())) udev_device_unref(device);
}

Result<std::string> Keyboards::find(const EvdevAddress& address) const {
    if (!address.path.empty()) return address.path;
    std::string found;
    udev_enumerate* const all = udev_ ? udev_enumerate_new(udev_.get()) : nullptr;
    if (all == nullptr) return Fault{"no_service", "udev does not answer: name the scanner by its path"};
    udev_enumerate_add_match_subsystem(all, "input");
    udev_enumerate_add_match_sysname(all, "event*");
    udev_enumerate_scan_devices(all);
    for (udev_list_entry* entry = udev_enumerate_get_list_entry(all); entry != nullptr && found.empty();
         entry = udev_list_entry_get_next(entry)) {
        udev_device* const event = udev_device_new_from_syspath(udev_.get(), udev_list_entry_get_name(entry));
        if (event == nullptr) continue;
        udev_device* const input = udev_device_get_parent_with_subsystem_devtype(event, "input", nullptr);
        const char* const node = udev_device_get_devnode(event);
        if (input != nullptr && node != nullptr && hexadecimal(attribute(input, "id/vendor")) == address.vendor &&
            hexadecimal(attribute(input, "id/product")) == address.product && types(attribute(input, "capabilities/key")) &&
            (address.serial.empty() || attribute(input, "uniq") == address.serial)) {
            found = node;
        }
        udev_device_unref(event);
    }
    udev_enumerate_unref(all);
    if (found.empty()) return Fault{"no_hardware", "no such keyboard is plugged in; lsusb shows the ids of those that are"};
    return found;
}

}  // namespace obol::drivers
