#include "tests/sim/deeds.hpp"

#include <nlohmann/json.hpp>

#include "agent/app/activate_pass.hpp"
#include "agent/app/check_pass.hpp"
#include "agent/app/issue_pass.hpp"
#include "agent/app/lookup_wallet.hpp"
#include "agent/app/purchase.hpp"
#include "agent/app/quote.hpp"
#include "agent/app/redeem_pass.hpp"
#include "agent/app/refund.hpp"
#include "agent/app/top_up.hpp"
#include "agent/app/unlock_pass.hpp"
#include "agent/app/void.hpp"
#include "sync/core/ensure.hpp"
#include "sync/ledger/store/pass_changes.hpp"
#include "sync/ledger/store/wallets.hpp"

namespace obol::sim {

using agent::Answer;
using agent::Idempotency;
using nlohmann::json;

namespace {

constexpr int most_tries = 8;

wire::Json read(const std::string& text) { return std::get<wire::Json>(wire::parse_json(text)); }
Currency eur() { return Currency::parse("EUR").value(); }

agent::CodeAndPin presented(const std::string& code, const std::string& pin) {
    agent::CodeAndPin out;
    out.code = code;
    if (!pin.empty()) out.pin = Secret{pin};
    return out;
}

// What the same key must answer again, whatever happens.
bool is_final(int status) { return (status >= 200 && status < 300) || status == 422 || status == 404 || status == 423; }
bool may_change(int status) { return status >= 500 || status == 429; }

}  // namespace

World::OrderPtr World::make(std::string kind, std::size_t till, Use use) {
    auto order = std::make_shared<Order>();
    order->kind = std::move(kind);
    order->till = till;
    order->key = "k" + std::to_string(++last_key_);
    order->use = std::move(use);
    return order;
}

World::PassCard* World::any_pass(bool draft) {
    std::vector<PassCard*> fit;
    for (PassCard& pass : passes_) {
        if (pass.draft == draft) fit.push_back(&pass);
    }
    return fit.empty() ? nullptr : dice_.of(fit);
}

World::OrderPtr World::top_up(std::size_t till) {
    agent::TopUpInput input;
    input.wallet = WalletId{any_wallet()};
    input.amount = {Amount{100 + dice_.below(5000)}, eur()};
    input.tender = "cash";
    if (dice_.percent(40)) input.pool = PoolId{"any-" + tills_[till]->business().text};
    auto order = make("top_up", till, [input](Till& at, Idempotency once) -> agent::awaitable<Answer> {
        agent::TopUpInput mine = input;
        co_return co_await agent::top_up(at.context(), at.caller(), std::move(once), std::move(mine));
    });
    order->wallet = input.wallet.text;
    order->amount = input.amount.amount.minor;
    return order;
}

World::OrderPtr World::purchase(std::size_t till) {
    const std::string wallet = any_wallet();
    json body;
    body["wallet"] = {{"id", wallet}};
    json lines = json::array();
    const int count_of_lines = 1 + dice_.below(2);
    for (int i = 0; i < count_of_lines; ++i) {
        lines.push_back({{"id", std::to_string(i + 1)}, {"sku", i == 0 ? "C1" : "B1"}, {"quantity", "1"},
                         {"amount", 50 + dice_.below(dice_.percent(15) ? 6000 : 1500)}});
    }
    body["basket"] = {{"currency", "EUR"}, {"lines", lines}};
    if (dice_.percent(25)) body["spend"] = {{"mode", "full"}};
    std::vector<std::string> passes;
    if (PassCard* pass = dice_.percent(12) ? any_pass(false) : nullptr) {
        json presented = {{"code", pass->code}};
        if (!pass->pin.empty()) presented["pin"] = pass->pin;
        body["passes"] = json::array({presented});
        passes.push_back(pass->id);
    }
    auto order = make("purchase", till, [text = body.dump()](Till& at, Idempotency once) -> agent::awaitable<Answer> {
        wire::JsonFaults faults;
        agent::PurchaseOrder mine = agent::read_purchase_order(read(text), agent::OrderOf::purchase, faults);
        ENSURE(faults.empty());
        co_return co_await agent::purchase(at.context(), at.caller(), std::move(once), std::move(mine));
    });
    order->wallet = wallet;
    order->passes = std::move(passes);
    return order;
}

World::OrderPtr World::quote(std::size_t till) {
    const json body = {{"wallet", {{"id", any_wallet()}}},
                       {"basket", {{"currency", "EUR"}, {"lines", json::array({{{"id", "1"}, {"sku", "C1"}, {"quantity", "1"},
                                                                               {"amount", 50 + dice_.below(3000)}}})}}}};
    auto order = make("quote", till, [text = body.dump()](Till& at, Idempotency) -> agent::awaitable<Answer> {
        wire::JsonFaults faults;
        agent::PurchaseOrder mine = agent::read_purchase_order(read(text), agent::OrderOf::quote, faults);
        ENSURE(faults.empty());
        co_return co_await agent::quote(at.context(), at.caller(), std::move(mine));
    });
    order->moves = false;
    return order;
}

World::OrderPtr World::redeem(std::size_t till) {
    PassCard* pass = any_pass(false);
    if (pass == nullptr) return nullptr;
    const bool wrong = !pass->pin.empty() && dice_.percent(20);
    const agent::CodeAndPin shown = presented(pass->code, wrong ? "9999" : pass->pin);
    const bool fresh = dice_.percent(25);
    const std::string wallet = fresh ? "" : any_wallet();
    auto order = make("redeem", till, [shown, fresh, wallet](Till& at, Idempotency once) -> agent::awaitable<Answer> {
        agent::RedeemInput mine;
        mine.pass = shown;
        mine.wallet.by = fresh ? agent::WalletRef::By::fresh : agent::WalletRef::By::id;
        mine.wallet.value = wallet;
        co_return co_await agent::redeem_pass(at.context(), at.caller(), std::move(once), std::move(mine));
    });
    order->pass = pass->id;
    order->wallet = wallet;
    order->wrong_pin = wrong;
    return order;
}

World::OrderPtr World::check_pass(std::size_t till) {
    PassCard* pass = any_pass(dice_.percent(20));
    if (pass == nullptr) return nullptr;
    const bool wrong = !pass->pin.empty() && dice_.percent(30);
    const agent::CodeAndPin shown = presented(pass->code, wrong ? "9999" : pass->pin);
    auto order = make("check", till, [shown](Till& at, Idempotency) -> agent::awaitable<Answer> {
        agent::CodeAndPin mine = shown;
        co_return co_await agent::check_pass(at.context(), at.caller(), std::move(mine));
    });
    order->moves = false;
    order->pass = pass->id;
    order->wrong_pin = wrong;
    return order;
}

World::OrderPtr World::activate(std::size_t till) {
    PassCard* pass = any_pass(true);
    if (pass == nullptr) return nullptr;
    auto order = make("activate", till, [code = pass->code](Till& at, Idempotency once) -> agent::awaitable<Answer> {
        agent::ActivateInput mine;
        mine.code = code;
        mine.tender = "cash";
        co_return co_await agent::activate_pass(at.context(), at.caller(), std::move(once), std::move(mine));
    });
    order->pass = pass->id;
    order->amount = pass->value;
    return order;
}

World::OrderPtr World::void_activation(std::size_t till) {
    if (sold_.empty()) return nullptr;
    const Sold sold = dice_.of(sold_);
    auto order = make("void_activation", dice_.percent(80) ? sold.till : till,
                      [id = sold.activation](Till& at, Idempotency once) -> agent::awaitable<Answer> {
                          std::string mine = id;
                          co_return co_await agent::void_activation(at.context(), at.caller(), std::move(once), std::move(mine));
                      });
    order->pass = sold.pass;
    order->amount = sold.value;
    return order;
}

World::OrderPtr World::unlock(std::size_t till) {
    PassCard* pass = any_pass(false);
    if (pass == nullptr) return nullptr;
    auto order = make("unlock", till, [code = pass->code](Till& at, Idempotency once) -> agent::awaitable<Answer> {
        agent::UnlockInput mine;
        mine.code = code;
        mine.reason = "known to us";
        co_return co_await agent::unlock_pass(at.context(), at.caller(agent::Role::manager), std::move(once), std::move(mine));
    });
    order->pass = pass->id;
    return order;
}

World::OrderPtr World::give_back(std::size_t till, bool whole) {
    if (bought_.empty()) return nullptr;
    const Bought bought = bought_[bought_.size() - 1 - static_cast<std::size_t>(dice_.below(static_cast<int>(std::min<std::size_t>(bought_.size(), 12))))];
    const std::size_t at_till = dice_.percent(50) ? bought.till : till;
    OrderPtr order;
    if (whole) {
        order = make("void", at_till, [id = bought.id](Till& at, Idempotency once) -> agent::awaitable<Answer> {
            PurchaseId mine{id};
            co_return co_await agent::void_purchase(at.context(), at.caller(), std::move(once), std::move(mine));
        });
    } else {
        const std::int64_t amount = 1 + dice_.below(static_cast<int>(std::max<std::int64_t>(1, bought.spent)));
        order = make("refund", at_till, [id = bought.id, amount](Till& at, Idempotency once) -> agent::awaitable<Answer> {
            wire::JsonFaults faults;
            agent::RefundOrder mine = agent::read_refund_order(read("{\"amount\":" + std::to_string(amount) + "}"), faults);
            ENSURE(faults.empty());
            PurchaseId of{id};
            co_return co_await agent::refund(at.context(), at.caller(), std::move(once), std::move(of), std::move(mine));
        });
    }
    order->purchase = bought.id;
    order->amount = bought.spent;
    if (at_till != bought.till) count("branch: refund asked elsewhere");
    return order;
}

World::OrderPtr World::issue(std::size_t till) {
    const std::int64_t amount = 500 + dice_.below(2000);
    auto order = make("issue", till, [amount](Till& at, Idempotency once) -> agent::awaitable<Answer> {
        agent::IssueInput mine;
        mine.plan = PlanId{"any-" + at.business().text};
        mine.amount = Money{Amount{amount}, eur()};
        mine.tender = "cash";
        co_return co_await agent::issue_pass(at.context(), at.caller(), std::move(once), std::move(mine));
    });
    order->amount = amount;
    return order;
}

World::OrderPtr World::lookup(std::size_t till) {
    auto order = make("lookup", till, [wallet = any_wallet()](Till& at, Idempotency) -> agent::awaitable<Answer> {
        agent::WalletRef mine;
        mine.value = wallet;
        co_return co_await agent::lookup_wallet(at.context(), at.caller(), std::move(mine));
    });
    order->moves = false;
    return order;
}

World::OrderPtr World::order_for(std::size_t till) {
    const int roll = dice_.below(100);
    if (roll < 34) return purchase(till);
    if (roll < 46) return top_up(till);
    if (roll < 57) return give_back(till, false);
    if (roll < 62) return give_back(till, true);
    if (roll < 73) return redeem(till);
    if (roll < 79) return check_pass(till);
    if (roll < 84) return quote(till);
    if (roll < 88) return activate(till);
    if (roll < 90) return void_activation(till);
    if (roll < 93) return unlock(till);
    if (roll < 97) return issue(till);
    return lookup(till);
}

void World::deed() {
    ++deeds_done_;
    if (dice_.percent(6)) return operator_deed();
    std::size_t till = any_till();
    for (int i = 0; i < 8 && !works(till); ++i) till = any_till();
    if (!works(till)) return;
    const OrderPtr order = order_for(till);
    if (!order || !works(order->till)) return;
    count("deed: " + order->kind);
    orders_.push_back(order);
    attempt(order);
}

void World::attempt(const OrderPtr& order) {
    if (order->done || order->waiting) return;
    if (++order->tries > most_tries && !faultless_) return;
    Till& till = *tills_[order->till];
    if (!till.up()) {
        if (gone_[order->till]) return;
        order->waiting = true;
        agenda_.after(dice_.between(Millis{1000}, Millis{20'000}), [this, order] {
            order->waiting = false;
            attempt(order);
        });
        return;
    }
    tell(till.name + ": " + order->kind + " " + order->key + (order->wallet.empty() ? "" : " wallet " + order->wallet) +
         (order->pass.empty() ? "" : " pass " + order->pass) + (order->purchase.empty() ? "" : " purchase " + order->purchase) +
         (order->tries > 1 ? ", again" : ""));
    order->asking = true;
    till.ask(order->key, order->use, [this, order](const Told& told) {
        order->asking = false;
        Till& at = *tills_[order->till];
        if (!at.killed_as_it_answers || !order->moves || !told.well()) return heard(order, told);
        at.killed_as_it_answers = false;
        count("fault: agent killed as it answers");
        agenda_.after(Millis{0}, [this, number = order->till] { end_till(number, Host::End::killed, "killed as it answers"); });
    });
}

void World::heard(const OrderPtr& order, const Told& told) {
    tell("  " + order->key + " -> " + std::to_string(told.status) + (told.replayed ? " (again) " : " ") + told.body.substr(0, story_ ? 400 : 0));
    count("answer: " + std::to_string(told.status));
    // Of a disk that fails nobody is told more than that.
    const bool bad_disk = tills_[order->till]->machine->trap || told.body.find("disk I/O error") != std::string::npos;
    if (told.status == 500 && !bad_disk) throw Violation(order->kind + " " + order->key + " met an exception: " + told.body);
    if (!order->moves) {
        order->done = true;
        if (order->wrong_pin && told.body.find("pin_incorrect") != std::string::npos) model_.wrong_pin(order->pass, std::to_string(order->till));
        else if (told.well() && !order->pass.empty() && !order->wrong_pin) model_.pin_reset(order->pass);
        return;
    }
    // Nothing goes there any more; what was given up before it ever was ready says only that.
    const bool given_up = told.body == "not_ready" && tills_[order->till]->facts().meta("stopped_why");
    if (given_up || told.body.find("device_quarantined") != std::string::npos) {
        order->done = true;
        return;
    }
    const std::string key = std::to_string(order->till) + "/" + order->key;
    if (is_final(told.status)) {
        // The first answer of an issue alone shows the code.
        const bool once_only = order->kind == "issue" && told.well();
        model_.answered(key, told.status, once_only ? "" : told.body);
        take_effect(order, told.status, told.body);
        order->done = true;
        if (dice_.percent(12) && order->tries < most_tries) {
            count("fault: answer lost at the counter");
            agenda_.after(dice_.between(Millis{500}, Millis{30'000}), [this, order] {
                order->done = false;
                attempt(order);
            });
        }
        return;
    }
    if (may_change(told.status) && !order->waiting) {
        order->waiting = true;
        agenda_.after(dice_.between(Millis{500}, Millis{15'000}), [this, order] {
            order->waiting = false;
            attempt(order);
        });
        return;
    }
    order->done = true;  // refused for now; the customer leaves
}

void World::take_effect(const OrderPtr& order, int status, const std::string& body) {
    if (order->effected) return;
    order->effected = true;
    if (order->wrong_pin && body.find("pin_incorrect") != std::string::npos) model_.wrong_pin(order->pass, std::to_string(order->till));
    if (status >= 300) return;
    if (!order->pass.empty() && (order->kind == "unlock" || order->kind == "redeem")) model_.pin_reset(order->pass);
    const json answer = json::parse(body);
    std::vector<Model::Effect> effects;
    const auto into_wallet = [&](const std::string& pass_id) {
        const std::int64_t value = model_.in_purse("pass " + pass_id);
        effects.push_back({"pass " + pass_id, -value});
        effects.push_back({"wallet " + answer.at("wallet").at("id").get<std::string>(), value});
        if (value <= 0 && !model_.exposed()) throw Violation("pass " + pass_id + ", which was worth nothing, was redeemed");
    };
    const std::string wallet = order->wallet.empty() || !answer.contains("wallet")
                                   ? "" : answer.at("wallet").at("id").get<std::string>();
    int chain = tills_[order->till]->chain;
    std::int64_t seq = answer.contains("entry") ? answer.at("entry").at("seq").get<std::int64_t>() : 0;
    if (order->kind == "top_up") {
        effects.push_back({"wallet " + order->wallet, order->amount});
    } else if (order->kind == "redeem") {
        into_wallet(order->pass);
    } else if (order->kind == "activate") {
        effects.push_back({"pass " + order->pass, order->amount});
        for (PassCard& pass : passes_) {
            if (pass.id == order->pass) pass.draft = false;
        }
        sold_.push_back({answer.at("id").get<std::string>(), order->pass, order->till, order->amount});
    } else if (order->kind == "void_activation") {
        effects.push_back({"pass " + order->pass, -order->amount});
        for (PassCard& pass : passes_) {
            if (pass.id == order->pass && pass.plan.starts_with("gift")) pass.draft = true;
        }
    } else if (order->kind == "issue") {
        chain = -1;  // made and booked at the centre
        effects.push_back({"pass " + answer.at("id").get<std::string>(), order->amount});
        if (answer.at("code").is_string()) {
            passes_.push_back({answer.at("id").get<std::string>(), answer.at("code").get<std::string>(), "", "any", order->amount, false});
            sold_.push_back({answer.at("id").get<std::string>(), answer.at("id").get<std::string>(), order->till, order->amount});
        }
    } else if (order->kind == "purchase") {
        for (const std::string& pass : order->passes) into_wallet(pass);
        const std::int64_t spent = answer.at("spent").get<std::int64_t>();
        effects.push_back({"wallet " + wallet, -spent});
        for (const json& award : answer.at("awards")) {
            effects.push_back({"wallet " + wallet, award.at("amount").get<std::int64_t>()});
            count("branch: award");
        }
        bought_.push_back({answer.at("id").get<std::string>(), wallet, order->till, spent, 0});
        if (spent > 0) count("branch: spent");
        if (!tills_[order->till]->runner().up()) count("branch: purchase with the link down");
    } else if (order->kind == "refund" || order->kind == "void") {
        const std::int64_t back = answer.at("refunded").get<std::int64_t>();
        const std::string to = "wallet " + answer.at("wallet").at("id").get<std::string>();
        effects.push_back({to, back});
        for (const json& undone : answer.at("awards_undone")) effects.push_back({to, -undone.at("amount").get<std::int64_t>()});
        model_.refunded(order->purchase, order->amount, back);
        for (const Bought& each : bought_) {
            if (each.id == order->purchase && each.till != order->till) count("branch: refund right used elsewhere");
        }
    }
    model_.happened(std::move(effects), chain, seq);
}

void World::resolve(std::size_t number) {
    Till& till = *tills_[number];
    for (const OrderPtr& order : orders_) {
        if (order->till != number) continue;
        order->asking = false;
        if (order->effected || !order->moves) continue;
        const auto stored = till.facts().answer("T1", order->key);
        if (!stored) continue;
        count("branch: a key told after a restart");
        model_.answered(std::to_string(number) + "/" + order->key, stored->status, order->kind == "issue" && stored->status < 300 ? "" : stored->body);
        take_effect(order, stored->status, stored->body);
    }
    for (const OrderPtr& order : orders_) {
        if (order->till == number && !order->done && !order->waiting) {
            order->waiting = true;
            agenda_.after(dice_.between(Millis{200}, Millis{5000}), [this, order] {
                order->waiting = false;
                attempt(order);
            });
        }
    }
}

void World::operator_deed() {
    if (!centre_.up()) return;
    if (character_.risks && dice_.percent(30)) return change_allowance();
    const int roll = dice_.below(5);
    if (roll == 0) {
        count("deed: central deposit");
        ledger::Deposit deposit;
        deposit.wallet = WalletId{any_wallet()};
        deposit.business = tills_[any_till()]->business();
        deposit.amount = Amount{500 + dice_.below(3000)};
        deposit.source = "admin:ann";
        tell("centre: deposit " + std::to_string(deposit.amount.minor) + " into wallet " + deposit.wallet.text);
        centre_.operate([&](ledger::Books& books) {
            return ledger::deposit(books, deposit, centre_.clock.now(), centre_.random).has_value();
        });
    } else if (roll == 1 || roll == 2) {
        PassCard* pass = any_pass(dice_.percent(20));
        if (pass == nullptr) return;
        ledger::PassPatch patch;
        std::int64_t by = 0;
        const std::int64_t worth = model_.in_purse("pass " + pass->id);
        const int what = dice_.below(4);
        if (what == 0) {
            patch.state = PassState::cancelled;
            by = -worth;
        } else if (what == 1) {
            patch.pin_locked = false;
        } else if (what == 2) {
            patch.state = dice_.percent(50) ? PassState::blocked : PassState::active;
            blocked_ = blocked_ || patch.state == PassState::blocked;
        } else {
            patch.value = Amount{500 + dice_.below(2000)};
            by = patch.value->minor - worth;
        }
        count(what == 0 ? "deed: cancel" : what == 1 ? "deed: central unlock" : what == 2 ? "deed: block" : "deed: change of value");
        std::string refused;
        const bool done = centre_.operate([&](ledger::Books& books) {
            const auto changed = ledger::change_pass(books, centre_.keys(), PassId{pass->id}, patch, "admin:ann", centre_.clock.now(), centre_.random);
            if (!changed) refused = changed.error().code;
            return changed.has_value();
        });
        tell("centre: pass " + pass->id + " change " + std::to_string(what) + (done ? "" : " refused: " + refused));
        if (refused == "authority_elsewhere") count("branch: L3 central debit refused: held elsewhere");
        if (done && by < 0) count("branch: L3 central debit");
        if (done && what == 1) model_.pin_reset(pass->id);
        if (done && what == 0 && pass->draft) pass->plan = "gone";
    } else {
        count("deed: pools and plans changed");
        ++pools_changed_;
        tell("centre: pools change");
        centre_.import(document());
    }
    if (!centre_.up()) return;
    const Sound look{centre_.machine};
    model_.read_centre(centre_.db());
}

// Lowered while a venue cannot hear of it, more often than not.
void World::change_allowance() {
    const int before = std::exchange(allowance_, dice_.below(3));
    if (allowance_ < before && dice_.percent(60)) {
        const std::size_t number = any_till();
        const std::shared_ptr<Way> way = tills_[number]->way;
        *way = Way{};
        way->cut_there = true;
        way->cut_back = dice_.percent(60);
        tell("the way of " + tills_[number]->name + " is cut");
        agenda_.after(dice_.between(Millis{10'000}, Millis{8 * 60'000}), [way] { *way = Way{}; });
    }
    count(allowance_ < before ? "deed: allowance lowered" : "deed: allowance as it was or raised");
    ++pools_changed_;
    tell("centre: the allowance is " + std::to_string(allowance_) + " halves of what it was at first");
    if (!centre_.import(document())) allowance_ = before;  // unless its outcome is not known
    if (!centre_.up()) return;
    const Sound look{centre_.machine};
    if (centre_.db().value<std::int64_t>("SELECT 1 FROM former_allowance LIMIT 1")) count("branch: allowance lowered, unheard of");
    model_.read_centre(centre_.db());
}

}  // namespace obol::sim
