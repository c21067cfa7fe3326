#pragma once
// A receipt printer over any channel, whatever its language (tongue.hpp), as a state machine driven by the channel's events
// and by timers. It prints one job after the other and says of each whether it came out:
//
//  - before a job it asks how the printer is; one that is out of paper, open or off line fails the job at once,
//    with nothing sent;
//  - while the job runs, automatic status tells what goes wrong; such a job has failed, and perhaps some of it is
//    on the paper;
//  - after it, the printer is asked to say when all is printed. A printer that never answers anything gets its bytes, and the job is complete without being confirmed.
//
// It never repeats anything by itself. What a failed job left in the printer is cleared away before the next one:
// a command that was cut off is filled up, the buffer is dropped, a sheet that was begun is cut off.
//
// A status event comes on each change of the status, and also when the printer is reached again or lost, so that
// whoever waits for a fault to go tries again. While there is a fault it is asked anew every few seconds.

#include <cstdint>
#include <deque>
#include <memory>
#include <string>

#include "drivers/channel.hpp"
#include "drivers/device.hpp"
#include "drivers/escpos/profile.hpp"
#include "drivers/printer/drawer.hpp"
#include "drivers/printer/tongue.hpp"
#include "drivers/printer/words.hpp"
#include "sync/core/timers.hpp"

namespace obol::drivers {

struct PrinterSettings {
    std::string name;     // "counter"
    std::string address;  // for what a person is told
    bool drawer = true;   // one hangs on the kick connector
};

// How long it waits for what.
struct PrinterPatience {
    Millis answer{800};        // to the questions before a job
    Millis no_byte_taken{10'000};
    Millis confirmation{15'000};  // since the last sign of life
    Millis unanswered{300};    // a printer that never answers: between its last byte and "sent"
    Millis ask_again{2'000};   // while there is a fault, and while a confirmation is awaited
    Millis look{30'000};       // while all is well
    Millis reopen{2'000};      // after the device was lost
};

class ReceiptPrinter final : public POSPrinter {
public:
    static constexpr std::size_t most_jobs = 16;

    ReceiptPrinter(PrinterSettings settings, Profile profile, std::unique_ptr<ByteChannel> channel, Timers& timers,
                  PrinterPatience patience = {});
    ~ReceiptPrinter() override;

    std::string name() const override { return settings_.name; }
    Result<void> open() override;
    void close() override;
    Result<void> set_enabled(bool enabled) override;
    DeviceState state() const override;
    PowerState power() const override { return power_; }
    std::string health() const override;

    void listen(Events events) override { events_ = std::move(events); }
    PrinterCapabilities capabilities() const override;
    PrinterStatus status() const override { return tongue_->bits().status(); }
    Result<OutputId> print(const Document& document) override;
    Result<OutputId> kick_drawer() override;
    void clear_output() override;
    CashDrawer* cash_drawer() override;

    DrawerState drawer_state() const;  // unknown where no contact tells

private:
    struct Job {
        OutputId id = 0;
        std::string bytes;
    };
    // away: no connection; asking: how it is; finishing: the connection takes the end of an unconfirmed job along.
    enum class Phase { away, opening, asking, ready, sending, confirming, finishing };
    static constexpr std::size_t pulse_length = 8;  // a shorter job prints nothing

    Result<void> may_queue() const;
    Result<OutputId> queue(std::string bytes);
    void stop();

    void look();
    void begin_asking();
    void asked_enough();
    void begin_job();
    void taken(std::size_t bytes);
    void too_slow();
    void begin_confirming();
    void ask_meanwhile();
    void unconfirmed();
    void begin_finishing();
    void complete(bool confirmed);
    void silent(const std::string& detail);
    void fail(Illness why, const std::string& detail);
    void fail_all(Illness why, const std::string& detail);
    void leave_behind(bool all_unknown);
    void rest();
    void leave();

    void received(std::string_view bytes);
    // True: what was heard ended the phase.
    bool hear(Sign sign);
    void reached();
    void lost(const Fault& fault);
    void told();

    bool on_job() const { return phase_ == Phase::sending || phase_ == Phase::confirming || phase_ == Phase::finishing; }
    void send(std::string bytes);
    void arm(Timers::Token& token, Millis delay, void (ReceiptPrinter::*then)());
    void disarm(Timers::Token& token);

    PrinterSettings settings_;
    Profile profile_;
    std::unique_ptr<PrinterTongue> tongue_;
    std::unique_ptr<ByteChannel> channel_;
    Timers& timers_;
    PrinterPatience patience_;
    Events events_;
    std::unique_ptr<PrinterDrawer> drawer_;

    bool open_ = false, enabled_ = false;
    Phase phase_ = Phase::away;
    Timers::Token deadline_ = 0;   // of the phase
    Timers::Token next_look_ = 0;  // or question
    std::string trouble_;          // why it cannot be reached
    PowerState power_ = PowerState::unknown;

    bool answered_ = false;   // it has ever said something
    bool heard_ = false;      // since it was asked
    bool pin_known_ = false;
    bool moved_ = false;      // bytes were taken since this was looked at
    int rounds_ = 0;          // of waiting for a confirmation

    OutputId last_id_ = 0;
    std::deque<Job> jobs_;        // the first one is running when on_job()
    std::size_t untaken_ = 0;     // bytes that were sent and have not left
    std::size_t owed_ = 0;        // those of them that stand before the job
    std::size_t sent_ = 0;        // bytes of the job that have left
    std::string leftovers_;       // clears away what a failed job left in the printer
    std::string clearing_;        // the same, on its way

    PrinterStatus told_status_;
    PowerState told_power_ = PowerState::unknown;
};

}  // namespace obol::drivers
