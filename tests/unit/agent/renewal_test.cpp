#include "agent/renewal.hpp"

#include <gtest/gtest.h>

#include "sync/crypto/crypto.hpp"

namespace obol::agent {
namespace {

constexpr Millis day{86'400'000};
const Instant today = *parse_rfc3339("2026-11-21T12:00:00Z");

// A device with papers of one CA, and a second CA.
class RenewedPapers : public ::testing::Test {
protected:
    struct Ca {
        crypto::SigningKey key;
        std::string certificate;
    };
    Ca make_ca(Instant from, Millis life) {
        auto key = crypto::SigningKey::generate(random);
        std::string certificate = crypto::make_ca(key, "Obol ledger CA", from, life);
        return {std::move(key), std::move(certificate)};
    }
    std::string paper(const Ca& by, const crypto::SigningKey& key, const std::string& venue = "nic") {
        const crypto::Subjects subjects{crypto::device_id_of(key.public_key()), venue, "aroma", {}, {}};
        return crypto::issue_certificate(by.key, by.certificate, key.public_key(), subjects, false, today, day * 90, random);
    }
    std::string why_not(const wire::Renewed& answer) {
        const auto got = papers_from(answer, own, today);
        if (got) return "taken";
        EXPECT_EQ(got.error().code, "certificate_refused");
        return got.error().detail;
    }

    crypto::SystemRandom random;
    crypto::SigningKey device = crypto::SigningKey::generate(random);
    Ca first = make_ca(today - day * 100, day * 200), second = make_ca(today, day * 7300);
    Papers own{paper(first, device), first.certificate};
};

TEST_F(RenewedPapers, BringTheNewCaBesideTheOldOne) {
    const std::string made = paper(second, device);
    const auto got = papers_from({made, first.certificate + second.certificate}, own, today);
    ASSERT_TRUE(got) << got.error().detail;
    EXPECT_EQ(got->certificate, made);
    EXPECT_EQ(got->ca, first.certificate + second.certificate);
    // The ledger may name the new one alone: the old one is believed until it ends.
    const auto alone = papers_from({made, second.certificate}, own, today);
    EXPECT_EQ(alone->ca, second.certificate + first.certificate);
    EXPECT_EQ(papers_from({made, second.certificate}, own, today + day * 100)->ca, second.certificate);
    EXPECT_EQ(papers_from({made, second.certificate}, own, std::nullopt)->ca, second.certificate + first.certificate);
}

TEST_F(RenewedPapers, OfAnotherDeviceOrOfNobodyAreRefused) {
    const auto stranger = crypto::SigningKey::generate(random);
    EXPECT_NE(why_not({paper(first, stranger), first.certificate}).find("another device's"), std::string::npos);
    EXPECT_NE(why_not({paper(first, device, "lim"), first.certificate}).find("another device's"), std::string::npos);
    EXPECT_NE(why_not({paper(first, device), ""}).find("no CA"), std::string::npos);
    EXPECT_NE(why_not({"<html>", first.certificate}).find("cannot be read"), std::string::npos);
    const Ca other = make_ca(today, day * 200);
    EXPECT_NE(why_not({paper(other, device), second.certificate}).find("none of the CAs"), std::string::npos);
    EXPECT_EQ(why_not({paper(first, device), first.certificate}), "taken");
}

// Readings of a device whose certificate lives ninety days from today.
struct WhenToAsk : RenewedPapers {
    bool wants(Instant now, const uplink::LinkState& link, Millis boot = Millis{1000}, bool trusted = true) {
        return renewal.wants({now, trusted}, boot, link);
    }
    static uplink::LinkState down(const std::string& why) {
        uplink::LinkState out;
        out.why = why;
        return out;
    }
    static uplink::LinkState up() {
        uplink::LinkState out;
        out.up = true;
        return out;
    }
    Renewal renewal{own};
};

TEST_F(WhenToAsk, IsTwoThirdsOfItsLife) {
    EXPECT_FALSE(wants(today + day * 59, up()));
    EXPECT_TRUE(wants(today + day * 60, up()));
    uplink::LinkState off = up();
    off.mode = uplink::LinkMode::down;
    EXPECT_FALSE(wants(today + day * 60, off));
}

TEST_F(WhenToAsk, IsAlsoWhenNobodyKnowsTheTimeAndThereIsNoLink) {
    EXPECT_TRUE(wants(today, down("timed_out: no answer"), Millis{1000}, false));
    EXPECT_FALSE(wants(today, up(), Millis{1000}, false));
}

TEST_F(WhenToAsk, IsAlsoWhenTheLedgerRefusesAndTheClockMayHaveStoodStill) {
    EXPECT_TRUE(wants(today, down("refused: forbidden: this certificate has ended")));
    EXPECT_FALSE(wants(today, down("timed_out: no answer")));
}

TEST_F(WhenToAsk, IsSoonAgainWhereNothingElseCutsTheVenueOff) {
    renewal.failed({"not_http", "a page for people"}, Millis{1000}, down("not_http: a page for people"));
    EXPECT_FALSE(wants(today + day * 91, down(""), Millis{15'000}));
    EXPECT_TRUE(wants(today + day * 91, down(""), Millis{16'000}));
    EXPECT_LE(renewal.look_every(), Millis{60'000});  // and then somebody looks
    renewal.failed({"refused", "storage_full"}, Millis{20'000}, up());
    EXPECT_FALSE(wants(today + day * 61, up(), Millis{20'000} + day - Millis{1}));
    EXPECT_TRUE(wants(today + day * 61, up(), Millis{20'000} + day));
}

TEST_F(WhenToAsk, IsNotEachMomentWhereTheSameOneCameAgain) {
    renewal.keep(own, Millis{1000});
    EXPECT_FALSE(wants(today, down("refused: version_unsupported"), Millis{15'000}));
    EXPECT_TRUE(wants(today, down("refused: version_unsupported"), Millis{16'000}));
}

TEST_F(WhenToAsk, IsAtOnceWhereTheLedgerNamesAnotherCa) {
    renewal.ledger_names({crypto::fingerprint(first.certificate)});
    EXPECT_FALSE(wants(today, up()));
    renewal.ledger_names({crypto::fingerprint(first.certificate), crypto::fingerprint(second.certificate)});
    EXPECT_TRUE(wants(today, up()));
    renewal.keep({paper(second, device), first.certificate + second.certificate}, Millis{1000});
    EXPECT_FALSE(wants(today, up(), Millis{60'000}));
}

}  // namespace
}  // namespace obol::agent
