// What the printer says, and what others are told of it.

#include "drivers/printer/receipt_printer.hpp"

#include <utility>

namespace obol::drivers {

void ReceiptPrinter::received(std::string_view bytes) {
    const PrinterBits before = tongue_->bits();
    for (const Sign sign : tongue_->read(bytes)) {
        answered_ = heard_ = true;
        if (hear(sign)) return;  // that was the end of a phase
    }
    if (tongue_->bits() == before && phase_ != Phase::ready) return;
    const bool stops = tongue_->bits().stopped();
    if (phase_ == Phase::sending || phase_ == Phase::confirming) {
        if (stops) fail(illness(tongue_->bits()), illness_text(tongue_->bits()));
    } else if (phase_ == Phase::ready) {
        rest();  // an illness is looked at more often
    }
    told();
}

bool ReceiptPrinter::hear(Sign sign) {
    if (sign == Sign::status) pin_known_ = true;
    if (phase_ == Phase::asking && sign == Sign::status) {
        asked_enough();
        return true;
    }
    if (phase_ == Phase::confirming && sign == Sign::printed) {
        complete(true);
        return true;
    }
    return false;
}

void ReceiptPrinter::reached() {
    trouble_.clear();
    const bool speaks = heard_ || answered_;
    const bool off = tongue_->bits().offline && !tongue_->bits().stopped();
    power_ = off ? PowerState::off_or_offline : speaks || !channel_->answers() ? PowerState::online : PowerState::unknown;
    told();
}

void ReceiptPrinter::lost(const Fault& fault) {
    trouble_ = settings_.address + ": " + fault.detail;
    power_ = PowerState::off_or_offline;
    const ErrorCode code = code_of(fault);
    if (on_job()) return fail({code, ExtendedError::none}, fault.detail);  // and rests
    leave();
    fail_all({code, ExtendedError::none}, fault.detail);
    rest();
    told();
}

void ReceiptPrinter::told() {
    const PrinterStatus now = status();
    const bool changed = now != std::exchange(told_status_, now);
    const bool power = power_ != std::exchange(told_power_, power_);
    if ((changed || power) && events_.status) events_.status(now);
    drawer_->look();
}

}  // namespace obol::drivers
