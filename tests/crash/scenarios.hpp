#pragma once
// What the store is asked to do, each as a story of its own.

#include "tests/crash/judge.hpp"

namespace obol::crash {

// Every operation of the store on a venue that has been open before.
const std::vector<Scenario>& operations();
// First start on an empty disk, and start on a database of each older schema, full of what a venue has.
const std::vector<Scenario>& starts();
std::vector<std::string> start_names();
const Scenario& scenario_named(const std::vector<Scenario>& all, const std::string& name);

// For lists of tests, which are made before there is a world.
inline const std::string operation_names[] = {
    "redeem", "redeem_into_wallet", "activate", "purchase", "purchase_with_a_lot", "refund", "void", "top_up", "group",
    "wrong_pin", "page", "recall", "grant", "snapshot", "acknowledge", "generation", "placement", "stop_for_good",
    "checkpoint"};

}  // namespace obol::crash
