#include "sync/ledger/store/enrolment.hpp"

#include <algorithm>

#include "sync/core/ensure.hpp"
#include "sync/ledger/store/device_facts.hpp"
#include "sync/ledger/store/registrar.hpp"

namespace obol::ledger {

namespace {

struct TokenRow {
    std::string id;
    Bytes hash;
    VenueId venue;
    Instant expires;
    bool used = false;
    int failures = 0;
};

std::optional<TokenRow> token_row(Books& books, std::string_view id) {
    std::optional<TokenRow> found;
    books.db().each(
        "SELECT id, hash, venue, expires, used IS NOT NULL, failures FROM enrolment_token WHERE id = ?",
        [&](sql::Statement& row) {
            found = TokenRow{.id = row.text(0),
                             .hash = row.blob(1),
                             .venue = VenueId{row.text(2)},
                             .expires = from_millis(row.integer(3)),
                             .used = row.integer(4) != 0,
                             .failures = static_cast<int>(row.integer(5))};
        },
        id);
    return found;
}

Fault refused() {
    return {"token_refused", "the enrolment token is not valid; make a new one for this venue"};
}

// Somebody has a real token that should be dead, or tries to guess one: a person has to know.
void alarm(Books& books, const TokenRow& token, std::string_view why, Instant now, Random& random) {
    books.raise("enrolment_refused", "token of venue " + token.venue.text + ": " + std::string(why),
                "admin", "", std::nullopt, std::nullopt, now, random);
}

// The venue's token, if this is it and it may be used.
Result<TokenRow> redeem_token(Books& books, const Secret& given, Instant now, Random& random) {
    const std::string& text = given.reveal();
    const std::size_t dot = text.find('.');
    if (dot == std::string::npos) return refused();
    auto token = token_row(books, std::string_view(text).substr(0, dot));
    if (!token) return refused();
    const auto hash = crypto::sha256(as_bytes(std::string_view(text).substr(dot + 1)));

    if (token->failures >= most_enrolment_failures) return refused();
    if (!equal_constant_time(hash, token->hash)) {
        books.db().run("UPDATE enrolment_token SET failures = failures + 1 WHERE id = ?", token->id);
        if (token->failures + 1 == most_enrolment_failures) {
            alarm(books, *token, "locked after wrong tries", now, random);
        }
        return refused();
    }
    if (token->used || now >= token->expires) {
        alarm(books, *token, token->used ? "used a second time" : "used after its end", now, random);
        return refused();
    }
    return *token;
}

// "NIC1": short enough for a receipt, and never given twice.
std::string free_name(Books& books, const VenueId& venue) {
    std::string stem;
    for (const char c : venue.text) {
        const bool lower = c >= 'a' && c <= 'z';
        const bool good = lower || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9');
        if (good && stem.size() < 3) stem += lower ? static_cast<char>(c - 'a' + 'A') : c;
    }
    if (stem.empty()) stem = "V";
    for (int number = 1;; ++number) {
        std::string name = stem + std::to_string(number);
        if (!books.db().value<std::int64_t>("SELECT 1 FROM holder WHERE name = ?", name)) return name;
    }
}

std::string issue(const Authority& authority, ByteView public_key, const HolderRow& holder, Instant now,
                  Random& random) {
    const crypto::Subjects subjects{.common_name = holder.h.text,
                                    .venue = holder.venue.text,
                                    .business = holder.business.text};
    // None outlives the CA that signs it.
    const Instant ca_ends = crypto::life_of(authority.certificate).value().to;
    const Millis life = std::min(authority.device_life, std::chrono::duration_cast<Millis>(ca_ends - now));
    return crypto::issue_certificate(authority.key, authority.certificate, public_key, subjects, false,
                                     now, life, random);
}

// What was issued to whom, beside the one that counts in the holder's row.
void note_issue(Books& books, const HolderRow& holder, const std::string& certificate, Instant now) {
    const crypto::Identity made = crypto::read_identity(certificate).value();
    books.db().run("INSERT INTO certificate (h, serial, issued_at, not_after) VALUES (?, ?, ?, ?)", holder.h.text,
                   made.serial, to_millis(now), to_millis(made.not_after));
}

const std::string& believed(const Authority& authority) {
    return authority.cas.empty() ? authority.certificate : authority.cas;
}

void insert(Books& books, const HolderRow& holder, ByteView sealed_cache_key, Instant now) {
    books.db().run(
        "INSERT INTO holder (h, venue, business, name, public_key, certificate, cache_key_sealed, "
        "head_hash, enrolled_at) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)",
        holder.h.text, holder.venue.text, holder.business.text, holder.name, holder.public_key,
        holder.certificate, sealed_cache_key, journal::Hash{}, to_millis(now));
}

}  // namespace

Result<EnrolmentToken> make_enrolment_token(Books& books, const VenueId& venue, Instant now,
                                            Random& random) {
    if (!business_of_venue(books, venue)) return Fault{"venue_unknown", "there is no venue " + venue.text};
    const std::string id = make_token_secret(random).reveal().substr(0, 16);
    const Secret secret = make_token_secret(random);
    const Instant expires = now + enrolment_lifetime;
    books.db().run("INSERT INTO enrolment_token (id, hash, venue, expires) VALUES (?, ?, ?, ?)", id,
                   crypto::sha256(as_bytes(secret.reveal())), venue.text, to_millis(expires));
    return EnrolmentToken{Secret{id + "." + secret.reveal()}, expires};
}

Result<wire::Enrolled> enrol(Books& books, const SecretKeys& keys, const Authority& authority,
                             const wire::Enrol& request, Instant now, Random& random) {
    const auto token = redeem_token(books, request.token, now, random);
    if (!token) return token.error();
    const auto public_key = crypto::csr_public_key(request.csr);
    if (!public_key) return public_key.error();
    const auto business = business_of_venue(books, token->venue);
    ENSURE(business);  // the token was made for a venue that exists

    const DeviceId h{crypto::device_id_of(*public_key)};
    if (holder(books.db(), h.text)) {
        return Fault{"device_known", "this key is enrolled already; a device enrols anew under a new key"};
    }
    Bytes cache_key(32);
    random.fill(cache_key);
    HolderRow made{.h = h,
                   .venue = token->venue,
                   .business = *business,
                   .name = free_name(books, token->venue),
                   .public_key = {public_key->begin(), public_key->end()},
                   .certificate = {},
                   .head = {}};
    made.certificate = issue(authority, *public_key, made, now, random);
    insert(books, made, seal_cache_key(keys, h.text, cache_key, random), now);
    note_issue(books, made, made.certificate, now);
    tell_device(books, h);
    books.db().run("UPDATE enrolment_token SET used = ? WHERE id = ?", to_millis(now), token->id);
    return wire::Enrolled{.certificate = made.certificate,
                          .ca = believed(authority),
                          .venue = made.venue,
                          .business = made.business,
                          .device_name = made.name,
                          .cache_key = cache_key,
                          .sync_url = authority.sync_url};
}

Result<wire::Renewed> renew(Books& books, const Authority& authority, const HolderRow& holder,
                            const wire::Renew& request, Instant now, Random& random) {
    // One that is written off or in quarantine gets one too: what it wrote while it was cut off, for longer than a
    // certificate lasts, has to come in. What it may do with it is another rule's.
    if (holder.status == wire::HolderStatus::revoked) {
        return Fault{"forbidden", "this device is revoked"};
    }
    const auto public_key = crypto::csr_public_key(request.csr);
    if (!public_key) return public_key.error();
    if (Bytes(public_key->begin(), public_key->end()) != holder.public_key) {
        return Fault{"csr_malformed", "the request is for another key than the device's"};
    }
    const auto last = crypto::life_of(holder.certificate);
    const bool young = last && now >= last->from && now < last->from + (last->to - last->from) / 3;
    if (young && crypto::is_signed_by(holder.certificate, authority.certificate)) {
        return wire::Renewed{holder.certificate, believed(authority)};
    }
    const std::string made = issue(authority, *public_key, holder, now, random);
    books.db().run("UPDATE holder SET certificate = ? WHERE h = ?", made, holder.h.text);
    note_issue(books, holder, made, now);
    return wire::Renewed{made, believed(authority)};
}

}  // namespace obol::ledger
