#pragma once
// One run: a ledger, its venues, what customers and operators do there and what goes wrong meanwhile, all
// of it drawn from one seed.

#include <array>
#include <iosfwd>
#include <memory>
#include <optional>
#include <set>
#include <string>
#include <vector>

#include "tests/sim/model.hpp"
#include "tests/sim/till.hpp"

namespace obol::sim {

// What a run may have beside the faults that every run has. Without any of them the exposure is zero.
struct Character {
    bool copies = false, write_offs = false, reinstalls = false;
    bool restores = false;  // of the ledger, from an older backup
    bool risks = false;     // venues may spend beyond what they hold while they are cut off
    bool short_lives = false;  // certificates end within the hour
    bool seasons = false;      // all is shut for weeks
    int tills = 3, deeds = 200;
    int trouble = 10;  // percent of steps that bring a fault
};

class World {
public:
    World(std::uint64_t seed, std::ostream* story);
    ~World();

    // Throws Violation.
    void run();
    std::uint64_t digest() const { return digest_; }  // of everything that was written: equal seeds, equal digests
    Millis lived() const { return agenda_.now() - began_; }
    int deeds() const { return deeds_done_; }

private:
    struct Order;  // something that a customer wants, with its key
    using OrderPtr = std::shared_ptr<Order>;
    struct PassCard {
        std::string id, code, pin, plan;
        std::int64_t value = 0;
        bool draft = false;
    };
    struct Bought {
        std::string id, wallet;
        std::size_t till = 0;
        std::int64_t spent = 0, undone = 0;
    };
    struct Sold {
        std::string activation, pass;
        std::size_t till = 0;
        std::int64_t value = 0;
    };
    struct Backup {
        crash::Image image;
        int chain = -1;
        std::optional<agent::Witnessed> witness{};
    };
    // It runs on beside the one that was restored in its place.
    struct OldLedger {
        std::unique_ptr<Centre> centre;
        std::int64_t last_transfer = 0;
        std::set<std::string> granted{};
        bool knows = false;  // that it was replaced
    };

    // What a device wrote that is heard no more.
    struct HandIn {
        std::string device, venue;
        std::vector<wire::Push> pushes{};
        bool done = false;
    };

    // --- world.cpp: the frame ----------------------------------------------------------------------------
    void set_up();
    void open_till(const std::string& venue);
    void live(Millis time);  // lets things happen, looking after each
    void observe();
    void check(bool whole);
    void check_as_of(sql::Db& ledger);
    void check_stopped(Till& till);
    void check_causes();
    void check_old_ledger();
    void heal();
    bool quiet();
    void compare_views();
    void audit();
    void look_at_exceptions();
    void start_till(std::size_t number);
    void start_centre();
    void end_till(std::size_t number, Host::End how, const std::string& why);
    void end_centre(Host::End how, const std::string& why);
    std::optional<Papers> papers_for(const std::string& venue);
    void tell(const std::string& what);
    std::size_t any_till() { return static_cast<std::size_t>(dice_.below(static_cast<int>(tills_.size()))); }
    bool works(std::size_t number) const { return !gone_[number]; }

    // --- deeds.cpp: customers and operators --------------------------------------------------------------
    void deed();
    void attempt(const OrderPtr& order);
    void heard(const OrderPtr& order, const Told& told);
    void take_effect(const OrderPtr& order, int status, const std::string& body);
    void resolve(std::size_t till);  // after a restart its database tells what came of what was under way
    OrderPtr order_for(std::size_t till);
    OrderPtr make(std::string kind, std::size_t till, Use use);
    OrderPtr top_up(std::size_t till);
    OrderPtr purchase(std::size_t till);
    OrderPtr quote(std::size_t till);
    OrderPtr redeem(std::size_t till);
    OrderPtr check_pass(std::size_t till);
    OrderPtr activate(std::size_t till);
    OrderPtr void_activation(std::size_t till);
    OrderPtr unlock(std::size_t till);
    OrderPtr give_back(std::size_t till, bool whole);
    OrderPtr issue(std::size_t till);
    OrderPtr lookup(std::size_t till);
    void operator_deed();
    void change_allowance();
    std::string any_wallet() { return wallets_[static_cast<std::size_t>(dice_.below(static_cast<int>(wallets_.size())))]; }
    PassCard* any_pass(bool draft);
    std::string document() const;

    // --- faults.cpp --------------------------------------------------------------------------------------
    void trouble();
    void trouble_on_the_way();
    void trouble_with_a_machine();
    void trouble_with_a_disk();
    void trouble_with_a_clock();
    void trouble_at_the_centre();
    void copy_a_device();
    void put_back(std::size_t till, bool after_power_loss);
    void run_copy(std::size_t till, const Backup& backup, bool restored);
    void write_off_a_device();
    void reinstall();
    void trouble_with_a_backup();  // of the ledger
    void put_back_the_ledger();
    void old_ledger_runs_on();
    void goes_to(std::size_t till, bool old);
    void cut_until_the_certificate_ends();
    void season();
    void outlived(std::size_t till);
    void hand_in(const std::shared_ptr<HandIn>& work);
    void write_off_in_recovery();
    void end_of_trouble();

    std::uint64_t seed_;
    std::ostream* story_;
    Agenda agenda_{};
    Instant began_{};
    Dice dice_;
    Character character_{};
    std::uint64_t digest_ = 14695981039346656037u;
    Centre centre_;
    Network network_;
    Model model_{};
    std::vector<std::unique_ptr<Till>> tills_{};
    std::vector<bool> gone_{};         // lost or replaced: nobody works there any more
    std::set<std::string> may_stop_{};  // keys that ran in copies, or were given up
    std::set<std::size_t> put_away_{};     // in a cupboard, switched off
    std::set<std::size_t> stood_still_{};  // clocks
    std::vector<std::shared_ptr<HandIn>> hand_ins_{};
    int seasons_ = 0;
    Instant open_until_{};
    std::vector<std::string> venues_{};
    std::vector<std::string> wallets_{};
    std::vector<PassCard> passes_{};
    std::vector<Bought> bought_{};
    std::vector<Sold> sold_{};
    std::vector<OrderPtr> orders_{};
    std::vector<std::optional<Backup>> backups_{};
    struct LedgerBackup {
        crash::Image image;
        std::int64_t last_transfer = 0;
    };
    std::optional<LedgerBackup> ledger_backup_{};
    std::optional<std::map<std::string, std::int64_t>> fell_back_from_{};  // what each device held by then
    std::optional<OldLedger> old_{};
    std::vector<std::unique_ptr<Centre>> old_ones_{};  // that run no more
    int allowance_ = 2;  // halves of what was allowed at first
    bool blocked_ = false;  // a pass, by an operator
    bool restore_said_ = false;  // an operator says that it was put back
    int deeds_done_ = 0, last_key_ = 0, pools_changed_ = 0;
    std::uint64_t last_life_ = 1;
    bool faultless_ = false;  // at the end
    bool in_recovery_ = false;
    std::array<std::int64_t, 3> looked_at_{-1, -1, -1};  // entries of all tills, starts and changes of the ledger
};

}  // namespace obol::sim
