#include "agent/app/top_up.hpp"

#include "sync/domain/bounds.hpp"
#include "tests/unit/agent/purchase_till.hpp"

namespace obol::agent::testing {
namespace {

class TopUps : public Till {
protected:
    Got top_up_w1(std::int64_t amount, std::optional<PoolId> into = {}) {
        TopUpInput input;
        input.wallet = WalletId{"w1"};
        input.amount = {Amount{amount}, Currency::parse("EUR").value()};
        input.tender = "cash";
        input.pool = std::move(into);
        return got(run(top_up(*context_, caller, once(fresh_key(), "{}"), std::move(input))));
    }
};

TEST_F(TopUps, FillAPocketToItsBoundAndNotBeyond) {
    business();
    Pool anywhere;
    anywhere.id = PoolId{"year"};
    pool(anywhere);
    wallet("w1", Amount{largest_pocket - 1000});
    open_shop();
    const std::int64_t before = entries();
    const Got over = top_up_w1(1001);
    EXPECT_EQ(over.code(), "above_maximum") << over.text;
    EXPECT_EQ(entries(), before);
    EXPECT_EQ(top_up_w1(1000).status, 201);
    EXPECT_EQ(top_up_w1(1).code(), "above_maximum");
    // A lot is a pocket of its own.
    EXPECT_EQ(top_up_w1(5000, PoolId{"year"}).status, 201);
    EXPECT_EQ(funds(business_subject(WalletId{"w1"}, BusinessId{"aroma"})).shown, Amount{largest_pocket});
}

}  // namespace
}  // namespace obol::agent::testing
