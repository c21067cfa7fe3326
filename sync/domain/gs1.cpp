#include "sync/domain/gs1.hpp"

#include <algorithm>
#include <array>

#include "sync/domain/typed.hpp"

namespace obol {
namespace {

Fault malformed(std::string_view why) { return {"gs1_malformed", std::string(why)}; }

bool is_digit(char c) { return c >= '0' && c <= '9'; }
bool all_digits(std::string_view text) { return !text.empty() && std::all_of(text.begin(), text.end(), is_digit); }

// Characters of values (table 7.11-1, and the space of 7.11-2 is none of them).
bool is_value_character(char c) {
    return c > ' ' && c <= 'z' && std::string_view("#$@[\\]^`").find(c) == std::string_view::npos;
}

// AIs `first` to `last` of so many digits: a value of `digits` digits, then `least` to `most` other characters.
struct Format {
    int first, last, ai_digits, digits, least = 0, most = 0;
    bool numeric = false;  // the others are digits, too
    bool key = false;      // the digits at the front end with their check digit
};

constexpr std::array formats{
    Format{0, 0, 2, 18, 0, 0, false, true},        // SSCC
    Format{1, 3, 2, 14, 0, 0, false, true},        // GTIN, contained, made to order
    Format{10, 10, 2, 0, 1, 20},                   // batch
    Format{11, 13, 2, 6}, Format{15, 17, 2, 6},    // dates
    Format{20, 20, 2, 2}, Format{21, 22, 2, 0, 1, 20},
    Format{235, 235, 3, 0, 1, 28}, Format{240, 241, 3, 0, 1, 30}, Format{242, 242, 3, 0, 1, 6, true},
    Format{243, 243, 3, 0, 1, 20}, Format{250, 251, 3, 0, 1, 30}, Format{253, 253, 3, 13, 0, 17, false, true},
    Format{254, 254, 3, 0, 1, 20}, Format{255, 255, 3, 13, 0, 12, true, true},
    Format{30, 30, 2, 0, 1, 8, true}, Format{37, 37, 2, 0, 1, 8, true},
    Format{3100, 3169, 4, 6}, Format{3200, 3379, 4, 6}, Format{3400, 3579, 4, 6}, Format{3600, 3699, 4, 6},
    Format{3900, 3909, 4, 0, 1, 15, true}, Format{3910, 3919, 4, 3, 1, 15, true},
    Format{3920, 3929, 4, 0, 1, 15, true}, Format{3930, 3939, 4, 3, 1, 15, true},
    Format{3940, 3949, 4, 4}, Format{3950, 3959, 4, 6},
    Format{400, 401, 3, 0, 1, 30}, Format{402, 402, 3, 17, 0, 0, false, true}, Format{403, 403, 3, 0, 1, 30},
    Format{410, 417, 3, 13, 0, 0, false, true},    // GLN
    Format{420, 420, 3, 0, 1, 20}, Format{421, 421, 3, 3, 1, 9}, Format{422, 422, 3, 3},
    Format{423, 423, 3, 3, 0, 12, true}, Format{424, 424, 3, 3}, Format{425, 425, 3, 3, 0, 12, true},
    Format{426, 426, 3, 3}, Format{427, 427, 3, 0, 1, 3},
    Format{4300, 4301, 4, 0, 1, 35}, Format{4302, 4306, 4, 0, 1, 70}, Format{4307, 4307, 4, 0, 2, 2},
    Format{4308, 4308, 4, 0, 1, 30}, Format{4309, 4309, 4, 20}, Format{4310, 4311, 4, 0, 1, 35},
    Format{4312, 4316, 4, 0, 1, 70}, Format{4317, 4317, 4, 0, 2, 2}, Format{4318, 4318, 4, 0, 1, 20},
    Format{4319, 4319, 4, 0, 1, 30}, Format{4320, 4320, 4, 0, 1, 35}, Format{4321, 4323, 4, 1},
    Format{4324, 4325, 4, 10}, Format{4326, 4326, 4, 6}, Format{4330, 4333, 4, 6, 0, 1},
    Format{7001, 7001, 4, 13}, Format{7002, 7002, 4, 0, 1, 30}, Format{7003, 7003, 4, 10},
    Format{7004, 7004, 4, 0, 1, 4, true}, Format{7005, 7005, 4, 0, 1, 12}, Format{7006, 7006, 4, 6},
    Format{7007, 7007, 4, 6, 0, 6, true}, Format{7008, 7008, 4, 0, 1, 3}, Format{7009, 7009, 4, 0, 1, 10},
    Format{7010, 7010, 4, 0, 1, 2}, Format{7011, 7011, 4, 6, 0, 4, true}, Format{7020, 7022, 4, 0, 1, 20},
    Format{7023, 7023, 4, 0, 1, 30}, Format{7030, 7039, 4, 3, 1, 27}, Format{7040, 7040, 4, 1, 3, 3},
    Format{7041, 7041, 4, 0, 1, 4}, Format{710, 717, 3, 0, 1, 20}, Format{7230, 7239, 4, 0, 3, 30},
    Format{7240, 7240, 4, 0, 1, 20}, Format{7241, 7241, 4, 2}, Format{7242, 7242, 4, 0, 1, 25},
    Format{7250, 7250, 4, 8}, Format{7251, 7251, 4, 12}, Format{7252, 7252, 4, 1}, Format{7253, 7254, 4, 0, 1, 40},
    Format{7255, 7255, 4, 0, 1, 10}, Format{7256, 7256, 4, 0, 1, 90}, Format{7257, 7257, 4, 0, 1, 70},
    Format{7258, 7258, 4, 0, 3, 3}, Format{7259, 7259, 4, 0, 1, 40},
    Format{8001, 8001, 4, 14}, Format{8002, 8002, 4, 0, 1, 20}, Format{8003, 8003, 4, 14, 0, 16, false, true},
    Format{8004, 8004, 4, 0, 1, 30}, Format{8005, 8005, 4, 6}, Format{8006, 8006, 4, 18},
    Format{8007, 8007, 4, 0, 1, 34}, Format{8008, 8008, 4, 8, 0, 4, true}, Format{8009, 8009, 4, 0, 1, 50},
    Format{8010, 8010, 4, 0, 1, 30}, Format{8011, 8011, 4, 0, 1, 12, true}, Format{8012, 8012, 4, 0, 1, 20},
    Format{8013, 8014, 4, 0, 1, 25}, Format{8017, 8018, 4, 18, 0, 0, false, true},
    Format{8019, 8019, 4, 0, 1, 10, true}, Format{8020, 8020, 4, 0, 1, 25}, Format{8026, 8026, 4, 18},
    Format{8030, 8030, 4, 0, 1, 90}, Format{8110, 8110, 4, 0, 1, 70}, Format{8111, 8111, 4, 4},
    Format{8112, 8112, 4, 0, 1, 70}, Format{8200, 8200, 4, 0, 1, 70},
    Format{90, 90, 2, 0, 1, 30}, Format{91, 99, 2, 0, 1, 90},
};

int number_of(std::string_view digits) {
    int out = 0;
    for (const char c : digits) out = out * 10 + (c - '0');
    return out;
}

// The AI at the front; no AI begins another one.
const Format* format_at(std::string_view text) {
    for (int width = 2; width <= 4; ++width) {
        const std::string_view ai = text.substr(0, static_cast<std::size_t>(width));
        if (ai.size() != static_cast<std::size_t>(width) || !all_digits(ai)) return nullptr;
        const int number = number_of(ai);
        const auto found = std::find_if(formats.begin(), formats.end(), [&](const Format& each) {
            return each.ai_digits == width && number >= each.first && number <= each.last;
        });
        if (found != formats.end()) return &*found;
    }
    return nullptr;
}

// Figure 7.8.5-2: AIs that begin so have a length of their own, with these two digits; 0: they need a separator.
std::size_t predefined_length(std::string_view ai) {
    const int front = number_of(ai.substr(0, 2));
    if (front == 0) return 20;
    if (front >= 1 && front <= 3) return 16;
    if (front == 4) return 18;
    if (front >= 11 && front <= 19) return 8;
    if (front == 20) return 4;
    if (front >= 31 && front <= 36) return 10;
    if (front == 41) return 16;
    return 0;
}

Result<void> check_value(const Format& format, std::string_view value) {
    const auto digits = static_cast<std::size_t>(format.digits);
    const auto least = digits + static_cast<std::size_t>(format.least), most = digits + static_cast<std::size_t>(format.most);
    if (value.size() < least || value.size() > most) return malformed("a value of the wrong length");
    if (digits > 0 && !all_digits(value.substr(0, digits))) return malformed("digits were expected");
    const std::string_view rest = value.substr(digits);
    if (format.numeric && !rest.empty() && !all_digits(rest)) return malformed("digits were expected");
    if (!std::all_of(rest.begin(), rest.end(), is_value_character)) return malformed("a character that no value has");
    if (format.key && !has_check_digit(value.substr(0, digits))) return malformed("the check digit is wrong");
    return {};
}

Result<Gs1Element> element_of(std::string_view ai, std::string_view value) {
    const Format* const format = format_at(ai);
    if (format == nullptr || ai.size() != static_cast<std::size_t>(format->ai_digits)) return malformed("no application identifier");
    if (const auto good = check_value(*format, value); !good) return good.error();
    return Gs1Element{std::string(ai), std::string(value)};
}

// "(01)0950…(10)AB": a value goes on until the next bracket that holds an AI.
Result<Gs1Elements> parse_brackets(std::string_view text) {
    Gs1Elements out;
    while (!text.empty()) {
        const std::size_t close = text.find(')');
        if (text.front() != '(' || close == std::string_view::npos) return malformed("brackets that do not match");
        const std::string_view ai = text.substr(1, close - 1);
        text.remove_prefix(close + 1);
        std::size_t end = text.find('(');
        const auto begins_another = [&text](std::size_t at) {
            const std::size_t shut = text.find(')', at);
            if (shut == std::string_view::npos) return false;
            const std::string_view inside = text.substr(at + 1, shut - at - 1);
            const Format* const format = format_at(inside);
            return format != nullptr && inside.size() == static_cast<std::size_t>(format->ai_digits);
        };
        while (end != std::string_view::npos && !begins_another(end)) end = text.find('(', end + 1);
        Result<Gs1Element> element = element_of(ai, text.substr(0, end));
        if (!element) return element.error();
        out.push_back(std::move(*element));
        text.remove_prefix(end == std::string_view::npos ? text.size() : end);
    }
    return out;
}

std::vector<std::string_view> split(std::string_view text, char mark) {
    std::vector<std::string_view> out;
    for (;;) {
        const std::size_t at = text.find(mark);
        out.push_back(text.substr(0, at));
        if (at == std::string_view::npos) return out;
        text.remove_prefix(at + 1);
    }
}

// In links a GTIN may have fewer digits.
Result<Gs1Element> element_in_link(std::string_view ai, std::string_view text) {
    std::optional<std::string> value = percent_decoded(text);
    if (!value) return malformed("a broken escape");
    if (const auto gtin = ai == "01" ? gtin_of(*value) : std::nullopt) value = gtin;
    return element_of(ai, *value);
}

}  // namespace

bool has_check_digit(std::string_view digits) {
    if (digits.size() < 8 || digits.size() > 18 || !all_digits(digits)) return false;
    int sum = 0, weight = 1;
    for (auto at = digits.rbegin(); at != digits.rend(); ++at, weight = 4 - weight) sum += (*at - '0') * weight;
    return sum % 10 == 0;
}

std::optional<std::string> gtin_of(std::string_view digits) {
    const std::size_t size = digits.size();
    if ((size != 8 && size != 12 && size != 13 && size != 14) || !has_check_digit(digits)) return std::nullopt;
    if (digits.find_first_not_of('0') == std::string_view::npos) return std::nullopt;  // a product of none
    return std::string(14 - size, '0') + std::string(digits);
}

std::optional<std::string> gtin_of_upc_e(std::string_view digits) {
    if (digits.size() != 8 || !all_digits(digits) || (digits[0] != '0' && digits[0] != '1')) return std::nullopt;
    const std::string_view body = digits.substr(1, 6);
    const char last = body[5];
    std::string whole(digits.substr(0, 1));
    if (last <= '2') {
        whole.append(body.substr(0, 2)).append(1, last).append("0000").append(body.substr(2, 3));
    } else if (last == '3') {
        whole.append(body.substr(0, 3)).append("00000").append(body.substr(3, 2));
    } else if (last == '4') {
        whole.append(body.substr(0, 4)).append("00000").append(body.substr(4, 1));
    } else {
        whole.append(body.substr(0, 5)).append("0000").append(1, last);
    }
    return gtin_of(whole.append(digits.substr(7)));
}

std::optional<std::string> gtin_among(const Gs1Elements& elements) {
    for (const std::string_view ai : {"01", "02"}) {
        const auto found = std::find_if(elements.begin(), elements.end(), [ai](const Gs1Element& each) { return each.ai == ai; });
        if (found != elements.end()) return gtin_of(found->value);
    }
    return std::nullopt;
}

std::vector<std::string> gtin_forms(std::string_view gtin) {
    std::vector<std::string> out;
    for (const std::size_t size : {std::size_t{14}, std::size_t{13}, std::size_t{12}, std::size_t{8}}) {
        const std::string_view zeros = gtin.substr(0, gtin.size() - size);
        if (zeros.find_first_not_of('0') != std::string_view::npos) break;
        out.emplace_back(gtin.substr(gtin.size() - size));
    }
    return out;
}

Result<Gs1Elements> parse_gs1(std::string_view text) {
    if (text.starts_with('(')) return parse_brackets(text);
    if (text.starts_with(group_separator)) text.remove_prefix(1);
    Gs1Elements out;
    while (!text.empty()) {
        const Format* const format = format_at(text);
        if (format == nullptr) return malformed("no application identifier");
        const std::string_view ai = text.substr(0, static_cast<std::size_t>(format->ai_digits));
        const std::size_t separator = std::min(text.find(group_separator), text.size());
        const std::size_t predefined = predefined_length(ai);
        const std::size_t end = predefined != 0 ? std::min(predefined, separator) : separator;
        Result<Gs1Element> element = element_of(ai, text.substr(ai.size(), end - ai.size()));
        if (!element) return element.error();
        out.push_back(std::move(*element));
        text.remove_prefix(end);
        if (text.starts_with(group_separator)) text.remove_prefix(1);
    }
    if (out.empty()) return malformed("nothing");
    return out;
}

Result<Gs1Elements> parse_digital_link(std::string_view url) {
    url = url.substr(0, url.find('#'));
    const std::string_view before = url.substr(0, url.find('?'));
    // Another address may stand in the query; it begins nothing here.
    const std::size_t scheme = before.find("://");
    if (scheme == std::string_view::npos) return malformed("no web address");
    const std::string_view query = before.size() == url.size() ? std::string_view{} : url.substr(before.size() + 1);
    const std::vector<std::string_view> path = split(before.substr(scheme + 3), '/');
    // What stands before the product's key is the resolver's own business.
    std::size_t at = 1;
    while (at + 1 < path.size() && !(path[at] == "01" && element_in_link("01", path[at + 1]))) ++at;
    Gs1Elements out;
    for (; at + 1 < path.size(); at += 2) {
        Result<Gs1Element> element = element_in_link(path[at], path[at + 1]);
        if (!element) return element.error();
        out.push_back(std::move(*element));
    }
    if (out.empty()) return malformed("no product in the address");
    for (const std::string_view pair : split(query, '&')) {
        const std::size_t equals = pair.find('=');
        if (equals == std::string_view::npos || !all_digits(pair.substr(0, equals))) continue;  // the resolver's
        Result<Gs1Element> element = element_in_link(pair.substr(0, equals), pair.substr(equals + 1));
        if (!element) return element.error();
        out.push_back(std::move(*element));
    }
    return out;
}

}  // namespace obol
