#include <gtest/gtest.h>

#include "shops.hpp"

namespace obol::policy {
namespace {

using namespace shops;

const Zone utc = *Zone::find("UTC");

std::string fault_of(const Timeline& timeline, const Pattern& pattern) {
    const auto found = outages_of(timeline, pattern, utc);
    return found ? "" : found.error().code;
}

TEST(Outage, ATicketTakesWhatWasAskedForItAlong) {
    Shops shops;
    shops.place("nic", lot("l1"), 1000);
    shops.buy("nic", "first", 100);
    shops.buy("ay", "second", 100);
    const Timeline timeline = shops.timeline();
    const Pattern pattern{Position{TicketAt{"second"}}, {}, {}, {}};
    const auto found = outages_of(timeline, pattern, utc).value();
    ASSERT_EQ(found.size(), 1u);
    const Step& first = timeline.steps()[found[0].from];
    EXPECT_TRUE(std::holds_alternative<journal::AuthorityAsked>(first.record));
    EXPECT_EQ(timeline.chains()[first.chain].venue, VenueId("ay"));
    EXPECT_EQ(found[0].until, timeline.steps().size());
    EXPECT_EQ(found[0].chains, (std::vector<std::size_t>{0, 1}));
}

TEST(Outage, AnEntryIsFoundByItsVenueAndPlace) {
    Shops shops;
    shops.place("nic", lot("l1"), 1000);
    shops.buy("nic", "first", 100);
    shops.buy("nic", "second", 100);
    const Timeline timeline = shops.timeline();
    const auto found = step_at(timeline, EntryAt{VenueId("nic"), 3});
    ASSERT_TRUE(found);
    EXPECT_EQ(timeline.steps()[*found].seq, 3);
}

TEST(Outage, WhatIsNotThereIsNamed) {
    Shops shops;
    shops.place("nic", lot("l1"), 1000);
    shops.buy("nic", "first", 100);
    const Timeline timeline = shops.timeline();
    EXPECT_EQ(fault_of(timeline, {Position{TicketAt{"none"}}, {}, {}, {}}), "unknown_ticket");
    EXPECT_EQ(fault_of(timeline, {Position{EntryAt{VenueId("nic"), 99}}, {}, {}, {}}), "unknown_entry");
    EXPECT_EQ(fault_of(timeline, {{}, {}, {}, {VenueId("lim")}}), "unknown_venue");
    EXPECT_EQ(fault_of(timeline, {Position{shops.now() + std::chrono::hours{1}}, {}, {}, {}}), "empty_outage");
    EXPECT_EQ(fault_of(timeline, {{}, {}, Daily{3 * 60, std::chrono::hours{1}}, {}}), "empty_outage");
    EXPECT_EQ(fault_of(timeline, {}), "");
}

TEST(Outage, EachDayHasItsOwnByTheWallClock) {
    Shops shops;
    shops.place("nic", lot("l1"), 1000);
    for (int day = 0; day < 3; ++day) {
        shops.buy("nic", "in", 10);
        shops.wait(std::chrono::hours{5});
        shops.buy("nic", "out", 10);
        shops.wait(std::chrono::hours{19});
    }
    const Timeline timeline = shops.timeline();
    // 08:00 UTC is ten o'clock in Nicosia.
    const Pattern pattern{{}, {}, Daily{10 * 60, std::chrono::hours{2}}, {}};
    const auto found = outages_of(timeline, pattern, *Zone::find("Asia/Nicosia")).value();
    ASSERT_EQ(found.size(), 3u);
    for (const Outage& outage : found) {
        const auto& last = std::get<journal::Purchase>(timeline.steps()[outage.until - 1].record);
        EXPECT_EQ(last.facts.basket.ticket, "in");
    }
}

TEST(Timeline, AClockThatGoesBackDoesNotReorderItsChain) {
    Chain chain{DeviceId("d"), VenueId("nic"), {}};
    chain.entries.push_back({1, opening, journal::Alarm{"a", ""}});
    chain.entries.push_back({2, opening - std::chrono::hours{1}, journal::Alarm{"b", ""}});
    Chain other{DeviceId("e"), VenueId("ay"), {}};
    other.entries.push_back({1, opening - std::chrono::minutes{30}, journal::Alarm{"c", ""}});
    const Timeline timeline({chain, other});
    ASSERT_EQ(timeline.steps().size(), 3u);
    EXPECT_EQ(timeline.steps()[0].chain, 1u);
    EXPECT_EQ(timeline.steps()[1].seq, 1);
    EXPECT_EQ(timeline.steps()[2].seq, 2);
}

TEST(Timeline, WhatTheCentrePaidInIsKnownFromTheNextPurchase) {
    Shops shops;
    shops.place("nic", pocket, 500);
    shops.buy("nic", "1", 100);
    shops.leave_at_centre(pocket, 300);
    shops.buy("nic", "2", 100);
    const Timeline timeline = shops.timeline();
    EXPECT_EQ(timeline.base(pocket, 1), Amount{500});
    EXPECT_EQ(timeline.base(pocket, 2), Amount{800});
    EXPECT_EQ(timeline.base("lot:unknown", 2), std::nullopt);
}

TEST(Timeline, OnePageThatLaggedChangesNothing) {
    Shops shops;
    shops.place("nic", pocket, 500);
    shops.buy("nic", "1", 100);
    shops.leave_at_centre(pocket, 100);  // as if the sale before had not been heard of
    shops.buy("nic", "2", 10);
    shops.leave_at_centre(pocket, -100);
    shops.buy("nic", "3", 10);
    const Timeline timeline = shops.timeline();
    for (std::size_t step = 0; step < timeline.steps().size(); ++step) {
        EXPECT_EQ(timeline.base(pocket, step), Amount{500}) << step;
    }
}

}  // namespace
}  // namespace obol::policy
