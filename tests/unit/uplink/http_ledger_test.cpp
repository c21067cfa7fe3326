#include "sync/uplink/http_ledger.hpp"

#include <gtest/gtest.h>

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/io_context.hpp>

#include "sync/net/asio_timers.hpp"

namespace obol::uplink {
namespace {

namespace asio = boost::asio;

// The ledger over a real server on the same loop; the test says what each path answers.
class HttpLedgerTest : public ::testing::Test {
protected:
    HttpLedgerTest() {
        net::ServerOptions options;
        options.addresses = {"127.0.0.1"};
        auto handler = [this](net::Request request) { return handle(std::move(request)); };
        auto refuse = [](int status, std::string_view, std::string_view) {
            return net::Reply{.status = status};
        };
        server = std::make_unique<net::Server>(context.get_executor(), options, handler, refuse);
        EXPECT_TRUE(server->start());
        net::ClientOptions client;
        client.url = "http://127.0.0.1:" + std::to_string(server->port());
        ledger = std::make_unique<HttpLedger>(context.get_executor(), client);
    }
    ~HttpLedgerTest() override {
        ledger.reset();
        server.reset();
        context.restart();
        context.run();
    }
    awaitable<net::Reply> handle(net::Request request) {
        asked += request.method + " " + request.path + "; ";
        bodies.push_back(request.body);
        const net::Reply reply = answers ? answers(request) : answer;
        if (hold > Millis{0}) co_await net::sleep_for(hold);
        co_return reply;
    }
    // Runs the call to its end and shows it: "ok" or the fault.
    template <class T>
    std::string show(awaitable<Result<T>> call) {
        std::string out = "pending";
        asio::co_spawn(context, std::move(call), [&out](std::exception_ptr, Result<T> got) {
            out = got ? "ok" : got.error().code + " | " + got.error().detail;
        });
        context.restart();
        while (out == "pending" && context.run_one() > 0) {
        }
        return out;
    }

