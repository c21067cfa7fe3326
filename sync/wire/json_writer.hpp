#pragma once
// Writes JSON text straight into a string: members in the order of the calls, no white space. Only
// what our messages are made of.

#include <cstdint>
#include <string>
#include <string_view>

namespace obol::wire {

void append_json_text(std::string& out, std::string_view text);  // quoted and escaped
void append_json_integer(std::string& out, std::int64_t number);

class JsonWriter {
public:
    JsonWriter& begin_object() { return open('{'); }
    JsonWriter& end_object() { return close('}'); }
    JsonWriter& begin_array() { return open('['); }
    JsonWriter& end_array() { return close(']'); }
    JsonWriter& key(std::string_view name);

    JsonWriter& text(std::string_view value);
    JsonWriter& integer(std::int64_t value);
    JsonWriter& boolean(bool value);

    JsonWriter& member(std::string_view name, std::string_view value) {
        return key(name).text(value);
    }
    JsonWriter& member(std::string_view name, std::int64_t value) {
        return key(name).integer(value);
    }
    // Named apart: a string literal would prefer bool to string_view.
    JsonWriter& flag(std::string_view name, bool value) { return key(name).boolean(value); }

    std::string take() { return std::move(out_); }

private:
    JsonWriter& open(char bracket);
    JsonWriter& close(char bracket);
    void separate();

    std::string out_;
    bool fresh_ = true;  // nothing stands before the next value in its container
};

}  // namespace obol::wire
