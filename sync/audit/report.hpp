#pragma once
// What was found, said one line each: a stable code, the table, the row, and where it applies the
// column with what it should say and what it says.

#include <cstdint>
#include <iosfwd>
#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <utility>
#include <variant>
#include <vector>

namespace obol::audit {

using Cell = std::variant<std::int64_t, std::string>;

struct Finding {
    std::string code, table;
    std::vector<std::pair<std::string, Cell>> parts;

    Finding(std::string_view the_code, std::string_view the_table)
        : code(the_code), table(the_table) {}
    Finding& with(std::string_view key, std::int64_t value) & { return put(key, Cell{value}); }
    Finding& with(std::string_view key, std::string_view value) & {
        return put(key, Cell{std::string(value)});
    }
    Finding&& with(std::string_view key, std::int64_t value) && {
        return std::move(put(key, Cell{value}));
    }
    Finding&& with(std::string_view key, std::string_view value) && {
        return std::move(put(key, Cell{std::string(value)}));
    }
    // A column that should say `wanted` and says `met`.
    template <class A, class B>
    Finding&& differs(std::string_view column, const A& wanted, const B& met) && {
        with("column", column);
        with("wanted", wanted);
        with("met", met);
        return std::move(*this);
    }

private:
    Finding& put(std::string_view key, Cell value) {
        parts.emplace_back(std::string(key), std::move(value));
        return *this;
    }
};

// Of one file. Findings are said as they are found, so that a hopeless file takes no memory.
class Report {
public:
    Report(std::ostream& out, bool json, std::string file)
        : out_(out), json_(json), file_(std::move(file)) {}

    void find(const Finding& finding);
    // Not a fault, but to be known: what could not be checked, and why.
    void note(std::string_view text);
    // "agent journal NIC1: 123 entries, 456 postings, no findings"
    void finish(std::string_view what,
                const std::vector<std::pair<std::string, std::int64_t>>& counts);
    std::int64_t findings() const { return findings_; }

private:
    std::ostream& out_;
    bool json_;
    std::string file_;
    std::int64_t findings_ = 0;
};

// "none" for NULL and for what is absent.
inline std::string or_none(const std::optional<std::string>& text) { return text.value_or("none"); }

}  // namespace obol::audit
