#pragma once
// Terminals, tokens, pairing codes and sessions. Tokens and codes are kept as digests; each is shown
// once, by the answer that made it.

#include "agent/app/context.hpp"
#include "agent/app/throttle.hpp"
#include "sync/core/secret.hpp"

namespace obol::agent {

inline constexpr Millis pairing_lifetime = std::chrono::minutes(10);
inline constexpr Millis session_lifetime = std::chrono::hours(8);
inline constexpr ThrottleLimits pairing_limits{10, 30, Millis{60'000}};

// 256 random bits; what the store keeps is their SHA-256.
Secret make_token(Random& random);
Bytes token_hash(std::string_view token);
// Adds the terminal if it is new, and a token for it.
Secret grant_token(WriteTxn& txn, Random& random, const std::string& terminal, Role role,
                   std::optional<Instant> expires);

// Newest last; `after` is the id of the last item seen.
Answer list_terminals(Context& context, const std::string& after, std::size_t limit);
awaitable<Answer> add_terminal(Context& context, Caller caller, Idempotency once, std::string id, std::string name);
awaitable<Answer> make_pairing_code(Context& context, Caller caller, Idempotency once, std::string terminal, Role role);
// For a program: good until it is revoked, and shown this once. Not a manager's: people pair by a code.
awaitable<Answer> issue_token(Context& context, Caller caller, Idempotency once, std::string terminal, Role role);
// `throttle` counts wrong pairing codes of this peer.
awaitable<Answer> open_session(Context& context, Throttle& throttle, Caller caller, std::string peer,
                               Secret pairing_code);
Answer list_tokens(Context& context, const std::string& after, std::size_t limit);
awaitable<Answer> revoke_token(Context& context, Caller caller, Idempotency once, std::string id);

}  // namespace obol::agent
