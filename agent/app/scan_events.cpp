#include "agent/app/scan_events.hpp"

#include <boost/asio/co_spawn.hpp>
#include <nlohmann/json.hpp>

#include "agent/app/scan.hpp"
#include "agent/app/words.hpp"
#include "sync/host/system.hpp"

namespace obol::agent {

struct ScanEvents::Lane {
    std::string scanner;
    Caller caller;
    std::deque<drivers::ScanData> waiting{};
    bool working = false;
};

ScanEvents::ScanEvents(boost::asio::any_io_executor loop, Context& context, EventHub& events, std::string language)
    : loop_(std::move(loop)), context_(context), events_(events), language_(std::move(language)) {}

ScanEvents::~ScanEvents() = default;

void ScanEvents::listen(DeviceSet& devices) {
    for (DeviceSet::Scanner& each : devices.scanners) {
        const std::string& terminal = each.setting.terminal;
        const Caller caller{TerminalId{terminal}, Role::pos, devices.language_of(terminal, language_)};
        lanes_.push_back(std::make_unique<Lane>(Lane{each.setting.name, caller}));
        Lane& lane = *lanes_.back();
        each.device->listen({[this, &lane](drivers::ScanData scan) { heard(lane, std::move(scan)); },
                             [&lane](drivers::ErrorCode code, const std::string& detail) {
                                 host::log_line(host::Level::warning, "scanner " + lane.scanner + ": " +
                                                                          std::string(drivers::name_of(code)) + ", " + detail);
                             }});
    }
}

void ScanEvents::heard(Lane& lane, drivers::ScanData scan) {
    if (lane.waiting.size() >= most_waiting) {
        // Of what was read nothing is told: it may be a code.
        return host::log_line(host::Level::warning, "scanner " + lane.scanner + " reads faster than it is looked up");
    }
    lane.waiting.push_back(std::move(scan));
    if (std::exchange(lane.working, true)) return;
    boost::asio::co_spawn(loop_, work(lane), [](std::exception_ptr thrown) {
        if (thrown) std::rethrow_exception(thrown);
    });
}

awaitable<void> ScanEvents::work(Lane& lane) {
    while (!lane.waiting.empty()) {
        const drivers::ScanData scan = std::move(lane.waiting.front());
        lane.waiting.pop_front();
        const Caller caller = lane.caller;
        const Answer told = co_await obol::agent::scan(context_, caller, scan.data);
        Words words = Words::parse(told.body);
        words["scanner"] = lane.scanner;
        if (!scan.symbology.empty()) words["symbology"] = scan.symbology;
        events_.publish("scan", caller.terminal, words.dump());
    }
    lane.working = false;
}

}  // namespace obol::agent
