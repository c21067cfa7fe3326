#include "sync/journal/fields.hpp"

#include <algorithm>

#include "sync/core/ensure.hpp"

namespace obol::journal {

std::string path_of(const Spot* spot) {
    if (!spot) return {};
    std::string up = path_of(spot->up);
    if (spot->name.empty()) return up + "[" + std::to_string(spot->index) + "]";
    if (!up.empty()) up += '.';
    return up.append(spot->name);
}

const Value* Reader::take(std::string_view name) {
    const auto found = map_.find(name);
    if (found == map_.end()) return nullptr;
    ENSURE(count_ < taken_.size());
    taken_[count_++] = name;
    return &found->second;
}

void Reader::end() {
    if (trouble_.any || !trouble_.strict || count_ == map_.size()) return;
    for (const auto& [name, value] : map_) {
        if (std::find(taken_.begin(), taken_.begin() + count_, name) == taken_.begin() + count_) {
            return fail({at_, name}, "unknown member");
        }
    }
}

void Reader::fail(const Spot& at, std::string_view what) {
    if (trouble_.any) return;
    trouble_.any = true;
    trouble_.where = path_of(&at);
    trouble_.what = what;
}

void Reader::read_plain(const Value& value, bool& x, const Spot& at) {
    if (const bool* b = value.boolean())
        x = *b;
    else
        fail(at, "not a boolean");
}

void Reader::read_plain(const Value& value, std::string& x, const Spot& at) {
    if (const std::string* text = value.text())
        x = *text;
    else
        fail(at, "not a text");
}

void Reader::read_plain(const Value& value, Bytes& x, const Spot& at) {
    if (const Bytes* bytes = value.bytes())
        x = *bytes;
    else
        fail(at, "not bytes");
}

void Reader::read_plain(const Value& value, Currency& x, const Spot& at) {
    const std::string* code = value.text();
    if (!code) return fail(at, "not a text");
    if (*code == "XXX") {
        x = Currency::none();
        return;
    }
    const Result<Currency> currency = Currency::parse(*code);
    if (currency)
        x = *currency;
    else
        fail(at, "not a currency");
}

void Reader::read_plain(const Value& value, LocalDate& x, const Spot& at) {
    const std::string* text = value.text();
    const Result<LocalDate> date = text ? parse_iso_date(*text) : Fault{};
    if (date && to_iso_date(*date) == *text)
        x = *date;
    else
        fail(at, "not a date");
}

void Reader::read_plain(const Value& value, Texts& x, const Spot& at) {
    const Map* map = value.map();
    if (!map) return fail(at, "not a map");
    x.clear();
    for (const auto& [key, text] : *map) {
        if (!text.text()) return fail(at, "not texts alone");
        x.emplace(key, *text.text());
    }
}

// Ids become parts of account names, so a colon in one would let it pass for another account. The
// id of a basket's line is the till's own text and names no account.
void Reader::read_id(const Value& value, std::string& x, bool any_form, const Spot& at) {
    read_plain(value, x, at);
    if (!trouble_.any && !x.empty() && !any_form && !is_id_form(x)) fail(at, "not an id");
}

void Reader::read_integer(const Value& value, std::int64_t& x, std::int64_t least,
                          std::int64_t most, const Spot& at) {
    const std::int64_t* i = value.integer();
    if (!i) return fail(at, "not an integer");
    if (*i < least || *i > most) return fail(at, "out of range");
    x = *i;
}

}  // namespace obol::journal
