#include <gtest/gtest.h>

#include "drivers/escpos/render.hpp"
#include "drivers/printer/receipt_printer.hpp"
#include "tests/support/fake_line.hpp"
#include "tests/support/receipts.hpp"
#include "tests/unit/drivers/profiles.hpp"

namespace obol::drivers {
namespace {

using namespace std::chrono_literals;
using namespace std::string_literals;

// A printer, its line and what it told.
class Counter {
public:
    explicit Counter(const std::string& model = "TM-T88V", bool each_job = false) : world(profile(model)) {
        world.each_job = each_job;
        printer = std::make_unique<ReceiptPrinter>(PrinterSettings{"counter", "tcp://printer:9100", true}, profile(model),
                                                  std::make_unique<FakeLine>(world, timers), timers);
        printer->listen({[this](OutputComplete done) { completed.push_back(done); },
                         [this](OutputFailed what) { failed.push_back(std::move(what)); },
                         [this](PrinterStatus status) { statuses.push_back(status); }});
        if (printer->cash_drawer() != nullptr) {
            printer->cash_drawer()->listen([this](DrawerState state) { drawers.push_back(state); });
        }
        EXPECT_TRUE(printer->open());
        EXPECT_TRUE(printer->set_enabled(true));
        timers.pass(1ms);
    }

    OutputId print(const Document& document = samples::greek()) {
        const Result<OutputId> id = printer->print(document);
        EXPECT_TRUE(id) << id.error().detail;
        return id ? *id : 0;
    }
    void happens(const std::function<void(FakePrinter&)>& what) {
        what(world.printer);
        world.turn();
        timers.pass(1ms);
    }
    std::string last_sheet() const { return world.printer.sheets().empty() ? "" : world.printer.sheets().back().text; }

