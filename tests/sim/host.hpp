#pragma once
// A machine with a disk that may lose its power, clocks that may be wrong, and one process on it. All
// that the process does, it does within `enter`, on its own loop.

#include <boost/asio/io_context.hpp>
#include <functional>
#include <map>
#include <memory>
#include <string>

#include "sync/core/random.hpp"
#include "sync/core/timers.hpp"
#include "tests/crash/machine.hpp"
#include "tests/sim/agenda.hpp"

namespace obol::sim {

class HostClock final : public WallClock, public BootClock {
public:
    HostClock(Agenda& agenda, std::uint64_t machine) : agenda_(agenda), machine_(machine), booted_(agenda.now()) {}
    Instant now() override { return agenda_.now() + skew + Millis{(agenda_.now() - start_).count() * drift_ppm / 1'000'000}; }
    Millis since_boot() override { return agenda_.now() - booted_ + Millis{1000}; }
    std::string boot_id() override { return "boot-" + std::to_string(machine_) + "-" + std::to_string(boots_); }
    void boot() {
        booted_ = agenda_.now();
        ++boots_;
    }

    Millis skew{};
    std::int64_t drift_ppm = 0;

private:
    Agenda& agenda_;
    std::uint64_t machine_;
    Instant booted_, start_ = agenda_.now();
    int boots_ = 1;
};

class SeededRandom final : public Random {
public:
    explicit SeededRandom(std::uint64_t seed) : engine_(seed) {}
    void fill(std::span<std::uint8_t> out) override {
        for (std::uint8_t& byte : out) byte = static_cast<std::uint8_t>(engine_() >> 24);
    }

private:
    std::mt19937_64 engine_;
};

// Who looks from outside does not look through a disk that fails at the moment.
class Sound {
public:
    explicit Sound(const std::shared_ptr<crash::Machine>& machine) : machine_(machine), trap_(std::exchange(machine->trap, {})) {
        crash::Machine::mount(machine_);
    }
    ~Sound() { machine_->trap = std::move(trap_); }
    Sound(const Sound&) = delete;
    Sound& operator=(const Sound&) = delete;

private:
    std::shared_ptr<crash::Machine> machine_;
    std::function<crash::Verdict(crash::Call, const std::string&)> trap_;
};

class Host;

class HostTimers final : public Timers {
public:
    HostTimers(Host& host, Agenda& agenda) : host_(host), agenda_(agenda) {}
    Token after(Millis delay, std::function<void()> callback) override;
    void cancel(Token token) override;
    void clear();
    void fire();  // all of them now

private:
    struct Waiting {
        Agenda::Ticket ticket = 0;
        std::function<void()> callback{};
    };
    Host& host_;
    Agenda& agenda_;
    Token last_ = 0;
    std::map<Token, Waiting> waiting_{};
};

class Host {
public:
    Host(Agenda& agenda, std::string the_name, std::uint64_t seed)
        : agenda_(agenda), name(std::move(the_name)), clock(agenda, seed), timers(*this, agenda), random(seed) {}
    virtual ~Host() = default;
    Host(const Host&) = delete;
    Host& operator=(const Host&) = delete;

    // Runs it and whatever it sets going. A process that meets an exception of its own ends.
    void enter(const std::function<void()>& what);
    bool up() const { return up_; }

    enum class End { orderly, killed, power };
    // The process ends; its disk is as such an end leaves it.
    void end(End how, crash::Damage damage, std::mt19937_64& chance);

protected:
    Agenda& agenda_;

public:
    std::string name;
    std::shared_ptr<crash::Machine> machine = std::make_shared<crash::Machine>();
    HostClock clock;
    HostTimers timers;
    SeededRandom random;
    std::unique_ptr<boost::asio::io_context> loop;
    // Called after `enter` when the process cannot go on; why.
    std::function<void(const std::string& why)> on_broken{};

protected:
    virtual void take_down() = 0;  // of what runs: no more waits, then everything goes
    void broken(std::string why) {
        if (why_.empty()) why_ = std::move(why);
    }
    bool up_ = false;

private:
    std::string why_{};
};

}  // namespace obol::sim
