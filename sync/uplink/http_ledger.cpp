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

awaitable<Result<wire::Welcome>> HttpLedger::hello(wire::Hello hello) {
    return exchange<wire::Welcome>(impl_, impl_->journal, "POST", "/sync/v1/hello",
                                   wire::encode(hello), hello_deadline);
}

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
