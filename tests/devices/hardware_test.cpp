// Our drivers before a real kernel's devices: /dev/usb/lp0, /dev/ttyACM0 and a keyboard. Runs as root inside the
// machine that kernel_test.py starts; the other ends of the cables are the kernel's USB gadgets and uinput, held here.

#include <gtest/gtest.h>

#include <array>
#include <boost/asio/io_context.hpp>
#include <cerrno>
#include <fcntl.h>
#include <fstream>
#include <libevdev/libevdev-uinput.h>
#include <linux/input.h>
#include <sys/ioctl.h>
#include <termios.h>
#include <unistd.h>

#include "drivers/devices.hpp"
#include "drivers/escpos/render.hpp"
#include "drivers/fake/printer.hpp"
#include "sync/net/asio_timers.hpp"
#include "tests/support/receipts.hpp"
#include "tests/unit/drivers/profiles.hpp"

namespace obol::drivers {
namespace {

using namespace std::chrono_literals;

void cable(bool plugged) {
    std::ofstream("/sys/kernel/config/usb_gadget/g/UDC") << (plugged ? "dummy_udc.0" : "") << std::endl;
}

class Hardware : public testing::Test {
protected:
    [[nodiscard]] bool until(const std::function<bool()>& so) {
        bool late = false;
        const auto token = timers.after(60s, [&] { late = true; });
        while (!so() && !late) {
            loop.run_one_for(2ms);
            turn();
        }
        timers.cancel(token);
        return so();
    }
    virtual void turn() {}

    boost::asio::io_context loop{1};
    net::AsioTimers timers{loop.get_executor()};
    ChannelWorld world{loop.get_executor(), timers};
};

// The emulated printer at the far end of the cable.
class UsbPrinter : public Hardware {
protected:
    UsbPrinter() {
        printer = std::move(*make_printer({"counter", "file:/dev/usb/lp0", profile("TM-T88V"), true}, world));
        printer->listen({[this](OutputComplete done) { completed.push_back(done); },
                         [this](OutputFailed what) { failed.push_back(std::move(what)); },
                         {}});
        EXPECT_TRUE(printer->open());
        EXPECT_TRUE(printer->set_enabled(true));
    }
    ~UsbPrinter() override {
        printer.reset();
        ::close(far);
    }
    void unplug() {
        plugged = false;
        ::close(std::exchange(far, -1));  // the gadget's driver falls over a file that is open when the cable goes
        cable(false);
    }
    void plug() {
        cable(true);
        plugged = true;
    }
    void turn() override {
        if (plugged && far < 0) far = ::open("/dev/g_printer0", O_RDWR | O_NONBLOCK | O_CLOEXEC);  // it comes in its own time
        if (far < 0) return;
        std::array<char, 8192> bytes;
        if (waiting.empty()) {
            const ssize_t got = ::read(far, bytes.data(), bytes.size());
            if (got > 0) waiting.assign(bytes.data(), static_cast<std::size_t>(got));
        }
        waiting.erase(0, fake.receive(waiting));
        said += fake.answers();
        const ssize_t put = said.empty() ? 0 : ::write(far, said.data(), said.size());
        if (put > 0) said.erase(0, static_cast<std::size_t>(put));
    }

