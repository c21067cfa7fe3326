#pragma once
// What the venue's own scanners read becomes a `scan` event of their terminal, classified as POST /v1/scans
// does it, and in the order in which it was read.

#include <boost/asio/any_io_executor.hpp>
#include <deque>
#include <memory>
#include <string>
#include <vector>

#include "agent/app/context.hpp"
#include "agent/app/events.hpp"
#include "agent/devices.hpp"

namespace obol::agent {

class ScanEvents {
public:
    static constexpr std::size_t most_waiting = 16;  // of one scanner; beyond it a read is dropped and logged

    // `language`: of terminals whose devices say none.
    ScanEvents(boost::asio::any_io_executor loop, Context& context, EventHub& events, std::string language);
    ~ScanEvents();
    ScanEvents(const ScanEvents&) = delete;
    ScanEvents& operator=(const ScanEvents&) = delete;

    // Before they are opened.
    void listen(DeviceSet& devices);

private:
    struct Lane;
    void heard(Lane& lane, drivers::ScanData scan);
    awaitable<void> work(Lane& lane);

    boost::asio::any_io_executor loop_;
    Context& context_;
    EventHub& events_;
    std::string language_;
    std::vector<std::unique_ptr<Lane>> lanes_;
};

}  // namespace obol::agent
