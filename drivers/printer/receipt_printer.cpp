#include "drivers/printer/receipt_printer.hpp"

#include <utility>

namespace obol::drivers {

ReceiptPrinter::ReceiptPrinter(PrinterSettings settings, Profile profile, std::unique_ptr<ByteChannel> channel,
                             Timers& timers, PrinterPatience patience)
    : settings_(std::move(settings)),
      profile_(std::move(profile)),
      tongue_(tongue_of(profile_)),
      channel_(std::move(channel)),
      timers_(timers),
      patience_(patience),
      drawer_(std::make_unique<PrinterDrawer>(*this, settings_.name + " drawer")) {
    channel_->listen({[this] { begin_asking(); }, [this](std::string_view bytes) { received(bytes); },
                      [this](std::size_t bytes) { taken(bytes); },
                      [this] {
                          if (phase_ == Phase::finishing) complete(false);
                      },
                      [this](const Fault& fault) { lost(fault); }});
}

ReceiptPrinter::~ReceiptPrinter() { stop(); }

Result<void> ReceiptPrinter::open() {
    open_ = true;
    return {};
}

void ReceiptPrinter::close() {
    stop();
    open_ = enabled_ = false;
}

Result<void> ReceiptPrinter::set_enabled(bool enabled) {
    if (!open_) return Fault{"closed", "open the printer " + settings_.name + " first"};
    if (enabled == enabled_) return {};
    enabled_ = enabled;
    if (enabled) {
        arm(next_look_, Millis{0}, &ReceiptPrinter::look);
    } else {
        stop();
    }
    return {};
}

// Everything ends where it stands, and nobody is told.
void ReceiptPrinter::stop() {
    if (on_job()) leave_behind(true);
    jobs_.clear();
    leave();
    disarm(next_look_);
    power_ = PowerState::unknown;
    trouble_.clear();
}

DeviceState ReceiptPrinter::state() const {
    if (!open_) return DeviceState::closed;
    if (!trouble_.empty() || tongue_->bits().ill()) return DeviceState::error;
    return jobs_.empty() ? DeviceState::idle : DeviceState::busy;
}

std::string ReceiptPrinter::health() const {
    if (!open_ || !enabled_) return "";
    if (!trouble_.empty()) return trouble_;
    return illness_text(tongue_->bits());
}

PrinterCapabilities ReceiptPrinter::capabilities() const {
    const Profile::Features& can = profile_.features;
    PrinterCapabilities out{profile_.paper.columns, profile_.paper.dots, can.full_cut || can.part_cut, can.qr_code,
                            settings_.drawer && (can.pulse_standard || can.pulse_bel)};
    for (const Profile::Slot& slot : profile_.code_pages) out.code_pages.emplace_back(slot.page->name);
    return out;
}

DrawerState ReceiptPrinter::drawer_state() const {
    if (!settings_.drawer || !profile_.features.drawer_contact || !pin_known_) return DrawerState::unknown;
    return tongue_->bits().pin_high ? DrawerState::open : DrawerState::closed;
}

CashDrawer* ReceiptPrinter::cash_drawer() { return capabilities().drawer ? drawer_.get() : nullptr; }

Result<OutputId> ReceiptPrinter::print(const Document& document) {
    if (const Result<void> ready = may_queue(); !ready) return ready.error();
    Result<std::string> bytes = channel_->answers() ? tongue_->telling_document(document) : tongue_->document(document);
    if (!bytes) return bytes.error();
    return queue(std::move(*bytes));
}

Result<OutputId> ReceiptPrinter::kick_drawer() {
    if (const Result<void> ready = may_queue(); !ready) return ready.error();
    if (!capabilities().drawer) return Fault{"illegal", "no drawer hangs on the printer " + settings_.name};
    return queue(tongue_->pulse());
}

Result<void> ReceiptPrinter::may_queue() const {
    if (!open_) return Fault{"closed", "open the printer " + settings_.name + " first"};
    if (!enabled_) return Fault{"disabled", "enable the printer " + settings_.name + " first"};
    if (jobs_.size() < most_jobs) return {};
    return Fault{"busy", "the printer " + settings_.name + " has " + std::to_string(jobs_.size()) + " jobs to do"};
}

Result<OutputId> ReceiptPrinter::queue(std::string bytes) {
    jobs_.push_back({++last_id_, std::move(bytes)});
    if (phase_ == Phase::away || phase_ == Phase::ready) arm(next_look_, Millis{0}, &ReceiptPrinter::look);
    return last_id_;
}

void ReceiptPrinter::clear_output() {
    const bool running = on_job();
    if (running) leave_behind(channel_->one_job_each());
    jobs_.clear();
    if (running) rest();
}

void ReceiptPrinter::send(std::string bytes) {
    untaken_ += bytes.size();
    channel_->send(std::move(bytes));
}

void ReceiptPrinter::arm(Timers::Token& token, Millis delay, void (ReceiptPrinter::*then)()) {
    disarm(token);
    token = timers_.after(delay, [this, &token, then] {
        token = 0;
        (this->*then)();
    });
}

void ReceiptPrinter::disarm(Timers::Token& token) {
    if (token != 0) timers_.cancel(std::exchange(token, 0));
}

}  // namespace obol::drivers
