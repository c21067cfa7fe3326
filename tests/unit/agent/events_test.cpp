#include "agent/app/events.hpp"

#include <gtest/gtest.h>

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/io_context.hpp>

#include "tests/support/hand_timers.hpp"

namespace obol::agent::testing {
namespace {

class CountingRandom final : public Random {
public:
    void fill(std::span<std::uint8_t> out) override {
        for (std::uint8_t& byte : out) byte = next_++;
    }

private:
    std::uint8_t next_ = 1;
};

class Hub : public ::testing::Test {
protected:
    using Stream = std::shared_ptr<net::ReplyStream>;

    static Caller of(const std::string& terminal, Role role = Role::cashier) { return {TerminalId{terminal}, role, "en"}; }
    Stream listen(const Caller& caller, const std::string& last_id = "") {
        Stream stream = events.listen(caller, last_id, [this] { return token_good; });
        if (stream && last_id.empty()) {
            EXPECT_EQ(heard(stream), "retry: 1000\n\n");
        }
        return stream;
    }
    // What it is told now; "-" while it waits.
    struct Waiting {
        std::string text = "-";
    };
    std::shared_ptr<Waiting> wait(const Stream& stream) {
        auto waiting = std::make_shared<Waiting>();
        boost::asio::co_spawn(loop, stream->next(), [waiting, stream](std::exception_ptr thrown, std::string got) {
            if (thrown) std::rethrow_exception(thrown);
            waiting->text = std::move(got);
        });
        turn();
        return waiting;
    }
    std::string heard(const Stream& stream) {
        const auto waiting = wait(stream);
        if (waiting->text == "-") {  // it is not asked again before something comes
            stream->end();
            turn();
            return "-";
        }
        return waiting->text;
    }
    void turn() {
        loop.restart();
        loop.poll();
    }
    void say(const std::string& kind, const std::string& terminal = "", const std::string& data = "{}") {
        events.publish(kind, TerminalId{terminal}, data);
        turn();
    }
    static std::string id_in(const std::string& text) {
        const std::size_t at = text.rfind("id: ");
        return text.substr(at + 4, text.find('\n', at) - at - 4);
    }

