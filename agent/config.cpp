#include "agent/config.hpp"

#include <algorithm>
#include <charconv>
#include <functional>
#include <map>
#include <set>

#include "sync/host/system.hpp"
#include "sync/wire/json.hpp"

namespace obol::agent {

namespace {

int line_at(std::string_view text, std::size_t offset) {
    return 1 + static_cast<int>(std::count(text.begin(), text.begin() + static_cast<std::ptrdiff_t>(std::min(offset, text.size())), '\n'));
}

// Where each member stands, by JSON pointer. The text parsed, so the walk may be simple.
class Lines {
public:
    explicit Lines(std::string_view text) : text_(text) { value(""); }
    // Of the member, or of the nearest enclosing one: what is missing stands nowhere.
    int of(std::string pointer) const {
        for (;;) {
            const auto found = lines_.find(pointer);
            if (found != lines_.end()) return found->second;
            if (pointer.empty()) return 1;
            pointer.erase(pointer.rfind('/'));
        }
    }

private:
    void space() {
        while (at_ < text_.size() && static_cast<unsigned char>(text_[at_]) <= ' ') ++at_;
    }
    std::string string() {
        std::string out;
        for (++at_; at_ < text_.size() && text_[at_] != '"'; ++at_) {
            if (text_[at_] == '\\') ++at_;
            if (at_ < text_.size()) out += text_[at_];
        }
        ++at_;
        return out;
    }
    void value(const std::string& pointer) {
        space();
        lines_[pointer] = line_at(text_, at_);
        if (at_ >= text_.size()) return;
        const char open = text_[at_];
        if (open == '"') {
            string();
        } else if (open == '{' || open == '[') {
            container(pointer, open == '{');
        } else {
            while (at_ < text_.size() && text_.substr(at_, 1).find_first_of(",]} \n\r\t") != 0) ++at_;
        }
    }
    void container(const std::string& pointer, bool object) {
        int index = 0;
        for (++at_; at_ < text_.size();) {
            space();
            if (at_ >= text_.size() || text_[at_] == '}' || text_[at_] == ']') break;
            if (text_[at_] == ',') {
                ++at_;
                continue;
            }
            std::string name = std::to_string(index++);
            if (object) {
                const int line = line_at(text_, at_);
                name = string();
                space();
                ++at_;  // the colon
                value(pointer + "/" + name);
                lines_[pointer + "/" + name] = line;
            } else {
                value(pointer + "/" + name);
            }
        }
        ++at_;
    }

