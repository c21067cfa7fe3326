#include "agent/obolctl_devices.hpp"

#include <fmt/format.h>

#include <map>
#include <nlohmann/json.hpp>

#include "agent/app/sample_receipt.hpp"
#include "agent/devices.hpp"
#include "drivers/picture/draw.hpp"
#include "drivers/picture/svg.hpp"
#include "drivers/png/png.hpp"
#include "drivers/printer/tongue.hpp"
#include "drivers/ticket/text.hpp"
#include "sync/net/asio_timers.hpp"

namespace obol::agent {
namespace {

using Json = nlohmann::ordered_json;


constexpr Millis between_looks{500};
constexpr int most_looks = 120;  // at one job: a minute

std::string text_of(const Json& json, const char* member) {
    if (!json.is_object() || !json.contains(member) || json[member].is_null()) return "";
    const Json& value = json[member];
    return value.is_string() ? value.get<std::string>() : value.dump();
}

// What a person wants to know of it, in one line.
std::string device_line(const Json& device) {
    std::string out = fmt::format("{:<16} {:<8} {:<6} {:<14}", text_of(device, "name"), text_of(device, "kind"),
                                  text_of(device, "state"), text_of(device, "power"));
    if (device.contains("terminal") && !device["terminal"].is_null()) out += " terminal " + text_of(device, "terminal");
    if (text_of(device, "kind") == "printer") {
        out += fmt::format(", {}, paper {}, cover {}", text_of(device, "profile"), text_of(device, "paper"), text_of(device, "cover"));
        if (text_of(device, "drawer") != "none") out += ", drawer " + text_of(device, "drawer");
        if (text_of(device, "error") != "none") out += ", " + text_of(device, "error");
        if (text_of(device, "jobs") != "0") out += ", " + text_of(device, "jobs") + " to print";
    }
    const std::string health = text_of(device, "health");
    return health.empty() ? out : out + ": " + health;
}

std::string job_line(const Json& job) {
    std::string of = text_of(job, "what");
    if (job.contains("receipt")) of += " " + text_of(job["receipt"], "number");
    std::string out = fmt::format("{:<16} {} {}", text_of(job, "printer"), of, text_of(job, "state"));
    if (job.contains("why")) out += " (" + text_of(job, "why") + ")";
    return job.contains("detail") ? out + ": " + text_of(job, "detail") : out;
}

net::awaitable<Result<Json>> got(ObolctlClient& client, std::string target) {
    const Result<std::string> body = co_await client.call("GET", std::move(target), "");
    if (!body) co_return body.error();
    Json json = Json::parse(*body, nullptr, false);
    if (!json.is_object()) co_return Fault{"unexpected_answer", "the answer is not an object"};
    co_return json;
}

// What was last told of each thing, by its name or id.
class Told {
public:
    void tell(const Json& items, const char* by, const std::function<std::string(const Json&)>& line,
              const std::function<void(const std::string&)>& sink) {
        for (const Json& item : items) {
            std::string now = line(item);
            std::string& before = lines_[text_of(item, by)];
            if (before != now) sink(now);
            before = std::move(now);
        }
    }

private:
    std::map<std::string, std::string> lines_;
};

}  // namespace

net::awaitable<Result<std::string>> list_devices_at(ObolctlClient& client) {
    const Result<Json> devices = co_await got(client, "/v1/devices");
    if (!devices) co_return devices.error();
    std::string out;
    for (const Json& device : devices->value("items", Json::array())) out += device_line(device) + "\n";
    co_return out.empty() ? std::string("no devices are configured\n") : out;
}

net::awaitable<Result<std::string>> test_device_at(ObolctlClient& client, std::string name) {
    std::string target = "/v1/devices/" + name + "/test";
    const Result<std::string> body = co_await client.call("POST", std::move(target), "{}");
    if (!body) co_return body.error();
    Json job = Json::parse(*body, nullptr, false);
    const std::string id = text_of(job, "id");
    if (id.empty()) co_return name + ": " + text_of(job, "state") + "\n";
    for (int looks = 0; looks < most_looks; ++looks) {
        const std::string state = text_of(job, "state");
        if (state == "printed" || state == "sent") co_return job_line(job) + "\n";
        if (state == "failed") co_return Fault{"print_failed", job_line(job)};
        co_await net::sleep_for(between_looks);
        std::string looked_at = "/v1/print-jobs/" + id;
        const Result<Json> now = co_await got(client, std::move(looked_at));
        if (!now) co_return now.error();
        job = *now;
    }
    co_return Fault{"print_failed", job_line(job)};
}

net::awaitable<Result<void>> watch_devices_at(ObolctlClient& client, std::function<void(const std::string&)> sink) {
    Told devices, jobs;
    for (;;) {
        const Result<Json> now = co_await got(client, "/v1/devices");
        if (!now) co_return now.error();
        devices.tell(now->value("items", Json::array()), "name", device_line, sink);
        std::string after;
        do {
            std::string target = "/v1/print-jobs?limit=500" + (after.empty() ? "" : "&after=" + after);
            const Result<Json> page = co_await got(client, std::move(target));
            if (!page) co_return page.error();
            jobs.tell(page->value("items", Json::array()), "id", job_line, sink);
            after = text_of(*page, "next");
        } while (!after.empty());
        co_await net::sleep_for(between_looks);
    }
}

Result<std::string> sample_receipt_as(const SampleAsked& asked) {
    const Result<drivers::Profile> profile = profile_named(asked.profile);
    if (!profile) return profile.error();
    const Receipt receipt = sample_receipt(asked.language);
    const drivers::Document document = receipt_document(receipt, asked.language, asked.copy);
    if (asked.form == "escpos") return drivers::render_for(*profile, document);
    if (asked.form == "html") return drivers::render_html(document, profile->paper, receipt.number, asked.language);
    if (asked.form == "text") return drivers::render_text(document, profile->paper.columns);
    const Result<std::vector<drivers::Bitmap>> sheets = drivers::draw_sheets(document, profile->paper);
    if (!sheets) return sheets.error();
    return drivers::to_png(drivers::stacked(*sheets), profile->paper.dpi);
}

}  // namespace obol::agent
