#pragma once
// What obolctl does, over the agent's own HTTP API: it sees what any program with a token sees.

#include <boost/asio/any_io_executor.hpp>
#include <functional>
#include <string>

#include "sync/core/secret.hpp"
#include "sync/journal/entry.hpp"
#include "sync/net/http.hpp"

namespace obol::agent {

class ObolctlClient {
public:
    ObolctlClient(boost::asio::any_io_executor executor, std::string url, Secret token);

    // The text to print. A Fault carries the agent's own code and detail where it answered with a problem.
    net::awaitable<Result<std::string>> status(bool as_json);
    net::awaitable<Result<std::string>> link(std::string mode);
    // Compares the agent's rows with the ledger's. Fault different: what to say of each row.
    net::awaitable<Result<std::string>> reconcile();
    net::awaitable<Result<std::string>> exposure();  // what could be lost, in words
    // Hands over the export line by line; a long journal is never held whole. What comes after entry `after`,
    // 0: all of it. Fault entry_unknown: the journal does not reach so far.
    net::awaitable<Result<void>> export_journal(std::int64_t after,
                                                std::function<void(const std::string& line)> sink);
    // The agent's chain from its first entry; what to say when all is well.
    net::awaitable<Result<std::string>> verify_journal();

    // The text of a receipt's QR code. Fault receipt_not_valid: what speaks against it.
    net::awaitable<Result<std::string>> verify_receipt(std::string data);
    // One call of the API: the body of a 2xx. Each POST has an idempotency key of its own.
    net::awaitable<Result<std::string>> call(std::string method, std::string target, std::string body);

private:
    struct Page;
    struct Who;
    net::awaitable<Result<Who>> who();
    net::awaitable<Result<Page>> page(std::string after, int limit);
    net::awaitable<Result<journal::Head>> head_at(std::int64_t seq);

    net::Client client_;
    Secret token_;
};

}  // namespace obol::agent
