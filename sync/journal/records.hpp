#pragma once
// The details of each kind of entry as structs, their document form, and the postings that follow from
// them. Agent and ledger both compute postings with postings_of, so neither believes the other.

#include <optional>
#include <string>
#include <variant>
#include <vector>

#include "sync/domain/pass.hpp"
#include "sync/domain/purchase.hpp"
#include "sync/domain/refund.hpp"
#include "sync/journal/entry.hpp"

namespace obol::journal {

struct JournalOpened {
    static constexpr std::string_view kind = "journal_opened";
    VenueId venue;
    BusinessId business;
    std::string software;
    bool operator==(const JournalOpened&) const = default;
};

// Money credited to a wallet: into a new lot, or into a pocket when `lot` is empty.
struct Credit {
    WalletId wallet;
    BusinessId business;  // whose pocket; empty with pocket personal
    Pocket pocket = Pocket::business;
    std::optional<Lot> lot{};
    Money money;
    bool operator==(const Credit&) const = default;
};

struct WalletOpened {  // a nameless wallet
    static constexpr std::string_view kind = "wallet_opened";
    Wallet wallet;
    bool operator==(const WalletOpened&) const = default;
};

struct PassActivated {
    static constexpr std::string_view kind = "pass_activated";
    std::string id;  // of the activation
    TerminalId terminal;
    PassId pass;
    PlanId plan;
    VenueId venue;
    Money value;
    std::optional<Instant> redeem_by{};
    std::string tender, ticket, receipt;
    bool operator==(const PassActivated&) const = default;
};

struct PassRedeemed {
    static constexpr std::string_view kind = "pass_redeemed";
    std::string id;
    TerminalId terminal;
    PassId pass;
    PlanId plan;
    VenueId venue;
    Money value;
    Credit credit;
    std::optional<Pool> pool{};  // the version the new lot's validity was resolved by
    std::string receipt;         // empty within a purchase
    LimitFacts limits{};         // of credits
    Amount at_risk{};            // the whole value, where it was redeemed without authority
    AllowanceFacts allowance{};  // then, by which that was allowed
    bool operator==(const PassRedeemed&) const = default;
};

struct TopUp {
    static constexpr std::string_view kind = "top_up";
    std::string id;
    TerminalId terminal;
    VenueId venue;
    Credit credit;
    std::optional<Pool> pool{};
    std::string tender, ticket, receipt;
    LimitFacts limits{};  // of top-ups
    bool operator==(const TopUp&) const = default;
};

struct Purchase {
    static constexpr std::string_view kind = "purchase";
    PurchaseId id;
    TerminalId terminal;
    WalletId wallet;
    SpendRequest request;
    PurchaseFacts facts;
    PurchaseDecision decision;
    std::vector<PassId> redeemed{};  // passes redeemed by the entries right before this one
    std::string receipt;
    // facts_digest (replay.hpp) as the entry states it. Empty until written: to_detail fills it in.
    Bytes digest{};
    bool operator==(const Purchase&) const = default;
};

struct Refund {
    static constexpr std::string_view kind = "refund";
    std::string id;
    TerminalId terminal;
    PurchaseId purchase;
    WalletId wallet;
    VenueId venue;
    BusinessId business;
    Currency currency;
    RefundRequest request;
    RefundFacts facts;
    RefundDecision decision;
    std::vector<Lot> revived{};  // lots that come back with a new end of validity
    std::string receipt;
    bool is_void = false;        // kind stays "refund"; a void entry is kind "void" with the same detail
    bool operator==(const Refund&) const = default;
};

struct ActivationVoided {
    static constexpr std::string_view kind = "activation_voided";
    std::string id;
    TerminalId terminal;
    std::string activation;
    PassId pass;
    VenueId venue;
    Money value;
    std::string tender, receipt;
    bool operator==(const ActivationVoided&) const = default;
};

// An electronic pass sold here. The centre made it and booked its money; this entry is the receipt.
struct PassIssued {
    static constexpr std::string_view kind = "pass_issued";
    TerminalId terminal;
    PassId pass;
    PlanId plan;
    VenueId venue;
    Money value;
    std::optional<ContactId> contact{};
    std::string tender, receipt;
    bool operator==(const PassIssued&) const = default;
};

// The pass is cancelled, because its code is out of the house.
struct IssueVoided {
    static constexpr std::string_view kind = "issue_voided";
    std::string id;
    TerminalId terminal;
    PassId pass;
    VenueId venue;
    Money value;
    std::string tender, receipt;
    bool operator==(const IssueVoided&) const = default;
};

struct AuthorityLine {
    Subject subject;
    Amount amount{};
    Currency currency{};
    bool operator==(const AuthorityLine&) const = default;
};

struct AuthorityAsked {
    static constexpr std::string_view kind = "authority_asked";
    bool placement = false;             // the set "homed at my venue and at the centre"; lines empty
    std::vector<AuthorityLine> lines{};  // amount: most wanted
    bool operator==(const AuthorityAsked&) const = default;
};

struct AuthorityTaken {
    static constexpr std::string_view kind = "authority_taken";
    std::int64_t ask = 0;  // seq of the authority_asked entry
    std::vector<AuthorityLine> lines{};  // empty: gives up
    bool operator==(const AuthorityTaken&) const = default;
};

struct AuthorityReturned {
    static constexpr std::string_view kind = "authority_returned";
    std::string why;  // recall | idle | expiry
    std::vector<AuthorityLine> lines{};
    bool operator==(const AuthorityReturned&) const = default;
};

struct GenerationAdopted {
    static constexpr std::string_view kind = "generation_adopted";
    std::int64_t generation = 0;
    bool operator==(const GenerationAdopted&) const = default;
};

struct PinLocked {
    static constexpr std::string_view kind = "pin_locked";
    PassId pass;
    TerminalId terminal;
    bool operator==(const PinLocked&) const = default;
};

struct PinUnlocked {
    static constexpr std::string_view kind = "pin_unlocked";
    PassId pass;
    TerminalId terminal;
    std::string reason;
    bool operator==(const PinUnlocked&) const = default;
};

// Wrong PINs that the centre has not heard of yet: it adds them to its count. 0: a right one came, the
// count begins anew. Stands before the entry that gives authority away, so tries do not multiply.
struct PinTried {
    static constexpr std::string_view kind = "pin_tried";
    PassId pass;
    TerminalId terminal;
    int wrong = 0;
    bool operator==(const PinTried&) const = default;
};

struct Alarm {
    static constexpr std::string_view kind = "alarm";
    std::string code, detail;
    bool operator==(const Alarm&) const = default;
};

// The device's clock was found wrong, or is right again. Moves nothing; it says by which time the entries
// after it were decided.
struct ClockEvent {
    static constexpr std::string_view kind = "clock_event";
    bool trusted = false;
    // went_back | went_ahead | behind_journal | far_ahead; ledger_time | confirmed
    std::string reason;
    Instant system;  // what the system clock showed
    Instant taken;   // what was taken for the time instead
    TerminalId terminal{};  // of the manager who confirmed it,
    std::string note{};     // and what he said
    bool operator==(const ClockEvent&) const = default;
};

// What the receipts of one kind came to in a business day, by tender and currency. Amounts of purchases, redeems
// and top-ups say what came in or was paid, of refunds and voids what went back; none of them is below zero but `total`.
struct DayLine {
    std::string what;     // purchase | refund | void | redeem | activation | activation_void | top_up
    std::string tender{}; // cash | card | other, where the entry names one
    Currency currency;
    std::int64_t count = 0;
    Amount total{};       // baskets, goods given back, or values
    Amount commerce{}, business{}, personal{};  // of it by wallets' pockets
    Amount other{};       // of it by other tender
    Amount awarded{};     // besides
    bool operator==(const DayLine&) const = default;
};

// A business day is closed (the Z report). Moves nothing; it says what the entries since the one before came to.
struct DayClosed {
    static constexpr std::string_view kind = "day_closed";
    std::string id;
    TerminalId terminal;
    VenueId venue;
    std::int64_t number = 0;         // of the Z report: 1, 2, 3 …
    std::int64_t after = 0;          // entries after this one are counted, up to the one before this
    std::optional<Instant> since{};  // when the day before was closed
    LocalDate day{};                 // the business day on which it was closed
    std::string first_receipt, last_receipt;  // of those that are counted
    std::vector<DayLine> lines{};
    std::string receipt;
    bool operator==(const DayClosed&) const = default;
};

using Record = std::variant<JournalOpened, WalletOpened, PassActivated, PassRedeemed, TopUp, Purchase, Refund,
                            ActivationVoided, AuthorityAsked, AuthorityTaken, AuthorityReturned,
                            GenerationAdopted, PinLocked, PinUnlocked, Alarm, PassIssued, IssueVoided,
                            PinTried, ClockEvent, DayClosed>;

// kind of the entry that carries this record ("void" for a Refund with is_void).
std::string_view kind_of(const Record& record);
Map to_detail(const Record& record);
// Fault malformed_record (names the member); unknown kinds give unknown_kind.
Result<Record> from_detail(std::string_view kind, const Map& detail);

// The double entry of a record; balanced. Empty for kinds that move no value.
//   purchase: per award promotion −a, its lot +a; per use taken pass:ID or offer:ID −1 XXX, used +1 XXX;
//             per commerce lot  lot −x, business pocket +x; then business −(all of it), sale +spent;
//             what the basket left of an instant award: lot −x, business pocket +x;
//             personal −y, and the right to refund is born: right:ID +1 XXX, purchased:VENUE −1 XXX
//   refund:   sale −x, lot/business/personal +x     (void of a whole purchase besides: the right ends)
//             per award undone lot, business pocket and claim −, promotion +     (void: uses come back)
//   redeemed: pass −v, lot or business pocket +v    activated: tender −v, pass +v, draft −1 XXX, activated +1 XXX
//   top_up:   tender −v, lot or pocket +v           activation_voided: the reverse of activated
//   issue_voided: pass −v, tender +v
std::vector<Posting> postings_of(const Record& record);

// What an entry spent without authority; amounts above zero, each subject once.
std::vector<AuthorityLine> at_risk_lines(const Record& record);

// What an entry does to held(h): its postings on subject accounts but for what was spent at risk, plus
// taken, minus returned.
std::vector<AuthorityLine> held_moves(const Record& record, const std::vector<Posting>& postings);

// Documents of domain values, shared by records, the wire and the fact cache. Reading one by itself
// passes over members that it does not know, because facts carry more; within a record they are a fault.
Value to_value(const Pool& pool);
Value to_value(const Offer& offer);
Value to_value(const Plan& plan);
Value to_value(const Lot& lot);
Value to_value(const Wallet& wallet);
Value to_value(const Basket& basket);
Value to_value(const PurchaseDecision& decision);
Value to_value(const Limit& limit);
Result<Pool> pool_from(const Value& value);
Result<Offer> offer_from(const Value& value);
Result<Plan> plan_from(const Value& value);
Result<Lot> lot_from(const Value& value);
Result<Wallet> wallet_from(const Value& value);
Result<Basket> basket_from(const Value& value);
Result<Limit> limit_from(const Value& value);
Value to_value(const Allowance& allowance);
Result<Allowance> allowance_from(const Value& value);

}  // namespace obol::journal
