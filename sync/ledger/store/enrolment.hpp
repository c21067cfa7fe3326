#pragma once
// How a device becomes a holder: a one-time token of its venue and a certificate request, once, within
// fifteen minutes; and how its certificate is renewed. In the caller's transaction.

#include <string>
#include <string_view>

#include "sync/core/secret.hpp"
#include "sync/ledger/store/books.hpp"
#include "sync/ledger/store/holders.hpp"
#include "sync/ledger/store/secrets.hpp"

namespace obol::ledger {

inline constexpr Millis enrolment_lifetime{15 * 60 * 1000};
inline constexpr int most_enrolment_failures = 5;

struct EnrolmentToken {
    Secret token;  // "ID.SECRET": a wrong secret counts against the token that it claims to be
    Instant expires_at;
};
// Fault venue_unknown.
Result<EnrolmentToken> make_enrolment_token(Books& books, const VenueId& venue, Instant now, Random& random);

inline constexpr Millis default_device_life{std::int64_t{90} * 24 * 3600 * 1000};
// So long after its end a certificate still serves to ask for the next one, and for nothing else.
inline constexpr Millis renewable_after_end{std::int64_t{60} * 24 * 3600 * 1000};

struct Authority {  // our own CA
    const crypto::SigningKey& key;
    std::string certificate;  // PEM
    std::string sync_url;     // where enrolled devices find the ledger
    std::string cas{};        // PEM: all that devices have to believe, the one behind the server's own first
    Millis device_life = default_device_life;
};

// Faults: token_refused (unknown, wrong, used, expired or locked: the answer does not say which),
// csr_malformed, device_known (the key has a history; a device enrols anew under a new key).
// A fault has effects too, which count and raise the alarm: the caller commits either way.
Result<wire::Enrolled> enrol(Books& books, const SecretKeys& keys, const Authority& authority,
                             const wire::Enrol& request, Instant now, Random& random);

// A new certificate for the key that the holder has. One asked for again while its last one is young gets that
// one again: its answer was lost. Faults: forbidden (revoked), csr_malformed (or of another key).
Result<wire::Renewed> renew(Books& books, const Authority& authority, const HolderRow& holder,
                            const wire::Renew& request, Instant now, Random& random);

}  // namespace obol::ledger
