#pragma once
// What obolctl does, over the agent's own HTTP API: it sees what any program with a token sees.

#include <boost/asio/any_io_executor.hpp>
#include <functional>
#include <string>

#include "sync/core/secret.hpp"
#include "sync/net/http.hpp"

namespace obol::agent {

class ObolctlClient {
public:
    ObolctlClient(boost::asio::any_io_executor executor, std::string url, Secret token);

    // The text to print. A Fault carries the agent's own code and detail where it answered with a problem.
    net::awaitable<Result<std::string>> status(bool as_json);
    net::awaitable<Result<std::string>> link(std::string mode);
    // Hands over the export line by line; a long journal is never held whole.
    net::awaitable<Result<void>> export_journal(std::function<void(const std::string& line)> sink);
    // The agent's chain from its first entry; what to say when all is well.
    net::awaitable<Result<std::string>> verify_journal();

private:
    net::awaitable<Result<std::string>> call(std::string method, std::string target, std::string body);

    net::Client client_;
    Secret token_;
};

}  // namespace obol::agent
