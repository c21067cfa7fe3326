#pragma once
// obolctl devices: what stands on the counter, over the agent's own HTTP API; and a sample receipt, which needs none.

#include <functional>
#include <string>

#include "agent/obolctl_client.hpp"

namespace obol::agent {

net::awaitable<Result<std::string>> list_devices_at(ObolctlClient& client);
// Asks for the test and, at a printer, waits for how it ended. Fault print_failed.
net::awaitable<Result<std::string>> test_device_at(ObolctlClient& client, std::string name);
// Hands over a line for each change of a device or print job, until the agent does not answer any more.
net::awaitable<Result<void>> watch_devices_at(ObolctlClient& client, std::function<void(const std::string& line)> sink);

struct SampleAsked {
    std::string profile = "generic-80mm";
    std::string language = "en";
    std::string form = "text";  // text | html | png | escpos
    bool copy = false;
};
// A sample receipt as that printer would print it. Fault profile_unknown …
Result<std::string> sample_receipt_as(const SampleAsked& asked);

}  // namespace obol::agent
