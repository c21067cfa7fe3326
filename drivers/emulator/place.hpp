#pragma once
// Where an emulated device waits for its host: tcp://127.0.0.1:port, unix:/path, or pty:/path, a link to a line.
// One host at a time, as with a real device.

#include <boost/asio/any_io_executor.hpp>
#include <functional>
#include <memory>
#include <string>
#include <string_view>

#include "sync/core/result.hpp"

namespace obol::drivers {

class EmulatedPlace {
public:
    // Takes bytes of the host and says how many; those that it does not take are kept until `again`.
    using Take = std::function<std::size_t(std::string_view)>;

    EmulatedPlace(boost::asio::any_io_executor executor, Take take);
    ~EmulatedPlace();
    EmulatedPlace(const EmulatedPlace&) = delete;
    EmulatedPlace& operator=(const EmulatedPlace&) = delete;

    // Fault illegal | failure.
    Result<void> plug(const std::string& address);
    void unplug();  // the host loses it
    bool plugged() const;
    std::string address() const;  // with the port that the system chose
    void say(std::string_view bytes);
    void again();

private:
    class Core;
    std::shared_ptr<Core> core_;
};

}  // namespace obol::drivers
