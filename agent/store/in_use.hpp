#pragma once

#include <functional>
#include <map>
#include <mutex>
#include <string_view>
#include <vector>

#include "sync/domain/subject.hpp"

namespace obol::agent {

// Subjects that requests are acquiring authority over right now: a recall leaves them alone until the
// request is through, else two venues that both want the last cent would pass it to and fro for ever.
// Asked by the writer's thread, hence the lock.
class InUse {
public:
    void protect(const std::vector<Subject>& subjects) {
        const std::lock_guard lock{mutex_};
        for (const Subject& subject : subjects) ++uses_[subject];
    }
    void release(const std::vector<Subject>& subjects) {
        {
            const std::lock_guard lock{mutex_};
            for (const Subject& subject : subjects) {
                const auto found = uses_.find(subject);
                if (found != uses_.end() && --found->second == 0) uses_.erase(found);
            }
        }
        if (released_) released_();
    }
    bool contains(std::string_view subject) const {
        const std::lock_guard lock{mutex_};
        return uses_.find(subject) != uses_.end();
    }
    // On the thread that releases.
    void on_release(std::function<void()> callback) { released_ = std::move(callback); }

private:
    mutable std::mutex mutex_;
    std::map<Subject, int, std::less<>> uses_;
    std::function<void()> released_;
};

// Protects while it lives.
class Protected {
public:
    Protected(InUse& in_use, std::vector<Subject> subjects) : in_use_(&in_use), subjects_(std::move(subjects)) {
        in_use_->protect(subjects_);
    }
    Protected(Protected&& other) noexcept
        : in_use_(std::exchange(other.in_use_, nullptr)), subjects_(std::move(other.subjects_)) {}
    Protected& operator=(Protected&&) = delete;
    ~Protected() {
        if (in_use_ != nullptr) in_use_->release(subjects_);
    }

private:
    InUse* in_use_;
    std::vector<Subject> subjects_;
};

}  // namespace obol::agent
