#pragma once
// The Ledger port over HTTP: one connection for the feed's long-poll (and the snapshot before it),
// one for hello and push, one for direct questions, opened when the first is asked: nobody waits at
// the till for a push to end.

#include <boost/asio/any_io_executor.hpp>
#include <functional>
#include <memory>

#include "sync/net/http.hpp"
#include "sync/uplink/ports.hpp"

namespace obol::uplink {

class HttpLedger final : public Ledger {
public:
    HttpLedger(boost::asio::any_io_executor executor, net::ClientOptions options);
    ~HttpLedger() override;

    awaitable<Result<wire::Welcome>> hello(wire::Hello hello) override;
    awaitable<Result<wire::Receipt>> push(wire::Push push) override;
    awaitable<Result<wire::Page>> feed(wire::FeedAsk ask) override;
    awaitable<Result<wire::Snapshot>> snapshot() override;
    awaitable<Result<wire::SnapshotPage>> snapshot_page(wire::SnapshotAsk ask) override;
    awaitable<Result<wire::PassAnswer>> pass(wire::PassAsk ask) override;
    awaitable<Result<wire::PurchaseAnswer>> purchase(wire::PurchaseAsk ask) override;
    awaitable<Result<wire::IssueAnswer>> issue(wire::IssueAsk ask) override;
    awaitable<Result<wire::CompareAnswer>> compare(wire::CompareAsk ask) override;
    void cut() override;

    // A new certificate for the device's key. It may be asked for while there is no session.
    awaitable<Result<wire::Renewed>> renew(wire::Renew ask);
    // New connections show this certificate and believe these CAs; exchanges under way end as they began.
    void present(net::ClientTls tls);
    // Called with each Welcome, before the session goes on.
    void on_welcome(std::function<void(const wire::Welcome&)> told);

private:
    struct Impl;
    std::shared_ptr<Impl> impl_;
};

// One enrolment: POST /enrol/v1 with the one-time token. The ledger's certificate is believed by
// `options.tls.ca`, which the operator gave along with the token.
awaitable<Result<wire::Enrolled>> enrol(boost::asio::any_io_executor executor,
                                        net::ClientOptions options, wire::Enrol request);

// The journal of another device of this one's venue, which cannot bring it any more: POST
// /sync/v1/hand-in?device=H with a push that its key has signed.
awaitable<Result<wire::Receipt>> hand_in(boost::asio::any_io_executor executor,
                                         net::ClientOptions options, std::string device,
                                         wire::Push push);

}  // namespace obol::uplink
