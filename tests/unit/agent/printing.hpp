#pragma once
// A till with a printer that does what the test says: "counter" prints each receipt of T1, "kitchen" what it is asked.

#include "agent/app/devices.hpp"
#include "agent/app/print_receipt.hpp"
#include "tests/support/hand_timers.hpp"
#include "tests/support/scripted_printer.hpp"
#include "tests/unit/agent/purchase_till.hpp"

namespace obol::agent::testing {

using testing_support::ScriptedDisplay;
using testing_support::ScriptedPrinter;

class Printing : public Till {
protected:
    Printing() : Till({{"T1", "counter"}}) {
        DeviceSettings settings;
        settings.printers = {{"counter", "scripted", "generic-80mm", "T1", "", true}, {"kitchen", "scripted", "generic-58mm", "", "el", false}};
        settings.displays = {{"pole", "scripted", "T1"}};
        DeviceMakers makers;
        makers.printer = [](const PrinterSetting& setting, const drivers::Profile&) {
            return Result<std::unique_ptr<drivers::POSPrinter>>(std::make_unique<ScriptedPrinter>(setting.name));
        };
        makers.display = [](const DisplaySetting&) {
            return Result<std::unique_ptr<drivers::LineDisplay>>(std::make_unique<ScriptedDisplay>());
        };
        devices = std::move(DeviceSet::make(settings, makers).value());
        start_queue();
        business();
        plan("gift20", PassType::gift, Amount{2000}, false);
        Plan electronic;
        electronic.id = PlanId{"e10"};
        electronic.business = BusinessId{"aroma"};
        electronic.name = "Ten";
        electronic.printed = false;
        electronic.currency = Currency::parse("EUR").value();
        electronic.value_min = electronic.value_max = Amount{1000};
        electronic.pin = true;
        know_value("plan", "e10", journal::to_value(electronic));
        wallet("w1", Amount{9000});
        open_shop();
        devices.start(print_timers);
        queue->start();
    }
    ~Printing() override {
        store_->finish();
        queue.reset();
    }

    void start_queue() {
        queue = std::make_unique<PrintQueue>(
            loop_.get_executor(), *store_, devices, print_timers,
            [this](PrintJob job, const DeviceSet::Printer& printer) {
                return document_of_job(*context_, "en", std::move(job), printer);
            });
        queue->on_change([this](const PrintJob& job) { changes.push_back(job.state + (job.why.empty() ? "" : " " + job.why)); });
        context_->devices = &devices;
        context_->printing = queue.get();
    }
    // As the program does after each commit.
    std::string sell(std::int64_t amount = 100) {
        const Got bought = buy(spend(R"({"id":"w1"})", basket(amount)));
        EXPECT_EQ(bought.status, 201) << bought.text;
        queue->look();
        return bought.body["receipt"]["number"];
    }
    Got ask(PrintInput input, std::string key = "") {
        if (key.empty()) key = fresh_key();
        return got(run(print(*context_, caller, once(key, key), std::move(input))));
    }
    Got reprint(const std::string& number, const std::string& key = "") {
        PrintInput input;
        input.receipt = number;
        return ask(std::move(input), key);
    }
    ScriptedPrinter& counter() { return static_cast<ScriptedPrinter&>(*devices.printer("counter")->device); }
    ScriptedPrinter& kitchen() { return static_cast<ScriptedPrinter&>(*devices.printer("kitchen")->device); }
    std::vector<PrintJob> jobs() { return print_jobs(store_->facts(), 0, 1000, false); }
    std::string state(std::size_t n) {
        const PrintJob job = jobs().at(n);
        return job.state + (job.why.empty() ? "" : " " + job.why);
    }
    void until_printed(std::size_t documents) {
        until([&] { return counter().printed.size() >= documents; });
    }
    void until_state(std::size_t n, const std::string& wanted) {
        until([&] { return state(n) == wanted; });
    }
    static bool is_copy(const std::string& paper) { return paper.find("COPY\n") != std::string::npos; }

    obol::testing_support::HandTimers print_timers;
    DeviceSet devices;
    std::unique_ptr<PrintQueue> queue;
    std::vector<std::string> changes;
};

}  // namespace obol::agent::testing
