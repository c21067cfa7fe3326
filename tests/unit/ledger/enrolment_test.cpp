#include "tests/unit/ledger/office_fixture.hpp"

#include "sync/ledger/api/enrol_routes.hpp"
#include "sync/ledger/store/holders.hpp"

namespace obol::ledger {
namespace {

class Enrolment : public OfficeTest {
protected:
    Enrolment()
        : ca(crypto::SigningKey::generate(random)),
          ca_certificate(crypto::make_ca(ca, "test", clock.at, Millis{std::int64_t{86'400'000} * 365})),
          route(office(), [this] { return authority(); }) {
        import_cafe();
    }

    Authority authority() {
        Authority out{ca, ca_certificate, "https://localhost:8443"};
        out.device_life = life;
        return out;
    }
    std::string token_for(const std::string& venue) {
        sql::Txn txn{*db};
        const auto made = make_enrolment_token(books, VenueId{venue}, clock.at, random);
        EXPECT_TRUE(made);
        txn.commit();
        return made ? made->token.reveal() : "";
    }
    std::string new_csr() { return crypto::make_csr(crypto::SigningKey::generate(random), "device"); }

    net::Reply send(const std::string& token, const std::string& csr) {
        return route.handle(request_of("POST", "/enrol/v1", wire::encode(wire::Enrol{Secret{token}, csr}),
                                       {{"content-type", "application/json"}}));
    }
    std::string refused(const std::string& token) {
        const auto reply = send(token, new_csr());
        return reply.status == 200 ? "" : json::parse(reply.body)["code"].get<std::string>();
    }
    wire::Enrolled enrolled(const std::string& token, const std::string& csr) {
        const auto reply = send(token, csr);
        EXPECT_EQ(reply.status, 200) << reply.body;
        const auto read = wire::decode<wire::Enrolled>(reply.body);
        EXPECT_TRUE(read);
        return read ? *read : wire::Enrolled{};
    }
    std::int64_t alarms() { return count("SELECT count(*) FROM exception WHERE code = 'enrolment_refused'"); }

