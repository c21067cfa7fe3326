#include "sync/ledger/store/device_facts.hpp"

#include "sync/ledger/store/enrolment.hpp"
#include "tests/unit/ledger/ledger_bench.hpp"

namespace obol::ledger::test {
namespace {

// Whose key signed a receipt must be known where there is no link.
class DeviceFacts : public ::testing::Test {
protected:
    DeviceFacts()
        : ca(crypto::SigningKey::generate(bench.random)),
          ca_certificate(crypto::make_ca(ca, "test", bench.clock.at, Millis{std::int64_t{86'400'000} * 365})) {}

    DeviceId enrolled(const crypto::SigningKey& its_key) {
        sql::Txn txn{*bench.db};
        const auto token = make_enrolment_token(bench.books, VenueId{"nic"}, bench.clock.at, bench.random);
        const Authority authority{ca, ca_certificate, "https://localhost:8443"};
        const wire::Enrol request{Secret{token->token.reveal()}, crypto::make_csr(its_key, "device")};
        EXPECT_TRUE(enrol(bench.books, bench.keys, authority, request, bench.clock.at, bench.random));
        txn.commit();
        return DeviceId{crypto::device_id_of(its_key.public_key())};
    }
    std::string told(const DeviceId& h, const char* member) {
        const auto fact = bench.books.fact("device", h.text);
        return fact && fact->contains(member) ? *fact->at(member).text() : "-";
    }
    std::int64_t last_told() {
        return bench.db->value<std::int64_t>("SELECT max(n) FROM change WHERE kind = 'device' AND business = 'aroma'").value_or(0);
    }

    Bench bench;
    crypto::SigningKey ca;
    std::string ca_certificate;
    crypto::SigningKey key = crypto::SigningKey::generate(bench.random);
};

TEST_F(DeviceFacts, VenuesAreToldOfTheKeyAndOfWhatBecomesOfIt) {
    const DeviceId h = enrolled(key);
    EXPECT_EQ(told(h, "id"), h.text);
    EXPECT_EQ(told(h, "business"), "aroma");
    EXPECT_EQ(told(h, "venue"), "nic");
    EXPECT_EQ(told(h, "state"), "active");
    const auto public_key = key.public_key();
    EXPECT_EQ(*bench.books.fact("device", h.text)->at("public_key").bytes(), Bytes(public_key.begin(), public_key.end()));
    const std::int64_t first = last_told();
    EXPECT_GT(first, 0);

    ASSERT_TRUE(revoke_device(bench.books, h));
    EXPECT_EQ(told(h, "state"), "revoked") << "it stays known, since its receipts stay genuine";
    EXPECT_GT(last_told(), first);
    ASSERT_TRUE(write_off_device(bench.books, h, "lost", bench.clock.at, bench.random));
    EXPECT_EQ(told(h, "state"), "revoked");
}

TEST_F(DeviceFacts, WhatWasWrittenOffIsToldAsThat) {
    const DeviceId h = enrolled(key);
    ASSERT_TRUE(write_off_device(bench.books, h, "lost", bench.clock.at, bench.random));
    EXPECT_EQ(told(h, "state"), "written_off");
}

TEST_F(DeviceFacts, ACopyThatWasFoundOutIsToldAtOnce) {
    Device nic = bench.enrol("nic", 5);
    nic.sync();
    Device copy = nic.clone(6);
    nic.top_up(100);
    nic.sync();
    copy.top_up(200);
    copy.push();
    EXPECT_EQ(told(nic.h(), "state"), "quarantined");
    EXPECT_TRUE(bench.woken.businesses.contains("aroma"));
}

TEST_F(DeviceFacts, AnotherVenueHearsOfItByTheFeed) {
    Device lim = bench.enrol("lim", 7);
    lim.sync();
    lim.page();
    const DeviceId h = enrolled(key);
    const wire::Page page = lim.page();
    ASSERT_EQ(page.facts.size(), 1U);
    EXPECT_EQ(page.facts[0].kind, "device");
    EXPECT_EQ(page.facts[0].id, h.text);
}

TEST_F(DeviceFacts, OfOlderBooksTheyAreToldAtTheStart) {
    const DeviceId h = enrolled(key);
    EXPECT_FALSE(tell_devices(bench.books)) << "there is nothing to tell";
    bench.db->run("DELETE FROM fact WHERE kind = 'device'");
    bench.db->run("DELETE FROM change WHERE kind = 'device'");
    EXPECT_TRUE(tell_devices(bench.books));
    EXPECT_EQ(told(h, "state"), "active");
}

}  // namespace
}  // namespace obol::ledger::test
