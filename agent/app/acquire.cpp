#include "agent/app/acquire.hpp"

#include <algorithm>

#include "agent/app/suspend.hpp"
#include "agent/store/uplink_store.hpp"

namespace obol::agent {

namespace {

bool counts_in_xxx(std::string_view subject) { return subject.starts_with("draft:") || subject.starts_with("right:"); }

std::vector<journal::AuthorityLine> lines_of(const std::vector<Want>& wants, Currency currency) {
    std::vector<journal::AuthorityLine> lines;
    for (const Want& want : wants) {
        if (want.amount.minor <= 0) continue;
        journal::AuthorityLine line;
        line.subject = want.subject;
        line.amount = want.amount;
        line.currency = want.count || counts_in_xxx(want.subject) ? Currency::none() : currency;
        lines.push_back(std::move(line));
    }
    return lines;
}

}  // namespace

awaitable<Acquired> Acquire::want(std::vector<Want> wants, Currency currency) {
    co_return co_await want(std::move(wants), currency, budget_);
}

awaitable<Acquired> Acquire::want(std::vector<Want> wants, Currency currency, Millis budget,
                                  std::function<bool()> moot) {
    Acquired out;
    std::vector<journal::AuthorityLine> lines = lines_of(wants, currency);
    // Offline nobody answers: what is held decides, and no ask piles up in the journal.
    if (lines.empty() || !link_.up()) co_return out;

    std::vector<Subject> subjects;
    for (const journal::AuthorityLine& line : lines) subjects.push_back(line.subject);
    out.in_use.emplace(in_use_, std::move(subjects));

    const Result<std::int64_t> asked = co_await uplink_store_.ask(std::move(lines));
    if (!asked) co_return out;  // the job that follows meets the same fault of the store and words it
    link_.journal_grew();

    // What reads the disk may fail, and must not while the coroutine is being put to sleep.
    std::function<void()> answered;
    const std::uint64_t waiting = uplink_store_.wait_for(*asked, [&answered] { answered(); }, std::move(moot));
    Timers::Token timer = 0;
    auto begin = [&](std::function<void()> wake) {
        timer = timers_.after(budget, wake);
        answered = std::move(wake);
    };
    co_await until_called(std::move(begin));
    uplink_store_.stop_waiting(waiting);
    timers_.cancel(timer);
    co_return out;
}

}  // namespace obol::agent
