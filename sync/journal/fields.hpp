#pragma once
// A struct is described once, by a function members(io, x) that names its members in order; a
// Writer makes a document of it and a Reader reads one, so that the two cannot drift apart.
//
//   io("name", x)         always there
//   io.sparse("name", x)  left out where x is empty, zero or unset; never there with that value
//   io.part / io.value / io.total   an Amount that is > 0 / >= 0 / of any size (sums)
//   io.check(condition, "name", "what")   what a reader refuses besides

#include <array>
#include <bitset>
#include <concepts>
#include <map>
#include <optional>
#include <type_traits>

#include "sync/core/time.hpp"
#include "sync/domain/zone.hpp"
#include "sync/journal/entry.hpp"

namespace obol::journal {

// How an enum is worded; specialised in documents.hpp.
template <class T>
struct Names;

// Moments lie within some 27 thousand years of 1970, which calendar arithmetic still covers.
inline constexpr std::int64_t farthest_ms = 880'000'000'000'000;

template <class Io, class T>
using Ref = std::conditional_t<Io::reads, T&, const T&>;

template <class T>
struct is_id : std::false_type {};
template <class Tag>
struct is_id<Id<Tag>> : std::true_type {};
template <class T>
struct is_optional : std::false_type {};
template <class T>
struct is_optional<std::optional<T>> : std::true_type {};
template <class T>
struct is_list : std::false_type {};
template <class T>
struct is_list<std::vector<T>> : std::true_type {};
template <class T>
struct is_bits : std::false_type {};
template <std::size_t N>
struct is_bits<std::bitset<N>> : std::true_type {};

// A map of whatever keys its owner thought of.
using Texts = std::map<std::string, std::string, std::less<>>;

class Writer {
public:
    static constexpr bool reads = false;

    template <class T>
    void operator()(std::string_view name, const T& x) {
        if constexpr (is_optional<T>::value) {
            if (x) put(name, doc(*x));
        } else {
            put(name, doc(x));
        }
    }
    template <class T>
    void sparse(std::string_view name, const T& x) {
        if (!(x == T{})) put(name, doc(x));
    }
    void part(std::string_view name, Amount x) { put(name, doc(x)); }
    void value(std::string_view name, Amount x) { put(name, doc(x)); }
    void total(std::string_view name, Amount x) { put(name, doc(x)); }
    void total(std::string_view name, std::optional<Amount> x) {
        if (x) put(name, doc(*x));
    }
    void check(bool, std::string_view, std::string_view) {}

    template <class T>
    static Value doc(const T& x) {
        if constexpr (is_id<T>::value) {
            return Value(x.text);
        } else if constexpr (std::same_as<T, bool> || std::same_as<T, std::int64_t> ||
                             std::same_as<T, int> || std::same_as<T, std::string> ||
                             std::same_as<T, Bytes>) {
            return Value(x);
        } else if constexpr (std::same_as<T, Amount>) {
            return Value(x.minor);
        } else if constexpr (std::same_as<T, Currency>) {
            return Value(x.code());
        } else if constexpr (std::same_as<T, Instant>) {
            return Value(to_millis(x));
        } else if constexpr (std::same_as<T, LocalDate>) {
            return Value(to_iso_date(x));
        } else if constexpr (std::is_enum_v<T>) {
            return Value(Names<T>::name(x));
        } else if constexpr (is_bits<T>::value) {
            return Value(static_cast<std::int64_t>(x.to_ulong()));
        } else if constexpr (is_list<T>::value) {
            Array items;
            items.reserve(x.size());
            for (const auto& item : x) items.push_back(doc(item));
            return Value(std::move(items));
        } else if constexpr (std::same_as<T, Texts>) {
            Map texts;
            for (const auto& [key, text] : x) texts.emplace(key, Value(text));
            return Value(std::move(texts));
        } else {
            Writer inner;
            members(inner, x);
            return Value(std::move(inner.map_));
        }
    }
    Map take() { return std::move(map_); }

private:
    void put(std::string_view name, Value value) {
        map_.emplace(std::string(name), std::move(value));
    }

    Map map_;
};

// The first thing that was wrong, and whether members that nobody asked for are wrong too.
struct Trouble {
    bool strict = true;
    bool any = false;
    std::string where, what;
};

// Where in the document a reader is; a chain on the stack that becomes a path only for a fault.
struct Spot {
    const Spot* up = nullptr;
    std::string_view name{};
    std::size_t index = 0;  // with an empty name
};
std::string path_of(const Spot* spot);

class Reader {
public:
    static constexpr bool reads = true;

    Reader(const Map& map, Trouble& trouble, const Spot* at)
        : map_(map), trouble_(trouble), at_(at) {}