    int far = -1;
    bool plugged = true;
    FakePrinter fake{profile("TM-T88V")};
    std::string waiting, said;
    std::unique_ptr<POSPrinter> printer;
    std::vector<OutputComplete> completed;
    std::vector<OutputFailed> failed;
};

TEST_F(UsbPrinter, PrintsThroughTheKernelAndHearsThatItIsPrinted) {
    ASSERT_TRUE(until([this] { return printer->power() == PowerState::online; })) << printer->health();
    ASSERT_TRUE(printer->print(samples::greek()));
    ASSERT_TRUE(until([this] { return !completed.empty() || !failed.empty(); }));
    ASSERT_TRUE(failed.empty()) << failed[0].detail;
    EXPECT_TRUE(completed[0].confirmed);
    FakePrinter clean(profile("TM-T88V"));
    clean.receive(*render_escpos(samples::greek(), profile("TM-T88V")));
    ASSERT_EQ(fake.sheets().size(), 1u);
    EXPECT_TRUE(fake.sheets()[0].picture == clean.sheets()[0].picture);
    ASSERT_TRUE(printer->cash_drawer()->open_drawer());
    ASSERT_TRUE(until([this] { return completed.size() == 2; }));
    EXPECT_EQ(fake.pulses(), 1);
}

TEST_F(UsbPrinter, TellsThatThePaperIsOutAndGoesOnWithANewRoll) {
    ASSERT_TRUE(until([this] { return printer->power() == PowerState::online; })) << printer->health();
    fake.run_out_after(200);
    ASSERT_TRUE(printer->print(samples::greek()));
    ASSERT_TRUE(until([this] { return !failed.empty(); }));
    EXPECT_EQ(failed[0].extended, ExtendedError::paper_empty);
    fake.load_paper();
    ASSERT_TRUE(until([this] { return !printer->status().paper_empty; }));
    ASSERT_TRUE(printer->print(samples::greek()));
    ASSERT_TRUE(until([this] { return !completed.empty(); }));
    EXPECT_TRUE(completed[0].confirmed);
}

TEST_F(UsbPrinter, UnpluggedAndPluggedInItIsFoundAgain) {
    ASSERT_TRUE(until([this] { return printer->power() == PowerState::online; })) << printer->health();
    unplug();
    ASSERT_TRUE(until([this] { return printer->power() == PowerState::off_or_offline; }));
    ASSERT_TRUE(printer->print(samples::english()));
    ASSERT_TRUE(until([this] { return !failed.empty(); }));
    EXPECT_EQ(failed[0].code, ErrorCode::no_hardware);
    EXPECT_FALSE(failed[0].perhaps_printed);
    plug();
    ASSERT_TRUE(until([this] { return printer->power() == PowerState::online; })) << printer->health();
    ASSERT_TRUE(printer->print(samples::english()));
    ASSERT_TRUE(until([this] { return !completed.empty(); }));
    EXPECT_TRUE(completed[0].confirmed);
}

// A printer that has the cable but takes nothing: the loop turns on, and the job fails.
TEST_F(UsbPrinter, OneThatTakesNothingHoldsUpNobody) {
    ASSERT_TRUE(until([this] { return printer->power() == PowerState::online; })) << printer->health();
    fake.go_silent(true);
    ASSERT_TRUE(printer->print(samples::english()));
    ASSERT_TRUE(until([this] { return !failed.empty(); }));
    EXPECT_EQ(failed[0].code, ErrorCode::offline);
    fake.go_silent(false);
    ASSERT_TRUE(until([this] { return printer->power() == PowerState::online; })) << printer->health();
}

class Scans : public Hardware {
protected:
    void start(const std::string& address) {
        Result<std::unique_ptr<Scanner>> made = make_scanner({"scanner-1", address}, world);
        ASSERT_TRUE(made) << made.error().detail;
        scanner = std::move(*made);
        scanner->listen({[this](const ScanData& data) { codes.push_back(data.data); }, [this](ErrorCode, const std::string& why) { errors.push_back(why); }});
        ASSERT_TRUE(scanner->open());
        ASSERT_TRUE(scanner->set_enabled(true));
    }
    std::unique_ptr<Scanner> scanner;
    std::vector<std::string> codes, errors;
};

TEST_F(Scans, AScannerOnAUsbSerialLineIsReadAndFoundAgain) {
    start("serial:/dev/ttyACM0?baud=115200");
    ASSERT_TRUE(until([this] { return scanner->power() == PowerState::online; })) << scanner->health();
    const auto type = [](const std::string& text) {
        const int far = ::open("/dev/ttyGS0", O_RDWR | O_NOCTTY | O_CLOEXEC);
        termios raw{};
        ::tcgetattr(far, &raw);
        ::cfmakeraw(&raw);
        ::tcsetattr(far, TCSANOW, &raw);
        EXPECT_EQ(::write(far, text.data(), text.size()), static_cast<ssize_t>(text.size()));
        ::tcdrain(far);
        ::close(far);
    };
    type("]Q1GIFT-1234\r\n");
    ASSERT_TRUE(until([this] { return codes.size() == 1; }));
    EXPECT_EQ(codes[0], "]Q1GIFT-1234");
    cable(false);
    ASSERT_TRUE(until([this] { return scanner->power() == PowerState::off_or_offline; }));
    cable(true);
    ASSERT_TRUE(until([this] { return scanner->power() == PowerState::online; })) << scanner->health();
    type("GIFT-5678\r");
    ASSERT_TRUE(until([this] { return codes.size() == 2; }));
    EXPECT_EQ(codes[1], "GIFT-5678");
}

class Typist {
public:
    Typist() {
        libevdev* const device = libevdev_new();
        libevdev_set_name(device, "a scanner that types");
        libevdev_set_id_vendor(device, 0x0C2E);
        libevdev_set_id_product(device, 0x0B61);
        libevdev_set_id_bustype(device, BUS_USB);
        libevdev_enable_event_type(device, EV_KEY);
        for (unsigned key = KEY_ESC; key <= KEY_F10; ++key) libevdev_enable_event_code(device, EV_KEY, key, nullptr);
        libevdev_enable_event_code(device, EV_KEY, KEY_RIGHTALT, nullptr);
        EXPECT_EQ(libevdev_uinput_create_from_device(device, LIBEVDEV_UINPUT_OPEN_MANAGED, &keyboard_), 0);
        libevdev_free(device);
    }
    ~Typist() { libevdev_uinput_destroy(keyboard_); }

