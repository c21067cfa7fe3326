#pragma once
// What must be true of an operation that met a fault of the machine: nothing of it, or all of it, and the
// answer does not say otherwise.

#include "tests/crash/scenarios.hpp"

namespace obol::crash {

inline bool unknown(const Told& told) { return told.text.find("outcome_unknown") != std::string::npos; }

// Answers that a fault may bring about. A refusal by the rules would be a lie, and be kept under the key.
inline std::string fault_of_answer(const Told& told) {
    if (told.text.empty() || told.well() || told.status == 500 || told.status == 503 || told.status == 507) return {};
    return "a failing machine is answered as a matter of the rules: " + told.text;
}

// Between which states it may be after these answers. `died`: those not heard may have been done or not.
inline Expected expected_after(const Story& story, const std::vector<Told>& told, bool died) {
    Expected out;
    out.acked.resize(story.deeds.size());
    const std::size_t last = story.states.size() - 1;
    std::size_t well = 0, open = 0, commits = 0;
    for (std::size_t i = 0; i < told.size(); ++i) {
        if (told[i].well()) {
            out.acked[i] = &told[i];
            ++well;
        } else if (unknown(told[i]) || (died && told[i].text.empty())) {
            ++open;
        }
        commits += static_cast<std::size_t>(told[i].commits);
    }
    // What is surely refused lacks its last commit.
    out.least = well == told.size() ? last : commits;
    out.most = well + open > 0 ? last : last - 1;
    return out;
}

// Each deed of a scenario with a story of its own, on what those before it left when the process was killed:
// so that each is judged row by row. Deeds that share a commit are a part together; of these any may have been
// done, so they are judged by their answers and the totals.
struct Part {
    Part(Scenario of, Image from) : scenario(std::move(of)), start(std::move(from)) {
        scenario.start = &start;
        story.emplace(scenario);
    }
    Part(const Part&) = delete;
    Part& operator=(const Part&) = delete;

    // Did it carry the log into the database before it was answered?
    bool has_checkpoint() const {
        const int main_file = *Disk(start).find(database);
        const auto end = story->log.begin() + static_cast<std::ptrdiff_t>(story->group_ends.back());
        return std::any_of(story->log.begin(), end,
                           [main_file](const Op& op) { return op.kind == Op::Kind::write && op.file == main_file; });
    }

    Scenario scenario;
    Image start;
    std::optional<Story> story{};
};
using Parts = std::vector<std::unique_ptr<Part>>;

inline Parts parts_of(const Scenario& whole) {
    Parts out;
    const auto machine = std::make_shared<Machine>(world().image);
    Venue venue(machine, story_life - 1);
    if (!venue.open()) throw std::runtime_error("the world does not open");
    if (whole.begin) whole.begin(venue);
    for (const Deeds& group : whole.groups) {
        std::vector<Deeds> each{group};
        if (!whole.shares_commits) {
            each.clear();
            for (const Deed& deed : group) each.push_back({deed});
        }
        for (const Deeds& deeds : each) {
            Scenario one = whole;
            one.groups = {deeds};
            one.exact = deeds.size() == 1;
            out.push_back(std::make_unique<Part>(std::move(one), machine->disk.all_kept()));
            Machine::mount(machine);
            venue.together(deeds);
        }
    }
    if (whole.about_checkpoints) {  // two of them are enough
        std::erase_if(out, [](const auto& part) { return !part->has_checkpoint(); });
        if (out.size() > 2) out.resize(2);
    }
    return out;
}

inline std::vector<Told> tell_all(const Story& story, Venue& venue,
                                  const std::function<void(std::size_t, const Told&)>& heard = {}) {
    std::vector<Told> out;
    for (const Deeds& group : story.scenario.groups) {
        const std::size_t first = out.size();
        const std::vector<Told> told = venue.together(group, [&heard, first](std::size_t i, const Told& answer) {
            if (heard) heard(first + i, answer);
        });
        out.insert(out.end(), told.begin(), told.end());
        // What comes next would meet other facts than in the story.
        if (!std::ranges::all_of(told, &Told::well)) break;
    }
    out.resize(story.deeds.size());
    return out;
}

// A refusal that is sure left nothing under its key.
inline std::string fault_of_refusals(const Story& story, Venue& venue, const std::vector<Told>& told) {
    for (std::size_t i = 0; i < told.size(); ++i) {
        const bool sure = !told[i].text.empty() && !told[i].well() && !unknown(told[i]);
        if (sure && story.deeds[i]->told && venue.facts().answer("T1", story.deeds[i]->key)) {
            return story.deeds[i]->key + " was answered " + told[i].text + ", but it was done";
        }
    }
    return {};
}

inline std::string judge_after_fault(const Story& story, std::shared_ptr<Machine> machine,
                                     const std::vector<Told>& told, bool died, std::uint64_t life) {
    Venue venue(std::move(machine), life);
    if (const Result<void> opened = venue.open(); !opened) {
        return "does not open: " + opened.error().code + ": " + opened.error().detail;
    }
    std::string out = fault_of_refusals(story, venue, told);
    if (out.empty()) out = judge_open(story, venue, expected_after(story, told, died), life);
    return out;
}

}  // namespace obol::crash
