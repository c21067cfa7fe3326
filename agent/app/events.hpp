#pragma once
// What happens at the venue, told at once to the pages and programs that listen (GET /v1/events). Nothing is
// decided by it: who missed something asks the calls that know.
//
// Bounded everywhere: so many listeners, so much kept for those that come back, so much waiting for each. A
// listener that does not keep up is let go; it comes back and asks from where it was.

#include <deque>
#include <functional>
#include <list>
#include <memory>
#include <string>
#include <string_view>

#include "agent/app/context.hpp"
#include "sync/core/timers.hpp"
#include "sync/net/http.hpp"

namespace obol::agent {

struct Event {
    std::uint64_t number = 0;
    std::string kind{};       // scan | basket | link | print | purchase | exception
    TerminalId terminal{};    // whose; empty: the venue's
    std::string data{};       // JSON, one line
};

// Who may hear of it: what is a terminal's goes to its own tokens, and but for scans and baskets, which are a
// matter between a till and its page, to managers. Exceptions are for managers.
bool may_hear(const Caller& caller, const Event& event);

class EventHub {
public:
    static constexpr std::size_t most_listeners = 64;
    static constexpr std::size_t most_kept = 512, most_kept_bytes = 512 << 10;
    static constexpr std::size_t most_waiting_bytes = 256 << 10;  // of one listener
    static constexpr Millis between_comments{15'000};
    static constexpr Millis lingers{60'000};  // for those that come back

    EventHub(Timers& timers, Random& random);
    ~EventHub();
    EventHub(const EventHub&) = delete;
    EventHub& operator=(const EventHub&) = delete;

    // Is there anybody to tell, or was there a moment ago? What takes work to word is worded only then; who leaves it
    // out says so, and whoever comes back is told that something was missed.
    bool wanted() const { return !listeners_.empty() || lingering_; }
    void leave_out();

    // On the loop. `data` is JSON.
    void publish(std::string_view kind, const TerminalId& terminal, std::string data);

    // As the body of an answer. From behind the event whose id is `last_id`, where it is kept; else the first thing
    // that is told is `missed`. `still_good` is asked now and then: false ends it. nullptr: too many listen.
    std::shared_ptr<net::ReplyStream> listen(const Caller& caller, std::string_view last_id,
                                             std::function<bool()> still_good);
    std::size_t listeners() const { return listeners_.size(); }

private:
    class Listener;
    std::string id_of(std::uint64_t number) const;
    std::string text_of(const Event& event) const;
    void recall(Listener& listener, std::string_view last_id) const;
    void forget_those_gone();

    Timers& timers_;
    std::string run_;  // ids of another run of the program name nothing here
    std::uint64_t last_ = 0;
    std::deque<Event> kept_;
    std::size_t kept_bytes_ = 0;
    std::list<std::weak_ptr<Listener>> listeners_;
    bool lingering_ = false;
    Timers::Token lingering_until_ = 0;
    std::shared_ptr<EventHub*> self_;  // for listeners that outlive it
};

}  // namespace obol::agent
