#include "tests/crash/scenarios.hpp"

#include "sync/domain/subject.hpp"

namespace obol::crash {

namespace {

const Currency eur = Currency::parse("EUR").value();

wire::Page page_of(std::int64_t from) {
    wire::Page out;
    out.generation = 1;
    out.from = from;
    out.to = from + 1;
    out.as_of = world().head;
    return out;
}

Deed page_deed(wire::Page page) {
    return uplink_deed("page", [page = std::move(page)](Venue& venue) -> agent::awaitable<void> {
        wire::Page mine = page;
        co_await venue.uplink->apply(std::move(mine));
    });
}

Deed facts_page() {
    wire::Page page = page_of(world().cursor);
    page.facts.push_back({"product", "aroma:C2", false,
                          {{"business", "aroma"}, {"sku", "C2"}, {"name", "Latte"}, {"brand", "Aroma"},
                           {"family", "Coffee"}, {"type", "goods"}}});
    page.balances = {{w1_pocket(), Amount{60'000}, eur}};
    return page_deed(std::move(page));
}

Deed recall_page() {
    wire::Page page = page_of(world().cursor);
    page.recalls = {{w1_pocket(), Amount{20'000}}, {pass_subject(PassId{"p-more"}), Amount{2500}}};
    return page_deed(std::move(page));
}

Deed grant_deed() {
    return uplink_deed("grant", [](Venue& venue) -> agent::awaitable<void> {
        wire::Grant grant;
        grant.ask = world().ask;
        grant.ask_hash = venue.facts().hash_at(world().ask).value();
        grant.lines = {{w1_pocket(), Amount{3000}, eur}};
        std::vector<wire::Grant> grants{grant};
        co_await venue.uplink->take(std::move(grants));
    });
}

Deed snapshot_deed() {
    return uplink_deed("snapshot", [](Venue& venue) -> agent::awaitable<void> {
        wire::Snapshot snapshot;
        snapshot.generation = 1;
        snapshot.cursor = 9;
        snapshot.as_of = world().head - 2;
        Wallet wallet;
        wallet.id = WalletId{"w1"};
        wallet.currency = eur;
        wallet.home = VenueId{"nic"};
        const journal::Value body = journal::to_value(wallet);
        wire::Fact fact;
        fact.kind = "wallet";
        fact.id = "w1";
        fact.body = *body.map();
        snapshot.facts = {fact};
        snapshot.facts.push_back({"business", "aroma", false,
                                  {{"id", "aroma"}, {"name", "Aroma"}, {"currency", "EUR"}, {"zone", "Asia/Nicosia"},
                                   {"cutoff", "04:00"}, {"refund_grace", "P30D"}}});
        snapshot.facts.push_back({"product", "aroma:C1", false,
                                  {{"business", "aroma"}, {"sku", "C1"}, {"name", "Freddo"}, {"brand", "Aroma"},
                                   {"family", "Coffee"}, {"type", "goods"}}});
        snapshot.balances = {{w1_pocket(), Amount{49'000}, eur}};
        co_await venue.uplink->install(std::move(snapshot));
    });
}

Deed acknowledge_deed() {
    return uplink_deed("acknowledge", [](Venue& venue) -> agent::awaitable<void> {
        const journal::Head head{world().head, venue.facts().hash_at(world().head).value()};
        co_await venue.uplink->acknowledge(head);
    });
}

// A checkpoint whenever the WAL holds a few pages, so that it is begun anew in mid-life.
void checkpoint_often(Venue& venue) {
    venue.alone(store_deed("pragma", [](WriteTxn& txn) -> Result<int> {
        txn.db().exec("PRAGMA wal_autocheckpoint=20");
        return 1;
    }));
}

std::vector<Scenario> make_operations() {
    std::vector<Scenario> out;
    const auto add = [&out](std::string name, std::vector<Deeds> groups) {
        out.push_back({.name = std::move(name), .groups = std::move(groups)});
    };
    add("redeem", {{redeem_deed("a", "GIFT2X4567ABC", true)}});
    add("redeem_into_wallet", {{redeem_deed("a", "GIFT2X4567ABC", false)}});
    add("activate", {{activate_deed("a", "DRAF2X4567ABC")}});
    add("purchase", {{purchase_deed("a", 1500)}});
    add("purchase_with_a_lot", {{top_up_deed("a", 900, true)}, {purchase_deed("b", 1500)}});
    add("refund", {{refund_deed("a", world().to_refund, 400)}, {refund_deed("b", world().to_refund, 600)}});
    add("void", {{void_deed("a", world().to_void)}});
    add("top_up", {{top_up_deed("a", 900)}});
    add("group", {{top_up_deed("a", 300), purchase_deed("b", 200), refund_deed("c", world().to_refund, 100),
                   void_deed("d", world().to_void), redeem_deed("e", "MORE2X4567ABC", true)},
                  {purchase_deed("f", 120), top_up_deed("g", 800)}});
    out.back().shares_commits = true;
    add("wrong_pin", {{wrong_pin_deed("a")}, {wrong_pin_deed("b")}, {wrong_pin_deed("c")}});
    add("page", {{facts_page()}});
    add("recall", {{recall_page()}});
    add("grant", {{grant_deed()}, {purchase_deed("a", 51'000)}});
    add("snapshot", {{snapshot_deed()}, {purchase_deed("a", 100)}});
    add("acknowledge", {{acknowledge_deed()}});
    add("generation", {{uplink_deed("adopt", [](Venue& venue) { return venue.uplink->adopt(2); })}});
    add("placement", {{uplink_deed("placement", [](Venue& venue) { return venue.uplink->ask_placement(); })}});
    add("stop_for_good", {{uplink_deed("stop", [](Venue& venue) { return venue.uplink->stop_for_good("cloned"); })}});
    out.back().stopped = true;
    Scenario& long_one = out.emplace_back();
    long_one.name = "checkpoint";
    long_one.begin = checkpoint_often;
    long_one.about_checkpoints = true;
    for (int i = 0; i < 8; ++i) {
        const std::string n = std::to_string(i);
        long_one.groups.push_back({top_up_deed("t" + n, 100 + i), purchase_deed("p" + n, 50 + i)});
    }
    return out;
}

}  // namespace

const std::vector<Scenario>& operations() {
    static const std::vector<Scenario> all = make_operations();
    return all;
}

const Scenario& scenario_named(const std::vector<Scenario>& all, const std::string& name) {
    for (const Scenario& each : all) {
        if (each.name == name) return each;
    }
    throw std::runtime_error("no such scenario: " + name);
}

}  // namespace obol::crash
