#pragma once
// What agent and ledger say to each other (PROTOCOL.md 2.3), over HTTP with mutual TLS 1.3:
//
//   POST /sync/v1/hello     Hello    → Welcome
//   POST /sync/v1/push      Push     → Receipt
//   POST /sync/v1/feed      FeedAsk  → Page       (held open up to `wait_ms` when there is no news)
//   POST /sync/v1/snapshot SnapshotAsk → SnapshotPage (all facts of the venue at one cursor, page by page)
//   GET  /sync/v1/snapshot           → Snapshot   (the same at once: version 1)
//   POST /sync/v1/renew    Renew     → Renewed    (a new certificate for the same key)
//   POST /sync/v1/pass      PassAsk  → PassAnswer (a code that is decided at the centre)
//   POST /sync/v1/issue     IssueAsk → IssueAnswer
//   POST /sync/v1/purchase  PurchaseAsk → PurchaseAnswer (another venue's purchase, to be given back here)
//   POST /enrol/v1          Enrol    → Enrolled   (server TLS only; the one-time token is the
//   proof)
//
// Each message is one JSON object; the first member of all but enrolment is "v", the version in which
// the message took its present form (README.md tells what may change between versions). Journal entries
// and facts travel as base64 of their canonical bytes. No page or snapshot carries `held`.

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "sync/core/secret.hpp"
#include "sync/journal/records.hpp"

