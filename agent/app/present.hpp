#pragma once
// A customer presents a code, perhaps with a PIN, or names a wallet. Everything of the first two groups
// of API.md's order of precedence is decided here, the same for all calls.

#include <optional>
#include <string>
#include <vector>

#include "agent/app/context.hpp"
#include "sync/wire/json.hpp"

namespace obol::agent {

enum class PinUse {
    ask,     // where one is required it must be right
    ignore,  // scans, activation, unlock: the PIN is not looked at
};

struct Presented {
    std::string code{};               // normalised; never leaves the process
    std::optional<PassRow> pass{};    // also when a reason of the PIN stands against it
    bool from_centre = false;         // the cache did not know it, the centre answered
    bool pin_right = false;           // or none is required: state, value … may show
    std::vector<Reason> reasons{};    // of groups 1 and 2; empty: go on to the rules
    std::optional<Fault> fault{};     // busy, or what the store said: no verdict was reached
    int retry_after_s = 0;            // with too_many_attempts
};
// The code that somebody typed or read out: as it stands where it is known or has a plan's form, else
// the one code that it reads as with look-alikes exchanged (read_as), if it is the only one.
std::string code_meant(Facts& facts, const BusinessId& business, const std::string& code);
// Throttled before any look-up. Wrong PINs are counted durably before they are compared.
awaitable<Presented> present_code(Context& context, Caller caller, std::string raw_code,
                                  std::optional<Secret> pin, PinUse use);

// Exactly one of {"id"} {"card"} {"phone"} {"email"} {"pass_code", "pin"?} {"new": true}.
struct WalletRef {
    enum class By { id, card, phone, email, pass_code, fresh };
    By by = By::id;
    std::string value{};
    std::optional<Secret> pin{};
};
// `may_be_new`: redeem, quote and purchase. Adds faults; the result is harmless after one.
WalletRef read_wallet_ref(const wire::Json& json, const std::string& pointer, wire::JsonFaults& faults,
                          bool may_be_new);

struct FoundWallet {
    std::optional<WalletRow> row{};  // none with By::fresh
    std::string code{};              // normalised, where a pass code named it
    std::vector<Reason> reasons{};   // wallet_unknown, pin_…; wallet_blocked is left to the rules
    std::optional<Fault> fault{};
    int retry_after_s = 0;
};
// Worded, if nothing may go on: the refusal or the fault.
std::optional<Answer> refused(const Presented& presented, const Caller& caller);
std::optional<Answer> refused(const FoundWallet& found, const Caller& caller);
// A nameless wallet opened by a pass with a PIN asks for that PIN here, however it was named.
awaitable<FoundWallet> find_wallet(Context& context, Caller caller, WalletRef ref);

// {"code", "pin"?}, as redeem and `passes` have it.
struct CodeAndPin {
    std::string code{};
    std::optional<Secret> pin{};
};
void read_code_and_pin(wire::ObjectReader& reader, CodeAndPin& into);

// A pass that is only known from the centre's answer, in the form that the cache would have it.
std::optional<PassRow> pass_row_from(Facts& facts, const journal::Map& body);
std::optional<WalletRow> wallet_row_from(const journal::Map& body);

}  // namespace obol::agent
