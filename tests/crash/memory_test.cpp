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
        std::string fault = judge_open(story, venue, expected_after(story, told, false), 10);
        if (!fault.empty()) trace.add_fault("it goes on: " + fault);
    }
    _exit(0);
}

class EachOperationWithoutMemory : public testing::TestWithParam<std::string> {};

TEST_P(EachOperationWithoutMemory, F19_AnAllocationThatFailsHasNoEffectOrTheWhole) {
    const Scenario scenario = loosened(scenario_named(operations(), GetParam()));
    const Story story(scenario);
    const auto machine = std::make_shared<Machine>(story.start);
    Venue venue(machine, 10);
    ASSERT_TRUE(venue.open());
    if (scenario.begin) scenario.begin(venue);
    const Disk before = machine->disk;

    Trace trace;
    std::int64_t allocations = 0;
    {
        // Counted in a venue of its own, since the children all begin here.
        Venue counted(std::make_shared<Machine>(story.start), 10);
        ASSERT_TRUE(counted.open());
        if (scenario.begin) scenario.begin(counted);
        const FaultyMemory counting(-1, false);
        tell_all(story, counted);
        allocations = FaultyMemory::counted();
    }
    Machine::mount(machine);
    ASSERT_GT(allocations, 100);
    machine->on_change = [&trace](const Op& op) { trace.add(op); };

    const std::int64_t tries = std::min(allocations, wanted().scaled(150));
    const std::int64_t offset = static_cast<std::int64_t>(wanted().seed * 7919 % 1000);
    int faults = 0;
    for (std::int64_t i = 0; i < tries && faults < 5; ++i) {
        const std::int64_t at = (i * allocations / tries + offset) % allocations;
        for (const bool for_good : {false, true}) {
            trace.clear();
            Machine::mount(machine);
            const pid_t child = fork();
            ASSERT_GE(child, 0);
            if (child == 0) run_child(story, venue, trace, at, for_good);
            int status = 0;
            ASSERT_EQ(waitpid(child, &status, 0), child);
            const bool died = !WIFEXITED(status) || WEXITSTATUS(status) != 0;
            ASSERT_FALSE(WIFEXITED(status) && WEXITSTATUS(status) == 99) << "the trace is too small";
            std::vector<Told> told(story.deeds.size());
            Disk left = before;
            std::string what = trace.read(left, told);
            for (const Told& each : told) {
                if (what.empty() && !each.text.empty()) what = fault_of_answer(each);
            }
            if (what.empty() && WIFSIGNALED(status)) {
                what = "the process was ended by signal " + std::to_string(WTERMSIG(status));
            }
            if (what.empty()) {
                what = judge_after_fault(story, std::make_shared<Machine>(left), told, died, 20);
                if (!what.empty()) what = "started again: " + what;
            }
            std::mt19937_64 chance{static_cast<std::uint64_t>(at)};
            if (what.empty()) {
                const Image image = left.lose_power(Damage::drop, chance);
                what = judge_after_fault(story, std::make_shared<Machine>(image), told, died, 20);
                if (!what.empty()) what = "after a loss of power: " + what;
            }
            count("allocations refused");
            count(died ? "of these ended the process" : "of these were survived");
            if (what.empty()) continue;
            ++faults;
            ADD_FAILURE() << scenario.name << ": allocation " << at << " of " << allocations << " "
                          << (for_good ? "for good" : "once") << ": " << what;
        }
    }
    machine->on_change = nullptr;
    Machine::mount(machine);
}

INSTANTIATE_TEST_SUITE_P(Memory, EachOperationWithoutMemory, testing::ValuesIn(fault_names),
                         [](const auto& each) { return each.param; });

}  // namespace
}  // namespace obol::crash
