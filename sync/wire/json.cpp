#include "sync/wire/json.hpp"

#include <algorithm>
#include <boost/json/basic_parser_impl.hpp>
#include <charconv>

#include "sync/core/ensure.hpp"
#include "sync/wire/json_writer.hpp"

namespace obol::wire {
namespace {

namespace bj = boost::json;

constexpr std::int64_t largest_integer = 9'007'199'254'740'991;  // 2^53-1: exact in JavaScript
constexpr std::size_t few_members = 12;  // up to here comparing each with each beats sorting

bool is_valid_utf8(std::string_view text) {
    for (std::size_t i = 0; i < text.size();) {
        const auto c = static_cast<unsigned char>(text[i]);
        const int more = c < 0x80                ? 0
                         : c >= 0xc2 && c < 0xe0 ? 1
                         : (c & 0xf0) == 0xe0    ? 2
                         : c >= 0xf0 && c < 0xf5 ? 3
                                                 : -1;
        if (more < 0 || i + static_cast<std::size_t>(more) >= text.size()) return false;
        std::uint32_t point = more == 0 ? c : c & (0x3fu >> more);
        for (int k = 1; k <= more; ++k) {
            const auto next = static_cast<unsigned char>(text[i + static_cast<std::size_t>(k)]);
            if ((next & 0xc0) != 0x80) return false;
            point = point << 6 | (next & 0x3f);
        }
        if ((more == 2 && point < 0x800) || (more == 3 && (point < 0x10000 || point > 0x10ffff)) ||
            (point >= 0xd800 && point < 0xe000)) {
            return false;
        }
        i += static_cast<std::size_t>(more) + 1;
    }
    return true;
}

// Builds the tree. The open container is always the last value of its parent, and a parent does not
// grow while a child is open, so plain pointers into the tree stay valid. Faults of meaning (a
// duplicate key, a fraction) are noted and parsing goes on; faults of syntax end it.
class Builder {
public:
    static constexpr std::size_t max_array_size = static_cast<std::size_t>(-1);
    static constexpr std::size_t max_object_size = static_cast<std::size_t>(-1);
    static constexpr std::size_t max_string_size = static_cast<std::size_t>(-1);
    static constexpr std::size_t max_key_size = static_cast<std::size_t>(-1);
    using error_code = bj::error_code;
    using string_view = bj::string_view;

    Json root;
    JsonFaults faults;

    // Of the value that is read now, or read next.
    std::string pointer() const {
        if (open_.empty()) return {};
        std::string out = path_of(open_.size() - 1);
        if (const auto* object = std::get_if<Json::Object>(&open_.back()->value)) {
            if (!object->empty()) append_pointer_step(out, object->back().first);
        } else {
            append_index(out, std::get<Json::Array>(open_.back()->value).size());
        }
        return out;
    }
    void fault(std::string where, std::string detail) {
        if (faults.size() < most_json_faults)
            faults.push_back({std::move(where), std::move(detail)});
    }

