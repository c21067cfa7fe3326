#pragma once
// Between the venues and the ledger: loses, delays, repeats and reorders, and knows ways that lead in
// one direction only. A message is the bytes that travel inside TLS.

#include <functional>
#include <map>
#include <memory>
#include <set>
#include <string>

#include "sync/net/http.hpp"
#include "tests/sim/centre.hpp"

namespace obol::sim {

// How the way from one venue is now; percent.
struct Way {
    int loss = 0, repeat = 0;
    Millis least{2}, most{30};
    Millis repeat_within{60'000};
    bool cut_there = false, cut_back = false;  // both: a partition
    bool silent = true;                        // what is cut says nothing, or is refused at once
    bool portal = false;                       // a page for people instead of the ledger
    bool no_identity = false;                  // the certificate is not accepted
    bool bad() const { return loss || repeat || cut_there || cut_back || portal || no_identity || most > Millis{1000}; }
};

class Network {
public:
    using Answer = std::function<void(Result<net::Response>)>;
    Network(Agenda& agenda, Centre& centre, std::uint64_t seed) : agenda_(agenda), centre_(centre), dice_(seed) {}

    // `answer` is called within `from`, once, unless it was aborted.
    std::uint64_t send(Host& from, const std::shared_ptr<const Way>& way, net::Request request, Millis deadline,
                       Answer answer);
    void abort(std::uint64_t call) { finish(call); }

    std::function<void(const std::string&)> tell{};
    // A ledger that was replaced and runs on, and who still finds it under the old address.
    Centre* old_ledger = nullptr;
    std::set<const Host*> finds_old{};

private:
    struct Call {
        Host* from;
        Answer answer;
        Agenda::Ticket deadline = 0;
    };
    Centre& ledger_of(const Host& from) { return old_ledger != nullptr && finds_old.contains(&from) ? *old_ledger : centre_; }
    void judge(const net::Request& request, Instant arrived, int status);
    using Carried = std::shared_ptr<const net::Request>;
    void arrive(std::uint64_t call, const std::shared_ptr<const Way>& way, Centre& ledger, const Carried& request);
    void answered(std::uint64_t call, const std::shared_ptr<const Way>& way, net::Reply reply);
    void complete(std::uint64_t call, Result<net::Response> response);
    void lost(std::uint64_t call, const Way& way, const char* what);
    void finish(std::uint64_t call);
    Millis delay(const Way& way) { return dice_.between(way.least, way.most); }

    Agenda& agenda_;
    Centre& centre_;
    Dice dice_;
    std::uint64_t last_ = 0;
    std::map<std::uint64_t, Call> calls_{};
    std::map<std::string, Instant> ends_{};  // of certificates
};

}  // namespace obol::sim
