#pragma once
// What the venue knows, read from its own database: the cache of the centre's facts, balances,
// authority and the journal's indexes. Works on a reader's or the writer's connection alike.

#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "agent/store/clock_judge.hpp"
#include "agent/store/rule_memory.hpp"
#include "sync/domain/pass.hpp"
#include "sync/domain/pool.hpp"
#include "sync/domain/purchase.hpp"
#include "sync/domain/refund.hpp"
#include "sync/domain/wallet.hpp"
#include "sync/journal/counted.hpp"
#include "sync/journal/records.hpp"
#include "sync/sql/db.hpp"

namespace obol::agent {

struct Business {
    BusinessId id;
    std::string name;
    Currency currency;
    std::string zone;
    int cutoff_minute = 0;            // of the business day
    Period refund_grace{0, 30};
    std::optional<Amount> manager_above{};  // refunds and voids above it need a manager
    std::string wallet_proof = "none";      // none | card
    AwardUndo award_undo = AwardUndo::unspent;
    Allowance allowance{};
};
struct Venue {
    VenueId id;
    BusinessId business;
    std::string name, zone;
    std::optional<Allowance> allowance{};  // instead of its business's
};
struct Product {
    std::string sku, name, brand, family, type;
};

// A pass as the cache holds it, with what the PIN check needs.
struct PassRow {
    Pass pass;                       // state with the own journal applied
    Plan plan;
    std::string pin_verifier;        // empty: no PIN
    bool pin_locked = false;         // at the centre or here
    int wrong_pins = 0;              // in a row, here and at the centre
};
struct WalletRow {
    Wallet wallet;
    std::string pin_verifier;        // nameless wallets opened by a pass with a PIN
    std::optional<PassId> pin_pass{};  // whose tries are counted
    bool pin_locked = false;
    int wrong_pins = 0;
};

// Whom uses of offers are counted for.
std::string party_of(const Wallet& wallet);

struct StoredAnswer {
    Bytes fingerprint;
    int status = 0;
    std::string body;
};

struct Operation {  // a row of `operation`
    std::string ref, kind, receipt, terminal, ticket, wallet, purchase;
    std::int64_t seq = 0;
    std::optional<std::int64_t> total{};
    Instant at;
};

struct TokenRow {
    std::string id, terminal, role;
    std::optional<Instant> expires{};
    bool revoked = false;
    Instant created;
};

using RuleMemory = RuleMemoryOf<Business, Product, TokenRow>;

class Facts {
public:
    // `cache_key` keys the look-ups; 32 bytes from enrolment, kept outside the database.
    // `now` tells when authority with an end (not_after) is over, which it is as well while the clock is not
    // trusted; without it nothing ends.
    // `memory` is cleared by its owner when what it holds has changed; without it all is read anew.
    Facts(sql::Db& db, ByteView cache_key, std::function<ClockNow()> now = {}, RuleMemory* memory = nullptr)
        : db_(db), cache_key_(cache_key), now_(std::move(now)), memory_(memory) {}
    virtual ~Facts() = default;

    std::optional<Business> business(const BusinessId& id);
    std::optional<Venue> venue(const VenueId& id);
    std::optional<Product> product(const BusinessId& business, std::string_view sku);
    std::optional<Pool> pool(const PoolId& id);
    std::vector<Offer> offers();  // by id
    std::optional<Offer> offer(const OfferId& id);
    std::optional<Offer> offer_by_code(std::string_view normalised_code);
    std::vector<Offer> automatic_offers(const BusinessId& business);  // by id
    // How often the wallet's contact (a nameless wallet: the wallet) was awarded by the offer, as far as
    // this venue knows: its own purchases, less those that were voided.
    // By this wallet at any venue, as far as the centre has told, and by the contact's other wallets here.
    std::int64_t uses_by_contact(const Offer& offer, const Wallet& wallet);
    std::optional<Plan> plan(const PlanId& id);
    std::vector<Plan> plans();

    std::optional<PassRow> pass_by_code(std::string_view normalised_code);
    std::optional<PassRow> pass(const PassId& id);
    std::optional<WalletRow> wallet(const WalletId& id);
    // what: "phone" | "email" | "card"; a pass code finds the nameless wallet that it opened.
    std::optional<WalletRow> wallet_by(std::string_view what, std::string_view value);
    std::optional<WalletRow> wallet_by_code(std::string_view normalised_code);

