#pragma once
// The whole local API as functions: requests go in, replies come out, no socket between. The store is
// real, on a temporary directory; the centre answers what a test tells it to.

#include "agent/api/access_routes.hpp"
#include "agent/api/health_routes.hpp"
#include "agent/api/pass_routes.hpp"
#include "agent/api/status_routes.hpp"
#include "agent/api/wallet_routes.hpp"
#include "agent/app/access.hpp"
#include "agent/devices.hpp"
#include "tests/support/hand_timers.hpp"
#include "tests/unit/agent/purchase_till.hpp"

namespace obol::agent::testing {

class CentreLink final : public uplink::Link {
public:
    uplink::LinkState state() const override { return {mode, is_up, {}, {}, {}}; }
    void set_mode(uplink::LinkMode to) override {
        mode = to;
        is_up = to != uplink::LinkMode::down;
    }
    bool up() const override { return is_up; }
    void journal_grew() override {
        if (on_growth) on_growth();
    }
    awaitable<Result<wire::PassAnswer>> pass(wire::PassAsk ask) override {
        ++passes_asked;
        if (!is_up) co_return Fault{"link_required", "down"};
        co_return answer_pass ? answer_pass(ask) : wire::PassAnswer{};
    }
    awaitable<Result<wire::PurchaseAnswer>> purchase(wire::PurchaseAsk) override {
        if (!is_up) co_return Fault{"link_required", "down"};
        co_return wire::PurchaseAnswer{};
    }
    awaitable<Result<wire::IssueAnswer>> issue(wire::IssueAsk ask) override {
        if (!is_up || !answer_issue) co_return Fault{"link_required", "down"};
        issued_ids.push_back(ask.id);
        co_return answer_issue(ask);
    }
    awaitable<Result<uplink::Comparison>> compare() override {
        if (!is_up) co_return Fault{"link_required", "down"};
        co_return compared;
    }
    uplink::Comparison compared{};
    uplink::LinkMode mode = uplink::LinkMode::up;
    bool is_up = true;
    int passes_asked = 0;
    std::vector<std::string> issued_ids;
    std::function<wire::PassAnswer(const wire::PassAsk&)> answer_pass;
    std::function<wire::IssueAnswer(const wire::IssueAsk&)> answer_issue;
    std::function<void()> on_growth;
};

struct Ask {
    std::string method = "POST";
    std::string path;
    std::string body = "{}";
    std::string token = "cashier";  // "", "pos", "cashier", "manager", or a token itself
    std::string key = "*";          // "*": a fresh one; "": none
    net::Headers headers{};         // besides, or instead of, the usual ones
};

struct Heard {
    int status = 0;
    std::string body;
    nlohmann::json json;
    net::Headers headers;
    std::string content_type;
    std::string code() const { return json.is_object() ? json.value("code", std::string()) : ""; }
    std::string header(std::string_view name) const {
        for (const auto& [key, value] : headers) {
            if (key == name) return value;
        }
        return "";
    }
};

class Counter : public Till {
protected:
    Counter() {
        counter_acquire_ = std::make_unique<Acquire>(*uplink_, in_use_, centre, *timers, Millis{300});
        counter_.reset(new Context{*store_, centre, *counter_acquire_, *pins_, *throttle_, *once_, store_->clock(), clock,
                                   random_, {VenueId{"nic"}, BusinessId{"aroma"}, "Asia/Nicosia", "NIC1"}});
        counter_->devices = &no_devices_;
        Routes all;
        for (Routes part : {pass_routes(*counter_), wallet_routes(*counter_), status_routes(*counter_),
                            access_routes(*counter_, pairing_), health_routes(*counter_, metrics_)}) {
            all.insert(all.end(), part.begin(), part.end());
        }
        router_ = std::make_unique<Router>(
            *store_, store_->clock(), router_timers, Bytes(32, 9), "en", std::move(all),
            [this](const std::string& route, int status) { metrics_.count_request(route, status); });
        for (Role role : {Role::pos, Role::cashier, Role::manager}) {
            tokens_[std::string(name_of(role))] = token_for("T1", role);
        }
    }
    ~Counter() override {
        router_.reset();
        counter_.reset();
        counter_acquire_.reset();
    }

    std::string token_for(const std::string& terminal, Role role) {
        std::function<Result<std::string>(WriteTxn&)> job = [&](WriteTxn& txn) -> Result<std::string> {
            return grant_token(txn, random_, terminal, role, std::nullopt).reveal();
        };
        return run(store_->write<std::string>(std::move(job))).value();
    }

