#pragma once
// Passes come into being here: by import, by the admin API and by a till that sells an electronic
// one. Everything runs in the caller's transaction.

#include <optional>
#include <string>
#include <string_view>

#include "sync/core/secret.hpp"
#include "sync/domain/pass.hpp"
#include "sync/ledger/store/books.hpp"
#include "sync/ledger/store/secrets.hpp"

namespace obol::ledger {

// A pass as it is to be written; `code` is normalised already.
struct NewPass {
    PassId id;
    Plan plan;
    Secret code;
    std::optional<Secret> pin{};
    PassState state = PassState::active;
    Amount value{};
    std::optional<Instant> redeem_by{};
    VenueId venue{};             // where it is placed; empty: stays at the centre
    std::optional<ContactId> contact{};  // whom it is for
    std::string from_account{};  // who gives the money: "issue:BUSINESS", "tender:cash:VENUE"
    std::string source{};        // of the transfer
};

// The same pass gets the same id in every import. Derived under a key, so that an id, which venues
// see of every pass, does not help to guess its code.
PassId derived_pass_id(const SecretKeys& keys, const PlanId& plan,
                       std::string_view normalised_code);
bool code_taken(Books& books, const SecretKeys& keys, std::string_view normalised_code);

// Fact, secrets and money: an active or blocked pass has its value at the centre, a draft the right
// to be sold, any other state nothing. Fault code_taken.
Result<void> add_pass(Books& books, const SecretKeys& keys, const NewPass& pass, Instant now,
                      Random& random);

struct IssueOrder {
    PlanId plan;
    std::optional<Amount> value{};  // where the plan's value varies
    VenueId venue{};
    std::optional<ContactId> contact{};
    std::string source;
    std::string from_account{};  // empty: "issue:BUSINESS"
};
struct IssuedPass {
    PassId id;
    Secret code;
    std::optional<Secret> pin{};
    Money value;
    PassState state = PassState::active;
    std::optional<Instant> redeem_by{};
};
// A code from the CSPRNG in the plan's format, unique after normalisation. A printed plan that is
// sold gives a draft, every other plan an active pass with its money. All or, with a fault, what the
// caller rolls back. A plan in draft becomes active with its first pass; only one with a number of
// passes has to be activated, because that makes them. Fault plan_unknown | plan_draft | below_minimum
// | above_maximum | codes_exhausted | plan_complete.
Result<std::vector<IssuedPass>> issue_passes(Books& books, const SecretKeys& keys,
                                             const IssueOrder& order, std::int64_t count,
                                             Instant now, Random& random);
Result<IssuedPass> issue_pass(Books& books, const SecretKeys& keys, const IssueOrder& order,
                              Instant now, Random& random);

// --- what the ledger keeps of a pass
// ---------------------------------------------------------------
struct PassSecrets {
    PassId pass{};
    std::string pin_verifier{};  // empty: no PIN
    int wrong_pins = 0;
    bool pin_locked = false;
    std::optional<ContactId> contact{};
    Fields fields{};  // its own, over the plan's
};
// The fact's body (sync/wire/messages.hpp): digest and verifier only where the plan is usable offline.
journal::Map pass_document(const Pass& pass, const Plan& plan, std::string_view normalised_code,
                           const PassSecrets& secrets);
std::optional<Pass> pass_from(const journal::Map& document);
void set_fields(Books& books, const PassId& pass, const Fields& fields);

Result<Secret> code_of(Books& books, const SecretKeys& keys, const PassId& pass);  // it exists
std::optional<PassSecrets> secrets_of(Books& books, const PassId& pass);
std::optional<PassSecrets> secrets_by_digest(Books& books, const SecretKeys& keys, ByteView digest);

}  // namespace obol::ledger
