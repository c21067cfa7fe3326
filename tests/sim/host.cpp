#include "tests/sim/host.hpp"

namespace obol::sim {

std::map<std::string, std::int64_t>& counts() {
    static std::map<std::string, std::int64_t> all;
    return all;
}

Timers::Token HostTimers::after(Millis delay, std::function<void()> callback) {
    const Token token = ++last_;
    const auto fire = [this, token] {
        host_.enter([this, token] {
            auto node = waiting_.extract(token);
            if (!node.empty()) node.mapped().callback();
        });
    };
    waiting_.emplace(token, Waiting{agenda_.after(delay, fire), std::move(callback)});
    return token;
}

void HostTimers::cancel(Token token) {
    auto node = waiting_.extract(token);
    if (!node.empty()) agenda_.cancel(node.mapped().ticket);
}

// A coroutine that waits dies with its callback.
void HostTimers::clear() {
    while (!waiting_.empty()) {
        auto node = waiting_.extract(waiting_.begin());
        agenda_.cancel(node.mapped().ticket);
    }
}

void HostTimers::fire() {
    std::map<Token, Waiting> all;
    all.swap(waiting_);
    for (auto& [token, waiting] : all) {
        agenda_.cancel(waiting.ticket);
        waiting.callback();
    }
}

void Host::enter(const std::function<void()>& what) {
    if (!up_) return;
    crash::Machine::mount(machine);
    try {
        what();
        loop->restart();
        loop->poll();
    } catch (const Violation&) {
        throw;  // of who looks on: no fault of the process
    } catch (const std::exception& error) {
        broken(error.what());
    }
    if (machine->off) broken("the power went");
    if (why_.empty()) return;
    const std::string why = std::exchange(why_, {});
    if (on_broken) on_broken(why);
}

void Host::end(End how, crash::Damage damage, std::mt19937_64& chance) {
    if (!up_) return;
    up_ = false;
    why_.clear();
    crash::Machine::mount(machine);
    crash::Image left;
    if (how == End::power) left = machine->disk.lose_power(damage, chance);
    if (how == End::killed) left = machine->disk.all_kept();
    if (how != End::orderly) machine->off = true;
    take_down();
    why_.clear();  // what met its end while it ended
    if (how == End::orderly) left = machine->disk.all_kept();
    machine = std::make_shared<crash::Machine>(std::move(left));
    if (how == End::power) clock.boot();
}

}  // namespace obol::sim
