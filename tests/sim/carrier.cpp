#include "tests/sim/carrier.hpp"

#include <boost/asio/post.hpp>

#include "agent/app/suspend.hpp"

namespace obol::sim {

namespace asio = boost::asio;

namespace {

// As http_ledger has it: whatever answers with a page for people is a captive portal.
template <class Answer>
Result<Answer> answer_of(const Result<net::Response>& got) {
    if (!got) return got.error();
    const std::string_view type = got->header("content-type");
    if (!type.starts_with("application/json") && !type.starts_with("application/problem+json")) {
        return Fault{"not_http", "an answer that is not the ledger's"};
    }
    if (got->status != 200 && got->status != 201) {
        const bool gone = got->body.find("\"snapshot_gone\"") != std::string::npos;
        return Fault{gone ? "snapshot_gone" : "refused", "HTTP " + std::to_string(got->status)};
    }
    return wire::decode<Answer>(got->body);
}

}  // namespace

Carrier::~Carrier() { cut(); }

template <class Answer>
Carrier::awaitable<Result<Answer>> Carrier::exchange(Line& line, std::string path, std::string body, Millis deadline,
                                                     std::string method) {
    const std::uint64_t before = cuts_;
    while (line.busy) {
        auto stand_in_line = [&line](std::function<void()> wake) { line.waiting.push_back(std::move(wake)); };
        co_await agent::until_called(std::move(stand_in_line));
    }
    if (cuts_ != before) co_return Fault{"unreachable", "the link was cut"};
    line.busy = true;
    net::Request request;
    request.method = std::move(method);
    request.path = path.substr(0, path.find('?'));
    if (const std::size_t mark = path.find('?'); mark != std::string::npos) request.query = path.substr(mark + 1);
    request.body = std::move(body);
    request.peer_certificate = certificate_;
    const auto got = std::make_shared<Result<net::Response>>(Fault{"unreachable", "the link was cut"});
    auto go = [&](std::function<void()> wake) {
        line.cut = wake;
        line.call = network_.send(host_, way_, std::move(request), deadline, [got, wake](Result<net::Response> response) {
            *got = std::move(response);
            wake();
        });
    };
    co_await agent::until_called(std::move(go));
    line.busy = false;
    line.cut = {};
    if (!line.waiting.empty()) {
        asio::post(*host_.loop, std::move(line.waiting.front()));
        line.waiting.pop_front();
    }
    co_return answer_of<Answer>(*got);
}

void Carrier::cut() {
    ++cuts_;
    for (Line* line : {&journal_, &feed_, &direct_}) {
        if (line->cut) {
            network_.abort(line->call);
            asio::post(*host_.loop, std::exchange(line->cut, {}));
        }
        for (auto& each : line->waiting) asio::post(*host_.loop, std::move(each));
        line->waiting.clear();
    }
}

void Carrier::note(const std::vector<wire::Grant>& grants) {
    for (const wire::Grant& grant : grants) {
        if (grants_seen_[grant.ask]++ > 0) count("branch: L2 grant repeated");
    }
}

void Carrier::note_booked(std::int64_t booked, std::int64_t generation) {
    const Own mine = own();
    if (booked > mine.head && generation >= mine.generation && !told_behind) told_behind = mine;
}

Carrier::awaitable<Result<wire::Welcome>> Carrier::hello(wire::Hello hello) {
    if (!first_version_) hello.speaks = wire::spoken_here;
    std::string body = wire::encode(hello);
    Result<wire::Welcome> got = co_await exchange<wire::Welcome>(journal_, "/sync/v1/hello", std::move(body), Millis{10'000});
    if (got) note_booked(got->head.seq, got->generation);
    co_return got;
}

Carrier::awaitable<Result<wire::Receipt>> Carrier::push(wire::Push push) {
    std::string body = wire::encode(push);
    Result<wire::Receipt> got = co_await exchange<wire::Receipt>(journal_, "/sync/v1/push", std::move(body), Millis{30'000});
    if (got) {
        for (const wire::EntryResult result : got->results) count("branch: L1 " + std::string(wire::name_of(result)));
        if (got->results.size() < push.entries.size()) count("branch: L1 gap");
        note(got->grants);
    }
    co_return got;
}

Carrier::awaitable<Result<wire::Page>> Carrier::feed(wire::FeedAsk ask) {
    const Millis deadline = Millis{ask.wait_ms + 5'000};
    std::string body = wire::encode(ask);
    Result<wire::Page> got = co_await exchange<wire::Page>(feed_, "/sync/v1/feed", std::move(body), deadline);
    if (got) {
        note(got->grants);
        // Of another generation or from elsewhere it is not even looked at.
        if (got->generation == ask.generation && got->from == ask.cursor) note_booked(got->as_of, got->generation);
        if (!got->recalls.empty()) count("branch: L4 recall");
    }
    co_return got;
}

Carrier::awaitable<Result<wire::Snapshot>> Carrier::snapshot() {
    count("branch: snapshot whole");
    return exchange<wire::Snapshot>(feed_, "/sync/v1/snapshot", "", Millis{120'000}, "GET");
}

Carrier::awaitable<Result<wire::SnapshotPage>> Carrier::snapshot_page(wire::SnapshotAsk ask) {
    if (first_version_) {
        Result<wire::Snapshot> whole = co_await snapshot();
        if (!whole) co_return whole.error();
        co_return uplink::one_page(std::move(*whole));
    }
    count("branch: snapshot in pages");
    std::string body = wire::encode(ask);
    Result<wire::SnapshotPage> got =
        co_await exchange<wire::SnapshotPage>(feed_, "/sync/v1/snapshot", std::move(body), Millis{120'000});
    if (got && got->generation == own().generation) note_booked(got->as_of, got->generation);
    co_return got;
}

Carrier::awaitable<Result<wire::Renewed>> Carrier::renew(wire::Renew ask) {
    std::string body = wire::encode(ask);
    return exchange<wire::Renewed>(direct_, "/sync/v1/renew", std::move(body), Millis{5'000});
}

Carrier::awaitable<Result<wire::Receipt>> Carrier::hand_in(std::string device, wire::Push push) {
    std::string body = wire::encode(push);
    return exchange<wire::Receipt>(direct_, "/sync/v1/hand-in?device=" + device, std::move(body), Millis{30'000});
}

Carrier::awaitable<Result<wire::PassAnswer>> Carrier::pass(wire::PassAsk ask) {
    std::string body = wire::encode(ask);
    return exchange<wire::PassAnswer>(direct_, "/sync/v1/pass", std::move(body), Millis{5'000});
}

Carrier::awaitable<Result<wire::IssueAnswer>> Carrier::issue(wire::IssueAsk ask) {
    std::string body = wire::encode(ask);
    return exchange<wire::IssueAnswer>(direct_, "/sync/v1/issue", std::move(body), Millis{5'000});
}

Carrier::awaitable<Result<wire::PurchaseAnswer>> Carrier::purchase(wire::PurchaseAsk ask) {
    std::string body = wire::encode(ask);
    return exchange<wire::PurchaseAnswer>(direct_, "/sync/v1/purchase", std::move(body), Millis{5'000});
}

Carrier::awaitable<Result<wire::CompareAnswer>> Carrier::compare(wire::CompareAsk ask) {
    std::string body = wire::encode(ask);
    Result<wire::CompareAnswer> got = co_await exchange<wire::CompareAnswer>(direct_, "/sync/v1/compare", std::move(body), Millis{5'000});
    if (got) count("branch: rows compared: " + std::string(wire::name_of(got->state)));
    co_return got;
}

}  // namespace obol::sim
