// Offers as import and admin calls bring them: terms by version, codes, and the cap on uses.
#include "sync/ledger/store/registrar.hpp"
#include "tests/unit/ledger/office_fixture.hpp"

namespace obol::ledger {
namespace {

using Pointers = std::vector<std::string>;

json with_offers() {
    json all = cafe();
    all["offers"].push_back(json::parse(R"({"id":"spring","business":"aroma","name":"Spring","currency":"EUR",
        "claim":"code","code":"spring-10","validity":{"from":"2026-03-01","until":"2026-12-31"},
        "time":[{"days":["sat"],"from":"08:00","to":"12:00"}],
        "locations":{"venues":["nic"]},"segments":["vip"],"products":{"skus":["C1"]},"least_spend":1000,
        "reward":{"amount":300,"cap":200},"pool":"happy","instant":true,"uses":50,"uses_per_contact":1})"));
    all["offers"].push_back(json::parse(R"({"id":"welcome","business":"aroma","name":"Welcome","currency":"EUR",
        "claim":"passes","reward":{"basis_points":1000},"pool":"happy"})"));
    all["plans"].push_back(json::parse(R"({"id":"promo","business":"aroma","name":"Promo","type":"promotion",
        "printed":false,"currency":"EUR","offer":"welcome","code":{"alphabet":"alphanumeric","length":14}})"));
    all["passes"].push_back(json::parse(R"({"plan":"promo","code":"PROMOAAAABBBB4","venue":"nic"})"));
    return all;
}

class OfferImport : public OfficeTest {
protected:
    void import_offers() { ASSERT_EQ(faults_of(with_offers()), Pointers{}); }
    std::int64_t centre(const Subject& subject) {
        const auto row = books.subject(subject);
        return row ? row->centre.minor : -1;
    }
    Pointers faults_with(int offer, const char* patch) {
        json all = with_offers();
        all["offers"][static_cast<std::size_t>(offer)].merge_patch(json::parse(patch));
        return faults_of(all);
    }
    Pointers faults_with_plan(const char* patch) {
        json all = with_offers();
        all["plans"].back().merge_patch(json::parse(patch));
        all["passes"].erase(all["passes"].size() - 1);
        return faults_of(all);
    }
};

TEST_F(OfferImport, KeepsTheTermsAndResolvesItsRunInTheZoneOfTheBusiness) {
    import_offers();
    const auto offer = current_offer(books, OfferId{"spring"});
    ASSERT_TRUE(offer);
    EXPECT_EQ(offer->valid.from, parse_rfc3339("2026-03-01T00:00:00+02:00").value());
    EXPECT_EQ(offer->valid.until, parse_rfc3339("2027-01-01T00:00:00+02:00").value());
    EXPECT_EQ(offer->reward, (Reward{0, Amount{300}, Amount{200}}));
    EXPECT_EQ(offer->segments, std::vector<std::string>{"vip"});
    EXPECT_EQ(offer->least_spend, Amount{1000});
    EXPECT_TRUE(offer->instant);
    EXPECT_EQ(offer->uses_per_contact, 1);
    EXPECT_EQ(offer->version, 1);
}

TEST_F(OfferImport, ItsCodeTravelsAsADigestAloneAndLiesSealed) {
    import_offers();
    const auto body = books.fact("offer", "spring");
    ASSERT_TRUE(body);
    EXPECT_EQ(*body->at("digest").bytes(), digest_of_code("SPRING10"));
    for (const auto& [key, value] : *body) EXPECT_TRUE(!value.text() || *value.text() != "SPRING10");
    EXPECT_EQ(count("SELECT count(*) FROM offer_code"), 1);
    EXPECT_FALSE(books.fact("offer", "cashback")->contains("digest"));
}

TEST_F(OfferImport, ItsUsesAreIssuedToTheCentreAndAPromotionPassIsOneOfThem) {
    import_offers();
    EXPECT_EQ(centre("offer:spring"), 50);
    EXPECT_EQ(books.subject("offer:spring")->currency, Currency::none());
    EXPECT_TRUE(books.subject("offer:spring")->home.empty());
    EXPECT_EQ(centre("offer:cashback"), -1);
    const Subject pass = pass_subject(pass_of("PROMOAAAABBBB4"));
    EXPECT_EQ(centre(pass), 1);
    EXPECT_EQ(books.subject(pass)->currency, Currency::none());
    EXPECT_EQ(books.subject(pass)->home, VenueId{"nic"});
}

TEST_F(OfferImport, RunAgainChangesNothing) {
    import_offers();
    const auto change = books.last_change();
    const auto transfers = count("SELECT count(*) FROM transfer");
    clock.at += Millis{86'400'000};
    import_offers();
    EXPECT_EQ(books.last_change(), change);
    EXPECT_EQ(count("SELECT count(*) FROM transfer"), transfers);
}

TEST_F(OfferImport, AChangedOfferIsANewVersionAndTheOldOneStays) {
    import_offers();
    EXPECT_EQ(faults_with(1, R"({"reward":{"amount":400}})"), Pointers{});
    EXPECT_EQ(current_offer(books, OfferId{"spring"})->version, 2);
    EXPECT_EQ(books.offer(OfferId{"spring"}, 1)->reward.amount, Amount{300});
    EXPECT_EQ(books.offer(OfferId{"spring"}, 2)->reward.amount, Amount{400});
    EXPECT_FALSE(books.offer(OfferId{"spring"}, 3));
    // Another code is another version too; without one it keeps the code that it has.
    EXPECT_EQ(faults_with(1, R"({"reward":{"amount":400},"code":"SPRING20"})"), Pointers{});
    EXPECT_EQ(faults_with(1, R"({"reward":{"amount":400},"code":null})"), Pointers{});
    EXPECT_EQ(current_offer(books, OfferId{"spring"})->version, 3);
    EXPECT_EQ(*books.fact("offer", "spring")->at("digest").bytes(), digest_of_code("SPRING20"));
}

TEST_F(OfferImport, MoreUsesAreIssuedAndFewerGivenUpAsFarAsTheCentreHasThem) {
    import_offers();
    EXPECT_EQ(faults_with(1, R"({"uses":80})"), Pointers{});
    EXPECT_EQ(centre("offer:spring"), 80);
    EXPECT_EQ(faults_with(1, R"({"uses":10})"), Pointers{});
    EXPECT_EQ(centre("offer:spring"), 10);
    db->run("UPDATE subject SET centre = 4 WHERE subject = 'offer:spring'");  // six are with venues
    EXPECT_EQ(faults_with(1, R"({"uses":5})"), Pointers{"/offers/1/uses"});
    EXPECT_EQ(faults_with(1, R"({"uses":6})"), Pointers{});
    EXPECT_EQ(centre("offer:spring"), 0);
}

TEST_F(OfferImport, RefusesWhatDoesNotFitTogether) {
    import_offers();
    EXPECT_EQ(faults_with(1, R"({"pool":"none"})"), Pointers{"/offers/1/pool"});
    EXPECT_EQ(faults_with(1, R"({"currency":"USD"})"), Pointers{"/offers/1/currency"});
    EXPECT_EQ(faults_with(1, R"({"business":"none"})"), Pointers{"/offers/1/business"});
    EXPECT_EQ(faults_with(1, R"({"claim":"automatic","code":null})"), Pointers{"/offers/1/claim"});
    EXPECT_EQ(faults_with(1, R"({"locations":{"venues":["none"]}})"), Pointers{"/offers/1/locations/venues/0"});
    EXPECT_EQ(faults_with(1, R"({"reward":{"basis_points":5}})"), Pointers{"/offers/1/reward"});
    EXPECT_EQ(faults_with(1, R"({"reward":{"amount":null,"cap":5}})"), Pointers{"/offers/1/reward"});
    EXPECT_EQ(faults_with(1, R"({"code":"PROMO-AAAA-BBBB4"})"), Pointers{"/offers/1/code"});
    EXPECT_EQ(faults_with(1, R"({"code":"!!!"})"), Pointers{"/offers/1/code"});
    EXPECT_EQ(faults_with(2, R"({"code":"WELCOME"})"), Pointers{"/offers/2/code"});
    EXPECT_EQ(faults_with(1, R"({"id":"autumn","code":null})"), Pointers{"/offers/1/code"});
    EXPECT_EQ(faults_with(1, R"({"id":"autumn"})"), Pointers{"/offers/1/code"});  // spring has it
    json all = with_offers();
    all["passes"][3]["code"] = "SPRING10AAAAAA";
    EXPECT_EQ(faults_of(all), Pointers{});
    all["passes"][3]["code"] = "SPRING10";
    EXPECT_EQ(faults_of(all), Pointers{"/passes/3/code"});
}

TEST_F(OfferImport, APromotionPlanNamesAnOfferThatPassesClaimAndHasNoValue) {
    EXPECT_EQ(faults_with_plan(R"({"offer":null})"), Pointers{"/plans/3/offer"});
    EXPECT_EQ(faults_with_plan(R"({"offer":"none"})"), Pointers{"/plans/3/offer"});
    EXPECT_EQ(faults_with_plan(R"({"offer":"spring"})"), Pointers{"/plans/3/offer"});
    EXPECT_EQ(faults_with_plan(R"({"value":{"fixed":100}})"), Pointers{"/plans/3/value"});
    EXPECT_EQ(faults_with_plan(R"({"pool":"happy"})"), Pointers{"/plans/3/pool"});
    json all = with_offers();
    all["plans"][0]["offer"] = "welcome";
    EXPECT_EQ(faults_of(all), Pointers{"/plans/0/offer"});
}

TEST_F(OfferImport, AWalletTellsVenuesTheSegmentsOfItsContact) {
    import_offers();
    auto body = books.fact("wallet", "w1");
    EXPECT_EQ(journal::wallet_from(journal::Value{*body})->segments, std::vector<std::string>{"vip"});
    json all = with_offers();
    all["contacts"][0]["segments"] = json::array();
    EXPECT_EQ(faults_of(all), Pointers{});
    body = books.fact("wallet", "w1");
    EXPECT_FALSE(body->contains("segments"));
}

TEST_F(OfferImport, TheBusinessSaysHowAwardsAreUndone) {
    import_offers();
    EXPECT_EQ(books.fact("business", "aroma")->at("award_undo"), journal::Value{"unspent"});
    json all = with_offers();
    all["businesses"][0]["award_undo"] = "below_zero";
    EXPECT_EQ(faults_of(all), Pointers{});
    EXPECT_EQ(books.fact("business", "aroma")->at("award_undo"), journal::Value{"below_zero"});
    all["businesses"][0]["award_undo"] = "never";
    EXPECT_EQ(faults_of(all), Pointers{"/businesses/0/award_undo"});
}

}  // namespace
}  // namespace obol::ledger
