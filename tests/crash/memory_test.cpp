// Every allocation of an operation fails, once or for good. Each try is a process of its own, since one
// that has no memory may end.

#include <gtest/gtest.h>

#include <sys/mman.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <exception>

#include "tests/crash/fault_run.hpp"
#include "tests/crash/faulty_memory.hpp"
#include "tests/crash/options.hpp"

namespace {
bool in_child = false;
}

// A library's own check ends the program too: nlohmann's, of a value that had no memory to be made.
extern "C" void __assert_fail(const char* what, const char* file, unsigned line, const char*) noexcept {
    if (in_child) _exit(4);
    std::fprintf(stderr, "%s:%u: %s\n", file, line, what);
    std::abort();
}

namespace obol::crash {
namespace {

// What the child leaves behind, however it ends: changes to the disk and answers, in their order.
class Trace {
public:
    Trace() : memory_(static_cast<char*>(mmap(nullptr, size, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0))) {
        if (memory_ == MAP_FAILED) throw std::runtime_error("no shared memory");
    }
    ~Trace() { munmap(memory_, size); }
    Trace(const Trace&) = delete;
    Trace& operator=(const Trace&) = delete;

    void clear() { used() = sizeof(std::size_t); }
    // No allocation in here.
    void add(const Op& op) {
        number('o');
        number(static_cast<std::int64_t>(op.kind));
        number(op.file);
        number(op.at);
        text(op.name);
        text(op.data);
    }
    void add(std::size_t deed, const Told& told) {
        number('t');
        number(static_cast<std::int64_t>(deed));
        number(told.status);
        number(told.commits);
        text(told.text);
    }
    void add_fault(std::string_view what) {
        number('f');
        text(what);
    }

    std::string read(Disk& disk, std::vector<Told>& told) {
        std::string fault;
        at_ = sizeof(std::size_t);
        while (at_ < used()) {
            const std::int64_t kind = next();
            if (kind == 'o') {
                Op op{static_cast<Op::Kind>(next()), 0, {}, 0, {}};
                op.file = static_cast<int>(next());
                op.at = next();
                op.name = next_text();
                op.data = next_text();
                disk.apply(op);
            } else if (kind == 't') {
                Told& one = told[static_cast<std::size_t>(next())];
                one.status = static_cast<int>(next());
                one.commits = static_cast<int>(next());
                one.text = next_text();
            } else {
                fault = next_text();
            }
        }
        return fault;
    }

private:
    static constexpr std::size_t size = 16 << 20;
    std::size_t& used() { return *reinterpret_cast<std::size_t*>(memory_); }
    void number(std::int64_t value) { text_of(&value, sizeof value); }
    void text(std::string_view value) {
        number(static_cast<std::int64_t>(value.size()));
        text_of(value.data(), value.size());
    }
    void text_of(const void* data, std::size_t length) {
        if (used() + length > size) _exit(99);
        std::memcpy(memory_ + used(), data, length);
        used() += length;
    }
    std::int64_t next() {
        std::int64_t out;
        std::memcpy(&out, memory_ + at_, sizeof out);
        at_ += sizeof out;
        return out;
    }
    std::string next_text() {
        const auto length = static_cast<std::size_t>(next());
        std::string out(memory_ + at_, length);
        at_ += length;
        return out;
    }

    char* memory_;
    std::size_t at_ = 0;
};

// The child's part: the operation with memory that runs out, then, if the process lives and the store
// goes on, all is judged within it. It is `_exit`ed from, whatever happens.
[[noreturn]] void run_child(const Story& story, Venue& venue, Trace& trace, std::int64_t at, bool for_good) {
    // An exception that nobody may catch ends the program; a sanitizer's abort is something else.
    std::set_terminate([] { _exit(4); });
    in_child = true;
    std::vector<Told> told;
    try {
        FaultyMemory faulty(at, for_good);
        told = tell_all(story, venue, [&trace](std::size_t deed, const Told& answer) {
            const UnwatchedMemory own;
            trace.add(deed, answer);
        });
    } catch (...) {
        _exit(3);  // as the program does
    }
    venue.machine->on_change = nullptr;
    if (!venue.store->failed() && !for_good) {
        std::string fault = judge_open(story, venue, expected_after(story, told, false), story_life);
        if (!fault.empty()) trace.add_fault("it goes on: " + fault);
    }
    _exit(0);
}

// Each try begins with the same venue, open and idle.
class Tries {
public:
    explicit Tries(const Story& story)
        : story_(story), machine_(std::make_shared<Machine>(story.start)), venue_(machine_, story_life) {
        allocations_ = counted();
        if (!venue_.open()) throw std::runtime_error("does not open before anything");
        if (story.scenario.begin) story.scenario.begin(venue_);
        before_ = machine_->disk;
        machine_->on_change = [this](const Op& op) { trace_.add(op); };
    }
    ~Tries() {
        machine_->on_change = nullptr;
        Machine::mount(machine_);
    }
    Tries(const Tries&) = delete;
    Tries& operator=(const Tries&) = delete;

