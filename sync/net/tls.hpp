#pragma once
// What we want of libssl: TLS 1.3 only, our own CA only, no resumption, certificates judged by the
// clock that was handed in. Private to sync/net.

#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/ssl/context.hpp>
#include <boost/asio/ssl/stream.hpp>
#include <memory>
#include <string>

#include "sync/net/http.hpp"

namespace obol::net {

using Socket = boost::asio::ip::tcp::socket;
using TlsStream = boost::asio::ssl::stream<Socket>;
using TlsContext = boost::asio::ssl::context;

// Fault tls_invalid: names what of the certificate, key or CA cannot be read.
Result<std::unique_ptr<TlsContext>> make_context(const ServerTls& tls);
Result<std::unique_ptr<TlsContext>> make_context(const ClientTls& tls);

// Before the handshake: the moment at which the peer's certificate has to be valid.
void judge_at(TlsStream& stream, Instant now);
// Before the handshake of a client: the name that the certificate must carry, the CA of its chain where that
// is known by fingerprint alone ("sha256:" and hex), and whether one that begins later is believed.
void expect_name(TlsStream& stream, const std::string& name, const std::string& ca, bool clock_may_be_behind);
// Why a handshake failed, where it was the look at the peer's certificate: ": certificate has expired". Else empty.
std::string verdict_on_peer(TlsStream& stream);
// PEM of the certificate that the peer showed; empty if none.
std::string peer_certificate(TlsStream& stream);

}  // namespace obol::net
