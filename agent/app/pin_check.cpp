#include "agent/app/pin_check.hpp"

#include <boost/asio/post.hpp>

#include "agent/app/suspend.hpp"

namespace obol::agent {

namespace asio = boost::asio;

PinCheck::PinCheck(asio::any_io_executor loop, Store& store, Random& random, std::size_t threads)
    : loop_(std::move(loop)),
      store_(store),
      on_loop_(threads == 0),
      decoy_(crypto::make_pin_verifier("0000", "DECOY", random)),
      pool_("pin", threads, most_waiting) {}

// nullopt: too many wait already, and nothing was compared.
awaitable<std::optional<bool>> PinCheck::compare(std::string verifier, Secret pin, std::string code) {
    if (on_loop_) co_return crypto::check_pin(verifier, pin.reveal(), code);
    bool right = false, taken = true;
    auto enqueue = [this, &right, &taken, &verifier, &pin, &code](std::function<void()> done) {
        auto job = [this, &right, &verifier, &pin, &code, done] {
            right = crypto::check_pin(verifier, pin.reveal(), code);
            asio::post(loop_, done);
        };
        taken = pool_.add(std::move(job));
        if (!taken) asio::post(loop_, std::move(done));
    };
    co_await until_called(std::move(enqueue));
    if (!taken) co_return std::nullopt;
    co_return right;
}

awaitable<void> PinCheck::pretend(Secret pin, std::string code) {
    std::string decoy = decoy_;
    co_await compare(std::move(decoy), std::move(pin), std::move(code));
}

awaitable<PinVerdict> PinCheck::check(PassId pass, std::string verifier, Secret pin, std::string code,
                                      TerminalId terminal) {
    // One try of a pass at a time: otherwise four customers' right PINs at once would lock it.
    while (trying_.contains(pass)) {
        if (waiting_for_turn_.size() >= most_waiting) co_return PinVerdict{PinVerdict::What::busy, 0, {}};
        auto line_up = [this](std::function<void()> done) { waiting_for_turn_.push_back(std::move(done)); };
        co_await until_called(std::move(line_up));
    }
    trying_.insert(pass);
    struct Turn {
        PinCheck& owner;
        PassId pass;
        ~Turn() {
            owner.trying_.erase(pass);
            std::deque<std::function<void()>> all;
            all.swap(owner.waiting_for_turn_);
            for (auto& each : all) asio::post(owner.loop_, std::move(each));
        }
    } turn{*this, pass};

    // From the reserve of a full disk too: a refund to a wallet with a PIN needs it. What is counted is surely
    // settled, or right PINs on a busy store would lock the pass.
    std::function<Result<int>(WriteTxn&)> count = [&pass](WriteTxn& txn) -> Result<int> {
        return txn.count_wrong_pin(pass);
    };
    const Result<int> tries = co_await store_.write<int>(std::move(count), gives_back);
    if (!tries) co_return PinVerdict{PinVerdict::What::failed, 0, tries.error()};

    bool right = false;
    if (*tries <= most_pin_tries) {
        const std::optional<bool> compared = co_await compare(std::move(verifier), std::move(pin), std::move(code));
        if (!compared) {  // the pool is full: the try was not made, so it must not count
            std::function<Result<bool>(WriteTxn&)> uncount = [&pass](WriteTxn& txn) -> Result<bool> {
                txn.uncount_wrong_pin(pass);
                return true;
            };
            const Result<bool> undone = co_await store_.write<bool>(std::move(uncount), surely_gives_back);
            if (!undone) co_return PinVerdict{PinVerdict::What::failed, 0, undone.error()};
            co_return PinVerdict{PinVerdict::What::busy, 0, {}};
        }
        right = *compared;
    }
    const bool locks = !right && *tries >= most_pin_tries;
    std::function<Result<bool>(WriteTxn&)> settle = [&](WriteTxn& txn) -> Result<bool> {
        if (right) {
            txn.clear_wrong_pins(pass, terminal);
            return true;
        }
        // The centre hears of each wrong try, so that it does not give away as many again.
        txn.tell_wrong_pins(pass, terminal);
        const auto row = txn.pass(pass);
        if (locks && (!row || !row->pin_locked)) {
            journal::PinLocked record;
            record.pass = pass;
            record.terminal = terminal;
            txn.append(record);
        }
        return false;
    };
    const Result<bool> settled = co_await store_.write<bool>(std::move(settle), surely_gives_back);
    if (!settled) co_return PinVerdict{PinVerdict::What::failed, 0, settled.error()};
    if (!right && !locks) co_return PinVerdict{PinVerdict::What::incorrect, most_pin_tries - *tries, {}};
    co_return PinVerdict{right ? PinVerdict::What::right : PinVerdict::What::locked, 0, {}};
}

}  // namespace obol::agent