namespace obol::wire {

// The versions that a peer speaks. Hello carries it; whoever does not say so speaks version 1.
struct Versions {
    int least = 1, most = 1;
    bool operator==(const Versions&) const = default;
};
inline constexpr Versions spoken_here{1, 2};
// The newest that both speak; nullopt: they have none in common.
std::optional<int> common_version(const Versions& one, const Versions& other);

struct Hello {
    journal::Head head;
    std::int64_t acked_seq = 0;
    std::int64_t generation = 0;
    std::optional<Versions> speaks{};  // since version 2; without it this is the Hello of version 1
    bool operator==(const Hello&) const = default;
};

enum class HolderStatus { active, quarantined, written_off, revoked };
std::string_view name_of(HolderStatus status);

struct Welcome {
    std::int64_t generation = 1;
    journal::Head head;  // what the ledger has booked of this device
    HolderStatus status = HolderStatus::active;
    Instant now;
    // Since version 2, and only to who says that it speaks it: what the ledger speaks, and the CAs that a
    // device has to believe (fingerprints). One that knows another set asks for a new certificate.
    std::optional<Versions> speaks{};
    std::vector<std::string> cas{};
    bool operator==(const Welcome&) const = default;
};

struct Push {
    std::int64_t from_seq = 0;
    std::vector<Bytes> entries;  // canonical bodies, consecutive
    Bytes signature;             // of the head after the last one
    bool operator==(const Push&) const = default;
};
inline constexpr std::size_t most_entries_a_push = 500;
inline constexpr std::size_t most_bytes_a_push = 4 << 20;

enum class EntryResult { accepted, duplicate, accepted_with_exception, refused };
std::string_view name_of(EntryResult result);

struct Grant {  // answers ask (holder, ask); repeated until its authority_taken is booked
    std::int64_t ask = 0;
    journal::Hash ask_hash{};
    std::vector<journal::AuthorityLine> lines;
    std::optional<Instant> not_after{};
    bool operator==(const Grant&) const = default;
};

struct Receipt {
    journal::Head head;
    std::vector<EntryResult> results;  // one per entry pushed; fewer: resend from head.seq + 1
    std::vector<Grant> grants;
    HolderStatus status = HolderStatus::active;
    bool operator==(const Receipt&) const = default;
};

struct Recall {  // a wish: return what is held then, at most `amount`
    Subject subject;
    Amount amount{};
    bool operator==(const Recall&) const = default;
};

// One row of the agent's fact cache, whole; `gone` deletes it. Kinds and bodies (documents):
//   business {id,name,currency,zone,cutoff,refund_grace,manager_above,wallet_proof,award_undo}
//   venue    {id,business,name,zone}
//   product  {business,sku,name,brand,family,type}      id = business ":" sku
//   pool     to_value(Pool)                              plan  to_value(Plan)
//   offer    to_value(Offer) + {digest?}                 digest = SHA-256 of its own code
//   pass     {id,plan,state,value,redeem_by,venue,display,digest?,pin_verifier?,pin_locked,
//             wrong_pins?,redeemed_at?,redeemed_venue?}   digest = SHA-256 of the normalised code; only
//                                                        where the plan is usable offline
//   wallet   to_value(Wallet) + {phone?,email?,card?,code_digest?,pin_verifier?,pin_locked}
//            code_digest: of the pass that opened a nameless wallet
//   lot      to_value(Lot)
//   limit    to_value(Limit)
//   device   {id,business,venue,name,public_key,state}  id = SHA-256 of the key; those revoked stay, state says so
//   activity to_map(Tallies)  id = wallet ":" business: what the wallet did, by business day
struct Fact {
    std::string kind;
    std::string id;
    bool gone = false;
    journal::Map body;
    bool operator==(const Fact&) const = default;
};

struct Balance {  // value = centre + sum of held; as booked at the page's as_of
    Subject subject;
    Amount value{};
    Currency currency;
    bool operator==(const Balance&) const = default;
};

struct FeedAsk {
    std::int64_t generation = 1;
    std::int64_t cursor = 0;
    std::int64_t wait_ms = 0;
    std::string seen{};  // Page::news of the last page: only other news ends the wait
    bool operator==(const FeedAsk&) const = default;
};

struct Page {
    std::int64_t generation = 1;
    std::int64_t from = 0, to = 0;  // cursor before and after
    bool more = false;              // ask again at once
    std::vector<Fact> facts;
    std::vector<Balance> balances;  // of the subjects that changed in (from, to]
    std::int64_t as_of = 0;         // this device's own seq that the balances include
    std::vector<Recall> recalls;
    std::vector<Grant> grants;
    bool placement = false;  // the centre has money homed at this venue: ask for it
    std::string news;        // opaque digest of recalls, grants, placement and status
    HolderStatus status = HolderStatus::active;
    Instant now;
    bool operator==(const Page&) const = default;
};

struct Snapshot {
    std::int64_t generation = 1;
    std::int64_t cursor = 0;
    std::int64_t as_of = 0;
    std::vector<Fact> facts;
    std::vector<Balance> balances;
    bool operator==(const Snapshot&) const = default;
};

// Page by page, all of one moment. `id` is empty at first and then that of the page before, `after` its
// `next`. Fault snapshot_gone: the ledger does not keep that moment any more; begin anew.
struct SnapshotAsk {
    std::string id{}, after{};
    bool operator==(const SnapshotAsk&) const = default;
};
struct SnapshotPage {
    std::string id;
    std::int64_t generation = 1;
    std::int64_t cursor = 0;
    std::int64_t as_of = 0;
    std::vector<Fact> facts{};
    std::vector<Balance> balances{};
    std::string after{};  // what was asked, so that nobody stages a page twice or out of order
    std::string next{};   // empty: this was the last one
    bool operator==(const SnapshotPage&) const = default;
};
inline constexpr int most_rows_a_snapshot_page = 2'000;

// A code that the cache does not know: asked by digest. The PIN is checked at the centre, which
// counts.
struct PassAsk {
    Bytes digest;   // SHA-256 of the normalised code
    Secret code{};  // the code itself, only with a PIN (the verifier is bound to it)
    std::optional<Secret> pin{};
};
struct PassAnswer {
    std::optional<journal::Map> pass{};    // fact body of kind pass, without digest and verifier
    std::optional<journal::Map> wallet{};  // if the code identifies a nameless wallet
    std::string pin_state = "none";        // none | required | right | incorrect | locked
    std::optional<int> attempts_left{};
    bool operator==(const PassAnswer&) const = default;
};

struct IssueAsk {
    std::string id;  // idempotency of the call
    PlanId plan;
    std::optional<Amount> amount{};
    std::string tender;
    std::optional<ContactId> contact{};
    bool operator==(const IssueAsk&) const = default;
};
struct IssueAnswer {
    PassId pass;
    Secret code;
    std::optional<Secret> pin{};
    Money value;
    std::optional<Instant> redeem_by{};
};

struct PurchaseAsk {
    PurchaseId id;
    bool operator==(const PurchaseAsk&) const = default;
};
// Canonical entry bodies. No purchase: the business has none with this id that is booked.
struct PurchaseAnswer {
    std::optional<Bytes> purchase{};
    std::vector<Bytes> given_back{};  // refunds and voids, in the order of booking
    bool operator==(const PurchaseAnswer&) const = default;
};

struct Enrol {
    Secret token;
    std::string csr;  // PEM
};
struct Enrolled {
    std::string certificate;
    std::string ca;  // PEM: the one that the ledger shows itself by, then others to be believed
    VenueId venue;
    BusinessId business;
    std::string device_name;  // short, for receipt numbers: "NIC1"
    Bytes cache_key;          // 32 bytes; keys the code index of the fact cache
    std::string sync_url;
};

// Over the device's own certificate, which may have ended a while ago.
struct Renew {
    std::string csr;  // PEM, of the same key
    bool operator==(const Renew&) const = default;
};
struct Renewed {
    std::string certificate;
    std::string ca;  // PEM: all CAs that are to be believed
    bool operator==(const Renewed&) const = default;
};

// JSON both ways; decoding is strict. Fault malformed_message names the pointer.
std::string encode(const Hello&);
std::string encode(const Welcome&);
std::string encode(const Push&);
std::string encode(const Receipt&);
std::string encode(const FeedAsk&);
std::string encode(const Page&);
std::string encode(const Snapshot&);
std::string encode(const SnapshotAsk&);
std::string encode(const SnapshotPage&);
std::string encode(const PassAsk&);
std::string encode(const PassAnswer&);
std::string encode(const IssueAsk&);
std::string encode(const IssueAnswer&);
std::string encode(const PurchaseAsk&);
std::string encode(const PurchaseAnswer&);
std::string encode(const Enrol&);
std::string encode(const Enrolled&);
std::string encode(const Renew&);
std::string encode(const Renewed&);
template <class Message>
Result<Message> decode(std::string_view json);  // for each of the above
template <>
Result<Hello> decode<Hello>(std::string_view json);
template <>
Result<Welcome> decode<Welcome>(std::string_view json);
template <>
Result<Push> decode<Push>(std::string_view json);
template <>
Result<Receipt> decode<Receipt>(std::string_view json);
template <>
Result<FeedAsk> decode<FeedAsk>(std::string_view json);
template <>
Result<Page> decode<Page>(std::string_view json);
template <>
Result<Snapshot> decode<Snapshot>(std::string_view json);
template <>
Result<SnapshotAsk> decode<SnapshotAsk>(std::string_view json);
template <>
Result<SnapshotPage> decode<SnapshotPage>(std::string_view json);
template <>
Result<PassAsk> decode<PassAsk>(std::string_view json);
template <>
Result<PassAnswer> decode<PassAnswer>(std::string_view json);
template <>
Result<PurchaseAsk> decode<PurchaseAsk>(std::string_view json);
template <>
Result<PurchaseAnswer> decode<PurchaseAnswer>(std::string_view json);
template <>
Result<IssueAsk> decode<IssueAsk>(std::string_view json);
template <>
Result<IssueAnswer> decode<IssueAnswer>(std::string_view json);
template <>
Result<Enrol> decode<Enrol>(std::string_view json);
template <>
Result<Enrolled> decode<Enrolled>(std::string_view json);
template <>
Result<Renew> decode<Renew>(std::string_view json);
template <>
Result<Renewed> decode<Renewed>(std::string_view json);

}  // namespace obol::wire
