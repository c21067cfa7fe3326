#include "agent/certificate.hpp"

#include <algorithm>
#include <boost/asio/co_spawn.hpp>

#include "sync/crypto/crypto.hpp"
#include "sync/host/system.hpp"

namespace obol::agent {

namespace asio = boost::asio;

namespace {

constexpr Millis hour{3600 * 1000}, day = hour * 24, fortnight = day * 14;
constexpr std::size_t most_cas = 8;

Millis length_of(const crypto::Life& life) { return std::chrono::duration_cast<Millis>(life.to - life.from); }

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

struct CertificateKeeper::Impl : std::enable_shared_from_this<Impl> {
    Impl(asio::any_io_executor on, std::string in, std::string server, const Credentials& credentials,
         GuardedClock& guarded, BootClock& since_boot, Timers& by)
        : loop(std::move(on)),
          directory(std::move(in)),
          server_name(std::move(server)),
          private_key(credentials.key.to_pem()),
          csr(crypto::make_csr(credentials.key, crypto::device_id_of(credentials.key.public_key()))),
          own{credentials.certificate, credentials.ca},
          life(crypto::life_of(own.certificate).value()),
          clock(guarded),
          boot(since_boot),
          timers(by) {}

    Millis pause() const { return std::clamp(length_of(life) / 60, Millis{200}, day); }
    bool is_due() const;
    net::ClientTls tls() const;
    void look();
    void tick();
    void heard(const wire::Welcome& welcome);
    void take(const Result<wire::Renewed>& answer);
    Result<void> keep(const Papers& papers);
    // Owns the Impl from the moment it is made.
    static awaitable<void> ask(std::shared_ptr<Impl> self);

    asio::any_io_executor loop;
    std::string directory, server_name;
    Secret private_key;
    std::string csr;
    Papers own;
    crypto::Life life;
    GuardedClock& clock;
    BootClock& boot;
    Timers& timers;
    uplink::HttpLedger* ledger = nullptr;
    const uplink::Link* link = nullptr;
    std::optional<Timers::Token> timer{};
    std::optional<Millis> not_before{};  // by the boot clock: one try a day
    bool other_cas = false, asking = false, ended = false;
    std::string why{};
};

// Without a time to go by, whoever cannot reach the ledger may be one whose certificate has ended: the ledger
// gives a young one again, so asking harms nobody.
bool CertificateKeeper::Impl::is_due() const {
    const ClockNow now = clock.judged();
    return other_cas || (now.trusted ? now.now >= life.due() : !link->up());
}

void CertificateKeeper::Impl::look() {
    if (ledger == nullptr || asking || ended || link->state().mode == uplink::LinkMode::down) return;
    if (!is_due() || (not_before && boot.since_boot() < *not_before)) return;
    asking = true;
    asio::co_spawn(loop, ask(shared_from_this()), [](std::exception_ptr thrown) {
        if (thrown) std::rethrow_exception(thrown);
    });
}

awaitable<void> CertificateKeeper::Impl::ask(std::shared_ptr<Impl> self) {
    wire::Renew request{self->csr};
    const Result<wire::Renewed> answer = co_await self->ledger->renew(std::move(request));
    self->asking = false;
    if (!self->ended) self->take(answer);
}

void CertificateKeeper::Impl::take(const Result<wire::Renewed>& answer) {
    const ClockNow now = clock.judged();
    Result<Papers> papers = answer ? papers_from(*answer, own, now.trusted ? std::optional(now.now) : std::nullopt)
                                   : Result<Papers>{answer.error()};
    const Result<void> kept = papers ? keep(*papers) : Result<void>{papers.error()};
    if (kept) {
        why.clear();
        other_cas = false;
        not_before = boot.since_boot() + std::min(pause(), Millis{1000});
        return;
    }
    // No link is nothing to tell: it is tried again as soon as there is one.
    const bool unreachable = kept.error().code == "unreachable" || kept.error().code == "timed_out";
    not_before = boot.since_boot() + (unreachable ? std::min(pause(), Millis{15'000}) : pause());
    const std::string said = kept.error().code + ": " + kept.error().detail;
    if (said != why) host::log_line(host::Level::warning, "the device's certificate was not renewed: " + said);
    why = said;
}

Result<void> CertificateKeeper::Impl::keep(const Papers& papers) {
    constexpr unsigned owner_only = 0600;
    if (papers.certificate == own.certificate && papers.ca == own.ca) return {};
    // The CAs first: more of them than the certificate needs do no harm.
    for (const auto& [name, content] : {std::pair{"/ca.pem", papers.ca}, std::pair{"/device.crt", papers.certificate}}) {
        if (auto written = host::write_file_atomically(directory + name, content, owner_only); !written) return written;
    }
    own = papers;
    life = crypto::life_of(own.certificate).value();
    ledger->present(tls());
    host::log_line(host::Level::info, "the device's certificate was renewed; it lives until " + to_rfc3339(life.to));
    return {};
}

void CertificateKeeper::Impl::heard(const wire::Welcome& welcome) {
    std::vector<std::string> known;
    for (const std::string& ca : crypto::certificates_in(own.ca)) known.push_back(crypto::fingerprint(ca));
    other_cas = std::any_of(welcome.cas.begin(), welcome.cas.end(),
                            [&known](const std::string& ca) { return !has(known, ca); });
    look();
}

void CertificateKeeper::Impl::tick() {
    look();
    timer = timers.after(std::min(pause(), hour), [weak = weak_from_this()] {
        if (const auto self = weak.lock()) self->tick();
    });
}

net::ClientTls CertificateKeeper::Impl::tls() const {
    net::ClientTls out;
    out.ca = own.ca;
    out.certificate = own.certificate;
    out.private_key = private_key;
    out.server_name = server_name;
    // By a clock that was wrong in either direction the ledger's certificate would be refused for ever, and with
    // it the time that sets the clock right. Sure is only that it is not earlier than the own certificate began.
    out.now = [&by = clock, sure = life.from] {
        const ClockNow now = by.judged();
        return now.trusted ? now.now : sure;
    };
    out.clock_may_be_behind = [&by = clock] { return !by.judged().trusted; };
    return out;
}

CertificateKeeper::CertificateKeeper(asio::any_io_executor loop, std::string directory, std::string server_name,
                                     const Credentials& credentials, GuardedClock& clock, BootClock& boot,
                                     Timers& timers)
    : impl_(std::make_shared<Impl>(std::move(loop), std::move(directory), std::move(server_name), credentials, clock,
                                   boot, timers)) {}

CertificateKeeper::~CertificateKeeper() {
    impl_->ended = true;
    if (impl_->timer) impl_->timers.cancel(*impl_->timer);
}

net::ClientTls CertificateKeeper::tls() const { return impl_->tls(); }

void CertificateKeeper::start(uplink::HttpLedger& ledger, const uplink::Link& link) {
    impl_->ledger = &ledger;
    impl_->link = &link;
    ledger.on_welcome([weak = std::weak_ptr<Impl>(impl_)](const wire::Welcome& welcome) {
        if (const auto self = weak.lock()) self->heard(welcome);
    });
    impl_->tick();
}

void CertificateKeeper::link_changed() { impl_->look(); }

CertificateNow CertificateKeeper::now() const {
    const Millis alarm = std::min(fortnight, length_of(impl_->life) / 6);
    const ClockNow now = impl_->clock.judged();
    return {impl_->life.to, now.trusted && now.now >= impl_->life.to - alarm, impl_->why};
}

}  // namespace obol::agent
