#pragma once
// The reference beside the code: what must be true, in plain terms.
//
// Of every subject s (a pass, a lot, a pocket, a right, uses of an offer) there is so much in truth:
//
//     truth(s) = what was ever posted on s, by any till in its journal, reported or not, and by the centre
//
// and whoever may spend some of it holds it:
//
//     I1  truth(s) ≥ 0                                                 nothing was spent that was not there
//     I2  centre(s) + Σ held(h,s) = value(s) + loss(s)                 at the ledger, centre ≥ 0
//     I3  held of a till            = what its own entries sum up to
//         held(h) at the ledger     = the same sum up to the head that it booked + granted, not yet taken
//     I4  Σ held of tills + max(0, centre(s)) ≤ truth(s)               authority is never created
//
// Where a device ran twice, or one was written off, I1 and I4 may be exceeded by the exposure, and by no
// more: what a copy held, had asked for and could refund when it was made; suspense and booked loss.
//
// Apart from that it keeps what customers know: what they paid in, what was taken from them, what came
// back. At the end each wallet and pass at the ledger must be worth just that.

#include <map>
#include <optional>
#include <set>
#include <string>
#include <unordered_map>
#include <vector>

#include "sync/journal/entry.hpp"
#include "sync/ledger/store/books.hpp"
#include "sync/sql/db.hpp"

namespace obol::sim {

using Amounts = std::map<std::string, std::int64_t>;

class Model {
public:
    // --- journals ----------------------------------------------------------------------------------------
    int new_chain(const std::string& h);
    int remember(int chain);  // as it is now, for a copy that may run later
    // The remembered state runs beside the other from now on: what it may spend is exposure. Or it must notice
    // and spends nothing; or it is the other, of which nothing was lost.
    enum class Copy { runs, stopped, goes_on };
    int copy_chain(int remembered, Copy how, int other);
    std::int64_t head_remembered(int remembered) const { return remembered_[static_cast<std::size_t>(remembered)].head.seq; }
    // Takes in what the journal has got; everything that was there must still be there. Compares held.
    void read_till(int chain, sql::Db& db);
    // Postings of the centre itself.
    void read_centre(sql::Db& db);
    std::int64_t last_transfer() const { return last_transfer_; }
    // B3: what the centre did itself after this transfer is forgotten, and exposure where it moved money.
    void ledger_forgets(std::int64_t after);
    // B2: nobody knows that it fell back: what it had granted since is forgotten.
    void forgotten_grants(const Amounts& held_before, sql::Db& db);
    // What a ledger that was replaced and runs on does by itself, the one in its place never hears of.
    void done_elsewhere(sql::Db& old_ledger, std::int64_t& last_transfer);
    static Amounts held_at_ledger(sql::Db& db);

    // --- checks ------------------------------------------------------------------------------------------
    void check_ledger(sql::Db& db, bool in_recovery);  // I2, and outside recovery I1 and I4
    void check_transfers(sql::Db& db);  // double entry
    void check_folds(sql::Db& db);      // I3 at the ledger
    // The exposure as the ledger names it: what a device has spent at risk and not told is within it.
    void check_named_risks(ledger::Books& books) const;

    // --- what customers know -----------------------------------------------------------------------------
    struct Effect {
        std::string purse;  // "wallet w1", "pass p1"
        std::int64_t by = 0;
    };
    // Of one answer that moved something; `chain` and `seq` where an entry tells the ledger of it.
    void happened(std::vector<Effect> effects, int chain = -1, std::int64_t seq = 0);
    std::int64_t in_purse(const std::string& purse) const;
    // One key, one answer.
    void answered(const std::string& key, int status, const std::string& body);
    void refunded(const std::string& purchase, std::int64_t spent, std::int64_t by);
    // Wrong PINs in a row at one till; a right one or an unlock anywhere begins anew.
    void wrong_pin(const std::string& pass, const std::string& till);
    void pin_reset(const std::string& pass);
    // Purses as the ledger has them, once all has arrived.
    // `issued_unheard`: somebody's electronic pass was made and its answer never came.
    void compare_purses(sql::Db& db, bool issued_unheard);
    static Amounts purses_of(sql::Db& db);
    void begin_with(const Amounts& purses) { purses_ = purses; }

    std::int64_t entries() const { return entries_; }  // read so far, of all chains
    // So much may each venue spend without authority and not report.
    void allow_risk(std::int64_t cap) { risk_cap_ = cap; }
    bool forgotten() const { return forgotten_; }  // the ledger fell back and lost what it had done itself
    bool exposed() const { return exposed_; }
    void expose() { exposed_ = true; }  // a write-off: suspense and loss count
    std::int64_t head_of(int chain) const { return at(chain).head.seq; }
    const Amounts& held_by(int chain) const { return at(chain).held; }

private:
    struct Ask {
        Amounts lines{};
    };
    struct Chain {
        std::string h;
        bool silent = false;  // spends nothing any more
        journal::Head head{};
        std::vector<journal::Hash> hashes{{}};      // by seq
        std::vector<Amounts> moves{{}};             // of held, by seq
        Amounts held{};
        std::map<std::int64_t, Amounts> open_asks{};
        std::map<std::int64_t, std::int64_t> risks{};  // by seq
        Amounts refundable{};                       // spent in this state, by purchase
        // The fold up to what the ledger has booked, moved on as it books.
        mutable std::int64_t booked = 0;
        mutable Amounts booked_fold{};
    };
    struct Known {
        std::vector<Effect> effects;
        int chain = -1;
        std::int64_t seq = 0;
    };
    struct Position {  // of a subject, at the ledger
        std::int64_t centre = 0, loss = 0, held = 0, value = 0, suspense = 0;
        bool known = false;
    };
    using Positions = std::unordered_map<std::string, Position>;
    static Positions positions_at(sql::Db& db);
    void check_authority(sql::Db& db, const Positions& positions);
    const Chain& at(int chain) const { return chains_[static_cast<std::size_t>(chain)]; }
    void read_entry(Chain& chain, std::int64_t seq, const Bytes& body, const Amounts& postings);

    std::vector<Chain> chains_{}, remembered_{};
    Amounts truth_{};
    std::map<std::string, std::string> currency_{};
    std::int64_t last_transfer_ = 0, entries_ = 0;
    std::map<std::int64_t, Amounts> centre_moves_{};  // by transfer
    std::int64_t copies_ = 0;  // exposure, in cents and counts alike
    bool exposed_ = false, copied_ = false, forgotten_ = false;
    std::int64_t risk_cap_ = 0;
    Amounts risked_{};  // spent at risk, by subject
    Amounts purses_{};
    std::vector<Known> known_{};
    std::map<std::string, std::pair<int, std::string>> answers_{};
    Amounts refunded_{};
    std::map<std::string, std::map<std::string, int>> wrong_{};
};

}  // namespace obol::sim
