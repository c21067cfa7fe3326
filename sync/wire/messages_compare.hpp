#pragma once
// Reconciliation: what device and ledger each hold of the same rows.
//
//   POST /sync/v1/compare   CompareAsk → CompareAnswer
//
// The device walks its rows by subject, in slices; of each it first sends the digest alone, and the
// rows only where that differs. Which rows differ is then said by name. Nothing here moves money.

#include "sync/wire/messages.hpp"

namespace obol::wire {

enum class Compared { held, balances };
std::string_view name_of(Compared what);

struct CompareAsk {
    std::int64_t generation = 0;
    journal::Head head;       // of the device's chain, as the rows were read
    std::int64_t cursor = 0;  // of its feed, the same
    Compared what = Compared::held;
    Subject after{};  // the slice begins behind it; empty: with the first row
    Subject until{};  // and ends with it; empty: with the last
    journal::Hash digest{};
    // Held: what the chain says. Balances: the centre's value as the last page told it. Zero is not told.
    std::optional<std::vector<Balance>> rows{};
    bool operator==(const CompareAsk&) const = default;
};
inline constexpr std::size_t most_rows_a_slice = 1000;

// One row of which the two ends disagree.
struct Difference {
    Subject subject;
    Amount device{}, ledger{};
    Currency currency;
    bool operator==(const Difference&) const = default;
};

// moved: the two do not look at the same moment; ask again when all is pushed. different without
// rows in the ask: send them. Subjects that are still on their way in the feed are left out.
enum class Comparison { same, different, moved };
std::string_view name_of(Comparison state);

struct CompareAnswer {
    Comparison state = Comparison::same;
    std::vector<Difference> differences{};
    bool operator==(const CompareAnswer&) const = default;
};

// Over the rows in the order of their subjects; both ends compute it.
journal::Hash digest_of(const std::vector<Balance>& rows);

std::string encode(const CompareAsk&);
std::string encode(const CompareAnswer&);
template <>
Result<CompareAsk> decode<CompareAsk>(std::string_view json);
template <>
Result<CompareAnswer> decode<CompareAnswer>(std::string_view json);

}  // namespace obol::wire
