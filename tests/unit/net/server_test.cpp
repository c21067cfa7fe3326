#include <gtest/gtest.h>
#include <sys/resource.h>

#include <atomic>

#include "sync/net/asio_timers.hpp"
#include "tests/unit/net/loop.hpp"

namespace obol::net {
namespace {

// Echoes what it understood; every path that reaches it is remembered.
class EchoServer {
public:
    explicit EchoServer(ServerOptions options = {}) {
        options.addresses = {"127.0.0.1"};
        server = loop.on_loop([&] {
            auto handler = [this](Request request) { return handle(std::move(request)); };
            auto made =
                std::make_unique<Server>(loop.context.get_executor(), options, handler, refusal);
            EXPECT_TRUE(made->start());
            return made;
        });
    }
    ~EchoServer() {
        loop.on_loop([this] { server.reset(); });
    }
    std::uint16_t port() const { return server->port(); }
    bool reached(const std::string& path) {
        return loop.on_loop([&] { return paths.find(" " + path + " ") != std::string::npos; });
    }

    Loop loop;
    std::unique_ptr<Server> server;
    std::string paths = " ";

private:
    awaitable<Reply> handle(Request request) {
        paths += request.path + " ";
        if (request.path == "/slow") co_await sleep_for(Millis{600});
        if (request.path == "/large")
            co_return Reply{.content_type = "text/plain", .body = std::string(300'000, 'x')};
        if (request.path == "/close") co_return Reply{.body = "{}", .close = true};
        if (request.path == "/empty") co_return Reply{.status = 204};
        if (request.path == "/split") co_return Reply{.headers = {{"X-A", "1\r\nX-B: 2"}}};
        co_return Reply{.content_type = "text/plain",
                        .body = request.method + " " + request.path + " [" + request.body + "]"};
    }
};

struct Framing {
    std::string name;
    std::string request;
    int status;
};

const std::string hidden = "GET /hidden HTTP/1.1\r\nHost: x\r\n\r\n";

// THREATS 3.2 and what lies near it. Each carries a second request that must never be executed.
std::vector<Framing> framings() {
    const std::string get = "GET / HTTP/1.1\r\nHost: x\r\n";
    const std::string post = "POST /p HTTP/1.1\r\nHost: x\r\n";
    std::string many = get, folded_big = get + "A: b\r\n ";
    for (int i = 0; i < 700; ++i) many += "a:b\r\n";
    return {
        {"CL then TE chunked",
         post + "Content-Length: 4\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n", 400},
        {"TE chunked then CL",
         post + "Transfer-Encoding: chunked\r\nContent-Length: 4\r\n\r\n0\r\n\r\n", 400},
        {"TE chunked alone", post + "Transfer-Encoding: chunked\r\n\r\n0\r\n\r\n", 400},
        {"TE gzip then CL", post + "Transfer-Encoding: gzip\r\nContent-Length: 5\r\n\r\nhello",
         400},
        {"CL then TE gzip", post + "Content-Length: 5\r\nTransfer-Encoding: gzip\r\n\r\nhello",
         400},
        {"TE gzip", post + "Transfer-Encoding: gzip\r\n\r\n", 400},
        {"TE xchunked", post + "Transfer-Encoding: xchunked\r\n\r\n", 400},
        {"TE chunked, identity", post + "Transfer-Encoding: chunked, identity\r\n\r\n", 400},
        {"TE identity on GET", get + "Transfer-Encoding: identity\r\n\r\n", 400},
        {"TE empty", get + "Transfer-Encoding:\r\n\r\n", 400},
        {"HTTP/1.0", "GET / HTTP/1.0\r\nHost: x\r\n\r\n", 400},
        {"HTTP/1.0 chunked",
         "POST / HTTP/1.0\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n", 400},
        {"HTTP/2.0", "GET / HTTP/2.0\r\nHost: x\r\n\r\n", 400},
        {"HTTP/0.9", "GET /\r\n\r\n", 400},
        {"HTTP/1.2", "GET / HTTP/1.2\r\nHost: x\r\n\r\n", 400},
        {"two equal CL", post + "Content-Length: 5\r\nContent-Length: 5\r\n\r\nhello", 400},
        {"two different CL", post + "Content-Length: 5\r\nContent-Length: 6\r\n\r\nhello", 400},
        {"CL list", post + "Content-Length: 5, 5\r\n\r\nhello", 400},
        {"CL +5", post + "Content-Length: +5\r\n\r\nhello", 400},
        {"CL -1", post + "Content-Length: -1\r\n\r\n", 400},
        {"CL 0x5", post + "Content-Length: 0x5\r\n\r\nhello", 400},
        {"CL 5 5", post + "Content-Length: 5 5\r\n\r\nhello", 400},
        {"CL empty", post + "Content-Length:\r\n\r\n", 400},
        {"CL 2^64", post + "Content-Length: 18446744073709551616\r\n\r\n", 400},
        {"CL 2^64-1", post + "Content-Length: 18446744073709551615\r\n\r\n", 413},
        {"CL over the limit", post + "Content-Length: 262145\r\n\r\n", 413},
        {"POST without CL", post + "\r\n", 411},
        {"PUT without CL", "PUT / HTTP/1.1\r\nHost: x\r\n\r\n", 411},
        {"GET with body", get + "Content-Length: 5\r\n\r\nhello", 400},
        {"DELETE with body", "DELETE / HTTP/1.1\r\nHost: x\r\nContent-Length: 5\r\n\r\nhello", 400},
        {"obs-fold", get + "A: b\r\n c\r\n\r\n", 400},
        {"obs-fold with tab", get + "A: b\r\n\tc\r\n\r\n", 400},
        {"obs-fold in Host", "GET / HTTP/1.1\r\nHost:\r\n x\r\n\r\n", 400},
        {"two Host", get + "Host: y\r\n\r\n", 400},
        {"two equal Host", get + "Host: x\r\n\r\n", 400},
        {"no Host", "GET / HTTP/1.1\r\n\r\n", 400},
        {"empty Host", "GET / HTTP/1.1\r\nHost:\r\n\r\n", 400},
        {"two Authorization", get + "Authorization: Bearer a\r\nAuthorization: Bearer b\r\n\r\n",
         400},
        {"two Origin", get + "Origin: a\r\norigin: b\r\n\r\n", 400},
        {"two Idempotency-Key", get + "Idempotency-Key: a\r\nidempotency-key: b\r\n\r\n", 400},
        {"bare LF", "GET / HTTP/1.1\nHost: x\n\n", 400},
        {"one bare LF", "GET / HTTP/1.1\r\nHost: x\nA: b\r\n\r\n", 400},
        {"bare CR", get + "A: b\rc\r\n\r\n", 400},
        {"NUL", get + std::string("A: b\0c\r\n\r\n", 10), 400},
        {"space before colon", get + "A : b\r\n\r\n", 400},
        {"no colon", get + "Abc\r\n\r\n", 400},
        {"empty field name", get + ": b\r\n\r\n", 400},
        {"leading empty line", "\r\n" + get + "\r\n", 400},
        {"leading space", " " + get + "\r\n", 400},
        {"two spaces", "GET  / HTTP/1.1\r\nHost: x\r\n\r\n", 400},
        {"absolute form", "GET http://evil/ HTTP/1.1\r\nHost: x\r\n\r\n", 400},
        {"asterisk form", "OPTIONS * HTTP/1.1\r\nHost: x\r\n\r\n", 400},
        {"authority form", "GET x:80 HTTP/1.1\r\nHost: x\r\n\r\n", 400},
        {"double slash", "GET //evil/ HTTP/1.1\r\nHost: x\r\n\r\n", 400},
        {"fragment", "GET /a#b HTTP/1.1\r\nHost: x\r\n\r\n", 400},
        {"escaped NUL", "GET /%00 HTTP/1.1\r\nHost: x\r\n\r\n", 400},
        {"escaped line break", "GET /a%0d%0ab HTTP/1.1\r\nHost: x\r\n\r\n", 400},
        {"broken escape", "GET /%zz HTTP/1.1\r\nHost: x\r\n\r\n", 400},
        {"short escape", "GET /%4 HTTP/1.1\r\nHost: x\r\n\r\n", 400},
        {"raw UTF-8", "GET /\xce\xb1 HTTP/1.1\r\nHost: x\r\n\r\n", 400},
        {"lower-case verb", "get / HTTP/1.1\r\nHost: x\r\n\r\n", 405},
        {"unknown verb", "BREW / HTTP/1.1\r\nHost: x\r\n\r\n", 405},
        {"CONNECT", "CONNECT /x HTTP/1.1\r\nHost: x\r\n\r\n", 405},
        {"TRACE", "TRACE / HTTP/1.1\r\nHost: x\r\n\r\n", 405},
        {"700 fields", many + "\r\n", 431},
        {"65 fields",
         get +
             [] {
                 std::string s;
                 for (int i = 0; i < 64; ++i) s += "a:b\r\n";
                 return s;
             }() +
             "\r\n",
         431},
        {"header of 9000 bytes", get + "A: " + std::string(9000, 'b') + "\r\n\r\n", 431},
        {"target of 1025", "GET /" + std::string(1024, 'a') + " HTTP/1.1\r\nHost: x\r\n\r\n", 414},
        {"target of 9000", "GET /" + std::string(9000, 'a') + " HTTP/1.1\r\nHost: x\r\n\r\n", 414},
        {"unmet expectation", post + "Expect: tea\r\nContent-Length: 0\r\n\r\n", 400},
    };
}

TEST(Framing, IsRefusedBeforeRoutingAndTheConnectionCloses) {
    EchoServer server;
    const auto cases = framings();
    EXPECT_GE(cases.size(), 40u);
    for (const auto& [name, request, status] : cases) {
        SCOPED_TRACE(name);
        RawCaller caller(server.port());
        caller.send(request + hidden);
        const std::string answer = caller.answer();
        ASSERT_GT(answer.size(), 12u);
        EXPECT_EQ(std::stoi(answer.substr(9, 3)), status) << answer;
        EXPECT_NE(answer.find("Connection: close"), std::string::npos);
        EXPECT_NE(answer.find("application/problem+json"), std::string::npos);
        EXPECT_TRUE(caller.closed());
    }
    EXPECT_FALSE(server.reached("/hidden"));
    EXPECT_EQ(server.paths, " ");
}

TEST(Framing, TakesWhatIsWellFormed) {
    EchoServer server;
    const std::vector<Framing> good{
        {"GET", "GET /a HTTP/1.1\r\nHost: x\r\n\r\n", 200},
        {"GET with length 0", "GET /a HTTP/1.1\r\nHost: x\r\nContent-Length: 0\r\n\r\n", 200},
        {"field name in other case", "POST /a HTTP/1.1\r\nhOST: x\r\ncontent-LENGTH: 2\r\n\r\n{}",
         200},
        {"OPTIONS", "OPTIONS /a HTTP/1.1\r\nHost: x\r\n\r\n", 200},
        {"DELETE", "DELETE /a HTTP/1.1\r\nHost: x\r\n\r\n", 200},
        {"PATCH", "PATCH /a HTTP/1.1\r\nHost: x\r\nContent-Length: 2\r\n\r\n{}", 200},
        {"64 fields",
         "GET /a HTTP/1.1\r\nHost: x\r\n" +
             [] {
                 std::string s;
                 for (int i = 0; i < 63; ++i) s += "a:b\r\n";
                 return s;
             }() +
             "\r\n",
         200},
        {"target of 1024", "GET /" + std::string(1023, 'a') + " HTTP/1.1\r\nHost: x\r\n\r\n", 200},
        {"obs-text in a value", "GET /a HTTP/1.1\r\nHost: x\r\nA: \xce\xb1\r\n\r\n", 200},
        {"body at the limit",
         "POST /a HTTP/1.1\r\nHost: x\r\nContent-Length: 262144\r\n\r\n" + std::string(262144, 'b'),
         200},
    };
    for (const auto& [name, request, status] : good) {
        SCOPED_TRACE(name);
        RawCaller caller(server.port());
        caller.send(request);
        EXPECT_EQ(caller.status(), status);
    }
}

TEST(Server, DecodesThePathAndKeepsTheQuery) {
    Request request;
    request.query = "after=a%2Bb&limit=5&empty=&x=1+2&bad=%zz";
    EXPECT_EQ(request.query_value("after"), "a+b");
    EXPECT_EQ(request.query_value("limit"), "5");
    EXPECT_EQ(request.query_value("empty"), "");
    EXPECT_EQ(request.query_value("x"), "1 2");
    EXPECT_EQ(request.query_value("bad"), std::nullopt);
    EXPECT_EQ(request.query_value("absent"), std::nullopt);

    EchoServer server;
    RawCaller caller(server.port());
    caller.send("GET /a%20b%2Fc?d=e%20f HTTP/1.1\r\nHost: x\r\n\r\n");
    EXPECT_NE(caller.answer().find("GET /a b/c []"), std::string::npos);
}

TEST(Server, KeepsTheConnectionAndTheOrderOfPipelinedRequests) {
    EchoServer server;
    RawCaller caller(server.port());
    std::string all;
    for (int i = 0; i < 20; ++i) {
        const std::string body = std::to_string(i);
        all += "POST /" + std::string(i % 5 == 0 ? "slow" : "p") +
               " HTTP/1.1\r\nHost: x\r\nContent-Length: " + std::to_string(body.size()) +
               "\r\n\r\n" + body;
    }
    caller.send(all);
    for (int i = 0; i < 20; ++i) {
        EXPECT_NE(caller.answer().find("[" + std::to_string(i) + "]"), std::string::npos) << i;
    }
}

TEST(Server, ReadsARequestThatArrivesByteByByte) {
    EchoServer server;
    RawCaller caller(server.port());
    for (const char c :
         std::string("POST /p HTTP/1.1\r\nHost: x\r\nContent-Length: 5\r\n\r\nhello")) {
        caller.send(std::string_view(&c, 1));
    }
    EXPECT_NE(caller.answer().find("POST /p [hello]"), std::string::npos);
}

TEST(Server, ServesOnlyItsHosts) {
    ServerOptions options;
    options.hosts = {"127.0.0.1:8480", "localhost:8480"};
    EchoServer server(options);
    const auto status = [&](const std::string& host) {
        RawCaller caller(server.port());
        caller.send("GET / HTTP/1.1\r\nHost: " + host + "\r\n\r\n");
        return caller.status();
    };
    EXPECT_EQ(status("127.0.0.1:8480"), 200);
    EXPECT_EQ(status("LocalHost:8480"), 200);
    EXPECT_EQ(status("evil.example"), 421);
    EXPECT_EQ(status("127.0.0.1"), 421);
    EXPECT_EQ(status("localhost:8480.evil.example"), 421);
}

TEST(Server, ClosesWhenEitherSideAsksForIt) {
    EchoServer server;
    RawCaller asks(server.port());
    asks.send("GET /a HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n" + hidden);
    EXPECT_NE(asks.answer().find("Connection: close"), std::string::npos);
    EXPECT_TRUE(asks.closed());
    RawCaller told(server.port());
    told.send("GET /close HTTP/1.1\r\nHost: x\r\n\r\n" + hidden);
    EXPECT_EQ(told.status(), 200);
    EXPECT_TRUE(told.closed());
    EXPECT_FALSE(server.reached("/hidden"));
}

TEST(Server, AnswersAHalfClosedCaller) {
    EchoServer server;
    RawCaller caller(server.port());
    caller.send("GET /slow HTTP/1.1\r\nHost: x\r\n\r\n");
    caller.finish();
    EXPECT_EQ(caller.status(), 200);
    EXPECT_TRUE(caller.closed());
}

TEST(Server, AsksForTheBodyWhereTheCallerWaits) {
    EchoServer server;
    RawCaller caller(server.port());
    caller.send("POST /p HTTP/1.1\r\nHost: x\r\nExpect: 100-continue\r\nContent-Length: 2\r\n\r\n");
    EXPECT_EQ(caller.status(), 100);
    caller.send("{}");
    EXPECT_NE(caller.answer().find("[{}]"), std::string::npos);
    RawCaller large(server.port());
    large.send(
        "POST /p HTTP/1.1\r\nHost: x\r\nExpect: 100-continue\r\nContent-Length: 300000\r\n\r\n");
    EXPECT_EQ(large.status(), 413);
}

TEST(Server, TheAnswerToATooLargeBodyArrivesThoughTheBodyIsStillOnItsWay) {
    EchoServer server;
    RawCaller caller(server.port());
    caller.send("POST /p HTTP/1.1\r\nHost: x\r\nContent-Length: 600000\r\n\r\n" +
                std::string(600'000, 'b'));
    EXPECT_EQ(caller.status(), 413);
}

TEST(Server, SendsLargeAnswersAndEmptyOnes) {
    EchoServer server;
    RawCaller caller(server.port());
    caller.send("GET /large HTTP/1.1\r\nHost: x\r\n\r\n");
    EXPECT_GT(caller.answer().size(), 300'000u);
    caller.send("GET /empty HTTP/1.1\r\nHost: x\r\n\r\n");
    EXPECT_EQ(caller.answer(), "HTTP/1.1 204 No Content\r\n\r\n");
    caller.send("HEAD /large HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n");
    const std::string head = caller.rest();
    EXPECT_NE(head.find("Content-Length: 300000"), std::string::npos);
    EXPECT_TRUE(head.ends_with("\r\n\r\n"));
}

TEST(Server, LetsNoHeaderValueStartAnotherHeader) {
    EchoServer server;
    RawCaller caller(server.port());
    caller.send("GET /split HTTP/1.1\r\nHost: x\r\n\r\n");
    EXPECT_EQ(caller.answer().find("\r\nX-B"), std::string::npos);
}

TEST(Server, EndsASlowHeaderASlowBodyAndAnIdleConnection) {
    ServerOptions options;
    options.limits.header_deadline = options.limits.body_deadline = options.limits.idle =
        Millis{400};
    EchoServer server(options);
    RawCaller silent(server.port()), header(server.port()), body(server.port()),
        idle(server.port());
    header.send("GET / HTTP/1.1\r\nHost");
    body.send("POST /p HTTP/1.1\r\nHost: x\r\nContent-Length: 5\r\n\r\nhel");
    idle.send("GET / HTTP/1.1\r\nHost: x\r\n\r\n");
    EXPECT_EQ(idle.status(), 200);
    EXPECT_TRUE(silent.closed());
    EXPECT_TRUE(header.closed());
    EXPECT_TRUE(body.closed());
    EXPECT_TRUE(idle.closed());
    // The handler's time is its own.
    RawCaller slow(server.port());
    slow.send("GET /slow HTTP/1.1\r\nHost: x\r\n\r\n");
    EXPECT_EQ(slow.status(), 200);
    EXPECT_FALSE(server.reached("/p"));
}

TEST(Server, ADripOfBytesDoesNotMoveTheDeadline) {
    ServerOptions options;
    options.limits.header_deadline = Millis{60};
    EchoServer server(options);
    RawCaller caller(server.port());
    std::atomic<bool> over{false};
    std::thread drip([&] {
        while (!over) {
            caller.send("a");
            std::this_thread::sleep_for(std::chrono::milliseconds(5));
        }
    });
    EXPECT_TRUE(caller.closed());  // or it waits for the 10 s of RawCaller and fails
    over = true;
    drip.join();
}

TEST(Server, MakesRoomForANewcomerByEndingTheLongestIdle) {
    ServerOptions options;
    options.limits.connections = 2;
    EchoServer server(options);
    RawCaller first(server.port());
    first.send("GET / HTTP/1.1\r\nHost: x\r\n\r\n");
    EXPECT_EQ(first.status(), 200);
    RawCaller second(server.port());
    second.send("GET / HTTP/1.1\r\nHost: x\r\n\r\n");
    EXPECT_EQ(second.status(), 200);
    RawCaller third(server.port());
    third.send("GET / HTTP/1.1\r\nHost: x\r\n\r\n");
    EXPECT_EQ(third.status(), 200);
    EXPECT_TRUE(first.closed());
    second.send("GET / HTTP/1.1\r\nHost: x\r\n\r\n");
    EXPECT_EQ(second.status(), 200);
}

TEST(Server, OutOfDescriptorsItHangsUpOnNewcomersAndServesOnThoseItHas) {
    EchoServer server;
    RawCaller early(server.port());
    early.send("GET / HTTP/1.1\r\nHost: x\r\n\r\n");
    EXPECT_EQ(early.status(), 200);
    asio::io_context context;
    asio::ip::tcp::socket late(context, asio::ip::tcp::v4());

    rlimit before{};
    ::getrlimit(RLIMIT_NOFILE, &before);
    const int lowest_free = ::dup(0);
    ::close(lowest_free);
    const rlimit exhausted{static_cast<rlim_t>(lowest_free), before.rlim_max};
    ::setrlimit(RLIMIT_NOFILE, &exhausted);
    late.connect({asio::ip::address_v4::loopback(), server.port()});
    char byte;
    boost::system::error_code error;
    late.read_some(asio::buffer(&byte, 1), error);
    EXPECT_TRUE(error);  // hung up on, not left waiting
    early.send("GET / HTTP/1.1\r\nHost: x\r\n\r\n");
    EXPECT_EQ(early.status(), 200);
    ::setrlimit(RLIMIT_NOFILE, &before);

    RawCaller after(server.port());
    after.send("GET / HTTP/1.1\r\nHost: x\r\n\r\n");
    EXPECT_EQ(after.status(), 200);
}

TEST(Server, StopsAfterOpenExchangesHaveEnded) {
    EchoServer server;
    RawCaller busy(server.port()), idle(server.port());
    idle.send("GET / HTTP/1.1\r\nHost: x\r\n\r\n");
    EXPECT_EQ(idle.status(), 200);
    busy.send("GET /slow HTTP/1.1\r\nHost: x\r\n\r\n");
    while (!server.reached("/slow")) {
    }
    const std::uint16_t port = server.port();
    server.loop.await(server.server->stop(Millis{5'000}));
    EXPECT_EQ(busy.status(), 200);
    EXPECT_TRUE(busy.closed());
    EXPECT_TRUE(idle.closed());
    EXPECT_THROW(RawCaller{port}, boost::system::system_error);
}

TEST(Server, SaysWhyItCannotListen) {
    EchoServer server;
    Loop& loop = server.loop;
    const auto start = [&](std::vector<std::string> addresses, std::uint16_t port) {
        return loop.on_loop([&] {
            ServerOptions options;
            options.addresses = std::move(addresses);
            options.port = port;
            Server other(loop.context.get_executor(), options, nullptr, refusal);
            const Result<void> started = other.start();
            return started ? std::string("started") : started.error().code;
        });
    };
    EXPECT_EQ(start({"127.0.0.1"}, server.port()), "address_in_use");
    EXPECT_EQ(start({"not an address"}, 0), "address_invalid");
    EXPECT_EQ(start({"192.0.2.1"}, 0), "address_invalid");
    EXPECT_EQ(start({"127.0.0.1", "::1"}, 0), "started");
}

}  // namespace
}  // namespace obol::net