    std::vector<Lot> lots_of(const WalletId& wallet);
    Funds funds(std::string_view subject);  // shown and held; zero where unknown
    // All that decide_purchase needs of a wallet at this place, without basket and moment.
    PurchaseFacts purchase_facts(const WalletId& wallet, const Place& place, std::string_view zone);

    // What bounds the wallet at the business in this kind of transaction, and what it did there in the
    // periods that run at `at`: central counters as of the last page plus own entries after it.
    LimitFacts limit_facts(const WalletId& wallet, const BusinessId& business, LimitKind kind, Instant at);
    // What a venue may spend at its own risk; empty: nothing.
    Allowance allowance(const VenueId& venue, const BusinessId& business);
    struct UnreportedRisk {
        Amount spent{};
        std::int64_t count = 0;  // of entries
    };
    UnreportedRisk unreported_risk();
    // What the entries from `first` to `last` spent at risk.
    Amount at_risk_in(std::int64_t first, std::int64_t last);
    // That, and what own entries have used of it. A decision of this wallet at `at`, with a manager or not.
    AllowanceFacts allowance_facts(const VenueId& venue, const BusinessId& business, const WalletId& wallet,
                                   bool manager, Instant at);
    // Says of each of the wallet's funds what of it is spent at risk and not reported.
    void add_risked(PurchaseFacts& facts, const WalletId& wallet);
    // One counter over these business days; nullopt: the one over all days.
    journal::Tally tallied(const WalletId& wallet, const BusinessId& business, std::string_view kind,
                           const std::optional<DayRange>& days);
    // What a job that began now would take for the time, if it is not earlier than `wall`.
    Instant journal_time(Instant wall) const;
    // Untrusted: what time bounds is not decided (API.md, clock_untrusted).
    bool clock_trusted() const { return !now_ || now_().trusted; }

    journal::Head head();
    std::int64_t acked_seq();
    std::int64_t pending();  // entries not acknowledged
    std::optional<journal::Entry> entry(std::int64_t seq);
    std::optional<journal::Hash> hash_at(std::int64_t seq);
    std::vector<std::pair<std::int64_t, Bytes>> bodies(std::int64_t from_seq, std::size_t most);
    std::optional<Operation> operation(std::string_view ref);
    std::optional<Operation> operation_by_receipt(std::string_view number);
    // The latest purchase of this terminal with this ticket, since `since`.
    std::vector<Operation> operations_with_ticket(std::string_view terminal, std::string_view ticket,
                                                  Instant since);
    std::vector<Operation> operations_of(std::string_view purchase);  // its refunds and void, in order
    // Own, or brought from the centre.
    std::optional<journal::Purchase> purchase(const PurchaseId& id);
    // Its awards with the terms they were given by and what their lots have left.
    std::vector<AwardFacts> awards_of(const journal::Purchase& purchase);
    // Here and, as far as the centre was asked, elsewhere; in order.
    std::vector<journal::Refund> refunds_of(const PurchaseId& id);
    // Entry body of another venue's purchase, refund or void that was brought from the centre.
    std::optional<Bytes> elsewhere(std::string_view ref);
    // The right to refund came from the centre, which has not told yet what others gave back.
    bool right_was_away(const PurchaseId& id);

    std::optional<StoredAnswer> answer(std::string_view terminal, std::string_view key);
    std::optional<TokenRow> token_by_hash(ByteView hash);
    std::vector<TokenRow> tokens();
    std::vector<std::pair<std::string, std::string>> terminals();  // id, name

    struct HeldTotal {
        Currency currency;
        Amount amount;
    };
    std::vector<HeldTotal> held_totals();  // money alone, no rights
    std::vector<journal::AuthorityLine> held_all();
    std::optional<std::string> meta(std::string_view key);

    sql::Db& db() { return db_; }
    // Under the cache key: of SHA-256(value) with what "code", else of what "\0" value.
    Bytes lookup_key(std::string_view what, std::string_view value) const;
    Bytes lookup_key_of_digest(ByteView code_digest) const;

protected:
    std::optional<std::string> found(std::string_view what, std::string_view kind, const Bytes& hmac);
    // What was counted here and is not in the centre's count, and that count where it still stands.
    int wrong_pins(const PassId& pass, int at_centre);
    Amount usable(const sql::Statement& row, int minor, int not_after) const;
    std::optional<Operation> first_operation(sql::Statement& rows) const;
    std::optional<journal::Record> record(std::int64_t seq);

    sql::Db& db_;
    ByteView cache_key_;
    std::function<ClockNow()> now_;
    RuleMemory* memory_;
};

}  // namespace obol::agent
