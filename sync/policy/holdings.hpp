#pragma once
// Who holds how much of what, and what each venue would show, in a world in which venues are cut off at
// times. Authority is never made here: what one venue holds nobody else can spend.

#include <map>
#include <vector>

#include "sync/policy/timeline.hpp"

namespace obol::policy {

class Holdings {
public:
    explicit Holdings(const Timeline& timeline);

    // Where in the timeline the world stands now.
    void at(std::size_t step) { step_ = step; }
    void cut(std::size_t chain);
    void heal(std::size_t chain);
    bool is_cut(std::size_t chain) const { return cut_at_[chain].has_value(); }
    bool anyone_cut() const;

    // What a venue shows of a subject, and what it may spend: cut off what it holds, else all that no venue
    // which is cut off holds, since the centre fetches it.
    Funds funds(std::size_t chain, const Subject& subject) const;
    Amount spendable(std::size_t chain, const Subject& subject) const;
    Amount held(std::size_t chain, const Subject& subject) const;
    // What is left of it in the world, by all that every venue did; where purchases were shown it.
    std::optional<Amount> value(const Subject& subject) const;

    // A venue's entry moves so much: held first, and what it does not hold goes beyond, at risk. What a
    // venue with a link lacks it draws from the others that have one.
    void move(std::size_t chain, const journal::AuthorityLine& line);
    // As the chain has it; once the worlds have parted for at most what there is to take or return.
    void take(std::size_t chain, const journal::AuthorityLine& line);
    void give_back(std::size_t chain, const journal::AuthorityLine& line, bool unasked);

    std::optional<std::size_t> cut_since(std::size_t chain) const { return cut_at_[chain]; }

    // By currency, without counts of rights.
    std::map<Currency, Amount> held_in_all(std::size_t chain) const;
    // What was spent twice and is found out now that the venues have met: it becomes the business's loss.
    Amount book_loss(const Subject& subject);

private:
    struct Held {
        Amount amount{};
        Currency currency{};
    };
    using Moves = std::map<Subject, Amount>;

    Amount unseen(std::size_t chain, const Subject& subject) const;
    std::optional<Amount> base(std::size_t chain, const Subject& subject) const;
    Amount out_of_reach(const Subject& subject) const;
    Amount out_with_venues(const Subject& subject) const;
    void draw(std::size_t chain, const Subject& subject, Amount most);
    Held& row(std::size_t chain, const journal::AuthorityLine& line);

    const Timeline& timeline_;
    std::size_t step_ = 0;
    bool parted_ = false;  // there was an outage
    std::vector<std::map<Subject, Held>> held_;  // by chain
    Moves moved_;                                // by all of them
    std::vector<std::optional<std::size_t>> cut_at_;
    std::vector<std::vector<Moves>> unseen_;  // [who does not see][who did it]
    std::vector<Moves> travelling_;           // returned while cut off: the centre has it after
};

}  // namespace obol::policy
