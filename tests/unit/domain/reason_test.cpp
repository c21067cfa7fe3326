#include "sync/domain/reason.hpp"

#include <gtest/gtest.h>

#include <map>
#include <set>

namespace obol {
namespace {

std::vector<Code> all_codes() {
    std::vector<Code> all;
    for (int i = 0; i <= static_cast<int>(Code::not_needed); ++i)
        all.push_back(static_cast<Code>(i));
    return all;
}

TEST(Reasons, NamesAreThoseOfTheContractInItsOrder) {
    const char* contract[] = {"storage_full",
                              "device_quarantined",
                              "clock_untrusted",
                              "cache_too_old",
                              "code_malformed",
                              "too_many_attempts",
                              "pass_unknown",
                              "link_required",
                              "pass_locked",
                              "pin_required",
                              "pin_incorrect",
                              "pass_draft",
                              "pass_already_active",
                              "pass_blocked",
                              "pass_cancelled",
                              "pass_redeemed",
                              "pass_expired",
                              "pass_not_yet_valid",
                              "wrong_business",
                              "wrong_currency",
                              "promotion_needs_purchase",
                              "not_a_promotion",
                              "wallet_unknown",
                              "wallet_required",
                              "wallet_blocked",
                              "offer_not_met",
                              "offer_used_up",
                              "limit_reached",
                              "below_minimum",
                              "above_maximum",
                              "insufficient_funds",
                              "not_fully_covered",
                              "authority_elsewhere",
                              "allowance_exhausted",
                              "purchase_unknown",
                              "already_voided",
                              "already_refunded",
                              "void_too_late",
                              "refund_exceeds_purchase",
                              "not_yet_valid",
                              "expired",
                              "location_not_allowed",
                              "outside_time_window",
                              "no_matching_product",
                              "not_needed"};
    const std::vector<Code> ours = all_codes();
    ASSERT_EQ(ours.size(), std::size(contract));
    for (std::size_t i = 0; i < ours.size(); ++i) {
        EXPECT_EQ(name_of(ours[i]), contract[i]);
        EXPECT_EQ(code_named(contract[i]), ours[i]);
    }
    EXPECT_FALSE(code_named("no_such_code"));
    EXPECT_FALSE(code_named(""));
}

TEST(Reasons, HaveTheStatusOfTheContract) {
    const std::map<std::string_view, int> others{
        {"storage_full", 507},    {"device_quarantined", 503}, {"clock_untrusted", 503},
        {"cache_too_old", 503},   {"link_required", 503},      {"too_many_attempts", 429},
        {"pass_locked", 423},     {"pass_unknown", 404},       {"wallet_unknown", 404},
        {"purchase_unknown", 404}};
    for (const Code code : all_codes()) {
        const auto other = others.find(name_of(code));
        EXPECT_EQ(http_status_of(code), other == others.end() ? 422 : other->second)
            << name_of(code);
    }
}

TEST(Reasons, SortByPrecedenceAndKeepTheOrderAmongEquals) {
    std::vector<Reason> reasons{because(Code::wallet_blocked), because(Code::pass_expired),
                                because(Code::authority_elsewhere), because(Code::pass_blocked)};
    reasons[1].venue = "first";
    reasons.push_back(reasons[1]);
    reasons.back().venue = "second";
    sort_by_precedence(reasons);
    ASSERT_EQ(reasons.size(), 5u);
    EXPECT_EQ(reasons[0].code, Code::pass_blocked);
    EXPECT_EQ(reasons[1].venue, "first");
    EXPECT_EQ(reasons[2].venue, "second");
    EXPECT_EQ(reasons[3].code, Code::wallet_blocked);
    EXPECT_EQ(reasons[4].code, Code::authority_elsewhere);
}

TEST(Reasons, EveryCodeHasOneFullSentenceForTheCashier) {
    for (const Code code : all_codes()) {
        const Reason reason = because(code);
        EXPECT_EQ(reason.code, code);
        EXPECT_GT(reason.detail.size(), 10u) << name_of(code);
        EXPECT_TRUE(reason.detail.ends_with('.')) << name_of(code);
        EXPECT_TRUE(reason.detail.front() >= 'A' && reason.detail.front() <= 'Z') << name_of(code);
    }
}

TEST(TrapCodes, T64_TheCustomersDisplayShowsTheSameForEveryFaultOfCodePinOrState) {
    for (const auto* language : {"en", "el"}) {
        std::set<std::string> sentences;
        for (int i = static_cast<int>(Code::code_malformed);
             i <= static_cast<int>(Code::wallet_blocked); ++i) {
            sentences.insert(customer_text(static_cast<Code>(i), language));
        }
        EXPECT_EQ(sentences.size(), 1u) << language;
    }
}

TEST(CustomerText, NeverNamesWhatIsAtFault) {
    for (const Code code : all_codes()) {
        const std::string english = customer_text(code, "en");
        for (const auto* telling :
             {"code", "PIN", "pass", "expired", "blocked", "locked", "venue", "redeemed"}) {
            EXPECT_EQ(english.find(telling), std::string::npos) << name_of(code) << ": " << english;
        }
        EXPECT_TRUE(english.ends_with('.'));
    }
}

TEST(CustomerText, SpeaksEnglishAndGreekAndEnglishOtherwise) {
    for (const Code code : all_codes()) {
        EXPECT_EQ(customer_text(code, "fr"), customer_text(code, "en"));
        EXPECT_EQ(customer_text(code, ""), customer_text(code, "en"));
        EXPECT_NE(customer_text(code, "el"), customer_text(code, "en"));
        EXPECT_TRUE(customer_text(code, "el").ends_with('.'));
    }
    EXPECT_NE(customer_text(Code::insufficient_funds, "en"),
              customer_text(Code::pass_unknown, "en"));
}

}  // namespace
}  // namespace obol
