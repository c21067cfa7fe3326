// The devices over real sockets, lines and programs, against the emulator.

#include <gtest/gtest.h>

#include <boost/asio/io_context.hpp>
#include <fcntl.h>
#include <filesystem>
#include <fstream>
#include <sstream>
#include <stdlib.h>
#include <sys/ioctl.h>
#include <sys/stat.h>
#include <termios.h>
#include <unistd.h>

#include "drivers/devices.hpp"
#include "drivers/emulator/emulator.hpp"
#include "drivers/escpos/render.hpp"
#include "sync/net/asio_timers.hpp"
#include "tests/support/receipts.hpp"
#include "tests/unit/drivers/profiles.hpp"

namespace obol::drivers {
namespace {

using namespace std::chrono_literals;
using namespace std::string_literals;

class Devices : public testing::Test {
protected:
    Devices() {
        std::string pattern = (std::filesystem::temp_directory_path() / "devices-XXXXXX").string();
        folder = ::mkdtemp(pattern.data());
    }
    ~Devices() override { std::filesystem::remove_all(folder); }

    // Turns the loop until it is so; far longer than it ever takes, for a machine that has much else to do.
    [[nodiscard]] bool until(const std::function<bool()>& so) {
        bool late = false;
        const auto token = timers.after(60s, [&] { late = true; });
        while (!so() && !late) loop.run_one_for(100ms);
        timers.cancel(token);
        return so();
    }

    void emulate(const std::string& where, const std::string& model = "TM-T88V") {
        emulator = std::make_unique<Emulator>(loop.get_executor(), EmulatorSettings{where, "pty:" + folder + "/scanner", profile(model), folder + "/paper"});
        const Result<void> plugged = emulator->plug();
        ASSERT_TRUE(plugged) << plugged.error().detail;
    }
    void connect(const std::string& address, const std::string& model = "TM-T88V") {
        Result<std::unique_ptr<POSPrinter>> made = make_printer({"counter", address, profile(model), true}, world);
        ASSERT_TRUE(made) << made.error().detail;
        printer = std::move(*made);
        printer->listen({[this](OutputComplete done) { completed.push_back(done); },
                         [this](OutputFailed what) { failed.push_back(std::move(what)); },
                         [this](PrinterStatus status) { statuses.push_back(status); }});
        ASSERT_TRUE(printer->open());
        ASSERT_TRUE(printer->set_enabled(true));
    }
    std::string text_of(const std::string& name) const {
        std::ifstream in(folder + "/" + name, std::ios::binary);
        std::stringstream text;
        text << in.rdbuf();
        return text.str();
    }

    boost::asio::io_context loop{1};
    net::AsioTimers timers{loop.get_executor()};
    ChannelWorld world{loop.get_executor(), timers};
    std::string folder;
    std::unique_ptr<Emulator> emulator;
    std::unique_ptr<POSPrinter> printer;
    std::vector<OutputComplete> completed;
    std::vector<OutputFailed> failed;
    std::vector<PrinterStatus> statuses;
};

// The far end of a serial line: what stands there sees how the line was set and what comes through it.
class FarEnd {
public:
    FarEnd() : number_(::posix_openpt(O_RDWR | O_NOCTTY | O_NONBLOCK | O_CLOEXEC)) {
        EXPECT_TRUE(number_ >= 0 && ::grantpt(number_) == 0 && ::unlockpt(number_) == 0);
        char name[64] = {};
        EXPECT_EQ(::ptsname_r(number_, name, sizeof name), 0);
        path = name;
    }
    FarEnd(const FarEnd&) = delete;
    FarEnd& operator=(const FarEnd&) = delete;
    ~FarEnd() { ::close(number_); }

    termios line() const {
        termios set{};
        EXPECT_EQ(::tcgetattr(number_, &set), 0);
        return set;
    }
    // From now on each read begins with a byte that says what became of the line; 0: what follows was sent.
    void watch() {
        int yes = 1;
        EXPECT_EQ(::ioctl(number_, TIOCPKT, &yes), 0);
    }
    std::string read() {
        char bytes[512];
        const ssize_t got = ::read(number_, bytes, sizeof bytes);
        return got <= 0 ? "" : std::string(bytes, static_cast<std::size_t>(got));
    }
    void write(char byte) { EXPECT_EQ(::write(number_, &byte, 1), 1); }