    std::string node() const { return libevdev_uinput_get_devnode(keyboard_); }
    void key(unsigned code, bool shift = false) {
        if (shift) event(KEY_LEFTSHIFT, 1);
        event(code, 1);
        event(code, 0);
        if (shift) event(KEY_LEFTSHIFT, 0);
    }

private:
    void event(unsigned code, int value) {
        libevdev_uinput_write_event(keyboard_, EV_KEY, code, value);
        libevdev_uinput_write_event(keyboard_, EV_SYN, SYN_REPORT, 0);
    }
    libevdev_uinput* keyboard_ = nullptr;
};

TEST_F(Scans, AKeyboardIsFoundByItsIdsTakenAwayFromOthersAndFoundAgain) {
    auto typist = std::make_unique<Typist>();
    start("evdev:0c2e:0b61?layout=us");
    ASSERT_TRUE(until([this] { return scanner->power() == PowerState::online; })) << scanner->health();
    const int other = ::open(typist->node().c_str(), O_RDONLY | O_NONBLOCK | O_CLOEXEC);
    ASSERT_GE(other, 0);
    EXPECT_NE(::ioctl(other, EVIOCGRAB, 1), 0);  // somebody has it

    typist->key(KEY_G, true);
    typist->key(KEY_MINUS);
    typist->key(KEY_7);
    typist->key(KEY_A);
    typist->key(KEY_ENTER);
    ASSERT_TRUE(until([this] { return codes.size() == 1; }));
    EXPECT_EQ(codes[0], "G-7a");
    input_event event{};
    EXPECT_LT(::read(other, &event, sizeof event), 0);  // who else reads it gets nothing
    ::close(other);

    // F59: pulled in the midst of a code.
    typist->key(KEY_1);
    typist->key(KEY_2);
    ASSERT_TRUE(until([this] { return !errors.empty(); }));
    typist.reset();
    ASSERT_TRUE(until([this] { return scanner->power() == PowerState::off_or_offline; }));
    typist = std::make_unique<Typist>();
    ASSERT_TRUE(until([this] { return scanner->power() == PowerState::online; })) << scanner->health();
    typist->key(KEY_3);
    typist->key(KEY_ENTER);
    ASSERT_TRUE(until([this] { return codes.size() == 2; }));
    EXPECT_EQ(codes[1], "3");
}

}  // namespace
}  // namespace obol::drivers
