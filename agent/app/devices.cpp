#include "agent/app/devices.hpp"

#include <nlohmann/json.hpp>

#include "agent/app/idempotent.hpp"
#include "agent/app/print_receipt.hpp"

namespace obol::agent {

namespace {

Words shared_words(std::string_view kind, const std::string& name, const std::string& terminal,
                   const drivers::Device& device) {
    Words words;
    words["name"] = name;
    words["kind"] = kind;
    words["terminal"] = terminal.empty() ? Words(nullptr) : Words(terminal);
    words["state"] = state_of(device);
    words["power"] = name_of(device.power());
    const std::string health = device.health();
    words["health"] = health.empty() ? Words(nullptr) : Words(health);
    return words;
}

std::string_view drawer_word(const DeviceSet::Printer& printer) {
    if (!printer.setting.drawer) return "none";
    const drivers::CashDrawer* const drawer = printer.device->cash_drawer();
    const drivers::DrawerState state = drawer == nullptr ? drivers::DrawerState::unknown : drawer->drawer();
    if (state == drivers::DrawerState::unknown) return "unknown";
    return state == drivers::DrawerState::open ? "open" : "closed";
}

Words printer_words(Facts& facts, const DeviceSet::Printer& printer) {
    const PrinterSetting& setting = printer.setting;
    const drivers::PrinterStatus status = printer.device->status();
    Words words = shared_words("printer", setting.name, setting.terminal, *printer.device);
    words["profile"] = setting.profile;
    words["columns"] = printer.profile.paper.columns;
    words["drawer"] = drawer_word(printer);
    words["cover"] = status.cover_open ? "open" : "closed";
    words["paper"] = status.paper_empty ? "empty" : status.paper_near_end ? "near_end" : "ok";
    words["error"] = drivers::name_of(status.error);
    words["jobs"] = open_print_jobs(facts, setting.name);
    return words;
}

Answer device_fault(const std::string& name, const Fault& fault) {
    Words extra;
    extra["device_error"] = fault.code;
    return problem_with(fault.code == "illegal" ? "device_illegal" : "device_error",
                        "device " + name + ": " + (fault.detail.empty() ? fault.code : fault.detail), extra);
}

bool known(DeviceSet& devices, std::string_view name) {
    return devices.printer(name) != nullptr || devices.display(name) != nullptr ||
           std::ranges::any_of(devices.scanners, [name](const auto& each) { return each.setting.name == name; });
}

Answer unknown_device(const std::string& name) { return problem("device_unknown", "there is no device " + name); }

Answer illegal(const std::string& name, std::string_view why) {
    return device_fault(name, {"illegal", std::string(why)});
}

Answer done_by(const std::string& name, const drivers::Device& device) {
    Words words;
    words["device"] = name;
    words["state"] = state_of(device);
    return answer(200, words);
}

Answer try_drawer(DeviceSet& devices, const std::string& name) {
    if (!known(devices, name)) return unknown_device(name);
    DeviceSet::Printer* printer = devices.printer(name);
    if (printer == nullptr || !printer->setting.drawer) return illegal(name, "no drawer hangs on it");
    // Paper has nothing to do with it, but for printers that stop altogether; those say so.
    if (const NotReady why = not_ready(*printer->device); why.why == "offline") {
        return device_fault(name, {"offline", why.detail});
    }
    const Result<drivers::OutputId> kicked = printer->device->kick_drawer();
    return kicked ? done_by(name, *printer->device) : device_fault(name, kicked.error());
}

Answer try_display(DeviceSet& devices, const std::string& name, const std::vector<std::string>& lines) {
    if (!known(devices, name)) return unknown_device(name);
    DeviceSet::Display* display = devices.display(name);
    if (display == nullptr) return illegal(name, "it shows no lines");
    const Result<void> shown = display->device->display(lines);
    return shown ? done_by(name, *display->device) : device_fault(name, shown.error());
}

// Acts once for a key: what was done is not done again when the answer is asked for again.
template <class Act>
awaitable<Answer> once_only(Context& context, Caller caller, Idempotency once, Act act) {
    std::variant<Once::Ticket, Answer> entered = context.once.enter(caller, once);
    if (const Answer* seen = std::get_if<Answer>(&entered)) co_return *seen;
    const Once::Ticket ticket = std::get<Once::Ticket>(std::move(entered));
    Answer out = act();
    co_return co_await context.once.keep(ticket, std::move(out));
}

}  // namespace

Words devices_in_words(Context& context) {
    Words words = Words::array();
    if (context.devices == nullptr) return words;
    Facts& facts = context.store.facts();
    for (const DeviceSet::Printer& each : context.devices->printers) words.push_back(printer_words(facts, each));
    for (const DeviceSet::Scanner& each : context.devices->scanners) {
        words.push_back(shared_words("scanner", each.setting.name, each.setting.terminal, *each.device));
    }
    for (const DeviceSet::Display& each : context.devices->displays) {
        Words display = shared_words("display", each.setting.name, each.setting.terminal, *each.device);
        display["columns"] = each.device->columns();
        display["rows"] = each.device->rows();
        words.push_back(std::move(display));
    }
    return words;
}

Answer list_devices(Context& context) {
    Words words;
    words["items"] = devices_in_words(context);
    words["next"] = nullptr;
    return answer(200, words);
}

std::size_t devices_not_ready(const DeviceSet& devices) {
    std::size_t out = 0;
    for (const auto& each : devices.printers) out += not_ready(*each.device).why.empty() ? 0 : 1;
    const auto closed = [](const drivers::Device& device) {
        return device.state() == drivers::DeviceState::closed || device.state() == drivers::DeviceState::error;
    };
    for (const auto& each : devices.scanners) out += closed(*each.device) ? 1 : 0;
    for (const auto& each : devices.displays) out += closed(*each.device) ? 1 : 0;
    return out;
}

awaitable<Answer> test_device(Context& context, Caller caller, Idempotency once, std::string name) {
    if (context.devices->printer(name) != nullptr) {
        PrintInput input;
        input.what = "test";
        input.printer = name;
        co_return co_await print(context, std::move(caller), std::move(once), std::move(input));
    }
    auto act = [&] {
        const bool scanner = known(*context.devices, name) && context.devices->display(name) == nullptr;
        if (scanner) return illegal(name, "a scanner is tested by scanning: what it reads comes as an event");
        const std::vector<std::string> lines{"Obol 0123456789", "ABC abc ΑΒΓ αβγ €"};
        return try_display(*context.devices, name, lines);
    };
    co_return co_await once_only(context, std::move(caller), std::move(once), act);
}

awaitable<Answer> open_drawer(Context& context, Caller caller, Idempotency once, std::string name) {
    auto act = [&] { return try_drawer(*context.devices, name); };
    co_return co_await once_only(context, std::move(caller), std::move(once), act);
}

awaitable<Answer> show_lines(Context& context, Caller caller, Idempotency once, std::string name,
                             std::vector<std::string> lines) {
    auto act = [&] { return try_display(*context.devices, name, lines); };
    co_return co_await once_only(context, std::move(caller), std::move(once), act);
}

}  // namespace obol::agent