    std::int64_t allocations() const { return allocations_; }

    std::string refuse(std::int64_t at, bool for_good) {
        trace_.clear();
        Machine::mount(machine_);
        const pid_t child = fork();
        if (child < 0) return "no process can be made";
        if (child == 0) run_child(story_, venue_, trace_, at, for_good);
        int status = 0;
        if (waitpid(child, &status, 0) != child) return "the process was not waited for";
        if (WIFSIGNALED(status)) return "the process was ended by signal " + std::to_string(WTERMSIG(status));
        if (WEXITSTATUS(status) == 99) return "the trace is too small";
        const bool died = WEXITSTATUS(status) != 0;
        std::string out = judged(at, died);
        count("allocations refused: " + story_.scenario.name);
        count("allocations refused");
        count(died ? "of these ended the process" : "of these were survived");
        return out;
    }

private:
    // Counted in a venue of its own, since the children all begin in the other.
    std::int64_t counted() const {
        Venue venue(std::make_shared<Machine>(story_.start), story_life);
        if (!venue.open()) throw std::runtime_error("does not open before anything");
        if (story_.scenario.begin) story_.scenario.begin(venue);
        const FaultyMemory counting(-1, false);
        tell_all(story_, venue);
        return FaultyMemory::counted();
    }

    std::string judged(std::int64_t at, bool died) {
        std::vector<Told> told(story_.deeds.size());
        Disk left = before_;
        std::string out = trace_.read(left, told);
        for (const Told& each : told) {
            if (out.empty() && !each.text.empty()) out = fault_of_answer(each);
        }
        if (!out.empty()) return out;
        out = judge_after_fault(story_, std::make_shared<Machine>(left), told, died, 20);
        if (!out.empty()) return "started again: " + out;
        std::mt19937_64 chance{static_cast<std::uint64_t>(at)};
        const Image image = left.lose_power(Damage::drop, chance);
        out = judge_after_fault(story_, std::make_shared<Machine>(image), told, died, 20);
        return out.empty() ? out : "after a loss of power: " + out;
    }

    const Story& story_;
    std::shared_ptr<Machine> machine_;
    Venue venue_;
    Disk before_{};
    Trace trace_{};
    std::int64_t allocations_ = 0;
};

class EachOperationWithoutMemory : public testing::TestWithParam<std::string> {};

TEST_P(EachOperationWithoutMemory, F19_AnAllocationThatFailsHasNoEffectOrTheWhole) {
    const Parts parts = parts_of(scenario_named(operations(), GetParam()));
    ASSERT_FALSE(parts.empty());
    for (const auto& part : parts) {
        Tries tries(*part->story);
        ASSERT_GT(tries.allocations(), 20);
        int faults = 0;
        for (const std::size_t place : some_of(static_cast<std::size_t>(tries.allocations()),
                                               150 / static_cast<std::int64_t>(parts.size()))) {
            const auto at = static_cast<std::int64_t>(place);
            for (const bool for_good : {false, true}) {
                const std::string what = tries.refuse(at, for_good);
                if (what.empty()) continue;
                ADD_FAILURE() << GetParam() << ", " << part->story->deeds[0]->key << ": allocation " << at << " of "
                              << tries.allocations() << (for_good ? " for good" : " once")
                              << ", --seed=" << wanted().seed << ": " << what;
                ++faults;
            }
            if (faults >= 5) return;
        }
    }
}

INSTANTIATE_TEST_SUITE_P(Memory, EachOperationWithoutMemory, testing::ValuesIn(operation_names),
                         [](const auto& each) { return each.param; });

}  // namespace
}  // namespace obol::crash
