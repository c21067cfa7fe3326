#include <sqlite3.h>

#include "sync/ledger/store/recovery.hpp"
#include "sync/ledger/store/write_off.hpp"
#include "tests/sim/deeds.hpp"

namespace obol::sim {

namespace {

// Calls fail now and then; a read of a page as well as a sync.
std::function<crash::Verdict(crash::Call, const std::string&)> rotten(std::shared_ptr<Dice> dice, int in, bool full) {
    return [dice, in, full](crash::Call call, const std::string&) -> crash::Verdict {
        if (call == crash::Call::lock || call == crash::Call::map_memory || call == crash::Call::exists) return {};
        if (dice->below(in) != 0) return {};
        if (full) return call == crash::Call::write ? crash::Verdict{SQLITE_FULL, dice->percent(30)} : crash::Verdict{};
        return {call == crash::Call::read ? SQLITE_IOERR_READ : SQLITE_IOERR, dice->percent(30)};
    };
}

// As agent/hand_in.cpp reads it: batches end where a head is signed.
std::vector<wire::Push> unbooked_of(sql::Db& db) {
    constexpr std::int64_t most_entries = 200;
    std::vector<wire::Push> out;
    std::int64_t from = db.value<std::int64_t>("SELECT value FROM meta WHERE key = 'acked_seq'").value_or(0) + 1;
    for (;;) {
        const auto last = db.value<std::int64_t>("SELECT max(seq) FROM head_signature WHERE seq >= ? AND seq < ?", from, from + most_entries);
        if (!last) return out;
        wire::Push push{.from_seq = from, .entries = {}, .signature = {}};
        db.each("SELECT body FROM entry WHERE seq >= ? AND seq <= ? ORDER BY seq",
                [&push](sql::Statement& row) { push.entries.push_back(row.blob(0)); }, from, *last);
        push.signature = db.value<Bytes>("SELECT signature FROM head_signature WHERE seq = ?", *last).value();
        out.push_back(std::move(push));
        from = *last + 1;
    }
}

}  // namespace

void World::trouble() {
    if (character_.seasons && dice_.percent(12)) return season();
    if (character_.short_lives && dice_.percent(10)) return cut_until_the_certificate_ends();
    const int roll = dice_.below(100);
    if (roll < 45) return trouble_on_the_way();
    if (roll < 65) return trouble_with_a_machine();
    if (roll < 72) return trouble_with_a_disk();
    if (roll < 79) return trouble_with_a_clock();
    if (roll < 88) return trouble_at_the_centre();
    if (roll < 94 && character_.copies) return copy_a_device();
    if (roll < 97 && character_.write_offs) return write_off_a_device();
    if (character_.restores) return trouble_with_a_backup();
    if (character_.reinstalls) return reinstall();
    trouble_on_the_way();
}

void World::trouble_on_the_way() {
    const std::size_t number = any_till();
    const std::shared_ptr<Way> way = tills_[number]->way;
    *way = Way{};
    way->silent = dice_.percent(60);
    std::string what;
    switch (dice_.below(8)) {
        case 0: way->loss = 1 + dice_.below(30); what = "loses " + std::to_string(way->loss) + " %"; break;
        case 1: way->repeat = 5 + dice_.below(46); way->repeat_within = dice_.between(Millis{10}, Millis{10 * 60'000}); what = "repeats"; break;
        case 2: way->most = dice_.between(Millis{500}, Millis{4 * 60'000}); what = "delays and reorders"; break;
        case 3: way->cut_back = true; what = "brings no answers"; break;
        case 4: way->cut_there = true; what = "brings nothing there"; break;
        case 5: way->portal = true; what = "leads into a captive portal"; break;
        case 6: way->no_identity = true; what = "refuses its certificate"; break;
        default:
            way->loss = dice_.below(31);
            way->repeat = dice_.below(51);
            way->most = dice_.between(Millis{30}, Millis{10'000});
            what = "loses, repeats and delays";
    }
    count("fault: way: " + what.substr(0, what.find_first_of("0123456789")));
    tell("the way of " + tills_[number]->name + " " + what);
    const Millis lasts = dice_.percent(80) ? dice_.between(Millis{500}, Millis{60'000}) : dice_.between(Millis{60'000}, Millis{60 * 60'000});
    agenda_.after(lasts, [this, way, number] {
        tell("the way of " + tills_[number]->name + " is good again");
        *way = Way{};
    });
}

void World::trouble_with_a_machine() {
    const std::size_t number = any_till();
    Till& till = *tills_[number];
    if (!works(number) || !till.up()) return;
    switch (dice_.below(4)) {
        case 3:
            // What was asked is done and stored, and nobody hears of it.
            tell(till.name + " will be killed as it answers");
            till.killed_as_it_answers = true;
            return;
        case 0:
            count("fault: agent killed");
            end_till(number, Host::End::killed, "killed");
            return;
        case 1:
            count("fault: agent lost its power");
            end_till(number, Host::End::power, "power lost");
            return;
        default:
            // In the midst of what it writes next.
            count("fault: agent loses its power while it writes");
            tell(till.name + " will lose its power while it writes");
            till.machine->lose_power_after = till.machine->changes + 1 + dice_.below(12);
    }
}

void World::trouble_with_a_disk() {
    const std::size_t number = any_till();
    Till& till = *tills_[number];
    const auto dice = std::make_shared<Dice>(dice_.draw());
    const std::weak_ptr<crash::Machine> machine = till.machine;
    const int what = dice_.below(3);
    if (what == 0) till.disk_full = true;
    else till.machine->trap = rotten(dice, what == 1 ? 12 : 6, what == 2);
    count(what == 0 ? "fault: agent's disk full" : what == 1 ? "fault: agent's disk fails" : "fault: agent's disk fills up while it writes");
    tell(till.name + (what == 0 ? ": its disk is full" : what == 1 ? ": its disk fails now and then" : ": its disk fills up"));
    agenda_.after(dice_.between(Millis{200}, Millis{30'000}), [this, number, machine] {
        tills_[number]->disk_full = false;
        if (const auto there = machine.lock()) there->trap = {};
        tills_[number]->machine->trap = {};
    });
}

void World::trouble_with_a_clock() {
    const std::size_t number = any_till();
    HostClock& clock = tills_[number]->clock;
    if (dice_.percent(40)) {
        clock.drift_ppm = dice_.below(1001) - 500;
        count("fault: clock drifts");
        tell(tills_[number]->name + ": clock drifts by " + std::to_string(clock.drift_ppm) + " ppm");
    } else {
        const Millis by = dice_.percent(50) ? dice_.between(Millis{0}, Millis{3'600'000}) : dice_.between(Millis{0}, Millis{std::int64_t{86'400'000} * 400});
        clock.skew += dice_.percent(50) ? by : -by;
        count("fault: clock jumps");
        tell(tills_[number]->name + ": clock jumps to " + to_rfc3339(clock.now()));
    }
}

void World::trouble_at_the_centre() {
    if (!centre_.up()) return;
    const auto dice = std::make_shared<Dice>(dice_.draw());
    switch (dice_.below(5)) {
        case 0:
            count("fault: ledger killed");
            return end_centre(Host::End::killed, "killed");
        case 1:
            count("fault: ledger lost its power");
            return end_centre(Host::End::power, "power lost");
        case 2:
            count("fault: ledger loses its power while it writes");
            tell("the ledger will lose its power while it writes");
            centre_.machine->lose_power_after = centre_.machine->changes + 1 + dice_.below(20);
            return;
        default: break;
    }
    const bool full = dice_.percent(50);
    count(full ? "fault: ledger's disk full" : "fault: ledger's disk fails");
    tell(full ? "the ledger's disk fills up" : "the ledger's disk fails now and then");
    centre_.machine->trap = rotten(dice, full ? 1 : 15, full);
    agenda_.after(dice_.between(Millis{200}, Millis{20'000}), [this] { centre_.machine->trap = {}; });
}

// The key with the state: as a thief or an image of the disk has it, running beside the first; or a backup
// that takes the place of what was there.
void World::copy_a_device() {
    const std::size_t number = any_till();
    Till& till = *tills_[number];
    if (!works(number) || !till.up()) return;
    observe();
    if (!till.up()) return;
    if (!backups_[number]) {
        backups_[number] = Backup{till.machine->disk.all_kept(), model_.remember(till.chain), till.witness};
        tell(till.name + ": a backup is taken");
        // A machine that breaks in the midst of what it does, and is set up again from what was saved just before.
        if (dice_.percent(30)) agenda_.after(dice_.between(Millis{3'000}, Millis{25'000}), [this, number] { put_back(number, true); });
        if (dice_.percent(50)) return;
    }
    if (dice_.percent(50)) return put_back(number, dice_.percent(30));
    const Backup backup = *std::exchange(backups_[number], std::nullopt);
    run_copy(number, backup, false);
}

void World::put_back(std::size_t number, bool after_power_loss) {
    Till& till = *tills_[number];
    if (faultless_ || !backups_[number] || !works(number) || !till.up()) return;
    observe();
    if (!till.up()) return;
    // Of which nothing was lost there is little to learn.
    if (dice_.percent(80) && model_.head_of(till.chain) == model_.head_remembered(backups_[number]->chain)) return;
    if (after_power_loss && till.lose_unwritten_witness(dice_.between(Millis{0}, written_back_within))) count("fault: witness lags");
    const Backup backup = *std::exchange(backups_[number], std::nullopt);
    run_copy(number, backup, true);
}

void World::run_copy(std::size_t number, const Backup& backup, bool restored) {
    Till& till = *tills_[number];
    std::optional<agent::Witnessed> witness;
    bool vouched_for = false, runs = true, goes_on = false;
    if (restored) {
        if (dice_.percent(60)) witness = till.witness;
        // A state that is known to be behind stops by itself; one of which nobody knows, until somebody answers for it.
        vouched_for = !witness && dice_.percent(60);
        runs = vouched_for;
        const std::int64_t put_back_to = model_.head_remembered(backup.chain);
        if (witness && witness->head.seq <= put_back_to) {
            // Nothing was written since: the same device goes on. Or the witness has not seen it: a copy (B1).
            runs = true;
            goes_on = model_.head_of(till.chain) == put_back_to;
            count(goes_on ? "branch: A7 the witness bears a restored state out" : "branch: A7 a witness that lags hides what was lost");
        }
        count("fault: backup restored");
        tell(till.name + ": its state is restored from a backup");
        for (const OrderPtr& order : orders_) {
            if (order->till == number) order->done = true;  // it remembers none of them
        }
        till.end(Host::End::killed, crash::Damage::drop, dice_.engine());
        till.machine = std::make_shared<crash::Machine>(backup.image);
        gone_[number] = true;
    } else {
        // An image of the whole machine has the witness; a thief of the state directory has not.
        if (dice_.percent(70)) witness = backup.witness;
        // Of a state that was put back and has stopped since, the copy is as far behind its witness.
        runs = witness && witness->head.seq <= model_.head_remembered(backup.chain);
        count("fault: device cloned");
        tell(till.name + ": a clone begins to run");
    }
    may_stop_.insert(till.papers().h.text);
    // The same key and state, as another machine.
    const std::size_t copy = tills_.size();
    tills_.push_back(std::make_unique<Till>(agenda_, network_, till.papers(), seed_ * 1000 + ++last_life_));
    gone_.push_back(false);
    backups_.emplace_back();
    Till& made = *tills_[copy];
    made.name += "'";
    made.machine = std::make_shared<crash::Machine>(backup.image);
    made.witness = witness;
    made.vouched_for = vouched_for;
    made.may_be_doubted = !runs;
    made.chain = model_.copy_chain(backup.chain, !runs ? Model::Copy::stopped : goes_on ? Model::Copy::goes_on : Model::Copy::runs, till.chain);
    made.tell = till.tell;
    made.on_broken = [this, copy](const std::string& why) {
        end_till(copy, tills_[copy]->machine->off ? Host::End::power : Host::End::killed, why);
    };
    start_till(copy);
    if (restored && !runs && dice_.percent(60)) open_till(tills_[copy]->venue().text);
}

void World::write_off_a_device() {
    const std::size_t number = any_till();
    if (!centre_.up() || !works(number)) return;
    const bool done = centre_.operate([&](ledger::Books& books) {
        return ledger::write_off_device(books, tills_[number]->papers().h, "lost", centre_.clock.now(), centre_.random).has_value();
    });
    // Its answer may be lost with the ledger's disk.
    may_stop_.insert(tills_[number]->papers().h.text);
    if (!done) return;
    count("fault: written off");
    tell(tills_[number]->name + " is written off");
    model_.expose();
    if (dice_.percent(60)) open_till(tills_[number]->venue().text);
}

// The ledger's database comes back from a backup; the record of issued keys does not.
void World::trouble_with_a_backup() {
    if (!centre_.up()) return;
    if (dice_.percent(30)) return write_off_in_recovery();
    if (ledger_backup_ && dice_.percent(70)) return put_back_the_ledger();
    check(false);
    if (!centre_.up()) return;
    tell("the ledger is backed up");
    ledger_backup_ = LedgerBackup{centre_.machine->disk.all_kept(), model_.last_transfer()};
}

void World::put_back_the_ledger() {
    check(false);
    if (!centre_.up()) return;
    restore_said_ = dice_.percent(70);
    count(restore_said_ ? "fault: ledger restored from a backup" : "fault: ledger's database put back without a word");
    tell(restore_said_ ? "the ledger is restored from its backup" : "the ledger's database is put back without a word");
    {
        const Sound look{centre_.machine};
        fell_back_from_ = Model::held_at_ledger(centre_.db());
    }
    end_centre(Host::End::killed, "its database is put back");
    if (restore_said_ && dice_.percent(50)) old_ledger_runs_on();
    centre_.machine = std::make_shared<crash::Machine>(ledger_backup_->image);
    model_.ledger_forgets(ledger_backup_->last_transfer);
    if (dice_.percent(50)) ledger_backup_.reset();
    if (dice_.percent(50)) agenda_.after(dice_.between(Millis{5'000}, Millis{60'000}), [this] { write_off_in_recovery(); });
}

// What a device drew that the ledger has forgotten is in its chain alone (B5).
void World::write_off_in_recovery() {
    if (!centre_.up()) return;
    std::string awaited;
    centre_.operate([&](ledger::Books& books) {
        for (const ledger::Awaited& each : ledger::awaited(books.db())) awaited = each.h.text;
        return false;
    });
    if (awaited.empty() || !centre_.up()) return;
    std::string refused;
    const bool done = centre_.operate([&](ledger::Books& books) {
        const auto off = ledger::write_off_device(books, DeviceId{awaited}, "lost", centre_.clock.now(), centre_.random);
        if (!off) refused = off.error().code;
        return off.has_value();
    });
    if (done) throw Violation("L5: a device was written off in recovery");
    if (refused == "in_recovery") count("branch: L5 write-off refused in recovery");
}

// The disk is gone with all that was on it; the venue goes on under a new key. Nobody is being served.
void World::reinstall() {
    const std::size_t number = any_till();
    Till& till = *tills_[number];
    if (!centre_.up() || !works(number) || !till.up()) return;
    const bool busy = std::any_of(orders_.begin(), orders_.end(), [number](const OrderPtr& each) {
        return each->till == number && each->moves && !each->effected && !each->done;
    });
    if (busy || till.grew) return;
    count("fault: disk lost, enrolled anew");
    tell(till.name + ": its disk is lost; the venue enrols anew");
    gone_[number] = true;
    till.end(Host::End::killed, crash::Damage::drop, dice_.engine());
    open_till(till.venue().text);
}

// What was taken for dead, or for switched off, still answers those who find it.
void World::old_ledger_runs_on() {
    if (old_) {
        std::mt19937_64 none;
        old_->centre->end(Host::End::killed, crash::Damage::drop, none);
        old_ones_.push_back(std::move(old_->centre));
    }
    old_.emplace();
    old_->centre = std::make_unique<Centre>(agenda_, seed_ * 31 + 1);
    Centre& old = *old_->centre;
    old.name = "the old ledger";
    old.begin_as(centre_);
    old.on_broken = [&old](const std::string&) {
        std::mt19937_64 none;
        old.end(Host::End::killed, crash::Damage::drop, none);
    };
    network_.finds_old.clear();
    network_.old_ledger = nullptr;
    if (!old.start()) return;
    count("fault: the old ledger runs on beside the restored one");
    tell("the old ledger runs on");
    network_.old_ledger = &old;
    {
        const Sound look{old.machine};
        old_->last_transfer = old.db().value<std::int64_t>("SELECT max(id) FROM transfer").value_or(0);
        old.db().each("SELECT h, seq FROM ask WHERE state = 'granted'",
                      [this](sql::Statement& row) { old_->granted.insert(row.text(0) + " " + std::to_string(row.integer(1))); });
    }
    for (std::size_t i = 0; i < tills_.size(); ++i) {
        if (!works(i) || !dice_.percent(60)) continue;
        goes_to(i, true);
        const Millis finds_it = dice_.between(Millis{5'000}, Millis{5 * 60'000});
        agenda_.after(finds_it, [this, i] { goes_to(i, false); });
        if (!dice_.percent(40)) continue;
        // A name that is not yet known everywhere leads there once more.
        const Millis again = finds_it + dice_.between(Millis{5'000}, Millis{2 * 60'000});
        agenda_.after(again, [this, i] { goes_to(i, !faultless_); });
        agenda_.after(again + dice_.between(Millis{5'000}, Millis{60'000}), [this, i] { goes_to(i, false); });
    }
}

void World::goes_to(std::size_t number, bool old) {
    tell(tills_[number]->name + (old ? " finds the old ledger" : " finds the ledger"));
    if (old) network_.finds_old.insert(tills_[number].get());
    else network_.finds_old.erase(tills_[number].get());
}

void World::cut_until_the_certificate_ends() {
    const std::size_t number = any_till();
    if (!works(number) || !tills_[number]->up()) return;
    const std::shared_ptr<Way> way = tills_[number]->way;
    *way = Way{};
    way->cut_there = way->cut_back = true;
    way->silent = dice_.percent(50);
    count("fault: cut off until its certificate has ended");
    const Instant ends = tills_[number]->certificate_life().to;
    tell(tills_[number]->name + " is cut off until its certificate has ended, " + to_rfc3339(ends));
    const Millis left = std::max(Millis{0}, std::chrono::duration_cast<Millis>(ends - agenda_.now()));
    agenda_.after(left + dice_.between(Millis{1'000}, Millis{5 * 60'000}), [this, way, number] {
        tell("the way of " + tills_[number]->name + " is good again");
        *way = Way{};
    });
}

// All machines are off for weeks, some for longer, and clocks without a battery stand still.
void World::season() {
    constexpr int most_seasons = 3;
    constexpr Millis open_at_least{10 * 60'000};
    if (seasons_ == most_seasons || agenda_.now() < open_until_) return;
    ++seasons_;
    count("fault: all is shut for weeks");
    tell("all is shut");
    for (std::size_t i = 0; i < tills_.size(); ++i) end_till(i, Host::End::orderly, "shut for the season");
    end_centre(Host::End::orderly, "shut for the season");
    const Millis by = dice_.between(Millis{std::int64_t{30} * 86'400'000}, Millis{std::int64_t{50} * 86'400'000});
    agenda_.leap(by);
    open_until_ = agenda_.now() + open_at_least;
    tell("all is opened again");
    for (std::size_t i = 0; i < tills_.size(); ++i) {
        Till& till = *tills_[i];
        till.clock.boot();
        if (dice_.percent(20)) {
            count("fault: clock stood still while it was off");
            till.clock.skew -= by;
            stood_still_.insert(i);
        }
        if (put_away_.contains(i) && dice_.percent(50)) {
            put_away_.erase(i);
            agenda_.after(Millis{2'000}, [this, i] { start_till(i); });
        } else if (works(i) && put_away_.size() + 2 < tills_.size() && dice_.percent(25)) {
            count("fault: device put away for a season");
            tell(till.name + " is put away");
            put_away_.insert(i);
        }
        agenda_.after(dice_.between(Millis{30'000}, Millis{90'000}), [this, i] { outlived(i); });
    }
    centre_.clock.boot();
}

// Its certificate ended so long ago that not even its renewal is answered: the venue enrols anew, and the new device
// hands in what the old one wrote.
void World::outlived(std::size_t number) {
    Till& till = *tills_[number];
    if (!works(number) || put_away_.contains(number)) return;
    if (agenda_.now() < till.certificate_life().to + ledger::renewable_after_end) return;
    const bool busy = std::any_of(orders_.begin(), orders_.end(), [number](const OrderPtr& each) { return each->till == number && each->asking; });
    if (busy || !till.up() || till.grew || !centre_.up() || till.machine->trap) {
        agenda_.after(Millis{2'000}, [this, number] { outlived(number); });
        return;
    }
    count("fault: certificate outlived");
    tell(till.name + "'s certificate ended too long ago; the venue enrols anew");
    const auto work = std::make_shared<HandIn>();
    work->device = till.papers().h.text;
    work->venue = till.venue().text;
    {
        const Sound look{till.machine};
        work->pushes = unbooked_of(till.facts().db());
    }
    hand_ins_.push_back(work);
    for (const OrderPtr& order : orders_) {
        if (order->till == number) order->done = true;  // who waits there goes elsewhere
    }
    gone_[number] = true;
    till.end(Host::End::orderly, crash::Damage::drop, dice_.engine());
    open_till(work->venue);
    agenda_.after(Millis{10'000}, [this, work] { hand_in(work); });
}

void World::hand_in(const std::shared_ptr<HandIn>& work) {
    const auto again = [this, work] { agenda_.after(Millis{5'000}, [this, work] { hand_in(work); }); };
    for (std::size_t i = 0; i < tills_.size(); ++i) {
        Till& till = *tills_[i];
        if (!works(i) || !till.up() || till.venue().text != work->venue) continue;
        tell(till.name + " hands in what " + work->device.substr(0, 8) + " wrote");
        till.hand_in(work->device, work->pushes, [this, work, again](bool booked) {
            if (!booked) return again();
            count("branch: journal handed in by another device");
            work->done = true;
        });
        // Where that process ends before it hears, nobody calls.
        agenda_.after(Millis{60'000}, [this, work] {
            if (!work->done) hand_in(work);
        });
        return;
    }
    again();
}

void World::end_of_trouble() {
    faultless_ = true;
    tell("no more faults");
    centre_.machine->trap = {};
    centre_.machine->lose_power_after = -1;
    network_.finds_old.clear();
    put_away_.clear();
    start_centre();
    for (std::size_t i = 0; i < tills_.size(); ++i) {
        Till& till = *tills_[i];
        *till.way = Way{};
        till.machine->trap = {};
        till.machine->lose_power_after = -1;
        till.disk_full = till.killed_as_it_answers = false;
        // Nobody need set right a clock that merely stood still: the ledger tells the time.
        if (!stood_still_.contains(i)) till.clock.skew = Millis{};
        till.clock.drift_ppm = 0;
        start_till(i);
        agenda_.after(Millis{20'000}, [this, i] { outlived(i); });
    }
    for (const OrderPtr& order : orders_) {
        if (order->moves && !order->done && !order->waiting) attempt(order);
    }
}

}  // namespace obol::sim
