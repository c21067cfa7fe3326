#include "tests/crash/judge.hpp"

#include <algorithm>
#include <map>

#include "sync/domain/subject.hpp"
#include "sync/journal/records.hpp"

namespace obol::crash {

std::string lines_of(sql::Db& db, const std::string& sql) {
    std::string out;
    db.each(sql, [&out](sql::Statement& row) {
        for (int c = 0; c < row.columns(); ++c) {
            out += row.null(c) ? "NULL" : row.text(c);
            out += '|';
        }
        out += '\n';
    });
    return out;
}

namespace {

// A query that must find nothing.
void none(sql::Db& db, std::string& out, const std::string& what, const std::string& sql) {
    const std::string found = lines_of(db, sql);
    if (!found.empty()) out += what + ": " + found.substr(0, 300) + "\n";
}

std::string chain_faults(Facts& facts, const crypto::SigningKey& key) {
    const DeviceId device{crypto::device_id_of(key.public_key())};
    std::string out;
    journal::Head at;
    std::map<Subject, Amount> fold;
    std::map<std::int64_t, Bytes> signatures;
    facts.db().each("SELECT seq, signature FROM head_signature",
                    [&](sql::Statement& row) { signatures[row.integer(0)] = row.blob(1); });
    std::int64_t signed_to = 0;
    for (const auto& [seq, body] : facts.bodies(1, 1'000'000)) {
        const Result<journal::Entry> entry = journal::follow(at, body);
        if (!entry) return "chain: " + entry.error().detail + "\n";
        at = {seq, journal::hash_of(body)};
        if (facts.hash_at(seq) != at.hash) out += "hash of entry " + std::to_string(seq) + "\n";
        if (const auto found = signatures.find(seq); found != signatures.end()) {
            // The world's own were checked when it was made, and opening checks the head again.
            const bool old = seq <= world().head;
            if (!old && !crypto::verify(key.public_key(), journal::signed_text(device, at), found->second)) {
                out += "signature of entry " + std::to_string(seq) + "\n";
            }
            signed_to = seq;
        }
        std::vector<journal::Posting> stored;
        facts.db().each(
            "SELECT account, minor, currency FROM posting WHERE seq = ? ORDER BY n",
            [&](sql::Statement& row) {
                const std::string code = row.text(2);
                stored.push_back({row.text(0), Amount{row.integer(1)},
                                  code == "XXX" ? Currency::none() : Currency::parse(code).value()});
            },
            seq);
        if (stored != entry->postings) out += "postings of entry " + std::to_string(seq) + "\n";
        if (!journal::balanced(stored)) out += "unbalanced: entry " + std::to_string(seq) + "\n";
        const auto record = journal::from_detail(entry->kind, entry->detail);
        if (!record) return out + "record: " + record.error().detail + "\n";
        for (const auto& move : journal::held_moves(*record, entry->postings)) fold[move.subject] += move.amount;
    }
    if (signed_to != at.seq) out += "the head is not signed\n";
    if (at != facts.head()) out += "the head is another\n";
    std::erase_if(fold, [](const auto& one) { return one.second == Amount{}; });
    std::map<Subject, Amount> held;
    for (const auto& line : facts.held_all()) held[line.subject] = line.amount;
    if (held != fold) out += "held is not the fold of the chain\n";
    return out;
}

}  // namespace

std::string dump(Facts& facts) {
    std::vector<std::string> tables;
    facts.db().each("SELECT name FROM sqlite_schema WHERE type = 'table' ORDER BY name",
                    [&](sql::Statement& row) { tables.push_back(row.text(0)); });
    std::string out;
    for (const std::string& table : tables) {
        if (table.starts_with("sqlite_")) continue;
        out += "# " + table + "\n" + lines_of(facts.db(), "SELECT * FROM \"" + table + "\"");
    }
    return out;
}

std::string faults_of(Facts& facts, const crypto::SigningKey& key, bool file_too) {
    sql::Db& db = facts.db();
    std::string out;
    if (file_too) {
        const std::string sound = db.value<std::string>("PRAGMA integrity_check").value_or("");
        if (sound != "ok") return "integrity_check: " + sound + "\n";
        none(db, out, "foreign keys", "PRAGMA foreign_key_check");
    }
    out += chain_faults(facts, key);
    none(db, out, "shown is not central plus own entries after it",
         "SELECT b.subject, b.shown, b.central, b.as_of FROM balance b WHERE b.shown <> b.central + "
         "(SELECT coalesce(sum(p.minor), 0) FROM posting p WHERE p.account = b.subject AND p.seq > b.as_of)");
    none(db, out, "held in all is not the sum of what is held",
         "SELECT currency, minor FROM held_total t WHERE minor <> (SELECT coalesce(sum(h.minor), 0) FROM held h "
         "WHERE h.currency = t.currency) UNION SELECT currency, minor FROM held WHERE currency <> 'XXX' AND currency "
         "NOT IN (SELECT currency FROM held_total)");
    none(db, out, "an operation without its answer",
         "SELECT ref, kind FROM operation o WHERE NOT EXISTS (SELECT 1 FROM answer a WHERE a.seq = o.seq)");
    none(db, out, "an answer without its entry",
         "SELECT key FROM answer a WHERE a.status < 300 AND NOT EXISTS (SELECT 1 FROM operation o WHERE o.seq = a.seq)");
    none(db, out, "receipt numbers have gaps",
         "SELECT value FROM meta WHERE key = 'receipt_number' AND value <> "
         "(SELECT count(DISTINCT receipt) FROM operation WHERE receipt IS NOT NULL)");
    none(db, out, "an ask that no entry made",
         "SELECT seq FROM ask WHERE NOT EXISTS (SELECT 1 FROM entry e WHERE e.seq = ask.seq AND e.kind = 'authority_asked')");
    return out;
}

std::string totals(Facts& facts) {
    return lines_of(facts.db(), "SELECT kind, count(*) FROM entry GROUP BY kind") +
           lines_of(facts.db(), "SELECT substr(account, 1, instr(account, ':')), sum(minor), currency FROM posting "
                                "GROUP BY 1, 3 ORDER BY 1, 3") +
           lines_of(facts.db(), "SELECT substr(subject, 1, instr(subject, ':')), sum(minor), currency FROM held "
                                "GROUP BY 1, 3 ORDER BY 1, 3") +
           lines_of(facts.db(), "SELECT count(*) FROM answer");
}

// --- a scenario on a sound machine ----------------------------------------------------------------------

Story::Story(const Scenario& of) : scenario(of), start(of.start ? *of.start : world().image) {
    for (const Deeds& group : of.groups) {
        for (const Deed& deed : group) deeds.push_back(&deed);
    }
    const auto machine = std::make_shared<Machine>(start);
    machine->on_change = [this](const Op& op) { log.push_back(op); };
    {
        Venue venue(machine, story_life);
        if (const Result<void> opened = venue.open(); !opened) {
            throw std::runtime_error(of.name + ": " + opened.error().code + " " + opened.error().detail);
        }
        if (of.begin) of.begin(venue);
        std::size_t first = 0;
        for (const Deeds& group : of.groups) {
            venue.together(group, [&](std::size_t i, const Told& told) {
                if (!told.well()) throw std::runtime_error(of.name + ": " + told.text);
                acks.push_back({log.size(), first + i, told});
            });
            first += group.size();
            group_ends.push_back(log.size());
        }
        ending = totals(venue.facts());
    }
    // What a look at the files finds after each operation: nothing but whole groups, in their order.
    Disk disk(start);
    for (std::size_t done = 0; done <= log.size(); ++done) {
        if (done > 0) disk.apply(log[done - 1]);
        std::string fault;
        std::string state = state_at(disk.all_kept(), &fault);
        if (!fault.empty()) {
            throw std::runtime_error(of.name + ": the process ends after operation " + std::to_string(done) + ": " + fault);
        }
        if (states.empty() || states.back() != state) states.push_back(std::move(state));
        visible.push_back(states.size() - 1);
    }
    check_answers();
}

// Who is told that it is done finds it done: nothing of a group becomes visible after its answers. What lay
// on the disk when an answer left is no measure of that by itself, since an answer may leave too early.
void Story::check_answers() const {
    std::size_t group = 0, last = scenario.groups[0].size();
    for (const std::size_t end : group_ends) {
        const std::size_t begin = group == 0 ? visible.front() : visible[group_ends[group - 1]];
        if (visible[end] == begin) throw std::runtime_error(scenario.name + ": a group of deeds changes nothing");
        for (const Ack& ack : acks) {
            if (ack.deed < last - scenario.groups[group].size() || ack.deed >= last) continue;
            if (visible[ack.after] == visible[end]) continue;
            throw std::runtime_error(scenario.name + ": " + deeds[ack.deed]->key + " was answered before it was done");
        }
        if (++group < scenario.groups.size()) last += scenario.groups[group].size();
    }
}

std::string Story::state_at(const Image& image, std::string* fault) const {
    Venue venue(std::make_shared<Machine>(image), story_life);
    if (const Result<void> opened = venue.open(); !opened) {
        *fault = opened.error().code + ": " + opened.error().detail;
        return {};
    }
    *fault = faults_of(venue.facts(), Venue::key());
    if (scenario.keeps) *fault += scenario.keeps(venue.facts());
    return dump(venue.facts());
}

Expected expected(const Story& story, std::size_t done) {
    Expected out;
    out.acked.resize(story.deeds.size());
    out.most = story.visible[done];
    for (const Ack& ack : story.acks) {
        if (ack.after > done) continue;
        out.acked[ack.deed] = &ack.told;
        out.least = std::max(out.least, story.visible[ack.after]);
    }
    return out;
}

namespace {

std::string state_fault(const Story& story, const std::string& state, const Expected& wanted) {
    for (std::size_t i = 0; i < story.states.size(); ++i) {
        if (story.states[i] != state) continue;
        if (i >= wanted.least && i <= wanted.most) return {};
        return "it is in state " + std::to_string(i) + ", but was told to be in " + std::to_string(wanted.least) +
               " to " + std::to_string(wanted.most);
    }
    return "it is in a state that never was";
}

// All is asked for again, in groups as before.
std::string ask_again(const Story& story, Venue& venue, const Expected& wanted, std::vector<Told>* heard) {
    if (heard != nullptr) heard->resize(story.deeds.size());
    std::size_t first = 0;
    for (const Deeds& group : story.scenario.groups) {
        Deeds again;
        std::vector<std::size_t> places;
        for (std::size_t i = 0; i < group.size(); ++i) {
            if (!group[i].repeatable) continue;
            again.push_back(group[i]);
            places.push_back(first + i);
        }
        first += group.size();
        const std::vector<Told> told = venue.together(again);
        for (std::size_t i = 0; i < told.size(); ++i) {
            if (!told[i].well()) return again[i].key + " asked again: " + told[i].text;
            if (heard != nullptr) (*heard)[places[i]] = told[i];
            const Told* before = wanted.acked[places[i]];
            if (before == nullptr || !again[i].told) continue;
            if (told[i].text != before->text || !told[i].replayed) {
                return again[i].key + " was answered " + before->text + " and now " + told[i].text;
            }
        }
    }
    const bool all_repeated = std::ranges::all_of(story.deeds, &Deed::repeatable);
    if (!all_repeated) return {};
    const std::string ending = totals(venue.facts());
    if (ending != story.ending) return "after all was asked again it has\n" + ending + "and not\n" + story.ending;
    return {};
}

// The next thing goes as it should.
std::string go_on(const Scenario& scenario, Venue& venue, std::uint64_t life) {
    const std::string key = "after-" + std::to_string(life);
    const Deed next = scenario.after ? *scenario.after : top_up_deed(key, 5);
    const std::int64_t before = venue.facts().head().seq;
    const Told more = venue.alone(next);
    if (scenario.stopped) {
        const bool refused = !more.well() && more.text.find("device_quarantined") != std::string::npos;
        return refused && venue.facts().head().seq == before ? "" : "it was stopped for good: " + more.text;
    }
    if (!more.well()) return "nothing can be done after it: " + more.text;
    if (!next.told) return {};
    const Told once_more = venue.alone(next);
    if (once_more.text != more.text || !once_more.replayed) return "the key of what was done after it is not kept";
    return {};
}

}  // namespace

std::string judge_open(const Story& story, Venue& venue, const Expected& wanted, std::uint64_t life,
                       std::vector<Told>* heard) {
    std::string out = faults_of(venue.facts(), Venue::key());
    if (out.empty() && story.scenario.exact) out = state_fault(story, dump(venue.facts()), wanted);
    if (out.empty()) out = ask_again(story, venue, wanted, heard);
    if (out.empty()) out = go_on(story.scenario, venue, life);
    if (out.empty()) out = faults_of(venue.facts(), Venue::key(), false);
    return out;
}

std::string judge(const Story& story, const Image& image, const Expected& wanted,
                  std::optional<std::uint64_t> in_life) {
    const std::uint64_t life = in_life.value_or(story.scenario.next_life);
    Venue venue(std::make_shared<Machine>(image), life);
    if (const Result<void> opened = venue.open(); !opened) {
        return "does not open: " + opened.error().code + ": " + opened.error().detail;
    }
    return judge_open(story, venue, wanted, life);
}

}  // namespace obol::crash
