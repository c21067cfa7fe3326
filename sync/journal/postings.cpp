#include <algorithm>
#include <unordered_map>

#include "sync/core/overloaded.hpp"
#include "sync/journal/records.hpp"

namespace obol::journal {
namespace {

constexpr Amount one{1};

std::string tender_account(const std::string& tender, const VenueId& venue) {
    return "tender:" + tender + ":" + venue.text;
}
std::string sale_account(const VenueId& venue) { return "sale:" + venue.text; }
std::string activated_account(const VenueId& venue) { return "activated:" + venue.text; }
std::string promotion_account(const BusinessId& business) { return "promotion:" + business.text; }
std::string used_account(const VenueId& venue) { return "used:" + venue.text; }
std::string claim_account(const WalletId& wallet, const BusinessId& business) {
    return "claim:" + wallet.text + ":" + business.text;
}
std::string purchased_account(const VenueId& venue) { return "purchased:" + venue.text; }

class Postings {
public:
    void add(std::string account, Amount amount, Currency currency) {
        if (amount != Amount{}) out_.push_back({std::move(account), amount, currency});
    }
    void add_right(std::string account, Amount amount) {
        add(std::move(account), amount, Currency::none());
    }
    void add_use(std::string account, Amount amount, const VenueId& venue) {
        add_right(std::move(account), amount);
        add_right(used_account(venue), -amount);
    }
    std::vector<Posting> take() { return std::move(out_); }

private:
    std::vector<Posting> out_;
};

Subject subject_of(const PaidFrom& part, const WalletId& wallet, const BusinessId& business) {
    if (part.pocket == Pocket::commerce) return lot_subject(part.lot);
    if (part.pocket == Pocket::personal) return personal_subject(wallet);
    return business_subject(wallet, business);
}

std::string account_of(const Credit& credit) {
    if (credit.lot) return lot_subject(credit.lot->id);
    if (credit.pocket == Pocket::personal) return personal_subject(credit.wallet);
    return business_subject(credit.wallet, credit.business);
}

std::vector<Posting> of(const PassActivated& x) {
    Postings out;
    out.add(tender_account(x.tender, x.venue), -x.value.amount, x.value.currency);
    out.add(pass_subject(x.pass), x.value.amount, x.value.currency);
    out.add_right(draft_subject(x.pass), -one);
    out.add_right(activated_account(x.venue), one);
    return out.take();
}

std::vector<Posting> of(const ActivationVoided& x) {
    Postings out;
    out.add(pass_subject(x.pass), -x.value.amount, x.value.currency);
    out.add(tender_account(x.tender, x.venue), x.value.amount, x.value.currency);
    out.add_right(activated_account(x.venue), -one);
    out.add_right(draft_subject(x.pass), one);
    return out.take();
}

std::vector<Posting> of(const IssueVoided& x) {
    Postings out;
    out.add(pass_subject(x.pass), -x.value.amount, x.value.currency);
    out.add(tender_account(x.tender, x.venue), x.value.amount, x.value.currency);
    return out.take();
}

std::vector<Posting> of(const PassRedeemed& x) {
    Postings out;
    out.add(pass_subject(x.pass), -x.value.amount, x.value.currency);
    out.add(account_of(x.credit), x.credit.money.amount, x.credit.money.currency);
    return out.take();
}

std::vector<Posting> of(const TopUp& x) {
    Postings out;
    out.add(tender_account(x.tender, x.venue), -x.credit.money.amount, x.credit.money.currency);
    out.add(account_of(x.credit), x.credit.money.amount, x.credit.money.currency);
    return out.take();
}

// Awards come in first, since an instant one pays.
void add_awards(Postings& out, const Purchase& x) {
    const Currency currency = x.facts.basket.currency;
    for (const Award& award : x.decision.awards) {
        out.add(promotion_account(x.facts.place.business), -award.amount, currency);
        out.add(lot_subject(award.lot.id), award.amount, currency);
        if (!award.pass.empty()) out.add_use(pass_subject(award.pass), -one, x.facts.place.venue);
        if (award.counted) out.add_use(offer_subject(award.offer), -one, x.facts.place.venue);
    }
}

void add_rest_of_awards(Postings& out, const Purchase& x) {
    const Currency currency = x.facts.basket.currency;
    for (const Award& award : x.decision.awards) {
        const Amount left = left_of(award, x.decision.allocations);
        out.add(lot_subject(award.lot.id), -left, currency);
        out.add(business_subject(x.wallet, x.facts.place.business), left, currency);
    }
}

// Two balanced movements: commerce to business lot by lot, then business and personal to the sale.
std::vector<Posting> of(const Purchase& x) {
    Postings out;
    const Currency currency = x.facts.basket.currency;
    const Subject business = business_subject(x.wallet, x.facts.place.business);
    Amount through_business, from_personal;
    add_awards(out, x);
    for (const PaidFrom& paid : x.decision.allocations) {
        if (paid.pocket == Pocket::personal) {
            from_personal += paid.amount;
            continue;
        }
        through_business += paid.amount;
        if (paid.pocket == Pocket::commerce) {
            out.add(lot_subject(paid.lot), -paid.amount, currency);
            out.add(business, paid.amount, currency);
        }
    }
    out.add(business, -through_business, currency);
    out.add(personal_subject(x.wallet), -from_personal, currency);
    out.add(sale_account(x.facts.place.venue), through_business + from_personal, currency);
    add_rest_of_awards(out, x);
    out.add_right(purchased_account(x.facts.place.venue), -one);
    out.add_right(right_subject(x.id), one);
    return out.take();
}

std::vector<Posting> of(const Refund& x) {
    Postings out;
    Amount sum;
    for (const PaidFrom& part : x.decision.allocations) sum += part.amount;
    out.add(sale_account(x.venue), -sum, x.currency);
    for (const PaidFrom& part : x.decision.allocations) {
        out.add(subject_of(part, x.wallet, x.business), part.amount, x.currency);
    }
    for (const AwardUndone& undone : x.decision.undone) {
        out.add(lot_subject(undone.lot), -undone.from_lot, x.currency);
        out.add(business_subject(x.wallet, x.business), -undone.from_business, x.currency);
        out.add(claim_account(x.wallet, x.business), -undone.owed, x.currency);
        out.add(promotion_account(x.business), undone.total(), x.currency);
        if (!undone.pass.empty()) out.add_use(pass_subject(undone.pass), one, x.venue);
        if (undone.use_back) out.add_use(offer_subject(undone.offer), one, x.venue);
    }
    if (x.is_void) {
        out.add_right(right_subject(x.purchase), -one);
        out.add_right(purchased_account(x.venue), one);
    }
    return out.take();
}

// Sums per subject, in order of first appearance. A list of 500 is usual, so a look-up goes by
// hash.
class Moves {
public:
    void add(const Subject& subject, Amount amount, Currency currency) {
        const auto [at, fresh] =
            at_.try_emplace(subject + '/' + std::string(currency.code()), lines_.size());
        if (fresh) {
            lines_.push_back({subject, amount, currency});
        } else {
            lines_[at->second].amount += amount;
        }
    }
    std::vector<AuthorityLine> take() {
        std::erase_if(lines_, [](const AuthorityLine& line) { return line.amount == Amount{}; });
        return std::move(lines_);
    }

private:
    std::vector<AuthorityLine> lines_;
    std::unordered_map<std::string, std::size_t> at_;
};

}  // namespace

std::vector<Posting> postings_of(const Record& record) {
    return std::visit(overloaded{
                          [](const PassActivated& x) { return of(x); },
                          [](const ActivationVoided& x) { return of(x); },
                          [](const IssueVoided& x) { return of(x); },
                          [](const PassRedeemed& x) { return of(x); },
                          [](const TopUp& x) { return of(x); },
                          [](const Purchase& x) { return of(x); },
                          [](const Refund& x) { return of(x); },
                          [](const auto&) { return std::vector<Posting>{}; },
                      },
                      record);
}

std::vector<AuthorityLine> at_risk_lines(const Record& record) {
    Moves moves;
    if (const auto* purchase = std::get_if<Purchase>(&record)) {
        for (const PaidFrom& paid : purchase->decision.allocations) {
            if (paid.at_risk == Amount{}) continue;
            moves.add(subject_of(paid, purchase->wallet, purchase->facts.place.business),
                      paid.at_risk, purchase->facts.basket.currency);
        }
    } else if (const auto* redeemed = std::get_if<PassRedeemed>(&record)) {
        moves.add(pass_subject(redeemed->pass), redeemed->at_risk, redeemed->value.currency);
    }
    return moves.take();
}

std::vector<AuthorityLine> held_moves(const Record& record, const std::vector<Posting>& postings) {
    Moves moves;
    for (const Posting& posting : postings) {
        if (is_subject(posting.account))
            moves.add(posting.account, posting.amount, posting.currency);
    }
    for (const AuthorityLine& line : at_risk_lines(record))
        moves.add(line.subject, line.amount, line.currency);
    if (const auto* taken = std::get_if<AuthorityTaken>(&record)) {
        for (const AuthorityLine& line : taken->lines)
            moves.add(line.subject, line.amount, line.currency);
    } else if (const auto* returned = std::get_if<AuthorityReturned>(&record)) {
        for (const AuthorityLine& line : returned->lines) {
            moves.add(line.subject, -line.amount, line.currency);
        }
    }
    return moves.take();
}

}  // namespace obol::journal
