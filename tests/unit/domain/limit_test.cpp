#include "sync/domain/limit.hpp"

#include <gtest/gtest.h>

#include "sync/domain/purchase.hpp"

namespace obol {
namespace {

using std::chrono::hours;
using std::chrono::minutes;

const Currency eur = *Currency::parse("EUR");
const Currency usd = *Currency::parse("USD");

Instant at(std::string_view text) { return parse_rfc3339(text).value(); }
BusinessCalendar calendar(std::string_view zone, int hour = 4, int minute = 0) {
    return {Zone::find(zone).value(), hour * 60 + minute};
}
std::string day(std::string_view moment, const BusinessCalendar& of) {
    return to_iso_date(business_day_of(at(moment), of));
}
std::string range(LimitPeriod period, std::string_view moment, const BusinessCalendar& of) {
    const DayRange got = period_of(period, at(moment), of);
    return to_iso_date(got.first) + " to " + to_iso_date(got.end) + ", resets " +
           to_rfc3339(got.resets_at, of.zone);
}

// --- business days ----------------------------------------------------------------------------

TEST(TrapTime, T11_ABusinessDayBeginsAtTheCutOffAndNotAtMidnight) {
    const BusinessCalendar nicosia = calendar("Asia/Nicosia");
    EXPECT_EQ(day("2026-11-21T01:59:59+02:00", nicosia), "2026-11-20");
    EXPECT_EQ(day("2026-11-21T03:59:59+02:00", nicosia), "2026-11-20");
    EXPECT_EQ(day("2026-11-21T04:00:00+02:00", nicosia), "2026-11-21");
    EXPECT_EQ(day("2026-11-21T00:00:00+02:00", calendar("Asia/Nicosia", 0)), "2026-11-21");
}

TEST(TrapTime, T16_WeeksOfLimitsBeginOnMondayAndMonthsOnTheFirst) {
    const BusinessCalendar nicosia = calendar("Asia/Nicosia");
    // Sunday night after midnight still belongs to Sunday's week.
    EXPECT_EQ(range(LimitPeriod::week, "2026-11-23T03:00:00+02:00", nicosia),
              "2026-11-16 to 2026-11-23, resets 2026-11-23T04:00:00+02:00");
    EXPECT_EQ(range(LimitPeriod::week, "2026-11-23T04:00:00+02:00", nicosia),
              "2026-11-23 to 2026-11-30, resets 2026-11-30T04:00:00+02:00");
    EXPECT_EQ(range(LimitPeriod::month, "2026-12-01T03:59:00+02:00", nicosia),
              "2026-11-01 to 2026-12-01, resets 2026-12-01T04:00:00+02:00");
    EXPECT_EQ(range(LimitPeriod::month, "2027-01-01T02:00:00+02:00", nicosia),
              "2026-12-01 to 2027-01-01, resets 2027-01-01T04:00:00+02:00");
    EXPECT_EQ(range(LimitPeriod::month, "2028-01-31T12:00:00+02:00", nicosia),
              "2028-01-01 to 2028-02-01, resets 2028-02-01T04:00:00+02:00");
    EXPECT_EQ(range(LimitPeriod::day, "2028-02-29T05:00:00+02:00", nicosia),
              "2028-02-29 to 2028-03-01, resets 2028-03-01T04:00:00+02:00");
}

TEST(BusinessDay, BeginsLaterWhereAClockChangeSkipsTheCutOff) {
    // Egypt's clocks go from 00:00 to 01:00 on the last Friday of April.
    const BusinessCalendar cairo = calendar("Africa/Cairo", 0, 30);
    EXPECT_EQ(range(LimitPeriod::day, "2025-04-24T21:59:00Z", cairo),
              "2025-04-24 to 2025-04-25, resets 2025-04-25T01:00:00+03:00");
    EXPECT_EQ(day("2025-04-24T21:59:59Z", cairo), "2025-04-24");
    EXPECT_EQ(day("2025-04-24T22:00:00Z", cairo), "2025-04-25");
    // Nicosia goes from 03:00 to 04:00: 03:30 is skipped.
    EXPECT_EQ(range(LimitPeriod::day, "2026-03-28T12:00:00Z", calendar("Asia/Nicosia", 3, 30)),
              "2026-03-28 to 2026-03-29, resets 2026-03-29T04:00:00+03:00");
}

TEST(BusinessDay, ARepeatedHourBeginsNothingAnew) {
    // Nicosia shows 03:00 to 04:00 twice on 25 October 2026.
    const BusinessCalendar nicosia = calendar("Asia/Nicosia", 3, 30);
    EXPECT_EQ(day("2026-10-25T03:29:00+03:00", nicosia), "2026-10-24");
    EXPECT_EQ(day("2026-10-25T03:30:00+03:00", nicosia), "2026-10-25");
    EXPECT_EQ(day("2026-10-25T03:10:00+02:00", nicosia), "2026-10-25");  // shows 03:10 again
    // St. John's once went from 00:01 back to 23:01 of the day before.
    const BusinessCalendar johns = calendar("America/St_Johns", 0);
    EXPECT_EQ(day("2006-10-29T02:30:30Z", johns), "2006-10-29");  // 00:00:30
    EXPECT_EQ(day("2006-10-29T03:00:00Z", johns), "2006-10-29");  // 23:30 of the 28th again
}

TEST(BusinessDay, ADateThatAZoneSkippedHasNone) {
    // Apia had no 30 December 2011.
    const BusinessCalendar apia = calendar("Pacific/Apia");
    EXPECT_EQ(day("2011-12-30T09:59:00Z", apia), "2011-12-29");  // 23:59 of the 29th
    EXPECT_EQ(day("2011-12-30T12:00:00Z", apia), "2011-12-29");  // 02:00 of the 31st
    EXPECT_EQ(day("2011-12-30T14:00:00Z", apia), "2011-12-31");
    EXPECT_EQ(range(LimitPeriod::day, "2011-12-30T09:00:00Z", apia),
              "2011-12-29 to 2011-12-30, resets 2011-12-31T04:00:00+14:00");
}

TEST(BusinessDay, NeverGoesBackAndEndsWhenItSays) {
    for (const char* name : {"Asia/Nicosia", "Europe/London", "Africa/Cairo", "Pacific/Apia",
                             "Australia/Lord_Howe", "America/Sao_Paulo", "America/St_Johns"}) {
        for (const int hour : {0, 2, 4}) {
            const BusinessCalendar of = calendar(name, hour);
            for (const char* year : {"2006", "2011", "2018", "2026"}) {
                Instant moment = at(std::string(year) + "-01-01T00:00:00Z");
                const Instant end = moment + hours{24 * 366};
                LocalDate before = business_day_of(moment, of);
                while (moment < end) {
                    moment += minutes{30};
                    const LocalDate now = business_day_of(moment, of);
                    ASSERT_GE(now, before) << name << ' ' << to_rfc3339(moment);
                    if (now != before) {
                        // The day before said when it would end: then, and within this half hour.
                        const Instant reset =
                            period_of(LimitPeriod::day, moment - minutes{30}, of).resets_at;
                        ASSERT_LE(reset, moment) << name;
                        ASSERT_GT(reset, moment - minutes{30}) << name;
                        ASSERT_EQ(business_day_of(reset, of), now) << name;
                        ASSERT_EQ(business_day_of(reset - Millis{1}, of), before) << name;
                    }
                    before = now;
                }
            }
        }
    }
}

// --- judging ----------------------------------------------------------------------------------

Limit limit(LimitPeriod period, LimitKind kind = LimitKind::debit) {
    Limit out;
    out.id = std::string(name_of(period));
    out.business = BusinessId{"aroma"};
    out.kind = kind;
    out.period = period;
    out.currency = eur;
    return out;
}
Limit at_most(LimitPeriod period, std::int64_t amount) {
    Limit out = limit(period);
    out.most_amount = Amount{amount};
    return out;
}
Limit at_most_times(LimitPeriod period, std::int64_t count) {
    Limit out = limit(period);
    out.most_count = count;
    return out;
}
Limit at_least(std::int64_t amount) {
    Limit out = limit(LimitPeriod::transaction);
    out.least_amount = Amount{amount};
    return out;
}
Activity done(LimitPeriod period, std::int64_t count, std::int64_t amount) {
    return {period, count, Amount{amount}, at("2026-11-22T02:00:00Z"), "+02:00"};
}
std::string codes(const std::vector<Reason>& reasons) {
    std::string out;
    for (const Reason& reason : reasons) {
        out += std::string(name_of(reason.code)) + "(" + reason.limit + ") ";
    }
    return out;
}
std::string judged(const LimitFacts& facts, std::int64_t amount, Currency currency = eur) {
    return codes(judge_limits(facts, {Amount{amount}, currency}));
}

TEST(Limits, WithoutAnyAllIsAllowed) { EXPECT_EQ(judged({}, 1'000'000), ""); }

TEST(Limits, CountTransactionsOfThePeriod) {
    LimitFacts facts{1, {at_most_times(LimitPeriod::day, 3)}, {done(LimitPeriod::day, 2, 0)}};
    EXPECT_EQ(judged(facts, 1), "");
    facts.activity[0].count = 3;
    EXPECT_EQ(judged(facts, 1), "limit_reached(debit per day) ");
    const Reason reason = judge_limits(facts, {Amount{1}, eur}).front();
    EXPECT_EQ(reason.moment, at("2026-11-22T02:00:00Z"));
    EXPECT_EQ(reason.moment_offset, "+02:00");
    EXPECT_EQ(reason.available, std::nullopt);
    EXPECT_EQ(reason.detail, "The wallet may be debited at most 3 times per day.");
}

TEST(Limits, CountMoneyOfThePeriodUpToTheLastCent) {
    const LimitFacts facts{
        1, {at_most(LimitPeriod::week, 5'000)}, {done(LimitPeriod::week, 9, 4'200)}};
    EXPECT_EQ(judged(facts, 800), "");
    EXPECT_EQ(judged(facts, 801), "limit_reached(debit per week) ");
    EXPECT_EQ(judge_limits(facts, {Amount{801}, eur}).front().available, Amount{800});
    const LimitFacts over{
        1, {at_most(LimitPeriod::week, 5'000)}, {done(LimitPeriod::week, 9, 9'000)}};
    EXPECT_EQ(judge_limits(over, {Amount{1}, eur}).front().available, Amount{0});
}

TEST(Limits, BoundOneTransaction) {
    const LimitFacts facts{1, {at_most(LimitPeriod::transaction, 300), at_least(100)}, {}};
    EXPECT_EQ(judged(facts, 99), "below_minimum(debit per transaction) ");
    EXPECT_EQ(judged(facts, 100), "");
    EXPECT_EQ(judged(facts, 300), "");
    EXPECT_EQ(judged(facts, 301), "above_maximum(debit per transaction) ");
    EXPECT_EQ(judge_limits(facts, {Amount{301}, eur}).front().available, Amount{300});
    EXPECT_EQ(judge_limits(facts, {Amount{99}, eur}).front().least, Amount{100});
}

TEST(Limits, AddUpAndAreToldInOrderOfPrecedence) {
    const LimitFacts facts{1,
                           {at_most(LimitPeriod::transaction, 300), at_most(LimitPeriod::day, 400),
                            at_most_times(LimitPeriod::month, 2)},
                           {done(LimitPeriod::day, 1, 390), done(LimitPeriod::month, 2, 390)}};
    EXPECT_EQ(judged(facts, 500),
              "limit_reached(debit per month) limit_reached(debit per day) "
              "above_maximum(debit per transaction) ");
}

TEST(Limits, TheNarrowestOfSeveralCounts) {
    const Limit narrow = at_most(LimitPeriod::day, 300), wide = at_most(LimitPeriod::week, 500);
    const Money asked{Amount{1'000}, *Currency::parse("EUR")};
    EXPECT_EQ(judge_up_to({1, {narrow, wide}, {}}, asked).most, Amount{300});
    EXPECT_EQ(judge_up_to({1, {wide, narrow}, {}}, asked).most, Amount{300});
}
TEST(Limits, TakeWhatIsLeftWhereLessWillDo) {
    const LimitFacts facts{1,
                           {at_most(LimitPeriod::transaction, 300), at_most(LimitPeriod::day, 400)},
                           {done(LimitPeriod::day, 1, 150)}};
    LimitVerdict verdict = judge_up_to(facts, {Amount{500}, eur});
    EXPECT_EQ(verdict.most, Amount{250});
    EXPECT_TRUE(verdict.refused.empty());
    EXPECT_EQ(codes(verdict.lowered),
              "limit_reached(debit per day) above_maximum(debit per transaction) ");
    verdict = judge_up_to(facts, {Amount{250}, eur});
    EXPECT_EQ(verdict.most, Amount{250});
    EXPECT_TRUE(verdict.lowered.empty());
}

TEST(Limits, RefuseWhereNothingOrLessThanTheLeastIsLeft) {
    const std::vector<Limit> limits{at_most(LimitPeriod::day, 400), at_least(100)};
    const LimitFacts used{1, limits, {done(LimitPeriod::day, 1, 400)}};
    EXPECT_EQ(codes(judge_up_to(used, {Amount{500}, eur}).refused),
              "limit_reached(debit per day) ");
    const LimitFacts nearly{1, limits, {done(LimitPeriod::day, 1, 301)}};
    const LimitVerdict verdict = judge_up_to(nearly, {Amount{500}, eur});
    EXPECT_EQ(codes(verdict.refused), "limit_reached(debit per day) ");
    EXPECT_EQ(verdict.most, Amount{});
    EXPECT_TRUE(verdict.lowered.empty());
}

TEST(Limits, AWalletOfAnotherCurrencyCountsInNumberAlone) {
    const LimitFacts facts{1,
                           {at_most(LimitPeriod::day, 400), at_most_times(LimitPeriod::day, 2),
                            at_most(LimitPeriod::transaction, 10), at_least(100)},
                           {done(LimitPeriod::day, 1, 400)}};
    EXPECT_EQ(judged(facts, 50, usd), "");
    const LimitFacts next = after(facts, {Amount{50}, usd});
    EXPECT_EQ(next.activity[0].count, 2);
    EXPECT_EQ(next.activity[0].amount, Amount{400});
    EXPECT_EQ(judged(next, 50, usd), "limit_reached(debit per day) ");
    EXPECT_EQ(after(facts, {Amount{50}, eur}).activity[0].amount, Amount{450});
}

TEST(Limits, WhatWasNotCountedCountsAsNothing) {
    EXPECT_EQ(judged({1, {at_most(LimitPeriod::day, 400)}, {}}, 400), "");
    EXPECT_EQ(judged({1, {at_most(LimitPeriod::day, 400)}, {}}, 401), "limit_reached(debit per day) ");
}

TEST(Limits, OneWithoutBoundsIsLifted) {
    EXPECT_TRUE(is_lifted(limit(LimitPeriod::day)));
    EXPECT_FALSE(is_lifted(at_least(1)));
    EXPECT_FALSE(is_lifted(at_most_times(LimitPeriod::day, 0)));
    EXPECT_EQ(judged({1, {at_most_times(LimitPeriod::day, 0)}, {done(LimitPeriod::day, 0, 0)}}, 1),
              "limit_reached(debit per day) ");
}

TEST(Limits, AreNamedAsTheyAreSet) {
    for (const LimitKind kind :
         {LimitKind::debit, LimitKind::credit, LimitKind::top_up, LimitKind::transfer}) {
        EXPECT_EQ(limit_kind_named(name_of(kind)), kind);
        Limit one = limit(LimitPeriod::month, kind);
        one.most_count = 0;
        EXPECT_EQ(judged({1, {one}, {done(LimitPeriod::month, 0, 0)}}, 5),
                  "limit_reached(" + std::string(name_of(kind)) + " per month) ");
    }
    for (const LimitPeriod period :
         {LimitPeriod::transaction, LimitPeriod::day, LimitPeriod::week, LimitPeriod::month}) {
        EXPECT_EQ(limit_period_named(name_of(period)), period);
    }
    EXPECT_EQ(limit_kind_named("spend"), std::nullopt);
    EXPECT_EQ(limit_period_named("year"), std::nullopt);
}

// --- in a purchase ----------------------------------------------------------------------------

PurchaseFacts purchase(std::int64_t total, std::int64_t held) {
    PurchaseFacts facts;
    facts.place = {VenueId{"nic"}, BusinessId{"aroma"}};
    facts.zone = "Asia/Nicosia";
    facts.now = at("2026-11-21T10:00:00Z");
    facts.basket.currency = eur;
    facts.basket.lines = {{LineId{"1"}, "C1", "1", Amount{total}, "", "", "", ""}};
    Pool pool;
    pool.id = PoolId{"open"};
    facts.pools = {pool};
    Lot lot;
    lot.id = LotId{"lot"};
    lot.pool = pool.id;
    lot.currency = eur;
    facts.lots = {{lot, {Amount{held}, Amount{held}}}};
    facts.business = {Amount{held}, Amount{held}};
    return facts;
}
PurchaseDecision decide(const PurchaseFacts& facts, SpendMode mode, std::int64_t amount = 0) {
    return decide_purchase(facts, {.mode = mode, .amount = Amount{amount}});
}

TEST(PurchaseUnderLimits, MaxTakesWhatIsLeftAndSaysWhy) {
    PurchaseFacts facts = purchase(1'000, 600);
    facts.limits = {1, {at_most(LimitPeriod::day, 900)}, {done(LimitPeriod::day, 1, 200)}};
    const PurchaseDecision got = decide(facts, SpendMode::max);
    EXPECT_TRUE(got.accepted);
    EXPECT_EQ(got.spent, Amount{700});
    EXPECT_EQ(got.due, Amount{300});
    EXPECT_EQ(codes(got.reasons), "limit_reached(debit per day) ");
    EXPECT_TRUE(got.refused.empty());  // the lot gave all it has; the pocket was cut short

    facts.limits.activity[0].amount = Amount{500};
    const PurchaseDecision less = decide(facts, SpendMode::max);
    EXPECT_EQ(less.spent, Amount{400});
    ASSERT_EQ(less.refused.size(), 1U);
    EXPECT_EQ(less.refused[0].amount, Amount{200});
    EXPECT_EQ(codes(less.refused[0].reasons), "limit_reached(debit per day) ");
}

TEST(PurchaseUnderLimits, WhereNothingIsHeldTheyBoundWhatIsShown) {
    PurchaseFacts facts = purchase(1'000, 600);
    facts.limits = {1, {at_most(LimitPeriod::day, 250)}, {done(LimitPeriod::day, 0, 0)}};
    for (LotFacts& lot : facts.lots) lot.funds.held = {};
    facts.business.held = {};
    const PurchaseDecision got = decide(facts, SpendMode::max);
    EXPECT_TRUE(got.accepted);
    EXPECT_EQ(got.spent, Amount{});
    EXPECT_TRUE(got.reasons.empty()) << "it is authority that is lacking, not leave";
    ASSERT_EQ(got.refused.size(), 1U);
    EXPECT_EQ(codes(got.refused[0].reasons), "authority_elsewhere() ");
}
TEST(PurchaseUnderLimits, ALimitThatDoesNotBindIsNotMentioned) {
    PurchaseFacts facts = purchase(1'000, 300);
    facts.limits = {1, {at_most(LimitPeriod::day, 600)}, {done(LimitPeriod::day, 1, 0)}};
    const PurchaseDecision got = decide(facts, SpendMode::max);
    EXPECT_EQ(got.spent, Amount{600});
    EXPECT_TRUE(got.reasons.empty());
    PurchaseFacts free = facts;
    free.limits = {};
    EXPECT_EQ(got, decide(free, SpendMode::max));
}

TEST(PurchaseUnderLimits, NothingLeftRefusesWhatWouldTakeSomething) {
    PurchaseFacts facts = purchase(1'000, 600);
    facts.limits = {1, {at_most_times(LimitPeriod::day, 2)}, {done(LimitPeriod::day, 2, 0)}};
    for (const SpendMode mode : {SpendMode::max, SpendMode::full, SpendMode::amount}) {
        const PurchaseDecision got = decide(facts, mode, 10);
        EXPECT_FALSE(got.accepted) << name_of(mode);
        EXPECT_EQ(codes(got.reasons), "limit_reached(debit per day) ") << name_of(mode);
        EXPECT_EQ(got.spent, Amount{});
        EXPECT_TRUE(got.allocations.empty());
    }
    EXPECT_TRUE(decide(facts, SpendMode::none).accepted);
    PurchaseFacts empty = facts;
    empty.lots.clear();
    empty.business = {};
    EXPECT_TRUE(decide(empty, SpendMode::max).accepted);  // takes nothing, so counts as nothing
    EXPECT_TRUE(decide(purchase(-5, 600), SpendMode::max).accepted);
}

TEST(PurchaseUnderLimits, AnExactAmountIsAllOrNothing) {
    PurchaseFacts facts = purchase(1'000, 600);
    facts.limits = {1, {at_most(LimitPeriod::day, 900)}, {done(LimitPeriod::day, 1, 200)}};
    EXPECT_TRUE(decide(facts, SpendMode::amount, 700).accepted);
    EXPECT_EQ(codes(decide(facts, SpendMode::amount, 701).reasons),
              "limit_reached(debit per day) ");
    EXPECT_EQ(codes(decide(facts, SpendMode::full).reasons), "limit_reached(debit per day) ");
    // Both faults are told, the limit first.
    facts.business = {};
    EXPECT_EQ(codes(decide(facts, SpendMode::full).reasons),
              "limit_reached(debit per day) not_fully_covered() ");
}

TEST(PurchaseUnderLimits, MaxBelowTheLeastIsRefused) {
    PurchaseFacts facts = purchase(80, 600);
    facts.limits = {1, {at_least(100)}, {}};
    EXPECT_EQ(codes(decide(facts, SpendMode::max).reasons),
              "below_minimum(debit per transaction) ");
    EXPECT_TRUE(decide(purchase(100, 600), SpendMode::max).accepted);
}

TEST(PurchaseUnderLimits, AsksForNoMoreAuthorityThanTheLimitsLet) {
    PurchaseFacts facts = purchase(1'000, 0);
    facts.lots[0].funds = {Amount{600}, Amount{100}};
    facts.business = {};
    facts.limits = {1, {at_most(LimitPeriod::day, 400)}, {done(LimitPeriod::day, 1, 50)}};
    const SpendRequest max;
    const WalletId wallet{"w1"};
    const std::vector<Want> wants = authority_wanted(facts, max, wallet);
    ASSERT_EQ(wants.size(), 1U);
    EXPECT_EQ(wants[0].amount, Amount{250});
    EXPECT_EQ(decide_purchase(facts, max).spent, Amount{100});
    EXPECT_TRUE(decide_purchase(facts, max).reasons.empty());  // authority binds, not the limit
    facts.limits.activity[0].amount = Amount{400};
    EXPECT_TRUE(authority_wanted(facts, max, wallet).empty());
    facts.lots[0].funds.held = Amount{};
    EXPECT_FALSE(
        decide_purchase(facts, max).accepted);  // the limit, not the authority, is at fault
}

}  // namespace
}  // namespace obol