    net::Request request_of(const Ask& ask) {
        net::Request request;
        request.method = ask.method;
        const std::size_t mark = ask.path.find('?');
        request.path = ask.path.substr(0, mark);
        if (mark != std::string::npos) request.query = ask.path.substr(mark + 1);
        request.peer_address = "127.0.0.1";
        const auto set = [&](const std::string& name, const std::string& value) {
            for (const auto& header : ask.headers) {
                if (header.first == name) return;
            }
            if (!value.empty()) request.headers.emplace_back(name, value);
        };
        set("host", "127.0.0.1:8480");
        const auto named = tokens_.find(ask.token);
        const std::string token = named == tokens_.end() ? ask.token : named->second;
        set("authorization", token.empty() ? "" : "Bearer " + token);
        if (ask.method == "POST") {
            request.body = ask.body;
            set("content-type", "application/json");
            set("idempotency-key", ask.key == "*" ? "fresh-" + std::to_string(++fresh_) : ask.key);
        }
        for (const auto& header : ask.headers) {
            if (!header.second.empty()) request.headers.push_back(header);
        }
        return request;
    }
    static Heard heard(const net::Reply& reply) {
        return {reply.status, reply.body, nlohmann::json::parse(reply.body, nullptr, false), reply.headers,
                reply.content_type};
    }
    Heard send(const Ask& ask) { return heard(run(router_->handle(request_of(ask)))); }
    Heard post(const std::string& path, const std::string& body, const std::string& key = "*",
               const std::string& token = "cashier") {
        Ask ask;
        ask.path = path;
        ask.body = body;
        ask.key = key;
        ask.token = token;
        return send(ask);
    }
    Heard get(const std::string& path, const std::string& token = "manager") {
        Ask ask;
        ask.method = "GET";
        ask.path = path;
        ask.token = token;
        return send(ask);
    }
    // Requests that are all under way before the first is answered.
    std::vector<Heard> send_together(const std::vector<Ask>& asks) {
        std::vector<std::optional<Heard>> out(asks.size());
        for (std::size_t i = 0; i < asks.size(); ++i) {
            asio::co_spawn(loop_, router_->handle(request_of(asks[i])),
                           [&out, i](std::exception_ptr error, net::Reply reply) {
                               if (error) std::rethrow_exception(error);
                               out[i] = heard(reply);
                           });
        }
        until([&] { return std::all_of(out.begin(), out.end(), [](const auto& each) { return each.has_value(); }); });
        std::vector<Heard> all;
        for (auto& each : out) all.push_back(std::move(*each));
        return all;
    }

    static constexpr const char* gift_code = "GIFT2X4567ABC";
    static constexpr const char* pin_code = "PINS2X4567ABC";

    // A business with plans, passes and a named wallet; everything is held here.
    void stock() {
        business();
        Pool anywhere;
        anywhere.id = PoolId{"year"};
        anywhere.name = "Spend anywhere within a year";
        anywhere.validity.period = Period{12, 0};
        pool(anywhere);
        plan("gift25", PassType::gift, Amount{2500}, false);
        plan("pinned", PassType::gift, Amount{4000}, true, PoolId{"year"});
        plan("topup10", PassType::topup, Amount{1000}, false);
        pass("p-gift", "gift25", gift_code, Amount{2500});
        pass("p-pin", "pinned", pin_code, Amount{4000}, "1234");
        pass("p-topup", "topup10", "TOPU2X4567ABC", Amount{1000});
        pass("p-draft", "gift25", "DRAF2X4567ABC", Amount{}, "", "draft");
        take_later({draft_subject(PassId{"p-draft"}), Amount{1}, Currency::none()});
        pass("p-away", "pinned", "AWAY2X4567ABC", Amount{4000}, "1234");
        but_hold_only("pass:p-away", Amount{0});
        int letter = 0;
        for (const std::string state : {"active", "draft", "blocked", "expired"}) {
            const std::string id = "s-" + state;
            pass(id, "pinned", "STAT2X4567AB" + std::string(1, static_cast<char>('A' + letter++)),
                 Amount{state == "draft" ? 0 : 4000}, "1234", state);
            if (state == "draft") take_later({draft_subject(PassId{id}), Amount{1}, Currency::none()});
        }
        wallet("w1", Amount{1200});
        open_shop();
        take_authority(later_);
    }
    void take_later(journal::AuthorityLine line) { later_.push_back(std::move(line)); }

    CentreLink centre;
    obol::testing_support::HandTimers router_timers;  // they stand still
    std::unique_ptr<Context> counter_;
    std::unique_ptr<Router> router_;
    std::map<std::string, std::string> tokens_;
    Metrics metrics_;
    Throttle pairing_{clock, pairing_limits};

private:
    DeviceSet no_devices_;
    std::unique_ptr<Acquire> counter_acquire_;
    std::vector<journal::AuthorityLine> later_;
    int fresh_ = 0;
};

}  // namespace obol::agent::testing
