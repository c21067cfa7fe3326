#include "agent/renewal.hpp"

#include <algorithm>

namespace obol::agent {

namespace {

constexpr Millis day{std::int64_t{24} * 3600 * 1000};
constexpr Millis most_between_tries_cut_off{15'000};
constexpr std::size_t most_cas = 8;

bool has(const std::vector<std::string>& all, const std::string& one) {
    return std::find(all.begin(), all.end(), one) != all.end();
}

Fault refused(const std::string& why) { return {"certificate_refused", "the certificate that came " + why}; }

}  // namespace

Result<Papers> papers_from(const wire::Renewed& answer, const Papers& own, std::optional<Instant> now) {
    const auto mine = crypto::read_identity(own.certificate).value();
    const auto made = crypto::read_identity(answer.certificate);
    if (!made) return refused("cannot be read: " + made.error().detail);
    const bool same_names = made->device == mine.device && made->venue == mine.venue && made->business == mine.business;
    const auto key = crypto::certificate_public_key(answer.certificate);
    if (!same_names || !key || *key != crypto::certificate_public_key(own.certificate).value()) {
        return refused("is another device's");
    }
    std::vector<std::string> cas = crypto::certificates_in(answer.ca);
    if (cas.empty()) return refused("has no CA with it");
    for (const std::string& before : crypto::certificates_in(own.ca)) {
        const bool lives = !now || *now < crypto::life_of(before).value().to;
        if (lives && !has(cas, before)) cas.push_back(before);
    }
    if (cas.size() > most_cas) return refused("has too many CAs with it");
    const bool ours = std::any_of(cas.begin(), cas.end(), [&](const std::string& ca) {
        return crypto::is_signed_by(answer.certificate, ca);
    });
    if (!ours) return refused("is of none of the CAs with it");
    Papers out{answer.certificate, {}};
    for (const std::string& ca : cas) out.ca += ca;
    return out;
}

Renewal::Renewal(Papers own) : own_(std::move(own)), life_(crypto::life_of(own_.certificate).value()) {}

Millis Renewal::pause() const {
    return std::clamp(std::chrono::duration_cast<Millis>(life_.to - life_.from) / 60, Millis{200}, day);
}

Millis Renewal::look_every() const {
    constexpr Millis minute{60'000};
    return std::min(pause(), minute);
}

// Whoever cannot reach the ledger and has no time to go by, or is refused there, may be one whose certificate has ended
// while its clock stood still: the ledger gives a young one again, so asking harms nobody.
bool Renewal::is_due(const ClockNow& clock, const uplink::LinkState& link) const {
    if (other_cas_ || (clock.trusted && clock.now >= life_.due())) return true;
    return !link.up && (!clock.trusted || link.why.starts_with("refused"));
}

bool Renewal::wants(const ClockNow& clock, Millis since_boot, const uplink::LinkState& link) const {
    if (link.mode == uplink::LinkMode::down || !is_due(clock, link)) return false;
    return !not_before_ || since_boot >= *not_before_;
}

void Renewal::ledger_names(const std::vector<std::string>& cas) {
    std::vector<std::string> known;
    for (const std::string& ca : crypto::certificates_in(own_.ca)) known.push_back(crypto::fingerprint(ca));
    other_cas_ = std::any_of(cas.begin(), cas.end(), [&known](const std::string& ca) { return !has(known, ca); });
}

// With a link there is time: one try a day. Without one the venue may be cut off by nothing but this, whatever stood in
// the way this time (no link at all, a captive portal, a ledger whose disk is full).
bool Renewal::failed(const Fault& why, Millis since_boot, const uplink::LinkState& link) {
    not_before_ = since_boot + (link.up ? pause() : std::min(pause(), most_between_tries_cut_off));
    std::string said = why.code + ": " + why.detail;
    const bool news = said != why_;
    why_ = std::move(said);
    return news;
}

void Renewal::keep(Papers papers, Millis since_boot) {
    const bool same = papers.certificate == own_.certificate;  // it was something else that was refused
    own_ = std::move(papers);
    life_ = crypto::life_of(own_.certificate).value();
    why_.clear();
    other_cas_ = false;
    not_before_ = since_boot + std::min(pause(), same ? most_between_tries_cut_off : Millis{1000});
}

}  // namespace obol::agent
