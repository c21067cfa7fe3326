#include "drivers/scanner/keys.hpp"

#include <algorithm>
#include <linux/input-event-codes.h>
#include <utility>

#include "drivers/ticket/utf8.hpp"

namespace obol::drivers {
namespace {

struct Key {
    int code;
    char32_t plain, shifted, alt_graph;
};

constexpr char32_t acute = 0x0301, diaeresis = 0x0308, both = 0x0344;  // dead keys, as combining accents

constexpr Key us_keys[] = {
    {KEY_1, '1', '!', 0},           {KEY_2, '2', '@', 0},         {KEY_3, '3', '#', 0},          {KEY_4, '4', '$', 0},
    {KEY_5, '5', '%', 0},           {KEY_6, '6', '^', 0},         {KEY_7, '7', '&', 0},          {KEY_8, '8', '*', 0},
    {KEY_9, '9', '(', 0},           {KEY_0, '0', ')', 0},         {KEY_MINUS, '-', '_', 0},      {KEY_EQUAL, '=', '+', 0},
    {KEY_Q, 'q', 'Q', 0},           {KEY_W, 'w', 'W', 0},         {KEY_E, 'e', 'E', 0},          {KEY_R, 'r', 'R', 0},
    {KEY_T, 't', 'T', 0},           {KEY_Y, 'y', 'Y', 0},         {KEY_U, 'u', 'U', 0},          {KEY_I, 'i', 'I', 0},
    {KEY_O, 'o', 'O', 0},           {KEY_P, 'p', 'P', 0},         {KEY_LEFTBRACE, '[', '{', 0},  {KEY_RIGHTBRACE, ']', '}', 0},
    {KEY_A, 'a', 'A', 0},           {KEY_S, 's', 'S', 0},         {KEY_D, 'd', 'D', 0},          {KEY_F, 'f', 'F', 0},
    {KEY_G, 'g', 'G', 0},           {KEY_H, 'h', 'H', 0},         {KEY_J, 'j', 'J', 0},          {KEY_K, 'k', 'K', 0},
    {KEY_L, 'l', 'L', 0},           {KEY_SEMICOLON, ';', ':', 0}, {KEY_APOSTROPHE, '\'', '"', 0}, {KEY_GRAVE, '`', '~', 0},
    {KEY_BACKSLASH, '\\', '|', 0},  {KEY_Z, 'z', 'Z', 0},         {KEY_X, 'x', 'X', 0},          {KEY_C, 'c', 'C', 0},
    {KEY_V, 'v', 'V', 0},           {KEY_B, 'b', 'B', 0},         {KEY_N, 'n', 'N', 0},          {KEY_M, 'm', 'M', 0},
    {KEY_COMMA, ',', '<', 0},       {KEY_DOT, '.', '>', 0},       {KEY_SLASH, '/', '?', 0},      {KEY_102ND, '<', '>', 0},
};

// Greek (319): digits and signs are those of us_keys, letters and accents these.
constexpr Key gr_keys[] = {
    {KEY_Q, ';', ':', 0},
    {KEY_W, U'ς', U'Σ', 0},
    {KEY_E, U'ε', U'Ε', U'€'},
    {KEY_R, U'ρ', U'Ρ', U'®'},
    {KEY_T, U'τ', U'Τ', 0},
    {KEY_Y, U'υ', U'Υ', U'¥'},
    {KEY_U, U'θ', U'Θ', 0},
    {KEY_I, U'ι', U'Ι', 0},
    {KEY_O, U'ο', U'Ο', 0},
    {KEY_P, U'π', U'Π', 0},
    {KEY_LEFTBRACE, '[', '{', U'«'},
    {KEY_RIGHTBRACE, ']', '}', U'»'},
    {KEY_A, U'α', U'Α', 0},
    {KEY_S, U'σ', U'Σ', 0},
    {KEY_D, U'δ', U'Δ', 0},
    {KEY_F, U'φ', U'Φ', 0},
    {KEY_G, U'γ', U'Γ', 0},
    {KEY_H, U'η', U'Η', 0},
    {KEY_J, U'ξ', U'Ξ', 0},
    {KEY_K, U'κ', U'Κ', 0},
    {KEY_L, U'λ', U'Λ', 0},
    {KEY_SEMICOLON, acute, diaeresis, both},
    {KEY_Z, U'ζ', U'Ζ', 0},
    {KEY_X, U'χ', U'Χ', 0},
    {KEY_C, U'ψ', U'Ψ', U'©'},
    {KEY_V, U'ω', U'Ω', 0},
    {KEY_B, U'β', U'Β', 0},
    {KEY_N, U'ν', U'Ν', 0},
    {KEY_M, U'μ', U'Μ', 0},
};

// The same on all layouts; shift changes nothing.
constexpr Key same_keys[] = {
    {KEY_SPACE, ' ', ' ', 0}, {KEY_ENTER, '\r', '\r', 0}, {KEY_KPENTER, '\r', '\r', 0}, {KEY_TAB, '\t', '\t', 0},
    {KEY_KP0, '0', '0', 0},   {KEY_KP1, '1', '1', 0},     {KEY_KP2, '2', '2', 0},       {KEY_KP3, '3', '3', 0},
    {KEY_KP4, '4', '4', 0},   {KEY_KP5, '5', '5', 0},     {KEY_KP6, '6', '6', 0},       {KEY_KP7, '7', '7', 0},
    {KEY_KP8, '8', '8', 0},   {KEY_KP9, '9', '9', 0},     {KEY_KPMINUS, '-', '-', 0},   {KEY_KPPLUS, '+', '+', 0},
    {KEY_KPDOT, '.', '.', 0}, {KEY_KPSLASH, '/', '/', 0}, {KEY_KPASTERISK, '*', '*', 0},
};

template <std::size_t N>
const Key* find(const Key (&keys)[N], int code) {
    const Key* const found = std::find_if(std::begin(keys), std::end(keys), [&](const Key& key) { return key.code == code; });
    return found == std::end(keys) ? nullptr : found;
}

bool is_letter(const Key& key) {
    return (key.plain >= 'a' && key.plain <= 'z') || (key.plain >= U'α' && key.plain <= U'ω');
}

struct Accented {
    char32_t letter, accent, together;
};
constexpr Accented accented[] = {
    {U'α', acute, U'ά'},     {U'ε', acute, U'έ'},     {U'η', acute, U'ή'},     {U'ι', acute, U'ί'}, {U'ο', acute, U'ό'},
    {U'υ', acute, U'ύ'},     {U'ω', acute, U'ώ'},     {U'Α', acute, U'Ά'},     {U'Ε', acute, U'Έ'}, {U'Η', acute, U'Ή'},
    {U'Ι', acute, U'Ί'},     {U'Ο', acute, U'Ό'},     {U'Υ', acute, U'Ύ'},     {U'Ω', acute, U'Ώ'}, {U'ι', diaeresis, U'ϊ'},
    {U'υ', diaeresis, U'ϋ'}, {U'Ι', diaeresis, U'Ϊ'}, {U'Υ', diaeresis, U'Ϋ'}, {U'ι', both, U'ΐ'},  {U'υ', both, U'ΰ'},
};

}  // namespace

std::optional<KeyLayout> find_key_layout(std::string_view name) {
    if (name == "us") return KeyLayout::us;
    if (name == "gr") return KeyLayout::gr;
    return std::nullopt;
}

std::string Keyboard::press(int code) {
    switch (code) {
        case KEY_LEFTSHIFT: left_shift_ = true; return "";
        case KEY_RIGHTSHIFT: right_shift_ = true; return "";
        case KEY_RIGHTALT: alt_graph_ = true; return "";
        case KEY_LEFTCTRL:
        case KEY_RIGHTCTRL: control_ = true; return "";
        case KEY_CAPSLOCK: caps_ = !caps_; return "";
        default: break;
    }
    const Key* key = find(same_keys, code);
    if (key == nullptr && layout_ == KeyLayout::gr) key = find(gr_keys, code);
    if (key == nullptr) key = find(us_keys, code);
    if (key == nullptr) return "";
    // Control with a letter types a control character: some scanners send FNC1 as Ctrl ].
    if (control_) return code == KEY_RIGHTBRACE ? "\x1D" : "";
    const bool shift = (left_shift_ || right_shift_) != (caps_ && is_letter(*key));
    char32_t point = shift ? key->shifted : key->plain;
    if (alt_graph_ && key->alt_graph != 0) point = key->alt_graph;

    if (point == acute || point == diaeresis || point == both) {
        dead_ = point;
        return "";
    }
    const char32_t accent = std::exchange(dead_, 0);
    for (const Accented& each : accented) {
        if (accent != 0 && each.letter == point && each.accent == accent) point = each.together;
    }
    std::string out;
    append_point(out, point);
    return out;
}

void Keyboard::release(int code) {
    switch (code) {
        case KEY_LEFTSHIFT: left_shift_ = false; return;
        case KEY_RIGHTSHIFT: right_shift_ = false; return;
        case KEY_RIGHTALT: alt_graph_ = false; return;
        case KEY_LEFTCTRL:
        case KEY_RIGHTCTRL: control_ = false; return;
        default: return;
    }
}

void Keyboard::forget() { *this = Keyboard(layout_); }

}  // namespace obol::drivers
