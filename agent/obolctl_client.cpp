#include "agent/obolctl_client.hpp"

#include <fmt/format.h>

#include <nlohmann/json.hpp>

#include "agent/journal_export.hpp"
#include "sync/crypto/crypto.hpp"
#include "sync/host/system.hpp"

namespace obol::agent {
namespace {

using Json = nlohmann::ordered_json;
using net::awaitable;

constexpr Millis call_deadline{15'000};
constexpr int page_size = 100;  // more at once would hold up the tills

// Names the agent's answer where it is a problem document, and the status where it is anything else.
Fault fault_of(const net::Response& response) {
    const Json json = Json::parse(response.body, nullptr, false);
    if (json.is_object() && json.contains("code") && json["code"].is_string()) {
        return Fault{json["code"].get<std::string>(), json.value("detail", std::string())};
    }
    return Fault{"unexpected_answer", "status " + std::to_string(response.status)};
}

std::string text_at(const Json& json, const char* pointer) {
    const Json::json_pointer at(pointer);
    if (!json.contains(at) || json[at].is_null()) return "-";
    const Json& value = json[at];
    return value.is_string() ? value.get<std::string>() : value.dump();
}

std::string money_text(const Json& money, const char* amount_key) {
    if (!money.is_object() || !money.contains(amount_key) || !money[amount_key].is_number_integer()) return "?";
    const std::string code = money.value("currency", std::string());
    const Result<Currency> currency = Currency::parse(code);
    const Amount amount{money[amount_key].get<std::int64_t>()};
    return code + " " + (currency ? to_decimal(amount, *currency) : std::to_string(amount.minor));
}

std::string list_text(const Json& status, const char* key, const char* amount_key) {
    std::string out;
    if (!status.contains(key) || !status[key].is_array()) return "-";
    for (const Json& each : status[key]) out += (out.empty() ? "" : ", ") + money_text(each, amount_key);
    return out.empty() ? "none" : out;
}

std::string summary_of(const Json& status) {
    std::string out;
    const auto line = [&out](std::string_view name, const std::string& text) {
        out += fmt::format("{:<10} {}\n", name, text);
    };
    line("venue", text_at(status, "/venue"));
    line("device", text_at(status, "/device_name") + " " + text_at(status, "/device"));
    line("link", text_at(status, "/link/state") + " since " + text_at(status, "/link/since") + ", mode " +
                     text_at(status, "/link/mode") + ", last sync " + text_at(status, "/link/last_sync"));
    line("journal", "entry " + text_at(status, "/journal/seq") + ", acknowledged " +
                        text_at(status, "/journal/acked_seq") + ", pending " + text_at(status, "/journal/pending"));
    line("head", text_at(status, "/journal/head"));
    line("authority", list_text(status, "authority", "held"));
    line("exposure", list_text(status, "exposure", "amount"));
    if (status.contains("reconciliation") && status["reconciliation"].is_object()) {
        line("compared", text_at(status, "/reconciliation/at") + ", " +
                             text_at(status, "/reconciliation/different") + " rows differ");
    }
    line("clock", text_at(status, "/clock/state") + ", " + text_at(status, "/clock/now"));
    if (status.contains("stopped")) line("STOPPED", text_at(status, "/stopped"));
    return out;
}

// Only what could be lost: authority that the venue holds is not, since nobody else can spend it.
std::string exposure_of(const Json& status) {
    const Json none = Json::array();
    const Json& exposure = status.contains("exposure") ? status["exposure"] : none;
    std::string out;
    for (const Json& each : exposure) {
        const bool zero = each.is_object() && each.value("amount", std::int64_t{1}) == 0;
        if (zero) {
            out += money_text(each, "amount") + ": nothing can be lost. Whatever happens now, this venue spends only what it holds.\n";
            continue;
        }
        out += money_text(each, "amount") + ": so much could be lost at most, if the venue were cut off now and somebody spent the same money elsewhere.\n";
        if (!status.contains("at_risk")) continue;
        Json used{{"currency", each.value("currency", std::string())}, {"amount", 0}};
        used["amount"] = status["at_risk"].value("unreported", std::int64_t{0});
        out += fmt::format("  {} of it is spent at the venue's own risk already, in {} entries that the centre has not booked yet;\n"
                           "  the rest is what the business allows it besides.\n",
                           money_text(used, "amount"), status["at_risk"].value("entries", std::int64_t{0}));
    }
    if (out.empty()) out = "nothing is known yet: the first snapshot has not come.\n";
    return out + "Held here, and no exposure: " + list_text(status, "authority", "held") + "\n";
}

Result<journal::Head> head_of(const ListedEntry& entry) {
    journal::Head out;
    out.seq = entry.seq;
    const Result<Bytes> hash = from_hex(entry.hash);
    if (!hash || hash->size() != out.hash.size()) {
        return Fault{"unexpected_answer", "entry " + std::to_string(entry.seq) + " has no hash"};
    }
    std::copy(hash->begin(), hash->end(), out.hash.begin());
    return out;
}

}  // namespace

struct ObolctlClient::Page {
    std::vector<ListedEntry> entries;
    std::string next;  // empty: the last one
};

struct ObolctlClient::Who {
    DeviceId device;
    Bytes public_key;
    std::string venue;
};

ObolctlClient::ObolctlClient(boost::asio::any_io_executor executor, std::string url, Secret token)
    : client_(std::move(executor), net::ClientOptions{std::move(url)}), token_(std::move(token)) {}

awaitable<Result<std::string>> ObolctlClient::call(std::string method, std::string target, std::string body) {
    net::Headers headers{{"accept", "application/json"}};
    if (!token_.empty()) headers.emplace_back("authorization", "Bearer " + token_.reveal());
    if (method == "POST") {
        headers.emplace_back("content-type", "application/json");
        crypto::SystemRandom random;
        headers.emplace_back("idempotency-key", make_uuid7(host::SystemWallClock{}.now(), random));
    }
    Result<net::Response> got = co_await client_.exchange(std::move(method), std::move(target),
                                                          std::move(headers), std::move(body), call_deadline);
    if (!got) co_return got.error();
    if (got->status < 200 || got->status > 299) co_return fault_of(*got);
    co_return std::move(got->body);
}

awaitable<Result<std::string>> ObolctlClient::exposure() {
    const Result<std::string> body = co_await call("GET", "/v1/status", "");
    if (!body) co_return body.error();
    const Json json = Json::parse(*body, nullptr, false);
    if (!json.is_object()) co_return Fault{"unexpected_answer", "the status is not an object"};
    co_return exposure_of(json);
}

awaitable<Result<std::string>> ObolctlClient::status(bool as_json) {
    Result<std::string> body = co_await call("GET", "/v1/status", "");
    if (!body) co_return body.error();
    if (as_json) co_return *body + "\n";
    const Json json = Json::parse(*body, nullptr, false);
    if (!json.is_object()) co_return Fault{"unexpected_answer", "the status is not an object"};
    co_return summary_of(json);
}

awaitable<Result<std::string>> ObolctlClient::link(std::string mode) {
    Json body;
    body["mode"] = mode;
    std::string text = body.dump();
    Result<std::string> got = co_await call("POST", "/v1/link", std::move(text));
    if (!got) co_return got.error();
    co_return "link " + mode + "\n";
}

awaitable<Result<std::string>> ObolctlClient::reconcile() {
    const Result<std::string> got = co_await call("POST", "/v1/reconciliation", "{}");
    if (!got) co_return got.error();
    const Json json = Json::parse(*got, nullptr, false);
    if (text_at(json, "/state") == "same") co_return "same: every row, at " + text_at(json, "/at") + "\n";
    std::string rows;
    for (const Json& row : json.value("differences", Json::array())) {
        rows += fmt::format("\n{} {}: here {}, at the ledger {}", text_at(row, "/what"), text_at(row, "/subject"),
                            money_text(row, "here"), money_text(row, "ledger"));
    }
    co_return Fault{"different", "the two ends disagree:" + rows};
}

awaitable<Result<std::string>> ObolctlClient::verify_receipt(std::string data) {
    Json body;
    body["data"] = data;
    std::string text = body.dump(-1, ' ', false, Json::error_handler_t::replace);
    const Result<std::string> got = co_await call("POST", "/v1/receipts/verify", std::move(text));
    if (!got) co_return got.error();
    const Json json = Json::parse(*got, nullptr, false);
    std::string reasons;
    for (const Json& reason : json.value("reasons", Json::array())) {
        reasons += (reasons.empty() ? "" : "; ") + text_at(reason, "/code") + ": " + text_at(reason, "/detail");
    }
    if (!json.value("valid", false)) co_return Fault{"receipt_not_valid", reasons};
    const std::string note = reasons.empty() ? "" : "note: " + reasons + "\n";
    co_return fmt::format("genuine: {} {} of {}, venue {}, {}, entry {} {}\n{}", text_at(json, "/receipt/kind"),
                          text_at(json, "/receipt/number"), money_text(json["receipt"], "amount"),
                          text_at(json, "/receipt/venue"), text_at(json, "/receipt/at"),
                          text_at(json, "/receipt/entry/seq"), text_at(json, "/receipt/entry/hash"), note);
}

awaitable<Result<ObolctlClient::Who>> ObolctlClient::who() {
    const Result<std::string> status_body = co_await call("GET", "/v1/status", "");
    if (!status_body) co_return status_body.error();
    const Json json = Json::parse(*status_body, nullptr, false);
    const Result<Bytes> key = from_hex(text_at(json, "/public_key"));
    if (!key) co_return Fault{"unexpected_answer", "the status names no public key"};
    co_return Who{DeviceId{text_at(json, "/device")}, *key, text_at(json, "/venue")};
}

awaitable<Result<ObolctlClient::Page>> ObolctlClient::page(std::string after, int limit) {
    std::string target = "/v1/journal?limit=" + std::to_string(limit) + (after.empty() ? "" : "&after=" + after);
    const Result<std::string> body = co_await call("GET", std::move(target), "");
    if (!body) co_return body.error();
    const Json json = Json::parse(*body, nullptr, false);
    if (!json.is_object() || !json.contains("items") || !json["items"].is_array()) {
        co_return Fault{"unexpected_answer", "the journal is not a list"};
    }
    Page out;
    for (const Json& item : json["items"]) {
        ListedEntry entry;
        if (!item.is_object() || !item.contains("seq") || !item["seq"].is_number_integer() || !item.contains("body")) {
            co_return Fault{"unexpected_answer", "the journal lists what is no entry"};
        }
        entry.seq = item["seq"].get<std::int64_t>();
        entry.kind = text_at(item, "/kind");
        entry.at = text_at(item, "/at");
        entry.hash = text_at(item, "/hash");
        entry.body = text_at(item, "/body");
        if (item.contains("signature")) entry.signature = text_at(item, "/signature");
        out.entries.push_back(std::move(entry));
    }
    if (json.contains("next") && json["next"].is_string()) out.next = json["next"].get<std::string>();
    co_return out;
}

awaitable<Result<journal::Head>> ObolctlClient::head_at(std::int64_t seq) {
    std::string before = std::to_string(seq - 1);
    const Result<Page> found = co_await page(std::move(before), 1);
    if (!found) co_return found.error();
    if (found->entries.empty() || found->entries.front().seq != seq) {
        co_return Fault{"entry_unknown", "the journal has no entry " + std::to_string(seq)};
    }
    co_return head_of(found->entries.front());
}

awaitable<Result<void>> ObolctlClient::export_journal(std::int64_t after,
                                                      std::function<void(const std::string&)> sink) {
    const Result<Who> of_device = co_await who();
    if (!of_device) co_return of_device.error();
    journal::Head head;
    if (after > 0) {
        const Result<journal::Head> begin = co_await head_at(after);
        if (!begin) co_return begin.error();
        head = *begin;
    }
    const ExportHeader header{of_device->device, of_device->public_key, of_device->venue, head};
    sink(to_line(header));
    std::string cursor = after > 0 ? std::to_string(after) : "";
    do {
        const Result<Page> got = co_await page(cursor, page_size);
        if (!got) co_return got.error();
        for (const ListedEntry& entry : got->entries) {
            sink(to_line(entry));
            const Result<journal::Head> reached = head_of(entry);
            if (!reached) co_return reached.error();
            head = *reached;
        }
        cursor = got->next;
    } while (!cursor.empty());
    sink(to_trailer_line(head));
    co_return Result<void>{};
}

awaitable<Result<std::string>> ObolctlClient::verify_journal() {
    const Result<Who> of_device = co_await who();
    if (!of_device) co_return of_device.error();
    Result<JournalCheck> check = JournalCheck::start(of_device->device, of_device->public_key);
    if (!check) co_return check.error();
    std::string after;
    do {
        const Result<Page> got = co_await page(after, page_size);
        if (!got) co_return got.error();
        for (const ListedEntry& entry : got->entries) {
            if (const auto added = check->add(entry); !added) co_return added.error();
        }
        after = got->next;
    } while (!after.empty());
    if (const auto done = check->finish(); !done) co_return done.error();
    co_return fmt::format("good: {} entries, {} signatures, head {}\n", check->head().seq, check->signatures(),
                          to_hex(check->head().hash));
}

}  // namespace obol::agent
