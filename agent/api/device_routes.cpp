#include "agent/api/device_routes.hpp"

#include <nlohmann/json.hpp>

#include "agent/api/bodies.hpp"
#include "agent/app/devices.hpp"

namespace obol::agent {
namespace {

constexpr std::size_t most_lines = 8, longest_line = 200;

awaitable<net::Reply> list(Context& context, Call) { co_return reply_of(list_devices(context)); }

awaitable<net::Reply> test(Context& context, Call call) {
    wire::JsonFaults faults;
    read_nothing(call.body, faults);
    if (!faults.empty()) co_return refuse_malformed(faults);
    co_return reply_of(co_await test_device(context, call.caller, call.once, call.param("name")));
}

awaitable<net::Reply> drawer(Context& context, Call call) {
    wire::JsonFaults faults;
    read_nothing(call.body, faults);
    if (!faults.empty()) co_return refuse_malformed(faults);
    co_return reply_of(co_await open_drawer(context, call.caller, call.once, call.param("name")));
}

awaitable<net::Reply> display(Context& context, Call call) {
    wire::JsonFaults faults;
    wire::ObjectReader reader(call.body, "", faults);
    std::vector<std::string> lines;
    reader.required_array("lines", 1, most_lines, [&](const wire::Json& each, const std::string& pointer) {
        const std::string* text = std::get_if<std::string>(&each.value);
        if (text == nullptr || text->size() > longest_line) {
            faults.push_back({pointer, "a text of at most " + std::to_string(longest_line) + " bytes is expected"});
        } else {
            lines.push_back(*text);
        }
    });
    reader.done();
    if (!faults.empty()) co_return refuse_malformed(faults);
    co_return reply_of(co_await show_lines(context, call.caller, call.once, call.param("name"), std::move(lines)));
}

}  // namespace

Routes device_routes(Context& context) {
    return {
        {"GET", "/v1/devices", Access::everyone, Body::none,
         [&context](Call call) { return list(context, std::move(call)); }},
        {"POST", "/v1/devices/{name}/test", Access::everyone, Body::keyed,
         [&context](Call call) { return test(context, std::move(call)); }},
        {"POST", "/v1/devices/{name}/open-drawer", Access::everyone, Body::keyed,
         [&context](Call call) { return drawer(context, std::move(call)); }},
        {"POST", "/v1/devices/{name}/display", Access::everyone, Body::keyed,
         [&context](Call call) { return display(context, std::move(call)); }},
    };
}

}  // namespace obol::agent
