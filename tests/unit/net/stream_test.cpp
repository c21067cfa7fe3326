#include <gtest/gtest.h>

#include <deque>

#include "sync/net/asio_timers.hpp"
#include "tests/unit/net/loop.hpp"

namespace obol::net {
namespace {

// Told from outside, piece by piece.
class Told final : public ReplyStream {
public:
    awaitable<std::string> next() override {
        while (pieces.empty() && !over) co_await sleep_for(Millis{2});
        if (over) co_return std::string{};
        ++taken;
        std::string piece = std::move(pieces.front());
        pieces.pop_front();
        co_return piece;
    }
    void end() override { over = true; }

    std::deque<std::string> pieces;
    int taken = 0;
    bool over = false;
};

class Teller : public ::testing::Test {
protected:
    void serve(ServerOptions options = {}) {
        options.addresses = {"127.0.0.1"};
        server = loop.on_loop([&] {
            auto handler = [this](Request request) -> awaitable<Reply> {
                Reply reply;
                reply.content_type = "text/event-stream";
                if (request.path == "/told") reply.stream = told;
                co_return reply;
            };
            auto made = std::make_unique<Server>(loop.context.get_executor(), options, handler, refusal);
            EXPECT_TRUE(made->start());
            return made;
        });
    }
    ~Teller() override {
        loop.on_loop([this] { server.reset(); });
    }
    void tell(const std::string& piece) {
        loop.on_loop([&] { told->pieces.push_back(piece); });
    }
    bool over() {
        return loop.on_loop([&] { return told->over; });
    }
    void await_end() {
        while (!over()) loop.await(pause());
    }
    static awaitable<int> pause() {
        co_await sleep_for(Millis{2});
        co_return 0;
    }

    Loop loop;
    std::shared_ptr<Told> told = std::make_shared<Told>();
    std::unique_ptr<Server> server;
    const std::string ask = "GET /told HTTP/1.1\r\nHost: x\r\n\r\n";
};

TEST_F(Teller, SendsEachPieceAsAChunkWhenItComesAndThenAnEnd) {
    serve();
    RawCaller caller(server->port());
    caller.send(ask);
    tell("one\n\n");
    tell(std::string(300, 'x'));
    while (loop.on_loop([&] { return told->taken < 2; })) loop.await(pause());
    loop.on_loop([&] { told->end(); });
    const std::string all = caller.rest();
    EXPECT_NE(all.find("Transfer-Encoding: chunked\r\n"), std::string::npos) << all;
    EXPECT_NE(all.find("Connection: close\r\n"), std::string::npos);
    EXPECT_EQ(all.find("Content-Length"), std::string::npos);
    EXPECT_EQ(all.substr(all.find("\r\n\r\n") + 4), "5\r\none\n\n\r\n12c\r\n" + std::string(300, 'x') + "\r\n0\r\n\r\n");
}

TEST_F(Teller, NoticesAReaderThatWentAwayWhileThereIsNothingToTell) {
    serve();
    {
        RawCaller caller(server->port());
        caller.send(ask);
        tell("one");
        while (loop.on_loop([&] { return told->taken < 1; })) loop.await(pause());
    }
    await_end();
}

TEST_F(Teller, LetsAReaderGoThatDoesNotRead) {
    ServerOptions options;
    options.limits.write_deadline = Millis{300};
    options.limits.header_deadline = Millis{300};
    serve(options);
    RawCaller caller(server->port());
    caller.send(ask);
    for (int i = 0; i < 64; ++i) tell(std::string(1 << 20, 'x'));  // more than any socket holds
    await_end();
    EXPECT_LT(loop.on_loop([&] { return told->taken; }), 64) << "the next piece waits until the one before has left";
}

TEST_F(Teller, StopsWithItsServerAndTellsTheEnd) {
    serve();
    RawCaller caller(server->port());
    caller.send(ask);
    tell("one");
    while (loop.on_loop([&] { return told->taken < 1; })) loop.await(pause());
    auto stop = [](Server& which) -> awaitable<int> {
        co_await which.stop(Millis{5'000});
        co_return 0;
    };
    loop.await(stop(*server));
    EXPECT_TRUE(caller.rest().ends_with("3\r\none\r\n0\r\n\r\n"));
}

}  // namespace
}  // namespace obol::net
