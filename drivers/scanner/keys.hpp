#pragma once
// Keys of a keyboard that scans, as characters. A pure table: which key it is comes from the device, what it means
// from the layout that the scanner was set to (its "country"), whatever the till's own keyboard has.

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace obol::drivers {

enum class KeyLayout { us, gr };
std::optional<KeyLayout> find_key_layout(std::string_view name);  // "us", "gr"

class Keyboard {
public:
    explicit Keyboard(KeyLayout layout) : layout_(layout) {}

    // `code` is that of the kernel (KEY_A is 30). What the key types, as UTF-8; empty for keys that type nothing.
    // Enter types CR, Tab TAB.
    std::string press(int code);
    void release(int code);
    // Nothing is held down any more: the device is another one, or events were lost.
    void forget();

private:
    KeyLayout layout_;
    bool left_shift_ = false, right_shift_ = false, alt_graph_ = false, control_ = false, caps_ = false;
    char32_t dead_ = 0;  // an accent that waits for its letter
};

}  // namespace obol::drivers
