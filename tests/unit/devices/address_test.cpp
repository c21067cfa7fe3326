#include <gtest/gtest.h>

#include "drivers/transport/address.hpp"

namespace obol::drivers {
namespace {

template <class Kind>
Kind read(const std::string& text) {
    const Result<Address> address = parse_address(text);
    EXPECT_TRUE(address) << address.error().detail;
    return std::get<Kind>(address->where);
}

TEST(DeviceAddress, ReadsEachKind) {
    EXPECT_EQ(read<TcpAddress>("tcp://192.0.2.7:9100"), (TcpAddress{"192.0.2.7", 9100}));
    EXPECT_EQ(read<TcpAddress>("tcp://printer.lan"), (TcpAddress{"printer.lan", 9100}));
    EXPECT_EQ(read<TcpAddress>("tcp://[2001:db8::7]:9101"), (TcpAddress{"2001:db8::7", 9101}));
    SerialAddress serial{"/dev/ttyS0", 19200, SerialAddress::Flow::rtscts, SerialAddress::Parity::even, 7, 2};
    EXPECT_EQ(read<SerialAddress>("serial:/dev/ttyS0?baud=19200&flow=rtscts&parity=even&data=7&stop=2"), serial);
    EXPECT_EQ(read<SerialAddress>("serial:/dev/ttyS0"), SerialAddress{"/dev/ttyS0"});
    EXPECT_EQ(read<FileAddress>("file:/dev/usb/lp0"), FileAddress{"/dev/usb/lp0"});
    EXPECT_EQ(read<CupsAddress>("cups:office"), (CupsAddress{"office"}));
    EXPECT_EQ(read<EmulatorAddress>("emulator:/run/p"), EmulatorAddress{"/run/p"});
    EXPECT_EQ(read<EvdevAddress>("evdev:/dev/input/by-id/usb-x-event-kbd").path, "/dev/input/by-id/usb-x-event-kbd");
    EXPECT_EQ(read<EvdevAddress>("evdev:0c2e:0b61?serial=S1"), (EvdevAddress{"", 0x0C2E, 0x0B61, "S1"}));
}

TEST(DeviceAddress, LeavesToTheDeviceWhatTheDeviceReads) {
    const Result<Address> address = parse_address("serial:/dev/ttyACM0?baud=9600&suffix=cr", "suffix gap");
    ASSERT_TRUE(address);
    EXPECT_EQ(address->options, (std::map<std::string, std::string>{{"suffix", "cr"}}));
}

TEST(DeviceAddress, FaultsNameWhatIsWrong) {
    const std::pair<const char*, const char*> wrong[] = {
        {"", "must begin with"},
        {"usb:/dev/x", "must begin with"},
        {"tcp:printer", "must begin with"},
        {"tcp://", "no name or address"},
        {"tcp://a b", "no name or address"},
        {"tcp://host:0", "port"},
        {"tcp://host:65536", "port"},
        {"tcp://host:", "port"},
        {"tcp://host/x", "no name or address"},
        {"tcp://[::1", "]"},
        {"tcp://host?baud=9600", "'baud' is not known"},
        {"serial:ttyS0", "path"},
        {"serial:/dev/ttyS0?baud=9601", "baud=9601"},
        {"serial:/dev/ttyS0?baud=", "name=value"},
        {"serial:/dev/ttyS0?flow=hardware", "rtscts"},
        {"serial:/dev/ttyS0?flow=none&flow=none", "twice"},
        {"serial:/dev/ttyS0?speed=9600", "'speed' is not known"},
        {"file:relative", "path"},
        {"file:/a\nb", "path"},
        {"cups:", "queue"},
        {"cups:-o", "queue"},
        {"cups:a?raw=no", "not known"},
        {"emulator:x", "path"},
        {"evdev:0c2e", "vendor:product"},
        {"evdev:0c2e:0b6g", "vendor:product"},
    };
    for (const auto& [text, why] : wrong) {
        const Result<Address> address = parse_address(text);
        ASSERT_FALSE(address) << text;
        EXPECT_EQ(address.error().code, "illegal");
        EXPECT_NE(address.error().detail.find(why), std::string::npos) << address.error().detail;
    }
}

}  // namespace
}  // namespace obol::drivers
