// An allowance that is lowered while a venue is cut off: what it may lose is shown until it has heard of that and
// told what it did before.

#include "sync/ledger/api/reconciliation.hpp"
#include "sync/ledger/store/former_allowances.hpp"
#include "sync/ledger/store/registrar.hpp"
#include "tests/unit/ledger/ledger_bench.hpp"

namespace obol::ledger::test {
namespace {

class FormerAllowance : public ::testing::Test {
protected:
    FormerAllowance() { allow(1000); }
    void TearDown() override { bench.check(); }

    void allow(std::int64_t most) {
        const AllowanceCaps caps{Amount{most}, Amount{most}, Amount{most}, most > 0 ? 10 : 0};
        keeping_former_allowances(bench.books, [&] {
            bench.books.put_fact("business", aroma.text, aroma,
                                 Map{{"id", aroma.text},
                                     {"name", "Aroma"},
                                     {"currency", "EUR"},
                                     {"zone", "Asia/Nicosia"},
                                     {"allowance", journal::to_value(Allowance{caps, caps})}});
        });
    }
    std::int64_t exposure() {
        const Words words = exposure_in_words(bench.books);
        for (const Words& each : words["exposure"]) {
            if (each["currency"] == "EUR") return each["amount"];
        }
        return 0;
    }
    std::int64_t rows() { return bench.db->value<std::int64_t>("SELECT count(*) FROM former_allowance").value(); }

    Bench bench;
};

TEST_F(FormerAllowance, CountsUntilTheDeviceHasReadWhatReplacedIt) {
    Device nic = bench.enrol("nic", 1);
    nic.sync();
    ASSERT_TRUE(nic.hello());
    nic.page();
    EXPECT_EQ(exposure(), 1000);
    allow(300);
    EXPECT_EQ(exposure(), 1000);
    EXPECT_TRUE(exposure_in_words(bench.books)["allowances"][0]["lowered_unheard"]);
    nic.page();  // brings it: whether it arrived is said by the next question
    EXPECT_EQ(exposure(), 1000);
    nic.page();
    EXPECT_EQ(exposure(), 300);
    EXPECT_FALSE(exposure_in_words(bench.books)["allowances"][0]["lowered_unheard"]);
}

TEST_F(FormerAllowance, CountsUntilTheJournalOfTheTimeBeforeIsBooked) {
    bench.fund_pocket(1000);
    Device nic = bench.enrol("nic", 1);
    nic.ask(bench.pocket(), 500);
    nic.sync();
    nic.purchase(100);  // cut off
    allow(0);
    ASSERT_TRUE(nic.hello());
    nic.page();
    nic.page();
    EXPECT_EQ(exposure(), 1000);  // it has heard, and not told yet what it did
    ASSERT_TRUE(nic.push());
    EXPECT_EQ(exposure(), 0);
    EXPECT_EQ(rows(), 0);
}

TEST_F(FormerAllowance, OneDeviceThatHasHeardSaysNothingOfAnother) {
    Device nic = bench.enrol("nic", 1), lim = bench.enrol("lim", 2);
    nic.sync();
    allow(0);
    EXPECT_EQ(exposure(), 2000);
    ASSERT_TRUE(nic.hello());
    nic.page();
    nic.page();
    EXPECT_EQ(exposure(), 1000);
    EXPECT_EQ(exposure_in_words(bench.books)["allowances"][0]["venue"], "lim");
}

TEST_F(FormerAllowance, TheGreatestOfAllThatMayBeInForceCounts) {
    Device nic = bench.enrol("nic", 1);
    nic.sync();
    ASSERT_TRUE(nic.hello());
    allow(400);
    allow(700);  // more than before: heard or not, this is the most of the two
    EXPECT_EQ(exposure(), 1000);
    nic.page();
    nic.page();
    EXPECT_EQ(exposure(), 700);
    allow(900);
    EXPECT_EQ(rows(), 0);
    EXPECT_EQ(exposure(), 900);
}

TEST_F(FormerAllowance, AnImportKeepsIt) {
    Device nic = bench.enrol("nic", 1);
    wire::JsonFaults faults;
    const SecretKeys keys;
    Registrar registrar(bench.books, keys, bench.clock.at, bench.random, "test", faults);
    BusinessShape shape;
    shape.id = aroma;
    shape.name = "Aroma";
    shape.currency = eur();
    shape.zone = "Asia/Nicosia";
    EXPECT_EQ(registrar.put(Placed<BusinessShape>{shape, ""}), Outcome::changed);
    EXPECT_EQ(exposure(), 1000);
    EXPECT_EQ(rows(), 1);
}

TEST_F(FormerAllowance, OfADeviceThatIsWrittenOffCountsUntilSomebodyClosesIt) {
    Device nic = bench.enrol("nic", 1);
    allow(200);
    bench.write_off(nic);
    EXPECT_EQ(rows(), 0);
    EXPECT_EQ(bench.exceptions("written_off_allowance"), 1);
    EXPECT_EQ(exposure(), 1000);
    bench.db->run("UPDATE exception SET closed_at = 1, closed_by = 'ann', closed_reason = 'its journal was found'");
    EXPECT_EQ(exposure(), 0);
}

TEST_F(FormerAllowance, WithoutAllowancesAWriteOffSaysNothingOfThem) {
    allow(0);
    Device nic = bench.enrol("nic", 1);
    bench.write_off(nic);
    EXPECT_EQ(bench.exceptions("written_off_allowance"), 0);
    EXPECT_EQ(exposure(), 0);
}

}  // namespace
}  // namespace obol::ledger::test
