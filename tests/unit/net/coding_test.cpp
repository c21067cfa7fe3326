#include "sync/net/coding.hpp"

#include <gtest/gtest.h>

#include <memory>

#include "sync/net/http.hpp"
#include "tests/unit/net/loop.hpp"

namespace obol::net {
namespace {

std::string fault_of(std::string_view coded, std::size_t most) {
    const auto got = unpacked(coded, most);
    return got ? "ok" : got.error().code;
}

TEST(Coding, GivesBackWhatWasPacked) {
    for (const std::size_t size : {std::size_t{0}, std::size_t{1}, std::size_t{5'000'000}}) {
        std::string plain;
        for (std::size_t i = 0; i < size; ++i) plain += static_cast<char>('a' + i * i % 23);
        const auto back = unpacked(packed(plain), size);
        ASSERT_TRUE(back) << size;
        EXPECT_TRUE(*back == plain) << size;
    }
}

TEST(Coding, MakesNoMoreOfABombThanIsAllowed) {
    const std::string bomb = packed(std::string(200 << 20, 'x'));
    EXPECT_LT(bomb.size(), 100'000U);
    EXPECT_EQ(fault_of(bomb, 1 << 20), "body_too_large");
    const auto fits = unpacked(packed(std::string(1 << 20, 'x')), 1 << 20);
    EXPECT_TRUE(fits);
    EXPECT_EQ(fault_of(packed(std::string((1 << 20) + 1, 'x')), 1 << 20), "body_too_large");
}

TEST(Coding, RefusesAWindowThatWouldTakeAllMemory) {
    // A frame header that asks for a window of 2^31 bytes, and an empty last block.
    const std::string frame("\x28\xb5\x2f\xfd\x00\xa8\x01\x00\x00", 9);
    EXPECT_EQ(fault_of(frame, 1 << 20), "body_malformed");
}

TEST(Coding, RefusesWhatIsNoWholeFrame) {
    const std::string good = packed(std::string(10'000, 'x') + "tail");
    for (std::size_t cut = 0; cut < good.size(); ++cut) {
        EXPECT_EQ(fault_of(std::string_view(good).substr(0, cut), 1 << 20), "body_malformed") << cut;
    }
    EXPECT_EQ(fault_of(good + "x", 1 << 20), "body_malformed");
    EXPECT_EQ(fault_of(good + good, 1 << 20), "body_malformed");
    EXPECT_EQ(fault_of("<html>", 1 << 20), "body_malformed");
}

TEST(Coding, ReadsWhatAnotherEndTakes) {
    EXPECT_TRUE(accepts_zstd("zstd"));
    EXPECT_TRUE(accepts_zstd("gzip, zstd;q=0.5"));
    EXPECT_TRUE(accepts_zstd("gzip , zstd"));
    EXPECT_FALSE(accepts_zstd(""));
    EXPECT_FALSE(accepts_zstd("gzip"));
    EXPECT_FALSE(accepts_zstd("zstd;q=0"));
    EXPECT_FALSE(accepts_zstd("zstd;q=0.0"));
    EXPECT_FALSE(accepts_zstd("xzstd"));
}

// A server and a client, each of which speaks the coding or does not.
class CodedPair : public ::testing::Test {
protected:
    ~CodedPair() override {
        loop.on_loop([this] {
            client.reset();
            server.reset();
        });
    }
    void start(bool server_packs, bool client_packs) {
        ServerOptions options;
        options.addresses = {"127.0.0.1"};
        options.zstd = server_packs;
        options.limits.body_bytes = 100'000;
        server = loop.on_loop([&] {
            auto handler = [this](Request request) { return handle(std::move(request)); };
            auto made = std::make_unique<Server>(loop.context.get_executor(), options, handler, refusal);
            EXPECT_TRUE(made->start());
            return made;
        });
        ClientOptions to;
        to.url = "http://127.0.0.1:" + std::to_string(server->port());
        to.zstd = client_packs;
        to.most_body_bytes = 1 << 20;
        loop.on_loop([&] { client = std::make_unique<Client>(loop.context.get_executor(), to); });
    }
    awaitable<Reply> handle(Request request) {
        coding = request.header("content-encoding");
        got = request.body;
        co_return Reply{.body = answer};
    }
    std::string call(std::string body, Headers headers = {}) {
        const auto said = loop.await(client->exchange("POST", "/", std::move(headers), std::move(body), Millis{5'000}));
        if (!said) return said.error().code;
        answer_coding = said->header("content-encoding");
        back = said->body;
        return std::to_string(said->status);
    }

    Loop loop;
    std::unique_ptr<Server> server;
    std::unique_ptr<Client> client;
    std::string answer = "{}", coding, got, answer_coding, back;
};

TEST_F(CodedPair, PackLargeBodiesOnceBothKnowThatTheyCan) {
    start(true, true);
    const std::string large(50'000, 'l');
    answer = large;
    EXPECT_EQ(call(large), "200");
    EXPECT_EQ(coding, "");  // the server has not said yet that it takes it
    EXPECT_EQ(answer_coding, "zstd");
    EXPECT_TRUE(back == large);
    EXPECT_EQ(call(large), "200");
    EXPECT_EQ(coding, "zstd");
    EXPECT_TRUE(got == large);
    answer = "{}";
    EXPECT_EQ(call("{}"), "200");  // small ones stay as they are
    EXPECT_EQ(coding, "");
    EXPECT_EQ(answer_coding, "");
}

TEST_F(CodedPair, TalkPlainlyWhereEitherDoesNotKnowIt) {
    const std::string large(50'000, 'l');
    answer = large;
    for (const bool server_packs : {true, false}) {
        start(server_packs, !server_packs);
        for (int i = 0; i < 2; ++i) {
            EXPECT_EQ(call(large), "200");
            EXPECT_EQ(coding, "");
            EXPECT_EQ(answer_coding, "");
            EXPECT_TRUE(back == large && got == large);
        }
        loop.on_loop([this] {
            client.reset();
            server.reset();
        });
    }
}

TEST_F(CodedPair, RefuseABombOnEitherEnd) {
    start(true, true);
    const Headers coded{{"Content-Encoding", "zstd"}};
    EXPECT_EQ(call(packed(std::string(10'000'000, 'x')), coded), "413");
    EXPECT_EQ(call("<html>", coded), "400");
    EXPECT_EQ(call("x", {{"Content-Encoding", "gzip"}}), "415");
    EXPECT_EQ(got, "");
    answer.assign(10'000'000, 'x');
    EXPECT_EQ(call("{}"), "not_http");
}

}  // namespace
}  // namespace obol::net
