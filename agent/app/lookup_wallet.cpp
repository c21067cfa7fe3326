#include "agent/app/lookup_wallet.hpp"

#include <nlohmann/json.hpp>

#include "agent/app/words.hpp"

namespace obol::agent {

awaitable<Answer> lookup_wallet(Context& context, Caller caller, WalletRef ref) {
    FoundWallet found = co_await find_wallet(context, caller, std::move(ref));
    if (const auto no = refused(found, caller)) co_return *no;
    Facts& facts = context.store.facts();
    const Words words =
        wallet_in_words(facts, found.row->wallet, context.here, as_of(facts, context.wall.now()));
    co_return answer(200, words);
}

}  // namespace obol::agent
