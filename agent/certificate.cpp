#include "agent/certificate.hpp"

#include <algorithm>
#include <boost/asio/co_spawn.hpp>

#include "sync/crypto/crypto.hpp"
#include "sync/host/system.hpp"

namespace obol::agent {

namespace asio = boost::asio;

namespace {

constexpr Millis fortnight{std::int64_t{14} * 24 * 3600 * 1000};

}  // namespace

struct CertificateKeeper::Impl : std::enable_shared_from_this<Impl> {
    Impl(asio::any_io_executor on, std::string in, std::string server, const Credentials& credentials,
         GuardedClock& guarded, BootClock& since_boot, Timers& by)
        : loop(std::move(on)),
          directory(std::move(in)),
          server_name(std::move(server)),
          private_key(credentials.key.to_pem()),
          csr(crypto::make_csr(credentials.key, crypto::device_id_of(credentials.key.public_key()))),
          renewal({credentials.certificate, credentials.ca}),
          clock(guarded),
          boot(since_boot),
          timers(by) {}

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
    Renewal renewal;
    GuardedClock& clock;
    BootClock& boot;
    Timers& timers;
    uplink::HttpLedger* ledger = nullptr;
    const uplink::Link* link = nullptr;
    std::optional<Timers::Token> timer{};
    bool asking = false, ended = false;
};

void CertificateKeeper::Impl::look() {
    if (ledger == nullptr || asking || ended) return;
    if (!renewal.wants(clock.judged(), boot.since_boot(), link->state())) return;
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
    Result<Papers> papers =
        answer ? papers_from(*answer, renewal.own(), now.trusted ? std::optional(now.now) : std::nullopt)
               : Result<Papers>{answer.error()};
    const Result<void> kept = papers ? keep(*papers) : Result<void>{papers.error()};
    if (kept || !renewal.failed(kept.error(), boot.since_boot(), link->state())) return;
    host::log_line(host::Level::warning, "the device's certificate was not renewed: " + renewal.why());
}

Result<void> CertificateKeeper::Impl::keep(const Papers& papers) {
    constexpr unsigned owner_only = 0600;
    const Papers own = renewal.own();
    const bool other = papers.certificate != own.certificate || papers.ca != own.ca;
    // The CAs first: more of them than the certificate needs do no harm.
    for (const auto& [name, content] : {std::pair{"/ca.pem", papers.ca}, std::pair{"/device.crt", papers.certificate}}) {
        if (!other) break;
        if (auto written = host::write_file_atomically(directory + name, content, owner_only); !written) return written;
    }
    renewal.keep(papers, boot.since_boot());
    if (!other) return {};
    ledger->present(tls());
    host::log_line(host::Level::info,
                   "the device's certificate was renewed; it lives until " + to_rfc3339(renewal.life().to));
    return {};
}

void CertificateKeeper::Impl::heard(const wire::Welcome& welcome) {
    renewal.ledger_names(welcome.cas);
    look();
}

void CertificateKeeper::Impl::tick() {
    look();
    timer = timers.after(renewal.look_every(), [weak = weak_from_this()] {
        if (const auto self = weak.lock()) self->tick();
    });
}

net::ClientTls CertificateKeeper::Impl::tls() const {
    net::ClientTls out;
    out.ca = renewal.own().ca;
    out.certificate = renewal.own().certificate;
    out.private_key = private_key;
    out.server_name = server_name;
    // By a clock that was wrong in either direction the ledger's certificate would be refused for ever, and with
    // it the time that sets the clock right. Sure is only that it is not earlier than the own certificate began.
    out.now = [&by = clock, sure = renewal.life().from] {
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
    const crypto::Life& life = impl_->renewal.life();
    const Millis alarm = std::min(fortnight, std::chrono::duration_cast<Millis>(life.to - life.from) / 6);
    const ClockNow now = impl_->clock.judged();
    return {life.to, now.trusted && now.now >= life.to - alarm, impl_->renewal.why()};
}

}  // namespace obol::agent