    template <class T>
    void operator()(std::string_view name, T& x) {
        const Value* value = take(name);
        if constexpr (is_optional<T>::value) {
            if (value) read(*value, x.emplace(), {at_, name});
        } else {
            if (value)
                read(*value, x, {at_, name});
            else
                fail({at_, name}, "missing");
        }
    }
    template <class T>
    void sparse(std::string_view name, T& x) {
        const Value* value = take(name);
        x = T{};
        if (!value) return;
        read(*value, x, {at_, name});
        if (!trouble_.any && x == T{}) fail({at_, name}, "present though empty");
    }
    void part(std::string_view name, Amount& x) {
        (*this)(name, x);
        check(x.minor > 0, name, "not above zero");
    }
    void value(std::string_view name, Amount& x) {
        (*this)(name, x);
        check(x.minor >= 0, name, "below zero");
    }
    void total(std::string_view name, Amount& x) {
        (*this)(name, x.minor);
        check(x.minor > INT64_MIN, name, "too large");
    }
    void total(std::string_view name, std::optional<Amount>& x) {
        if (map_.contains(name)) total(name, x.emplace());
    }
    void check(bool holds, std::string_view name, std::string_view what) {
        if (!holds) fail({at_, name}, what);
    }

    // After the last member: nothing may be there that was not asked for.
    void end();

    template <class T>
    void read(const Value& value, T& x, const Spot& at) {
        if (trouble_.any) return;
        if constexpr (is_id<T>::value) {
            read_id(value, x.text, std::same_as<T, LineId>, at);
        } else if constexpr (std::same_as<T, Amount>) {
            read_integer(value, x.minor, -largest_amount, largest_amount, at);
        } else if constexpr (std::same_as<T, Instant>) {
            std::int64_t ms = 0;
            read_integer(value, ms, -farthest_ms, farthest_ms, at);
            x = from_millis(ms);
        } else if constexpr (std::same_as<T, int>) {
            std::int64_t i = 0;
            read_integer(value, i, INT32_MIN, INT32_MAX, at);
            x = static_cast<int>(i);
        } else if constexpr (std::same_as<T, std::int64_t>) {
            read_integer(value, x, INT64_MIN, INT64_MAX, at);
        } else if constexpr (std::is_enum_v<T>) {
            const std::string* text = value.text();
            const auto known = text ? Names<T>::parse(*text) : std::nullopt;
            if (known)
                x = *known;
            else
                fail(at, "not one of the known words");
        } else if constexpr (is_bits<T>::value) {
            std::int64_t bits = 0;
            read_integer(value, bits, 0, (std::int64_t{1} << x.size()) - 1, at);
            x = T(static_cast<unsigned long>(bits));
        } else if constexpr (is_list<T>::value) {
            read_list(value, x, at);
        } else {
            read_other(value, x, at);
        }
    }

private:
    // Plain values have functions of their own; everything else is a struct with members().
    void read_plain(const Value& value, bool& x, const Spot& at);
    void read_plain(const Value& value, std::string& x, const Spot& at);
    void read_plain(const Value& value, Bytes& x, const Spot& at);
    void read_plain(const Value& value, Currency& x, const Spot& at);
    void read_plain(const Value& value, LocalDate& x, const Spot& at);
    void read_plain(const Value& value, Texts& x, const Spot& at);
    void read_id(const Value& value, std::string& x, bool any_form, const Spot& at);
    void read_integer(const Value& value, std::int64_t& x, std::int64_t least, std::int64_t most,
                      const Spot& at);

    template <class T>
    void read_other(const Value& value, T& x, const Spot& at) {
        if constexpr (requires { read_plain(value, x, at); }) {
            read_plain(value, x, at);
        } else {
            const Map* map = value.map();
            if (!map) return fail(at, "not a map");
            Reader inner(*map, trouble_, &at);
            members(inner, x);
            inner.end();
        }
    }

    template <class T>
    void read_list(const Value& value, std::vector<T>& x, const Spot& at) {
        const Array* items = value.array();
        if (!items) return fail(at, "not a list");
        x.clear();
        for (std::size_t i = 0; i < items->size() && !trouble_.any; ++i) {
            read((*items)[i], x.emplace_back(), Spot{&at, {}, i});
        }
    }
    void read_list(const Value& value, Bytes& x, const Spot& at) { read_plain(value, x, at); }

    const Value* take(std::string_view name);
    void fail(const Spot& at, std::string_view what);

    const Map& map_;
    Trouble& trouble_;
    const Spot* at_;
    std::array<std::string_view, 24> taken_{};
    std::size_t count_ = 0;
};

template <class T>
Map write_map(const T& x) {
    Writer out;
    members(out, x);
    return out.take();
}

// Fault malformed_record with the path of the member.
template <class T>
Result<T> read_map(const Map& map, bool strict) {
    Trouble trouble;
    trouble.strict = strict;
    Reader in(map, trouble, nullptr);
    T x{};
    members(in, x);
    in.end();
    if (trouble.any) return Fault{"malformed_record", trouble.where + ": " + trouble.what};
    return x;
}

}  // namespace obol::journal
