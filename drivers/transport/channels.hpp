#pragma once
// The channels behind the addresses. Nothing here blocks: descriptors are non-blocking, lp runs beside us, and what a
// device does not take is kept until it does or the channel is closed.

#include <boost/asio/any_io_executor.hpp>
#include <memory>
#include <string>

#include "drivers/channel.hpp"
#include "drivers/transport/address.hpp"
#include "sync/core/timers.hpp"

namespace obol::drivers {

// How long it waits for what.
struct ChannelPatience {
    Millis connection{5'000};
    Millis farewell{2'000};  // for the other side to take all, after the end of a job
    Millis lp{30'000};
};

struct ChannelWorld {
    boost::asio::any_io_executor executor;  // one thread, or a strand
    Timers& timers;
    ChannelPatience patience{};
    std::string lp = "lp";  // the program of CUPS
};

// Fault no_service: an address of another kind of device.
Result<std::unique_ptr<ByteChannel>> make_channel(const Address& address, const ChannelWorld& world);

}  // namespace obol::drivers
