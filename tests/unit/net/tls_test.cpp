#include <gtest/gtest.h>

#include "sync/crypto/crypto.hpp"
#include "sync/net/asio_timers.hpp"
#include "tests/unit/net/loop.hpp"

namespace obol::net {
namespace {

constexpr Millis day{86'400'000};
const Instant today = *parse_rfc3339("2026-11-21T12:00:00Z");

// A CA of our own, and what it signs.
struct Authority {
    crypto::SystemRandom random;
    crypto::SigningKey key = crypto::SigningKey::generate(random);
    std::string ca = crypto::make_ca(key, "Test CA", today - day * 100, day * 3650);

    struct Paper {
        std::string certificate;
        Secret key;
    };
    Paper paper(bool server, std::vector<std::string> names = {}, Instant from = today - day,
                Millis lifetime = day * 30) {
        const crypto::SigningKey own = crypto::SigningKey::generate(random);
        const crypto::Subjects subjects{
            server ? "ledger" : crypto::device_id_of(own.public_key()), "nic", "aroma", names, {}};
        return {crypto::issue_certificate(key, ca, own.public_key(), subjects, server, from,
                                          lifetime, random),
                own.to_pem()};
    }
};

class TlsPair : public ::testing::Test {
protected:
    ~TlsPair() override {
        loop.on_loop([this] {
            client.reset();
            server.reset();
        });
    }
    void serve(Authority::Paper paper, std::string client_ca, bool required = true,
               Instant now = today) {
        ServerOptions options;
        options.addresses = {"127.0.0.1"};
        options.tls = ServerTls{paper.certificate, paper.key, std::move(client_ca), required,
                                [now] { return now; }, ended_client_for};
        server = loop.on_loop([&] {
            auto handler = [this](Request request) { return handle(std::move(request)); };
            auto made =
                std::make_unique<Server>(loop.context.get_executor(), options, handler, refusal);
            EXPECT_TRUE(made->start());
            return made;
        });
    }
    awaitable<Reply> handle(Request request) {
        ++handled;
        shown = request.peer_certificate;
        co_return Reply{.body = "{}"};
    }
    ClientTls tls_of(const std::string& ca, Authority::Paper paper, std::string name,
                     Instant now = today) {
        return {ca, paper.certificate, paper.key, std::move(name), [now] { return now; },
                [this] { return behind; }};
    }
    std::string call(ClientTls tls) {
        ClientOptions options;
        options.url = "https://127.0.0.1:" + std::to_string(server->port());
        options.tls = std::move(tls);
        loop.on_loop(
            [&] { client = std::make_unique<Client>(loop.context.get_executor(), options); });
        return again();
    }
    std::string again() {
        const auto got = loop.await(client->exchange("GET", "/", {}, "", Millis{5'000}));
        if (!got) why = got.error().detail;
        return got ? std::to_string(got->status) : got.error().code;
    }

    Authority ours, other;
    Loop loop;
    std::unique_ptr<Server> server;
    std::unique_ptr<Client> client;
    int handled = 0;
    std::string shown, why;
    Millis ended_client_for{0};
    bool behind = false;
};

TEST_F(TlsPair, TalkWhenBothShowWhatTheOtherBelieves) {
    const auto device = ours.paper(false);
    serve(ours.paper(true, {"ledger.test"}), ours.ca);
    EXPECT_EQ(call(tls_of(ours.ca, device, "ledger.test")), "200");
    EXPECT_EQ(again(), "200");
    EXPECT_EQ(handled, 2);
    EXPECT_EQ(crypto::fingerprint(shown), crypto::fingerprint(device.certificate));
}

TEST_F(TlsPair, AClientWithoutACertificateIsRefusedWhereOneIsRequired) {
    serve(ours.paper(true, {"ledger.test"}), ours.ca);
    EXPECT_EQ(call(tls_of(ours.ca, {}, "ledger.test")), "tls_refused");
    EXPECT_EQ(handled, 0);
}

TEST_F(TlsPair, AClientWithoutACertificateIsServedWhereItMayBeSo) {
    serve(ours.paper(true, {"ledger.test"}), ours.ca, false);
    EXPECT_EQ(call(tls_of(ours.ca, {}, "ledger.test")), "200");
    EXPECT_EQ(shown, "");
}

TEST_F(TlsPair, AnExpiredClientCertificateIsRefused) {
    serve(ours.paper(true, {"ledger.test"}), ours.ca);
    EXPECT_EQ(call(tls_of(ours.ca, ours.paper(false, {}, today - day * 60), "ledger.test")),
              "tls_refused");
    EXPECT_EQ(call(tls_of(ours.ca, ours.paper(false, {}, today + day), "ledger.test")),
              "tls_refused");
    EXPECT_EQ(handled, 0);
}

TEST_F(TlsPair, AClientCertificateThatEndedLatelyGetsThroughWhereItIsAskedFor) {
    ended_client_for = day * 60;
    serve(ours.paper(true, {"ledger.test"}), ours.ca);
    EXPECT_EQ(call(tls_of(ours.ca, ours.paper(false, {}, today - day * 31, day * 30), "ledger.test")), "200");
    EXPECT_EQ(call(tls_of(ours.ca, ours.paper(false, {}, today - day * 89, day * 30), "ledger.test")), "200");
    EXPECT_EQ(handled, 2);
    // Longer ago, not begun, of another CA, and a server's paper: as ever.
    const auto refused = [&](Authority::Paper paper) { return call(tls_of(ours.ca, paper, "ledger.test")); };
    EXPECT_EQ(refused(ours.paper(false, {}, today - day * 90, day * 30)), "tls_refused");
    EXPECT_EQ(refused(ours.paper(false, {}, today + day)), "tls_refused");
    EXPECT_EQ(refused(other.paper(false, {}, today - day * 31, day * 30)), "tls_refused");
    EXPECT_EQ(refused(ours.paper(true, {"ledger.test"}, today - day * 31, day * 30)), "tls_refused");
    EXPECT_EQ(handled, 2);
}

TEST_F(TlsPair, AnEndedServerCertificateIsNamedAsTheReason) {
    const auto device = ours.paper(false);
    serve(ours.paper(true, {"ledger.test"}, today - day * 40, day * 30), ours.ca);
    EXPECT_EQ(call(tls_of(ours.ca, device, "ledger.test")), "tls_refused");
    EXPECT_NE(why.find("certificate has expired"), std::string::npos) << why;
    behind = true;  // whoever is behind does not take what has ended even by his clock
    EXPECT_EQ(call(tls_of(ours.ca, device, "ledger.test")), "tls_refused");
}

TEST_F(TlsPair, AServerCertificateThatBeginsLaterIsBelievedByWhoseClockMayBeBehind) {
    const auto device = ours.paper(false, {}, today - day * 300, day * 600);
    serve(ours.paper(true, {"ledger.test"}), ours.ca);
    const Instant long_ago = today - day * 200;  // before the CA itself
    EXPECT_EQ(call(tls_of(ours.ca, device, "ledger.test", long_ago)), "tls_refused");
    behind = true;
    EXPECT_EQ(call(tls_of(ours.ca, device, "ledger.test", long_ago)), "200");
    EXPECT_EQ(call(tls_of(ours.ca, device, "other.test", long_ago)), "tls_refused");
    EXPECT_EQ(call(tls_of(other.ca, device, "ledger.test", long_ago)), "tls_refused");
}

TEST_F(TlsPair, TakeUpNewCertificatesWithoutAnEndToWhatIsOpen) {
    const auto device = ours.paper(false), next = ours.paper(false);
    const auto first = ours.paper(true, {"ledger.test"}), second = other.paper(true, {"ledger.test"});
    serve(first, ours.ca);
    ASSERT_EQ(call(tls_of(ours.ca + other.ca, device, "ledger.test")), "200");
    loop.on_loop([&] {
        EXPECT_FALSE(server->present({"broken", second.key, ours.ca, true, [] { return today; }}));
        EXPECT_TRUE(server->present({second.certificate, second.key, ours.ca, true, [] { return today; }}));
    });
    EXPECT_EQ(again(), "200");  // over the connection that is open
    EXPECT_EQ(crypto::fingerprint(shown), crypto::fingerprint(device.certificate));
    loop.on_loop([&] { client->present(tls_of(other.ca, next, "ledger.test")); });
    EXPECT_EQ(again(), "200");  // over a new one: only the new server certificate is of the other CA
    EXPECT_EQ(crypto::fingerprint(shown), crypto::fingerprint(next.certificate));
    EXPECT_EQ(call(tls_of(ours.ca, device, "ledger.test")), "tls_refused");
}

TEST_F(TlsPair, TwoCasAreBelievedInOverlap) {
    serve(ours.paper(true, {"ledger.test"}), ours.ca + other.ca);
    EXPECT_EQ(call(tls_of(ours.ca + other.ca, ours.paper(false), "ledger.test")), "200");
    EXPECT_EQ(call(tls_of(ours.ca + other.ca, other.paper(false), "ledger.test")), "200");
}

TEST_F(TlsPair, AClientCertificateOfAnotherCaIsRefused) {
    serve(ours.paper(true, {"ledger.test"}), ours.ca);
    EXPECT_EQ(call(tls_of(ours.ca, other.paper(false), "ledger.test")), "tls_refused");
    EXPECT_EQ(handled, 0);
}

TEST_F(TlsPair, AServersCertificateIsNoClientCertificate) {
    serve(ours.paper(true, {"ledger.test"}), ours.ca);
    EXPECT_EQ(call(tls_of(ours.ca, ours.paper(true, {"ledger.test"}), "ledger.test")),
              "tls_refused");
    EXPECT_EQ(handled, 0);
}

TEST_F(TlsPair, AClientsCertificateIsNoServerCertificate) {
    serve(ours.paper(false, {"ledger.test"}), ours.ca);
    EXPECT_EQ(call(tls_of(ours.ca, ours.paper(false), "ledger.test")), "tls_refused");
    EXPECT_EQ(handled, 0);
}

TEST_F(TlsPair, TheServersNameMustBeTheExpectedOne) {
    serve(ours.paper(true, {"ledger.test"}), ours.ca);
    const auto device = ours.paper(false);
    EXPECT_EQ(call(tls_of(ours.ca, device, "other.test")), "tls_refused");
    EXPECT_EQ(call(tls_of(ours.ca, device, "127.0.0.1")), "tls_refused");
    EXPECT_EQ(call(tls_of(ours.ca, device, "ledger.test.evil")), "tls_refused");
    EXPECT_EQ(handled, 0);
}

TEST_F(TlsPair, AServerOfAnotherCaIsRefused) {
    serve(other.paper(true, {"ledger.test"}), ours.ca);
    EXPECT_EQ(call(tls_of(ours.ca, ours.paper(false), "ledger.test")), "tls_refused");
    EXPECT_EQ(handled, 0);
}

// A device that enrols knows the CA by its fingerprint alone.
TEST_F(TlsPair, ACaThatIsShownIsBelievedByItsFingerprintAndNoOther) {
    const std::string pin = "sha256:" + crypto::fingerprint(ours.ca);
    auto shows_ca = ours.paper(true, {"ledger.test"});
    shows_ca.certificate += ours.ca;
    serve(shows_ca, "");
    EXPECT_EQ(call(tls_of(pin, {}, "ledger.test")), "200");
    EXPECT_EQ(call(tls_of(pin, {}, "other.test")), "tls_refused");
    EXPECT_EQ(call(tls_of("sha256:" + crypto::fingerprint(other.ca), {}, "ledger.test")), "tls_refused");
    EXPECT_EQ(call(tls_of("sha256:", {}, "ledger.test")), "tls_refused");
    EXPECT_EQ(handled, 1);
}

TEST_F(TlsPair, APinnedCaThatDidNotSignTheServerIsRefused) {
    // An impostor shows the real CA beside a certificate of his own.
    auto impostor = other.paper(true, {"ledger.test"});
    impostor.certificate += ours.ca;
    serve(impostor, "");
    EXPECT_EQ(call(tls_of("sha256:" + crypto::fingerprint(ours.ca), {}, "ledger.test")), "tls_refused");
    EXPECT_EQ(handled, 0);
}

TEST_F(TlsPair, AnExpiredServerIsRefusedThoughItsCaIsPinned) {
    auto expired = ours.paper(true, {"ledger.test"}, today - day * 60);
    expired.certificate += ours.ca;
    serve(expired, "");
    EXPECT_EQ(call(tls_of("sha256:" + crypto::fingerprint(ours.ca), {}, "ledger.test")), "tls_refused");
    EXPECT_EQ(handled, 0);
}

TEST_F(TlsPair, AnExpiredServerIsRefused) {
    serve(ours.paper(true, {"ledger.test"}, today - day * 60), ours.ca);
    EXPECT_EQ(call(tls_of(ours.ca, ours.paper(false), "ledger.test")), "tls_refused");
    EXPECT_EQ(handled, 0);
}

TEST_F(TlsPair, CertificatesAreJudgedByTheClockThatWasGiven) {
    // Valid ten years from now only; both ends think that it is then.
    const Instant later = today + day * 3000;
    serve(ours.paper(true, {"ledger.test"}, later - day), ours.ca, true, later);
    const auto device = ours.paper(false, {}, later - day);
    EXPECT_EQ(call(tls_of(ours.ca, device, "ledger.test", later)), "200");
    EXPECT_EQ(call(tls_of(ours.ca, device, "ledger.test", today)), "tls_refused");
}

TEST_F(TlsPair, APlainCallerGetsNothingFromTls) {
    serve(ours.paper(true, {"ledger.test"}), ours.ca);
    RawCaller caller(server->port());
    caller.send("GET / HTTP/1.1\r\nHost: x\r\n\r\n");
    EXPECT_EQ(caller.rest().find("HTTP/1.1"), std::string::npos);
    EXPECT_EQ(handled, 0);
}

TEST_F(TlsPair, ATlsCallerOfAPlainPortIsRefusedNotHanging) {
    ServerOptions options;
    options.addresses = {"127.0.0.1"};
    server = loop.on_loop([&] {
        auto made =
            std::make_unique<Server>(loop.context.get_executor(), options, nullptr, refusal);
        EXPECT_TRUE(made->start());
        return made;
    });
    EXPECT_EQ(call(tls_of(ours.ca, ours.paper(false), "ledger.test")), "tls_refused");
}

TEST_F(TlsPair, BrokenPapersAreNamed) {
    const auto good = ours.paper(true, {"ledger.test"});
    const auto start = [&](std::string certificate, Secret key, std::string ca) {
        return loop.on_loop([&] {
            ServerOptions options;
            options.addresses = {"127.0.0.1"};
            options.tls = ServerTls{certificate, key, ca, true, [] { return today; }};
            Server broken(loop.context.get_executor(), options, nullptr, refusal);
            const auto started = broken.start();
            return started ? std::string("started")
                           : started.error().code + " " + started.error().detail;
        });
    };
    EXPECT_TRUE(start("nonsense", good.key, ours.ca).starts_with("tls_invalid certificate"));
    EXPECT_TRUE(start(good.certificate, Secret("nonsense"), ours.ca)
                    .starts_with("tls_invalid private key"));
    EXPECT_TRUE(start(good.certificate, ours.paper(true).key, ours.ca)
                    .starts_with("tls_invalid private key"));
    EXPECT_TRUE(start(good.certificate, good.key, "nonsense").starts_with("tls_invalid CA"));
    EXPECT_EQ(start(good.certificate, good.key, ours.ca), "started");
}

}  // namespace
}  // namespace obol::net
