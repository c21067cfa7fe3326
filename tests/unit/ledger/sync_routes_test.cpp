// The sync port without a port: certificates at the door, and feeds that wait until something wakes
// them.

#include "sync/ledger/api/sync_routes.hpp"

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/io_context.hpp>

#include "tests/unit/ledger/ledger_bench.hpp"

namespace obol::ledger::test {
namespace {

namespace asio = boost::asio;

class HandTimers final : public Timers {
public:
    Token after(Millis delay, std::function<void()> callback) override {
        pending[++last] = {delay, std::move(callback)};
        return last;
    }
    void cancel(Token token) override { pending.erase(token); }
    void fire(Millis upto) {
        auto due = std::exchange(pending, {});
        for (auto& [token, timer] : due) {
            if (timer.first <= upto) {
                timer.second();
            } else {
                pending.emplace(token, std::move(timer));
            }
        }
    }

    Token last = 0;
    std::map<Token, std::pair<Millis, std::function<void()>>> pending;
};

struct Pending {
    std::optional<net::Reply> reply;
};

class SyncPort : public ::testing::Test {
protected:
    SyncPort() {
        certificate = certificate_of(nic);
        bench.db->run("UPDATE holder SET certificate = ? WHERE h = ?", certificate, nic.h().text);
    }
    ~SyncPort() override {
        routes.stop();
        io.restart();
        io.poll();
    }

    std::string certificate_of(const Device& device) {
        const auto key = device.key->public_key();
        const crypto::Subjects subjects{
            .common_name = device.h().text, .venue = device.venue, .business = aroma.text};
        return crypto::issue_certificate(ca_key, ca, key, subjects, false, bench.clock.at,
                                         Millis{86'400'000}, bench.random);
    }
    net::Request request(std::string method, std::string path, std::string body = "") {
        net::Request out;
        out.method = std::move(method);
        out.path = std::move(path);
        out.body = std::move(body);
        out.peer_certificate = certificate;
        return out;
    }
    std::shared_ptr<Pending> start(net::Request asked) {
        auto pending = std::make_shared<Pending>();
        asio::co_spawn(io, routes.handle(std::move(asked)),
                       [pending](std::exception_ptr error, net::Reply reply) {
                           if (error) std::rethrow_exception(error);
                           pending->reply = std::move(reply);
                       });
        run();
        return pending;
    }
    void run() {
        io.restart();
        io.poll();
    }
    net::Reply ask(net::Request asked) {
        const auto pending = start(std::move(asked));
        EXPECT_TRUE(pending->reply);
        return pending->reply.value_or(net::Reply{});
    }
    std::string feed_body(std::int64_t wait_ms) {
        const wire::Page page = nic.page();
        return wire::encode(wire::FeedAsk{
            .generation = 1, .cursor = page.to, .wait_ms = wait_ms, .seen = page.news});
    }
    std::shared_ptr<Pending> start_feed(std::int64_t wait_ms = 20'000) {
        return start(request("POST", "/sync/v1/feed", feed_body(wait_ms)));
    }

