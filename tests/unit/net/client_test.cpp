#include <gtest/gtest.h>

#include "sync/net/asio_timers.hpp"
#include "tests/unit/net/loop.hpp"

namespace obol::net {
namespace {

// Says what it is told to whoever connects, whatever they ask.
class Impostor {
public:
    explicit Impostor(std::string answer)
        : acceptor_(context_, {asio::ip::address_v4::loopback(), 0}) {
        thread_ = std::thread([this, answer = std::move(answer)] {
            boost::system::error_code error;
            asio::ip::tcp::socket socket(context_);
            acceptor_.accept(socket, error);
            if (error) return;
            char buffer[4096];
            const std::size_t n = socket.read_some(asio::buffer(buffer), error);
            asked.assign(buffer, n);
            asio::write(socket, asio::buffer(answer), error);
            if (!answer.empty()) return;
            socket.read_some(asio::buffer(buffer), error);  // silent until the caller gives up
        });
    }
    ~Impostor() { thread_.join(); }
    std::uint16_t port() const { return acceptor_.local_endpoint().port(); }

    std::string asked;

private:
    asio::io_context context_;
    asio::ip::tcp::acceptor acceptor_;
    std::thread thread_;
};

class ClientTest : public ::testing::Test {
protected:
    ~ClientTest() override {
        loop.on_loop([this] { client.reset(); });
    }
    void connect_to(std::uint16_t port, std::size_t most_body = 1000) {
        ClientOptions options;
        options.url = "http://127.0.0.1:" + std::to_string(port);
        options.most_body_bytes = most_body;
        loop.on_loop(
            [&] { client = std::make_unique<Client>(loop.context.get_executor(), options); });
    }
    Result<Response> ask(Millis deadline = Millis{5'000}) {
        return loop.await(client->exchange("POST", "/a?b", {{"Content-Type", "application/json"}},
                                           "{}", deadline));
    }
    std::string fault(Millis deadline = Millis{5'000}) {
        const auto got = ask(deadline);
        return got ? "answered " + std::to_string(got->status) : got.error().code;
    }
    std::string fault_of_answer(std::string answer) {
        Impostor impostor(std::move(answer));
        connect_to(impostor.port());
        return fault();
    }

    Loop loop;
    std::unique_ptr<Client> client;
};

TEST_F(ClientTest, SendsAndReads) {
    Impostor impostor(
        "HTTP/1.1 201 Created\r\nContent-TYPE: text/html\r\nContent-Length: 5\r\n\r\nhello");
    connect_to(impostor.port());
    const auto got = ask();
    ASSERT_TRUE(got);
    EXPECT_EQ(got->status, 201);
    EXPECT_EQ(got->header("content-type"), "text/html");
    EXPECT_EQ(got->body, "hello");
    EXPECT_EQ(impostor.asked,
              "POST /a?b HTTP/1.1\r\nHost: 127.0.0.1:" + std::to_string(impostor.port()) +
                  "\r\nContent-Type: application/json\r\nContent-Length: 2\r\n\r\n{}");
}

TEST_F(ClientTest, TellsWhyThereIsNoAnswer) {
    EXPECT_EQ(fault_of_answer("SSH-2.0-OpenSSH_9.2\r\n"), "not_http");
    EXPECT_EQ(fault_of_answer("HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nhel"), "unreachable");
    EXPECT_EQ(
        fault_of_answer("HTTP/1.1 200 OK\r\nContent-Length: 1001\r\n\r\n" + std::string(1001, 'x')),
        "not_http");
    EXPECT_EQ(fault_of_answer("HTTP/1.1 200 OK\r\nA: " + std::string(20'000, 'x') + "\r\n\r\n"),
              "not_http");
    EXPECT_EQ(fault_of_answer("HTTP/1.1 200 OK\r\nContent-Length: x\r\n\r\n"), "not_http");
}

TEST_F(ClientTest, ReadsABodyThatEndsWithTheConnection) {
    EXPECT_EQ(fault_of_answer("HTTP/1.1 200 OK\r\n\r\n<html>portal</html>"), "answered 200");
}

TEST_F(ClientTest, GivesUpAtItsDeadline) {
    Impostor silent("");
    connect_to(silent.port());
    EXPECT_EQ(fault(Millis{50}), "timed_out");
}

TEST_F(ClientTest, FindsNobodyAtAClosedPort) {
    std::uint16_t port = 0;
    {
        Impostor gone("x");
        port = gone.port();
        RawCaller caller(port);
        caller.send("x");
    }
    connect_to(port);
    EXPECT_EQ(fault(), "unreachable");
}

TEST_F(ClientTest, RefusesWhatIsNoUrl) {
    for (const std::string url : {"", "ftp://x/", "127.0.0.1:80", "http://"}) {
        ClientOptions options;
        options.url = url;
        loop.on_loop(
            [&] { client = std::make_unique<Client>(loop.context.get_executor(), options); });
        EXPECT_EQ(fault(), "unreachable") << url;
    }
}

TEST_F(ClientTest, CloseEndsARunningExchange) {
    Impostor silent("");
    connect_to(silent.port());
    auto running = asio::co_spawn(
        loop.context, client->exchange("GET", "/", {}, "", Millis{60'000}), asio::use_future);
    loop.await([](Client& target) -> awaitable<void> {
        co_await sleep_for(Millis{20});
        target.close();
    }(*client));
    const auto got = running.get();
    ASSERT_FALSE(got);
    EXPECT_EQ(got.error().code, "unreachable");
}

TEST_F(ClientTest, TakesOneExchangeAtATime) {
    Impostor silent("");
    connect_to(silent.port());
    auto first = asio::co_spawn(loop.context, client->exchange("GET", "/", {}, "", Millis{2'000}),
                                asio::use_future);
    EXPECT_EQ(fault(), "unreachable");
    EXPECT_EQ(first.get().error().code, "timed_out");
}

class KeepAlive : public ClientTest {
protected:
    ~KeepAlive() override {
        loop.on_loop([this] { server.reset(); });
    }
    void serve(Millis idle) {
        ServerOptions options;
        options.addresses = {"127.0.0.1"};
        options.limits.idle = idle;
        server = loop.on_loop([&] {
            auto handler = [this](Request request) { return handle(std::move(request)); };
            auto made =
                std::make_unique<Server>(loop.context.get_executor(), options, handler, refusal);
            EXPECT_TRUE(made->start());
            return made;
        });
        connect_to(server->port());
    }
    awaitable<Reply> handle(Request request) {
        ++handled;
        co_return Reply{.body = request.body};
    }
    std::unique_ptr<Server> server;
    int handled = 0;
};

TEST_F(KeepAlive, OneConnectionCarriesManyExchanges) {
    serve(Millis{5'000});
    for (int i = 0; i < 50; ++i) EXPECT_EQ(fault(), "answered 200");
    EXPECT_EQ(handled, 50);
}

TEST_F(KeepAlive, AConnectionTheServerClosedMeanwhileIsReplacedAndNothingIsSentTwice) {
    serve(Millis{300});
    EXPECT_EQ(fault(), "answered 200");
    loop.await([]() -> awaitable<void> { co_await sleep_for(Millis{1'000}); }());
    EXPECT_EQ(fault(), "answered 200");
    EXPECT_EQ(handled, 2);
}

TEST(AsioTimers, FireOnceInOrderAndNotWhenCancelled) {
    asio::io_context context;
    AsioTimers timers(context.get_executor());
    std::string log;
    timers.after(Millis{20}, [&] { log += "c"; });
    timers.after(Millis{0}, [&] { log += "a"; });
    const auto cancelled = timers.after(Millis{5}, [&] { log += "x"; });
    timers.after(Millis{10}, [&] {
        log += "b";
        timers.after(Millis{0}, [&] { log += "n"; });
    });
    EXPECT_EQ(log, "");
    timers.cancel(cancelled);
    timers.cancel(cancelled);
    context.run();
    // A machine that was busy for 20 ms finds n and c due at once: n comes after b, and that is all.
    EXPECT_TRUE(log == "abnc" || log == "abcn") << log;
}

TEST(AsioTimers, AreSilentOnceTheyAreGone) {
    asio::io_context context;
    bool fired = false;
    {
        AsioTimers(context.get_executor()).after(Millis{0}, [&] { fired = true; });
    }
    context.run();
    EXPECT_FALSE(fired);
}

}  // namespace
}  // namespace obol::net
