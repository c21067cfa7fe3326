#pragma once
// L1 on the books: the entries of a push find their place in the holder's chain and take effect,
// each in the caller's one transaction. What they do is decided in sync/ledger/book.

#include <set>
#include <string>
#include <vector>

#include "sync/ledger/book/fact_changes.hpp"
#include "sync/ledger/store/answers.hpp"
#include "sync/ledger/store/books.hpp"
#include "sync/ledger/store/holders.hpp"
#include "sync/ledger/store/issued_keys.hpp"

namespace obol::ledger {

class Booker {
public:
    // `holder` is kept current as its entries are booked. Without a record (tests) generations are told
    // of by the database alone.
    Booker(Books& books, HolderRow& holder, Instant now, Random& random, IssuedKeys* record = nullptr)
        : books_(books),
          holder_(holder),
          record_(record),
          rules_(books.known_rules(holder.h.text)),
          reported_(holder.head.seq),
          now_(now),
          random_(random) {}

    // nullopt: there is a gap before this entry, or it stems from one we never saw. Call in chain
    // order.
    std::optional<wire::EntryResult> add(std::int64_t seq, ByteView body);

    const std::set<Subject>& touched() const { return touched_; }
    const std::set<std::string>& businesses() const { return businesses_; }
    // By what was booked recovery began or ended: whatever waits looks again.
    bool era_changed() const { return era_changed_; }

private:
    enum class Where { next, duplicate, fork, gap };
    struct Place {
        Where where = Where::gap;
        std::int64_t branch = 0;
    };
    Place place_of(std::int64_t seq, const journal::Hash& hash,
                   const std::optional<journal::Entry>& entry);
    std::int64_t branch_after(std::int64_t seq, std::int64_t parent_branch);
    void quarantine(std::int64_t seq);
    std::vector<book::Doubt> take_effect(const journal::Entry& entry, const journal::Hash& hash,
                                         std::int64_t branch);
    std::vector<book::Doubt> book_record(const journal::Entry& entry, const journal::Record& record,
                                         const journal::Hash& hash, std::int64_t branch);
    std::optional<book::Doubt> apply_facts(const book::FactEffects& effects, const journal::Entry& entry);
    void apply_effects(const book::Effects& effects, const journal::Entry& entry,
                       const journal::Hash& hash);
    void apply_postings(const book::Effects& effects, const journal::Entry& entry,
                                std::int64_t branch);
    void adopt(std::int64_t generation);
    void tell_use(const WalletId& wallet, const Offer& offer, std::int64_t by);
    void count_uses(const journal::Record& record, std::vector<book::Doubt>& doubts);
    void raise(const std::vector<book::Doubt>& doubts, std::int64_t seq);
    book::FactView fact_view();
    book::Views views();

    Books& books_;
    HolderRow& holder_;
    IssuedKeys* record_;
    bool era_changed_ = false;
    journal::KnownRules rules_;
    std::int64_t reported_;  // before this push: no more can the holder have heard of
    Instant now_;
    Random& random_;
    std::set<Subject> touched_;
    std::set<std::string> businesses_;
};

}  // namespace obol::ledger
