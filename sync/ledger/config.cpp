#include "sync/ledger/config.hpp"

#include <algorithm>
#include <nlohmann/json.hpp>

#include "sync/host/system.hpp"
#include "sync/wire/json.hpp"

namespace obol::ledger {

namespace {

using wire::Json;
using wire::JsonFaults;
using wire::ObjectReader;

// Walks valid JSON along a pointer; positions only, the values are the decoder's business.
class Finder {
public:
    explicit Finder(std::string_view text) : text_(text) {}

    std::size_t find(std::string_view pointer) {
        std::size_t best = blank();
        while (!pointer.empty() && pointer.front() == '/') {
            pointer.remove_prefix(1);
            const std::string_view step = pointer.substr(0, pointer.find('/'));
            pointer.remove_prefix(step.size());
            const std::size_t at = enter(step);
            if (at == std::string_view::npos) return best;
            best = at;
        }
        return best;
    }

private:
    std::size_t blank() {
        while (at_ < text_.size() && std::string_view(" \t\r\n,:").find(text_[at_]) != std::string_view::npos) {
            ++at_;
        }
        return at_;
    }

    std::string_view string() {
        const std::size_t start = ++at_;
        while (at_ < text_.size() && text_[at_] != '"') at_ += text_[at_] == '\\' ? 2 : 1;
        const std::size_t end = std::min(at_, text_.size());
        at_ = end + 1;
        return text_.substr(start, end - start);
    }

    void skip_value() {
        int depth = 0;
        do {
            blank();
            if (at_ >= text_.size()) return;
            const char c = text_[at_];
            if (c == '"') {
                string();
            } else if (c == '{' || c == '[') {
                ++depth, ++at_;
            } else if (c == '}' || c == ']') {
                --depth, ++at_;
            } else {
                while (at_ < text_.size() && std::string_view(",]} \t\r\n").find(text_[at_]) == std::string_view::npos) ++at_;
            }
        } while (depth > 0);
    }

    // Where the member or element begins; the walk goes on at its value. Of members that are there
    // twice the last is meant: the second is the one at fault.
    std::size_t enter(std::string_view step) {
        blank();
        if (at_ >= text_.size() || (text_[at_] != '{' && text_[at_] != '[')) return std::string_view::npos;
        const bool object = text_[at_++] == '{';
        std::size_t found = std::string_view::npos, value = 0, index = 0;
        for (blank(); at_ < text_.size() && text_[at_] != '}' && text_[at_] != ']'; blank(), ++index) {
            const std::size_t start = at_;
            const std::string name = object ? std::string(string()) : std::to_string(index);
            blank();
            if (name == step) found = start, value = at_;
            skip_value();
        }
        at_ = value;
        return found;
    }