    bool on_document_begin(error_code&) { return true; }
    bool on_document_end(error_code&) { return true; }
    bool on_array_begin(error_code&) {
        Json& json = add();
        json.value.emplace<Json::Array>();
        open_.push_back(&json);
        return true;
    }
    bool on_array_end(std::size_t, error_code&) {
        open_.pop_back();
        return true;
    }
    bool on_object_begin(error_code&) {
        Json& json = add();
        json.value.emplace<Json::Object>().reserve(8);
        open_.push_back(&json);
        return true;
    }
    bool on_object_end(std::size_t, error_code&) {
        find_duplicates(std::get<Json::Object>(open_.back()->value));
        open_.pop_back();
        return true;
    }
    bool on_key_part(string_view part, std::size_t, error_code&) {
        partial_.append(part.data(), part.size());
        return true;
    }
    bool on_key(string_view part, std::size_t, error_code&) {
        auto& object = std::get<Json::Object>(open_.back()->value);
        object.emplace_back(whole(part), Json{});
        if (object.back().first.find('\0') != std::string::npos) {
            object.back().first = "?";
            fault(pointer(), "a member's name contains U+0000");
        }
        return true;
    }
    bool on_string_part(string_view part, std::size_t, error_code&) {
        partial_.append(part.data(), part.size());
        return true;
    }
    bool on_string(string_view part, std::size_t, error_code&) {
        std::string text = whole(part);
        if (text.find('\0') != std::string::npos) fault(pointer(), "contains U+0000");
        add().value.emplace<std::string>(std::move(text));
        return true;
    }
    bool on_number_part(string_view, error_code&) { return true; }
    bool on_int64(std::int64_t number, string_view literal, error_code&) {
        if (number < -largest_integer || number > largest_integer) {
            fault(pointer(), "integer beyond 2^53-1");
        } else if (number == 0 && literal.size() > 1) {
            fault(pointer(), "-0 is not an integer here");
        }
        add().value.emplace<std::int64_t>(number);
        return true;
    }
    bool on_uint64(std::uint64_t, string_view, error_code&) {
        fault(pointer(), "integer beyond 2^53-1");
        add();
        return true;
    }
    bool on_double(double, string_view literal, error_code&) {
        const bool whole_number = literal.find_first_of(".eE") == string_view::npos;
        fault(pointer(), whole_number ? "integer beyond 2^53-1"
                                      : "a number must have neither fraction nor exponent");
        add();
        return true;
    }
    bool on_bool(bool b, error_code&) {
        add().value.emplace<bool>(b);
        return true;
    }
    bool on_null(error_code&) {
        add();
        return true;
    }
    bool on_comment_part(string_view, error_code&) { return true; }
    bool on_comment(string_view, error_code&) { return true; }

private:
    Json& add() {
        if (open_.empty()) return root;
        if (auto* object = std::get_if<Json::Object>(&open_.back()->value))
            return object->back().second;
        return std::get<Json::Array>(open_.back()->value).emplace_back();
    }
    std::string whole(string_view last) {
        if (partial_.empty()) return std::string(last.data(), last.size());
        partial_.append(last.data(), last.size());
        std::string out = std::move(partial_);
        partial_.clear();
        return out;
    }
    static void append_index(std::string& out, std::size_t index) {
        out += '/';
        out += std::to_string(index);
    }
    // Where the open container at this level stands: each one above it ends with its open child.
    std::string path_of(std::size_t level) const {
        std::string out;
        for (std::size_t i = 0; i < level; ++i) {
            if (const auto* object = std::get_if<Json::Object>(&open_[i]->value)) {
                append_pointer_step(out, object->back().first);
            } else {
                append_index(out, std::get<Json::Array>(open_[i]->value).size() - 1);
            }
        }
        return out;
    }
    void duplicate(std::string_view key) {
        std::string where = path_of(open_.size() - 1);
        append_pointer_step(where, key);
        fault(std::move(where), "duplicate member");
    }
    void find_duplicates(const Json::Object& object) {
        if (object.size() <= few_members) {
            for (std::size_t i = 1; i < object.size(); ++i) {
                for (std::size_t k = 0; k < i; ++k) {
                    if (object[i].first == object[k].first) {
                        duplicate(object[i].first);
                        break;
                    }
                }
            }
            return;
        }
        std::vector<std::string_view> keys;
        keys.reserve(object.size());
        for (const auto& [key, value] : object) keys.push_back(key);
        std::sort(keys.begin(), keys.end());
        for (std::size_t i = 1; i < keys.size(); ++i) {
            if (keys[i] == keys[i - 1]) duplicate(keys[i]);
        }
    }

    std::vector<Json*> open_;
    std::string partial_;
};

std::string what_is_wrong(std::string_view text, const bj::error_code& error, std::size_t at) {
    if (error == bj::error::too_deep) return "nested deeper than " + std::to_string(deepest_json);
    if (!is_valid_utf8(text)) return "not valid UTF-8";
    if (error == bj::error::incomplete) return "ends too early";
    return std::string(error.message()) + " at byte " + std::to_string(at);
}

}  // namespace

const Json* Json::find(std::string_view key) const {
    const auto* object = std::get_if<Object>(&value);
    if (object == nullptr) return nullptr;
    for (const auto& [name, member] : *object) {
        if (name == key) return &member;
    }
    return nullptr;
}

std::variant<Json, JsonFaults> parse_json(std::string_view text) {
    if (text.starts_with("\xef\xbb\xbf")) return JsonFaults{{"", "begins with a byte-order mark"}};
    bj::parse_options options;
    options.max_depth = deepest_json;
    bj::basic_parser<Builder> parser(options);
    bj::error_code error;
    const std::size_t used = parser.write_some(false, text.data(), text.size(), error);
    Builder& builder = parser.handler();
    if (error) {
        builder.fault(builder.pointer(), what_is_wrong(text, error, used));
    } else if (used != text.size()) {
        builder.fault("", "text after the document at byte " + std::to_string(used));
    }
    if (!builder.faults.empty()) return std::move(builder.faults);
    return std::move(builder.root);
}

namespace {

void write_canonical(const Json& json, std::string& out) {
    if (const auto* object = std::get_if<Json::Object>(&json.value)) {
        std::vector<const Json::Member*> members;
        members.reserve(object->size());
        for (const auto& member : *object) members.push_back(&member);
        std::sort(members.begin(), members.end(),
                  [](const auto* a, const auto* b) { return a->first < b->first; });
        out += '{';
        for (const auto* member : members) {
            if (out.back() != '{') out += ',';
            append_json_text(out, member->first);
            out += ':';
            write_canonical(member->second, out);
        }
        out += '}';
    } else if (const auto* array = std::get_if<Json::Array>(&json.value)) {
        out += '[';
        bool first = true;
        for (const Json& element : *array) {
            if (!first) out += ',';
            first = false;
            write_canonical(element, out);
        }
        out += ']';
    } else if (const auto* text = std::get_if<std::string>(&json.value)) {
        append_json_text(out, *text);
    } else if (const auto* number = std::get_if<std::int64_t>(&json.value)) {
        append_json_integer(out, *number);
    } else if (const auto* b = std::get_if<bool>(&json.value)) {
        out += *b ? "true" : "false";
    } else {
        out += "null";
    }
}

}  // namespace

std::string canonical_text(const Json& json) {
    std::string out;
    write_canonical(json, out);
    return out;
}

}  // namespace obol::wire