    crypto::SigningKey ca;
    std::string ca_certificate;
    Millis life = default_device_life;
    EnrolRoute route;
};

TEST_F(Enrolment, MakesAHolderThatHoldsNothing) {
    const auto key = crypto::SigningKey::generate(random);
    const auto got = enrolled(token_for("nic"), crypto::make_csr(key, "whatever"));
    EXPECT_EQ(got.venue, VenueId{"nic"});
    EXPECT_EQ(got.business, BusinessId{"aroma"});
    EXPECT_EQ(got.device_name, "NIC1");
    EXPECT_EQ(got.ca, ca_certificate);
    EXPECT_EQ(got.sync_url, "https://localhost:8443");
    ASSERT_EQ(got.cache_key.size(), 32U);

    const std::string h = crypto::device_id_of(key.public_key());
    const auto identity = crypto::read_identity(got.certificate);
    ASSERT_TRUE(identity) << identity.error().detail;
    EXPECT_EQ(identity->device, h);
    EXPECT_EQ(identity->venue, "nic");
    EXPECT_EQ(identity->business, "aroma");

    const auto row = holder(*db, h);
    ASSERT_TRUE(row);
    EXPECT_EQ(row->status, wire::HolderStatus::active);
    EXPECT_EQ(row->head, journal::Head{});
    EXPECT_EQ(row->certificate, got.certificate);
    EXPECT_EQ(count("SELECT count(*) FROM held"), 0);
    const auto sealed = db->value<Bytes>("SELECT cache_key_sealed FROM holder WHERE h = ?", h);
    EXPECT_EQ(*unseal_cache_key(keys, h, *sealed), got.cache_key);
    EXPECT_EQ(changes, 1);
}

TEST_F(Enrolment, EveryDeviceGetsANameAndACacheKeyOfItsOwn) {
    const auto first = enrolled(token_for("nic"), new_csr());
    const auto second = enrolled(token_for("nic"), new_csr());
    const auto third = enrolled(token_for("lim"), new_csr());
    EXPECT_EQ(second.device_name, "NIC2");
    EXPECT_EQ(third.device_name, "LIM1");
    EXPECT_NE(first.cache_key, second.cache_key);
}

TEST_F(Enrolment, ATokenIsGoodOnce) {
    const std::string token = token_for("nic");
    enrolled(token, new_csr());
    EXPECT_EQ(refused(token), "token_refused");
    EXPECT_EQ(count("SELECT count(*) FROM holder"), 1);
    EXPECT_EQ(alarms(), 1);
}

TEST_F(Enrolment, ATokenEndsAfterFifteenMinutes) {
    const std::string token = token_for("nic");
    clock.at += enrolment_lifetime;
    EXPECT_EQ(refused(token), "token_refused");
    EXPECT_EQ(alarms(), 1);
    const std::string fresh = token_for("nic");
    clock.at += enrolment_lifetime - Millis{1};
    EXPECT_EQ(refused(fresh), "");
}

TEST_F(Enrolment, FiveWrongTriesLockTheToken) {
    const std::string token = token_for("nic");
    const std::string wrong = token.substr(0, token.find('.') + 1) + "guess";
    for (int i = 0; i < most_enrolment_failures; ++i) EXPECT_EQ(refused(wrong), "token_refused");
    EXPECT_EQ(alarms(), 1);
    EXPECT_EQ(refused(token), "token_refused") << "the right one comes too late";
    EXPECT_EQ(count("SELECT count(*) FROM holder"), 0);
}

TEST_F(Enrolment, FourWrongTriesDoNot) {
    const std::string token = token_for("nic");
    const std::string wrong = token.substr(0, token.find('.') + 1) + "guess";
    for (int i = 0; i + 1 < most_enrolment_failures; ++i) EXPECT_EQ(refused(wrong), "token_refused");
    EXPECT_EQ(refused(token), "");
    EXPECT_EQ(alarms(), 0);
}

TEST_F(Enrolment, UnknownTokensGetTheSameAnswer) {
    const std::string token = token_for("nic");
    const auto wrong = send(token.substr(0, token.find('.') + 1) + "guess", new_csr());
    for (const std::string& unknown : {std::string("nothing"), std::string("a.b"), std::string(".")}) {
        const auto reply = send(unknown, new_csr());
        EXPECT_EQ(reply.status, 401);
        EXPECT_EQ(reply.body, wrong.body);
    }
}

TEST_F(Enrolment, ABadRequestForACertificateDoesNotSpendTheToken) {
    const std::string token = token_for("nic");
    const auto reply = send(token, "-----BEGIN CERTIFICATE REQUEST-----\nAAAA\n-----END CERTIFICATE REQUEST-----\n");
    EXPECT_EQ(json::parse(reply.body)["code"], "csr_malformed");
    EXPECT_EQ(refused(token), "");
}

TEST_F(Enrolment, AKeyWithAHistoryIsNotEnrolledAgain) {
    const std::string csr = new_csr();
    enrolled(token_for("nic"), csr);
    const auto reply = send(token_for("lim"), csr);
    EXPECT_EQ(reply.status, 422);
    EXPECT_EQ(json::parse(reply.body)["code"], "device_known");
}

// --- renewal

class Renewal : public Enrolment {
protected:
    Renewal() {
        const std::string given = enrolled(token_for("nic"), crypto::make_csr(key, "device")).certificate;
        EXPECT_EQ(of_row(), given);
    }
    HolderRow row() { return *holder(*db, crypto::device_id_of(key.public_key())); }
    std::string of_row() { return row().certificate; }
    Result<wire::Renewed> asked(const crypto::SigningKey& by) {
        sql::Txn txn{*db};
        const auto out = renew(books, authority(), row(), {crypto::make_csr(by, "device")}, clock.at, random);
        if (out) txn.commit();
        return out;
    }
    crypto::SigningKey key = crypto::SigningKey::generate(random);
    Millis day{86'400'000};
};

TEST_F(Renewal, GivesTheSameKeyTheSameNamesAndAnotherLife) {
    clock.at += day * 61;
    const auto got = asked(key);
    ASSERT_TRUE(got) << got.error().detail;
    const auto made = crypto::read_identity(got->certificate);
    EXPECT_EQ(made->device, row().h.text);
    EXPECT_EQ(made->venue, "nic");
    EXPECT_EQ(made->business, "aroma");
    EXPECT_EQ(made->not_after, clock.at + day * 90);
    EXPECT_EQ(crypto::certificate_public_key(got->certificate).value(), key.public_key());
    EXPECT_EQ(got->ca, ca_certificate);
    EXPECT_EQ(of_row(), got->certificate);
    EXPECT_EQ(count("SELECT count(*) FROM certificate WHERE h = '" + row().h.text + "'"), 2);
}

TEST_F(Renewal, AskedForAgainGivesTheSameAgain) {
    clock.at += day * 61;
    const auto first = asked(key), again = asked(key);
    EXPECT_EQ(first->certificate, again->certificate);
    EXPECT_EQ(count("SELECT count(*) FROM certificate"), 2);
    // But not one of a CA that was replaced.
    ca = crypto::SigningKey::generate(random);
    ca_certificate = crypto::make_ca(ca, "next", clock.at, day * 365);
    const auto of_new_ca = asked(key);
    EXPECT_NE(of_new_ca->certificate, first->certificate);
    EXPECT_TRUE(crypto::is_signed_by(of_new_ca->certificate, ca_certificate));
}

TEST_F(Renewal, IsForThatKeyAloneAndForNobodyRevoked) {
    clock.at += day * 61;
    const std::string before = of_row();
    EXPECT_EQ(asked(crypto::SigningKey::generate(random)).error().code, "csr_malformed");
    db->run("UPDATE holder SET status = 'revoked'");
    EXPECT_EQ(asked(key).error().code, "forbidden");
    EXPECT_EQ(of_row(), before);
}

// Nobody could release what was written off if its journal had no way in.
TEST_F(Renewal, OfWhoeverIsWrittenOffOrInQuarantineLetsItsJournalIn) {
    for (const char* status : {"quarantined", "written_off"}) {
        clock.at += day * 61;
        const std::string before = of_row();
        db->run("UPDATE holder SET status = ?", status);
        const auto renewed = asked(key);
        ASSERT_TRUE(renewed) << status;
        EXPECT_NE(renewed->certificate, before);
        EXPECT_EQ(of_row(), renewed->certificate);
        EXPECT_EQ(db->value<std::string>("SELECT status FROM holder"), status);
    }
}

TEST_F(Renewal, DoesNotOutliveTheCa) {
    clock.at += day * 300;  // the CA has 65 days left
    EXPECT_EQ(crypto::read_identity(asked(key)->certificate)->not_after, clock.at + day * 65);
}

TEST_F(Enrolment, NoTokenIsMadeForAVenueThatIsNotThere) {
    EXPECT_EQ(make_enrolment_token(books, VenueId{"moon"}, clock.at, random).error().code, "venue_unknown");
}

TEST_F(Enrolment, TheTokenItselfIsNotInTheDatabase) {
    const std::string token = token_for("nic");
    const std::string secret = token.substr(token.find('.') + 1);
    EXPECT_EQ(count("SELECT count(*) FROM enrolment_token WHERE instr(id, '" + secret + "') > 0 OR instr(hash, '" + secret + "') > 0"), 0);
}

TEST_F(Enrolment, TheRouteRefusesOtherMethodsTypesAndMembers) {
    net::Request request = request_of("GET", "/enrol/v1");
    EXPECT_EQ(route.handle(request).status, 405);
    request.method = "POST";
    EXPECT_EQ(route.handle(request).status, 415);
    request.headers = {{"content-type", "application/json"}};
    request.body = R"({"token":"a","csr":"b","venue":"nic"})";
    EXPECT_EQ(route.handle(request).status, 400);
}

}  // namespace
}  // namespace obol::ledger
