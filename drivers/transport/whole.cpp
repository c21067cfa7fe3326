#include "drivers/transport/whole.hpp"

#include <array>
#include <boost/asio/posix/stream_descriptor.hpp>
#include <boost/asio/post.hpp>
#include <cerrno>
#include <csignal>
#include <fcntl.h>
#include <spawn.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>
#include <utility>
#include <vector>

#include "drivers/transport/stream.hpp"
#include "sync/core/ensure.hpp"

extern char** environ;

namespace obol::drivers {

namespace asio = boost::asio;

namespace {

constexpr std::size_t most_said = 4096;
constexpr Millis until_gone{20};  // between two looks whether a program has ended

Result<void> write_all(int descriptor, std::string_view bytes, const std::string& what) {
    while (!bytes.empty()) {
        const ssize_t put = ::write(descriptor, bytes.data(), bytes.size());
        if (put < 0 && errno == EINTR) continue;
        if (put <= 0) return fault_of_errno(errno, what);
        bytes.remove_prefix(static_cast<std::size_t>(put));
    }
    return {};
}

class Descriptor {
public:
    explicit Descriptor(int number) : number_(number) {}
    Descriptor(const Descriptor&) = delete;
    Descriptor& operator=(const Descriptor&) = delete;
    ~Descriptor() {
        if (number_ >= 0) ::close(number_);
    }
    int get() const { return number_; }
    int release() { return std::exchange(number_, -1); }

private:
    int number_;
};

// lp run once with a job; calls back with what came of it, unless it is destroyed before.
class Lp {
public:
    Lp(const CupsAddress& address, const ChannelWorld& world, std::function<void(Result<void>)> done)
        : address_(address), world_(world), done_(std::move(done)), output_(world.executor) {}
    Lp(const Lp&) = delete;
    Lp& operator=(const Lp&) = delete;
    ~Lp() { give_up(); }

    // Nothing is called back any more, and no timer is touched: what is left may be destroyed at any time.
    void give_up() {
        *alive_ = false;
        for (Timers::Token* const token : {&deadline_, &look_}) {
            if (*token != 0) world_.timers.cancel(std::exchange(*token, 0));
        }
        if (process_ > 0) {
            ::kill(process_, SIGKILL);
            ::waitpid(std::exchange(process_, 0), nullptr, 0);  // a killed process ends at once
        }
    }

    Result<void> start(std::string_view job) {
        const Descriptor input(::memfd_create("receipt", MFD_CLOEXEC));
        if (input.get() < 0) return fault_of_errno(errno, "memory for a job");
        if (const Result<void> written = write_all(input.get(), job, "memory for a job"); !written) return written;
        ::lseek(input.get(), 0, SEEK_SET);
        int ends[2];
        if (::pipe2(ends, O_CLOEXEC | O_NONBLOCK) != 0) return fault_of_errno(errno, "a pipe");
        output_.assign(ends[0]);
        const Descriptor ours(ends[1]);

        posix_spawn_file_actions_t actions;
        posix_spawn_file_actions_init(&actions);
        posix_spawn_file_actions_adddup2(&actions, input.get(), 0);
        posix_spawn_file_actions_adddup2(&actions, ours.get(), 1);
        posix_spawn_file_actions_adddup2(&actions, ours.get(), 2);
        std::vector<std::string> words{world_.lp, "-d", address_.queue, "-t", "receipt"};
        words.insert(words.end(), {"-o", address_.raw ? "raw" : "media=A4"});
        std::vector<char*> arguments;
        for (std::string& word : words) arguments.push_back(word.data());
        arguments.push_back(nullptr);
        const int error = ::posix_spawnp(&process_, world_.lp.c_str(), &actions, nullptr, arguments.data(), environ);
        posix_spawn_file_actions_destroy(&actions);
        if (error != 0) {
            process_ = 0;
            return Fault{"no_service", world_.lp + " cannot be run: install cups-client"};
        }
        deadline_ = world_.timers.after(world_.patience.lp, [this] {
            deadline_ = 0;
            end({"timeout", "lp has not ended in time: is CUPS running? lpstat -r tells"});
        });
        listen();
        return {};
    }

private:
    void listen() {
        output_.async_wait(asio::posix::stream_descriptor::wait_read,
                           [this, alive = alive_](const boost::system::error_code& error) {
                               if (!*alive || error) return;
                               std::array<char, 512> bytes;
                               const ssize_t got = ::read(output_.native_handle(), bytes.data(), bytes.size());
                               if (got == 0) return look();
                               if (got > 0 && said_.size() < most_said) said_.append(bytes.data(), static_cast<std::size_t>(got));
                               listen();
                           });
    }

