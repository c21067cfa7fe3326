#pragma once
// The devices as GET /v1/devices and the status tell of them, and what may be asked of one.

#include "agent/app/words.hpp"
#include "agent/devices.hpp"

namespace obol::agent {

Words devices_in_words(Context& context);
Answer list_devices(Context& context);
std::size_t devices_not_ready(const DeviceSet& devices);

// A printer prints a page (202 with the job), a display shows two lines. 422 device_illegal: it can do neither.
awaitable<Answer> test_device(Context& context, Caller caller, Idempotency once, std::string name);
// The drawer at a printer. 503 device_error with `device_error` in UnifiedPOS words.
awaitable<Answer> open_drawer(Context& context, Caller caller, Idempotency once, std::string name);
awaitable<Answer> show_lines(Context& context, Caller caller, Idempotency once, std::string name,
                             std::vector<std::string> lines);

}  // namespace obol::agent