    Bench bench;
    crypto::SigningKey ca_key = crypto::SigningKey::generate(bench.random);
    const Millis day{86'400'000};
    std::string ca = crypto::make_ca(ca_key, "Obol", bench.clock.at, day * 365);
    HandTimers timers;
    asio::io_context io{1};
    host::Pool pool{"pin", 1, 4};
    SyncRoutes routes{*bench.db,    bench.clock, timers,
                      bench.random, bench.keys,  [this](std::string_view) { ++broken; }, &pool,
                      {[this] {
                           Authority out{ca_key, ca, "https://localhost:8443"};
                           out.device_life = day;
                           return out;
                       },
                       [this] { return std::vector{crypto::fingerprint(ca)}; }}};
    Device nic = bench.enrol("nic", 1);
    std::string certificate;
    int broken = 0;
};

TEST_F(SyncPort, HelloAndPushAnswerAtOnce) {
    const net::Reply hello = ask(request(
        "POST", "/sync/v1/hello", wire::encode(wire::Hello{.head = nic.head, .generation = 1})));
    ASSERT_EQ(hello.status, 200) << hello.body;
    EXPECT_EQ(wire::decode<wire::Welcome>(hello.body)->head.seq, 0);
    nic.top_up(70);
    const net::Reply push =
        ask(request("POST", "/sync/v1/push", wire::encode(nic.message_from(1))));
    ASSERT_EQ(push.status, 200) << push.body;
    EXPECT_EQ(wire::decode<wire::Receipt>(push.body)->head, nic.head);
    EXPECT_EQ(bench.value(bench.pocket()), 70);
    EXPECT_EQ(ask(request("GET", "/sync/v1/snapshot")).status, 200);
}

TEST_F(SyncPort, APinIsComparedOffTheLoopAndCountedBefore) {
    const PassId pass = bench.make_pass("AAAABBBBCCCCD", 2500, "", "1234");
    const auto tried = [&](SyncRoutes& by, const std::string& pin) {
        const wire::PassAsk with_pin{digest_of_code("AAAABBBBCCCCD"), Secret{"AAAABBBBCCCCD"}, Secret{pin}};
        std::optional<net::Reply> reply;
        asio::co_spawn(io, by.handle(request("POST", "/sync/v1/pass", wire::encode(with_pin))),
                       [&reply](std::exception_ptr error, net::Reply answered) {
                           if (error) std::rethrow_exception(error);
                           reply = std::move(answered);
                       });
        while (!reply) {
            io.restart();  // it may have run dry while the other thread works
            io.run_one();
        }
        return *reply;
    };
    EXPECT_EQ(wire::decode<wire::PassAnswer>(tried(routes, "0000").body)->attempts_left, 2);
    // Nobody is there to compare: the try was none.
    host::Pool nobody{"pin", 0, 0};
    SyncRoutes full{*bench.db, bench.clock, timers, bench.random, bench.keys, [](std::string_view) {}, &nobody};
    EXPECT_EQ(tried(full, "0001").status, 503);
    EXPECT_EQ(wire::decode<wire::PassAnswer>(tried(routes, "0002").body)->attempts_left, 1);
    EXPECT_EQ(wire::decode<wire::PassAnswer>(tried(routes, "1234").body)->pin_state, "right");
    EXPECT_FALSE(bench.books.fact("pass", pass.text)->contains("wrong_pins"));
}

TEST_F(SyncPort, WithoutACertificateNothingIsSaid) {
    net::Request asked = request("GET", "/sync/v1/snapshot");
    asked.peer_certificate.clear();
    EXPECT_EQ(ask(std::move(asked)).status, 403);
}

TEST_F(SyncPort, OnlyCertificatesOfTheDevicesOwnKeyCount) {
    net::Request asked = request("GET", "/sync/v1/snapshot");
    asked.peer_certificate = certificate_of(nic);  // the one after, or the one before
    EXPECT_EQ(ask(std::move(asked)).status, 200);
    asked = request("GET", "/sync/v1/snapshot");
    asked.peer_certificate = certificate_of(Device{bench, "nic", 44});
    EXPECT_EQ(ask(std::move(asked)).status, 403);
    // Its names, and the key of somebody else.
    const auto stranger = crypto::SigningKey::generate(bench.random);
    const crypto::Subjects names{.common_name = nic.h().text, .venue = nic.venue, .business = aroma.text};
    asked = request("GET", "/sync/v1/snapshot");
    asked.peer_certificate = crypto::issue_certificate(ca_key, ca, stranger.public_key(), names, false, bench.clock.at,
                                                       day, bench.random);
    EXPECT_EQ(ask(std::move(asked)).status, 403);
}

TEST_F(SyncPort, ACertificateThatEndedIsGoodForItsRenewalAloneAndNotForLong) {
    const std::string csr = wire::encode(wire::Renew{crypto::make_csr(*nic.key, nic.h().text)});
    const auto may = [&](std::string method, std::string path, std::string body) {
        return ask(request(std::move(method), std::move(path), std::move(body))).status;
    };
    const std::string hello = wire::encode(wire::Hello{.head = nic.head, .generation = 1});
    bench.clock.at += day - Millis{1};
    EXPECT_EQ(may("POST", "/sync/v1/hello", hello), 200);
    bench.clock.at += Millis{1};  // it has ended
    for (const char* name : {"hello", "push", "feed", "pass", "issue", "purchase", "nothing"}) {
        EXPECT_EQ(may("POST", "/sync/v1/" + std::string(name), hello), 403) << name;
    }
    EXPECT_EQ(may("GET", "/sync/v1/snapshot", ""), 403);
    EXPECT_EQ(may("POST", "/sync/v1/renew/", csr), 403);
    bench.clock.at += renewable_after_end - Millis{1};
    const net::Reply given = ask(request("POST", "/sync/v1/renew", csr));
    ASSERT_EQ(given.status, 200) << given.body;
    const auto renewed = wire::decode<wire::Renewed>(given.body);
    bench.clock.at += Millis{1};
    EXPECT_EQ(may("POST", "/sync/v1/renew", csr), 403);
    certificate = renewed->certificate;
    EXPECT_EQ(may("POST", "/sync/v1/hello", hello), 200);
    bench.db->run("UPDATE holder SET status = 'revoked' WHERE h = ?", nic.h().text);
    EXPECT_EQ(may("POST", "/sync/v1/renew", csr), 403);
}

TEST_F(SyncPort, AnswersADeviceOfVersionOneAsEver) {
    // Word for word what version 1 sends and reads; nothing newer reaches it.
    const std::string hash(64, '0');
    const net::Reply welcome = ask(request("POST", "/sync/v1/hello",
                                           R"({"v":1,"head":{"seq":0,"hash":")" + hash +
                                               R"("},"acked_seq":0,"generation":1})"));
    ASSERT_EQ(welcome.status, 200) << welcome.body;
    EXPECT_TRUE(welcome.body.starts_with(R"({"v":1,"generation":1,"head":{"seq":0,"hash":")" + hash +
                                         R"("},"status":"active","now":")"))
        << welcome.body;
    EXPECT_EQ(welcome.body.find("speaks"), std::string::npos);
    EXPECT_EQ(welcome.body.find("cas"), std::string::npos);
    const net::Reply snapshot = ask(request("GET", "/sync/v1/snapshot"));
    EXPECT_TRUE(snapshot.body.starts_with(R"({"v":1,"generation":1,"cursor":)")) << snapshot.body.substr(0, 80);
    nic.top_up(70);
    const net::Reply receipt = ask(request("POST", "/sync/v1/push", wire::encode(nic.message_from(1))));
    EXPECT_TRUE(receipt.body.starts_with(R"({"v":1,"head":)")) << receipt.body;
    const net::Reply page = ask(request("POST", "/sync/v1/feed", R"({"v":1,"generation":1,"cursor":0,"wait_ms":0,"seen":""})"));
    EXPECT_TRUE(page.body.starts_with(R"({"v":1,"generation":1,"from":0,)")) << page.body.substr(0, 80);
}

