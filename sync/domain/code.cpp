#include "sync/domain/code.hpp"

#include <algorithm>
#include <array>
#include <cmath>

#include "sync/core/ensure.hpp"
#include "sync/domain/typed.hpp"

namespace obol {
namespace {

constexpr std::size_t longest_scan = 4096;  // the most a QR code holds is 2,953 bytes
constexpr std::size_t longest_code = 64;

Fault malformed() { return {"code_malformed", "not the text of a code"}; }

bool is_digit(char c) { return c >= '0' && c <= '9'; }
bool is_upper(char c) { return c >= 'A' && c <= 'Z'; }
bool is_lower(char c) { return c >= 'a' && c <= 'z'; }
char upper(char c) { return is_lower(c) ? static_cast<char>(c - 'a' + 'A') : c; }

bool in_alphabet(char c, Alphabet alphabet) {
    switch (alphabet) {
        case Alphabet::numeric:
            return is_digit(c);
        case Alphabet::alphabetic:
            return is_upper(c);
        case Alphabet::alphanumeric:
            return is_digit(c) || is_upper(c);
    }
    ENSURE(false);
}

std::string_view generated_from(Alphabet alphabet) {
    switch (alphabet) {
        case Alphabet::numeric:
            return "0123456789";
        case Alphabet::alphabetic:
            return "ABCDEFGHJKMNPQRSTUVWXYZ";
        case Alphabet::alphanumeric:
            return "23456789ABCDEFGHJKMNPQRSTUVWXYZ";
    }
    ENSURE(false);
}

// The value of this key in a query; keys compare without case. A plus in a query is a space.
std::string query_value(std::string_view query, std::string_view key) {
    while (!query.empty()) {
        const std::string_view pair = query.substr(0, query.find('&'));
        query.remove_prefix(std::min(query.size(), pair.size() + 1));
        const std::size_t equals = pair.find('=');
        if (equals == std::string_view::npos || equals != key.size()) continue;
        const auto same = [](char a, char b) { return upper(a) == upper(b); };
        if (!std::equal(key.begin(), key.end(), pair.begin(), same)) continue;
        std::string value{pair.substr(equals + 1)};
        std::erase(value, '+');
        return value;
    }
    return {};
}

std::string last_segment(std::string_view path) {
    while (path.ends_with('/')) path.remove_suffix(1);
    const std::size_t slash = path.rfind('/');
    // The first part is the host; it is never a code.
    return slash == std::string_view::npos ? std::string{} : std::string{path.substr(slash + 1)};
}

bool is_url(std::string_view text) { return text.find_first_of("/?#") != std::string_view::npos; }

// What stands before and behind the first such mark.
std::pair<std::string_view, std::string_view> cut(std::string_view text, char mark) {
    const std::size_t at = text.find(mark);
    if (at == std::string_view::npos) return {text, {}};
    return {text.substr(0, at), text.substr(at + 1)};
}

std::optional<std::string> code_in_url(std::string_view url) {
    if (const std::size_t scheme = url.find("://"); scheme != std::string_view::npos) {
        url.remove_prefix(scheme + 3);
    }
    const auto [before, fragment] = cut(url, '#');
    const auto [path, query] = cut(before, '?');

    std::string found = query_value(query, "code");
    if (found.empty()) found = query_value(query, "c");
    if (found.empty()) found = query_value(fragment, "code");
    if (found.empty()) found = query_value(fragment, "c");
    if (found.empty()) found = last_segment(path);
    if (found.empty()) found = fragment;
    const auto decoded = percent_decoded(found);
    return decoded ? fold_typed(*decoded) : std::nullopt;
}

// A prefix or suffix as it stands in a normalised code.
std::string affix(std::string_view text) {
    std::string out;
    for (const char c : text) {
        if (in_alphabet(upper(c), Alphabet::alphanumeric)) out += upper(c);
    }
    return out;
}

bool is_affix(std::string_view text) {
    return std::all_of(text.begin(), text.end(), [](char c) {
        return c == '-' || c == ' ' || in_alphabet(upper(c), Alphabet::alphanumeric);
    });
}

// What may stand at one place of a code: one character, or any of the alphabet.
struct CodePlace {
    char fixed = 0;
    Alphabet any{};
};

std::vector<CodePlace> places_of(const CodeFormat& format) {
    std::vector<CodePlace> places;
    for (const char c : affix(format.prefix)) places.push_back({.fixed = c});
    for (int i = 0; i < format.length; ++i) places.push_back({.any = format.alphabet});
    for (const char c : affix(format.suffix)) places.push_back({.fixed = c});
    return places;
}

bool have_one_in_common(const CodePlace& a, const CodePlace& b) {
    if (a.fixed && b.fixed) return a.fixed == b.fixed;
    if (a.fixed) return in_alphabet(a.fixed, b.any);
    if (b.fixed) return in_alphabet(b.fixed, a.any);
    const bool mixed = a.any == Alphabet::alphanumeric || b.any == Alphabet::alphanumeric;
    return mixed || a.any == b.any;
}

char digit_like(char c) {
    switch (c) {
        case 'O':
            return '0';
        case 'I':
        case 'L':
            return '1';
        case 'Z':
            return '2';
        case 'S':
            return '5';
        case 'B':
            return '8';
        default:
            return c;
    }
}

char letter_like(char c) {
    switch (c) {
        case '0':
            return 'O';
        case '2':
            return 'Z';
        case '5':
            return 'S';
        case '8':
            return 'B';
        default:
            return c;
    }
}

// The character of this place that `c` is or looks like; 0: none.
char read_at(const CodePlace& place, char c) {
    if (place.fixed) return digit_like(c) == digit_like(place.fixed) ? place.fixed : '\0';
    for (const char meant : {c, digit_like(c), letter_like(c)}) {
        if (in_alphabet(meant, place.any)) return meant;
    }
    return 0;
}

}  // namespace

std::string_view name_of(Alphabet alphabet) {
    switch (alphabet) {
        case Alphabet::numeric:
            return "numeric";
        case Alphabet::alphabetic:
            return "alphabetic";
        case Alphabet::alphanumeric:
            return "alphanumeric";
    }
    ENSURE(false);
}

std::optional<Alphabet> alphabet_named(std::string_view name) {
    for (const Alphabet each : {Alphabet::numeric, Alphabet::alphabetic, Alphabet::alphanumeric}) {
        if (name_of(each) == name) return each;
    }
    return std::nullopt;
}

Result<CodeFormat> check_code_format(CodeFormat format) {
    if (format.length < shortest_random_part || format.length > longest_random_part) {
        return Fault{"code_format_malformed", "length must be 7 to 16"};
    }
    if (!is_affix(format.prefix) || !is_affix(format.suffix)) {
        return Fault{"code_format_malformed",
                     "prefix and suffix take letters, digits and dashes only"};
    }
    format.prefix = affix(format.prefix);
    format.suffix = affix(format.suffix);
    const std::size_t total =
        format.prefix.size() + format.suffix.size() + static_cast<std::size_t>(format.length);
    if (total > longest_code) {
        return Fault{"code_format_malformed", "a whole code has at most 64 characters"};
    }
    return format;
}

Result<std::string> normalise_code(std::string_view raw) {
    if (raw.size() > longest_scan) return malformed();
    const auto folded = fold_typed(raw);
    if (!folded) return malformed();
    std::string code{*folded};
    if (const auto aim = aim_identifier(code)) code.erase(0, aim->size() + 1);
    if (is_url(code)) {
        auto inner = code_in_url(code);
        if (!inner) return malformed();
        code = *std::move(inner);
    }
    std::erase(code, '-');
    std::transform(code.begin(), code.end(), code.begin(), upper);

    const bool good = std::all_of(code.begin(), code.end(),
                                  [](char c) { return in_alphabet(c, Alphabet::alphanumeric); });
    if (!good || code.empty() || code.size() > longest_code) return malformed();
    return code;
}

bool has_form(std::string_view normalised, const CodeFormat& format) {
    const std::string prefix = affix(format.prefix);
    const std::string suffix = affix(format.suffix);
    if (normalised.size() !=
        prefix.size() + suffix.size() + static_cast<std::size_t>(format.length)) {
        return false;
    }
    if (!normalised.starts_with(prefix) || !normalised.ends_with(suffix)) return false;
    // Imported codes may hold the look-alikes that ours leave out.
    const std::string_view random =
        normalised.substr(prefix.size(), static_cast<std::size_t>(format.length));
    return std::all_of(random.begin(), random.end(),
                       [&](char c) { return in_alphabet(c, format.alphabet); });
}

std::optional<std::string> read_as(std::string_view normalised, const CodeFormat& format) {
    const std::vector<CodePlace> places = places_of(format);
    if (normalised.size() != places.size()) return std::nullopt;
    std::string meant;
    for (std::size_t i = 0; i < places.size(); ++i) {
        const char c = read_at(places[i], normalised[i]);
        if (!c) return std::nullopt;
        meant += c;
    }
    return meant;
}

bool forms_meet(const CodeFormat& a, const CodeFormat& b) {
    const std::vector<CodePlace> one = places_of(a), other = places_of(b);
    return one.size() == other.size() &&
           std::equal(one.begin(), one.end(), other.begin(), have_one_in_common);
}

bool has_room_for(const CodeFormat& format, std::int64_t passes) {
    const double codes = std::exp2(entropy_bits(format));
    // A code of seven digits has exactly ten million; the logarithm misses that by a rounding.
    return static_cast<double>(passes) * codes_a_pass <= codes * (1 + 1e-9);
}

double entropy_bits(const CodeFormat& format) {
    return std::log2(static_cast<double>(generated_from(format.alphabet).size())) * format.length;
}

std::string generate_code(const CodeFormat& format, Random& random) {
    const std::string_view characters = generated_from(format.alphabet);
    std::string code = affix(format.prefix);
    for (int i = 0; i < format.length; ++i) {
        code += characters[uniform(random, static_cast<std::uint32_t>(characters.size()))];
    }
    return code + affix(format.suffix);
}

std::string generate_pin(int digits, Random& random) {
    ENSURE(digits >= static_cast<int>(shortest_pin) && digits <= static_cast<int>(longest_pin));
    std::string pin;
    for (int i = 0; i < digits; ++i) pin += static_cast<char>('0' + uniform(random, 10));
    return pin;
}

Result<std::string> check_pin_form(std::string_view pin) {
    const bool good = pin.size() >= shortest_pin && pin.size() <= longest_pin &&
                      std::all_of(pin.begin(), pin.end(), is_digit);
    if (!good) return Fault{"pin_malformed", "a PIN is 4 to 8 digits"};
    return std::string{pin};
}

std::string display_of(std::string_view normalised) {
    // Of a code so short that four characters would give it away, half at most.
    const std::size_t shown = std::min<std::size_t>(4, normalised.size() / 2);
    return "...." + std::string{normalised.substr(normalised.size() - shown)};
}

}  // namespace obol
