#include "sync/ledger/api/sync_routes.hpp"

#include <algorithm>
#include <boost/asio/as_tuple.hpp>
#include <boost/asio/post.hpp>
#include <boost/asio/this_coro.hpp>
#include <boost/asio/use_awaitable.hpp>

#include "sync/ledger/api/words.hpp"

namespace obol::ledger {

namespace asio = boost::asio;

namespace {

constexpr std::string_view prefix = "/sync/v1/", renew_path = "/sync/v1/renew";
constexpr std::size_t most_presented = 4096;  // certificates that are remembered

net::Reply refused(const Fault& fault) {
    // A forged or broken push is not a form that could be sent better.
    return reply_of(fault.code == "refused" ? problem("forbidden", fault.detail) : problem(fault));
}

template <class Message>
net::Reply said(const Result<Message>& message) {
    if (!message) return refused(message.error());
    net::Reply reply;
    reply.body = wire::encode(*message);
    return reply;
}

// Decodes, calls, words.
template <class Ask, class Call>
net::Reply exchange(const std::string& body, Call call) {
    const Result<Ask> ask = wire::decode<Ask>(body);
    if (!ask) return refused(ask.error());
    return said(call(*ask));
}

}  // namespace

// A holder is present while its feed is held, and a feed that is held can be woken. Both end with
// the coroutine, also when the loop destroys it unfinished after the routes are gone.
class SyncRoutes::Held {
public:
    Held(SyncRoutes& routes, const crypto::Identity& who, std::shared_ptr<Bell> bell)
        : routes_(routes), alive_(routes.alive_), h_(who.device) {
        routes.end_.feed_opened(h_);
        routes.supersede(h_);
        waiter_ = routes.waiters_.insert(routes.waiters_.end(),
                                         {h_, who.venue, who.business, std::move(bell)});
    }
    ~Held() {
        if (!*alive_) return;
        if (timer_) routes_.timers_.cancel(*timer_);
        routes_.waiters_.erase(waiter_);
        routes_.gone(h_);
    }
    Held(const Held&) = delete;
    Held& operator=(const Held&) = delete;