    testing_support::HandTimers timers;
    FakeLine::World world;
    std::unique_ptr<ReceiptPrinter> printer;
    std::vector<OutputComplete> completed;
    std::vector<OutputFailed> failed;
    std::vector<PrinterStatus> statuses;
    std::vector<DrawerState> drawers;
};

constexpr std::size_t questions = 15, star_questions = 7, endless = 1u << 30;  // bytes that go before a job

std::string whole(const Document& document, const std::string& model = "TM-T88V") {
    FakePrinter printer(profile(model));
    printer.receive(*render_for(profile(model), document));
    return printer.sheets().front().text;
}

TEST(Printer, ConfirmsWhatHasBeenPrinted) {
    for (const std::string model : {"TM-T88V", "TM-T20III"}) {  // by GS ( H, by GS r
        for (const bool each_job : {false, true}) {
            Counter counter(model, each_job);
            const OutputId id = counter.print();
            EXPECT_TRUE(counter.completed.empty());  // never from within the call
            counter.timers.pass(100ms);
            ASSERT_EQ(counter.completed.size(), 1u) << model;
            EXPECT_EQ(counter.completed[0].id, id);
            EXPECT_TRUE(counter.completed[0].confirmed);
            EXPECT_EQ(counter.last_sheet(), whole(samples::greek(), model));
            EXPECT_EQ(counter.world.printer.unknown(), std::vector<std::string>{});
            EXPECT_EQ(counter.printer->power(), PowerState::online);
            EXPECT_EQ(counter.printer->state(), DeviceState::idle);
        }
    }
}

TEST(Printer, TakesOneConnectionForEachJobWhereItIsToldTo) {
    Counter counter("TM-T88V", true);
    EXPECT_EQ(counter.world.opened, 1);  // how is it?
    counter.print();
    counter.print();
    counter.timers.pass(1s);
    EXPECT_EQ(counter.completed.size(), 2u);
    EXPECT_EQ(counter.world.opened, 3);
    EXPECT_EQ(counter.world.printer.sheets().size(), 2u);
}

TEST(Printer, PrintsJobsInTheirOrderOverOneLine) {
    Counter counter;
    const OutputId first = counter.print(samples::english()), second = counter.print();
    const Result<OutputId> third = counter.printer->kick_drawer();
    counter.timers.pass(1s);
    ASSERT_EQ(counter.completed.size(), 3u);
    EXPECT_EQ(counter.completed[0].id, first);
    EXPECT_EQ(counter.completed[1].id, second);
    EXPECT_EQ(counter.completed[2].id, *third);
    EXPECT_EQ(counter.world.opened, 1);
    EXPECT_EQ(counter.world.printer.sheets().size(), 2u);
}

TEST(Printer, OneThatNeverAnswersGetsItsBytesAndConfirmsNothing) {
    FakeLine::World world(profile("generic-80mm"));
    world.printer.go_silent(true);
    testing_support::HandTimers timers;
    ReceiptPrinter printer({"x", "y", true}, profile("generic-80mm"), std::make_unique<FakeLine>(world, timers), timers);
    std::vector<OutputComplete> completed;
    printer.listen({[&](OutputComplete done) { completed.push_back(done); }, {}, {}});
    ASSERT_TRUE(printer.open());
    ASSERT_TRUE(printer.set_enabled(true));
    ASSERT_TRUE(printer.print(samples::english()));
    timers.pass(5s);
    ASSERT_EQ(completed.size(), 1u);
    EXPECT_FALSE(completed[0].confirmed);
    EXPECT_EQ(printer.power(), PowerState::unknown);
}

// F55: the roll ends in mid-receipt. The job is gone and perhaps on paper; nothing is repeated; the status says when a
// new roll is in; what was in the printer's buffer does not come out before the whole copy.
TEST(Printer, F55PaperOutInMidReceiptFailsTheJobAndIsToldWhenThereIsPaperAgain) {
    for (const bool each_job : {false, true}) {
        Counter counter("TM-T88V", each_job);
        counter.world.printer.run_out_after(200);
        const OutputId id = counter.print();
        counter.timers.pass(1s);
        ASSERT_EQ(counter.failed.size(), 1u);
        EXPECT_EQ(counter.failed[0].id, id);
        EXPECT_EQ(counter.failed[0].code, ErrorCode::extended);
        EXPECT_EQ(counter.failed[0].extended, ExtendedError::paper_empty);
        EXPECT_TRUE(counter.failed[0].perhaps_printed);
        EXPECT_NE(counter.failed[0].detail.find("put in a new roll"), std::string::npos);
        EXPECT_TRUE(counter.printer->status().paper_empty);
        EXPECT_EQ(counter.printer->state(), DeviceState::error);
        EXPECT_TRUE(counter.statuses.back().paper_empty);

        counter.timers.pass(60s);
        EXPECT_TRUE(counter.completed.empty());
        counter.happens([](FakePrinter& printer) { printer.load_paper(); });
        counter.timers.pass(10s);
        EXPECT_FALSE(counter.statuses.back().paper_empty);
        EXPECT_EQ(counter.printer->health(), "");

        counter.print();
        counter.timers.pass(1s);
        ASSERT_EQ(counter.completed.size(), 1u);
        EXPECT_TRUE(counter.completed[0].confirmed);
        EXPECT_EQ(counter.last_sheet(), whole(samples::greek()));
        EXPECT_EQ(counter.world.printer.unknown(), std::vector<std::string>{});
    }
}

TEST(Printer, FailsAtOnceWithNothingSentWhileTheCoverIsOpen) {
    for (const bool each_job : {false, true}) {
        Counter counter("TM-T88V", each_job);
        counter.happens([](FakePrinter& printer) { printer.open_cover(true); });
        counter.print();
        counter.print();
        counter.timers.pass(10ms);
        ASSERT_EQ(counter.failed.size(), 2u);
        EXPECT_EQ(counter.failed[0].extended, ExtendedError::cover_open);
        EXPECT_FALSE(counter.failed[0].perhaps_printed);
        EXPECT_FALSE(counter.failed[1].perhaps_printed);
        counter.happens([](FakePrinter& printer) { printer.open_cover(false); });
        counter.timers.pass(10s);
        EXPECT_TRUE(counter.world.printer.sheets().empty());
        EXPECT_FALSE(counter.statuses.back().cover_open);
    }
}

TEST(Printer, AJammedKnifeFailsTheJobThatMetIt) {
    Counter counter;
    counter.world.printer.jam_at_next_cut();
    counter.print();
    counter.timers.pass(1s);
    ASSERT_EQ(counter.failed.size(), 1u);
    EXPECT_EQ(counter.failed[0].extended, ExtendedError::cutter_jammed);
    EXPECT_TRUE(counter.failed[0].perhaps_printed);
    counter.happens([](FakePrinter& printer) { printer.free_knife(); });
    counter.timers.pass(10s);
    counter.print();
    counter.timers.pass(1s);
    EXPECT_EQ(counter.completed.size(), 1u);
    EXPECT_EQ(counter.last_sheet(), whole(samples::greek()));
}

std::string bytes_of(const std::string& model) { return *render_for(profile(model), samples::greek()); }

// A job of which so many bytes come to the printer.
void prints_up_to(Counter& counter, std::size_t bytes, bool star = false) {
    counter.world.lets_through = (star ? star_questions : questions) + bytes;
    counter.print();
    counter.timers.pass(1ms);
    ASSERT_EQ(counter.world.lets_through, 0u);
}

bool last_sheet_is_whole(Counter& counter, const std::string& model) {
    FakePrinter clean(profile(model));
    clean.receive(bytes_of(model));
    const bool cut = !clean.sheets().empty();
    return cut && counter.world.printer.sheets().back().picture == clean.sheets().back().picture;
}

// F56: whatever byte it was unplugged at, it is found again within five seconds and the next receipt is whole.
TEST(Printer, F56UnpluggedAtAnyByteItIsFoundAgainAndPrintsTheNextReceiptWhole) {
    for (const std::string model : {"generic-80mm", "TSP650II"}) {  // the first draws its codes: long commands are cut off
        const std::size_t size = bytes_of(model).size();
        for (std::size_t cut = 8; cut < size; cut += size / 50) {
            SCOPED_TRACE(model);
            Counter counter(model);
            prints_up_to(counter, cut, model == "TSP650II");
            counter.world.unplug();
            counter.timers.pass(10ms);
            ASSERT_EQ(counter.failed.size(), 1u);
            EXPECT_EQ(counter.failed[0].code, ErrorCode::no_hardware);
            EXPECT_TRUE(counter.failed[0].perhaps_printed);
            EXPECT_EQ(counter.printer->power(), PowerState::off_or_offline);
            EXPECT_NE(counter.printer->health().find("tcp://printer:9100"), std::string::npos);
            const std::size_t told = counter.statuses.size();

            counter.world.plugged = true;
            counter.world.lets_through = endless;
            counter.timers.pass(5s);
            EXPECT_EQ(counter.printer->power(), PowerState::online);
            EXPECT_GT(counter.statuses.size(), told);  // who waits tries again
            counter.print();
            counter.timers.pass(1s);
            ASSERT_EQ(counter.completed.size(), 1u) << cut;
            EXPECT_TRUE(last_sheet_is_whole(counter, model)) << cut;
        }
    }
}

// A command that was cut off in the printer is filled up, so that it does not swallow the next receipt.
TEST(Printer, FillsUpTheCommandThatWasCutOff) {
    for (const std::string model : {"generic-80mm", "TSP650II"}) {
        for (const bool each_job : {false, true}) {
            const std::size_t size = bytes_of(model).size();
            for (std::size_t cut = 8; cut < size; cut += size / 50) {
                SCOPED_TRACE(model);
                Counter counter(model, each_job);
                prints_up_to(counter, cut, model == "TSP650II");
                counter.happens([](FakePrinter& printer) { printer.open_cover(true); });
                counter.timers.pass(11s);
                ASSERT_EQ(counter.failed.size(), 1u) << cut;
                EXPECT_TRUE(counter.failed[0].perhaps_printed);
                counter.world.lets_through = endless;
                counter.happens([](FakePrinter& printer) { printer.open_cover(false); });
                counter.timers.pass(10s);
                counter.print();
                counter.timers.pass(1s);
                ASSERT_EQ(counter.completed.size(), 1u) << cut << " " << each_job;
                EXPECT_TRUE(last_sheet_is_whole(counter, model)) << cut;
            }
        }
    }
}

TEST(Printer, AJobOfWhichNothingHasLeftIsNotPerhapsPrinted) {
    Counter counter;
    counter.world.lets_through = questions;
    counter.print();
    counter.timers.pass(11s);
    ASSERT_EQ(counter.failed.size(), 1u);
    EXPECT_EQ(counter.failed[0].code, ErrorCode::timeout);
    EXPECT_FALSE(counter.failed[0].perhaps_printed);
}

// F57: it takes no byte (no CTS, a closed window). The job fails after its time; nothing else waits meanwhile.
TEST(Printer, F57OneThatTakesNoBytesFailsTheJobAfterItsTime) {
    Counter counter;
    counter.world.blocked = true;  // after the system has taken some
    counter.world.system_buffer = 100;
    counter.print();
    counter.timers.pass(5s);
    ASSERT_EQ(counter.failed.size(), 1u);  // it does not even answer what it is asked before a job
    EXPECT_EQ(counter.failed[0].code, ErrorCode::offline);
    EXPECT_FALSE(counter.failed[0].perhaps_printed);
    counter.world.blocked = false;
    counter.timers.pass(10s);
    EXPECT_EQ(counter.printer->health(), "");

    prints_up_to(counter, 500);
    counter.timers.pass(9s);
    EXPECT_EQ(counter.failed.size(), 1u);
    counter.timers.pass(2s);
    ASSERT_EQ(counter.failed.size(), 2u);
    EXPECT_EQ(counter.failed[1].code, ErrorCode::timeout);
    EXPECT_TRUE(counter.failed[1].perhaps_printed);
    EXPECT_NE(counter.printer->health(), "");
    counter.world.lets_through = endless;
    counter.timers.pass(10s);
    counter.print();
    counter.timers.pass(1s);
    ASSERT_EQ(counter.completed.size(), 1u);
    EXPECT_EQ(counter.last_sheet(), whole(samples::greek()));
}

TEST(Printer, GoesSilentInMidJobAndTheJobFailsAsPerhapsPrinted) {
    Counter counter;
    prints_up_to(counter, 500);
    counter.world.printer.go_silent(true);
    counter.world.lets_through = endless;
    counter.world.turn();
    counter.timers.pass(90s);
    ASSERT_EQ(counter.failed.size(), 1u);
    EXPECT_TRUE(counter.failed[0].perhaps_printed);
    EXPECT_EQ(counter.printer->power(), PowerState::off_or_offline);
    counter.world.printer.go_silent(false);
    counter.timers.pass(10s);
    EXPECT_EQ(counter.printer->power(), PowerState::online);
}

TEST(Printer, RefusesWhatItCannotTake) {
    Counter counter;
    counter.world.blocked = true;
    counter.world.system_buffer = 0;
    Document nonsense;
    nonsense.qr(std::string(5000, 'x'));
    EXPECT_EQ(counter.printer->print(nonsense).error().code, "illegal");
    for (std::size_t i = 0; i < ReceiptPrinter::most_jobs; ++i) EXPECT_TRUE(counter.printer->kick_drawer());
    EXPECT_EQ(counter.printer->kick_drawer().error().code, "busy");
    counter.printer->clear_output();
    EXPECT_TRUE(counter.printer->kick_drawer());
    EXPECT_TRUE(counter.printer->set_enabled(false));
    EXPECT_EQ(counter.printer->kick_drawer().error().code, "disabled");
    counter.printer->close();
    EXPECT_EQ(counter.printer->kick_drawer().error().code, "closed");
    counter.timers.pass(60s);
    EXPECT_TRUE(counter.completed.empty());
    EXPECT_TRUE(counter.failed.empty());  // who clears the output is told nothing
}

TEST(Printer, TellsWhetherTheDrawerIsOpen) {
    Counter counter;
    ASSERT_NE(counter.printer->cash_drawer(), nullptr);
    CashDrawer& drawer = *counter.printer->cash_drawer();
    EXPECT_EQ(drawer.drawer(), DrawerState::closed);
    ASSERT_TRUE(drawer.open_drawer());
    counter.timers.pass(100ms);
    EXPECT_EQ(counter.world.printer.pulses(), 1);
    counter.happens([](FakePrinter& printer) { printer.drawer_is_open(true); });
    EXPECT_EQ(drawer.drawer(), DrawerState::open);
    counter.happens([](FakePrinter& printer) { printer.drawer_is_open(false); });
    EXPECT_EQ(counter.drawers, (std::vector{DrawerState::closed, DrawerState::open, DrawerState::closed}));

    Counter plain("generic-80mm");
    ASSERT_NE(plain.printer->cash_drawer(), nullptr);
    EXPECT_EQ(plain.printer->cash_drawer()->drawer(), DrawerState::unknown);
}

TEST(Printer, TellsThatThePaperComesToItsEnd) {
    Counter counter;
    counter.happens([](FakePrinter& printer) { printer.paper_near_end(true); });
    EXPECT_TRUE(counter.statuses.back().paper_near_end);
    counter.print();
    counter.timers.pass(1s);
    EXPECT_EQ(counter.completed.size(), 1u);
}

}  // namespace
}  // namespace obol::drivers
