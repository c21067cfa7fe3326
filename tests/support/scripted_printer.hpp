#pragma once
// A printer that does what a test tells it, with no bytes and no paper: each document waits until the test says how
// it went.

#include <deque>

#include "drivers/device.hpp"
#include "drivers/ticket/text.hpp"

namespace obol::testing_support {

class ScriptedPrinter final : public drivers::POSPrinter {
public:
    explicit ScriptedPrinter(std::string name) : name_(std::move(name)) {}

    std::string name() const override { return name_; }
    Result<void> open() override {
        if (unplugged) return Fault{"no_hardware", "nothing is plugged in"};
        state_ = drivers::DeviceState::idle;
        return {};
    }
    void close() override { state_ = drivers::DeviceState::closed; }
    Result<void> set_enabled(bool) override { return {}; }
    drivers::DeviceState state() const override { return state_; }
    drivers::PowerState power() const override { return power_; }
    std::string health() const override { return unplugged ? "nothing is plugged in" : ""; }

    void listen(Events events) override { events_ = std::move(events); }
    drivers::PrinterCapabilities capabilities() const override { return {}; }
    drivers::PrinterStatus status() const override { return status_; }
    Result<drivers::OutputId> print(const drivers::Document& document) override {
        if (refuses) return *refuses;
        printed.push_back(document);
        return ++last_;
    }
    Result<drivers::OutputId> kick_drawer() override {
        ++kicks;
        return ++last_;
    }
    void clear_output() override { ++cleared; }

    // --- what happens to the document that was handed over last ---
    void finish(bool confirmed = true) { events_.complete({last_, confirmed}); }
    void fail(drivers::ErrorCode code, drivers::ExtendedError extended, bool perhaps) {
        events_.failed({last_, code, extended, "", perhaps});
    }
    void run_out_of_paper(bool perhaps) {
        set([](drivers::PrinterStatus& status) { status.paper_empty = true; });
        fail(drivers::ErrorCode::extended, drivers::ExtendedError::paper_empty, perhaps);
    }
    // A change of the status, told.
    void set(const std::function<void(drivers::PrinterStatus&)>& change) {
        change(status_);
        if (events_.status) events_.status(status_);
    }
    void set_power(drivers::PowerState power) {
        power_ = power;
        if (events_.status) events_.status(status_);
    }
    std::string paper(std::size_t n) const { return drivers::render_text(printed.at(n), 42); }

    std::vector<drivers::Document> printed{};
    std::optional<Fault> refuses{};
    bool unplugged = false;
    int kicks = 0, cleared = 0;

private:
    std::string name_;
    Events events_{};
    drivers::DeviceState state_ = drivers::DeviceState::closed;
    drivers::PowerState power_ = drivers::PowerState::online;
    drivers::PrinterStatus status_{};
    drivers::OutputId last_ = 0;
};

class ScriptedDisplay final : public drivers::LineDisplay {
public:
    std::string name() const override { return "pole"; }
    Result<void> open() override {
        open_ = true;
        return {};
    }
    void close() override { open_ = false; }
    Result<void> set_enabled(bool) override { return {}; }
    drivers::DeviceState state() const override {
        return open_ ? drivers::DeviceState::idle : drivers::DeviceState::closed;
    }
    drivers::PowerState power() const override { return drivers::PowerState::online; }
    std::string health() const override { return ""; }
    int columns() const override { return 20; }
    int rows() const override { return 2; }
    Result<void> display(const std::vector<std::string>& lines) override {
        shown = lines;
        return {};
    }
    Result<void> clear() override { return {}; }
    std::vector<std::string> shown{};

private:
    bool open_ = false;
};

}  // namespace obol::testing_support
