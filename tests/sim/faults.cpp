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

}  // namespace

void World::trouble() {
    const int roll = dice_.below(100);
    if (roll < 45) return trouble_on_the_way();
    if (roll < 65) return trouble_with_a_machine();
    if (roll < 72) return trouble_with_a_disk();
    if (roll < 79) return trouble_with_a_clock();
    if (roll < 90) return trouble_at_the_centre();
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
    switch (dice_.below(3)) {
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
        if (dice_.percent(50)) return;
    }
    const Backup backup = *backups_[number];
    backups_[number].reset();
    const bool restored = dice_.percent(50);
    std::optional<agent::Witnessed> witness;
    bool vouched_for = false, runs = true;
    if (restored) {
        if (dice_.percent(60)) witness = till.witness;
        // A state that is known to be behind stops by itself; one of which nobody knows, until somebody answers for it.
        vouched_for = !witness && dice_.percent(60);
        runs = vouched_for;
        if (witness && witness->head.seq == model_.head_remembered(backup.chain)) {
            // Nothing was written since: the same device goes on.
            runs = true;
            count("branch: A7 the witness bears a restored state out");
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
        runs = witness.has_value();
        count("fault: device cloned");
        tell(till.name + ": a clone begins to run");
    }
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
    made.chain = model_.copy_chain(backup.chain, !runs ? Model::Copy::stopped : restored && witness ? Model::Copy::goes_on : Model::Copy::runs, till.chain);
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
    centre_.machine = std::make_shared<crash::Machine>(ledger_backup_->image);
    model_.ledger_forgets(ledger_backup_->last_transfer);
    if (dice_.percent(50)) ledger_backup_.reset();
}

// What a device drew that the ledger has forgotten is in its chain alone (B5).
void World::write_off_in_recovery() {
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

void World::end_of_trouble() {
    faultless_ = true;
    tell("no more faults");
    centre_.machine->trap = {};
    centre_.machine->lose_power_after = -1;
    start_centre();
    for (std::size_t i = 0; i < tills_.size(); ++i) {
        Till& till = *tills_[i];
        *till.way = Way{};
        till.machine->trap = {};
        till.machine->lose_power_after = -1;
        till.disk_full = false;
        till.clock.skew = Millis{};
        till.clock.drift_ppm = 0;
        start_till(i);
    }
    for (const OrderPtr& order : orders_) {
        if (order->moves && !order->done && !order->waiting) attempt(order);
    }
}

}  // namespace obol::sim
