// The way of a job: asking, sending, confirming, and what a failed one leaves behind.

#include "drivers/printer/receipt_printer.hpp"

#include <algorithm>
#include <utility>

namespace obol::drivers {
namespace {

constexpr int most_confirmation_rounds = 4;

// What the command needs that the first `sent` bytes of a job end in.
std::size_t missing_after(const PrinterTongue& tongue, std::string_view job, std::size_t sent) {
    for (std::size_t at = 0; at < sent;) {
        const std::size_t length = tongue.command_length(job.substr(at)).value_or(job.size() - at);
        if (at + length > sent) return at + length - sent;
        at += length;
    }
    return 0;
}

std::size_t longest_command(const PrinterTongue& tongue, std::string_view job) {
    std::size_t longest = 0;
    for (std::size_t at = 0; at < job.size();) {
        const std::size_t length = tongue.command_length(job.substr(at)).value_or(job.size() - at);
        longest = std::max(longest, length);
        at += length;
    }
    return longest;
}

}  // namespace

// There is something to do, or it is time to see how the printer is.
void ReceiptPrinter::look() {
    if (!enabled_) return;
    if (phase_ == Phase::away) {
        phase_ = Phase::opening;
        disarm(next_look_);
        channel_->open();
    } else if (phase_ == Phase::ready) {
        begin_asking();
    }
}

void ReceiptPrinter::begin_asking() {
    disarm(next_look_);
    phase_ = Phase::asking;
    heard_ = false;
    if (!channel_->answers()) return asked_enough();
    if (!leftovers_.empty()) {
        clearing_ = std::exchange(leftovers_, "");
        send(clearing_);
    }
    send(tongue_->tell_status());
    send(tongue_->ask_status());
    arm(deadline_, patience_.answer, &ReceiptPrinter::asked_enough);
}

void ReceiptPrinter::asked_enough() {
    disarm(deadline_);
    if (!heard_ && std::exchange(moved_, false)) {  // what clears away the last job is still on its way
        arm(deadline_, patience_.answer, &ReceiptPrinter::asked_enough);
        return;
    }
    if (!heard_ && untaken_ > 0) return lost({"timeout", "it takes no bytes: switched off line, or its cable is loose"});
    if (!heard_ && answered_) return lost({"offline", "it has stopped answering"});
    reached();
    if (tongue_->bits().ill()) {
        fail_all(illness(tongue_->bits()), illness_text(tongue_->bits()));
        rest();
    } else if (jobs_.empty()) {
        rest();
    } else {
        begin_job();
    }
}

void ReceiptPrinter::begin_job() {
    phase_ = Phase::sending;
    sent_ = 0;
    owed_ = untaken_;
    send(jobs_.front().bytes);
    arm(deadline_, patience_.no_byte_taken, &ReceiptPrinter::too_slow);
}

void ReceiptPrinter::taken(std::size_t bytes) {
    untaken_ -= std::min(untaken_, bytes);
    moved_ = true;
    if (untaken_ == 0) clearing_.clear();
    if (phase_ != Phase::sending) return;
    const std::size_t before = std::min(owed_, bytes);
    owed_ -= before;
    sent_ = std::min(jobs_.front().bytes.size(), sent_ + bytes - before);
    if (sent_ == jobs_.front().bytes.size()) {
        begin_confirming();
    } else {
        arm(deadline_, patience_.no_byte_taken, &ReceiptPrinter::too_slow);
    }
}

void ReceiptPrinter::too_slow() {
    const PrinterBits& bits = tongue_->bits();
    if (bits.ill()) return fail(illness(bits), illness_text(bits));
    silent("it takes no more bytes: switched off line, or its cable is loose");
}

void ReceiptPrinter::begin_confirming() {
    if (!channel_->answers()) return begin_finishing();
    phase_ = Phase::confirming;
    rounds_ = 0;
    if (!heard_) {  // it never answers
        arm(deadline_, patience_.unanswered, &ReceiptPrinter::begin_finishing);
        return;
    }
    heard_ = false;
    send(tongue_->ask_printed(jobs_.front().id));
    arm(deadline_, patience_.confirmation, &ReceiptPrinter::unconfirmed);
    arm(next_look_, patience_.ask_again, &ReceiptPrinter::ask_meanwhile);
}

// Between jobs a question in real time stands in no command.
void ReceiptPrinter::ask_meanwhile() {
    send(tongue_->ask_status());
    arm(next_look_, patience_.ask_again, &ReceiptPrinter::ask_meanwhile);
}

void ReceiptPrinter::unconfirmed() {
    if (!std::exchange(heard_, false)) return silent("it has stopped answering");
    if (++rounds_ < most_confirmation_rounds) {  // it is alive; perhaps it is slow
        arm(deadline_, patience_.confirmation, &ReceiptPrinter::unconfirmed);
    } else {
        begin_finishing();
    }
}

void ReceiptPrinter::begin_finishing() {
    disarm(deadline_);
    disarm(next_look_);
    phase_ = Phase::finishing;
    channel_->finish();
}

void ReceiptPrinter::complete(bool confirmed) {
    const OutputId id = jobs_.front().id;
    jobs_.pop_front();
    tongue_->forget_questions();
    reached();
    rest();
    if (events_.complete) events_.complete({id, confirmed});
}

void ReceiptPrinter::silent(const std::string& detail) {
    trouble_ = settings_.address + ": " + detail;
    power_ = PowerState::off_or_offline;
    fail({ErrorCode::timeout, ExtendedError::none}, detail);
}

void ReceiptPrinter::fail(Illness why, const std::string& detail) {
    const OutputFailed failed{jobs_.front().id, why.code, why.extended, settings_.name + ": " + detail, sent_ > 0};
    leave_behind(!channel_->is_open() || channel_->one_job_each());
    jobs_.pop_front();
    rest();
    told();
    if (events_.failed) events_.failed(failed);
}

// Jobs of which nothing has left.
void ReceiptPrinter::fail_all(Illness why, const std::string& detail) {
    std::deque<Job> failed = std::exchange(jobs_, {});
    for (const Job& job : failed) {
        if (events_.failed) events_.failed({job.id, why.code, why.extended, settings_.name + ": " + detail, false});
    }
}

// The running job ends here. What the printer has of it is cleared away before the next one: the command that it
// waits for is filled up, what it has not printed is dropped, and the sheet that was begun ends. When the connection ends
// with the job, nobody knows how much of what had left came to it.
void ReceiptPrinter::leave_behind(bool all_unknown) {
    const std::string& job = jobs_.front().bytes;
    if (sent_ > 0 && channel_->answers()) {
        const std::size_t missing = all_unknown ? longest_command(*tongue_, job) : missing_after(*tongue_, job, sent_);
        leftovers_ = tongue_->clear_away(missing);
        const bool sheet = job.size() > pulse_length && !tongue_->bits().cutter_jammed;
        if (sheet) leftovers_ += tongue_->cut();
    }
    disarm(deadline_);
    disarm(next_look_);
    if (phase_ == Phase::sending && channel_->is_open()) {
        if (sent_ == 0) {
            leave();  // part of a question may have left
            return;
        }
        channel_->drop_unsent();
        untaken_ = 0;
    }
    tongue_->forget_questions();
}

// Nothing runs. One job a connection: it ends here.
void ReceiptPrinter::rest() {
    disarm(deadline_);
    if (channel_->one_job_each() || !channel_->is_open()) {
        leave();
    } else {
        phase_ = Phase::ready;
    }
    if (!enabled_) return;
    const bool well = trouble_.empty() && !tongue_->bits().ill();
    if (!jobs_.empty()) {
        arm(next_look_, Millis{0}, &ReceiptPrinter::look);
    } else {
        arm(next_look_, !trouble_.empty() ? patience_.reopen : well ? patience_.look : patience_.ask_again,
            &ReceiptPrinter::look);
    }
}

void ReceiptPrinter::leave() {
    disarm(deadline_);
    channel_->close();
    phase_ = Phase::away;
    untaken_ = owed_ = 0;
    if (!clearing_.empty() && leftovers_.empty()) leftovers_ = std::exchange(clearing_, "");
    tongue_->forget();
}

}  // namespace obol::drivers
