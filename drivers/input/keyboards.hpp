#pragma once
// Which keyboards there are, and when one comes: by udev, the only place that includes it.

#include <memory>
#include <string>

#include "drivers/transport/address.hpp"
#include "sync/core/result.hpp"

struct udev;
struct udev_monitor;

namespace obol::drivers {

class Keyboards {
public:
    Keyboards();
    ~Keyboards();
    Keyboards(const Keyboards&) = delete;
    Keyboards& operator=(const Keyboards&) = delete;

    // The file of the device that the address means. Fault no_hardware.
    Result<std::string> find(const EvdevAddress& address) const;

    // Becomes readable when an input device has come or gone; -1 where nobody tells.
    int news() const;
    void read_news();

private:
    struct Free {
        void operator()(udev* context) const;
        void operator()(udev_monitor* monitor) const;
    };
    std::unique_ptr<udev, Free> udev_;
    std::unique_ptr<udev_monitor, Free> monitor_;
};

}  // namespace obol::drivers
