#include "tests/sim/world.hpp"

#include <algorithm>
#include <nlohmann/json.hpp>
#include <ostream>
#include <sstream>

#include "sync/audit/agent_db.hpp"
#include "sync/audit/ledger_db.hpp"
#include "sync/ledger/store/feed.hpp"
#include "sync/ledger/store/recovery.hpp"
#include "tests/sim/deeds.hpp"

namespace obol::sim {

using nlohmann::json;

namespace {

constexpr std::int64_t risk_cap = 2000;  // of a venue in an outage, a manager's word included
constexpr Millis healing_takes_at_most{10 * 60 * 1000};

void mix(std::uint64_t& digest, ByteView bytes) {
    for (const std::uint8_t byte : bytes) digest = (digest ^ byte) * 1099511628211u;
}

std::string code_from(Dice& dice, std::size_t length, bool digits = false) {
    const std::string letters = digits ? "0123456789" : "ABCDEFGHJKMNPQRSTUVWXYZ23456789";
    std::string out;
    for (std::size_t i = 0; i < length; ++i) out += letters[static_cast<std::size_t>(dice.below(static_cast<int>(letters.size())))];
    return out;
}

const std::vector<std::string> businesses{"aroma", "bake"};

}  // namespace

World::World(std::uint64_t seed, std::ostream* story)
    : seed_(seed), story_(story), dice_(seed * 0x9E3779B97F4A7C15u + 7), centre_(agenda_, seed * 31 + 1),
      network_(agenda_, centre_, seed * 31 + 2) {
    began_ = agenda_.now();
    const int kind = dice_.below(100);
    character_.copies = kind < 15;
    character_.write_offs = kind >= 10 && kind < 25;
    character_.restores = kind >= 25 && kind < 40;
    character_.risks = kind >= 40 && kind < 50;
    character_.reinstalls = dice_.percent(30) && !character_.restores;
    character_.short_lives = dice_.percent(25);
    character_.seasons = !character_.short_lives && kind >= 50 && dice_.percent(30);
    constexpr Millis twenty_days{std::int64_t{20} * 86'400'000};
    if (character_.seasons) centre_.device_life = twenty_days;
    if (character_.short_lives) centre_.device_life = dice_.between(Millis{10 * 60'000}, Millis{40 * 60'000});
    character_.tills = 3 + (dice_.percent(85) ? dice_.below(3) : dice_.below(10));
    character_.deeds = 200 + dice_.below(16);
    character_.trouble = 3 + dice_.below(20);
    centre_.on_broken = [this](const std::string& why) {
        end_centre(centre_.machine->off ? Host::End::power : Host::End::killed, why);
    };
}

World::~World() {
    // What is under way points at all of this.
    for (auto& till : tills_) till->on_broken = {};
    centre_.on_broken = {};
    if (old_) old_->centre->on_broken = {};
    tills_.clear();
}

void World::tell(const std::string& what) {
    if (story_ != nullptr) *story_ << to_rfc3339(agenda_.now()).substr(11) << "  " << what << "\n";
}

// --- the world as it begins -----------------------------------------------------------------------------

std::string World::document() const {
    json all;
    for (const std::string& business : businesses) {
        all["businesses"].push_back({{"id", business}, {"name", business}, {"currency", "EUR"}, {"zone", "Asia/Nicosia"},
                                     {"cutoff", "04:00"}, {"refund_grace", "P30D"}});
        if (character_.risks && allowance_ > 0) {
            const auto caps = [](int part) {
                return json{{"per_transaction", 200 * part}, {"per_subject", 300 * part}, {"per_outage", risk_cap / 4 * part}, {"count", 3 * part}};
            };
            json allowance = caps(allowance_);
            allowance["with_manager"] = caps(2 * allowance_);
            all["businesses"].back()["allowance"] = allowance;
        }
        for (const char* sku : {"C1", "B1"}) {
            all["products"].push_back({{"business", business}, {"sku", sku}, {"name", sku}, {"brand", "B"},
                                       {"family", sku[0] == 'C' ? "Coffee" : "Bread"}, {"type", "goods"}});
        }
        // A pool for everything, and one for coffee that the others honour too; their terms change.
        json any = {{"id", "any-" + business}, {"business", business}, {"name", "Any"}, {"spend_on", "basket"},
                    {"validity", {{"period", pools_changed_ % 3 == 1 ? "P6M" : "P1Y"}}}};
        json coffee = {{"id", "coffee-" + business}, {"business", business}, {"name", "Coffee"},
                       {"products", {{"families", {"Coffee"}}}},
                       {"locations", {{"businesses", {"aroma", "bake"}}}},
                       {"spend_on", pools_changed_ % 2 == 0 ? "basket" : "matching_lines"}};
        all["pools"].push_back(any);
        all["pools"].push_back(coffee);
        all["offers"].push_back({{"id", "cashback-" + business}, {"business", business}, {"name", "Cashback"}, {"currency", "EUR"},
                                 {"claim", "automatic"}, {"products", {{"families", {"Coffee"}}}},
                                 {"reward", {{"basis_points", 500 + 100 * (pools_changed_ % 3)}}},
                                 {"pool", "any-" + business}, {"uses", 6 + pools_changed_ % 4}});
        const auto plan = [&](const std::string& id, bool printed, bool pin, json value, const std::string& pool, int length) {
            json made = {{"id", id + "-" + business}, {"business", business}, {"name", id}, {"type", "gift"}, {"printed", printed},
                         {"currency", "EUR"}, {"value", value}, {"pin", pin}, {"offline", true},
                         {"code", {{"alphabet", "alphanumeric"}, {"length", length}}}};
            if (!pool.empty()) made["pool"] = pool + "-" + business;
            all["plans"].push_back(made);
        };
        plan("gift", true, true, {{"min", 500}, {"max", 5000}}, "coffee", 13);
        plan("plain", true, false, {{"min", 500}, {"max", 5000}}, "any", 12);
        plan("any", false, false, {{"min", 500}, {"max", 5000}}, "", 16);
    }
    for (std::size_t i = 0; i < venues_.size(); ++i) {
        all["venues"].push_back({{"id", venues_[i]}, {"business", businesses[i % 2]}, {"name", venues_[i]}, {"zone", "Asia/Nicosia"}});
    }
    if (pools_changed_ > 0) return all.dump();
    for (std::size_t i = 0; i < passes_.size(); ++i) {
        const PassCard& pass = passes_[i];
        json made = {{"id", pass.id}, {"plan", pass.plan}, {"code", pass.code}, {"state", pass.draft ? "draft" : "active"}};
        if (!pass.pin.empty()) made["pin"] = pass.pin;
        made["value"] = pass.value;
        if (i % 4 != 3) made["venue"] = venues_[i % venues_.size()];
        all["passes"].push_back(made);
    }
    for (std::size_t i = 0; i < wallets_.size(); ++i) {
        const std::string& id = wallets_[i];
        all["contacts"].push_back({{"id", "c-" + id}, {"name", "Name " + id}, {"phone", "+3579900000" + std::to_string(i)}, {"segments", json::array()}});
        json wallet = {{"id", id}, {"contact", "c-" + id}, {"currency", "EUR"}, {"personal", 100 * static_cast<int>(i)}};
        if (i % 3 != 2) wallet["home"] = venues_[i % venues_.size()];
        for (const std::string& business : businesses) {
            wallet["pockets"].push_back({{"business", business}, {"open", 1000 + 500 * static_cast<int>(i)},
                                         {"lots", {{{"pool", "coffee-" + business}, {"amount", 2000}}}}});
        }
        all["wallets"].push_back(wallet);
    }
    return all.dump();
}

std::optional<Papers> World::papers_for(const std::string& venue) {
    crypto::SigningKey key = crypto::SigningKey::generate(centre_.random);
    Papers papers;
    papers.key = std::string(key.to_pem().reveal());
    papers.h = DeviceId{crypto::device_id_of(key.public_key())};
    const auto enrolled = centre_.enrol(VenueId{venue}, crypto::make_csr(key, "device"));
    if (!enrolled) return std::nullopt;  // another token, later
    papers.enrolled = *enrolled;
    return papers;
}

void World::open_till(const std::string& venue) {
    std::optional<Papers> papers = papers_for(venue);
    if (!papers) {
        agenda_.after(Millis{5'000}, [this, venue] { open_till(venue); });
        return;
    }
    const std::size_t number = tills_.size();
    tills_.push_back(std::make_unique<Till>(agenda_, network_, std::move(*papers), seed_ * 1000 + ++last_life_));
    gone_.push_back(false);
    backups_.emplace_back();
    Till& till = *tills_[number];
    till.chain = model_.new_chain(till.papers().h.text);
    till.tell = [this](const std::string& what) { tell(what); };
    till.on_broken = [this, number](const std::string& why) {
        end_till(number, tills_[number]->machine->off ? Host::End::power : Host::End::killed, why);
    };
    start_till(number);
}

void World::set_up() {
    start_centre();
    for (int i = 0; i < character_.tills; ++i) venues_.push_back(std::string("v") + static_cast<char>('a' + i) + "x");
    for (int i = 0; i < 6; ++i) wallets_.push_back("w" + std::to_string(i));
    for (int i = 0; i < 16; ++i) {
        const std::string business = businesses[static_cast<std::size_t>(i % 2)];
        const bool pin = i % 3 != 0;
        PassCard pass;
        pass.id = "p" + std::to_string(i);
        pass.code = code_from(dice_, pin ? 13 : 12);
        if (pin) pass.pin = code_from(dice_, 4, true);
        if (pass.pin == "9999") pass.pin = "1234";
        pass.plan = (pin ? "gift-" : "plain-") + business;
        pass.value = 500 + 100 * dice_.below(40);
        pass.draft = i % 5 == 4;
        passes_.push_back(pass);
    }
    if (!centre_.import(document())) throw Violation("the world cannot be made");
    model_.read_centre(centre_.db());
    if (character_.risks) model_.allow_risk(risk_cap);
    model_.begin_with(Model::purses_of(centre_.db()));
    for (const std::string& venue : venues_) open_till(venue);
    live(Millis{5'000});
}

// --- time -----------------------------------------------------------------------------------------------

void World::live(Millis time) {
    const Instant until = agenda_.now() + time;
    do observe();
    while (agenda_.next(until));
}

void World::observe() {
    for (auto& till : tills_) {
        if (!till->up()) continue;
        if (till->carrier().told_behind) check_stopped(*till);
        if (!till->grew) continue;
        till->grew = false;
        const Sound look{till->machine};
        model_.read_till(till->chain, till->facts().db());
    }
}

// Where the disk took it at once, a device that was told so has stopped before anybody looks again; elsewhere as soon
// as it can. What was under way as it heard of it may still be written.
void World::check_stopped(Till& till) {
    constexpr std::int64_t under_way = 4;
    const Carrier::Own told = *till.carrier().told_behind;
    const Sound look{till.machine};
    const bool stopped = till.facts().meta("stopped_why").has_value();
    const bool goes_on = told.sound_disk && !stopped && till.runner().up();
    if (!goes_on && till.facts().head().seq <= told.head + under_way) return;
    throw Violation("A7: " + till.name + " was told at its entry " + std::to_string(told.head) +
                    " that the ledger knows more of its chain, and goes on");
}

void World::check(bool whole) {
    observe();
    if (!centre_.up()) return;
    const Sound look{centre_.machine};
    sql::Db& db = centre_.db();
    // Where nothing was written, neither here nor at a till, all is as it was when it was looked at last.
    const std::array<std::int64_t, 3> now{model_.entries(), centre_.starts(), db.value<std::int64_t>("SELECT total_changes()").value_or(0)};
    if (now != looked_at_) {
        model_.read_centre(db);
        const bool recovery = db.value<std::int64_t>("SELECT value FROM meta WHERE key = 'recovery'").value_or(0) != 0;
        if (recovery != in_recovery_) count(recovery ? "branch: L6 recovery begins" : "branch: L7 recovery ends");
        in_recovery_ = recovery;
        check_old_ledger();
        model_.check_ledger(db, recovery);
        if (character_.risks) model_.check_named_risks(centre_.books());
        looked_at_ = now;
    }
    if (!whole) return;
    check_causes();
    model_.check_folds(db);
    model_.check_transfers(db);
    if (!character_.restores) check_as_of(db);
}

// A7 is for copies, for states that were put back and for who was given up. Nobody else stops.
void World::check_causes() {
    for (const auto& till : tills_) {
        if (!till->up() || may_stop_.contains(till->papers().h.text)) continue;
        const Sound look{till->machine};
        if (const auto why = till->facts().meta("stopped_why")) throw Violation("A7: " + till->name + " has stopped for no cause: " + *why);
    }
}

// L8: what has met a generation above its own grants nothing more.
void World::check_old_ledger() {
    if (!old_ || !old_->centre->up()) return;
    const Sound look{old_->centre->machine};
    sql::Db& db = old_->centre->db();
    model_.done_elsewhere(db, old_->last_transfer);
    const bool replaced = ledger::later_ledger_seen(db);
    if (replaced && !ledger::era(db).recovery) throw Violation("L8: a ledger that has met a later generation would grant");
    db.each("SELECT h, seq FROM ask WHERE state = 'granted'", [&](sql::Statement& row) {
        const bool news = old_->granted.insert(row.text(0) + " " + std::to_string(row.integer(1))).second;
        if (!news) return;
        count("branch: L8 granted by a ledger that was replaced");
        if (old_->knows && replaced) throw Violation("L8: a ledger that has met a later generation grants " + row.text(0) + " what it asked");
    });
    if (replaced && !old_->knows) count("branch: L8 a later generation is met");
    old_->knows = replaced;
}

// A8: no balance that a till was told includes more of its entries than the ledger has booked.
void World::check_as_of(sql::Db& ledger) {
    for (const auto& till : tills_) {
        if (!till->up()) continue;
        const Sound look{till->machine};
        const std::int64_t told = till->facts().db().value<std::int64_t>("SELECT max(as_of) FROM balance").value_or(0);
        const std::int64_t booked = ledger.value<std::int64_t>("SELECT head_seq FROM holder WHERE h = ?", till->papers().h.text).value_or(0);
        if (told > booked) {
            throw Violation("A8: " + till->name + " was told balances as of its entry " + std::to_string(told) + "; the ledger has booked " +
                            std::to_string(booked));
        }
    }
}

void World::start_centre() {
    if (centre_.up()) return;
    const auto needs_restore = [](const Result<void>& started) {
        return !started && (started.error().code == "ledger_fell_back" || started.error().code == "issued_keys_missing");
    };
    if (restore_said_ && centre_.restore()) {
        restore_said_ = false;
        fell_back_from_.reset();
    }
    auto started = restore_said_ ? Result<void>(Fault{"database_unusable", "the restore failed"}) : centre_.start();
    if (needs_restore(started)) {
        count("branch: L6 a database that was put back is noticed at the start");
        tell("the ledger does not start: " + started.error().code);
        restore_said_ = true;
    }
    if (started) {
        tell("the ledger runs");
        const Sound look{centre_.machine};
        if (const auto before = std::exchange(fell_back_from_, std::nullopt)) {
            model_.forgotten_grants(*before, centre_.db());
            count("branch: B2 a fall-back that nobody noticed at the start");
        }
        model_.read_centre(centre_.db());
        return;
    }
    tell("the ledger does not start: " + started.error().detail);
    agenda_.after(Millis{5'000}, [this] { start_centre(); });
}

void World::start_till(std::size_t number) {
    Till& till = *tills_[number];
    if (till.up() || gone_[number] || put_away_.contains(number)) return;
    const auto started = till.start();
    if (!started) {
        tell(till.name + " does not start: " + started.error().code + " " + started.error().detail);
        agenda_.after(Millis{5'000}, [this, number] { start_till(number); });
        return;
    }
    if (till.doubted() && !till.may_be_doubted) throw Violation("A7: " + till.name + " doubts its own state, which nobody touched");
    if (!till.up()) return;
    tell(till.name + " runs");
    observe();
    if (till.up()) resolve(number);
}

void World::end_till(std::size_t number, Host::End how, const std::string& why) {
    Till& till = *tills_[number];
    if (!till.up()) return;
    tell(till.name + " ends: " + why);
    const crash::Damage damage = dice_.percent(70) ? crash::Damage::drop : dice_.of(std::vector<crash::Damage>(std::begin(crash::damages), std::end(crash::damages)));
    till.end(how, damage, dice_.engine());
    // What the system had not written back, and what the thread that writes it had not done.
    const Millis unwritten = how == Host::End::power ? dice_.between(Millis{0}, written_back_within) : Millis{dice_.below(2)};
    if (how != Host::End::orderly && till.lose_unwritten_witness(unwritten)) count("fault: witness lags");
    agenda_.after(faultless_ ? Millis{1000} : dice_.between(Millis{1000}, Millis{40'000}), [this, number] { start_till(number); });
}

void World::end_centre(Host::End how, const std::string& why) {
    if (!centre_.up()) return;
    tell("the ledger ends: " + why);
    const crash::Damage damage = dice_.percent(70) ? crash::Damage::drop : dice_.of(std::vector<crash::Damage>(std::begin(crash::damages), std::end(crash::damages)));
    centre_.end(how, damage, dice_.engine());
    agenda_.after(faultless_ ? Millis{1000} : dice_.between(Millis{1000}, Millis{30'000}), [this] { start_centre(); });
}

// --- a life ---------------------------------------------------------------------------------------------

void World::run() {
    set_up();
    check(true);
    for (int i = 0; i < character_.deeds; ++i) {
        if (dice_.percent(character_.trouble)) trouble();
        deed();
        const int gap = dice_.below(100);
        if (gap < 20) live(Millis{0});  // several at once
        else if (gap < 85) live(dice_.between(Millis{20}, Millis{4'000}));
        else if (gap < 99) live(dice_.between(Millis{4'000}, Millis{60'000}));
        else live(dice_.between(Millis{60'000}, Millis{20 * 60'000}));
        check(i % 6 == 0);
    }
    heal();
}

bool World::quiet() {
    if (!centre_.up()) return false;
    if (std::any_of(hand_ins_.begin(), hand_ins_.end(), [](const auto& each) { return !each->done; })) return false;
    // A ledger that was put back counts its changes from further back; who has not heard of it is not quiet.
    const std::int64_t generation = ledger::era(centre_.db()).generation;
    const std::int64_t change = centre_.db().value<std::int64_t>("SELECT coalesce(max(n), 0) FROM change").value_or(0);
    for (std::size_t i = 0; i < tills_.size(); ++i) {
        Till& till = *tills_[i];
        if (gone_[i]) continue;
        if (!till.up()) return false;
        agent::Facts& facts = till.facts();
        if (facts.meta("stopped_why")) continue;
        if (facts.acked_seq() != facts.head().seq) return false;
        const auto known = facts.db().value<std::int64_t>("SELECT value FROM meta WHERE key = 'generation'").value_or(0);
        if (known < generation) return false;
        const auto cursor = facts.db().value<std::int64_t>("SELECT value FROM meta WHERE key = 'cursor'").value_or(0);
        if (cursor < change) return false;
    }
    for (const OrderPtr& order : orders_) {
        if (order->moves && !order->done && works(order->till)) return false;
    }
    return true;
}

void World::heal() {
    end_of_trouble();
    const Instant began = agenda_.now();
    int still = 0;  // quiet for so many seconds
    while (still < 3) {
        live(Millis{1'000});
        for (std::size_t i = 0; i < tills_.size(); ++i) {
            if (works(i)) tills_[i]->disk_full = false;
        }
        still = quiet() ? still + 1 : 0;
        if (agenda_.now() - began > healing_takes_at_most) {
            std::string who;
            for (std::size_t i = 0; i < tills_.size(); ++i) {
                if (!works(i) || !tills_[i]->up()) continue;
                agent::Facts& facts = tills_[i]->facts();
                who += " " + tills_[i]->name + " acked " + std::to_string(facts.acked_seq()) + " of " + std::to_string(facts.head().seq) +
                       " link " + (tills_[i]->runner().up() ? "up" : "down: " + tills_[i]->runner().state().why) +
                       (facts.meta("stopped_why") ? " stopped" : "");
            }
            for (const OrderPtr& order : orders_) {
                if (order->moves && !order->done && works(order->till)) who += " " + order->kind + " " + order->key + " undone";
            }
            throw Violation("not healed after ten minutes without a fault:" + who);
        }
    }
    check(true);
    if (in_recovery_) throw Violation("I5: all devices have come back, and recovery has not ended");
    compare_views();
    if (!model_.exposed()) {
        const bool unheard = std::any_of(orders_.begin(), orders_.end(), [](const OrderPtr& each) { return each->kind == "issue" && !each->effected; });
        model_.compare_purses(centre_.db(), unheard);
    }
    audit();
}

// Every venue shows of each subject that it knows what the ledger has.
void World::compare_views() {
    std::map<std::string, std::int64_t> values;
    centre_.db().each("SELECT s.subject, " + std::string(ledger::told_value) + " FROM subject s",
                      [&](sql::Statement& row) { values[row.text(0)] = row.integer(1); });
    for (std::size_t i = 0; i < tills_.size(); ++i) {
        if (!works(i) || tills_[i]->facts().meta("stopped_why")) continue;
        tills_[i]->facts().db().each("SELECT subject, shown FROM balance WHERE subject NOT LIKE 'right:%'", [&](sql::Statement& row) {
            const auto value = values.find(row.text(0));
            const std::int64_t at_ledger = value == values.end() ? 0 : value->second;
            if (row.integer(1) != at_ledger) {
                throw Violation(tills_[i]->name + " shows " + std::to_string(row.integer(1)) + " of " + row.text(0) +
                                "; at the ledger it is " + std::to_string(at_ledger));
            }
        });
    }
}

// What is raised has a cause in this world.
void World::look_at_exceptions() {
    centre_.db().each("SELECT code, detail FROM exception", [&](sql::Statement& row) {
        const std::string code = row.text(0), detail = row.text(1);
        count("branch: exception " + code);
        static const std::set<std::string> harmless{"limit_reached", "offer_used_up", "enrolment_refused", "written_off", "device_behind", "ledger_behind"};
        const bool at_risk = character_.risks && (code == "allowance_overspent" || code == "allowance_exceeded");
        // A venue that had not heard of it yet took what an operator had blocked.
        const bool blocked = blocked_ && code == "unknown_pass_state" && detail.ends_with(" is blocked here");
        // After a restore the chains come back venue by venue: a void before its purchase, a purchase before the top-up
        // elsewhere that made its lot.
        const bool out_of_order = character_.restores && code == "replay_mismatch" &&
                                  (detail.find("not in the books") != std::string::npos || detail.find("is not known here") != std::string::npos);
        const bool forgotten = character_.restores && code == "unknown_grant";
        if (!model_.exposed() && !harmless.contains(code) && !at_risk && !blocked && !out_of_order && !forgotten) {
            throw Violation("the ledger raised " + code + ": " + detail);
        }
    });
}

// The independent auditor reads every database.
void World::audit() {
    audit::Known known;
    const auto judge = [&](const std::string& name, auto check_it) {
        std::ostringstream out;
        audit::Report report(out, false, name);
        check_it(report);
        if (report.findings() > 0) throw Violation("the auditor finds: " + out.str());
        count("audited databases");
    };
    for (std::size_t i = 0; i < tills_.size(); ++i) {
        if (!works(i)) continue;
        Till& till = *tills_[i];
        const auto key = till.key().public_key();
        known.keys[till.papers().h.text] = key;

        const auto differs = till.facts().db().value<std::string>("SELECT detail FROM exception WHERE code = 'reconciliation_difference'");
        if (differs && !model_.exposed()) throw Violation(till.name + ": reconciliation: " + *differs);
        judge(till.name, [&](audit::Report& report) { audit::audit_agent(till.facts().db(), report, known); });
        mix(digest_, ByteView(till.facts().head().hash));
    }
    judge("ledger", [&](audit::Report& report) { audit::audit_ledger(centre_.db(), report); });
    look_at_exceptions();
    for (const auto& till : tills_) {
        if (till->up() && till->facts().meta("stopped_why")) count("branch: A7 stopped for good");
    }
    centre_.db().each("SELECT status, count(*) FROM holder GROUP BY status",
                      [](sql::Statement& row) { count("branch: holder " + row.text(0), row.integer(1)); });
}

}  // namespace obol::sim
