#pragma once
// Places that take a job as a whole and say nothing back: a file that grows, and CUPS.

#include <boost/asio/any_io_executor.hpp>
#include <functional>
#include <memory>

#include "drivers/channel.hpp"
#include "drivers/transport/channels.hpp"

namespace obol::drivers {

// Appends each job to the file.
std::unique_ptr<ByteChannel> file_channel(const FileAddress& address, const ChannelWorld& world);
// Hands each job to lp, which says whether the queue took it.
std::unique_ptr<ByteChannel> cups_channel(const CupsAddress& address, const ChannelWorld& world);

}  // namespace obol::drivers
