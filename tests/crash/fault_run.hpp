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
    std::size_t well = 0, open = 0;
    for (std::size_t i = 0; i < told.size(); ++i) {
        if (!died && told[i].text.empty()) continue;  // not asked for
        if (told[i].well()) {
            out.acked[i] = &told[i];
            ++well;
        } else if (unknown(told[i]) || (died && told[i].text.empty())) {
            ++open;
        }
    }
    // A fault of the first of several leaves the others to be done, so only one alone is bound by states.
    out.least = well == told.size() ? last : 0;
    out.most = well + open > 0 ? last : 0;
    return out;
}

// The stories whose operations are tried under faults; those of several deeds are judged by their answers
// and totals, not row by row.
inline Scenario loosened(Scenario scenario) {
    std::size_t deeds = 0;
    for (const Deeds& group : scenario.groups) deeds += group.size();
    if (deeds > 1) scenario.exact = false;
    return scenario;
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

inline const std::string fault_names[] = {"redeem", "activate", "purchase", "purchase_with_a_lot", "refund", "void",
                                          "top_up", "group", "wrong_pin", "page", "recall", "grant", "snapshot",
                                          "acknowledge"};

}  // namespace obol::crash
