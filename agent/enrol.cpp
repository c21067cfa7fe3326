#include "agent/enrol.hpp"

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/io_context.hpp>

#include "agent/credentials.hpp"
#include "sync/crypto/crypto.hpp"
#include "sync/host/system.hpp"
#include "sync/uplink/http_ledger.hpp"

namespace obol::agent {

std::string host_of(const std::string& url) {
    std::string host = url.substr(std::min(url.size(), url.find("://") == std::string::npos ? 0 : url.find("://") + 3));
    host = host.substr(0, host.find('/'));
    if (host.starts_with('[')) return host.substr(1, host.find(']') - 1);
    return host.substr(0, host.find(':'));
}

namespace {

struct TokenParts {
    Secret secret;          // what the ledger knows
    std::string ca_digest;  // hex SHA-256 of the CA to believe; empty if the token does not say
};

TokenParts parts_of(const Secret& token) {
    const std::string& text = token.reveal();
    const std::size_t dot = text.rfind('.');
    if (dot == std::string::npos || text.size() - dot - 1 != 64) return {token, {}};
    return {Secret(text.substr(0, dot)), text.substr(dot + 1)};
}

}  // namespace

Result<EnrolledAs> enrol_device(const EnrolOrder& order) {
    if (is_enrolled(order.credentials)) {
        return Fault{"already_enrolled", order.credentials + " holds an enrolment; to enrol anew, move it and the "
                                                             "state directory away, and hand in what is in it "
                                                             "(obol-agent hand-in)"};
    }
    crypto::SystemRandom random;
    host::SystemWallClock wall;
    const crypto::SigningKey key = crypto::SigningKey::generate(random);
    const std::string device = crypto::device_id_of(key.public_key());

    net::ClientOptions options;
    options.url = order.ledger_url;
    options.tls = net::ClientTls{};
    const TokenParts token = parts_of(order.token);
    const std::string believed = order.ca.empty() ? token.ca_digest : crypto::fingerprint(order.ca);
    if (believed.empty()) {
        return Fault{"ca_missing", "the token does not name the ledger's CA: pass --ca FILE (the ledger's ca.crt)"};
    }
    options.tls->ca = order.ca.empty() ? "sha256:" + believed : order.ca;
    options.tls->server_name = host_of(order.ledger_url);
    options.tls->now = [&wall] { return wall.now(); };
    wire::Enrol request;
    request.token = token.secret;
    request.csr = crypto::make_csr(key, device);

    boost::asio::io_context loop;
    std::optional<Result<wire::Enrolled>> answer;
    boost::asio::co_spawn(loop, uplink::enrol(loop.get_executor(), options, request),
                          [&answer](std::exception_ptr error, Result<wire::Enrolled> got) {
                              if (error) std::rethrow_exception(error);
                              answer = std::move(got);
                          });
    loop.run();
    if (!answer) return Fault{"unreachable", "the ledger did not answer"};
    if (!*answer) return answer->error();

    const wire::Enrolled& enrolled = **answer;
    // The CA that the operator gave is pinned; another one in the answer would be no answer of his ledger.
    if (crypto::fingerprint(enrolled.ca) != believed) {
        return Fault{"ca_differs", "the ledger names another CA than the one given"};
    }
    const Result<crypto::Identity> identity = crypto::read_identity(enrolled.certificate);
    if (!identity || identity->device != device) {
        return Fault{"certificate_refused", "the certificate is not for the key that was made here"};
    }
    if (const auto saved = save_credentials(order.credentials, key, enrolled, random); !saved) return saved.error();
    return EnrolledAs{device, enrolled.device_name, enrolled.venue.text, crypto::fingerprint(enrolled.ca)};
}

}  // namespace obol::agent
