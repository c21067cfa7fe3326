#include "sync/host/watchdog.hpp"

#include <gtest/gtest.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include <cstdlib>
#include <filesystem>

#include "sync/host/system.hpp"
#include "tests/support/hand_timers.hpp"

namespace obol::host {
namespace {

using obol::testing_support::HandTimers;

// In the place of the service manager; each beat is heard with the time at which it came.
struct WatchdogTest : testing::Test {
    WatchdogTest() {
        socket = ::socket(AF_UNIX, SOCK_DGRAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
        sockaddr_un address{};
        address.sun_family = AF_UNIX;
        path.copy(address.sun_path, sizeof address.sun_path - 1);
        EXPECT_EQ(::bind(socket, reinterpret_cast<const sockaddr*>(&address), sizeof address), 0);
        ::setenv("NOTIFY_SOCKET", path.c_str(), 1);
        ::setenv("WATCHDOG_USEC", "10000000", 1);
    }
    ~WatchdogTest() override {
        for (const char* name : {"NOTIFY_SOCKET", "WATCHDOG_USEC", "WATCHDOG_PID"}) ::unsetenv(name);
        ::close(socket);
        std::filesystem::remove_all(dir);
    }

    std::vector<Millis> beats_of(Millis time) {
        std::vector<Millis> out;
        for (; time > Millis{}; time -= Millis{100}) {
            char text[100];
            timers.pass(Millis{100});
            for (ssize_t n; (n = ::recv(socket, text, sizeof text, 0)) > 0;) {
                EXPECT_EQ(std::string(text, static_cast<std::size_t>(n)), "WATCHDOG=1");
                out.push_back(timers.now());
            }
        }
        return out;
    }

    std::string dir = [] {
        std::string pattern = testing::TempDir() + "obol-watch-XXXXXX";
        return std::string(mkdtemp(pattern.data()));
    }();
    std::string path = dir + "/notify";
    int socket = -1;
    HandTimers timers;
};

using Times = std::vector<Millis>;
constexpr Millis operator""_ms(unsigned long long n) { return Millis{n}; }

TEST_F(WatchdogTest, BeatsEveryTwoSeconds) {
    const Watchdog dog(timers, {});
    EXPECT_EQ(beats_of(6'500_ms), (Times{100_ms, 2'000_ms, 4'000_ms, 6'000_ms}));  // the first at once
}

TEST_F(WatchdogTest, WhoIsNotWatchedSaysNothing) {
    ::unsetenv("WATCHDOG_USEC");
    const Watchdog unset(timers, {});
    ::setenv("WATCHDOG_USEC", "10000000", 1);
    ::setenv("WATCHDOG_PID", "1", 1);
    const Watchdog of_another(timers, {});
    EXPECT_EQ(timers.waiting(), 0u);
    EXPECT_EQ(beats_of(6'000_ms), Times{});
}

TEST_F(WatchdogTest, BeatsMoreOftenForAShorterDeadline) {
    ::setenv("WATCHDOG_USEC", "2000000", 1);
    const Watchdog dog(timers, {});
    EXPECT_EQ(beats_of(1'200_ms), (Times{100_ms, 500_ms, 1'000_ms}));
}

TEST_F(WatchdogTest, IsSilentOnceItIsGone) {
    { const Watchdog dog(timers, {}); }
    EXPECT_EQ(timers.waiting(), 0u);
}

// Whenever a step begins to hang: the last beat before it is at most a second older, so that 8 s of it are
// waited for, and no beat comes later than a second after, so that 11 s are not.
TEST_F(WatchdogTest, F18_WaitsForASlowStepAndNotForOneThatHangs) {
    for (Millis begins = 4'000_ms; begins < 6'000_ms; begins += 100_ms) {
        for (const Millis takes : {500_ms, 1'500_ms, 7'900_ms, 60'000_ms}) {
            SCOPED_TRACE(testing::Message() << begins.count() << " for " << takes.count());
            timers = HandTimers();
            const Watchdog dog(timers, [&] {
                const bool at_it = timers.now() >= begins && timers.now() < begins + takes;
                return at_it ? timers.now() - begins : Millis{};
            });
            const Times beats = beats_of(20'000_ms);
            Millis silence{};
            for (std::size_t i = 1; i < beats.size(); ++i) silence = std::max(silence, beats[i] - beats[i - 1]);
            if (takes < 8'000_ms) {
                EXPECT_LT(silence, 9'500_ms);
                EXPECT_GT(beats.back(), 17'000_ms);
            } else {
                EXPECT_GT(beats.back() + 10'000_ms, begins + 8'900_ms);
                EXPECT_LE(beats.back() + 10'000_ms, begins + 11'000_ms);
            }
        }
    }
}

}  // namespace
}  // namespace obol::host