    boost::asio::io_context loop;
    obol::testing_support::HandTimers timers;
    CountingRandom random;
    EventHub events{timers, random};
    bool token_good = true;
};

TEST_F(Hub, ScansAreForTheirTillAloneAndExceptionsForManagers) {
    const auto hears = [&](const std::string& kind, const std::string& terminal) {
        std::string out;
        for (const Caller& caller : {of("T1"), of("T2"), of("T1", Role::manager), of("T9", Role::manager)}) {
            const Stream stream = listen(caller);
            say(kind, terminal);
            out += heard(stream).find("event: " + kind + "\n") != std::string::npos ? '1' : '0';
        }
        return out;
    };
    EXPECT_EQ(hears("scan", "T1"), "1010") << "one manager's token is of T1, too";
    EXPECT_EQ(hears("basket", "T2"), "0100");
    EXPECT_EQ(hears("purchase", "T2"), "0111");
    EXPECT_EQ(hears("print", "T1"), "1011");
    EXPECT_EQ(hears("print", ""), "1111");
    EXPECT_EQ(hears("link", ""), "1111");
    EXPECT_EQ(hears("exception", ""), "0011");
}

TEST_F(Hub, WhoWaitsIsToldAtOnceAndInOrder) {
    const Stream stream = listen(of("T1"));
    const auto waiting = wait(stream);
    EXPECT_EQ(waiting->text, "-");
    say("print", "T1", R"({"n":1})");
    EXPECT_EQ(waiting->text, "id: 01020304-1\nevent: print\ndata: {\"n\":1}\n\n");
    say("print", "T1", R"({"n":2})");
    say("print", "T1", "{\n\"n\":3}");
    EXPECT_EQ(heard(stream), "id: 01020304-2\nevent: print\ndata: {\"n\":2}\n\nid: 01020304-3\nevent: print\ndata: {\"n\":3}\n\n");
}

TEST_F(Hub, WhoComesBackHearsWhatItMissed) {
    Stream stream = listen(of("T1"));
    say("print", "T1", R"({"n":1})");
    const std::string first = heard(stream);
    stream.reset();
    turn();
    EXPECT_EQ(events.listeners(), 0u);
    say("print", "T1", R"({"n":2})");
    say("scan", "T2", R"({"n":3})");
    say("print", "T1", R"({"n":4})");
    const std::string missed = heard(listen(of("T1"), id_in(first)));
    EXPECT_EQ(missed.find("{\"n\":1}"), std::string::npos);
    EXPECT_NE(missed.find("{\"n\":2}"), std::string::npos);
    EXPECT_EQ(missed.find("{\"n\":3}"), std::string::npos) << "another till's";
    EXPECT_NE(missed.find("{\"n\":4}"), std::string::npos);
}

TEST_F(Hub, WhatIsNotKeptAnyMoreIsToldAsMissed) {
    const Stream stream = listen(of("T1"));
    say("print");
    const std::string id = id_in(heard(stream));
    for (std::size_t i = 0; i <= EventHub::most_kept; ++i) say("print");
    const std::string text = heard(listen(of("T1"), id));
    EXPECT_NE(text.find("event: missed\n"), std::string::npos) << text;
    EXPECT_EQ(text.find("event: print\n"), std::string::npos);
    EXPECT_EQ(heard(listen(of("T1"), id_in(text))), "retry: 1000\n\n") << "the id that it was told leads on";
    for (const char* strange : {"0-1", "00000000-5", "01020304-", "01020304-99999999", "x", "-"}) {
        EXPECT_NE(heard(listen(of("T1"), strange)).find("event: missed\n"), std::string::npos) << strange;
    }
}

TEST_F(Hub, WhatNobodyWantedToBeWordedIsMissed) {
    EXPECT_FALSE(events.wanted());
    Stream stream = listen(of("T1"));
    EXPECT_TRUE(events.wanted());
    say("print");
    const std::string id = id_in(heard(stream));
    stream.reset();
    turn();
    EXPECT_TRUE(events.wanted()) << "it may come back";
    timers.pass(EventHub::lingers);
    EXPECT_FALSE(events.wanted());
    events.leave_out();
    EXPECT_NE(heard(listen(of("T1"), id)).find("event: missed\n"), std::string::npos);
}

TEST_F(Hub, ACommentComesWhenNothingElseDoes) {
    const auto waiting = wait(listen(of("T1")));
    timers.pass(EventHub::between_comments - Millis{1});
    turn();
    EXPECT_EQ(waiting->text, "-");
    timers.pass(Millis{1});
    turn();
    EXPECT_EQ(waiting->text, ": still here\n\n");
}

TEST_F(Hub, OneThatDoesNotReadIsLetGoAndTheOthersAreNot) {
    const Stream slow = listen(of("T1")), quick = listen(of("T2"));
    const std::string large = "\"" + std::string(20'000, 'x') + "\"";
    for (int i = 0; i < 20; ++i) {
        say("print", "", large);
        EXPECT_NE(heard(quick), "");
    }
    EXPECT_EQ(heard(slow), "");
}

TEST_F(Hub, SoManyListenAndNoMore) {
    std::vector<Stream> all;
    for (std::size_t i = 0; i < EventHub::most_listeners; ++i) all.push_back(listen(of("T1")));
    EXPECT_EQ(listen(of("T1")), nullptr);
    all.pop_back();
    turn();
    EXPECT_NE(listen(of("T1")), nullptr);
}

TEST_F(Hub, ATokenThatIsOverHearsNoMore) {
    const auto waiting = wait(listen(of("T1")));
    token_good = false;
    say("print");
    EXPECT_EQ(waiting->text, "");
}

TEST_F(Hub, EndsWithAllThatWait) {
    auto other = std::make_unique<EventHub>(timers, random);
    const Stream stream = other->listen(of("T1"), "", [] { return true; });
    EXPECT_EQ(heard(stream), "retry: 1000\n\n");
    const auto waiting = wait(stream);
    other.reset();
    turn();
    EXPECT_EQ(waiting->text, "");
}

}  // namespace
}  // namespace obol::agent::testing
