// Stands where libFuzzer is not: runs the target on its samples and on changes of them, the same ones in each run.
//
//     NAME_fuzz [--runs=N] [--seed=N] FOLDER-OR-FILE…

#include <algorithm>
#include <csignal>
#include <cstdint>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <iostream>
#include <iterator>
#include <random>
#include <string>
#include <string_view>
#include <unistd.h>
#include <vector>

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size);

namespace {

constexpr std::size_t longest = 4096;
std::string running;  // what a signal handler saves

extern "C" void save_and_die(int signal) {
    std::signal(signal, SIG_DFL);
    std::ofstream("fuzz-crash", std::ios::binary) << running;
    constexpr std::string_view said = "the input lies in ./fuzz-crash\n";
    [[maybe_unused]] const auto ignored = write(2, said.data(), said.size());
    std::raise(signal);
}

void run(std::string input) {
    running = std::move(input);
    LLVMFuzzerTestOneInput(reinterpret_cast<const std::uint8_t*>(running.data()), running.size());
}

std::vector<std::string> samples_of(const std::vector<std::string>& paths) {
    std::vector<std::filesystem::path> files;
    for (const std::string& path : paths) {
        if (!std::filesystem::is_directory(path)) {
            files.emplace_back(path);
            continue;
        }
        for (const auto& entry : std::filesystem::directory_iterator(path)) files.push_back(entry.path());
    }
    std::sort(files.begin(), files.end());
    std::vector<std::string> out;
    for (const auto& file : files) {
        std::ifstream in(file, std::ios::binary);
        out.emplace_back(std::istreambuf_iterator<char>(in), std::istreambuf_iterator<char>());
    }
    return out;
}

class Changes {
public:
    Changes(std::vector<std::string> samples, std::uint64_t seed) : samples_(std::move(samples)), dice_(seed) {}

    std::string next() {
        std::string text = samples_[below(samples_.size())];
        for (std::size_t times = 1 + below(8); times > 0; --times) change(text);
        text.resize(std::min(text.size(), longest));
        return text;
    }

private:
    std::size_t below(std::size_t bound) { return static_cast<std::size_t>(dice_() % std::max<std::size_t>(1, bound)); }

    void change(std::string& text) {
        static constexpr unsigned char telling[] = {0, 1, 0x7F, 0x80, 0xFF, '\n', '\r', '\t', 0x1B, 0x1D, 0x10, '"', '\\'};
        const std::size_t at = below(text.size() + 1);
        switch (below(7)) {
            case 0:
                if (at < text.size()) text[at] = static_cast<char>(text[at] ^ 1 << below(8));
                return;
            case 1:
                if (at < text.size()) text[at] = static_cast<char>(telling[below(std::size(telling))]);
                return;
            case 2: text.insert(at, 1, static_cast<char>(dice_())); return;
            case 3: text.erase(at, 1 + below(8)); return;
            case 4: text.insert(at, text.substr(below(text.size()), 1 + below(32))); return;
            case 5: text.resize(at); return;
            default: {  // the end of another one
                const std::string& other = samples_[below(samples_.size())];
                text = text.substr(0, at) + other.substr(below(other.size()));
            }
        }
    }

    std::vector<std::string> samples_;
    std::mt19937_64 dice_;
};

}  // namespace

int main(int argc, char** argv) {
    std::uint64_t runs = 0, seed = 1;
    std::vector<std::string> paths;
    for (int i = 1; i < argc; ++i) {
        const std::string word = argv[i];
        if (word.starts_with("--runs=")) {
            runs = std::stoull(word.substr(7));
        } else if (word.starts_with("--seed=")) {
            seed = std::stoull(word.substr(7));
        } else {
            paths.push_back(word);
        }
    }
    for (const int signal : {SIGABRT, SIGSEGV, SIGFPE, SIGILL}) std::signal(signal, save_and_die);
    const std::vector<std::string> samples = samples_of(paths);
    if (samples.empty()) {
        std::cerr << "no samples: name a folder or a file\n";
        return 2;
    }
    for (const std::string& sample : samples) run(sample);
    Changes changes(samples, seed);
    for (std::uint64_t i = 0; i < runs; ++i) run(changes.next());
    std::cout << samples.size() << " samples, " << runs << " changes of them\n";
    return 0;
}
