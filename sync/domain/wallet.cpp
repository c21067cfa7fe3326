#include "sync/domain/wallet.hpp"

#include "sync/core/ensure.hpp"

namespace obol {

std::string_view name_of(Pocket pocket) {
    switch (pocket) {
        case Pocket::commerce:
            return "commerce";
        case Pocket::business:
            return "business";
        case Pocket::personal:
            return "personal";
    }
    ENSURE(false);
}

std::optional<Pocket> pocket_named(std::string_view name) {
    for (const Pocket pocket : {Pocket::commerce, Pocket::business, Pocket::personal}) {
        if (name_of(pocket) == name) return pocket;
    }
    return std::nullopt;
}

}  // namespace obol
