#pragma once
// The sync port: /sync/v1 for enrolled devices. Reads the message, calls the state machine, words
// the answer; the one thing of its own is waiting: a feed without news is held until something
// wakes it.

#include <boost/asio/experimental/channel.hpp>
#include <list>
#include <map>
#include <memory>

#include "sync/core/timers.hpp"
#include "sync/host/pool.hpp"
#include "sync/ledger/sync_end.hpp"
#include "sync/net/http.hpp"

namespace obol::ledger {

inline constexpr Millis longest_wait{30'000};

// Whom new certificates come from, and which CAs devices have to believe. Unset: none are given out here.
struct CertificateDesk {
    std::function<Authority()> authority{};
    std::function<std::vector<std::string>()> cas{};
};

class SyncRoutes {
public:
    // `broken` is called when a commit failed: its outcome is unknown and nothing may be trusted.
    // PINs are compared in `pool`, or on the loop where there is none; the pool ends before the loop.
    SyncRoutes(sql::Db& db, WallClock& clock, Timers& timers, Random& random,
               const SecretKeys& keys, std::function<void(std::string_view why)> broken,
               host::Pool* pool = nullptr, CertificateDesk desk = {}, IssuedKeys* record = nullptr);

    ~SyncRoutes();
    SyncRoutes(const SyncRoutes&) = delete;
    SyncRoutes& operator=(const SyncRoutes&) = delete;

    net::awaitable<net::Reply> handle(net::Request request);
    // Held feeds answer at once and later ones are not held: the server is stopping.
    void stop();
    SyncEnd& end() { return end_; }

private:
    using Bell = boost::asio::experimental::channel<void(boost::system::error_code)>;
    struct Waiter {
        DeviceId h;
        std::string venue, business;
        std::shared_ptr<Bell> bell;
        bool superseded = false;
    };
    class Held;

    net::awaitable<net::Reply> feed(crypto::Identity who, std::string body);
    net::awaitable<net::Reply> pass(crypto::Identity who, std::string body);
    net::awaitable<std::optional<bool>> compare(std::string verifier, wire::PassAsk ask);
    net::Reply at_once(const crypto::Identity& who, const net::Request& request);
    struct Presented {
        crypto::Identity who;
        Bytes public_key;
    };
    Result<Presented> presented(const std::string& certificate);
    Result<crypto::Identity> identify(const net::Request& request);
    net::Reply hello(const crypto::Identity& who, const std::string& body);
    net::Reply push(const crypto::Identity& who, const std::string& body);
    net::Reply failed(std::string_view why, bool disk_full);
    void ring(const Wake& wake);
    void supersede(const DeviceId& h);
    void gone(const DeviceId& h);
    void look_again(const DeviceId& h);

    SyncEnd end_;
    Timers& timers_;
    std::function<void(std::string_view)> broken_;
    host::Pool* pool_;
    WallClock& clock_;
    CertificateDesk desk_;
    std::list<Waiter> waiters_;
    // What was read of certificates, by their text: a device presents the same one in each exchange.
    std::map<std::string, Presented> presented_{};
    bool stopping_ = false;
    std::shared_ptr<bool> alive_ = std::make_shared<bool>(true);
};

}  // namespace obol::ledger
