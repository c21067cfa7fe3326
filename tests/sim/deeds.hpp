#pragma once

#include "tests/sim/world.hpp"

namespace obol::sim {

struct World::Order {
    std::string kind, key;
    std::size_t till = 0;
    Use use;
    std::string pass{};    // id
    std::string wallet{};
    std::string purchase{};
    std::vector<std::string> passes{};  // redeemed in a purchase
    bool wrong_pin = false;
    std::int64_t amount = 0;
    int tries = 0;
    bool moves = true;    // has a key and an effect
    bool done = false;    // a last word was heard
    bool effected = false;
    bool asking = false;  // somebody stands at the counter
    bool waiting = false; // an attempt is under way or will be made
};

}  // namespace obol::sim
