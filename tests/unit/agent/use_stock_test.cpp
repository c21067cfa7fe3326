// Uses of a capped offer are kept ready as fast as they are used, so that a till awards with the link down.
#include "tests/unit/agent/purchase_till.hpp"

namespace obol::agent::testing {
namespace {

constexpr Millis minute{60'000};

class UseStock : public Till {
protected:
    UseStock() {
        business();
        Pool open;
        open.id = PoolId{"open"};
        open.name = "No restriction";
        pool(open);
        wallet("w1", Amount{100'000}, "EUR", {"regular"});
    }
    void open_with(std::int64_t uses, std::int64_t held, Span valid = {}) {
        Offer it = an_offer("spring", Claim::automatic, "open");
        it.reward = {0, Amount{10}, {}};
        it.uses = uses;
        it.valid = valid;
        offer(it);
        but_hold_only(subject, Amount{held});
        open_shop();
    }
    void sell(int times) {
        for (int i = 0; i < times; ++i) {
            const Got bought = buy(spend(R"({"id":"w1"})", basket(700)));
            ASSERT_EQ(bought.body["awards"].size(), 1u) << bought.text;
        }
    }
    std::string newest() {
        const std::int64_t seq = entries();
        const auto entry = store_->facts().entry(seq);
        const auto record = journal::from_detail(entry->kind, entry->detail);
        std::string out = entry->kind;
        if (const auto* it = std::get_if<journal::AuthorityAsked>(&*record)) lines_ = it->lines;
        if (const auto* it = std::get_if<journal::AuthorityReturned>(&*record)) {
            out += " " + it->why;
            lines_ = it->lines;
        }
        for (const auto& line : lines_) out += " " + line.subject + "=" + std::to_string(line.amount.minor);
        return out;
    }
    // An idle moment of the uplink; what it wrote, or nothing.
    std::string idle() {
        lines_.clear();
        const std::int64_t before = entries();
        run<void>(uplink_->return_idle());
        return entries() == before ? "nothing" : newest();
    }
    Amount held() { return funds(subject).held; }

    const Subject subject = offer_subject(OfferId{"spring"});
    std::vector<journal::AuthorityLine> lines_;
};

TEST_F(UseStock, WhatWasUsedIsAskedForInTheBackgroundAndServesWithTheLinkDown) {
    open_with(100, 3);
    EXPECT_EQ(idle(), "nothing");
    sell(3);
    EXPECT_EQ(held(), Amount{0});
    ASSERT_EQ(idle(), "authority_asked offer:spring=3");
    grant(entries(), lines_);
    EXPECT_EQ(held(), Amount{3});
    EXPECT_EQ(idle(), "nothing");
    sell(3);  // the link was never up
}

TEST_F(UseStock, NothingIsAskedForWhileHalfIsLeft) {
    open_with(100, 6);
    sell(4);
    EXPECT_EQ(held(), Amount{2});  // keeps 4
    EXPECT_EQ(idle(), "nothing");
    sell(1);
    EXPECT_EQ(idle(), "authority_asked offer:spring=4");
}

TEST_F(UseStock, TheLastOnesAreLeftToWhoSellsThem) {
    open_with(4, 3);
    sell(3);
    EXPECT_EQ(idle(), "nothing");
}

TEST_F(UseStock, IsNotAskedForAgainAndAgain) {
    open_with(100, 2);
    sell(2);
    EXPECT_EQ(idle(), "authority_asked offer:spring=2");
    clock.moment += Millis{5'000};
    EXPECT_EQ(idle(), "nothing");
    clock.moment += Millis{30'000};
    EXPECT_EQ(idle(), "authority_taken");  // nobody answered: given up
    clock.moment += minute;
    EXPECT_EQ(idle(), "nothing");
    clock.moment += minute;
    EXPECT_EQ(idle(), "authority_asked offer:spring=2");
}

TEST_F(UseStock, GoesBackWhenItIsNotUsedAnyMore) {
    open_with(100, 2);
    sell(2);
    ASSERT_EQ(idle(), "authority_asked offer:spring=2");
    grant(entries(), lines_);
    clock.moment += 30 * minute;
    EXPECT_EQ(idle(), "nothing");
    clock.moment += 100 * minute;
    EXPECT_EQ(idle(), "authority_returned idle offer:spring=2");
    EXPECT_EQ(idle(), "nothing");
}

TEST_F(UseStock, WhatIsBeyondItGoesBackWhenIdle) {
    open_with(100, 10);
    sell(2);
    EXPECT_EQ(idle(), "nothing");
    clock.moment += minute;
    EXPECT_EQ(idle(), "authority_returned idle offer:spring=6");
    EXPECT_EQ(held(), Amount{2});
}

TEST_F(UseStock, OfAnOfferThatIsOverNothingIsKept) {
    open_with(100, 2, Span{{}, clock.moment + minute});
    sell(2);
    ASSERT_EQ(idle(), "authority_asked offer:spring=2");
    grant(entries(), lines_);
    clock.moment += minute;
    EXPECT_EQ(idle(), "authority_returned idle offer:spring=2");
}

}  // namespace
}  // namespace obol::agent::testing