    std::string_view text_;
    std::size_t at_ = 0;
    std::map<std::string, int> lines_;
};

// "… at byte 17" of the decoder → 17; else the start.
std::size_t byte_named(const std::string& detail) {
    const std::size_t found = detail.rfind(" at byte ");
    std::size_t at = 0;
    if (found != std::string::npos) std::from_chars(detail.data() + found + 9, detail.data() + detail.size(), at);
    return at;
}

Fault worded(const wire::JsonFaults& faults, const std::string& file, const std::function<int(const wire::JsonFault&)>& line) {
    std::string text;
    for (const wire::JsonFault& fault : faults) {
        if (!text.empty()) text += "\n";
        text += file + ":" + std::to_string(line(fault)) + ": ";
        if (!fault.pointer.empty()) text += fault.pointer + ": ";
        text += fault.detail;
    }
    return {"config_malformed", text};
}

// A part that is an object; absent: all its members keep their defaults.
void part(wire::ObjectReader& reader, std::string_view key, wire::JsonFaults& faults,
          const std::function<void(wire::ObjectReader&)>& read) {
    const wire::Json* json = reader.optional(key);
    if (json == nullptr) return;
    wire::ObjectReader inner(*json, reader.pointer_of(key), faults);
    read(inner);
    inner.done();
}

void read_texts(wire::ObjectReader& reader, std::string_view key, wire::JsonFaults& faults,
                std::vector<std::string>& into) {
    if (!reader.has(key)) return;
    into.clear();
    reader.optional_array(key, 16, [&](const wire::Json& each, const std::string& pointer) {
        const std::string* text = std::get_if<std::string>(&each.value);
        if (text == nullptr || text->empty()) {
            faults.push_back({pointer, "a text is expected"});
        } else {
            into.push_back(*text);
        }
    });
}

bool is_loopback(const std::string& address) { return address == "::1" || address.starts_with("127."); }

void read_listen(wire::ObjectReader& reader, wire::JsonFaults& faults, Config::Listen& listen) {
    read_texts(reader, "addresses", faults, listen.addresses);
    read_texts(reader, "hosts", faults, listen.hosts);
    if (const auto port = reader.optional_integer("port", 1, 65535)) listen.port = static_cast<std::uint16_t>(*port);
    if (listen.addresses.empty()) reader.fault("addresses", "at least one");
    for (std::size_t i = 0; i < listen.addresses.size(); ++i) {
        if (is_loopback(listen.addresses[i])) continue;
        // Plain HTTP with bearer tokens must not leave the machine.
        faults.push_back({reader.pointer_of("addresses") + "/" + std::to_string(i),
                          "only loopback addresses (127.0.0.1, ::1) are served"});
    }
}

// Whoever puts the state back must not put the witness back with it.
std::string read_witness(wire::ObjectReader& reader, std::string state) {
    while (state.size() > 1 && state.ends_with('/')) state.pop_back();
    const std::optional<std::string> given = reader.optional_text("witness", 1, 4096);
    if (!given) return state + "-witness/witness";
    if (given->starts_with(state + "/")) reader.fault("witness", "must not lie in the state directory");
    return *given;
}

constexpr std::size_t most_devices = 32;  // of a kind

// Each device has a name of its own, of the form of ids: it stands in paths.
void read_devices(wire::ObjectReader& reader, std::string_view kind, wire::JsonFaults& faults, std::set<std::string>& names,
                  const std::function<void(wire::ObjectReader&, std::string name, std::string address)>& read) {
    reader.optional_array(kind, most_devices, [&](const wire::Json& each, const std::string& pointer) {
        wire::ObjectReader it(each, pointer, faults);
        std::string name = it.required_id("name");
        if (!name.empty() && !names.insert(name).second) it.fault("name", "another device has this name");
        std::string address = it.required_text("address", 1, 1024);
        read(it, std::move(name), std::move(address));
        it.done();
    });
}

void read_printers(wire::ObjectReader& reader, wire::JsonFaults& faults, std::set<std::string>& names,
                   const std::vector<std::string_view>& languages, std::vector<PrinterSetting>& printers) {
    std::set<std::string> served;
    read_devices(reader, "printers", faults, names, [&](wire::ObjectReader& it, std::string name, std::string address) {
        PrinterSetting printer;
        printer.name = std::move(name);
        printer.address = std::move(address);
        if (const auto profile = it.optional_text("profile", 1, 4096)) printer.profile = *profile;
        if (const auto terminal = it.optional_id("terminal")) {
            printer.terminal = *terminal;
            if (!served.insert(*terminal).second) it.fault("terminal", "another printer prints its receipts");
        }
        if (const auto word = it.optional_word("language", languages)) printer.language = languages[*word];
        printer.drawer = it.optional_bool("drawer").value_or(false);
        printers.push_back(std::move(printer));
    });
}

DeviceSettings read_all_devices(wire::ObjectReader& reader, wire::JsonFaults& faults,
                                const std::vector<std::string_view>& languages) {
    DeviceSettings out;
    std::set<std::string> names;
    read_printers(reader, faults, names, languages, out.printers);
    read_devices(reader, "scanners", faults, names, [&](wire::ObjectReader& it, std::string name, std::string address) {
        out.scanners.push_back({std::move(name), std::move(address), it.required_id("terminal")});
    });
    read_devices(reader, "displays", faults, names, [&](wire::ObjectReader& it, std::string name, std::string address) {
        out.displays.push_back({std::move(name), std::move(address), it.optional_id("terminal").value_or("")});
    });
    return out;
}

Config read_members(const wire::Json& json, wire::JsonFaults& faults) {
    Config out;
    wire::ObjectReader reader(json, "", faults);
    out.state = reader.required_text("state", 1, 4096);
    out.credentials = reader.required_text("credentials", 1, 4096);
    out.witness = read_witness(reader, out.state);
    part(reader, "listen", faults, [&](wire::ObjectReader& it) { read_listen(it, faults, out.listen); });
    const std::size_t before = faults.size();
    if (const wire::Json* ledger = reader.required("ledger")) {
        wire::ObjectReader it(*ledger, "/ledger", faults);
        out.ledger_url = it.required_text("url", 1, 1024);
        if (faults.size() == before && !out.ledger_url.starts_with("https://")) it.fault("url", "https://HOST:PORT");
        it.done();
    }
    static const std::vector<std::string_view> languages{"en", "el"};
    if (const auto word = reader.optional_word("language", languages)) out.language = languages[*word];
    part(reader, "authority", faults, [&](wire::ObjectReader& it) {
        if (const auto ms = it.optional_integer("budget_ms", 0, 60'000)) out.authority_budget = Millis{*ms};
        if (const auto s = it.optional_integer("idle_return_s", 1, 3600)) out.idle_return = Millis{*s * 1000};
    });
    part(reader, "store", faults, [&](wire::ObjectReader& it) {
        if (const auto size = it.optional_integer("group_size", 1, 1024)) out.group_size = static_cast<std::size_t>(*size);
    });
    part(reader, "devices", faults,
         [&](wire::ObjectReader& it) { out.devices = read_all_devices(it, faults, languages); });
    reader.done();
    return out;
}

}  // namespace

std::vector<std::string> Config::host_names() const {
    std::vector<std::string> out;
    const std::string colon_port = ":" + std::to_string(listen.port);
    for (const std::string_view name : {"127.0.0.1", "localhost", "[::1]"}) out.push_back(std::string(name) + colon_port);
    for (const std::string& name : listen.hosts) {
        const bool has_port = name.find(':') != std::string::npos && !name.ends_with(']');
        out.push_back(has_port ? name : name + colon_port);
    }
    return out;
}

Result<Config> parse_config(std::string_view text, const std::string& file) {
    const std::string bare = host::without_comments(text);
    const std::variant<wire::Json, wire::JsonFaults> parsed = wire::parse_json(bare);
    if (const auto* faults = std::get_if<wire::JsonFaults>(&parsed)) {
        return worded(*faults, file, [&bare](const wire::JsonFault& fault) {
            // A duplicate key has a pointer and no byte; a fault of the grammar the other way round.
            const std::size_t at = byte_named(fault.detail);
            return at > 0 ? line_at(bare, at) : Lines(bare).of(fault.pointer);
        });
    }
    wire::JsonFaults faults;
    Config config = read_members(std::get<wire::Json>(parsed), faults);
    if (faults.empty()) return config;
    const Lines lines(bare);
    return worded(faults, file, [&lines](const wire::JsonFault& fault) { return lines.of(fault.pointer); });
}

Result<Config> read_config(const std::string& file) {
    const Result<std::string> text = host::read_file(file);
    if (!text) return text.error();
    return parse_config(*text, file);
}

}  // namespace obol::agent
