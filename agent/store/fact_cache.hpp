#pragma once
// Private to this folder: writes the fact cache. Codes, phone numbers, e-mail addresses and card numbers
// become keyed digests here and go no further.

#include <string>
#include <string_view>

#include "agent/store/facts.hpp"
#include "sync/wire/messages.hpp"

namespace obol::agent {

class FactCache {
public:
    // The cache in force, or the one of a snapshot on its way. Into the latter facts and balances are put as they
    // come from the centre; what own entries make of them waits until it is in force.
    enum class Set { in_force, staged };
    // `facts` reads within the same transaction.
    FactCache(Facts& facts, VenueId here, Set set = Set::in_force)
        : facts_(facts), db_(facts.db()), here_(std::move(here)), staged_(set == Set::staged) {}

    // From the centre, which had booked own entries up to `as_of`. A fact that cannot be read is
    // forgotten and reported: false.
    bool put(const wire::Fact& fact, std::int64_t as_of);
    // shown = central + own postings after as_of.
    void put_balance(const wire::Balance& balance, std::int64_t as_of);
    // What is staged is in force, and what was in force lies in its place, to be emptied.
    void trade();
    // At most so many rows of what is staged; false: there was nothing left.
    bool empty_staged(std::int64_t most);
    // Of a pass that PINs were tried of here: what the staged fact says of its lock, before the sets are traded.
    void believe_staged(const PassId& pass, std::int64_t as_of);

    // By own entries, ahead of the centre.
    void put_lot(const Lot& lot);
    void put_wallet(const Wallet& wallet);
    void put_pass_state(const Pass& pass, std::int64_t seq);
    void add_to_shown(std::string_view subject, Amount amount, Currency currency);

    // Is the subject's home another place than here? Unknown subjects are not.
    bool is_away(std::string_view subject);
    void refresh_away(std::string_view subject);

private:
    bool put_pass(const wire::Fact& fact, std::int64_t as_of);
    bool put_wallet_fact(const wire::Fact& fact);
    bool put_offer(const wire::Fact& fact);
    bool put_lot_fact(const wire::Fact& fact);
    void believe_centre(const PassId& pass, bool locked_there, std::int64_t as_of);
    std::string sql(std::string_view text) const;
    void remove(std::string_view kind, std::string_view id);
    void write(std::string_view kind, std::string_view id, const journal::Map& body);
    void forget_lookups(std::string_view kind, std::string_view id);
    void add_lookup(std::string_view what, const Bytes& hmac, std::string_view kind, std::string_view id);
    void find_by_opener(const WalletId& wallet, const PassId& opener);
    void refresh_away_of_wallet(const WalletId& wallet);
    std::optional<VenueId> home_of_wallet(const WalletId& wallet);
    std::optional<VenueId> home_of(std::string_view subject);

    Facts& facts_;
    sql::Db& db_;
    VenueId here_;
    bool staged_;
};

}  // namespace obol::agent
