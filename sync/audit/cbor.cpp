#include "sync/audit/cbor.hpp"

#include <limits>

namespace obol::audit {
namespace {

constexpr int deepest = 32;
constexpr std::size_t most_values = std::size_t{1} << 20;

enum Major : std::uint8_t {
    unsigned_int,
    negative,
    byte_string,
    text_string,
    array,
    map,
    tag,
    simple
};

// RFC 3629 by its table 3-7 of Unicode: which second byte may follow which first.
bool well_formed_utf8(ByteView text) {
    const auto in = [](std::uint8_t byte, int low, int high) {
        return byte >= low && byte <= high;
    };
    std::size_t at = 0;
    const auto tail = [&](std::size_t offset) {
        return at + offset < text.size() && in(text[at + offset], 0x80, 0xbf);
    };
    while (at < text.size()) {
        const std::uint8_t first = text[at];
        std::size_t length = 0;
        if (first <= 0x7f) {
            length = 1;
        } else if (in(first, 0xc2, 0xdf)) {
            length = 2;
        } else if (in(first, 0xe0, 0xef)) {
            length = 3;
        } else if (in(first, 0xf0, 0xf4)) {
            length = 4;
        } else {
            return false;
        }
        for (std::size_t offset = 1; offset < length; ++offset) {
            if (!tail(offset)) return false;
        }
        const std::uint8_t second = length > 1 ? text[at + 1] : std::uint8_t{0};
        if (first == 0xe0 && second < 0xa0) return false;
        if (first == 0xed && second > 0x9f) return false;
        if (first == 0xf0 && second < 0x90) return false;
        if (first == 0xf4 && second > 0x8f) return false;
        at += length;
    }
    return true;
}

struct Broken {
    std::string what;
    std::size_t at;
};

class Reader {
public:
    explicit Reader(ByteView bytes) : bytes_(bytes) {}

    Value document() {
        Value out = value(0);
        if (at_ != bytes_.size()) refuse("bytes follow the document");
        return out;
    }

private:
    struct Head {
        Major major;
        std::uint64_t argument;
    };

    [[noreturn]] void refuse(std::string what) const { throw Broken{std::move(what), at_}; }

    std::uint8_t byte() {
        if (at_ == bytes_.size()) refuse("ends too early");
        return bytes_[at_++];
    }

    Head head() {
        const std::uint8_t first = byte();
        const auto major = static_cast<Major>(first >> 5);
        const int info = first & 31;
        if (info < 24) return {major, static_cast<std::uint64_t>(info)};
        if (info > 27) refuse("a length that is indefinite or reserved");
        std::uint64_t argument = 0;
        for (int more = 1 << (info - 24); more > 0; --more) argument = argument * 256 + byte();
        constexpr std::uint64_t shorter[] = {23, 0xff, 0xffff, 0xffffffff};
        if (major != simple && argument <= shorter[info - 24]) refuse("not the shortest form");
        return {major, argument};
    }

    ByteView take(std::uint64_t length) {
        if (length > bytes_.size() - at_) refuse("ends too early");
        const ByteView out = bytes_.subspan(at_, length);
        at_ += length;
        return out;
    }

    std::string text(std::uint64_t length) {
        const ByteView raw = take(length);
        if (!well_formed_utf8(raw)) refuse("text that is not UTF-8");
        return std::string(as_text(raw));
    }

    Value value(int depth) {
        if (++values_ > most_values) refuse("too many values");
        const Head it = head();
        constexpr auto largest =
            static_cast<std::uint64_t>(std::numeric_limits<std::int64_t>::max());
        switch (it.major) {
            case unsigned_int:
                if (it.argument > largest) refuse("an integer beyond 64 bits");
                return {static_cast<std::int64_t>(it.argument)};
            case negative:
                if (it.argument > largest) refuse("an integer beyond 64 bits");
                return {-1 - static_cast<std::int64_t>(it.argument)};
            case byte_string: {
                const ByteView raw = take(it.argument);
                return {Bytes(raw.begin(), raw.end())};
            }
            case text_string:
                return {text(it.argument)};
            case array:
                return list(it.argument, depth + 1);
            case map:
                return members(it.argument, depth + 1);
            case simple:
                if (it.argument == 20) return {false};
                if (it.argument == 21) return {true};
                if (it.argument == 22) return {};
                refuse("a float or an unknown simple value");
            case tag:
                break;
        }
        refuse("a tag");
    }

    Value list(std::uint64_t length, int depth) {
        if (depth > deepest) refuse("too deep");
        if (length > bytes_.size() - at_) refuse("ends too early");
        Value::List out;
        for (std::uint64_t n = 0; n < length; ++n) out.push_back(value(depth));
        return {std::move(out)};
    }

    Value members(std::uint64_t length, int depth) {
        if (depth > deepest) refuse("too deep");
        if (length > bytes_.size() - at_) refuse("ends too early");
        Value::Members out;
        for (std::uint64_t n = 0; n < length; ++n) {
            const Head key = head();
            if (key.major != text_string) refuse("a key that is not text");
            std::string name = text(key.argument);
            if (n > 0 && !before(out.back().first, name)) refuse("keys out of order");
            Value member = value(depth);
            out.emplace_back(std::move(name), std::move(member));
        }
        return {std::move(out)};
    }

    static bool before(const std::string& a, const std::string& b) {
        return a.size() < b.size() || (a.size() == b.size() && a < b);
    }

    ByteView bytes_;
    std::size_t at_ = 0;
    std::size_t values_ = 0;
};

}  // namespace

Result<Value> decode(ByteView bytes) {
    try {
        return Reader(bytes).document();
    } catch (const Broken& broken) {
        return Fault{"malformed", broken.what + " at byte " + std::to_string(broken.at)};
    }
}

const Value* Value::at(std::string_view path) const {
    const Value* here = this;
    while (here != nullptr && !path.empty()) {
        const std::size_t dot = path.find('.');
        const std::string_view name = path.substr(0, dot);
        path.remove_prefix(dot == std::string_view::npos ? path.size() : dot + 1);
        const auto* members = std::get_if<Members>(&here->is);
        here = nullptr;
        if (members == nullptr) break;
        for (const auto& [key, member] : *members) {
            if (key == name) here = &member;
        }
    }
    return here;
}

std::optional<std::int64_t> Value::integer(std::string_view path) const {
    const Value* found = at(path);
    const auto* integer = found != nullptr ? std::get_if<std::int64_t>(&found->is) : nullptr;
    return integer != nullptr ? std::optional(*integer) : std::nullopt;
}

std::optional<std::string> Value::text(std::string_view path) const {
    const Value* found = at(path);
    const auto* text = found != nullptr ? std::get_if<std::string>(&found->is) : nullptr;
    return text != nullptr ? std::optional(*text) : std::nullopt;
}

bool Value::flag(std::string_view path) const {
    const Value* found = at(path);
    const auto* flag = found != nullptr ? std::get_if<bool>(&found->is) : nullptr;
    return flag != nullptr && *flag;
}

const Bytes* Value::bytes(std::string_view path) const {
    const Value* found = at(path);
    return found != nullptr ? std::get_if<Bytes>(&found->is) : nullptr;
}

const Value::List& Value::list(std::string_view path) const {
    static const List none;
    const Value* found = at(path);
    const auto* list = found != nullptr ? std::get_if<List>(&found->is) : nullptr;
    return list != nullptr ? *list : none;
}

}  // namespace obol::audit
