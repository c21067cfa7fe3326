// Stands in for sync/crypto/pin.cpp in this program alone, by being linked first: a real comparison takes 25 ms by
// design and would be most of a simulation. Nothing of it is in any other program.

#include "sync/crypto/crypto.hpp"

namespace obol::crypto {

namespace {

constexpr std::string_view scheme = "sim-pin/1$";

std::string tag_of(std::string_view pin, std::string_view code) {
    return to_base64(sha256(as_bytes(std::string(pin) + "/" + std::string(code))));
}

}  // namespace

std::string make_pin_verifier(std::string_view pin, std::string_view normalised_code, Random&) {
    return std::string(scheme) + tag_of(pin, normalised_code);
}

bool check_pin(std::string_view verifier, std::string_view pin, std::string_view normalised_code) {
    return verifier == std::string(scheme) + tag_of(pin, normalised_code);
}

}  // namespace obol::crypto
