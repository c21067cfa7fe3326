#include "agent/app/events.hpp"

#include <algorithm>
#include <array>
#include <charconv>

#include "agent/app/suspend.hpp"

namespace obol::agent {

bool may_hear(const Caller& caller, const Event& event) {
    if (event.kind == "exception") return caller.role == Role::manager;
    if (event.terminal.empty() || event.terminal == caller.terminal) return true;
    return caller.role == Role::manager && event.kind != "scan" && event.kind != "basket";
}

// The reader of one answer. The hub drops what it has no room for, and then lets it go.
class EventHub::Listener final : public net::ReplyStream, public std::enable_shared_from_this<Listener> {
public:
    Listener(std::weak_ptr<EventHub*> hub, Timers& timers, Caller caller, std::function<bool()> still_good)
        : hub_(std::move(hub)), timers_(timers), caller_(std::move(caller)), still_good_(std::move(still_good)) {
        waiting_ = "retry: 1000\n\n";
    }
    ~Listener() override {
        if (const auto hub = hub_.lock()) (*hub)->forget_those_gone();
    }

    const Caller& caller() const { return caller_; }

    void tell(std::string_view text) {
        if (over_) return;
        if (waiting_.size() + text.size() > most_waiting_bytes) {
            over_ = true;
        } else {
            waiting_.append(text);
        }
        wake();
    }

    awaitable<std::string> next() override {
        if (waiting_.empty() && !over_) {
            const auto self = shared_from_this();  // until the wait is over
            const Timers::Token timer = timers_.after(between_comments, [weak = weak_from_this()] {
                if (const auto alive = weak.lock()) alive->tell(": still here\n\n");
            });
            auto begin = [this](std::function<void()> wake) { sleeper_ = std::move(wake); };
            co_await until_called(std::move(begin));
            timers_.cancel(timer);
            if (!over_ && !still_good_()) over_ = true;
        }
        // What waits when it ends is not told: half of what happened might look like all of it.
        co_return over_ ? std::string{} : std::exchange(waiting_, {});
    }

    void end() override {
        over_ = true;
        wake();
    }

private:
    void wake() {
        if (const auto sleeper = std::exchange(sleeper_, {})) sleeper();
    }

    std::weak_ptr<EventHub*> hub_;
    Timers& timers_;
    Caller caller_;
    std::function<bool()> still_good_;
    std::string waiting_;
    std::function<void()> sleeper_{};
    bool over_ = false;
};

EventHub::EventHub(Timers& timers, Random& random) : timers_(timers), self_(std::make_shared<EventHub*>(this)) {
    std::array<std::uint8_t, 4> bits{};
    random.fill(bits);
    run_ = to_hex(bits);
}

EventHub::~EventHub() {
    self_.reset();
    for (const auto& weak : listeners_) {
        if (const auto listener = weak.lock()) listener->end();
    }
}

std::string EventHub::id_of(std::uint64_t number) const { return run_ + "-" + std::to_string(number); }

std::string EventHub::text_of(const Event& event) const {
    return "id: " + id_of(event.number) + "\nevent: " + event.kind + "\ndata: " + event.data + "\n\n";
}

void EventHub::publish(std::string_view kind, const TerminalId& terminal, std::string data) {
    // A line break would end the field; JSON has none but between its tokens.
    std::erase_if(data, [](char c) { return c == '\n' || c == '\r'; });
    kept_.push_back({++last_, std::string(kind), terminal, std::move(data)});
    kept_bytes_ += kept_.back().data.size();
    const std::string text = text_of(kept_.back());
    const Event& event = kept_.back();
    std::vector<std::shared_ptr<Listener>> hear;
    for (const auto& weak : listeners_) {
        if (auto listener = weak.lock(); listener && may_hear(listener->caller(), event)) hear.push_back(std::move(listener));
    }
    for (const auto& listener : hear) listener->tell(text);
    while (kept_.size() > most_kept || kept_bytes_ > most_kept_bytes) {
        kept_bytes_ -= kept_.front().data.size();
        kept_.pop_front();
    }
}

void EventHub::recall(Listener& listener, std::string_view last_id) const {
    if (last_id.empty()) return;
    std::uint64_t after = 0;
    const std::string_view digits = last_id.substr(std::min(last_id.size(), run_.size() + 1));
    const auto [end, error] = std::from_chars(digits.data(), digits.data() + digits.size(), after);
    const bool ours = last_id.starts_with(run_ + "-") && error == std::errc{} && end == digits.data() + digits.size();
    const std::uint64_t first = kept_.empty() ? last_ + 1 : kept_.front().number;
    if (!ours || after > last_ || after + 1 < first) {
        listener.tell("id: " + id_of(last_) + "\nevent: missed\ndata: {}\n\n");
        return;
    }
    for (const Event& event : kept_) {
        if (event.number > after && may_hear(listener.caller(), event)) listener.tell(text_of(event));
    }
}

std::shared_ptr<net::ReplyStream> EventHub::listen(const Caller& caller, std::string_view last_id,
                                                   std::function<bool()> still_good) {
    if (listeners_.size() >= most_listeners) return nullptr;
    auto listener = std::make_shared<Listener>(self_, timers_, caller, std::move(still_good));
    recall(*listener, last_id);
    listeners_.push_back(listener);
    return listener;
}

void EventHub::leave_out() {
    ++last_;
    kept_.clear();
    kept_bytes_ = 0;
}

void EventHub::forget_those_gone() {
    std::erase_if(listeners_, [](const std::weak_ptr<Listener>& each) { return each.expired(); });
    if (!listeners_.empty()) return;
    if (lingering_) timers_.cancel(lingering_until_);
    lingering_ = true;
    lingering_until_ = timers_.after(lingers, [weak = std::weak_ptr<EventHub*>(self_)] {
        if (const auto hub = weak.lock()) (*hub)->lingering_ = false;
    });
}

}  // namespace obol::agent
