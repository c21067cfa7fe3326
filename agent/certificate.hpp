#pragma once
// The device's certificate renews itself: over its own mutual TLS link, for the same key, when two thirds of its
// life are over, and at once when the ledger names a CA that is not known here. What comes is written durably and
// shown by the next connection; nothing is restarted and no request of a till waits for it.

#include <boost/asio/any_io_executor.hpp>
#include <memory>
#include <optional>
#include <string>

#include "agent/app/context.hpp"
#include "agent/credentials.hpp"
#include "agent/renewal.hpp"
#include "sync/core/timers.hpp"
#include "sync/net/http.hpp"
#include "sync/uplink/http_ledger.hpp"

namespace obol::agent {

class CertificateKeeper {
public:
    CertificateKeeper(boost::asio::any_io_executor loop, std::string directory, std::string server_name,
                      const Credentials& credentials, GuardedClock& clock, BootClock& boot, Timers& timers);
    ~CertificateKeeper();
    CertificateKeeper(const CertificateKeeper&) = delete;
    CertificateKeeper& operator=(const CertificateKeeper&) = delete;

    net::ClientTls tls() const;
    // `link` tells whether it is switched off; both outlive this.
    void start(uplink::HttpLedger& ledger, const uplink::Link& link);
    void link_changed();
    CertificateNow now() const;

private:
    struct Impl;
    std::shared_ptr<Impl> impl_;
};

}  // namespace obol::agent
