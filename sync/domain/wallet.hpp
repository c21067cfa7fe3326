#pragma once

#include <map>
#include <optional>
#include <string>
#include <vector>

#include "sync/core/ids.hpp"
#include "sync/core/time.hpp"
#include "sync/domain/money.hpp"
#include "sync/domain/validity.hpp"

namespace obol {

enum class Pocket { commerce, business, personal };
std::string_view name_of(Pocket pocket);
std::optional<Pocket> pocket_named(std::string_view name);

// A balance as the venue knows it, and the part of it that the venue holds authority over.
struct Funds {
    Amount shown{};  // central balance as of the last page plus own entries
    Amount held{};
    Amount risked{};  // spent here without authority and not reported; told where an allowance is in force
    bool operator==(const Funds&) const = default;
};

// One credited amount in a commerce pocket. What it holds is not here: that is a balance.
struct Lot {
    LotId id;
    WalletId wallet;
    BusinessId business;
    PoolId pool;
    Currency currency;
    Span valid;           // spend-by
    Instant credited_at;
    std::string source;   // pass | top_up | import | award | transfer
    bool operator==(const Lot&) const = default;
};

struct Wallet {
    WalletId id;
    std::optional<ContactId> contact{};  // none: nameless
    std::string holder{};                // initials only at a venue: "M. G."
    Currency currency;
    VenueId home{};                      // empty: its money is placed at the centre
    std::optional<PassId> opened_by{};   // nameless: the pass whose code identifies it
    bool blocked = false;
    std::vector<std::string> segments{}; // of its contact: offers may be for some of them alone
    bool operator==(const Wallet&) const = default;
};

}  // namespace obol