    bool over() const { return waiter_->superseded || routes_.stopping_ || *time_over_; }
    // Rings when the time is over, at the latest.
    void wait_at_most(Millis wait) {
        if (timer_) return;
        timer_ = routes_.timers_.after(wait, [over = time_over_, bell = waiter_->bell] {
            *over = true;
            bell->try_send(boost::system::error_code{});
        });
    }

private:
    SyncRoutes& routes_;
    std::shared_ptr<bool> alive_;
    DeviceId h_;
    std::list<Waiter>::iterator waiter_;
    std::shared_ptr<bool> time_over_ = std::make_shared<bool>(false);
    std::optional<Timers::Token> timer_{};
};

SyncRoutes::SyncRoutes(sql::Db& db, WallClock& clock, Timers& timers, Random& random,
                       const SecretKeys& keys, std::function<void(std::string_view)> broken,
                       host::Pool* pool, CertificateDesk desk, IssuedKeys* record)
    : end_(db, clock, random, keys, [this](const Wake& wake) { ring(wake); }, record),
      timers_(timers),
      broken_(std::move(broken)),
      pool_(pool),
      clock_(clock),
      desk_(std::move(desk)) {}

SyncRoutes::~SyncRoutes() { *alive_ = false; }

// Reading one takes as long as all else that a small exchange does.
Result<SyncRoutes::Presented> SyncRoutes::presented(const std::string& certificate) {
    if (const auto known = presented_.find(certificate); known != presented_.end()) return known->second;
    Result<crypto::Identity> who = crypto::read_identity(certificate);
    if (!who) return Fault{"forbidden", "the certificate names no device"};
    const auto key = crypto::certificate_public_key(certificate);
    if (!key) return Fault{"forbidden", "this certificate is for another key than the device's"};
    if (presented_.size() >= most_presented) presented_.clear();
    Presented read{std::move(*who), Bytes(key->begin(), key->end())};
    return presented_.emplace(certificate, std::move(read)).first->second;
}

// Only the certificate is believed: one that our CA gave to the holder's own key, the last one or one before it
// that has not ended. (Not that one alone which the row carries: the answer that brought it may have been lost,
// and a ledger restored from a backup knows less than its devices.) One that ended, lately, is good for its
// renewal alone. TLS has looked at signature and purpose.
Result<crypto::Identity> SyncRoutes::identify(const net::Request& request) {
    if (request.peer_certificate.empty())
        return Fault{"forbidden", "a client certificate is required"};
    Result<Presented> shown = presented(request.peer_certificate);
    if (!shown) return shown.error();
    Result<crypto::Identity> who = std::move(shown->who);
    const Result<HolderRow> row = end_.known(*who);
    if (!row) return row.error();
    if (shown->public_key != row->public_key) {
        return Fault{"forbidden", "this certificate is for another key than the device's"};
    }
    const Instant now = clock_.now();
    if (now < who->not_after) return who;
    if (request.path != renew_path || now >= who->not_after + renewable_after_end) {
        return Fault{"forbidden", "this certificate has ended"};
    }
    return who;
}

net::awaitable<net::Reply> SyncRoutes::handle(net::Request request) {
    std::string why;
    bool disk_full = false;
    try {
        const Result<crypto::Identity> who = identify(request);
        if (!who) co_return refused(who.error());
        if (request.method == "POST" && request.path == "/sync/v1/feed") {
            crypto::Identity identity = *who;
            co_return co_await feed(std::move(identity), std::move(request.body));
        }
        if (request.method == "POST" && request.path == "/sync/v1/pass") {
            crypto::Identity identity = *who;
            co_return co_await pass(std::move(identity), std::move(request.body));
        }
        co_return at_once(*who, request);
    } catch (const sql::SqlError& error) {
        why = error.what();
        disk_full = error.disk_full();
    } catch (const RecordLost& lost) {
        why = lost.what();
    }
    co_return failed(why, disk_full);
}

net::Reply SyncRoutes::failed(std::string_view why, bool disk_full) {
    if (disk_full) return reply_of(problem("storage_full", "the ledger's disk is full"));
    if (broken_) broken_(why);
    return reply_of(problem("outcome_unknown", "the ledger could not commit"));
}

net::Reply SyncRoutes::at_once(const crypto::Identity& who, const net::Request& request) {
    const bool ours = request.path.starts_with(prefix);
    const std::string_view name = ours ? std::string_view(request.path).substr(prefix.size()) : "";
    if (name == "snapshot") {
        if (request.method == "POST") {
            return exchange<wire::SnapshotAsk>(request.body,
                                               [&](const auto& ask) { return end_.snapshot_page(who, ask); });
        }
        if (request.method != "GET") return reply_of(problem("method_not_allowed", "GET, POST"));
        return said(end_.snapshot(who));
    }
    const bool known = name == "hello" || name == "push" || (name == "renew" && desk_.authority) || name == "feed" ||
                       name == "pass" || name == "issue" || name == "purchase" || name == "compare" ||
                       name == "hand-in";
    if (!known) return reply_of(problem("not_found", "there is no such call on the sync port"));
    if (request.method != "POST") return reply_of(problem("method_not_allowed", "POST"));
    if (name == "hello") return hello(who, request.body);
    if (name == "push") return push(who, request.body);
    if (name == "renew") {
        return exchange<wire::Renew>(request.body, [&](const auto& ask) {
            return end_.renew(who, desk_.authority(), ask);
        });
    }
    if (name == "compare") {
        return exchange<wire::CompareAsk>(request.body,
                                          [&](const auto& ask) { return end_.compare(who, ask); });
    }
    if (name == "hand-in") {
        const DeviceId device{request.query_value("device").value_or("")};
        return exchange<wire::Push>(request.body,
                                    [&](const auto& ask) { return end_.hand_in(who, device, ask); });
    }
    if (name == "purchase") {
        return exchange<wire::PurchaseAsk>(request.body,
                                           [&](const auto& ask) { return end_.purchase(who, ask); });
    }
    return exchange<wire::IssueAsk>(request.body,
                                    [&](const auto& ask) { return end_.issue(who, ask); });
}

net::Reply SyncRoutes::hello(const crypto::Identity& who, const std::string& body) {
    return exchange<wire::Hello>(body, [&](const wire::Hello& ask) {
        Result<wire::Welcome> welcome = end_.hello(who, ask);
        if (welcome && welcome->speaks && desk_.cas) welcome->cas = desk_.cas();
        return welcome;
    });
}

net::Reply SyncRoutes::push(const crypto::Identity& who, const std::string& body) {
    const Result<wire::Push> ask = wire::decode<wire::Push>(body);
    if (ask) return said(end_.push(who, *ask));
    end_.push_unreadable(who, ask.error().detail);
    return refused(ask.error());
}

net::awaitable<net::Reply> SyncRoutes::pass(crypto::Identity who, std::string body) {
    const Result<wire::PassAsk> ask = wire::decode<wire::PassAsk>(body);
    if (!ask) co_return refused(ask.error());
    wire::PassAnswer answer;
    const auto looked_up = end_.look_up(who, *ask, answer);
    if (!looked_up) co_return refused(looked_up.error());
    if (const std::optional<SyncEnd::PinTry>& pin = *looked_up) {
        std::string verifier = pin->verifier;
        wire::PassAsk asked = *ask;
        const std::optional<bool> right = co_await compare(std::move(verifier), std::move(asked));
        if (!right) {
            end_.take_back(*pin);
            co_return reply_of(problem("busy", "too many PINs are being compared"));
        }
        end_.settle_pin(*pin, *right, answer);
    }
    net::Reply reply;
    reply.body = wire::encode(answer);
    co_return reply;
}

// Made to be slow, so not on the loop, where all venues wait. nullopt: too many wait already.
net::awaitable<std::optional<bool>> SyncRoutes::compare(std::string verifier, wire::PassAsk ask) {
    if (!pool_) co_return crypto::check_pin(verifier, ask.pin->reveal(), ask.code.reveal());
    const auto executor = co_await asio::this_coro::executor;
    // Shared with the job, which may outlive this coroutine when the program ends.
    auto bell = std::make_shared<Bell>(executor, 1);
    auto right = std::make_shared<bool>(false);
    auto job = [verifier = std::move(verifier), ask = std::move(ask), executor, bell, right] {
        *right = crypto::check_pin(verifier, ask.pin->reveal(), ask.code.reveal());
        asio::post(executor, [bell] { bell->try_send(boost::system::error_code{}); });
    };
    if (!pool_->add(std::move(job))) co_return std::nullopt;
    co_await bell->async_receive(asio::as_tuple(asio::use_awaitable));
    co_return *right;
}

net::awaitable<net::Reply> SyncRoutes::feed(crypto::Identity who, std::string body) {
    const Result<wire::FeedAsk> ask = wire::decode<wire::FeedAsk>(body);
    if (!ask) co_return refused(ask.error());
    const Millis wait = std::clamp(Millis{ask->wait_ms}, Millis{0}, longest_wait);
    const auto executor = co_await asio::this_coro::executor;
    auto bell = std::make_shared<Bell>(executor, 1);
    Held held{*this, who, bell};
    for (;;) {
        const Result<FeedAnswer> answer = end_.feed_now(who, *ask);
        if (!answer) co_return refused(answer.error());
        if (answer->has_news || wait == Millis{0} || held.over()) {
            net::Reply reply;
            reply.body = wire::encode(answer->page);
            co_return reply;
        }
        held.wait_at_most(wait);
        co_await bell->async_receive(asio::as_tuple(asio::use_awaitable));
    }
}

void SyncRoutes::gone(const DeviceId& h) {
    end_.feed_closed(h);
    // A moment later somebody has to look again whether it came back.
    timers_.after(reachable_after_seen + Millis{50}, [this, alive = alive_, h] {
        if (*alive) look_again(h);
    });
}

void SyncRoutes::look_again(const DeviceId& h) {
    try {
        end_.presence_lapsed(h);
    } catch (const sql::SqlError& error) {
        failed(error.what(), error.disk_full());
    }
}

void SyncRoutes::ring(const Wake& wake) {
    for (Waiter& waiter : waiters_) {
        const bool concerned = wake.all || wake.holders.contains(waiter.h.text) ||
                               wake.venues.contains(waiter.venue) ||
                               wake.businesses.contains(waiter.business);
        if (concerned) waiter.bell->try_send(boost::system::error_code{});
    }
}

// A device has one feed. An older one of it hangs on a connection that is gone.
void SyncRoutes::supersede(const DeviceId& h) {
    for (Waiter& waiter : waiters_) {
        if (waiter.h != h) continue;
        waiter.superseded = true;
        waiter.bell->try_send(boost::system::error_code{});
    }
}

void SyncRoutes::stop() {
    stopping_ = true;
    ring(Wake{.all = true});
}

}  // namespace obol::ledger
