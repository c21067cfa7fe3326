#include "sync/ledger/api/enrol_routes.hpp"

namespace obol::ledger {

net::Reply EnrolRoute::handle(const net::Request& request) {
    if (request.method != "POST") {
        Answer refused = problem("method_not_allowed", "this path takes POST");
        refused.headers.emplace_back("Allow", "POST");
        return reply_of(refused);
    }
    if (!request.header("content-type").starts_with("application/json")) {
        return reply_of(problem("unsupported_media_type", "send application/json"));
    }
    const auto asked = wire::decode<wire::Enrol>(request.body);
    if (!asked) return reply_of(problem(asked.error()));
    try {
        sql::Txn txn{office_.books.db()};
        const auto enrolled = enrol(office_.books, office_.keys, authority_(), *asked,
                                    office_.wall.now(), office_.random);
        txn.commit();  // a refusal has counted a try
        if (!enrolled) return reply_of(problem(enrolled.error()));
        // The certificate leaves when the record has the key.
        if (office_.record) office_.record->catch_up(office_.books.db());
        if (office_.changed) office_.changed();
        return reply_of(Answer{.status = 200, .body = wire::encode(*enrolled)});
    } catch (const sql::SqlError& error) {
        if (error.disk_full()) return reply_of(problem("storage_full", "the ledger's disk is full"));
        if (office_.broken) office_.broken(error.what());
        return reply_of(problem("outcome_unknown", "the ledger could not commit; use another token"));
    } catch (const RecordLost& lost) {
        if (office_.broken) office_.broken(lost.what());
        return reply_of(problem("outcome_unknown", "the ledger could not record the key; use another token"));
    }
}

}  // namespace obol::ledger
