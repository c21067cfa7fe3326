#pragma once
// Texts numbered in the order of first sight, so that equal texts are equal numbers and "which of
// these is it" is one look-up. Short-lived: it refers to the texts, which must stay where they are.

#include <cstdint>
#include <cstring>
#include <memory_resource>
#include <string_view>
#include <vector>

namespace obol {

class Words {
public:
    static constexpr std::uint32_t none = 0xffffffff;

    // At most `most` different texts will come. Equal texts of two kinds are two words.
    Words(std::size_t most, std::pmr::memory_resource* memory) : slots_(memory), words_(memory) {
        while (last_ + 1 < 2 * most) last_ = 2 * last_ + 1;
        slots_.resize(last_ + 1);
        words_.reserve(most);
    }

    std::uint32_t size() const { return static_cast<std::uint32_t>(words_.size()); }

    std::uint32_t find(std::string_view text, std::uint32_t kind = 0) const {
        const Word word(text, kind);
        return slots_[place_of(word, word.hash())].number_after - 1;
    }

    // The text's number; a new one where it was not seen before.
    std::uint32_t number(std::string_view text, std::uint32_t kind = 0) {
        const Word word(text, kind);
        const std::uint64_t hash = word.hash();
        Slot& slot = slots_[place_of(word, hash)];
        if (slot.number_after == 0) {
            words_.push_back(word);
            slot = {tag_of(hash), size()};
        }
        return slot.number_after - 1;
    }

private:
    struct Slot {
        std::uint32_t tag = 0;
        std::uint32_t number_after = 0;  // the number plus one; 0: free, whose number is `none`
    };

    // A text in two numbers: its first and its last eight bytes, which overlap where it is short.
    // Up to sixteen bytes they are all of it, and two texts compare without looking at them again.
    struct Word {
        std::uint64_t front = 0, back = 0;
        std::uint64_t form;  // size and kind
        const char* from;

        Word(std::string_view text, std::uint32_t kind)
            : form(std::uint64_t{text.size()} << 8 | kind), from(text.data()) {
            const std::size_t size = text.size();
            if (size >= 8) {
                front = load<std::uint64_t>(from);
                back = load<std::uint64_t>(from + size - 8);
            } else if (size >= 4) {
                front = load<std::uint32_t>(from);
                back = load<std::uint32_t>(from + size - 4);
            } else if (size > 0) {
                front = load<std::uint8_t>(from) | load<std::uint8_t>(from + size / 2) << 8;
                back = load<std::uint8_t>(from + size - 1);
            }
        }

        std::size_t size() const { return form >> 8; }

        std::uint64_t hash() const {
            std::uint64_t hash = front;
            for (std::size_t at = 8; at + 8 < size(); at += 8) {
                hash = folded(hash ^ prime, load<std::uint64_t>(from + at));
            }
            return folded(hash ^ prime, back ^ form ^ 0x9e3779b97f4a7c15);
        }

        bool operator==(const Word& other) const {
            return front == other.front && back == other.back && form == other.form &&
                   (size() <= 16 || std::memcmp(from, other.from, size()) == 0);
        }
    };
    // Pedantic C++ has no 128-bit integer; a product whose halves meet spreads every bit.
    __extension__ typedef unsigned __int128 Wide;
    static std::uint64_t folded(std::uint64_t a, std::uint64_t b) {
        const Wide product = Wide{a} * b;
        return static_cast<std::uint64_t>(product) ^ static_cast<std::uint64_t>(product >> 64);
    }
    static constexpr std::uint64_t prime = 0xff51afd7ed558ccd;

    static std::uint32_t tag_of(std::uint64_t hash) {
        return static_cast<std::uint32_t>(hash >> 32);
    }

    // Where the word stands, or the free slot where it would.
    std::size_t place_of(const Word& word, std::uint64_t hash) const {
        const Slot* slots = slots_.data();
        for (std::size_t at = hash & last_;; at = (at + 1) & last_) {
            const Slot& slot = slots[at];
            if (slot.number_after == 0) return at;
            if (slot.tag == tag_of(hash) && words_[slot.number_after - 1] == word) return at;
        }
    }

    template <class Whole>
    static std::uint64_t load(const char* from) {  // the order of bytes does not matter here
        Whole whole;
        std::memcpy(&whole, from, sizeof whole);
        return whole;
    }

    std::size_t last_ = 3;  // of the slots, whose number is a power of two
    std::pmr::vector<Slot> slots_;
    std::pmr::vector<Word> words_;
};

}  // namespace obol
