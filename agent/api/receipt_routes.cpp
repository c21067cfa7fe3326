#include "agent/api/receipt_routes.hpp"

#include <nlohmann/json.hpp>

#include "agent/api/words.hpp"
#include "agent/app/receipt.hpp"
#include "drivers/ticket/text.hpp"

namespace obol::agent {
namespace {

awaitable<net::Reply> show(Context& context, Call call) {
    const std::optional<Receipt> receipt = find_receipt(context.store.facts(), context.here,
                                                        call.param("number"), context.link.up());
    if (!receipt) co_return reply_of(problem("receipt_unknown", "no receipt of this device has this number"));
    if (call.accept != "text/plain") co_return reply_of(answer(200, receipt_in_full(*receipt)));
    Answer text;
    text.body = drivers::render_text(receipt_document(*receipt, call.caller.language), drivers::usual_paper);
    net::Reply reply = reply_of(text);
    reply.content_type = "text/plain; charset=utf-8";
    co_return reply;
}

}  // namespace

Routes receipt_routes(Context& context) {
    Routes routes;
    routes.push_back({"GET", "/v1/receipts/{number}", Access::everyone, Body::none,
                      [&context](Call call) { return show(context, std::move(call)); },
                      {"application/json", "text/plain"}});
    return routes;
}

}  // namespace obol::agent
