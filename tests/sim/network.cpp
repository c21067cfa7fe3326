#include "tests/sim/network.hpp"

namespace obol::sim {

std::uint64_t Network::send(Host& from, const std::shared_ptr<const Way>& way, net::Request request, Millis deadline,
                            Answer answer) {
    const std::uint64_t call = ++last_;
    Call& made = calls_[call];
    made = {&from, std::move(answer), 0};
    made.deadline = agenda_.after(deadline, [this, call] { complete(call, Fault{"timed_out", "no answer in time"}); });
    if (way->portal) {
        count("fault: captive portal");
        net::Response page;
        page.status = 200;
        page.headers = {{"content-type", "text/html"}};
        page.body = "<html>Welcome to the Wi-Fi</html>";
        agenda_.after(delay(*way), [this, call, page] { complete(call, page); });
        return call;
    }
    if (way->no_identity) {
        count("fault: identity refused");
        agenda_.after(delay(*way), [this, call] { complete(call, Fault{"tls_refused", "certificate expired"}); });
        return call;
    }
    if (way->cut_there || dice_.percent(way->loss)) {
        lost(call, *way, way->cut_there ? "fault: request cut off" : "fault: request lost");
        return call;
    }
    const auto carried = std::make_shared<const net::Request>(std::move(request));
    agenda_.after(delay(*way), [this, call, way, carried, &from] { arrive(call, way, ledger_of(from), carried); });
    // Held by something on the way and delivered once more, perhaps long after its sender heard the answer.
    for (int times = 0; times < 3 && dice_.percent(way->repeat); ++times) {
        count("fault: request repeated");
        agenda_.after(delay(*way) + dice_.between(Millis{0}, way->repeat_within), [this, carried, &from] {
            if (carried->path == "/sync/v1/feed") return;  // a held one would only wait
            ledger_of(from).handle(*carried, [](const net::Reply&) {});
        });
    }
    return call;
}

void Network::lost(std::uint64_t call, const Way& way, const char* what) {
    count(what);
    if (way.silent) return;  // its deadline ends it
    agenda_.after(delay(way), [this, call] { complete(call, Fault{"unreachable", "connection reset"}); });
}

void Network::arrive(std::uint64_t call, const std::shared_ptr<const Way>& way, Centre& ledger, const Carried& request) {
    if (!ledger.up()) {
        complete(call, Fault{"unreachable", "connection refused"});
        return;
    }
    ledger.handle(*request, [this, call, way, request, arrived = agenda_.now()](net::Reply reply) {
        judge(*request, arrived, reply.status);
        answered(call, way, std::move(reply));
    });
}

// One that has ended is good for its renewal alone, and for that sixty days long.
void Network::judge(const net::Request& request, Instant arrived, int status) {
    auto known = ends_.find(request.peer_certificate);
    if (known == ends_.end()) {
        known = ends_.emplace(request.peer_certificate, crypto::read_identity(request.peer_certificate).value().not_after).first;
    }
    if (arrived < known->second) return;
    const bool for_good = arrived >= known->second + ledger::renewable_after_end;
    if (status >= 400) {
        count(for_good ? "branch: certificate ended for good" : "branch: certificate ended");
        return;
    }
    if (for_good || request.path != "/sync/v1/renew") {
        throw Violation(request.path + " was answered to a certificate that had ended at " + to_rfc3339(known->second));
    }
}

void Network::answered(std::uint64_t call, const std::shared_ptr<const Way>& way, net::Reply reply) {
    if (!calls_.contains(call)) return;
    if (way->cut_back || dice_.percent(way->loss)) {
        lost(call, *way, way->cut_back ? "fault: answer cut off" : "fault: answer lost");
        return;
    }
    net::Response response;
    response.status = reply.status;
    response.headers = {{"content-type", reply.content_type}};
    response.body = std::move(reply.body);
    agenda_.after(delay(*way), [this, call, response] { complete(call, response); });
}

void Network::finish(std::uint64_t call) {
    const auto found = calls_.find(call);
    if (found == calls_.end()) return;
    agenda_.cancel(found->second.deadline);
    calls_.erase(found);
}

void Network::complete(std::uint64_t call, Result<net::Response> response) {
    const auto found = calls_.find(call);
    if (found == calls_.end()) return;
    Host& from = *found->second.from;
    const Answer answer = std::move(found->second.answer);
    finish(call);
    from.enter([&] { answer(std::move(response)); });
}

}  // namespace obol::sim