    asio::io_context context;
    std::unique_ptr<net::Server> server;
    std::unique_ptr<HttpLedger> ledger;
    net::Reply answer;
    std::function<net::Reply(const net::Request&)> answers{};
    Millis hold{0};
    std::string asked;
    std::vector<std::string> bodies;
};

TEST_F(HttpLedgerTest, SpeaksToThePathsOfTheProtocol) {
    answer.body = wire::encode(wire::Welcome{});
    EXPECT_EQ(show(ledger->hello({})), "ok");
    answer.body = wire::encode(wire::Receipt{});
    wire::Push push{1, {{1}}, Bytes(64, 0)};
    EXPECT_EQ(show(ledger->push(push)), "ok");
    answer.body = wire::encode(wire::Page{});
    EXPECT_EQ(show(ledger->feed({})), "ok");
    answer.body = wire::encode(wire::Snapshot{});
    EXPECT_EQ(show(ledger->snapshot()), "ok");
    answer.body = wire::encode(wire::PassAnswer{});
    EXPECT_EQ(show(ledger->pass({})), "ok");
    answer.body = wire::encode(wire::IssueAnswer{PassId("P"), Secret("C"), {}, {}});
    EXPECT_EQ(show(ledger->issue({})), "ok");
    EXPECT_EQ(asked,
              "POST /sync/v1/hello; POST /sync/v1/push; POST /sync/v1/feed; GET /sync/v1/snapshot; "
              "POST /sync/v1/pass; POST /sync/v1/issue; ");
    EXPECT_EQ(bodies[1], wire::encode(push));
}

net::Reply problem_of(int status, const std::string& code) {
    return {.status = status, .content_type = "application/problem+json", .body = R"({"code":")" + code + R"(","detail":"no"})"};
}

TEST_F(HttpLedgerTest, ALedgerOfVersionOneIsSpokenToInItsWords) {
    // As that version was: strict, and with a snapshot all at once.
    answers = [](const net::Request& request) -> net::Reply {
        if (request.path == "/sync/v1/hello") {
            if (!request.body.starts_with(R"({"v":1,)")) return problem_of(400, "malformed_message");
            return {.body = wire::encode(wire::Welcome{})};
        }
        if (request.method != "GET") return problem_of(405, "method_not_allowed");
        wire::Snapshot whole;
        whole.cursor = 70;
        return {.body = wire::encode(whole)};
    };
    EXPECT_EQ(show(ledger->hello({})), "ok");
    EXPECT_EQ(bodies[1], wire::encode(wire::Hello{}));
    EXPECT_EQ(show(ledger->snapshot_page({})), "ok");
    EXPECT_TRUE(show(ledger->snapshot_page({"s", "f:b"})).starts_with("snapshot_gone"));
    EXPECT_EQ(asked, "POST /sync/v1/hello; POST /sync/v1/hello; GET /sync/v1/snapshot; ");
}

TEST_F(HttpLedgerTest, ALedgerOfVersionTwoGivesPages) {
    wire::Welcome welcome;
    welcome.speaks = {1, 5};  // newer than we are
    welcome.cas = {std::string(64, 'a')};
    answer.body = wire::encode(welcome);
    std::vector<std::string> told;
    ledger->on_welcome([&told](const wire::Welcome& heard) { told = heard.cas; });
    EXPECT_EQ(show(ledger->hello({})), "ok");
    EXPECT_EQ(told, welcome.cas);
    EXPECT_EQ(wire::decode<wire::Hello>(bodies[0])->speaks, wire::spoken_here);
    wire::SnapshotPage page;
    page.id = "s";
    answer.body = wire::encode(page);
    EXPECT_EQ(show(ledger->snapshot_page({"s", "f:b"})), "ok");
    EXPECT_EQ(bodies[1], wire::encode(wire::SnapshotAsk{"s", "f:b"}));
    answer = problem_of(422, "snapshot_gone");
    EXPECT_EQ(show(ledger->snapshot_page({"s", "f:b"})), "snapshot_gone | snapshot_gone: no");
    answer = {.body = wire::encode(wire::Renewed{"certificate", "ca"})};
    EXPECT_EQ(show(ledger->renew({"csr"})), "ok");
    EXPECT_EQ(asked, "POST /sync/v1/hello; POST /sync/v1/snapshot; POST /sync/v1/snapshot; POST /sync/v1/renew; ");
    welcome.speaks = {7, 9};
    answer = {.body = wire::encode(welcome)};
    EXPECT_EQ(show(ledger->hello({})), "refused | version_unsupported: the ledger speaks none of our versions");
}

TEST_F(HttpLedgerTest, ACaptivePortalIsNotTheLedger) {
    answer = {.content_type = "text/html", .body = "<html>Please log in</html>"};
    EXPECT_EQ(show(ledger->hello({})), "not_http | an answer that is not the ledger's");
    answer = {.status = 302,
              .content_type = "text/html",
              .body = "",
              .headers = {{"Location", "http://portal/"}}};
    EXPECT_EQ(show(ledger->push({1, {{1}}, Bytes(64, 0)})),
              "not_http | an answer that is not the ledger's");
    answer = {.content_type = "application/json", .body = "{\"portal\":true}"};
    EXPECT_TRUE(show(ledger->hello({})).starts_with("malformed_message"));
}

TEST_F(HttpLedgerTest, ARefusalCarriesItsCode) {
    answer = {.status = 403,
              .content_type = "application/problem+json",
              .body = R"({"code":"forbidden","detail":"this device is revoked"})"};
    EXPECT_EQ(show(ledger->hello({})), "refused | forbidden: this device is revoked");
    answer.body = "not json";
    EXPECT_EQ(show(ledger->hello({})), "refused | HTTP 403");
}

TEST_F(HttpLedgerTest, NobodyThereIsUnreachable) {
    server.reset();
    EXPECT_TRUE(show(ledger->hello({})).starts_with("unreachable"));
}

TEST_F(HttpLedgerTest, QuestionsQueueAndDoNotWaitForTheFeed) {
    answer.body = wire::encode(wire::PassAnswer{});
    hold = Millis{20};
    int done = 0;
    for (int i = 0; i < 3; ++i) {
        asio::co_spawn(
            context, ledger->pass({}),
            [&done](std::exception_ptr, Result<wire::PassAnswer> got) { done += got ? 1 : 100; });
    }
    wire::FeedAsk ask;
    bool feed_ended = false;
    asio::co_spawn(context, ledger->feed(ask),
                   [&](std::exception_ptr, const Result<wire::Page>&) { feed_ended = true; });
    context.restart();
    while (done < 3 && context.run_one() > 0) {
    }
    EXPECT_EQ(done, 3);
    while (!feed_ended && context.run_one() > 0) {
    }
}

TEST_F(HttpLedgerTest, CutEndsWhatRunsAndWhatWaits) {
    hold = Millis{300};
    std::string ended;
    for (int i = 0; i < 3; ++i) {
        asio::co_spawn(context, ledger->pass({}),
                       [&ended](std::exception_ptr, const Result<wire::PassAnswer>& got) {
                           ended += got ? "answered; " : got.error().code + "; ";
                       });
    }
    context.restart();
    while (bodies.empty() && context.run_one() > 0) {
    }
    ledger->cut();
    while (ended.size() < 39 && context.run_one() > 0) {
    }
    EXPECT_EQ(ended, "unreachable; unreachable; unreachable; ");
    EXPECT_EQ(bodies.size(), 1u);
    hold = Millis{0};
    answer.body = wire::encode(wire::PassAnswer{});
    EXPECT_EQ(show(ledger->pass({})), "ok");
}

TEST_F(HttpLedgerTest, EnrolsWithTheToken) {
    answer = {.status = 201,
              .body = wire::encode(wire::Enrolled{"c", "ca", VenueId("nic"), BusinessId("a"),
                                                  "NIC1", Bytes(32, 1), "https://x"})};
    net::ClientOptions options;
    options.url = "http://127.0.0.1:" + std::to_string(server->port());
    wire::Enrol request{Secret("tok"), "csr"};
    EXPECT_EQ(show(enrol(context.get_executor(), options, request)), "ok");
    EXPECT_EQ(asked, "POST /enrol/v1; ");
}

}  // namespace
}  // namespace obol::uplink
