// What an operator types behind simulate-policy, and how the answer is worded. The flow test runs the whole.
#include <gtest/gtest.h>

#include <nlohmann/json.hpp>

#include "agent/simulate_policy.hpp"

namespace obol::agent {
namespace {

std::string fault_of_position(std::string_view text) {
    const auto got = position_from(text);
    return got ? "" : got.error().code;
}

TEST(SimulatePolicy, APositionIsAnInstantATicketOrAnEntry) {
    EXPECT_EQ(std::get<Instant>(position_from("2026-11-21T20:00:00+02:00").value()),
              parse_rfc3339("2026-11-21T18:00:00Z").value());
    EXPECT_EQ(std::get<policy::TicketAt>(position_from("ticket:T1:7").value()).ticket, "T1:7");
    const auto entry = std::get<policy::EntryAt>(position_from("entry:nic:12").value());
    EXPECT_EQ(entry.venue, VenueId("nic"));
    EXPECT_EQ(entry.seq, 12);
    for (const char* text : {"", "ticket:", "entry:nic", "entry::5", "entry:nic:0", "entry:nic:5x", "yesterday", "18:00"}) {
        EXPECT_EQ(fault_of_position(text), "malformed_position") << text;
    }
}

TEST(SimulatePolicy, ADailyOutageMayRunIntoTheNextDay) {
    const policy::Daily evening = daily_from("18:00-20:30").value();
    EXPECT_EQ(evening.from_minute, 18 * 60);
    EXPECT_EQ(evening.lasts, std::chrono::minutes{150});
    EXPECT_EQ(daily_from("22:00-02:00").value().lasts, std::chrono::hours{4});
    EXPECT_EQ(daily_from("00:00-24:00").value().lasts, std::chrono::hours{24});
    for (const char* text : {"", "18:00", "18:00-", "24:00-25:00", "18:60-20:00", "6-8", "18:00-20:00-22:00"}) {
        const auto got = daily_from(text);
        EXPECT_FALSE(got) << text;
    }
}

class Words : public ::testing::Test {
protected:
    Words() {
        policy::Decided cut;
        cut.venue = VenueId("nic");
        cut.seq = 7;
        cut.kind = "purchase";
        cut.ticket = "T1-9";
        cut.currency = eur;
        cut.outcome = policy::Outcome::cut_short;
        cut.recorded = Amount{2500};
        cut.simulated = Amount{1000};
        cut.lacking = Amount{1500};
        policy::Decided refused = cut;
        refused.outcome = policy::Outcome::refused;
        refused.simulated = {};
        refused.lacking = Amount{2500};
        refused.at_risk = {};
        outages[0].decided = {cut, refused};
        outages[0].cut = {{VenueId("nic"), {{eur, Amount{12345}}}}};
    }
    const Currency eur = *Currency::parse("EUR");
    const policy::Timeline timeline{{policy::Chain{DeviceId("d"), VenueId("nic"), {}}}};
    std::vector<policy::OutageForecast> outages{1};
};

TEST_F(Words, AMerchantReadsHowManyAndHowMuch) {
    const std::string text = forecast_in_words({timeline, outages, {}, 1});
    for (const char* part : {"nic, which held EUR 123.45", "2: 0 as with the link", "1 cut short, 1 refused",
                             "lacking    EUR 40.00", "no allowance was tried",
                             "EUR 25.00 lacking: purchase refused, nic entry 7, ticket T1-9, 0.00 instead of 25.00"}) {
        EXPECT_NE(text.find(part), std::string::npos) << part << "\nin\n" << text;
    }
    EXPECT_EQ(text.find("EUR 15.00 lacking"), std::string::npos) << "only the largest one was asked for";
}

TEST_F(Words, AnAllowanceIsToldWithWhatItRiskedAndWhatItCost) {
    outages[0].decided[0].at_risk = Amount{900};
    outages[0].lost = {{eur, Amount{200}}};
    const Forecast forecast{timeline, outages, {Amount{1000}, Amount{1000}, Amount{1000}, 5}, 10};
    const std::string text = forecast_in_words(forecast);
    EXPECT_NE(text.find("EUR 9.00 in 1 purchases, by the allowance; of it EUR 2.00"), std::string::npos) << text;
    const auto json = nlohmann::json::parse(forecast_as_json(forecast));
    EXPECT_EQ(json["caps"]["count"], 5);
    EXPECT_EQ(json["lost"][0]["amount"], 200);
    EXPECT_EQ(json["totals"]["at_risk"][0]["amount"], 900);
    EXPECT_EQ(json["outages"][0]["decided"][0]["outcome"], "cut_short");
    EXPECT_EQ(json["largest"][0]["lacking"], 2500);
}

}  // namespace
}  // namespace obol::agent
