#pragma once
// The ledger's end of sync as a state machine: messages in, messages out, no socket and no clock of
// its own. Each call is one transaction on the writing connection; feeds and snapshots only read.

#include <functional>
#include <map>
#include <set>
#include <string>

#include "sync/core/random.hpp"
#include "sync/core/time.hpp"
#include "sync/crypto/crypto.hpp"
#include "sync/ledger/store/answers.hpp"
#include "sync/ledger/store/books.hpp"
#include "sync/ledger/store/enrolment.hpp"
#include "sync/ledger/store/holders.hpp"
#include "sync/ledger/store/issued_keys.hpp"
#include "sync/ledger/store/secrets.hpp"
#include "sync/ledger/store/snapshots.hpp"
#include "sync/wire/messages_compare.hpp"

namespace obol::ledger {

struct FeedAnswer {
    wire::Page page;
    bool has_news = false;  // false: nothing that the venue has not seen; it may wait
};

class SyncEnd {
public:
    using OnWake = std::function<void(const Wake&)>;
    // `record`: of issued keys and generations, which outlives the database; null only in tests.
    SyncEnd(sql::Db& db, WallClock& clock, Random& random, const SecretKeys& keys, OnWake on_wake,
            IssuedKeys* record = nullptr);

    // Fault version_unsupported besides. What it answers is of the version of the hello.
    // Every call faults with `forbidden` for a device that is unknown or revoked, or whose
    // certificate names another venue than its row.
    Result<wire::Welcome> hello(const crypto::Identity& who, const wire::Hello& hello);
    // Fault refused: the signature or the links within the push are wrong; nothing is stored.
    Result<wire::Receipt> push(const crypto::Identity& who, const wire::Push& push);
    // The journal of a device that cannot come itself any more (revoked, written off, stopped), brought
    // by another one of its venue. Its own signature counts; nothing is granted. Fault forbidden: of
    // another venue, or who brings it is not active.
    Result<wire::Receipt> hand_in(const crypto::Identity& who, const DeviceId& h, const wire::Push& push);
    Result<FeedAnswer> feed_now(const crypto::Identity& who, const wire::FeedAsk& ask);
    // The whole at once, for devices that speak version 1, and page by page: fault snapshot_gone.
    Result<wire::Snapshot> snapshot(const crypto::Identity& who);
    Result<wire::SnapshotPage> snapshot_page(const crypto::Identity& who, const wire::SnapshotAsk& ask);
    // Fault malformed_message: the digest is not the code's.
    Result<wire::PassAnswer> pass(const crypto::Identity& who, const wire::PassAsk& ask);
    // The same in its steps, for who compares the PIN on another thread: a try is counted in a
    // transaction of its own before the comparison, and settled or taken back after it.
    struct PinTry {
        PassId pass;
        std::string verifier;
        int wrong = 0;  // with this one
    };
    Result<std::optional<PinTry>> look_up(const crypto::Identity& who, const wire::PassAsk& ask,
                                          wire::PassAnswer& answer);
    void settle_pin(const PinTry& pin, bool right, wire::PassAnswer& answer);
    void take_back(const PinTry& pin);  // nothing was compared
    // Of the device's own business alone.
    Result<wire::PurchaseAnswer> purchase(const crypto::Identity& who, const wire::PurchaseAsk& ask);
    // What the device and these books hold of the same rows; differences become exceptions.
    Result<wire::CompareAnswer> compare(const crypto::Identity& who, const wire::CompareAsk& ask);
    // A certificate for the same key; the only call that is taken over one that has ended. Faults of ledger::renew.
    Result<wire::Renewed> renew(const crypto::Identity& who, const Authority& authority, const wire::Renew& ask);
    // What cannot even be decoded is booked nowhere: a person has to know that this device's queue stands.
    void push_unreadable(const crypto::Identity& who, std::string_view why);
    // The same id gives the same pass again. Faults of issue_pass.
    Result<wire::IssueAnswer> issue(const crypto::Identity& who, const wire::IssueAsk& ask);

    // A venue with a waiting feed can be asked to return; one without is not waited for.
    void feed_opened(const DeviceId& h);
    void feed_closed(const DeviceId& h);
    // To be called reachable_after_seen later: who waited for what this holder will not return now,
    // gets what there is.
    void presence_lapsed(const DeviceId& h);

    // Something moved at the centre by another door (admin API): answer what waited for it, wake
    // all.
    void centre_changed();

    // Row of a device that may speak, for the door (certificate check).
    Result<HolderRow> known(const crypto::Identity& who);

private:
    bool reachable(const DeviceId& h);
    void seen(const DeviceId& h);
    bool heard_of_lower_allowance(const HolderRow& row);
    void note_read(const crypto::Identity& who, const wire::FeedAsk& ask);
    void settle(const std::function<std::set<Subject>()>& which);
    void wake(const Wake& wake);
    void wake_businesses(const std::set<std::string>& businesses, Wake& wake);
    void notice_time_travel(const HolderRow& row, const wire::Hello& hello);
    Result<wire::Receipt> book(HolderRow& row, const wire::Push& push, sql::Txn& txn);
    Result<void> check_push(const HolderRow& row, const wire::Push& push);
    Answers answers();
    std::optional<wire::IssueAnswer> issued_before(const std::string& ref);

    Books books_;
    WallClock& clock_;
    Random& random_;
    SecretKeys keys_;
    OnWake on_wake_;
    IssuedKeys* record_;
    Snapshots snapshots_;
    struct Presence {
        int open_feeds = 0;
        Instant last_seen{};
        std::int64_t said_head = -1;  // of its journal, as the session began; nothing is spent at risk within one
        std::int64_t read_to = 0;     // the changes of this ledger that it has
    };
    std::map<DeviceId, Presence> presence_;
};

// Between two long-polls a venue is silent for a moment and still there.
inline constexpr Millis reachable_after_seen{3'000};

}  // namespace obol::ledger
