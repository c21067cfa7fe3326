#include "sync/uplink/engine.hpp"

#include <algorithm>

#include "sync/core/ensure.hpp"
#include "sync/core/overloaded.hpp"

namespace obol::uplink {

Actions Engine::on(Event event, Moment moment) {
    moment_ = moment;
    std::visit(overloaded{
                   [this](event::Start&) {
                       ENSURE(phase_ == Phase::off);
                       phase_ = Phase::waiting;
                       session_wanted_ = true;
                       state_.since = moment_.now;
                   },
                   [this](event::TimerFired& fired) { on_timer(fired.timer); },
                   [this](event::JournalGrew&) {
                       grew_ = true;
                       if (phase_ == Phase::running) push_next();
                   },
                   [this](event::ModeSet& set) { on_mode(set.mode); },
                   [this](event::DirectFailed& failed) {
                       fail(failed.fault.code + ": " + failed.fault.detail);
                   },
                   [this](LaneEvent& came) { on_lane(came.lane, std::move(came.what)); },
               },
               event);
    begin_when_possible();
    return std::exchange(out_, {});
}

// A result of a session that has ended meanwhile only frees its lane: what it says is asked anew.
void Engine::on_lane(Lane lane, Outcome what) {
    const Step was = std::exchange(step(lane), Step::none);
    ENSURE(was != Step::none);
    const bool exchange =
        was == Step::hello || was == Step::push || was == Step::feed || was == Step::snapshot;
    if (exchange) stop_timer(static_cast<Timer>(lane));
    if (phase_ == Phase::waiting) return;
    std::visit(
        overloaded{
            [&](event::Failed& failed) {
                if (was == Step::snapshot && failed.fault.code == "snapshot_gone" && !snapshot_ask_.id.empty()) {
                    position_.staged = {};  // the ledger keeps that moment no more: from the beginning
                    return fetch_snapshot();
                }
                fail(failed.fault.code + ": " + failed.fault.detail);
            },
            [&](event::PositionRead& read) {
                if (was == Step::look) {
                    tell_first_ = read.position.head.seq;
                    return ask_when_told();
                }
                position_ = std::move(read.position);
                wire::Hello hello{position_.head, position_.acked_seq, position_.generation};
                start(Lane::control, Step::hello, act::SayHello{hello, delay()});
                watch(Lane::control, pace_.hello_watch);
            },
            [&](event::Welcomed& welcomed) { greeted(welcomed.welcome); },
            [&](event::HashFound& found) {
                if (was == Step::compare)
                    compared(found.hash == welcome_.head.hash);
                else
                    verified(found.hash == receipt_.head.hash);
            },
            [&](event::SnapshotCame& came) { snapshot_came(std::move(came.page)); },
            [&](event::BatchRead& read) {
                if (read.batch.entries.empty()) {
                    if (grew_) return push_next();
                    branch_pushed_ |= other_branch_;
                    if (std::exchange(feed_waits_, false)) feed_next();  // nothing is left to tell
                    return;
                }
                batch_ = std::move(read.batch);
                wire::Push push{batch_.from_seq, std::move(batch_.entries), batch_.signature};
                start(Lane::push, Step::push, act::SendPush{std::move(push), delay()});
                watch(Lane::push, pace_.push_watch);
            },
            [&](event::Receipted& came) { receipted(std::move(came.receipt)); },
            [&](event::PageCame& came) { paged(std::move(came.page)); },
            [&](event::Applied& result) {
                if (was == Step::stage) {
                    if (result.applied) return staged();
                    return fail("the page of the snapshot does not follow the one before");
                }
                if (result.applied)
                    applied();
                else
                    fail("the page does not follow our cursor");
            },
            [&](event::RowsCompared& result) {
                if (!result.complete) return;  // the next idle moment
                compare_due_ = false;
                compared_at_ = moment_.now;
            },
            [&](event::Done&) {
                switch (was) {
                    case Step::adopt:
                        position_.generation = welcome_.generation;
                        position_.staged = {};  // of the generation before
                        need_snapshot_ = true;
                        return run();
                    case Step::stop:
                        return fail(position_.stopped_why);
                    case Step::install:
                        position_.cursor = snapshot_cursor_;
                        position_.staged = {};
                        need_snapshot_ = false;
                        seen_.clear();
                        return start(Lane::feed, Step::look, act::ReadPosition{});
                    case Step::acknowledge:
                        return acknowledged();
                    case Step::take:
                        if (lane == Lane::push) return push_next();
                        page_grants_.clear();
                        return after_page();
                    case Step::placement:
                        page_placement_ = false;
                        return after_page();
                    case Step::idle:
                        push_next();
                        return compare_when_due();
                    default:
                        ENSURE(false);
                }
            },
        },
        what);
}

void Engine::on_timer(Timer timer) {
    switch (timer) {
        case Timer::watch_control:
        case Timer::watch_push:
        case Timer::watch_feed:
            return fail("no answer: the link is half open");
        case Timer::retry:
            session_wanted_ = true;
            return;
        case Timer::flap:
            if (state_.mode != LinkMode::flapping) return;
            set_timer(Timer::flap, pace_.flap_every);
            gate_open_ = !gate_open_;
            if (gate_open_)
                session_wanted_ = true;
            else
                end_session("the link is flapping");
            return;
        case Timer::idle:
            if (phase_ != Phase::running) return;
            if (position_.stopped) {
                // Nothing will come but what is already written: look again from the start.
                if (all_quiet()) {
                    phase_ = Phase::waiting;
                    session_wanted_ = true;
                } else
                    set_timer(Timer::idle, pace_.stopped_again);
                return;
            }
            set_timer(Timer::idle, pace_.idle_every);
            if (!busy(Lane::idle)) start(Lane::idle, Step::idle, act::ReturnIdle{});
            return;
    }
}

void Engine::on_mode(LinkMode mode) {
    const LinkMode before = std::exchange(state_.mode, mode);
    if (before == mode) return;
    stop_timer(Timer::flap);
    failures_ = 0;
    gate_open_ = mode != LinkMode::down;
    if (!gate_open_) {
        end_session("switched off");
    } else {
        session_wanted_ = true;
        if (mode == LinkMode::flapping) set_timer(Timer::flap, pace_.flap_every);
    }
    out_.push_back({Lane::control, act::LinkChanged{}});
}

// A session starts only when everything of the last one has reported, so two never overlap.
void Engine::begin_when_possible() {
    if (phase_ != Phase::waiting || !session_wanted_ || !gate_open_ || !all_quiet()) return;
    session_wanted_ = false;
    stop_timer(Timer::retry);
    phase_ = Phase::greeting;
    grew_ = false;
    rules_came_ = feed_waits_ = false;
    seen_.clear();
    start(Lane::control, Step::position, act::ReadPosition{});
}

bool Engine::all_quiet() {
    return std::all_of(steps_.begin(), steps_.end(), [](Step s) { return s == Step::none; });
}

void Engine::stop_for_good(Lane lane, std::string why) {
    position_.stopped_why = why;
    start(lane, Step::stop, act::StopForGood{std::move(why)});
}

void Engine::fail(std::string why) {
    if (phase_ == Phase::waiting || phase_ == Phase::off) return;
    end_session(why);
    set_timer(Timer::retry, pause());
    failures_ = std::min(failures_ + 1, 30);
}

void Engine::end_session(const std::string& why) {
    if (phase_ == Phase::off) return;
    phase_ = Phase::waiting;
    session_wanted_ = false;
    for (const Timer timer :
         {Timer::watch_control, Timer::watch_push, Timer::watch_feed, Timer::retry, Timer::idle}) {
        stop_timer(timer);
    }
    if (!all_quiet()) out_.push_back({Lane::control, act::Cut{}});
    set_link(false, why);
}

void Engine::set_link(bool up, std::string why) {
    if (up != state_.up) state_.since = moment_.now;
    const bool same = up == state_.up && why == state_.why;
    state_.up = up;
    state_.why = std::move(why);
    if (!same) out_.push_back({Lane::control, act::LinkChanged{}});
}

// Full jitter: anywhere up to a ceiling that doubles, so that a thousand venues do not return at
// once.
Millis Engine::pause() {
    const std::int64_t most = pace_.retry_most.count();
    std::int64_t ceiling = pace_.retry_first.count();
    for (int i = 0; i < failures_ && ceiling < most; ++i) ceiling *= 2;
    ceiling = std::min(ceiling, most);
    return Millis{
        1 + static_cast<std::int64_t>((static_cast<std::uint64_t>(ceiling) * moment_.dice) >> 32)};
}

template <class What>
void Engine::start(Lane lane, Step next, What what) {
    ENSURE(!busy(lane));
    step(lane) = next;
    out_.push_back({lane, std::move(what)});
}

void Engine::watch(Lane lane, Millis time) { set_timer(static_cast<Timer>(lane), time + delay()); }

// --- greeting
// --------------------------------------------------------------------------------------

void Engine::greeted(const wire::Welcome& welcome) {
    welcome_ = welcome;
    state_.last_sync = moment_.now;
    if (welcome.generation < position_.generation) {
        // An old ledger that runs on beside the restored one: nothing of it is believed (A6, L8).
        failures_ = 30;
        return fail("ledger_generation_behind: the ledger is of generation " +
                    std::to_string(welcome.generation) + ", this device of " +
                    std::to_string(position_.generation));
    }
    const journal::Head& theirs = welcome.head;
    if (theirs.seq == 0) return compared(true);
    if (theirs.seq > position_.head.seq) return compared(false);
    if (theirs.seq == position_.head.seq) return compared(theirs.hash == position_.head.hash);
    start(Lane::control, Step::compare, act::FindHash{theirs.seq});
}

// A7: whoever is not where the ledger saw it is a copy or a restored state, and spends no more.
void Engine::compared(bool same) {
    other_branch_ = !same;
    push_from_ = same ? welcome_.head.seq + 1 : position_.acked_seq + 1;
    if (!position_.stopped) {
        if (!same) {
            return stop_for_good(Lane::control,
                                 welcome_.head.seq > position_.head.seq
                                     ? "the ledger's head is ahead of the journal"
                                     : "the ledger knows another journal of this device");
        }
        if (welcome_.status != wire::HolderStatus::active) {
            return stop_for_good(Lane::control,
                                 "the ledger says " + std::string(wire::name_of(welcome_.status)));
        }
        if (welcome_.generation > position_.generation) {
            return start(Lane::control, Step::adopt, act::Adopt{welcome_.generation});
        }
    }
    run();
}

void Engine::run() {
    phase_ = Phase::running;
    set_link(true, position_.stopped ? position_.stopped_why : "");
    set_timer(Timer::idle, position_.stopped ? pace_.stopped_again : pace_.idle_every);
    compare_due_ = !compared_at_ || moment_.now - *compared_at_ >= pace_.compare_least;
    if (!position_.stopped) feed_next();
    if (other_branch_ || welcome_.head.seq <= position_.acked_seq) return push_next();
    // The receipt of an earlier session was lost: nothing else would tell that those are booked.
    receipt_ = wire::Receipt{};
    receipt_.head = welcome_.head;
    start(Lane::push, Step::acknowledge, act::Acknowledge{welcome_.head});
}

// --- push
// ------------------------------------------------------------------------------------------

void Engine::push_next() {
    if (phase_ != Phase::running || busy(Lane::push)) {
        grew_ = true;  // the running step looks again when it ends
        return;
    }
    if (other_branch_ && branch_pushed_) return;
    grew_ = false;
    start(Lane::push, Step::read, act::ReadBatch{push_from_, pace_.most_entries, pace_.most_bytes});
}

void Engine::receipted(wire::Receipt receipt) {
    state_.last_sync = moment_.now;
    failures_ = 0;
    receipt_ = std::move(receipt);
    if (other_branch_) {
        push_from_ = batch_.last.seq + 1;
        return push_next();
    }
    if (receipt_.status != wire::HolderStatus::active && !position_.stopped) {
        return stop_for_good(Lane::push,
                             "the ledger says " + std::string(wire::name_of(receipt_.status)));
    }
    if (receipt_.head.seq < push_from_) return fail("the ledger booked nothing of what was pushed");
    if (receipt_.head.seq == batch_.last.seq)
        return verified(receipt_.head.hash == batch_.last.hash);
    start(Lane::push, Step::verify, act::FindHash{receipt_.head.seq});
}

void Engine::verified(bool same) {
    if (same) return start(Lane::push, Step::acknowledge, act::Acknowledge{receipt_.head});
    if (position_.stopped) return fail("the ledger knows another journal of this device");
    stop_for_good(Lane::push, "the ledger knows another journal of this device");
}

void Engine::acknowledged() {
    push_from_ = receipt_.head.seq + 1;
    if (feed_waits_ && push_from_ > tell_first_) {
        feed_waits_ = false;
        feed_next();
    }
    if (receipt_.grants.empty() || position_.stopped) return push_next();
    start(Lane::push, Step::take, act::Take{std::move(receipt_.grants)});
}

// --- feed
// ------------------------------------------------------------------------------------------

void Engine::feed_next() {
    if (position_.cursor == 0 || need_snapshot_) return fetch_snapshot();
    wire::FeedAsk ask{position_.generation, position_.cursor, more_ ? 0 : pace_.feed_wait.count(),
                      seen_};
    start(Lane::feed, Step::feed, act::AskFeed{std::move(ask), delay()});
    watch(Lane::feed, pace_.feed_wait + pace_.feed_grace);
}

// From the page after the last one that was staged, be it in a session before.
void Engine::fetch_snapshot() {
    more_ = false;
    snapshot_ask_ = position_.staged;
    start(Lane::feed, Step::snapshot, act::FetchSnapshot{snapshot_ask_, delay()});
    watch(Lane::feed, pace_.snapshot_watch);
}

void Engine::snapshot_came(wire::SnapshotPage page) {
    state_.last_sync = moment_.now;
    if (page.generation != position_.generation) {
        position_.staged = {};
        return fail("the snapshot is of another generation");
    }
    const bool other = !snapshot_ask_.id.empty() && page.id != snapshot_ask_.id;
    if (other || page.after != snapshot_ask_.after || (!page.next.empty() && page.next == page.after)) {
        return fail("the page of the snapshot is not the one that was asked for");
    }
    snapshot_cursor_ = page.cursor;
    snapshot_next_ = page.next;
    snapshot_ask_.id = page.id;
    start(Lane::feed, Step::stage, act::Stage{std::move(page)});
}

void Engine::staged() {
    failures_ = 0;
    if (snapshot_next_.empty()) return start(Lane::feed, Step::install, act::Install{});
    position_.staged = {snapshot_ask_.id, snapshot_next_};
    fetch_snapshot();
}

void Engine::paged(wire::Page page) {
    state_.last_sync = moment_.now;
    if (page.generation != position_.generation) return fail("the page is of another generation");
    if (page.status != wire::HolderStatus::active) {
        return stop_for_good(Lane::feed,
                             "the ledger says " + std::string(wire::name_of(page.status)));
    }
    if (page.from != position_.cursor || page.to < page.from) {
        need_snapshot_ = true;
        return fail("the page does not begin at our cursor");
    }
    position_.cursor = page.to;
    seen_ = page.news;
    more_ = page.more;
    page_grants_ = page.grants;
    page_placement_ = page.placement;
    rules_came_ = std::any_of(page.facts.begin(), page.facts.end(), [](const wire::Fact& fact) {
        return fact.kind == "venue" || fact.kind == "business";
    });
    start(Lane::feed, Step::apply, act::Apply{std::move(page)});
}

void Engine::applied() {
    failures_ = 0;
    after_page();
}

// What the page asks for is done before the next page is, one thing after the other.
void Engine::after_page() {
    if (!page_grants_.empty()) {
        return start(Lane::feed, Step::take, act::Take{std::move(page_grants_)});
    }
    if (page_placement_) return start(Lane::feed, Step::placement, act::AskPlacement{});
    push_next();  // taking, asking and recalls wrote entries
    if (std::exchange(rules_came_, false)) return start(Lane::feed, Step::look, act::ReadPosition{});
    feed_next();
}

// A question from a later cursor tells the ledger that this device goes by what stands there, so that an allowance that was
// lowered counts for no more than it is now. What was spent by the former one is told before.
void Engine::ask_when_told() {
    feed_waits_ = push_from_ <= tell_first_;
    if (!feed_waits_) return feed_next();
    push_next();
}

// In the idle lane: neither the journal nor the feed waits for it.
void Engine::compare_when_due() {
    if (compared_at_ && moment_.now - *compared_at_ >= pace_.compare_every) compare_due_ = true;
    if (compare_due_) start(Lane::idle, Step::compare_rows, act::CompareRows{delay()});
}

}  // namespace obol::uplink
