#include "sync/net/tls.hpp"

#include <openssl/err.h>
#include <openssl/pem.h>
#include <openssl/ssl.h>
#include <openssl/x509_vfy.h>

#include <boost/asio/buffer.hpp>
#include <boost/asio/ip/address.hpp>
#include <boost/asio/ssl/host_name_verification.hpp>
#include <ctime>

#include "sync/core/bytes.hpp"

namespace obol::net {
namespace {

namespace ssl = boost::asio::ssl;
using boost::system::error_code;

boost::asio::const_buffer buffer_of(const std::string& text) { return boost::asio::buffer(text); }

Fault invalid(std::string_view what, const error_code& error) {
    return Fault{"tls_invalid", std::string(what) + ": " + error.message()};
}

// A session that is resumed skips the look at the certificate, and a revoked device must not skip
// it: no tickets, no cache, on either end.
void allow_only_what_we_speak(TlsContext& context) {
    SSL_CTX* native = context.native_handle();
    SSL_CTX_set_min_proto_version(native, TLS1_3_VERSION);
    SSL_CTX_set_max_proto_version(native, TLS1_3_VERSION);
    SSL_CTX_set_options(native, SSL_OP_NO_TICKET | SSL_OP_NO_COMPRESSION | SSL_OP_NO_RENEGOTIATION);
    SSL_CTX_set_num_tickets(native, 0);
    SSL_CTX_set_session_cache_mode(native, SSL_SESS_CACHE_OFF);
    // Small answers dominate: idle connections give their buffers back.
    SSL_CTX_set_mode(native, SSL_MODE_RELEASE_BUFFERS);
}

Result<void> load_identity(TlsContext& context, const std::string& chain, const Secret& key) {
    error_code error;
    if (context.use_certificate_chain(buffer_of(chain), error))
        return invalid("certificate", error);
    if (context.use_private_key(buffer_of(key.reveal()), TlsContext::pem, error)) {
        return invalid("private key", error);
    }
    if (SSL_CTX_check_private_key(context.native_handle()) != 1) {
        ERR_clear_error();
        return Fault{"tls_invalid", "private key: does not belong to the certificate"};
    }
    return {};
}

constexpr std::string_view pin_mark = "sha256:";

bool is_pin(const std::string& ca) { return ca.starts_with(pin_mark); }

std::string digest_of(X509* certificate) {
    unsigned char digest[EVP_MAX_MD_SIZE];
    unsigned int size = 0;
    if (certificate == nullptr || X509_digest(certificate, EVP_sha256(), digest, &size) != 1) return {};
    return to_hex(ByteView(digest, size));
}

Result<void> believe_only(TlsContext& context, const std::string& ca) {
    if (is_pin(ca)) return {};  // nothing is trusted but what expect_name lets pass
    error_code error;
    if (context.add_certificate_authority(buffer_of(ca), error)) return invalid("CA", error);
    return {};
}

// Of all that may be wrong with a client's certificate this one error is forgiven, of the device's own
// certificate alone, and for a while only. Who signed it and what it may be used for is checked as ever.
void let_ended_in(TlsContext& context, const ServerTls& tls) {
    auto judge = [now = tls.now, grace = tls.ended_client_for](bool fine, ssl::verify_context& at) {
        X509_STORE_CTX* const store = at.native_handle();
        if (fine || X509_STORE_CTX_get_error(store) != X509_V_ERR_CERT_HAS_EXPIRED) return fine;
        if (X509_STORE_CTX_get_error_depth(store) != 0) return false;
        const Instant since = now() - grace;
        std::time_t then = std::chrono::floor<std::chrono::seconds>(since).time_since_epoch().count();
        const X509* const shown = X509_STORE_CTX_get_current_cert(store);
        if (shown == nullptr || X509_cmp_time(X509_get0_notAfter(shown), &then) <= 0) return false;
        X509_STORE_CTX_set_error(store, X509_V_OK);
        return true;
    };
    context.set_verify_callback(std::move(judge));
}

}  // namespace

Result<std::unique_ptr<TlsContext>> make_context(const ServerTls& tls) {
    auto context = std::make_unique<TlsContext>(TlsContext::tls_server);
    allow_only_what_we_speak(*context);
    if (auto done = load_identity(*context, tls.certificate_chain, tls.private_key); !done) {
        return done.error();
    }
    if (!tls.client_ca.empty()) {
        if (auto done = believe_only(*context, tls.client_ca); !done) return done.error();
        // Without the second flag a client that shows no certificate at all gets in.
        context->set_verify_mode(tls.client_certificate_required
                                     ? ssl::verify_peer | ssl::verify_fail_if_no_peer_cert
                                     : ssl::verify_peer);
        if (tls.ended_client_for > Millis{0}) let_ended_in(*context, tls);
    }
    return context;
}

Result<std::unique_ptr<TlsContext>> make_context(const ClientTls& tls) {
    auto context = std::make_unique<TlsContext>(TlsContext::tls_client);
    allow_only_what_we_speak(*context);
    context->set_verify_mode(ssl::verify_peer);
    if (auto done = believe_only(*context, tls.ca); !done) return done.error();
    if (!tls.certificate.empty()) {
        if (auto done = load_identity(*context, tls.certificate, tls.private_key); !done) {
            return done.error();
        }
    }
    return context;
}

void judge_at(TlsStream& stream, Instant now) {
    X509_VERIFY_PARAM* rules = SSL_get0_param(stream.native_handle());
    X509_VERIFY_PARAM_set_time(
        rules, std::chrono::floor<std::chrono::seconds>(now).time_since_epoch().count());
}

void expect_name(TlsStream& stream, const std::string& name, const std::string& ca, bool clock_may_be_behind) {
    error_code not_an_address;
    boost::asio::ip::make_address(name, not_an_address);
    if (not_an_address) SSL_set_tlsext_host_name(stream.native_handle(), name.c_str());
    // A CA known by its fingerprint alone is shown by the peer. That it is not in the store is forgiven to that
    // one certificate; signatures, ends and names are checked as ever.
    const std::string pinned = is_pin(ca) ? ca.substr(pin_mark.size()) : std::string();
    auto judge = [names = ssl::host_name_verification(name), pinned, clock_may_be_behind](
                     bool fine, ssl::verify_context& at) mutable {
        X509_STORE_CTX* const store = at.native_handle();
        const int error = X509_STORE_CTX_get_error(store);
        const bool is_pinned = !pinned.empty() && error == X509_V_ERR_SELF_SIGNED_CERT_IN_CHAIN &&
                               digest_of(X509_STORE_CTX_get_current_cert(store)) == pinned;
        const bool to_come = clock_may_be_behind && error == X509_V_ERR_CERT_NOT_YET_VALID;
        if (!fine && (is_pinned || to_come)) {
            X509_STORE_CTX_set_error(store, X509_V_OK);
            // The date is no more looked at after this; of the peer's own certificate the name still is.
            return is_pinned || names(true, at);
        }
        return names(fine, at);
    };
    stream.set_verify_callback(std::move(judge));
}

std::string verdict_on_peer(TlsStream& stream) {
    const long verdict = SSL_get_verify_result(stream.native_handle());
    return verdict == X509_V_OK ? std::string() : std::string(": ") + X509_verify_cert_error_string(verdict);
}

std::string peer_certificate(TlsStream& stream) {
    const std::unique_ptr<X509, decltype(&X509_free)> shown(
        SSL_get1_peer_certificate(stream.native_handle()), &X509_free);
    if (!shown) return {};
    const std::unique_ptr<BIO, decltype(&BIO_free)> out(BIO_new(BIO_s_mem()), &BIO_free);
    if (!out || PEM_write_bio_X509(out.get(), shown.get()) != 1) return {};
    char* text = nullptr;
    const long size = BIO_get_mem_data(out.get(), &text);
    return std::string(text, static_cast<std::size_t>(size));
}

}  // namespace obol::net
