#pragma once
// What hardly ever changes and is read with every request, kept decoded: plans, pools, offers, products,
// the business, tokens. One for each connection; forgotten as soon as a commit touches any of it.

#include <map>
#include <optional>
#include <string>
#include <unordered_map>
#include <vector>

#include "sync/domain/offer.hpp"
#include "sync/domain/pass.hpp"
#include "sync/domain/pool.hpp"

namespace obol::agent {

// A bounded look-up table: when it is full it starts anew, so that a large catalogue costs no memory.
template <class T>
class Remembered {
public:
    static constexpr std::size_t most = 4096;

    const T* find(const std::string& key) const {
        const auto found = items_.find(key);
        return found == items_.end() ? nullptr : &found->second;
    }
    const T& keep(const std::string& key, T value) {
        if (items_.size() >= most) items_.clear();
        return items_.insert_or_assign(key, std::move(value)).first->second;
    }
    void clear() { items_.clear(); }

private:
    std::unordered_map<std::string, T> items_;
};

// Only what was found is remembered: what is asked for in vain may come with the next page, and a
// stranger's guesses fill nothing.
template <class Business, class Product, class TokenRow>
struct RuleMemoryOf {
    Remembered<Plan> plans{};
    std::optional<std::vector<Plan>> all_plans{};
    Remembered<Pool> pools{};
    std::optional<std::vector<Offer>> all_offers{};
    Remembered<Business> businesses{};
    Remembered<Product> products{};
    Remembered<TokenRow> tokens{};  // by hash

    void clear() { *this = {}; }
};

}  // namespace obol::agent
