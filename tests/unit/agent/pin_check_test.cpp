#include <boost/asio/executor_work_guard.hpp>

#include "agent/app/pin_check.hpp"
#include "tests/unit/agent/store_support.hpp"

namespace obol::agent {
namespace {

using namespace testing_support;

struct PinChecks : StoreTest {
    void turn_what_is_ready() {
        io.restart();
        io.poll();
    }
};

// Whoever pulls the plug during the comparison has had his try. What the comparison finds comes back on a
// loop of its own here, so nothing goes on before it is turned.
TEST_F(PinChecks, ATryIsCommittedBeforeItIsCompared) {
    open();
    boost::asio::io_context compared;
    const auto more_comes = boost::asio::make_work_guard(compared);
    PinCheck pins(compared.get_executor(), *store, random, 1);
    std::optional<PinVerdict> verdict;
    boost::asio::co_spawn(io, pins.check(PassId{"p1"}, crypto::make_pin_verifier("1234", "GIFTABCDEFGH2", random),
                                         Secret{"0001"}, "GIFTABCDEFGH2", TerminalId{"t1"}),
                          [&verdict](std::exception_ptr, PinVerdict found) { verdict = found; });
    turn_what_is_ready();
    EXPECT_FALSE(verdict);
    EXPECT_EQ(count("SELECT wrong FROM pin_tries WHERE pass = 'p1'"), 1);

    compared.run_one();
    turn_what_is_ready();
    ASSERT_TRUE(verdict);
    EXPECT_EQ(verdict->what, PinVerdict::What::incorrect);
    EXPECT_EQ(verdict->attempts_left, 2);
}

}  // namespace
}  // namespace obol::agent
