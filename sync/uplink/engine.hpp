#pragma once
// The agent's end of sync as a pure state machine: what happened goes in, what is to be done comes
// out. It knows no socket, no clock and no store; the runner executes its actions and brings back
// results.
//
// A session begins with reading the own position and saying hello; then two lanes run side by side
// until one fails: push (the journal, in order, from the ledger's head) and feed (pages by
// long-poll). Any failure ends the session: everything running is cut, the link is down, and after
// a pause with full jitter the next session asks again where both ends stand. Nothing is remembered
// across sessions but how often they failed, so there is no position that could be wrong.

#include <array>
#include <cstdint>
#include <optional>
#include <string>
#include <variant>
#include <vector>

#include "sync/uplink/position.hpp"
#include "sync/wire/messages.hpp"

namespace obol::uplink {

// Each lane has at most one action running.
enum class Lane { control, push, feed, idle };
inline constexpr std::size_t lane_count = 4;

// One of each; setting one again replaces it. The watches belong to the lanes of the same order.
enum class Timer { watch_control, watch_push, watch_feed, retry, flap, idle };
inline constexpr std::size_t timer_count = 6;

struct Pace {
    Millis retry_first{200}, retry_most{15'000};
    Millis feed_wait{25'000};
    Millis feed_grace{5'000};  // past the wait: a link that says nothing is half-open
    Millis hello_watch{10'000}, push_watch{30'000}, snapshot_watch{120'000};
    Millis idle_every{5'000};
    // Both ends' rows are compared in each session, and in a long one again; not in each of a link that flaps.
    Millis compare_every{3'600'000}, compare_least{600'000};
    Millis stopped_again{15'000};  // a stopped device only looks whether all has arrived
    Millis slow_by{2'000}, flap_every{1'000};
    std::size_t most_entries = wire::most_entries_a_push;
    // Base64 and JSON around the entries must fit the push, too.
    std::size_t most_bytes = 1 << 20;
};

namespace act {
// Each of these is answered by one event on its lane …
struct ReadPosition {};
struct SayHello {
    wire::Hello hello;
    Millis delay{};
};
struct FindHash {
    std::int64_t seq = 0;
};
struct Adopt {
    std::int64_t generation = 0;
};
struct StopForGood {
    std::string why;
};
struct FetchSnapshot {
    wire::SnapshotAsk ask;
    Millis delay{};
};
struct Stage {
    wire::SnapshotPage page;
};
struct Install {};
struct ReadBatch {
    std::int64_t from_seq = 0;
    std::size_t most_entries = 0, most_bytes = 0;
};
struct SendPush {
    wire::Push push;
    Millis delay{};
};
struct Acknowledge {
    journal::Head head;
};
struct Take {
    std::vector<wire::Grant> grants;
};
struct AskFeed {
    wire::FeedAsk ask;
    Millis delay{};
};
struct Apply {
    wire::Page page;
};
struct AskPlacement {};
struct ReturnIdle {};
struct CompareRows {
    Millis delay{};
};
// … and these are done at once.
struct SetTimer {
    Timer timer;
    Millis delay{};
};
struct StopTimer {
    Timer timer;
};
struct Cut {};          // end running exchanges and delays; each still reports
struct LinkChanged {};  // state() differs
}  // namespace act

struct Action {
    Lane lane = Lane::control;
    std::variant<act::ReadPosition, act::SayHello, act::FindHash, act::Adopt, act::StopForGood,
                 act::FetchSnapshot, act::Stage, act::Install, act::ReadBatch, act::SendPush, act::Acknowledge,
                 act::Take, act::AskFeed, act::Apply, act::AskPlacement, act::ReturnIdle,
                 act::CompareRows, act::SetTimer, act::StopTimer, act::Cut, act::LinkChanged>
        what;
};
using Actions = std::vector<Action>;

namespace event {
// Results; they say which lane's action has ended.
struct Done {};  // adopted, stopped, installed, acknowledged, taken, placement asked, idle returned
struct PositionRead {
    Position position;
};
struct Welcomed {
    wire::Welcome welcome;
};
struct HashFound {
    std::optional<journal::Hash> hash;
};
struct SnapshotCame {
    wire::SnapshotPage page;
};
struct BatchRead {
    Batch batch;
};
struct Receipted {
    wire::Receipt receipt;
};
struct PageCame {
    wire::Page page;
};
struct Applied {
    bool applied = false;
};  // or staged
struct RowsCompared {
    bool complete = false;  // false: to be tried again soon
};
struct Failed {
    Fault fault;
};  // the exchange did not come to a good end
// From outside.
struct Start {};
struct TimerFired {
    Timer timer;
};
struct JournalGrew {};
struct ModeSet {
    LinkMode mode;
};
struct DirectFailed {
    Fault fault;
};  // a direct question found the link broken
}  // namespace event

using Outcome = std::variant<event::Done, event::PositionRead, event::Welcomed, event::HashFound,
                             event::SnapshotCame, event::BatchRead, event::Receipted,
                             event::PageCame, event::Applied, event::RowsCompared, event::Failed>;
struct LaneEvent {
    Lane lane = Lane::control;
    Outcome what;
};
using Event = std::variant<LaneEvent, event::Start, event::TimerFired, event::JournalGrew,
                           event::ModeSet, event::DirectFailed>;

// When it happened, and a number drawn for it: the engine has neither clock nor dice.
struct Moment {
    Instant now;
    std::uint32_t dice = 0;
};

class Engine {
public:
    explicit Engine(Pace pace = {}) : pace_(pace) {}

    Actions on(Event event, Moment moment);
    const LinkState& state() const { return state_; }
    // What slow mode adds to an exchange made now.
    Millis delay() const { return state_.mode == LinkMode::slow ? pace_.slow_by : Millis{0}; }

private:
    enum class Phase { off, waiting, greeting, running };
    // What the action of a lane is for; FindHash and Done serve several ends.
    enum class Step {
        none,
        position,
        hello,
        compare,
        adopt,
        stop,
        snapshot,
        stage,
        install,
        read,
        push,
        verify,
        acknowledge,
        take,
        feed,
        apply,
        look,
        placement,
        idle,
        compare_rows
    };

    void on_lane(Lane lane, Outcome what);
    void on_timer(Timer timer);
    void on_mode(LinkMode mode);

    void begin_when_possible();
    void greeted(const wire::Welcome& welcome);
    void compared(bool same);
    void take_up_generation();
    void run();
    void push_next();
    void receipted(wire::Receipt receipt);
    void verified(bool same);
    void acknowledged();
    void feed_next();
    void paged(wire::Page page);
    void applied();
    void fetch_snapshot();
    void snapshot_came(wire::SnapshotPage page);
    void staged();
    void after_page();
    void ask_when_told();
    void compare_when_due();

    void stop_for_good(Lane lane, std::string why);
    void fail(std::string why);
    void end_session(const std::string& why);
    void set_link(bool up, std::string why);

    template <class What>
    void start(Lane lane, Step step, What what);
    void watch(Lane lane, Millis time);
    void set_timer(Timer timer, Millis delay) {
        out_.push_back({Lane::control, act::SetTimer{timer, delay}});
    }
    void stop_timer(Timer timer) { out_.push_back({Lane::control, act::StopTimer{timer}}); }
    Step& step(Lane lane) { return steps_[static_cast<std::size_t>(lane)]; }
    bool busy(Lane lane) { return step(lane) != Step::none; }
    bool all_quiet();
    Millis pause();

    Pace pace_;
    LinkState state_;
    Moment moment_{};
    Actions out_;

    Phase phase_ = Phase::off;
    bool session_wanted_ = false;
    bool gate_open_ = true;  // shut by link mode down and by each second second of flapping
    int failures_ = 0;
    std::optional<Instant> compared_at_{};
    bool need_snapshot_ = false;  // the cursor is of no use to this ledger
    std::array<Step, lane_count> steps_{};

    // Of this session.
    Position position_;
    wire::Welcome welcome_;
    bool other_branch_ = false;   // the ledger's head is not on our chain
    bool branch_pushed_ = false;  // once is enough, the ledger keeps it
    std::int64_t push_from_ = 1;
    bool grew_ = false;
    Batch batch_;
    wire::Receipt receipt_;
    wire::SnapshotAsk snapshot_ask_;   // of the page that is fetched or staged
    std::int64_t snapshot_cursor_ = 0;
    std::string snapshot_next_;
    std::string seen_;
    bool more_ = false;
    std::vector<wire::Grant> page_grants_;
    bool page_placement_ = false;
    bool rules_came_ = false;      // facts that say what may be spent at risk
    std::int64_t tell_first_ = 0;  // what was written under the rules before
    bool feed_waits_ = false;      // until that is booked
    bool compare_due_ = false;
};

}  // namespace obol::uplink
