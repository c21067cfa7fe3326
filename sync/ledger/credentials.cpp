#include "sync/ledger/credentials.hpp"

#include <algorithm>
#include <array>

#include "sync/host/system.hpp"

namespace obol::ledger {

namespace {

constexpr Millis day{24 * 3600 * 1000};
constexpr Millis ca_lifetime = day * 7300;
constexpr std::array files{"ca.key", "ca.crt", "server.key", "server.crt", "code.key", "seal.key"};

constexpr const char* old_cas = "ca-old.crt";
constexpr const char* next_ca = "ca-next.crt";

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

bool belongs_to(const std::string& certificate, const crypto::SigningKey& key) {
    const auto named = crypto::certificate_public_key(certificate);
    return named && *named == key.public_key();
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
                              Millis server_life, Instant now, Random& random) {
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
                                  server_life, random);
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
    std::string ca_certificate = contents[1].reveal();
    // A rotation that was cut short after the key: the certificate that fits it lies beside.
    if (!belongs_to(ca_certificate, *ca)) {
        const auto next = host::read_file(in(directory, next_ca));
        if (!next || !belongs_to(*next, *ca)) {
            return Fault{"credentials_damaged", in(directory, files[1]) + ": does not belong to ca.key"};
        }
        ca_certificate = *next;
    }
    std::vector<std::string> older;
    if (const auto old = host::read_file(in(directory, old_cas))) older = crypto::certificates_in(*old);
    return Credentials{std::move(*ca), std::move(ca_certificate), std::move(older), contents[2],
                       contents[3].reveal(), SecretKeys{*code, *seal}};
}

std::string issue_server_certificate(const Credentials& credentials, const std::vector<std::string>& names,
                                     Millis life, Instant now, Random& random) {
    const auto key = crypto::SigningKey::from_pem(credentials.server_key).value();
    const Instant ca_ends = crypto::life_of(credentials.ca_certificate).value().to;
    const Millis lives = std::min(life, std::chrono::duration_cast<Millis>(ca_ends - now));
    return crypto::issue_certificate(credentials.ca_key, credentials.ca_certificate, key.public_key(),
                                     subjects_of(names), true, now, lives, random);
}

Result<void> save_server_certificate(const std::string& directory, const std::string& certificate) {
    return host::write_file_atomically(in(directory, "server.crt"), certificate, 0600);
}

Result<void> rotate_ca(const std::string& directory, const std::vector<std::string>& names, Millis server_life,
                       Instant now, Random& random) {
    const auto before = load_credentials(directory);
    if (!before) return before.error();
    std::string old;
    for (const std::string& each : before->older_cas) {
        if (crypto::life_of(each).value().to > now) old += each;
    }
    old += before->ca_certificate;
    const auto key = crypto::SigningKey::generate(random);
    const std::string certificate = crypto::make_ca(key, "Obol ledger CA", now, ca_lifetime);
    // In this order each moment is a whole: the old CA is believed before it is replaced, and the certificate of
    // the new key lies there before the key does.
    const std::array<std::pair<const char*, Secret>, 5> steps{
        {{"server.crt", Secret{issue_server_certificate(*before, names, server_life, now, random)}},
         {old_cas, Secret{old}},
         {next_ca, Secret{certificate}},
         {"ca.key", key.to_pem()},
         {"ca.crt", Secret{certificate}}}};
    for (const auto& [file, content] : steps) {
        if (auto written = host::write_file_atomically(in(directory, file), content.reveal(), 0600); !written) {
            return written.error();
        }
    }
    return {};
}

}  // namespace obol::ledger
