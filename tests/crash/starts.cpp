// Starts on what an older program left behind, or on nothing at all.

#include <algorithm>
#include <set>

#include "tests/crash/scenarios.hpp"

namespace obol::crash {

namespace {

constexpr const char* donor = "/state/donor.db";

std::int64_t schema_of(const Image& image) {
    Machine::mount(std::make_shared<Machine>(image));
    sql::Db db{database, sql::Db::Mode::writer, vfs_name};
    return db.value<std::int64_t>("PRAGMA user_version").value();
}

// The operations of a first start on an empty disk.
std::vector<Op> first_start() {
    std::vector<Op> log;
    const auto machine = std::make_shared<Machine>();
    machine->on_change = [&log](const Op& op) { log.push_back(op); };
    Venue venue(machine, story_life);
    if (!venue.open()) throw std::runtime_error("no first start");
    return log;
}

// Each schema as its migration left it, oldest first, the newest not among them: a first start goes through
// them all, so a look at the disk after each of its operations meets each.
std::vector<Image> older_schemas() {
    std::vector<Image> out;
    Disk disk;
    for (const Op& op : first_start()) {
        disk.apply(op);
        if (disk.find(database) == nullptr) continue;
        const Image image = disk.all_kept();
        const auto schema = static_cast<std::size_t>(schema_of(image));
        if (schema == 0) continue;
        if (out.size() < schema) out.resize(schema);
        out[schema - 1] = image;
    }
    out.pop_back();
    return out;
}

// A venue in which every kind of row lies that an older program may have written.
Image lived_in() {
    const auto machine = std::make_shared<Machine>(world().image);
    Venue venue(machine, 3);
    if (!venue.open()) throw std::runtime_error("the world does not open");
    const auto surely = [&venue](const Deed& deed) {
        const Told told = venue.alone(deed);
        if (!told.well()) throw std::runtime_error("no lived-in venue: " + deed.key + ": " + told.text);
    };
    surely(top_up_deed("l-1", 900, true));
    surely(redeem_deed("l-2", "GIFT2X4567ABC", true));
    surely(activate_deed("l-3", "DRAF2X4567ABC"));
    surely(refund_deed("l-4", world().to_refund, 400));
    surely(void_deed("l-5", world().to_void));
    surely(wrong_pin_deed("l-6"));
    surely(store_deed("l-7", [](WriteTxn& txn) -> Result<int> {
        txn.count_wrong_pin(PassId{"p-more"});
        txn.db().exec("INSERT INTO terminal VALUES ('T1', 'Bar', 0);"
                      "INSERT INTO token VALUES ('t', x'01', 'T1', 'cashier', 0, NULL, NULL);"
                      "INSERT INTO pairing VALUES (x'02', 'T1', 'cashier', 0);"
                      "INSERT INTO exception VALUES ('e', 0, 'c', 'd', 1, 5, 'EUR', NULL, NULL);"
                      "INSERT INTO right_was_away VALUES ('elsewhere');"
                      "INSERT INTO elsewhere VALUES ('r', 'elsewhere', 0, x'00');"
                      "INSERT INTO award VALUES ('p', 'o', 'c', 'w');"
                      "INSERT INTO limit_of VALUES ('aroma', 'w', 'l');"
                      "INSERT INTO at_risk VALUES (1, 'business:w:aroma', 5, 'w', 0);"
                      "INSERT INTO print_job VALUES (1, 'j', 'counter', 'receipt', NULL, 1, 'T1', 'waiting', 'paper', '', 1, 0, 0);");
        return 1;
    }));
    venue.close();
    return machine->disk.all_kept();
}

std::vector<std::string> names_of(sql::Db& db, const std::string& sql) {
    std::vector<std::string> out;
    db.each(sql, [&out](sql::Statement& row) { out.push_back(row.text(0)); });
    return out;
}

// The columns that both have, as a list in SQL.
std::string columns_of(sql::Db& db, const std::string& table) {
    std::string out;
    for (const std::string& column :
         names_of(db, "SELECT name FROM pragma_table_info('" + table + "', 'main') INTERSECT "
                      "SELECT name FROM pragma_table_info('" + table + "', 'donor')")) {
        out += (out.empty() ? "\"" : ", \"") + column + "\"";
    }
    return out;
}

// Query -> the rows that it must go on finding.
using Rows = std::map<std::string, std::string>;

struct OldDatabase {
    Image image;
    Rows rows;
};

// The old schema with all the rows for which it has a place.
OldDatabase filled(Image schema, const Image& full) {
    OldDatabase out;
    schema[donor] = full.at(database);
    const auto machine = std::make_shared<Machine>(schema);
    Machine::mount(machine);
    {
        sql::Db db{database, sql::Db::Mode::writer, vfs_name};
        db.exec(std::string("PRAGMA foreign_keys=OFF; ATTACH '") + donor + "' AS donor; BEGIN");
        for (const std::string& table :
             names_of(db, "SELECT name FROM main.sqlite_schema WHERE type = 'table' AND name NOT LIKE 'sqlite_%'")) {
            const std::string columns = columns_of(db, table);
            if (columns.empty()) continue;  // given up since
            db.exec("INSERT INTO main." + table + " (" + columns + ") SELECT " + columns + " FROM donor." + table);
            // What adopting a generation moves, and closes, is the story's own matter.
            const std::string query = table == "ask" ? "SELECT seq, placement, at FROM ask"
                                      : table == "meta"
                                          ? "SELECT key, value FROM meta WHERE key NOT IN ('generation', 'cursor')"
                                          : "SELECT " + columns + " FROM " + table;
            out.rows[query] = lines_of(db, query);
        }
        db.exec("COMMIT; DETACH donor");
    }
    out.image = machine->disk.all_kept();
    out.image.erase(donor);
    return out;
}

std::set<std::string> set_of(const std::string& lines) {
    std::set<std::string> out;
    for (std::size_t from = 0; from < lines.size();) {
        const std::size_t end = lines.find('\n', from);
        out.insert(lines.substr(from, end - from));
        from = end + 1;
    }
    return out;
}

std::string lost_rows(Facts& facts, const Rows& old) {
    for (const auto& [query, lines] : old) {
        const std::set<std::string> now = set_of(lines_of(facts.db(), query));
        for (const std::string& row : set_of(lines)) {
            if (!now.contains(row)) return "a row of the older database is gone: " + query + ": " + row.substr(0, 100) + "\n";
        }
    }
    return {};
}

struct Starts {
    Starts() {
        const Image full = lived_in();
        for (Image& each : older_schemas()) old.push_back(filled(std::move(each), full));
        Deeds adopt{uplink_deed("adopt", [](Venue& venue) { return venue.uplink->adopt(2); })};
        Scenario first;
        first.name = "first_start";
        first.groups = {adopt};
        first.start = &empty;
        first.next_life = story_life;
        first.after = uplink_deed("placement", [](Venue& venue) { return venue.uplink->ask_placement(); });
        all.push_back(first);
        for (std::size_t i = 0; i < old.size(); ++i) {
            Scenario upgrade;
            upgrade.name = start_names()[i + 1];
            upgrade.groups = {adopt};
            upgrade.start = &old[i].image;
            upgrade.next_life = story_life;
            upgrade.keeps = [this, i](Facts& facts) { return lost_rows(facts, old[i].rows); };
            all.push_back(std::move(upgrade));
        }
    }
    const Image empty{};
    std::vector<OldDatabase> old{};
    std::vector<Scenario> all{};
};

}  // namespace

std::vector<std::string> start_names() {
    // A first start leaves the newest.
    static const std::int64_t newest = [] {
        Disk disk;
        for (const Op& op : first_start()) disk.apply(op);
        return schema_of(disk.all_kept());
    }();
    std::vector<std::string> out{"first_start"};
    for (std::int64_t i = 1; i < newest; ++i) out.push_back("upgrade_from_" + std::to_string(i));
    return out;
}

const std::vector<Scenario>& starts() {
    static const Starts* const made = new Starts;  // scenarios point into it
    return made->all;
}

}  // namespace obol::crash