    std::string_view text_;
    std::size_t at_ = 0;
};

int line_at(std::string_view text, std::size_t position) {
    const auto end = text.begin() + static_cast<std::ptrdiff_t>(std::min(position, text.size()));
    return 1 + static_cast<int>(std::count(text.begin(), end, '\n'));
}

std::string beside(const std::string& config_path, const std::string& path) {
    if (path.empty() || path.front() == '/') return path;
    const std::size_t slash = config_path.rfind('/');
    return slash == std::string::npos ? path : config_path.substr(0, slash + 1) + path;
}

std::string folder_of(const std::string& path) {
    const std::size_t slash = path.rfind('/');
    return slash == std::string::npos ? "" : path.substr(0, slash);
}

// Whoever puts the folder of the database back must not put the record back with it.
std::string record_path(const Config& config, const std::optional<std::string>& given, ObjectReader& reader) {
    const std::string folder = folder_of(config.database);
    if (!given) return (folder.empty() ? "../obol-ledger" : folder) + "-outside/issued-keys";
    if (folder_of(*given) == folder || (!folder.empty() && given->starts_with(folder + "/"))) {
        reader.fault("issued_keys", "must not lie in the database's directory");
    }
    return *given;
}

void read_admin(const Json& json, JsonFaults& faults, Config& config) {
    ObjectReader reader{json, "/admin", faults};
    if (auto address = reader.optional_text("address", 1, 64)) config.admin_address = *address;
    if (auto port = reader.optional_integer("port", 0, 65535)) config.admin_port = static_cast<std::uint16_t>(*port);
    config.admin_tls = reader.optional_bool("tls").value_or(true);
    if (!config.admin_tls && !is_loopback(config.admin_address)) {
        reader.fault("tls", "must be true where the address is not a loopback one");
    }
    reader.done();
}

void read_sync(const Json& json, JsonFaults& faults, Config& config) {
    ObjectReader reader{json, "/sync", faults};
    if (auto address = reader.optional_text("address", 1, 64)) config.sync_address = *address;
    if (auto port = reader.optional_integer("port", 0, 65535)) config.sync_port = static_cast<std::uint16_t>(*port);
    std::vector<std::string> names;
    reader.optional_array("names", 32, [&](const Json& item, const std::string& pointer) {
        const auto* name = std::get_if<std::string>(&item.value);
        if (name && !name->empty() && name->size() <= 253) return names.push_back(*name);
        faults.push_back({pointer, "must be a host name or an address"});
    });
    if (reader.has("names") && names.empty()) reader.fault("names", "must have at least one name");
    if (!names.empty()) config.names = std::move(names);
    reader.done();
}

// A device that hears of a new CA at its own renewal has heard of it before the server shows itself by it.
void read_certificates(const Json& json, JsonFaults& faults, Config& config) {
    constexpr std::int64_t shortest = 3, longest = std::int64_t{10} * 366 * 24 * 3600;
    ObjectReader reader{json, "/certificates", faults};
    const auto seconds = [&reader](const char* name, Millis& into) {
        if (const auto given = reader.optional_integer(name, shortest, longest)) into = std::chrono::seconds(*given);
    };
    seconds("device_life_s", config.device_life);
    seconds("server_life_s", config.server_life);
    if (config.server_life < config.device_life) reader.fault("server_life_s", "must not be less than device_life_s");
    reader.done();
}

// "/admin/port" → "admin.port", as a person would say it.
std::string member_name(std::string pointer) {
    if (pointer.empty()) return "the file";
    pointer.erase(0, 1);
    std::replace(pointer.begin(), pointer.end(), '/', '.');
    return pointer;
}

}  // namespace

int line_of(std::string_view json, std::string_view pointer) {
    return line_at(json, Finder{json}.find(pointer));
}

bool is_loopback(std::string_view address) {
    return address == "::1" || address == "localhost" || address.starts_with("127.");
}

Result<Config> parse_config(const std::string& path, std::string_view text) {
    const std::string json = host::without_comments(text);
    try {
        // Only to learn where a fault of syntax is; the strict decoder reads what counts.
        [[maybe_unused]] const auto tree = nlohmann::json::parse(json);
    } catch (const nlohmann::json::parse_error& error) {
        const int line = line_at(json, error.byte == 0 ? 0 : error.byte - 1);
        return Fault{"configuration_invalid", path + ":" + std::to_string(line) + ": this is not JSON"};
    }
    const auto parsed = wire::parse_json(json);
    JsonFaults faults;
    Config config;
    if (const auto* found = std::get_if<JsonFaults>(&parsed)) {
        faults = *found;
    } else {
        ObjectReader reader{std::get<Json>(parsed), "", faults};
        config.database = beside(path, reader.required_text("database", 1, 4096));
        config.credentials = beside(path, reader.required_text("credentials", 1, 4096));
        auto record = reader.optional_text("issued_keys", 1, 4096);
        if (record) record = beside(path, *record);
        config.issued_keys = record_path(config, record, reader);
        if (const Json* admin = reader.optional("admin")) read_admin(*admin, faults, config);
        if (const Json* sync = reader.optional("sync")) read_sync(*sync, faults, config);
        if (const Json* lives = reader.optional("certificates")) read_certificates(*lives, faults, config);
        reader.done();
    }
    if (faults.empty()) return config;
    std::string detail;
    for (const wire::JsonFault& fault : faults) {
        if (!detail.empty()) detail += "\n";
        detail += path + ":" + std::to_string(line_of(json, fault.pointer)) + ": " +
                  member_name(fault.pointer) + ": " + fault.detail;
    }
    return Fault{"configuration_invalid", detail};
}

Result<Config> load_config(const std::string& path) {
    const auto text = host::read_file(path);
    if (!text) return text.error();
    return parse_config(path, *text);
}

}  // namespace obol::ledger
