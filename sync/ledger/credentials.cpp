#include "sync/ledger/credentials.hpp"

#include <algorithm>
#include <array>

#include "sync/host/system.hpp"

namespace obol::ledger {

namespace {

constexpr Millis day{24 * 3600 * 1000};
constexpr Millis ca_lifetime = day * 7300;
constexpr Millis server_lifetime = day * 1825;
constexpr std::array files{"ca.key", "ca.crt", "server.key", "server.crt", "code.key", "seal.key"};

std::string in(const std::string& directory, std::string_view file) {
    return directory + "/" + std::string(file);
}

bool is_address(const std::string& name) {
    return name.find(':') != std::string::npos ||
           name.find_first_not_of("0123456789.") == std::string::npos;
}

crypto::Subjects subjects_of(const std::vector<std::string>& names) {
    crypto::Subjects subjects{.common_name = names.front(), .venue = {}, .business = {}};
    for (const std::string& name : names) (is_address(name) ? subjects.ips : subjects.dns).push_back(name);
    return subjects;
}

Result<crypto::Key32> key_from(const std::string& path, const std::string& text) {
    std::string hex = text;
    while (!hex.empty() && hex.back() == '\n') hex.pop_back();
    const auto bytes = from_hex(hex);
    if (!bytes || bytes->size() != crypto::Key32{}.size()) {
        return Fault{"credentials_damaged", path + ": is not 32 bytes in hex"};
    }
    crypto::Key32 key{};
    std::copy(bytes->begin(), bytes->end(), key.begin());
    return key;
}

}  // namespace

Result<void> make_credentials(const std::string& directory, const std::vector<std::string>& names,
                              Instant now, Random& random) {
    if (auto made = host::make_directories(directory, 0700); !made) return made.error();
    for (const char* file : files) {
        if (!host::file_exists(in(directory, file))) continue;
        return Fault{"credentials_exist", in(directory, file) + ": is there already; nothing was changed"};
    }
    const auto ca = crypto::SigningKey::generate(random);
    const std::string ca_certificate = crypto::make_ca(ca, "Obol ledger CA", now, ca_lifetime);
    const auto server = crypto::SigningKey::generate(random);
    const std::string server_certificate =
        crypto::issue_certificate(ca, ca_certificate, server.public_key(), subjects_of(names), true, now,
                                  server_lifetime, random);
    const std::array contents{ca.to_pem(),
                              Secret{ca_certificate},
                              server.to_pem(),
                              Secret{server_certificate},
                              Secret{to_hex(crypto::make_key(random)) + "\n"},
                              Secret{to_hex(crypto::make_key(random)) + "\n"}};
    for (std::size_t i = 0; i < files.size(); ++i) {
        auto written = host::write_file_atomically(in(directory, files[i]), contents[i].reveal(), 0600);
        if (!written) return written.error();
    }
    return {};
}

Result<Credentials> load_credentials(const std::string& directory) {
    std::string missing;
    std::array<Secret, files.size()> contents;
    for (std::size_t i = 0; i < files.size(); ++i) {
        auto text = host::read_file(in(directory, files[i]));
        if (text) {
            contents[i] = Secret{std::move(*text)};
        } else {
            missing += (missing.empty() ? "" : "; ") + text.error().detail;
        }
    }
    if (!missing.empty()) {
        return Fault{"credentials_missing",
                     missing + ". They are made once, by `obol-ledger init`; a lost one comes back only from its backup"};
    }
    auto ca = crypto::SigningKey::from_pem(contents[0]);
    if (!ca) return Fault{"credentials_damaged", in(directory, files[0]) + ": " + ca.error().detail};
    const auto server = crypto::SigningKey::from_pem(contents[2]);
    if (!server) return Fault{"credentials_damaged", in(directory, files[2]) + ": " + server.error().detail};
    const auto code = key_from(in(directory, files[4]), contents[4].reveal());
    if (!code) return code.error();
    const auto seal = key_from(in(directory, files[5]), contents[5].reveal());
    if (!seal) return seal.error();
    return Credentials{std::move(*ca), contents[1].reveal(), contents[2], contents[3].reveal(),
                       SecretKeys{*code, *seal}};
}

}  // namespace obol::ledger
