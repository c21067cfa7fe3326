#pragma once
// Argon2id off the event loop, in as many threads as there are cores, with a bounded queue. Tries of
// one pass are taken one after the other: each is counted durably before it is compared.

#include <boost/asio/any_io_executor.hpp>
#include <deque>
#include <functional>
#include <set>
#include <string>

#include "agent/app/context.hpp"
#include "sync/host/pool.hpp"

namespace obol::agent {

struct PinVerdict {
    enum class What { right, incorrect, locked, busy, failed };
    What what = What::failed;
    int attempts_left = 0;
    Fault fault{};  // with failed: of the store
};

class PinCheck {
public:
    // With no threads PINs are compared on the loop: for what runs all in one thread.
    PinCheck(boost::asio::any_io_executor loop, Store& store, Random& random, std::size_t threads);
    PinCheck(const PinCheck&) = delete;
    PinCheck& operator=(const PinCheck&) = delete;

    // Counts, compares, and clears the count if right. A wrong one is journaled (pin_tried) and so told to
    // the centre; the third in a row, wherever the others were made, locks the pass (pin_locked).
    awaitable<PinVerdict> check(PassId pass, std::string verifier, Secret pin, std::string code,
                                TerminalId terminal);
    // Takes as long as a real comparison: a miss that carries a PIN does not answer sooner.
    awaitable<void> pretend(Secret pin, std::string code);

    static constexpr std::size_t most_waiting = 64;

private:
    awaitable<std::optional<bool>> compare(std::string verifier, Secret pin, std::string code);

    boost::asio::any_io_executor loop_;
    Store& store_;
    const bool on_loop_;
    std::string decoy_;
    std::set<PassId> trying_;
    std::deque<std::function<void()>> waiting_for_turn_;
    host::Pool pool_;
};

}  // namespace obol::agent
