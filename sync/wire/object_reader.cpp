#include "sync/core/ids.hpp"
#include "sync/wire/json.hpp"

namespace obol::wire {

void append_pointer_step(std::string& out, std::string_view key) {
    out += '/';
    for (const char c : key) {
        if (c == '~')
            out += "~0";
        else if (c == '/')
            out += "~1";
        else
            out += c;
    }
}

namespace {

// Characters, not bytes: limits are about what a person typed.
std::size_t characters(std::string_view text) {
    std::size_t count = 0;
    for (const char c : text) count += (static_cast<unsigned char>(c) & 0xc0) != 0x80;
    return count;
}

std::string list_of(const std::vector<std::string_view>& words) {
    std::string out = "must be one of";
    const char* separator = " ";
    for (const std::string_view word : words) {
        out += separator;
        out += word;
        separator = ", ";
    }
    return out;
}

}  // namespace

ObjectReader::ObjectReader(const Json& json, std::string pointer, JsonFaults& faults)
    : object_(std::get_if<Json::Object>(&json.value)),
      pointer_(std::move(pointer)),
      faults_(faults) {
    if (object_ == nullptr) {
        faults_.push_back({pointer_, "must be an object"});
    } else {
        taken_.resize(object_->size());
    }
}

std::string ObjectReader::pointer_of(std::string_view key) const {
    std::string out = pointer_;
    append_pointer_step(out, key);
    return out;
}

void ObjectReader::fault(std::string_view key, std::string detail) {
    if (faults_.size() < most_json_faults) faults_.push_back({pointer_of(key), std::move(detail)});
}

bool ObjectReader::has(std::string_view key) const {
    if (object_ == nullptr) return false;
    for (const auto& [name, value] : *object_) {
        if (name == key) return !value.is_null();
    }
    return false;
}

const Json* ObjectReader::take(std::string_view key) {
    if (object_ == nullptr) return nullptr;
    for (std::size_t i = 0; i < object_->size(); ++i) {
        if ((*object_)[i].first != key) continue;
        taken_[i] = true;
        return &(*object_)[i].second;
    }
    return nullptr;
}

const Json* ObjectReader::optional(std::string_view key) {
    const Json* found = take(key);
    return found != nullptr && !found->is_null() ? found : nullptr;
}

const Json* ObjectReader::required(std::string_view key) {
    const Json* found = optional(key);
    // A non-object was faulted as a whole; naming each of its missing members would be noise.
    if (found == nullptr && object_ != nullptr) fault(key, "is missing");
    return found;
}

namespace {

// One place per type says what is wrong with a value that is there.
std::optional<std::string> text_fault(const Json& json, std::size_t shortest, std::size_t longest) {
    const auto* text = std::get_if<std::string>(&json.value);
    if (text == nullptr) return "must be a string";
    if (text->size() >= shortest && text->size() <= longest) {
        if (shortest <= 1 || characters(*text) >= shortest) return std::nullopt;
    }
    const std::size_t length = characters(*text);
    if (length < shortest) return "must have at least " + std::to_string(shortest) + " characters";
    if (length > longest) return "must have at most " + std::to_string(longest) + " characters";
    return std::nullopt;
}

std::optional<std::string> integer_fault(const Json& json, std::int64_t least, std::int64_t most) {
    const auto* number = std::get_if<std::int64_t>(&json.value);
    if (number == nullptr) return "must be an integer";
    if (*number < least) return "must be at least " + std::to_string(least);
    if (*number > most) return "must be at most " + std::to_string(most);
    return std::nullopt;
}

}  // namespace

std::optional<std::string> ObjectReader::optional_text(std::string_view key, std::size_t shortest,
                                                       std::size_t longest) {
    const Json* json = optional(key);
    if (json == nullptr) return std::nullopt;
    if (auto wrong = text_fault(*json, shortest, longest)) {
        fault(key, std::move(*wrong));
        return std::nullopt;
    }
    return std::get<std::string>(json->value);
}

std::string ObjectReader::required_text(std::string_view key, std::size_t shortest,
                                        std::size_t longest) {
    if (required(key) == nullptr) return {};
    return optional_text(key, shortest, longest).value_or("");
}

std::optional<std::string> ObjectReader::optional_id(std::string_view key) {
    const Json* json = optional(key);
    if (json == nullptr) return std::nullopt;
    const auto* text = std::get_if<std::string>(&json->value);
    if (text == nullptr || !is_id_form(*text)) {
        fault(key, "must be an id: 1 to 64 of A-Z a-z 0-9 _ -");
        return std::nullopt;
    }
    return *text;
}

std::string ObjectReader::required_id(std::string_view key) {
    if (required(key) == nullptr) return {};
    return optional_id(key).value_or("");
}

std::optional<std::int64_t> ObjectReader::optional_integer(std::string_view key, std::int64_t least,
                                                           std::int64_t most) {
    const Json* json = optional(key);
    if (json == nullptr) return std::nullopt;
    if (auto wrong = integer_fault(*json, least, most)) {
        fault(key, std::move(*wrong));
        return std::nullopt;
    }
    return std::get<std::int64_t>(json->value);
}

std::int64_t ObjectReader::required_integer(std::string_view key, std::int64_t least,
                                            std::int64_t most) {
    if (required(key) == nullptr) return least;
    return optional_integer(key, least, most).value_or(least);
}

std::optional<bool> ObjectReader::optional_bool(std::string_view key) {
    const Json* json = optional(key);
    if (json == nullptr) return std::nullopt;
    const auto* b = std::get_if<bool>(&json->value);
    if (b == nullptr) {
        fault(key, "must be true or false");
        return std::nullopt;
    }
    return *b;
}

bool ObjectReader::required_bool(std::string_view key) {
    if (required(key) == nullptr) return false;
    return optional_bool(key).value_or(false);
}

std::optional<std::size_t> ObjectReader::optional_word(std::string_view key,
                                                       const std::vector<std::string_view>& words) {
    const Json* json = optional(key);
    if (json == nullptr) return std::nullopt;
    if (const auto* text = std::get_if<std::string>(&json->value)) {
        for (std::size_t i = 0; i < words.size(); ++i) {
            if (words[i] == *text) return i;
        }
    }
    fault(key, list_of(words));
    return std::nullopt;
}

std::size_t ObjectReader::required_word(std::string_view key,
                                        const std::vector<std::string_view>& words) {
    if (required(key) == nullptr) return 0;
    return optional_word(key, words).value_or(0);
}

void ObjectReader::optional_array(
    std::string_view key, std::size_t most,
    const std::function<void(const Json&, const std::string&)>& each) {
    const Json* json = optional(key);
    if (json == nullptr) return;
    const auto* array = std::get_if<Json::Array>(&json->value);
    if (array == nullptr) return fault(key, "must be an array");
    if (array->size() > most) {
        return fault(key, "must have at most " + std::to_string(most) + " elements");
    }
    const std::string base = pointer_of(key) + '/';
    for (std::size_t i = 0; i < array->size(); ++i) each((*array)[i], base + std::to_string(i));
}

void ObjectReader::required_array(
    std::string_view key, std::size_t least, std::size_t most,
    const std::function<void(const Json&, const std::string&)>& each) {
    const Json* json = required(key);
    if (json == nullptr) return;
    if (const auto* array = std::get_if<Json::Array>(&json->value);
        array != nullptr && array->size() < least) {
        return fault(key, "must have at least " + std::to_string(least) + " elements");
    }
    optional_array(key, most, each);
}

void ObjectReader::done() {
    if (object_ == nullptr) return;
    for (std::size_t i = 0; i < taken_.size(); ++i) {
        if (!taken_[i]) fault((*object_)[i].first, "unknown member");
    }
}

}  // namespace obol::wire