TEST_F(SyncPort, TellsADeviceOfVersionTwoWhatItSpeaksAndWhomToBelieve) {
    const auto hello = [&](wire::Versions speaks) {
        return ask(request("POST", "/sync/v1/hello",
                           wire::encode(wire::Hello{.head = nic.head, .generation = 1, .speaks = speaks})));
    };
    const net::Reply welcome = hello({1, 7});
    const auto read = wire::decode<wire::Welcome>(welcome.body);
    ASSERT_TRUE(read) << welcome.body;
    EXPECT_EQ(read->speaks, wire::spoken_here);
    EXPECT_EQ(read->cas, std::vector<std::string>{crypto::fingerprint(ca)});
    const net::Reply none = hello({3, 7});
    EXPECT_EQ(none.status, 422);
    EXPECT_NE(none.body.find("version_unsupported"), std::string::npos);
}

TEST_F(SyncPort, APushThatCannotBeReadIsTakenToAPerson) {
    const auto exceptions = [&] {
        return bench.db->value<std::int64_t>("SELECT count(*) FROM exception WHERE code = 'push_unreadable' AND h = ?",
                                             nic.h().text);
    };
    const std::string entries = R"({"v":1,"from_seq":1,"entries":["A!"],"signature":"AAAA"})";
    EXPECT_EQ(ask(request("POST", "/sync/v1/push", entries)).status, 400);
    EXPECT_EQ(ask(request("POST", "/sync/v1/push", entries)).status, 400);
    EXPECT_EQ(exceptions(), 1);
}

