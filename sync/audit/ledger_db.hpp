#pragma once
// A ledger's database on SQLite: each device's chain, the double entry that follows from it, and
// where the value of every subject lies: centre + held = value + loss.

#include <map>
#include <set>
#include <string>
#include <unordered_map>

#include "sync/audit/authority.hpp"
#include "sync/audit/known.hpp"
#include "sync/audit/risks.hpp"
#include "sync/audit/tables.hpp"

namespace obol::audit {

// What other files can be checked by. Throws where the tables are not there.
void learn_from_ledger(sql::Db& db, bool still, Known& known);
void audit_ledger(sql::Db& db, Report& report);

class LedgerAudit {
public:
    LedgerAudit(sql::Db& db, Report& report) : db_(db), report_(report) {}
    void run();

private:
    struct Holder {
        std::string h, venue, business, name, certificate, status;
        Bytes public_key, head_hash;
        std::int64_t head_seq = 0, reported_generation = 0;
    };
    struct Told {  // by exceptions, of one device
        std::map<std::int64_t, std::set<std::string>> at;
        std::set<std::string> codes;
        bool has(std::int64_t seq, std::string_view code) const;
        bool any(std::int64_t seq) const { return at.contains(seq); }
    };

    // ledger_chains.cpp: devices and what they sent.
    void check_holder(const Holder& holder);
    void check_chain(const Holder& holder);
    void on_entry(const Holder& holder, const Entry& entry, std::int64_t branch);
    void check_operation(const Holder& holder, const Body& body);
    void note_for_indexes(const Holder& holder, const Body& body);
    void check_branches(const Holder& holder);
    void check_head(const Holder& holder);
    bool is_plain(const Holder& holder);
    bool shut(const std::string& h);
    bool given_up_after_a_backup(const std::string& h);
    void count(const Holder& holder, const Body& body);
    // ledger_authority.cpp: what each device holds and has asked for.
    void check_held(const Holder& holder, bool exactly);
    void check_asks(const Holder& holder);
    void check_ask_lines(const Holder& holder, std::int64_t seq, const Ask& ask,
                         const std::string& state);
    // ledger_books.cpp: the double entry and where value lies.
    void check_transfers();
    void check_transfer(std::int64_t id, const std::optional<std::string>& holder,
                        std::optional<std::int64_t> seq, std::optional<std::int64_t> branch,
                        const std::vector<std::pair<std::int64_t, Posting>>& rows);
    void check_accounts();
    void check_subjects();
    void check_suspense();
    void check_losses();
    void check_owed(sql::Statement& row, std::int64_t held);
    // ledger_index.cpp: what is found by something else than its id.
    void check_index();
    void check_fact_rows();
    void check_versions();
    void check_wallet_rows();
    void check_secrets();
    void check_issues();
    void check_uses();
    void check_era(const std::vector<Holder>& holders);
    std::optional<Value> fact(std::string_view kind, std::string_view id);
    bool ever_told(std::string_view code) const;
    // ledger_rest.cpp: exceptions, indexes, documents, answers.
    void read_exceptions();
    void check_exceptions();
    void check_operations();
    void check_facts();
    void check_answers();
    void check_activity();

    std::vector<Holder> holders();
    bool missing(const std::string& h, std::int64_t seq) const;
    std::optional<Body> body_at(const std::string& h, std::int64_t seq);
    void add_to_accounts(const std::vector<Posting>& postings);
    Finding row_of(std::string_view code, std::string_view table) const {
        return Finding(code, table);
    }

    using AccountKey = std::pair<std::string, std::string>;  // account, currency
    struct Unbalanced {
        std::int64_t transfer = 0;
        std::string currency;
        std::int64_t sum = 0;
        std::vector<std::pair<std::int64_t, Posting>> rows;
        bool explained = false;
    };
    struct Done {
        std::int64_t count = 0, amount = 0;
    };

    sql::Db& db_;
    Report& report_;
    std::map<std::string, Told> told_;
    std::map<std::string, std::int64_t> overdrawn_, overspent_;  // by currency
    std::map<std::pair<std::string, std::string>, std::int64_t>
        written_off_;               // by device and currency
    std::unique_ptr<Chain> chain_;  // of the device at hand
    std::unique_ptr<Authority> authority_;
    Risks risks_{};
    std::map<std::string, Chain::Gaps> gaps_;  // entries that are missing and named, by device
    Seqs booked_;                              // transfers that were compared with their entries
    std::map<AccountKey, std::int64_t> accounts_;
    std::unordered_map<std::string, std::int64_t>
        held_;  // by subject, over all devices, as it should be
    std::vector<Unbalanced> unbalanced_;
    std::set<std::string> named_;  // operations and subjects that a finding named already
    std::map<std::tuple<std::string, std::string, std::string>, Done>
        activity_;  // wallet, business, kind
    std::int64_t entries_ = 0, postings_ = 0, generation_ = 0;
    std::vector<std::tuple<std::string, std::int64_t, std::string>> issued_;  // h, seq, pass
    std::vector<std::pair<std::string, std::string>> awards_;                 // purchase, offer
    std::set<std::string> voided_;                                            // purchases
    bool forked_ = false, suspended_ = false, doubtful_ = false, fell_back_ = false;
};

}  // namespace obol::audit
