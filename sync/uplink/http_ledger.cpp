#include "sync/uplink/http_ledger.hpp"

#include "sync/net/turn.hpp"
#include "sync/wire/json.hpp"

namespace obol::uplink {
namespace {

namespace asio = boost::asio;

constexpr Millis hello_deadline{10'000}, push_deadline{30'000}, snapshot_deadline{120'000},
    direct_deadline{5'000}, enrol_deadline{15'000};
constexpr Millis feed_grace{5'000};

const net::Headers json_headers{{"Content-Type", "application/json"},
                                {"Accept", "application/json"}};

// "device_revoked: …" from a problem document, so that the log says more than a number.
std::string words_of(const net::Response& response) {
    std::string out = "HTTP " + std::to_string(response.status);
    const auto parsed = wire::parse_json(response.body);
    const auto* json = std::get_if<wire::Json>(&parsed);
    for (const char* member : {"code", "detail"}) {
        const wire::Json* found = json != nullptr ? json->find(member) : nullptr;
        const auto* text = found != nullptr ? std::get_if<std::string>(&found->value) : nullptr;
        if (text == nullptr) continue;
        out = member == std::string_view("code") ? *text : out + ": " + *text;
    }
    return out;
}

bool is_json(const net::Response& response) {
    const std::string_view type = response.header("content-type");
    return type.starts_with("application/json") || type.starts_with("application/problem+json");
}

template <class Answer>
Result<Answer> answer_of(const Result<net::Response>& got) {
    if (!got) return got.error();
    // Whatever answers with a page for people is a captive portal, not the ledger.
    if (!is_json(*got)) return Fault{"not_http", "an answer that is not the ledger's"};
    if (got->status != 200 && got->status != 201) return Fault{"refused", words_of(*got)};
    return wire::decode<Answer>(got->body);
}

// A connection takes one exchange at a time; the others wait their turn.
class Channel {
public:
    Channel(asio::any_io_executor executor, net::ClientOptions options)
        : client_(executor, std::move(options)), turn_(executor) {}

    awaitable<Result<net::Response>> exchange(std::string method, std::string target,
                                              std::string body, Millis deadline) {
        const std::uint64_t before = cuts_;
        while (busy_) co_await turn_.wait();
        if (cuts_ != before) co_return Fault{"unreachable", "the link was cut"};
        busy_ = true;
        Result<net::Response> got = co_await client_.exchange(
            std::move(method), std::move(target), json_headers, std::move(body), deadline);
        busy_ = false;
        turn_.wake_one();
        co_return got;
    }
    void present(net::ClientTls tls) { client_.present(std::move(tls)); }
    void cut() {
        ++cuts_;
        client_.close();
        turn_.wake_all();
    }

private:
    net::Client client_;
    net::Turn turn_;
    bool busy_ = false;
    std::uint64_t cuts_ = 0;
};

}  // namespace

struct HttpLedger::Impl {
    Impl(const asio::any_io_executor& executor, const net::ClientOptions& options)
        : journal(executor, options), feed(executor, options), direct(executor, options) {}

    Channel journal, feed, direct;
    int version = 1;  // that is spoken in this session: what both ends do
    std::function<void(const wire::Welcome&)> told{};
};

namespace {

// Free of HttpLedger, so that an exchange under way outlives it.
template <class Answer, class Owner>
awaitable<Result<Answer>> exchange([[maybe_unused]] std::shared_ptr<Owner> owner, Channel& channel,
                                   std::string method, std::string target, std::string body,
                                   Millis deadline) {
    const Result<net::Response> got =
        co_await channel.exchange(std::move(method), std::move(target), std::move(body), deadline);
    co_return answer_of<Answer>(got);
}

}  // namespace

HttpLedger::HttpLedger(asio::any_io_executor executor, net::ClientOptions options)
    : impl_(std::make_shared<Impl>(executor, options)) {}

HttpLedger::~HttpLedger() { cut(); }

namespace {

bool says(const Fault& fault, std::string_view code) {
    return fault.code == "refused" && fault.detail.starts_with(code);
}

// In the newest form first. A ledger that knows only the first version refuses that as malformed, so it is said
// again in its words.
template <class Owner>
awaitable<Result<wire::Welcome>> greet(std::shared_ptr<Owner> owner, wire::Hello hello) {
    hello.speaks = wire::spoken_here;
    std::string body = wire::encode(hello);
    Result<wire::Welcome> got = co_await exchange<wire::Welcome>(owner, owner->journal, "POST", "/sync/v1/hello",
                                                                 std::move(body), hello_deadline);
    if (!got && says(got.error(), "malformed_message")) {
        hello.speaks.reset();
        body = wire::encode(hello);
        got = co_await exchange<wire::Welcome>(owner, owner->journal, "POST", "/sync/v1/hello", std::move(body),
                                               hello_deadline);
    }
    if (!got) co_return got;
    const auto common = wire::common_version(wire::spoken_here, got->speaks.value_or(wire::Versions{}));
    if (!common) co_return Fault{"refused", "version_unsupported: the ledger speaks none of our versions"};
    owner->version = *common;
    if (owner->told) owner->told(*got);
    co_return got;
}

template <class Owner>
awaitable<Result<wire::SnapshotPage>> page_of(std::shared_ptr<Owner> owner, wire::SnapshotAsk ask) {
    std::string body = wire::encode(ask);
    Result<wire::SnapshotPage> got = co_await exchange<wire::SnapshotPage>(
        owner, owner->feed, "POST", "/sync/v1/snapshot", std::move(body), snapshot_deadline);
    if (!got && says(got.error(), "snapshot_gone")) co_return Fault{"snapshot_gone", got.error().detail};
    co_return got;
}

template <class Owner>
awaitable<Result<wire::SnapshotPage>> whole_of(std::shared_ptr<Owner> owner, wire::SnapshotAsk ask) {
    // It was replaced by an older one in the middle.
    if (!ask.id.empty()) co_return Fault{"snapshot_gone", "this ledger gives the whole at once"};
    Result<wire::Snapshot> whole = co_await exchange<wire::Snapshot>(owner, owner->feed, "GET", "/sync/v1/snapshot", "",
                                                                     snapshot_deadline);
    if (!whole) co_return whole.error();
    co_return one_page(std::move(*whole));
}

}  // namespace

awaitable<Result<wire::Welcome>> HttpLedger::hello(wire::Hello hello) { return greet(impl_, std::move(hello)); }

awaitable<Result<wire::SnapshotPage>> HttpLedger::snapshot_page(wire::SnapshotAsk ask) {
    if (impl_->version >= 2) return page_of(impl_, std::move(ask));
    return whole_of(impl_, std::move(ask));
}

awaitable<Result<wire::Renewed>> HttpLedger::renew(wire::Renew ask) {
    return exchange<wire::Renewed>(impl_, impl_->direct, "POST", "/sync/v1/renew", wire::encode(ask), direct_deadline);
}

void HttpLedger::present(net::ClientTls tls) {
    for (Channel* channel : {&impl_->journal, &impl_->feed, &impl_->direct}) channel->present(tls);
}

void HttpLedger::on_welcome(std::function<void(const wire::Welcome&)> told) { impl_->told = std::move(told); }

awaitable<Result<wire::Receipt>> HttpLedger::push(wire::Push push) {
    return exchange<wire::Receipt>(impl_, impl_->journal, "POST", "/sync/v1/push",
                                   wire::encode(push), push_deadline);
}

awaitable<Result<wire::Page>> HttpLedger::feed(wire::FeedAsk ask) {
    return exchange<wire::Page>(impl_, impl_->feed, "POST", "/sync/v1/feed", wire::encode(ask),
                                Millis{ask.wait_ms} + feed_grace);
}

awaitable<Result<wire::Snapshot>> HttpLedger::snapshot() {
    return exchange<wire::Snapshot>(impl_, impl_->feed, "GET", "/sync/v1/snapshot", "",
                                    snapshot_deadline);
}

awaitable<Result<wire::PassAnswer>> HttpLedger::pass(wire::PassAsk ask) {
    return exchange<wire::PassAnswer>(impl_, impl_->direct, "POST", "/sync/v1/pass",
                                      wire::encode(ask), direct_deadline);
}

awaitable<Result<wire::IssueAnswer>> HttpLedger::issue(wire::IssueAsk ask) {
    return exchange<wire::IssueAnswer>(impl_, impl_->direct, "POST", "/sync/v1/issue",
                                       wire::encode(ask), direct_deadline);
}

awaitable<Result<wire::PurchaseAnswer>> HttpLedger::purchase(wire::PurchaseAsk ask) {
    return exchange<wire::PurchaseAnswer>(impl_, impl_->direct, "POST", "/sync/v1/purchase",
                                          wire::encode(ask), direct_deadline);
}

awaitable<Result<wire::CompareAnswer>> HttpLedger::compare(wire::CompareAsk ask) {
    return exchange<wire::CompareAnswer>(impl_, impl_->direct, "POST", "/sync/v1/compare",
                                         wire::encode(ask), direct_deadline);
}

void HttpLedger::cut() {
    impl_->journal.cut();
    impl_->feed.cut();
    impl_->direct.cut();
}

awaitable<Result<wire::Enrolled>> enrol(asio::any_io_executor executor, net::ClientOptions options,
                                        wire::Enrol request) {
    net::Client client(std::move(executor), std::move(options));
    std::string body = wire::encode(request);
    const Result<net::Response> got = co_await client.exchange("POST", "/enrol/v1", json_headers,
                                                               std::move(body), enrol_deadline);
    co_return answer_of<wire::Enrolled>(got);
}

awaitable<Result<wire::Receipt>> hand_in(asio::any_io_executor executor, net::ClientOptions options,
                                         std::string device, wire::Push push) {
    net::Client client(std::move(executor), std::move(options));
    std::string target = "/sync/v1/hand-in?device=" + device;
    std::string body = wire::encode(push);
    const Result<net::Response> got = co_await client.exchange("POST", std::move(target), json_headers,
                                                               std::move(body), push_deadline);
    co_return answer_of<wire::Receipt>(got);
}

}  // namespace obol::uplink