TEST_F(SyncPort, ARevokedDeviceIsRefusedEverywhere) {
    bench.db->run("UPDATE holder SET status = 'revoked' WHERE h = ?", nic.h().text);
    EXPECT_EQ(ask(request("GET", "/sync/v1/snapshot")).status, 403);
    EXPECT_EQ(ask(request("POST", "/sync/v1/feed", "{}")).status, 403);
}

TEST_F(SyncPort, BadFormsAreNamed) {
    EXPECT_EQ(ask(request("POST", "/sync/v1/push", "{")).status, 400);
    EXPECT_EQ(ask(request("POST", "/sync/v1/feed", "[]")).status, 400);
    EXPECT_EQ(ask(request("GET", "/sync/v1/push")).status, 405);
    EXPECT_EQ(ask(request("POST", "/sync/v1/snapshot", "{}")).status, 400);
    EXPECT_EQ(ask(request("POST", "/sync/v1/nothing", "{}")).status, 404);
    EXPECT_EQ(ask(request("POST", "/elsewhere", "{}")).status, 404);
}

TEST_F(SyncPort, AForgedPushIsForbidden) {
    wire::Push push = nic.message_from(1);
    push.signature[0] ^= 1;
    EXPECT_EQ(ask(request("POST", "/sync/v1/push", wire::encode(push))).status, 403);
}

TEST_F(SyncPort, AFeedWithNewsAnswersAtOnce) {
    const std::string body =
        wire::encode(wire::FeedAsk{.generation = 1, .cursor = 0, .wait_ms = 20'000});
    const net::Reply reply = ask(request("POST", "/sync/v1/feed", body));
    EXPECT_FALSE(wire::decode<wire::Page>(reply.body)->facts.empty());
}

TEST_F(SyncPort, AFeedWithoutNewsWaitsUntilAnotherVenueBooksSomething) {
    const auto feed = start_feed();
    EXPECT_FALSE(feed->reply);
    Device lim = bench.enrol("lim", 2);
    lim.top_up(30);
    ASSERT_TRUE(routes.end().push(lim.identity(), lim.message_from(1)));
    run();
    ASSERT_TRUE(feed->reply);
    EXPECT_EQ(wire::decode<wire::Page>(feed->reply->body)->balances.size(), 1U);
}

TEST_F(SyncPort, AFeedEndsWithItsTime) {
    const auto feed = start_feed(15'000);
    EXPECT_FALSE(feed->reply);
    timers.fire(Millis{15'000});
    run();
    ASSERT_TRUE(feed->reply);
    EXPECT_TRUE(wire::decode<wire::Page>(feed->reply->body)->facts.empty());
}

TEST_F(SyncPort, NoFeedIsHeldLongerThanTheLongestWait) {
    start_feed(60'000);
    ASSERT_EQ(timers.pending.size(), 1U);
    EXPECT_EQ(timers.pending.begin()->second.first, longest_wait);
}

TEST_F(SyncPort, ANewFeedOfTheSameDeviceEndsTheOldOne) {
    const auto old = start_feed();
    const auto fresh = start_feed();
    run();
    EXPECT_TRUE(old->reply);
    EXPECT_FALSE(fresh->reply);
}

TEST_F(SyncPort, StoppingEndsEveryFeed) {
    const auto feed = start_feed();
    routes.stop();
    run();
    EXPECT_TRUE(feed->reply);
}

TEST_F(SyncPort, ARecallWakesTheVenueThatHoldsAndItsReturnTheOneThatAsked) {
    bench.fund_pocket(100);
    nic.adopt();
    nic.ask(bench.pocket(), 100);
    nic.sync();
    const auto feed = start_feed();
    ASSERT_FALSE(feed->reply);
    Device lim = bench.enrol("lim", 2);
    lim.ask(bench.pocket(), 40);
    ASSERT_TRUE(routes.end().push(lim.identity(), lim.message_from(1)));
    run();
    ASSERT_TRUE(feed->reply);
    EXPECT_EQ(wire::decode<wire::Page>(feed->reply->body)->recalls.size(), 1U);
}

}  // namespace
}  // namespace obol::ledger::test
