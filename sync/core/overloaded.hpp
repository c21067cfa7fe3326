#pragma once

namespace obol {

// std::visit with one lambda per case: a new case does not compile until it is handled.
template <class... F>
struct overloaded : F... {
    using F::operator()...;
};
template <class... F>
overloaded(F...) -> overloaded<F...>;

}  // namespace obol
