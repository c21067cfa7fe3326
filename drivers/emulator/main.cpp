// obol-emulator: a receipt printer and a scanner made of bytes, for tests and for trying things out.

#include <CLI/CLI.hpp>
#include <array>
#include <boost/asio/io_context.hpp>
#include <boost/asio/posix/stream_descriptor.hpp>
#include <csignal>
#include <fcntl.h>
#include <iostream>
#include <unistd.h>

#include "drivers/emulator/emulator.hpp"
#include "drivers/profiles/read.hpp"

namespace {

namespace asio = boost::asio;
using namespace obol::drivers;

std::string text_of(const std::string& path) {
    std::string text;
    const int file = ::open(path.c_str(), O_RDONLY | O_CLOEXEC);
    if (file < 0) return text;
    std::array<char, 4096> bytes;
    for (ssize_t got = 0; (got = ::read(file, bytes.data(), bytes.size())) > 0;) text.append(bytes.data(), static_cast<std::size_t>(got));
    ::close(file);
    return text;
}

// Commands of standard input, answered on standard output. Its end ends the program.
class Console {
public:
    Console(asio::io_context& loop, Emulator& emulator) : loop_(loop), emulator_(emulator), input_(loop, ::dup(0)) { listen(); }

private:
    void listen() {
        input_.async_wait(asio::posix::stream_descriptor::wait_read, [this](const boost::system::error_code& error) {
            std::array<char, 1024> bytes;
            const ssize_t got = error ? 0 : ::read(input_.native_handle(), bytes.data(), bytes.size());
            if (got <= 0) return loop_.stop();
            typed_.append(bytes.data(), static_cast<std::size_t>(got));
            for (std::size_t end = 0; (end = typed_.find('\n')) != std::string::npos; typed_.erase(0, end + 1)) {
                std::cout << emulator_.obey(std::string_view(typed_).substr(0, end)) << std::endl;
            }
            listen();
        });
    }

    asio::io_context& loop_;
    Emulator& emulator_;
    asio::posix::stream_descriptor input_;
    std::string typed_;
};

// The same for whoever connects to a socket.
class Control {
public:
    Control(asio::io_context& loop, Emulator& emulator)
        : place_(loop.get_executor(), [this, &emulator](std::string_view bytes) {
              typed_ += bytes;
              for (std::size_t end = 0; (end = typed_.find('\n')) != std::string::npos; typed_.erase(0, end + 1)) {
                  place_.say(emulator.obey(std::string_view(typed_).substr(0, end)) + "\n");
              }
              return bytes.size();
          }) {}
    EmulatedPlace place_;

private:
    std::string typed_;
};

}  // namespace

int main(int argc, char** argv) {
    std::signal(SIGPIPE, SIG_IGN);
    EmulatorSettings settings;
    std::string model = "generic-80mm", profiles = "config/printers", control;
    CLI::App app{"A receipt printer and a scanner made of bytes. It obeys lines on standard input, or at --control; help lists them."};
    app.add_option("--printer", settings.printer, "where the printer waits: tcp://127.0.0.1:9100 (port 0: any), unix:/path or pty:/path");
    app.add_option("--scanner", settings.scanner, "where the scanner types: pty:/path, unix:/path or tcp://127.0.0.1:port");
    app.add_option("--keys", settings.keys, "where a person types what the scanner reads: pty:/path; a line is a scan");
    app.add_option("--profile", model, "model of the printer")->capture_default_str();
    app.add_option("--profiles", profiles, "folder of the profiles")->capture_default_str();
    app.add_option("--paper", settings.paper, "folder that gets a PNG and a text for each sheet");
    app.add_option("--control", control, "socket for commands instead of standard input: unix:/path");
    CLI11_PARSE(app, argc, argv);

    const auto refuse = [](const std::string& why) {
        std::cerr << "obol-emulator: " << why << std::endl;
        return 2;
    };
    const obol::Result<Profile> profile = read_profile(text_of(profiles + "/" + model + ".json"));
    if (!profile) return refuse(profiles + "/" + model + ".json: " + profile.error().detail);
    settings.profile = *profile;

    asio::io_context loop{1};
    Emulator emulator(loop.get_executor(), settings);
    if (const auto plugged = emulator.plug(); !plugged) return refuse(plugged.error().detail);
    Control over_socket(loop, emulator);
    std::unique_ptr<Console> console;
    if (control.empty()) {
        console = std::make_unique<Console>(loop, emulator);
    } else if (const auto plugged = over_socket.place_.plug(control); !plugged) {
        return refuse(plugged.error().detail);
    }
    std::cout << "ready " << emulator.printer_address() << std::endl;
    loop.run();
    return 0;
}
