#pragma once
// What speaks to each kind of address: the one place of the agent that knows the drivers' own classes.

#include <boost/asio/any_io_executor.hpp>

#include "agent/devices.hpp"

namespace obol::agent {

// Of what runs on this loop; `timers` outlives the devices.
DeviceMakers device_makers(boost::asio::any_io_executor loop, Timers& timers);

}  // namespace obol::agent
