#pragma once
// The ledger's facts and books in one database, as operations within a transaction of the caller.
// Serves import, the admin API and the sync end alike.

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "sync/core/random.hpp"
#include "sync/journal/records.hpp"
#include "sync/journal/replay.hpp"
#include "sync/sql/db.hpp"
#include "sync/wire/messages.hpp"

namespace obol::ledger {

struct SubjectRow {
    Subject subject;
    BusinessId business;
    VenueId home;  // empty: stays at the centre
    Currency currency;
    Amount centre{}, loss{};
};

class Books {
public:
    explicit Books(sql::Db& db) : db_(db) {}

    // --- facts: written with a change row, so that the feed brings them
    // -----------------------------
    std::optional<journal::Map> fact(std::string_view kind, std::string_view id);
    // Writes only what differs; true if something changed. `business` scopes the feed.
    bool put_fact(std::string_view kind, std::string_view id, const BusinessId& business,
                  const journal::Map& body);
    void remove_fact(std::string_view kind, std::string_view id);
    std::vector<wire::Fact> facts(const BusinessId& business);  // all that a venue of it may see
    std::optional<Pool> pool(const PoolId& id, int version);    // any version there ever was
    std::optional<Offer> offer(const OfferId& id, int version);
    std::optional<Plan> plan(const PlanId& id);
    journal::KnownRules known_rules(std::string_view holder);

    // --- money at the centre
    // ------------------------------------------------------------------------ Creates the subject
    // if new. `home` places it: its venue is given the authority when it asks for placement.
    void ensure_subject(const Subject& subject, const BusinessId& business, const VenueId& home,
                        Currency currency);
    std::optional<SubjectRow> subject(std::string_view subject);
    // A balanced transfer at the centre: every posting on a subject account moves its centre(s)
    // too. Fault insufficient_centre when a subject would go below zero (recall first), unbalanced.
    Result<std::int64_t> transfer(Instant at, std::string_view source, std::string_view note,
                                  const std::vector<journal::Posting>& postings);
    Amount balance(std::string_view account);
    Amount held_total(std::string_view subject);
    void change(const BusinessId& business, std::string_view kind, std::string_view id);
    std::int64_t last_change();

    void raise(std::string_view code, std::string_view detail, std::string_view owner,
               std::string_view holder, std::optional<std::int64_t> seq,
               std::optional<Money> amount, Instant at, Random& random);
    // For what may be noticed again and again: nothing while an open one of this code and holder
    // stands.
    bool raise_once(std::string_view code, std::string_view detail, std::string_view owner,
                    std::string_view holder, Instant at, Random& random);
    // The balance of this subject is another: the feed brings it.
    void balance_changed(const SubjectRow& row);

    sql::Db& db() { return db_; }

private:
    void index_fact(std::string_view kind, std::string_view id, const journal::Map& body,
                    const Bytes& bytes);

    sql::Db& db_;
};

}  // namespace obol::ledger
