// Runs the crash tests; prints how much was tried.

#include <gtest/gtest.h>

#include <charconv>
#include <chrono>
#include <cstdlib>
#include <iostream>
#include <map>

#include "tests/crash/faulty_memory.hpp"
#include "tests/crash/options.hpp"

namespace obol::crash {

namespace {

std::map<std::string, std::int64_t>& counts() {
    static std::map<std::string, std::int64_t> all;
    return all;
}

template <class T>
T number(const std::string& text) {
    T out{};
    const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), out);
    if (error != std::errc{} || end != text.data() + text.size()) {
        std::cerr << "not a number: " << text << "\n";
        std::exit(2);
    }
    return out;
}

std::string next(std::string& rest) {
    const std::size_t slash = rest.find('/');
    std::string out = rest.substr(0, slash);
    rest = slash == std::string::npos ? "" : rest.substr(slash + 1);
    return out;
}

void read(const std::string& argument) {
    const auto value = [&](const std::string& name) -> std::optional<std::string> {
        return argument.starts_with(name) ? std::optional(argument.substr(name.size())) : std::nullopt;
    };
    if (const auto seed = value("--seed=")) {
        wanted().seed = number<std::uint64_t>(*seed);
    } else if (const auto scale = value("--scale=")) {
        wanted().scale = std::clamp(number<int>(*scale), 1, 100'000);
    } else if (auto rest = value("--case=")) {
        OneCase one;
        one.scenario = next(*rest);
        one.operation = number<std::size_t>(next(*rest));
        one.damage = next(*rest);
        one.seed = number<std::uint64_t>(next(*rest));
        wanted().one = one;
        testing::GTEST_FLAG(filter) = "PowerLoss/*/" + one.scenario;
    } else {
        std::cerr << "not understood: " << argument << "\n";
        std::exit(2);
    }
}

}  // namespace

Wanted& wanted() {
    static Wanted all;
    return all;
}

void count(const std::string& what, std::int64_t times) { counts()[what] += times; }

std::int64_t counted(const std::string& what) {
    const auto found = counts().find(what);
    return found == counts().end() ? 0 : found->second;
}

void print_counts() {
    if (counts().empty()) return;  // a list of the tests
    std::cout << "counted: with --seed=" << wanted().seed << " --scale=" << wanted().scale << "\n";
    for (const auto& [what, times] : counts()) std::cout << "counted: " << times << " " << what << "\n";
}

}  // namespace obol::crash

int main(int argc, char** argv) {
    obol::crash::watch_sqlite_memory();  // before SQLite is used at all
    testing::InitGoogleTest(&argc, argv);
    const auto today = std::chrono::floor<std::chrono::days>(std::chrono::system_clock::now());
    obol::crash::wanted().seed = static_cast<std::uint64_t>(today.time_since_epoch().count());
    if (const char* scale = std::getenv("OBOL_CRASH_SCALE")) obol::crash::read(std::string("--scale=") + scale);
    if (const char* seed = std::getenv("OBOL_CRASH_SEED")) obol::crash::read(std::string("--seed=") + seed);
    for (int i = 1; i < argc; ++i) obol::crash::read(argv[i]);
    const int code = RUN_ALL_TESTS();
    obol::crash::print_counts();
    return code;
}