    // It says no more, so it is about to end.
    void look() {
        int status = 0;
        const pid_t gone = ::waitpid(process_, &status, WNOHANG);
        if (gone == 0) {
            look_ = world_.timers.after(until_gone, [this] {
                look_ = 0;
                look();
            });
            return;
        }
        process_ = 0;
        if (gone > 0 && WIFEXITED(status) && WEXITSTATUS(status) == 0) return end({});
        while (!said_.empty() && (said_.back() == '\n' || said_.back() == ' ')) said_.pop_back();
        end(Fault{"failure", said_.empty() ? "lp has failed" : said_});
    }

    void end(const Result<void>& result) {
        const auto done = std::move(done_);
        done(result);  // which may destroy us
    }

    CupsAddress address_;
    ChannelWorld world_;
    std::function<void(Result<void>)> done_;
    asio::posix::stream_descriptor output_;
    std::string said_;
    pid_t process_ = 0;
    Timers::Token deadline_ = 0, look_ = 0;
    std::shared_ptr<bool> alive_ = std::make_shared<bool>(true);
};

// What both have in common: it is always there, takes bytes at once, and hands over the job at its end.
class WholeChannel : public ByteChannel {
public:
    explicit WholeChannel(const ChannelWorld& world) : world_(world) {}
    ~WholeChannel() override { ++*turn_; }

    void listen(Events events) override { events_ = std::move(events); }
    void open() override {
        later([this] {
            open_ = true;
            events_.opened();
        });
    }
    void close() override {
        ++*turn_;
        open_ = false;
        job_.clear();
        stop();
    }
    bool is_open() const override { return open_; }
    void send(std::string bytes) override {
        ENSURE(open_);
        job_ += bytes;
        later([this, size = bytes.size()] { events_.taken(size); });
    }
    void drop_unsent() override {}
    void finish() override {
        later([this] { hand_over(std::exchange(job_, "")); });
    }
    bool one_job_each() const override { return true; }
    bool answers() const override { return false; }

protected:
    virtual void hand_over(std::string job) = 0;
    virtual void stop() {}

    void ended(const Result<void>& result) {
        if (result) return events_.finished();
        close();
        events_.lost(result.error());
    }

    ChannelWorld world_;

private:
    void later(std::function<void()> what) {
        asio::post(world_.executor, [turn = turn_, mine = *turn_, what = std::move(what)] {
            if (*turn == mine) what();
        });
    }

    Events events_;
    bool open_ = false;
    std::string job_;
    std::shared_ptr<std::uint64_t> turn_ = std::make_shared<std::uint64_t>(0);
};

class FileChannel final : public WholeChannel {
public:
    FileChannel(FileAddress address, const ChannelWorld& world) : WholeChannel(world), path_(std::move(address.path)) {}

private:
    void hand_over(std::string job) override { ended(append(job)); }

    Result<void> append(const std::string& job) const {
        const Descriptor file(::open(path_.c_str(), O_WRONLY | O_APPEND | O_CREAT | O_CLOEXEC | O_NONBLOCK, 0640));
        if (file.get() < 0) return fault_of_errno(errno, path_);
        struct stat what {};
        if (::fstat(file.get(), &what) != 0 || !S_ISREG(what.st_mode)) {
            return Fault{"illegal", path_ + " is no file; a device has a path that begins with /dev/"};
        }
        return write_all(file.get(), job, path_);
    }

    std::string path_;
};

class CupsChannel final : public WholeChannel {
public:
    CupsChannel(CupsAddress address, const ChannelWorld& world) : WholeChannel(world), address_(std::move(address)) {}

private:
    void hand_over(std::string job) override {
        lp_ = std::make_unique<Lp>(address_, world_, [this](const Result<void>& result) { ended(result); });
        if (const Result<void> started = lp_->start(job); !started) ended(started);
    }
    // Called from within lp's own callback, too, so it goes in its own time.
    void stop() override {
        if (!lp_) return;
        lp_->give_up();
        asio::post(world_.executor, [old = std::shared_ptr<Lp>(std::move(lp_))] {});
    }

    CupsAddress address_;
    std::unique_ptr<Lp> lp_;
};

}  // namespace

std::unique_ptr<ByteChannel> file_channel(const FileAddress& address, const ChannelWorld& world) {
    return std::make_unique<FileChannel>(address, world);
}

std::unique_ptr<ByteChannel> cups_channel(const CupsAddress& address, const ChannelWorld& world) {
    return std::make_unique<CupsChannel>(address, world);
}

}  // namespace obol::drivers
