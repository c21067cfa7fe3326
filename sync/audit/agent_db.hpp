#pragma once
// An agent's database: the chain, and every table that only repeats or sums what the chain says.

#include <map>
#include <set>
#include <string>
#include <unordered_map>

#include "sync/audit/authority.hpp"
#include "sync/audit/known.hpp"
#include "sync/audit/risks.hpp"
#include "sync/audit/tables.hpp"

namespace obol::audit {

void audit_agent(sql::Db& db, Report& report, const Known& known);

class AgentAudit {
public:
    AgentAudit(sql::Db& db, Report& report, const Known& known);
    void run();

private:
    // agent_db.cpp: the chain and what is summed from it.
    void read_meta();
    void read_balances();
    void learn_what_is_booked();
    void read_chain();
    void look_beyond();
    void on_entry(const Entry& entry);
    void on_gap(std::int64_t from, std::int64_t to);
    std::vector<std::pair<std::int64_t, Posting>> postings_at(std::int64_t seq);
    void add_postings(std::int64_t seq, const std::vector<Posting>& postings);
    void note_receipt(const Body& body);
    void check_held();
    void check_held_totals();
    void check_asks();
    void check_balances();
    void check_meta();
    void check_signature_rows();
    void check_risks() { risks_.check(db_, report_); }
    // agent_index.cpp: what people ask for by an id or a key.
    void check_operations();
    void check_answers();
    void check_answer(sql::Statement& row);
    // agent_local.cpp: what own entries left besides.
    void check_alarms();
    void check_pins();
    void check_pass_states();
    void check_awards();
    void check_activity();
    void check_elsewhere();
    // agent_facts.cpp: the fact cache's indexes, the clock, the database itself.
    void check_facts();
    void check_wallet_lots(std::map<std::string, std::string> wallets);
    void check_clock();
    void check_opening();
    // agent_overlay.cpp: rows that must be there.
    void note_for_rows(const Body& body);
    void note_unbooked(const Body& body);
    void check_left_rows();
    void check_rights();
    void check_print_jobs();
    void note_day(const Body& body);

    // The entry as it is believed; nothing where it is missing or doubtful.
    std::optional<Body> body_at(std::int64_t seq);
    std::optional<Digest> hash_at(std::int64_t seq);
    // A row may only refer to entries that are there; one that is missing has been named already.
    bool refers_well(std::int64_t seq, std::string_view code, const Finding& row);
    Finding row_of(std::string_view code, std::string_view table) const {
        return Finding(code, table);
    }

    struct Balance {
        std::int64_t central = 0, as_of = 0, shown = 0, own = 0;
        std::string currency, moved_in{};  // of its entries, where that is another
    };

    sql::Db& db_;
    Report& report_;
    const Known& known_;
    std::string device_, name_;
    std::map<std::string, std::int64_t> numbers_;  // of meta
    std::unique_ptr<Chain> chain_;
    std::unique_ptr<Authority> authority_;
    Risks risks_{};
    std::unordered_map<std::string, Balance> balances_;
    std::unordered_map<std::string, std::int64_t> without_balance_;
    std::optional<sql::Statement> posting_rows_;
    bool posting_there_ = false;
    std::int64_t postings_ = 0, receipts_ = 0;
    bool receipts_known_ = true, sums_known_ = true, whole_ = true;
    Seqs operations_, answers_, doubted_, alarms_;
    std::optional<std::int64_t> days_ = 0;   // closed; nothing: some entry before is not known
    std::int64_t last_day_ = 0;              // entry that closed the last one
    std::optional<bool> clock_trusted_;  // by the last event of the clock
    std::set<std::string> tried_, rights_;
    std::map<std::string, std::set<std::string>> awards_;  // by purchase
    // The centre cannot have taken in what it has not booked: a ledger that is given along says
    // what.
    std::optional<std::int64_t> unbooked_after_;
    std::map<std::string, std::int64_t> states_, locks_;         // by pass
    std::set<std::pair<std::string, std::int64_t>> told_tries_;  // pass, seq
    std::vector<std::pair<std::string, std::int64_t>> counted_;  // business, seq
};

}  // namespace obol::audit
