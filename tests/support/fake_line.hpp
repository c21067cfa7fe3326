#pragma once
// A line to an emulated printer, and one to nowhere, by timers that a test turns.

#include <functional>
#include <string>
#include <utility>

#include "drivers/channel.hpp"
#include "drivers/fake/printer.hpp"
#include "tests/support/hand_timers.hpp"

namespace obol::drivers {

// The system takes what fits into `system_buffer` and hands it to the printer as the printer takes it.
class FakeLine final : public ByteChannel {
public:
    struct World {
        explicit World(Profile profile) : printer(std::move(profile)) {}
        FakePrinter printer;
        bool plugged = true, blocked = false, each_job = false;
        std::size_t system_buffer = 1u << 20;
        std::size_t lets_through = 1u << 30;  // bytes that go yet, before nothing goes any more
        std::string in_system;
        int opened = 0;
        std::string all;  // what the printer was given
        FakeLine* line = nullptr;

        void unplug() {
            plugged = false;
            if (line != nullptr) line->pulled();
        }
        void turn() {  // something happened to the printer
            if (line != nullptr) line->move();
        }
    };

    FakeLine(World& world, testing_support::HandTimers& timers) : world_(world), timers_(timers) { world_.line = this; }
    ~FakeLine() override { world_.line = nullptr; }

    void listen(Events events) override { events_ = std::move(events); }
    void open() override {
        ++world_.opened;
        later([this] {
            if (!world_.plugged) return events_.lost({"no_hardware", "is not there: plug it in"});
            open_ = true;
            events_.opened();
        });
    }
    void close() override {
        ++generation_;
        open_ = false;
        unsent_.clear();
        world_.in_system.clear();
    }
    bool is_open() const override { return open_; }
    void send(std::string bytes) override {
        unsent_ += bytes;
        later([this] { move(); });
    }
    void drop_unsent() override { unsent_.clear(); }
    void finish() override {
        later([this] { events_.finished(); });
    }
    bool one_job_each() const override { return world_.each_job; }
    bool answers() const override { return true; }

private:
    void pulled() {
        if (!open_) return;
        close();
        later([this] { events_.lost({"no_hardware", "was unplugged"}); });
    }
    void later(std::function<void()> what) {
        timers_.after(Millis{0}, [this, mine = generation_, what = std::move(what)] {
            if (mine == generation_) what();
        });
    }
    void move() {
        if (!open_) return;
        std::size_t taken = 0;
        for (bool more = true; more;) {
            const std::size_t room = world_.system_buffer - std::min(world_.system_buffer, world_.in_system.size());
            const std::size_t now = std::min({room, unsent_.size(), world_.lets_through});
            world_.lets_through -= now;
            world_.in_system += unsent_.substr(0, now);
            unsent_.erase(0, now);
            const std::size_t got = world_.blocked ? 0 : world_.printer.receive(world_.in_system);
            world_.all += world_.in_system.substr(0, got);
            world_.in_system.erase(0, got);
            taken += now;
            more = now > 0 || got > 0;
        }
        const std::string answers = world_.printer.answers();
        later([this, taken, answers] {
            if (taken > 0) events_.taken(taken);
            if (!answers.empty() && open_) events_.received(answers);
        });
    }

    World& world_;
    testing_support::HandTimers& timers_;
    Events events_;
    bool open_ = false;
    int generation_ = 0;
    std::string unsent_;
};

}  // namespace obol::drivers
