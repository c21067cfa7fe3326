// Our own CA: Ed25519, X.509 v3. Names are set as structures, never through OpenSSL's configuration
// strings, in which a comma in a name would add an extension.

#include <openssl/pem.h>

#include <algorithm>
#include <ctime>

#include "sync/core/ensure.hpp"
#include "sync/crypto/openssl.hpp"

namespace obol::crypto {

namespace {

constexpr long version_3 = 2;
constexpr std::size_t longest_common_name = 64;  // X.520

PkeyPtr public_pkey(ByteView raw) {
    ENSURE(raw.size() == 32);
    PkeyPtr key{EVP_PKEY_new_raw_public_key(EVP_PKEY_ED25519, nullptr, raw.data(), raw.size())};
    must(key != nullptr, "EVP_PKEY_new_raw_public_key");
    return key;
}

void set_name(X509_NAME* name, std::string_view common_name) {
    ENSURE(!common_name.empty() && common_name.size() <= longest_common_name);
    must(X509_NAME_add_entry_by_NID(name, NID_commonName, MBSTRING_UTF8,
                                    reinterpret_cast<const unsigned char*>(common_name.data()),
                                    static_cast<int>(common_name.size()), -1, 0) == 1,
         "X509_NAME_add_entry_by_NID");
}

void set_time(ASN1_TIME* field, Instant at) {
    const auto seconds = std::chrono::floor<std::chrono::seconds>(at).time_since_epoch().count();
    must(ASN1_TIME_set(field, seconds) != nullptr, "ASN1_TIME_set");
}

void set_serial(X509* certificate, std::array<std::uint8_t, 16> bytes) {
    bytes[0] = static_cast<std::uint8_t>((bytes[0] & 0x7f) | 0x40);  // positive, and always as long
    BIGNUM* number = BN_bin2bn(bytes.data(), static_cast<int>(bytes.size()), nullptr);
    must(number != nullptr, "BN_bin2bn");
    const bool ok = BN_to_ASN1_INTEGER(number, X509_get_serialNumber(certificate)) != nullptr;
    BN_free(number);
    must(ok, "BN_to_ASN1_INTEGER");
}

// Only constants of this file come here as text.
void add_fixed(X509* certificate, X509* issuer, int nid, const char* value) {
    X509V3_CTX context;
    X509V3_set_ctx_nodb(&context);
    X509V3_set_ctx(&context, issuer, certificate, nullptr, nullptr, 0);
    const X509ExtensionPtr extension{X509V3_EXT_conf_nid(nullptr, &context, nid, value)};
    must(extension != nullptr, value);
    must(X509_add_ext(certificate, extension.get(), -1) == 1, value);
}

void add_general_name(GENERAL_NAMES* names, int type, const void* data, std::size_t size) {
    ASN1_STRING* text = type == GEN_IPADD ? ASN1_OCTET_STRING_new() : ASN1_IA5STRING_new();
    GENERAL_NAME* name = GENERAL_NAME_new();
    must(text != nullptr && name != nullptr, "GENERAL_NAME_new");
    must(ASN1_STRING_set(text, data, static_cast<int>(size)) == 1, "ASN1_STRING_set");
    GENERAL_NAME_set0_value(name, type, text);
    must(sk_GENERAL_NAME_push(names, name) > 0, "sk_GENERAL_NAME_push");
}

void add_ip(GENERAL_NAMES* names, const std::string& ip) {
    ASN1_OCTET_STRING* octets = a2i_IPADDRESS(ip.c_str());
    must(octets != nullptr, "an address that is none in a server's certificate");
    add_general_name(names, GEN_IPADD, ASN1_STRING_get0_data(octets), ASN1_STRING_length(octets));
    ASN1_OCTET_STRING_free(octets);
}

std::string device_uri(const Subjects& subjects) {
    // The parts are ids, which hold no colon, so the URI reads back in one way only.
    return "obol:device:" + subjects.business + ":" + subjects.venue + ":" + subjects.common_name;
}

void add_subject_names(X509* certificate, const Subjects& subjects, bool server) {
    const GeneralNamesPtr names{sk_GENERAL_NAME_new_null()};
    must(names != nullptr, "GENERAL_NAMES");
    if (!server) {
        const std::string uri = device_uri(subjects);
        ENSURE(std::count(uri.begin(), uri.end(), ':') == 4);
        add_general_name(names.get(), GEN_URI, uri.data(), uri.size());
    }
    for (const std::string& dns : subjects.dns) add_general_name(names.get(), GEN_DNS, dns.data(), dns.size());
    for (const std::string& ip : subjects.ips) add_ip(names.get(), ip);
    if (sk_GENERAL_NAME_num(names.get()) == 0) return;
    must(X509_add1_ext_i2d(certificate, NID_subject_alt_name, names.get(), 0, 0) == 1, "subjectAltName");
}

X509Ptr blank(Instant not_before, Instant not_after, EVP_PKEY* public_key) {
    X509Ptr certificate{X509_new()};
    must(certificate != nullptr, "X509_new");
    must(X509_set_version(certificate.get(), version_3) == 1, "X509_set_version");
    set_time(X509_getm_notBefore(certificate.get()), not_before);
    set_time(X509_getm_notAfter(certificate.get()), not_after);
    must(X509_set_pubkey(certificate.get(), public_key) == 1, "X509_set_pubkey");
    return certificate;
}

std::string to_pem(X509* certificate) {
    const BioPtr bio{BIO_new(BIO_s_mem())};
    must(bio != nullptr && PEM_write_bio_X509(bio.get(), certificate) == 1, "PEM_write_bio_X509");
    return taken_from(bio.get());
}

X509Ptr from_pem(std::string_view pem) {
    const BioPtr bio = reading(pem);
    return X509Ptr{PEM_read_bio_X509(bio.get(), nullptr, nullptr, nullptr)};
}

Instant instant_of(const ASN1_TIME* time) {
    std::tm parts{};
    must(ASN1_TIME_to_tm(time, &parts) == 1, "ASN1_TIME_to_tm");
    return Instant{std::chrono::seconds{timegm(&parts)}};
}

std::string device_uri_in(X509* certificate) {
    const GeneralNamesPtr names{static_cast<GENERAL_NAMES*>(
        X509_get_ext_d2i(certificate, NID_subject_alt_name, nullptr, nullptr))};
    for (int i = 0; names && i < sk_GENERAL_NAME_num(names.get()); ++i) {
        const GENERAL_NAME* name = sk_GENERAL_NAME_value(names.get(), i);
        if (name->type != GEN_URI) continue;
        const ASN1_STRING* uri = name->d.uniformResourceIdentifier;
        std::string text(reinterpret_cast<const char*>(ASN1_STRING_get0_data(uri)),
                         static_cast<std::size_t>(ASN1_STRING_length(uri)));
        if (text.starts_with("obol:device:")) return text;
    }
    return {};
}

std::string serial_of(X509* certificate) {
    const ASN1_INTEGER* serial = X509_get0_serialNumber(certificate);
    return to_hex({ASN1_STRING_get0_data(serial), static_cast<std::size_t>(ASN1_STRING_length(serial))});
}

Result<std::array<std::uint8_t, 32>> raw_ed25519(EVP_PKEY* key, const char* fault) {
    std::array<std::uint8_t, 32> raw;
    std::size_t size = raw.size();
    if (key == nullptr || EVP_PKEY_get_id(key) != EVP_PKEY_ED25519 ||
        EVP_PKEY_get_raw_public_key(key, raw.data(), &size) != 1 || size != raw.size()) {
        last_error();
        return Fault{fault, "not an Ed25519 key"};
    }
    return raw;
}

}  // namespace

std::string make_ca(const SigningKey& key, std::string_view name, Instant now, Millis lifetime) {
    const X509Ptr ca = blank(now, now + lifetime, key.impl().key.get());
    std::array<std::uint8_t, 16> serial;
    const Digest digest = sha256(key.public_key());
    std::copy_n(digest.begin(), serial.size(), serial.begin());
    set_serial(ca.get(), serial);
    set_name(X509_get_subject_name(ca.get()), name);
    must(X509_set_issuer_name(ca.get(), X509_get_subject_name(ca.get())) == 1, "X509_set_issuer_name");
    add_fixed(ca.get(), ca.get(), NID_basic_constraints, "critical,CA:TRUE,pathlen:0");
    add_fixed(ca.get(), ca.get(), NID_key_usage, "critical,keyCertSign,cRLSign");
    add_fixed(ca.get(), ca.get(), NID_subject_key_identifier, "hash");
    must(X509_sign(ca.get(), key.impl().key.get(), nullptr) > 0, "X509_sign");
    return to_pem(ca.get());
}

std::string make_csr(const SigningKey& key, std::string_view common_name) {
    const X509ReqPtr request{X509_REQ_new()};
    must(request != nullptr, "X509_REQ_new");
    must(X509_REQ_set_version(request.get(), 0) == 1, "X509_REQ_set_version");
    set_name(X509_REQ_get_subject_name(request.get()), common_name);
    must(X509_REQ_set_pubkey(request.get(), key.impl().key.get()) == 1, "X509_REQ_set_pubkey");
    must(X509_REQ_sign(request.get(), key.impl().key.get(), nullptr) > 0, "X509_REQ_sign");
    const BioPtr bio{BIO_new(BIO_s_mem())};
    must(bio != nullptr && PEM_write_bio_X509_REQ(bio.get(), request.get()) == 1, "PEM_write_bio_X509_REQ");
    return taken_from(bio.get());
}

Result<std::array<std::uint8_t, 32>> csr_public_key(std::string_view csr_pem) {
    const BioPtr bio = reading(csr_pem);
    const X509ReqPtr request{PEM_read_bio_X509_REQ(bio.get(), nullptr, nullptr, nullptr)};
    if (!request) return Fault{"csr_malformed", last_error()};
    EVP_PKEY* const key = X509_REQ_get0_pubkey(request.get());
    const auto raw = raw_ed25519(key, "csr_malformed");
    if (!raw) return raw;
    // Signed by the key that it names: the asker holds the private half.
    if (X509_REQ_verify(request.get(), key) != 1) {
        last_error();
        return Fault{"csr_malformed", "not signed by its own key"};
    }
    return raw;
}

std::string issue_certificate(const SigningKey& ca_key, std::string_view ca_pem, ByteView public_key,
                              const Subjects& subjects, bool server, Instant now, Millis lifetime,
                              Random& random) {
    const X509Ptr ca = from_pem(ca_pem);
    must(ca != nullptr, "the CA's certificate");
    const PkeyPtr leaf_key = public_pkey(public_key);
    const X509Ptr leaf = blank(now, now + lifetime, leaf_key.get());
    std::array<std::uint8_t, 16> serial;
    random.fill(serial);
    set_serial(leaf.get(), serial);
    set_name(X509_get_subject_name(leaf.get()), subjects.common_name);
    must(X509_set_issuer_name(leaf.get(), X509_get_subject_name(ca.get())) == 1, "X509_set_issuer_name");
    add_fixed(leaf.get(), ca.get(), NID_basic_constraints, "critical,CA:FALSE");
    add_fixed(leaf.get(), ca.get(), NID_key_usage, "critical,digitalSignature");
    add_fixed(leaf.get(), ca.get(), NID_ext_key_usage, server ? "serverAuth" : "clientAuth");
    add_fixed(leaf.get(), ca.get(), NID_subject_key_identifier, "hash");
    add_fixed(leaf.get(), ca.get(), NID_authority_key_identifier, "keyid");
    add_subject_names(leaf.get(), subjects, server);
    must(X509_sign(leaf.get(), ca_key.impl().key.get(), nullptr) > 0, "X509_sign");
    return to_pem(leaf.get());
}

Result<Identity> read_identity(std::string_view certificate_pem) {
    const X509Ptr certificate = from_pem(certificate_pem);
    if (!certificate) return Fault{"certificate_malformed", last_error()};
    const std::string uri = device_uri_in(certificate.get());
    std::vector<std::string> parts{""};
    for (const char c : uri) {
        if (c == ':') parts.emplace_back();
        else parts.back() += c;
    }
    if (parts.size() != 5) return Fault{"certificate_malformed", "names no device"};
    Identity out;
    out.business = parts[2];
    out.venue = parts[3];
    out.device = parts[4];
    out.serial = serial_of(certificate.get());
    out.not_before = instant_of(X509_get0_notBefore(certificate.get()));
    out.not_after = instant_of(X509_get0_notAfter(certificate.get()));
    return out;
}

Result<std::array<std::uint8_t, 32>> certificate_public_key(std::string_view certificate_pem) {
    const X509Ptr certificate = from_pem(certificate_pem);
    if (!certificate) return Fault{"certificate_malformed", last_error()};
    return raw_ed25519(X509_get0_pubkey(certificate.get()), "certificate_malformed");
}

Result<Life> life_of(std::string_view certificate_pem) {
    const X509Ptr certificate = from_pem(certificate_pem);
    if (!certificate) return Fault{"certificate_malformed", last_error()};
    return Life{instant_of(X509_get0_notBefore(certificate.get())), instant_of(X509_get0_notAfter(certificate.get()))};
}

std::vector<std::string> certificates_in(std::string_view pem) {
    std::vector<std::string> out;
    const BioPtr bio = reading(pem);
    for (;;) {
        const X509Ptr certificate{PEM_read_bio_X509(bio.get(), nullptr, nullptr, nullptr)};
        if (!certificate) break;
        out.push_back(to_pem(certificate.get()));
    }
    last_error();  // that there is no further one is no fault
    return out;
}

bool is_signed_by(std::string_view certificate_pem, std::string_view ca_pem) {
    const X509Ptr certificate = from_pem(certificate_pem), ca = from_pem(ca_pem);
    const bool good = certificate && ca && X509_verify(certificate.get(), X509_get0_pubkey(ca.get())) == 1;
    if (!good) last_error();
    return good;
}

std::string fingerprint(std::string_view certificate_pem) {
    const X509Ptr certificate = from_pem(certificate_pem);
    must(certificate != nullptr, "a certificate");
    unsigned char* der = nullptr;
    const int size = i2d_X509(certificate.get(), &der);
    must(size > 0, "i2d_X509");
    const std::string out = to_hex(sha256({der, static_cast<std::size_t>(size)}));
    OPENSSL_free(der);
    return out;
}

}  // namespace obol::crypto
