// The print queue against a printer that does what the test says. F3, F4, F55, F56 of the fault table are named.

#include "agent/app/issue_pass.hpp"
#include "tests/unit/agent/printing.hpp"

namespace obol::agent::testing {
namespace {

using drivers::ErrorCode;
using drivers::ExtendedError;
using drivers::PowerState;
using drivers::PrinterStatus;

TEST_F(Printing, AReceiptIsPrintedByItselfAndTheSaleWaitsForNothing) {
    const std::string number = sell(250);  // answered, and no printer has said anything yet
    until_printed(1);
    EXPECT_EQ(state(0), "sending");
    EXPECT_NE(counter().paper(0).find(number), std::string::npos);
    EXPECT_FALSE(is_copy(counter().paper(0)));
    counter().finish();
    until_state(0, "printed");
    until([&] { return changes.size() >= 2; });  // told after the commit
    EXPECT_EQ(changes, (std::vector<std::string>{"sending", "printed"}));
}

TEST_F(Printing, APrinterThatCannotSayWhetherItPrintedLeavesTheJobSent) {
    sell();
    until_printed(1);
    counter().finish(false);
    until_state(0, "sent");
}

TEST_F(Printing, ReceiptsComeOneAfterTheOtherInTheirOrder) {
    const std::string first = sell(), second = sell();
    until_printed(1);
    EXPECT_EQ(state(1), "queued");
    counter().finish();
    until_printed(2);
    EXPECT_NE(counter().paper(0).find(first), std::string::npos);
    EXPECT_NE(counter().paper(1).find(second), std::string::npos);
    EXPECT_FALSE(is_copy(counter().paper(1)));
}

TEST_F(Printing, AReprintSaysCopyAndAppendsNothing) {  // F4, T80
    const std::string number = sell();
    until_printed(1);
    counter().finish();
    until_state(0, "printed");
    const std::int64_t before = entries();
    const Got asked = reprint(number, "again");
    EXPECT_EQ(asked.status, 202) << asked.text;
    EXPECT_EQ(asked.body["state"], "queued");
    until_printed(2);
    EXPECT_TRUE(is_copy(counter().paper(1)));
    EXPECT_EQ(entries(), before);
    EXPECT_TRUE(reprint(number, "again").replayed);  // the same key prints no third
    counter().finish();
    until_state(1, "printed");
    EXPECT_EQ(jobs().size(), 2u);
}

TEST_F(Printing, OfSeveralCopiesTheFirstAloneIsTheReceipt) {
    DeviceSet::Printer* const own = devices.printer("counter");
    const std::string number = sell();
    until_printed(1);
    PrintJob job = jobs().front();  // itself, so that no other was before it
    EXPECT_EQ(job.receipt, number);
    job.perhaps = false;
    job.copies = 3;
    const auto document = run(document_of_job(*context_, "en", job, *own));
    const std::string paper = drivers::render_text(document.value(), 42);
    std::size_t copies = 0;
    for (std::size_t at = paper.find("COPY\n"); at != std::string::npos; at = paper.find("COPY\n", at + 1)) ++copies;
    EXPECT_EQ(copies, 2u);
}

TEST_F(Printing, F55_PaperThatEndsInMidReceiptGivesAWholeNewOneMarkedCopyWhenItIsBack) {
    const std::string number = sell();
    until_printed(1);
    counter().run_out_of_paper(true);
    until_state(0, "waiting paper");
    const std::int64_t before = entries();
    print_timers.pass(Millis{60'000});
    EXPECT_EQ(counter().printed.size(), 1u);  // nothing is sent to a printer without paper
    counter().set([](PrinterStatus& status) { status.paper_empty = false; });
    until_printed(2);
    EXPECT_TRUE(is_copy(counter().paper(1)));
    EXPECT_NE(counter().paper(1).find(number), std::string::npos);
    counter().finish();
    until_state(0, "printed");
    EXPECT_EQ(entries(), before);
}

TEST_F(Printing, APrinterThatWasOutOfPaperBeforeGivesNoCopy) {
    counter().set([](PrinterStatus& status) { status.paper_empty = true; });
    sell();
    until_state(0, "waiting paper");
    EXPECT_TRUE(counter().printed.empty());
    counter().set([](PrinterStatus& status) { status.paper_empty = false; });
    until_printed(1);
    EXPECT_FALSE(is_copy(counter().paper(0)));
}

TEST_F(Printing, NothingThatLeftMeansNoCopy) {
    sell();
    until_printed(1);
    counter().run_out_of_paper(false);
    until_state(0, "waiting paper");
    counter().set([](PrinterStatus& status) { status.paper_empty = false; });
    until_printed(2);
    EXPECT_FALSE(is_copy(counter().paper(1)));
}

TEST_F(Printing, AnOpenCoverIsWaitedForAndSaysSo) {
    counter().set([](PrinterStatus& status) { status.cover_open = true; });
    sell();
    until_state(0, "waiting cover");
    counter().set([](PrinterStatus& status) { status.cover_open = false; });
    until_printed(1);
}

TEST_F(Printing, F56_APrinterThatIsUnpluggedIsTriedUntilItIsBack) {
    sell();
    until_printed(1);
    counter().set_power(PowerState::off_or_offline);
    counter().fail(ErrorCode::no_hardware, ExtendedError::none, true);
    until_state(0, "waiting offline");
    counter().set_power(PowerState::online);  // told by an event
    until_printed(2);
    EXPECT_TRUE(is_copy(counter().paper(1)));
    counter().fail(ErrorCode::timeout, ExtendedError::none, true);  // and with no event at all: time alone
    until_state(0, "waiting offline");
    until([&] {
        print_timers.pass(Millis{5'000});
        return counter().printed.size() == 3;
    });
}

TEST_F(Printing, AtMostAHundredWaitForAPrinterAndTheSaleIsMadeAllTheSame) {  // F56
    counter().set([](PrinterStatus& status) { status.cover_open = true; });
    for (int i = 0; i < 101; ++i) sell(10);
    EXPECT_EQ(open_print_jobs(store_->facts(), "counter"), most_open_print_jobs);
    EXPECT_EQ(state(100), "failed queue_full");
    EXPECT_EQ(reprint(jobs().back().receipt).code(), "busy");
    PrintInput elsewhere;
    elsewhere.receipt = jobs().back().receipt;
    elsewhere.printer = "kitchen";
    EXPECT_EQ(ask(std::move(elsewhere)).status, 202);
}

TEST_F(Printing, WhatNoRepeatCanHelpFails) {
    sell();
    until_printed(1);
    counter().fail(ErrorCode::illegal, ExtendedError::none, false);
    until_state(0, "failed illegal");
    sell();
    for (int tries = 1; tries <= 3; ++tries) {
        until_printed(static_cast<std::size_t>(1 + tries));
        counter().fail(ErrorCode::failure, ExtendedError::none, false);
        const std::string wanted = tries < 3 ? "waiting offline" : "failed failure";
        until_state(1, wanted);
        if (tries == 3) break;
        counter().set([](PrinterStatus&) {});
    }
}

TEST_F(Printing, APrinterThatNeverAnswersIsGivenUpAfterTwoMinutesAndTheJobIsRepeatedAsACopy) {
    sell();
    until_printed(1);
    print_timers.pass(Millis{119'000});
    EXPECT_EQ(counter().cleared, 0);
    print_timers.pass(Millis{2'000});
    until_state(0, "waiting offline");
    EXPECT_EQ(counter().cleared, 1);
    counter().set([](PrinterStatus&) {});
    until_printed(2);
    EXPECT_TRUE(is_copy(counter().paper(1)));
}

// What the database holds when the program ends at any moment, and what a new start makes of it.
class Restarted : public Printing {
protected:
    // What it has written is known to it: a queue that is gone is not called back.
    void end() {
        std::function<Result<bool>(WriteTxn&)> nothing = [](WriteTxn&) -> Result<bool> { return true; };
        EXPECT_TRUE(run(store_->write<bool>(std::move(nothing))));
        queue.reset();
    }
    // kill -9 of the queue: nothing of it runs on.
    void restart() {
        if (queue) end();
        counter().printed.clear();
        start_queue();
        queue->start();
    }
};

TEST_F(Restarted, F3_AReceiptThatWasNotPrintedBeforeTheEndIsPrintedAfterTheStart) {
    counter().set([](PrinterStatus& status) { status.paper_empty = true; });
    sell();
    until_state(0, "waiting paper");
    end();
    counter().set([](PrinterStatus& status) { status.paper_empty = false; });
    restart();
    until_printed(1);
    EXPECT_FALSE(is_copy(counter().paper(0)));
}

TEST_F(Restarted, F4_AReceiptThatWasBeingPrintedAtTheEndComesAgainAsACopy) {
    sell();
    until_printed(1);
    restart();
    until_printed(1);
    EXPECT_TRUE(is_copy(counter().paper(0)));
    counter().finish();
    until_state(0, "printed");
    EXPECT_EQ(jobs().size(), 1u);
}

TEST_F(Restarted, JobsOfAPrinterThatIsConfiguredNoMoreFail) {
    counter().set([](PrinterStatus& status) { status.cover_open = true; });
    sell();
    until_state(0, "waiting cover");
    end();
    std::erase_if(devices.printers, [](const auto& each) { return each.setting.name == "counter"; });
    start_queue();
    queue->start();
    until_state(0, "failed device_unknown");
}

TEST_F(Restarted, ASlipIsLostWithTheMemoryThatHeldItAndSaysSo) {
    counter().set([](PrinterStatus& status) { status.cover_open = true; });
    PrintJob slip;
    slip.printer = "counter";
    slip.what = "slip";
    slip.receipt = sell();
    std::function<Result<PrintJob>(WriteTxn&)> add = [&slip](WriteTxn& txn) { return add_print_job(txn, slip); };
    const PrintJob added = run(store_->write<PrintJob>(std::move(add))).value();
    queue->remember_slip(added.id, slip_document({PassType::gift, "SECRETCODE99", "4817", {}, {}, {}, {}, "UTC", {}, {}}, "en"));
    restart();
    until_state(1, "failed slip_lost");
    counter().set([](PrinterStatus& status) { status.cover_open = false; });
    until_printed(1);
    counter().finish();
    until_state(0, "printed");
    EXPECT_EQ(counter().printed.size(), 1u);
    EXPECT_EQ(counter().paper(0).find("SECRETCODE99"), std::string::npos);
}

class Slips : public Printing {
protected:
    std::string add_slip() {
        PrintJob slip;
        slip.id = "slip-" + std::to_string(++slips_);
        slip.printer = "counter";
        slip.what = "slip";
        slip.receipt = "NIC1-1";
        queue->remember_slip(slip.id, slip_document({PassType::gift, "SECRETCODE99", "4817", {Amount{2500}, Currency::parse("EUR").value()},
                                                     {}, "Aroma", "Nicosia", "Asia/Nicosia", TerminalId{"T1"}, clock.now()}, "en"));
        std::function<Result<PrintJob>(WriteTxn&)> add = [&slip](WriteTxn& txn) { return add_print_job(txn, slip); };
        EXPECT_TRUE(run(store_->write<PrintJob>(std::move(add))));
        queue->look();
        return slip.id;
    }

private:
    int slips_ = 0;
};

TEST_F(Slips, ShowCodeAndPinOnceAndNoRowHoldsThem) {
    add_slip();
    until_printed(1);
    EXPECT_NE(counter().paper(0).find("SECRETCODE99"), std::string::npos);
    EXPECT_NE(counter().paper(0).find("4817"), std::string::npos);
    EXPECT_NE(counter().paper(0).find("25.00 €"), std::string::npos);
    const std::string row = print_job_in_words(jobs().at(0)).dump();
    EXPECT_EQ(row.find("SECRETCODE99"), std::string::npos);
    counter().finish();
    until_state(0, "printed");
}

TEST_F(Slips, ThatWereCutShortByPaperComeAgainWholeAndThoseThatAreUncertainNever) {
    add_slip();
    until_printed(1);
    counter().run_out_of_paper(true);
    until_state(0, "waiting paper");
    counter().set([](PrinterStatus& status) { status.paper_empty = false; });
    until_printed(2);
    counter().fail(ErrorCode::timeout, ExtendedError::none, true);
    until_state(0, "failed slip_uncertain");
    sell();
    until_printed(3);
    EXPECT_EQ(counter().paper(2).find("SECRETCODE99"), std::string::npos);
}

TEST_F(Printing, AnIssuedPassComesOutAsAReceiptAndASlipAndItsCodeIsStoredNowhere) {
    link.issued = [] {
        wire::IssueAnswer out;
        out.pass = PassId{"pe"};
        out.value = {Amount{1000}, Currency::parse("EUR").value()};
        out.code = Secret("EEEE2222FFFF3");
        out.pin = Secret("4817");
        return out;
    };
    IssueInput input;
    input.plan = PlanId{"e10"};
    input.tender = "cash";
    input.print = true;
    const Got sold = got(run(issue_pass(*context_, caller, once("i", "i"), input)));
    ASSERT_EQ(sold.status, 201) << sold.text;
    EXPECT_EQ(sold.body["print_job"]["what"], "slip");
    queue->look();
    until_printed(1);
    EXPECT_EQ(counter().paper(0).find("EEEE2222FFFF3"), std::string::npos);  // the receipt
    counter().finish();
    until_printed(2);
    EXPECT_NE(counter().paper(1).find("EEEE2222FFFF3"), std::string::npos);
    EXPECT_NE(counter().paper(1).find("4817"), std::string::npos);
    counter().finish();
    until_state(1, "printed");
    const Got again = got(run(issue_pass(*context_, caller, once("i", "i"), input)));
    EXPECT_TRUE(again.body["code"].is_null());
    EXPECT_EQ(again.body["print_job"]["id"], sold.body["print_job"]["id"]);
    EXPECT_EQ(store_->facts().db().value<std::int64_t>(
                  "SELECT count(*) FROM print_job WHERE instr(detail || why || what || id, 'EEEE2222FFFF3')"), 0);
}

TEST_F(Printing, OldJobsAreForgottenAndTheirReceiptsStillCountAsPrinted) {
    const std::string number = sell();
    until_printed(1);
    counter().finish();
    until_state(0, "printed");
    clock.moment += print_jobs_kept + Millis{60'000};
    print_timers.pass(Millis{60 * 60 * 1000});
    until([&] { return jobs().empty(); });
    reprint(number);
    until_printed(2);
    EXPECT_TRUE(is_copy(counter().paper(1)));
}

TEST_F(Printing, ThePrinterIsTheTerminalsOwnOrTheOneThatIsNamed) {
    const std::string number = sell();
    PrintInput input;
    input.receipt = number;
    input.printer = "kitchen";
    EXPECT_EQ(ask(input).body["printer"], "kitchen");
    until([&] { return kitchen().printed.size() == 1; });
    EXPECT_NE(drivers::render_text(kitchen().printed[0], 32).find("ΑΠΟΔΕΙΞΗ"), std::string::npos);  // its own language
    input.printer = "attic";
    EXPECT_EQ(ask(input).code(), "device_unknown");
    input.printer.reset();
    input.receipt = "NIC1-999";
    EXPECT_EQ(ask(input).code(), "receipt_unknown");
    caller.terminal = TerminalId{"T9"};
    input.receipt = number;
    EXPECT_EQ(ask(input).code(), "device_unknown");  // two printers, and neither is its own
}

TEST_F(Printing, DevicesAreToldInTheWordsOfUnifiedPos) {
    counter().set([](PrinterStatus& status) { status.paper_near_end = true; });
    const auto told = got(list_devices(*context_)).body["items"];
    EXPECT_EQ(told[0]["name"], "counter");
    EXPECT_EQ(told[0]["state"], "idle");
    EXPECT_EQ(told[0]["power"], "online");
    EXPECT_EQ(told[0]["paper"], "near_end");
    EXPECT_EQ(told[0]["terminal"], "T1");
    EXPECT_EQ(told[0]["drawer"], "unknown");  // no contact tells
    EXPECT_EQ(told[1]["drawer"], "none");
    EXPECT_EQ(told[2]["kind"], "display");
    EXPECT_EQ(told[2]["columns"], 20);
    EXPECT_EQ(devices_not_ready(devices), 0u);
    kitchen().set_power(PowerState::off_or_offline);
    EXPECT_EQ(devices_not_ready(devices), 1u);
}

TEST_F(Printing, ADrawerOpensOnceForAKey) {
    EXPECT_EQ(got(run(open_drawer(*context_, caller, once("d", "d"), "counter"))).status, 200);
    EXPECT_TRUE(got(run(open_drawer(*context_, caller, once("d", "d"), "counter"))).replayed);
    EXPECT_EQ(counter().kicks, 1);
    const Got none = got(run(open_drawer(*context_, caller, once("e", "e"), "kitchen")));
    EXPECT_EQ(none.code(), "device_illegal");
    EXPECT_EQ(none.body["device_error"], "illegal");
    EXPECT_EQ(got(run(open_drawer(*context_, caller, once("f", "f"), "attic"))).code(), "device_unknown");
    counter().set_power(PowerState::off_or_offline);
    const Got off = got(run(open_drawer(*context_, caller, once("g", "g"), "counter")));
    EXPECT_EQ(off.code(), "device_error");
    EXPECT_EQ(off.body["device_error"], "offline");
}

TEST_F(Printing, ADisplayShowsItsLinesAndATestPageIsAJob) {
    const std::vector<std::string> lines{"Σύνολο", "12,50 €"};
    EXPECT_EQ(got(run(show_lines(*context_, caller, once("l", "l"), "pole", lines))).status, 200);
    EXPECT_EQ(static_cast<ScriptedDisplay&>(*devices.display("pole")->device).shown, lines);
    EXPECT_EQ(got(run(show_lines(*context_, caller, once("m", "m"), "counter", lines))).code(), "device_illegal");
    const Got page = got(run(test_device(*context_, caller, once("t", "t"), "counter")));
    EXPECT_EQ(page.status, 202) << page.text;
    until_printed(1);
    EXPECT_NE(counter().paper(0).find("TEST PAGE"), std::string::npos);
}

TEST_F(Printing, APrinterThatIsNotThereAtTheStartIsTriedAgain) {
    kitchen().close();
    kitchen().unplugged = true;
    print_timers.pass(Millis{5'000});
    EXPECT_EQ(kitchen().state(), drivers::DeviceState::closed);
    kitchen().unplugged = false;
    print_timers.pass(Millis{5'000});
    EXPECT_EQ(kitchen().state(), drivers::DeviceState::idle);
}

TEST(PrinterProfiles, ThatTheProgramCarriesCanAllBeRead) {
    EXPECT_GE(profile_names().size(), 8u);
    for (const std::string& name : profile_names()) EXPECT_TRUE(profile_named(name)) << name;
    EXPECT_EQ(profile_named("TM-X").error().code, "profile_unknown");
    EXPECT_EQ(profile_named("config/printers/TM-T88V.json").value(), profile_named("TM-T88V").value());
}

}  // namespace
}  // namespace obol::agent::testing
