#include "sync/ledger/certificates.hpp"

#include <fmt/core.h>

#include <algorithm>

namespace obol::ledger {

namespace {

constexpr Millis hour{3600 * 1000}, fortnight = hour * 24 * 14;

std::string url_of(const std::string& host, std::uint16_t port) {
    const bool ipv6 = host.find(':') != std::string::npos;
    return fmt::format("https://{}:{}", ipv6 ? "[" + host + "]" : host, port);
}

Millis length_of(const crypto::Life& life) { return std::chrono::duration_cast<Millis>(life.to - life.from); }

}  // namespace

Certificates::Certificates(const Config& config, const Credentials& credentials, WallClock& wall, Random& random)
    : config_(config), credentials_(credentials), wall_(wall), random_(random),
      server_certificate_(credentials.server_certificate) {}

Result<bool> Certificates::look() {
    const Instant now = wall_.now();
    const auto life = crypto::life_of(server_certificate_);
    if (life && now < life->due()) return false;
    const std::string made =
        issue_server_certificate(credentials_, config_.names, config_.server_life, now, random_);
    if (const auto saved = save_server_certificate(config_.credentials, made); !saved) return saved.error();
    server_certificate_ = made;
    return true;
}

Millis Certificates::pause() const { return std::clamp(config_.server_life / 20, Millis{100}, hour); }

Millis Certificates::alarm_before(Millis life) const { return std::min(fortnight, life / 6); }

std::optional<std::string> Certificates::ending() const {
    const Instant now = wall_.now();
    for (const auto& [name, certificate] : {std::pair{"the server's certificate", server_certificate_},
                                            std::pair{"the CA", credentials_.ca_certificate}}) {
        const auto life = crypto::life_of(certificate);
        if (!life) return std::string(name) + " cannot be read";
        if (now >= life->to - alarm_before(length_of(*life))) {
            return std::string(name) + " ends at " + to_rfc3339(life->to);
        }
    }
    return std::nullopt;
}

std::string Certificates::serving_ca() const {
    for (const std::string& older : credentials_.older_cas) {
        if (crypto::is_signed_by(server_certificate_, older)) return older;
    }
    return credentials_.ca_certificate;
}

std::vector<std::string> Certificates::believed() const {
    std::vector<std::string> out{serving_ca()};
    const auto add = [&](const std::string& ca) {
        const auto life = crypto::life_of(ca);
        if (ca != out.front() && life && wall_.now() < life->to) out.push_back(ca);
    };
    add(credentials_.ca_certificate);
    for (const std::string& older : credentials_.older_cas) add(older);
    return out;
}

std::vector<std::string> Certificates::cas() const {
    std::vector<std::string> out;
    for (const std::string& ca : believed()) out.push_back(crypto::fingerprint(ca));
    return out;
}

net::ServerTls Certificates::for_people() const {
    // The CA goes along: a device that enrols knows no more of it than its fingerprint.
    return {.certificate_chain = server_certificate_ + serving_ca(),
            .private_key = credentials_.server_key,
            .client_ca = {},
            .now = [&wall = wall_] { return wall.now(); }};
}

net::ServerTls Certificates::for_devices() const {
    net::ServerTls tls = for_people();
    for (const std::string& ca : believed()) tls.client_ca += ca;
    // A device that enrols has none yet; every other call demands one itself.
    tls.client_certificate_required = false;
    tls.ended_client_for = renewable_after_end;
    return tls;
}

Authority Certificates::authority() const {
    Authority out{credentials_.ca_key, credentials_.ca_certificate,
                  url_of(config_.names.front(), config_.sync_port)};
    for (const std::string& ca : believed()) out.cas += ca;
    out.device_life = config_.device_life;
    return out;
}

}  // namespace obol::ledger
