#pragma once
// Private to this folder: members of the documents in the fact cache, read leniently. What is written
// there was checked when it came (fact_cache.cpp).

#include <optional>
#include <string>
#include <string_view>

#include "agent/store/facts.hpp"

namespace obol::agent::documents {

std::string text(const journal::Map& body, std::string_view key);  // empty: missing or null
std::optional<std::int64_t> integer(const journal::Map& body, std::string_view key);
bool flag(const journal::Map& body, std::string_view key);
std::optional<Instant> instant(const journal::Map& body, std::string_view key);

// The cached body, which must be a map: anything else is damage.
journal::Map map_of(ByteView stored);

// nullopt: a member is missing or of the wrong kind.
std::optional<Business> business(const journal::Map& body);
std::optional<Venue> venue(const journal::Map& body);
std::optional<Product> product(const journal::Map& body);
struct PassBody {
    Pass pass;
    std::string pin_verifier;
    bool pin_locked = false;
    int wrong_pins = 0;  // counted at the centre
};
std::optional<PassBody> pass(const journal::Map& body);
struct WalletBody {
    Wallet wallet;
    std::string pin_verifier;
    bool pin_locked = false;
};
// The cached form: {"wallet": to_value(Wallet), "pin_verifier", "pin_locked"}.
std::optional<WalletBody> wallet(const journal::Map& body);

}  // namespace obol::agent::documents
