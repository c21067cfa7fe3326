#pragma once
// The profiles of config/printers, as the tests run from the project's root.

#include <fstream>
#include <sstream>
#include <stdexcept>
#include <string>

#include "drivers/profiles/read.hpp"

namespace obol::drivers {

inline std::string profile_text(const std::string& name) {
    std::ifstream in("config/printers/" + name + ".json");
    std::stringstream text;
    text << in.rdbuf();
    return text.str();
}

inline Profile profile(const std::string& name) {
    const Result<Profile> read = read_profile(profile_text(name));
    if (!read) throw std::runtime_error(name + ": " + read.error().detail);
    return *read;
}

inline const char* const all_profiles[] = {"TM-T20III", "TM-T88V",  "TM-m30III",    "RP326",
                                           "NT-5890K",  "POS-5890", "generic-80mm", "generic-58mm",
                                           "TSP650II",  "mPOP"};

}  // namespace obol::drivers