    std::string path;

private:
    int number_;
};

TEST_F(Devices, ALineIsSetAsItsAddressSays) {
    struct Case {
        std::string options;
        tcflag_t input, control, speed;
    };
    const std::vector<Case> cases = {
        {"", 0, 0, B9600},
        {"?baud=115200&flow=rtscts", 0, CRTSCTS, B115200},
        {"?baud=19200&flow=xonxoff&parity=even", IXON | IXOFF, 0, B19200},
        {"?baud=1200&flow=dtrdsr&data=7&parity=odd&stop=2", 0, PARODD | CSTOPB, B1200},
    };
    for (const Case& each : cases) {
        SCOPED_TRACE(each.options);
        FarEnd far;
        auto channel = *make_channel(*parse_address("serial:" + far.path + each.options), world);
        std::string heard, lost;
        channel->listen({[&] { heard = "opened"; }, {}, [](std::size_t) {}, {}, [&](const Fault& fault) { lost = fault.detail; }});
        channel->open();
        ASSERT_TRUE(until([&] { return !heard.empty() || !lost.empty(); }));
        ASSERT_EQ(lost, "");
        const termios set = far.line();
        EXPECT_EQ(set.c_iflag & (IXON | IXOFF | ICRNL | ISTRIP), each.input);
        EXPECT_EQ(set.c_cflag & (CRTSCTS | CSTOPB | PARODD), each.control);  // a pty drops PARENB and the size
        EXPECT_EQ(set.c_oflag & OPOST, 0u);
        EXPECT_EQ(set.c_lflag & (ICANON | ECHO | ISIG), 0u);
        EXPECT_EQ(::cfgetospeed(&set), each.speed);
        channel->send("through");  // a line without wires is always ready, by DSR too
        std::string came;
        ASSERT_TRUE(until([&] {
            came += far.read();
            return came == "through";
        }));
    }
}

// XOFF stops the line in the midst of a job, XON lets it go on, and nothing of the job is lost or doubled.
TEST_F(Devices, XoffStopsALineAndXonLetsItGoOn) {
    FarEnd far;
    auto channel = *make_channel(*parse_address("serial:" + far.path + "?flow=xonxoff"), world);
    bool opened = false;
    std::size_t taken = 0;
    std::string received;
    channel->listen({[&] { opened = true; }, [&](std::string_view bytes) { received += bytes; }, [&](std::size_t bytes) { taken += bytes; }, {}, [](const Fault& fault) { ADD_FAILURE() << fault.detail; }});
    channel->open();
    ASSERT_TRUE(until([&] { return opened; }));
    far.watch();
    // What is read is the state of the line and then what was sent; the order tells what came when.
    std::string story;
    const auto read_until = [&](const std::function<bool()>& so) {
        return until([&] {
            const std::string now = far.read();
            if (now.size() == 1 && (now[0] & TIOCPKT_STOP) != 0) story += "[stopped]";
            if (now.size() == 1 && (now[0] & TIOCPKT_START) != 0) story += "[goes on]";
            if (now.size() > 1) story += now.substr(1);
            return so();
        });
    };
    channel->send("before");
    ASSERT_TRUE(read_until([&] { return story.ends_with("before"); })) << story;
    far.write(0x13);
    ASSERT_TRUE(read_until([&] { return story.ends_with("[stopped]"); })) << story;
    channel->send("after");
    bool turned = false;
    timers.after(1ms, [&] { turned = true; });
    ASSERT_TRUE(read_until([&] { return turned; }));
    EXPECT_EQ(taken, 6u);  // the system takes nothing of a line that is stopped
    far.write(0x11);
    ASSERT_TRUE(read_until([&] { return story.ends_with("after"); })) << story;
    EXPECT_EQ(story, "before[stopped][goes on]after");
    EXPECT_EQ(received, "");  // the system keeps XON and XOFF
    EXPECT_EQ(taken, 11u);
}

TEST_F(Devices, AStarPrinterIsAddressedByItsProfile) {
    for (const std::string& place : {"tcp://127.0.0.1:0"s, "pty:" + folder + "/star"}) {
        emulate(place, "TSP650II");
        connect(place.starts_with("tcp") ? emulator->printer_address() : "serial:" + folder + "/star?flow=dtrdsr", "TSP650II");
        completed.clear();
        failed.clear();
        ASSERT_TRUE(printer->print(samples::greek()));
        ASSERT_TRUE(until([this] { return !completed.empty() || !failed.empty(); }));
        ASSERT_TRUE(failed.empty()) << failed[0].detail;
        EXPECT_TRUE(completed[0].confirmed);
        EXPECT_EQ(emulator->obey("status"), "sheets=1 pulses=0 stopped=no waiting=0 unknown=0");
        EXPECT_NE(text_of("paper/sheet-0001.txt").find("Ευχαριστούμε"), std::string::npos);
        EXPECT_EQ(emulator->obey("cover open"), "ok");
        // Over TCP nobody listens between two jobs.
        ASSERT_TRUE(place.starts_with("tcp") || until([this] { return printer->status().cover_open; }));
        printer.reset();
        emulator.reset();
    }
}

TEST_F(Devices, PrintOverEveryKindOfConnection) {
    for (const std::string kind : {"tcp", "unix", "pty", "serial"}) {
        SCOPED_TRACE(kind);
        const std::string path = folder + "/" + kind;
        emulate(kind == "tcp" ? "tcp://127.0.0.1:0" : (kind == "unix" ? "unix:" : "pty:") + path);
        connect(kind == "tcp" ? emulator->printer_address() : kind == "serial" ? "serial:" + path + "?baud=115200&flow=rtscts" : "emulator:" + path);
        completed.clear();
        ASSERT_TRUE(printer->print(samples::greek()));
        ASSERT_TRUE(printer->print(samples::english()));
        ASSERT_TRUE(until([this] { return completed.size() == 2 || !failed.empty(); }));
        ASSERT_TRUE(failed.empty()) << failed[0].detail;
        EXPECT_TRUE(completed[0].confirmed && completed[1].confirmed);
        EXPECT_EQ(emulator->obey("status"), "sheets=2 pulses=0 stopped=no waiting=0 unknown=0");
        EXPECT_NE(text_of("paper/sheet-0001.txt").find("Ευχαριστούμε"), std::string::npos);
        EXPECT_TRUE(text_of("paper/sheet-0002.png").starts_with("\x89PNG"));
        printer.reset();
        emulator.reset();
    }
}

// F55, over a socket and a line: paper out, a status, and the whole receipt once there is paper.
TEST_F(Devices, F55PaperOutIsToldAndEndsWithANewRoll) {
    for (const bool tcp : {true, false}) {
        emulate(tcp ? "tcp://127.0.0.1:0" : "pty:" + folder + "/line");
        connect(tcp ? emulator->printer_address() : "emulator:" + folder + "/line");
        completed.clear();
        failed.clear();
        EXPECT_EQ(emulator->obey("paper out after 300"), "ok");
        ASSERT_TRUE(printer->print(samples::greek()));
        ASSERT_TRUE(until([this] { return !failed.empty(); }));
        EXPECT_EQ(failed[0].extended, ExtendedError::paper_empty);
        EXPECT_TRUE(failed[0].perhaps_printed);
        EXPECT_EQ(emulator->obey("paper load"), "ok");
        ASSERT_TRUE(until([this] { return !printer->status().paper_empty; }));
        ASSERT_TRUE(printer->print(samples::greek()));
        ASSERT_TRUE(until([this] { return !completed.empty() || failed.size() > 1; }));
        EXPECT_TRUE(completed.size() == 1 && completed[0].confirmed);
        printer.reset();
        emulator.reset();
    }
}

// F56: it comes back under another number; the link that stands in the configuration leads to it.
TEST_F(Devices, F56ALineThatComesBackUnderAnotherNumberIsFoundByItsName) {
    emulate("pty:" + folder + "/by-id");
    connect("serial:" + folder + "/by-id");
    ASSERT_TRUE(until([this] { return printer->power() == PowerState::online; }));
    const auto before = std::filesystem::read_symlink(folder + "/by-id");
    EXPECT_EQ(emulator->obey("unplug"), "ok");
    ASSERT_TRUE(until([this] { return printer->power() == PowerState::off_or_offline; }));
    EXPECT_EQ(printer->state(), DeviceState::error);
    ASSERT_TRUE(printer->print(samples::english()));
    ASSERT_TRUE(until([this] { return !failed.empty(); }));
    EXPECT_EQ(failed[0].code, ErrorCode::no_hardware);
    EXPECT_FALSE(failed[0].perhaps_printed);

    Emulator other(loop.get_executor(), EmulatorSettings{"pty:" + folder + "/other", "", profile("TM-T88V"), ""});
    ASSERT_TRUE(other.plug());  // takes its number
    EXPECT_EQ(emulator->obey("plug"), "ok");
    EXPECT_NE(std::filesystem::read_symlink(folder + "/by-id"), before);
    ASSERT_TRUE(until([this] { return printer->power() == PowerState::online; }));
    ASSERT_TRUE(printer->print(samples::english()));
    ASSERT_TRUE(until([this] { return !completed.empty(); }));
}

// F57: the printer takes nothing more, a closed window or a line without CTS. The loop turns on, and closing waits for nobody.
TEST_F(Devices, F57OneThatBlocksHoldsUpNobody) {
    for (const bool tcp : {true, false}) {
        emulate(tcp ? "tcp://127.0.0.1:0" : "pty:" + folder + "/line", "generic-80mm");
        connect(tcp ? emulator->printer_address() : "serial:" + folder + "/line?flow=rtscts", "generic-80mm");
        ASSERT_TRUE(until([this] { return printer->power() == PowerState::online; }));
        failed.clear();
        emulator->obey("jam");  // it holds its buffer and takes no more, once the knife is reached
        Document large;
        large.text("first").cut();
        for (int i = 0; i < 400; ++i) large.text("Ω ≠ ∞ ▒ a line that is drawn");
        ASSERT_TRUE(printer->print(large));
        int turns = 0;
        timers.after(1ms, [&] { ++turns; });
        ASSERT_TRUE(until([&] { return !failed.empty() && turns == 1; }));
        EXPECT_EQ(failed[0].extended, ExtendedError::cutter_jammed);
        printer->close();
        printer.reset();
        emulator.reset();
    }
}

TEST_F(Devices, NobodyAtTheAddressFailsTheJobWithNothingSent) {
    for (const std::string address : {"tcp://127.0.0.1:1", "serial:/dev/ttyNONE7", "file:/dev/usb/lp99", "emulator:/nowhere/at/all"}) {
        connect(address);
        failed.clear();
        ASSERT_TRUE(printer->print(samples::english()));
        ASSERT_TRUE(until([this] { return !failed.empty(); })) << address;
        EXPECT_FALSE(failed[0].perhaps_printed);
        EXPECT_EQ(failed[0].code, address.starts_with("tcp") ? ErrorCode::offline : ErrorCode::no_hardware) << failed[0].detail;
        EXPECT_NE(printer->health().find(address), std::string::npos);
    }
}

TEST_F(Devices, AFileGrowsByEachJob) {
    connect("file:" + folder + "/out.bin");
    ASSERT_TRUE(printer->print(samples::english()));
    ASSERT_TRUE(printer->print(samples::greek()));
    ASSERT_TRUE(until([this] { return completed.size() == 2; }));
    EXPECT_FALSE(completed[0].confirmed);
    EXPECT_EQ(text_of("out.bin"), *render_escpos(samples::english(), profile("TM-T88V")) + *render_escpos(samples::greek(), profile("TM-T88V")));
}

TEST_F(Devices, CupsGetsEachJobThroughLpAndItsRefusalIsTold) {
    const auto program = [&](const std::string& name, const std::string& script) {
        std::ofstream(folder + "/" + name) << "#!/bin/sh\n" << script;
        ::chmod((folder + "/" + name).c_str(), 0755);
        return folder + "/" + name;
    };
    world.lp = program("lp", "echo \"$@\" >" + folder + "/words; cat >" + folder + "/job; echo request id is office-1");
    connect("cups:office");
    ASSERT_TRUE(printer->print(samples::english()));
    ASSERT_TRUE(until([this] { return !completed.empty(); }));
    EXPECT_EQ(text_of("words"), "-d office -t receipt -o raw\n");
    EXPECT_EQ(text_of("job"), *render_escpos(samples::english(), profile("TM-T88V")));

    world.lp = program("refusing", "cat >/dev/null; echo 'lp: The printer or class does not exist.' >&2; exit 1");
    connect("cups:nowhere");
    ASSERT_TRUE(printer->print(samples::english()));
    ASSERT_TRUE(until([this] { return !failed.empty(); }));
    EXPECT_NE(failed[0].detail.find("The printer or class does not exist."), std::string::npos);

    world.lp = program("hanging", "exec cat >/dev/null 2>&1 </dev/zero");
    world.patience.lp = 50ms;
    failed.clear();
    connect("cups:hanging");
    ASSERT_TRUE(printer->print(samples::english()));
    ASSERT_TRUE(until([this] { return !failed.empty(); }));

    world.lp = folder + "/not-there";
    failed.clear();
    connect("cups:office");
    ASSERT_TRUE(printer->print(samples::english()));
    ASSERT_TRUE(until([this] { return !failed.empty(); }));
    EXPECT_EQ(failed[0].code, ErrorCode::no_service);
}

// A manager's office printer: pages through lp, which is found in PATH; its exit status says what became of the job.
TEST_F(Devices, AnOfficePrinterGetsPagesThroughTheLpThatIsInPath) {
    std::ofstream(folder + "/lp") << "#!/bin/sh\necho \"$@\" >" + folder + "/words; cat >" + folder + "/job; test ! -e " + folder + "/refuse\n";
    ::chmod((folder + "/lp").c_str(), 0755);
    const std::string path = ::getenv("PATH");
    ::setenv("PATH", (folder + ":" + path).c_str(), 1);
    connect("cups:office", "office-a4");
    EXPECT_FALSE(printer->capabilities().drawer);
    Document report = samples::greek();
    for (int i = 0; i < 60; ++i) report.columns("Σύνολο " + std::to_string(i), "24,30 €");
    ASSERT_TRUE(printer->print(report));
    ASSERT_TRUE(until([this] { return !completed.empty() || !failed.empty(); }));
    ASSERT_TRUE(failed.empty()) << failed[0].detail;
    EXPECT_FALSE(completed[0].confirmed);  // what paper came out nobody says
    EXPECT_EQ(text_of("words"), "-d office -t receipt -o media=A4\n");
    const std::string job = text_of("job");
    EXPECT_TRUE(job.starts_with("%PDF-1.4\n") && job.ends_with("%%EOF\n"));
    EXPECT_NE(job.find("/Count 2"), std::string::npos);  // the receipt, and what stands after its cut

    std::ofstream(folder + "/refuse") << "";
    ASSERT_TRUE(printer->print(samples::english()));
    ASSERT_TRUE(until([this] { return !failed.empty(); }));
    EXPECT_EQ(failed[0].code, ErrorCode::failure);
    ::setenv("PATH", path.c_str(), 1);
}

// F59, over a line: unplugged in mid-scan. The half is dropped, the scanner is found again.
TEST_F(Devices, F59AScannerThatIsUnpluggedInMidScanIsReadAgain) {
    emulate("");
    Result<std::unique_ptr<Scanner>> made = make_scanner({"scanner-1", "serial:" + folder + "/scanner?baud=9600&suffix=cr"}, world);
    ASSERT_TRUE(made) << made.error().detail;
    Scanner& scanner = **made;
    std::vector<std::string> scans, errors;
    scanner.listen({[&](const ScanData& data) { scans.push_back(data.symbology + " " + data.data); }, [&](ErrorCode, const std::string& why) { errors.push_back(why); }});
    ASSERT_TRUE(scanner.open());
    ASSERT_TRUE(scanner.set_enabled(true));
    ASSERT_TRUE(until([&] { return scanner.power() == PowerState::online; }));
    EXPECT_EQ(emulator->obey("scan ]Q1GIFT-1234"), "ok");
    ASSERT_TRUE(until([&] { return scans.size() == 1; }));
    EXPECT_EQ(scans[0], "qr ]Q1GIFT-1234");
    EXPECT_EQ(emulator->obey("type GIFT-56"), "ok");
    ASSERT_TRUE(until([&] { return errors.size() == 1; }));
    EXPECT_EQ(emulator->obey("scanner unplug"), "ok");
    ASSERT_TRUE(until([&] { return scanner.power() == PowerState::off_or_offline; }));
    EXPECT_EQ(emulator->obey("scanner plug"), "ok");
    ASSERT_TRUE(until([&] { return scanner.power() == PowerState::online; }));
    for (int i = 0; i < 20; ++i) emulator->obey("scan GIFT-5678");  // F60
    emulator->obey("scan LAST");
    ASSERT_TRUE(until([&] { return scans.size() >= 3; }));
    EXPECT_EQ(scans, (std::vector<std::string>{"qr ]Q1GIFT-1234", " GIFT-5678", " LAST"}));
}

TEST_F(Devices, AnAddressOfAnotherKindOfDeviceIsRefused) {
    EXPECT_EQ(make_printer({"x", "evdev:0c2e:0b61", Profile{}, false}, world).error().code, "no_service");
    EXPECT_EQ(make_printer({"x", "tcp://127.0.0.1:9100", profile("office-a4"), false}, world).error().code, "no_service");
    EXPECT_EQ(make_scanner({"x", "cups:office"}, world).error().code, "no_service");
    EXPECT_EQ(make_scanner({"x", "serial:/dev/ttyS0?layout=gr"}, world).error().code, "illegal");
    EXPECT_EQ(make_scanner({"x", "evdev:0c2e:0b61?layout=de"}, world).error().code, "illegal");
    EXPECT_EQ(make_display({"x", "serial:/dev/ttyS0?pages=Greek"}, world).error().code, "illegal");
    EXPECT_TRUE(make_display({"x", "serial:/dev/ttyS0?baud=9600&pages=CP737:14"}, world));
    EXPECT_TRUE(make_display({"x", "file:/tmp/what-it-shows"}, world));
    EXPECT_EQ(make_display({"x", "cups:office"}, world).error().code, "no_service");
    EXPECT_TRUE(make_scanner({"x", "evdev:0c2e:0b61?layout=gr&gap=50"}, world));
}

TEST_F(Devices, AKeyboardThatIsNotThereIsLookedForAndDoesNotStopAnything) {
    Result<std::unique_ptr<Scanner>> made = make_scanner({"x", "evdev:/dev/input/by-id/none"}, world);
    ASSERT_TRUE(made);
    std::vector<ErrorCode> errors;
    (*made)->listen({{}, [&](ErrorCode code, const std::string&) { errors.push_back(code); }});
    ASSERT_TRUE((*made)->open());
    ASSERT_TRUE((*made)->set_enabled(true));
    ASSERT_TRUE(until([&] { return !errors.empty(); }));
    EXPECT_EQ(errors, std::vector{ErrorCode::no_hardware});
    EXPECT_EQ((*made)->state(), DeviceState::error);
    ASSERT_TRUE((*made)->set_enabled(false));
    EXPECT_EQ((*made)->health(), "");
}

}  // namespace
}  // namespace obol::drivers
