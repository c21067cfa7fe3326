#include "sync/domain/refund.hpp"

#include <gtest/gtest.h>

#include <map>
#include <random>

namespace obol {
namespace {

RefundFacts sold(std::vector<std::int64_t> lines) {
    RefundFacts facts;
    facts.basket.currency = *Currency::parse("EUR");
    for (std::size_t i = 0; i < lines.size(); ++i) {
        Line line;
        line.id = LineId(std::to_string(i + 1));
        line.amount = Amount{lines[i]};
        facts.basket.lines.push_back(std::move(line));
    }
    return facts;
}

PaidFrom lot(const char* id, std::vector<std::pair<const char*, std::int64_t>> shares) {
    PaidFrom paid;
    paid.pocket = id[0] == 'B' ? Pocket::business : Pocket::commerce;
    if (paid.pocket == Pocket::commerce) {
        paid.lot = LotId(id);
        paid.pool = PoolId("open");
        paid.pool_version = 1;
    }
    for (const auto& [line, amount] : shares) {
        paid.lines.push_back({LineId(line), Amount{amount}});
        paid.amount += Amount{amount};
    }
    return paid;
}

RefundRequest of_lines(std::vector<std::pair<const char*, std::int64_t>> lines) {
    RefundRequest request;
    for (const auto& [line, amount] : lines)
        request.lines.push_back({LineId(line), Amount{amount}});
    return request;
}
RefundRequest of_amount(std::int64_t amount) {
    RefundRequest request;
    request.amount = Amount{amount};
    return request;
}

std::string show(const RefundDecision& decision) {
    if (!decision.accepted) return std::string(name_of(decision.reasons.at(0).code));
    std::string out;
    for (const PaidFrom& part : decision.allocations) {
        out += (part.lot.empty() ? std::string(name_of(part.pocket)) : part.lot.text) + " " +
               std::to_string(part.amount.minor) + ", ";
    }
    return out + "other " + std::to_string(decision.due_back.minor);
}

// Two lots and other tender on two lines of 10.00.
RefundFacts usual() {
    RefundFacts facts = sold({1000, 1000});
    facts.paid = {lot("a", {{"1", 600}}), lot("b", {{"1", 400}, {"2", 300}})};
    return facts;
}

TEST(Refund, AnEarlierRefundOfWhatWasNeverPaidGivesNobodyMore) {
    // Only books that were tampered with say so.
    RefundFacts facts = usual();
    RefundDecision odd;
    odd.goods = {{LineId("9"), Amount{100}}};
    odd.allocations = {lot("z", {{"1", 100}}), lot("a", {{"9", 50}})};
    facts.before = {odd};
    const RefundDecision rest = decide_refund(facts, {});
    EXPECT_EQ(rest.refunded + rest.due_back, Amount{1900});
    EXPECT_LE(rest.refunded, Amount{1300});
}

TEST(Refund, OfLinesIsNeverMoreThanANegativeLineLeftOfTheBasket) {
    const RefundFacts facts = sold({1000, -300});
    EXPECT_EQ(show(decide_refund(facts, of_lines({{"1", 701}}))), "refund_exceeds_purchase");
    EXPECT_EQ(show(decide_refund(facts, of_lines({{"1", 700}}))), "other 700");
}

TEST(Refund, GivesALineBackToWhatPaidItLastPaidFirst) {
    EXPECT_EQ(show(decide_refund(usual(), of_lines({{"1", 700}}))), "b 400, a 300, other 0");
}

TEST(Refund, GivesTheRestOfALineBackByTheOtherTender) {
    const RefundDecision got = decide_refund(usual(), of_lines({{"2", 500}}));
    EXPECT_EQ(show(got), "b 300, other 200");
    EXPECT_EQ(got.refunded, Amount{300});
    EXPECT_EQ(got.goods, (std::vector<RefundLine>{{LineId("2"), Amount{500}}}));
}

TEST(Refund, TakesAnAmountFromTheLastLineBackwards) {
    const RefundDecision got = decide_refund(usual(), of_amount(1200));
    EXPECT_EQ(show(got), "b 500, other 700");
    EXPECT_EQ(got.goods,
              (std::vector<RefundLine>{{LineId("1"), Amount{200}}, {LineId("2"), Amount{1000}}}));
}

TEST(Refund, OfAllGivesEverythingBack) {
    const RefundDecision got = decide_refund(usual(), {});
    EXPECT_EQ(show(got), "b 700, a 600, other 700");
    EXPECT_EQ(got.allocations.at(0).lines,
              (std::vector<LineShare>{{LineId("1"), Amount{400}}, {LineId("2"), Amount{300}}}));
}

TEST(Refund, RefusesMoreThanIsLeftOnALine) {
    RefundFacts facts = usual();
    EXPECT_EQ(show(decide_refund(facts, of_lines({{"1", 1001}}))), "refund_exceeds_purchase");
    facts.before = {decide_refund(facts, of_lines({{"1", 600}}))};
    EXPECT_EQ(show(decide_refund(facts, of_lines({{"1", 401}}))), "refund_exceeds_purchase");
    EXPECT_EQ(show(decide_refund(facts, of_lines({{"1", 400}}))), "a 400, other 0");
    EXPECT_EQ(show(decide_refund(facts, of_lines({{"1", 300}, {"1", 101}}))),
              "refund_exceeds_purchase");
}

TEST(Refund, RefusesUnknownAndNegativeLinesAndNothing) {
    RefundFacts facts = sold({1000, -200});
    EXPECT_EQ(show(decide_refund(facts, of_lines({{"9", 1}}))), "refund_exceeds_purchase");
    EXPECT_EQ(show(decide_refund(facts, of_lines({{"2", 1}}))), "refund_exceeds_purchase");
    EXPECT_EQ(show(decide_refund(facts, of_lines({{"1", 0}}))), "refund_exceeds_purchase");
    EXPECT_EQ(show(decide_refund(facts, of_amount(0))), "refund_exceeds_purchase");
    EXPECT_EQ(show(decide_refund(facts, of_amount(-5))), "refund_exceeds_purchase");
}

TEST(Refund, RefusesMoreThanTheTotalAndSaysWhatIsLeft) {
    const RefundDecision got = decide_refund(sold({1000, -200}), of_amount(801));
    EXPECT_EQ(show(got), "refund_exceeds_purchase");
    EXPECT_EQ(got.reasons.at(0).available, Amount{800});
}

TEST(Refund, RefusesASecondTime) {
    RefundFacts facts = usual();
    facts.before = {decide_refund(facts, {})};
    EXPECT_EQ(show(decide_refund(facts, {})), "already_refunded");
    EXPECT_EQ(show(decide_refund(facts, of_amount(1))), "already_refunded");
    facts.voided = true;
    EXPECT_EQ(show(decide_refund(facts, of_amount(1))), "already_voided");
}

TEST(Refund, NeverGivesMoreByOtherTenderThanCameByIt) {
    // A rebate of 10.00 made the basket cost what the wallet paid. Bringing back the line that the
    // wallet did not pay must not turn wallet money into cash.
    RefundFacts facts = sold({1000, 1000, -1000});
    facts.paid = {lot("a", {{"1", 1000}})};
    EXPECT_EQ(show(decide_refund(facts, of_lines({{"2", 1000}}))), "a 1000, other 0");
    EXPECT_EQ(show(decide_refund(facts, {})), "a 1000, other 0");
}

TEST(Refund, OfAPurchaseThatSpentNothingIsAllDueBack) {
    EXPECT_EQ(show(decide_refund(sold({500}), {})), "other 500");
    EXPECT_EQ(show(decide_refund(sold({500, -500}), {})), "other 0");
}

TEST(Refund, ShowsWhatMayStillComeBackPerLine) {
    RefundFacts facts = sold({1000, -300, 500});
    facts.before = {decide_refund(facts, of_lines({{"1", 800}}))};
    EXPECT_EQ(refundable_lines(facts),
              (std::vector<Refundable>{{LineId("1"), Amount{200}}, {LineId("3"), Amount{400}}}));
    facts.voided = true;
    EXPECT_EQ(refundable_lines(facts),
              (std::vector<Refundable>{{LineId("1"), {}}, {LineId("3"), {}}}));
}

// Whatever the parts, in the end exactly what was paid has come back, to each source what it paid.
TEST(Refund, InPartsEndsExactlyAtZero) {
    for (std::uint64_t seed = 1; seed <= 500; ++seed) {
        SCOPED_TRACE(seed);
        std::mt19937_64 dice(seed);
        std::vector<std::int64_t> amounts;
        for (std::size_t i = 0; i < 1 + dice() % 5; ++i) {
            amounts.push_back(static_cast<std::int64_t>(dice() % 1200) - 200);
        }
        RefundFacts facts = sold(amounts);
        const Amount total = facts.basket.total();
        if (total.minor <= 0) continue;
        std::vector<Source> sources;
        for (std::size_t s = 0; s < 1 + dice() % 4; ++s) {
            sources.push_back({Amount{static_cast<std::int64_t>(dice() % 900)}, {}, true});
        }
        std::vector<Amount> lines;
        for (const Line& line : facts.basket.lines) lines.push_back(line.amount);
        const Flow flow = allocate(lines, sources, total);
        for (std::size_t s = 0; s < sources.size(); ++s) {
            PaidFrom paid = lot(("l" + std::to_string(s)).c_str(), {});
            for (const Share& share : flow.shares) {
                if (share.source != s) continue;
                paid.lines.push_back({facts.basket.lines[share.line].id, share.amount});
                paid.amount += share.amount;
            }
            if (paid.amount.minor > 0) facts.paid.push_back(std::move(paid));
        }

        Amount refunded, due_back;
        std::map<std::string, Amount> to;
        while (refunded + due_back < total) {
            RefundRequest request;
            const auto open = refundable_lines(facts);
            const Refundable& pick = open[dice() % open.size()];
            if (dice() % 2 == 0) {
                if (pick.amount == Amount{}) continue;
                const auto most = static_cast<std::uint64_t>(pick.amount.minor);
                request.lines = {{pick.line, Amount{static_cast<std::int64_t>(1 + dice() % most)}}};
            } else if (dice() % 4 != 0) {
                const auto most = static_cast<std::uint64_t>((total - refunded - due_back).minor);
                request.amount = Amount{static_cast<std::int64_t>(1 + dice() % most)};
            }
            const RefundDecision got = decide_refund(facts, request);
            ASSERT_TRUE(got.accepted);
            ASSERT_GE(got.due_back.minor, 0);
            Amount goods;
            for (const RefundLine& line : got.goods) goods += line.amount;
            ASSERT_EQ(goods, got.refunded + got.due_back);
            refunded += got.refunded;
            due_back += got.due_back;
            for (const PaidFrom& part : got.allocations) to[part.lot.text] += part.amount;
            facts.before.push_back(got);
        }
        ASSERT_EQ(refunded, flow.total);
        ASSERT_EQ(due_back, total - flow.total);
        for (const PaidFrom& paid : facts.paid) ASSERT_EQ(to[paid.lot.text], paid.amount);
        ASSERT_EQ(show(decide_refund(facts, {})), "already_refunded");
    }
}

TEST(Refund, RevivesAnExpiredLotForItsGraceAndLeavesOthersAlone) {
    const Zone zone = *Zone::find("Asia/Nicosia");
    const Instant now = *parse_rfc3339("2026-11-24T10:00:00Z");
    const Span over{now - std::chrono::days{90}, now - std::chrono::days{1}};
    const Span got = revived(over, now, Period{0, 30}, zone);
    EXPECT_EQ(got.from, over.from);
    ASSERT_TRUE(got.until);
    EXPECT_EQ(*got.until, *parse_rfc3339("2026-12-24T22:00:00Z"));

    const Span open{std::nullopt, now + std::chrono::hours{1}};
    EXPECT_EQ(revived(open, now, Period{0, 30}, zone), open);
    EXPECT_EQ(revived(Span{}, now, Period{0, 30}, zone), Span{});
    EXPECT_NE(revived(Span{std::nullopt, now}, now, Period{0, 30}, zone).until, now);
}

}  // namespace
}  // namespace obol
