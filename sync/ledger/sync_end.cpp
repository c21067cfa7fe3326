#include "sync/ledger/sync_end.hpp"

#include "sync/ledger/store/asks.hpp"
#include "sync/ledger/store/booker.hpp"
#include "sync/ledger/store/feed.hpp"
#include "sync/ledger/store/former_allowances.hpp"
#include "sync/ledger/store/network.hpp"
#include "sync/ledger/store/positions.hpp"
#include "sync/ledger/store/recovery.hpp"

namespace obol::ledger {

using crypto::Identity;
using wire::HolderStatus;

SyncEnd::SyncEnd(sql::Db& db, WallClock& clock, Random& random, const SecretKeys& keys,
                 OnWake on_wake, IssuedKeys* record)
    : books_(db),
      clock_(clock),
      random_(random),
      keys_(keys),
      on_wake_(std::move(on_wake)),
      record_(record),
      snapshots_(db, random) {}

Result<HolderRow> SyncEnd::known(const Identity& who) {
    std::optional<HolderRow> row = holder(books_.db(), who.device);
    if (!row) return Fault{"forbidden", "this device is not known here"};
    if (row->revoked || row->status == HolderStatus::revoked) return Fault{"forbidden", "this device is revoked"};
    if (row->venue.text != who.venue || row->business.text != who.business) {
        return Fault{"forbidden", "the certificate names another venue than the device's"};
    }
    return std::move(*row);
}

Result<wire::Welcome> SyncEnd::hello(const Identity& who, const wire::Hello& hello) {
    sql::Txn txn{books_.db()};
    Result<HolderRow> row = known(who);
    if (!row) return row.error();
    seen(row->h);
    presence_[row->h].said_head = hello.head.seq;
    presence_[row->h].read_to = 0;
    set_last_seen(books_.db(), row->h, clock_.now());
    notice_time_travel(*row, hello);
    if (hello.speaks && !wire::common_version(wire::spoken_here, *hello.speaks)) {
        return Fault{"version_unsupported", "this ledger speaks versions " + std::to_string(wire::spoken_here.least) +
                                                " to " + std::to_string(wire::spoken_here.most)};
    }
    wire::Welcome welcome{.generation = era(books_.db()).generation,
                                .head = row->head,
                                .status = row->status,
                                .now = clock_.now()};
    if (hello.speaks) welcome.speaks = wire::spoken_here;
    txn.commit();
    return welcome;
}

Result<wire::Renewed> SyncEnd::renew(const Identity& who, const Authority& authority, const wire::Renew& ask) {
    sql::Txn txn{books_.db()};
    Result<HolderRow> row = known(who);
    if (!row) return row.error();
    Result<wire::Renewed> renewed = ledger::renew(books_, authority, *row, ask, clock_.now(), random_);
    if (!renewed) return renewed;
    txn.commit();
    // Before the device hears of it: a backup must not take its certificate away.
    if (record_) record_->catch_up(books_.db());
    return renewed;
}

void SyncEnd::push_unreadable(const Identity& who, std::string_view why) {
    sql::Txn txn{books_.db()};
    const Result<HolderRow> row = known(who);
    if (!row) return;
    if (books_.raise_once("push_unreadable", why, row->business.text, row->h.text, clock_.now(), random_)) txn.commit();
}

// A device that remembers more of this ledger than the ledger itself means that the ledger fell back:
// recovery begins (L6). One that shows a later generation has seen a later ledger, which may run
// elsewhere: this one grants nothing more, and makes no generation against that one's (L8).
void SyncEnd::notice_time_travel(const HolderRow& row, const wire::Hello& hello) {
    const Era now = era(books_.db());
    const bool later = hello.generation > now.generation;
    const bool forgot = !later && hello.acked_seq > row.head.seq && is_news(books_.db(), row.h);
    if (later) stop_granting(books_.db(), hello.generation);
    if (forgot) begin_recovery(books_, record_);
    if (forgot || later) {
        books_.raise_once(later ? "generation_ahead" : "ledger_behind",
                          later
                              ? "a device has adopted a later generation than this ledger's"
                              : "a device was acknowledged entries that this ledger does not have",
                          row.business.text, row.h.text, clock_.now(), random_);
    }
    if (hello.head.seq < row.head.seq) {
        books_.raise_once("device_behind",
                          "a device shows less of its own chain than is booked here",
                          row.business.text, row.h.text, clock_.now(), random_);
    }
}

// The signature covers the last entry's hash, and through the links all before it.
Result<void> SyncEnd::check_push(const HolderRow& row, const wire::Push& push) {
    if (push.entries.empty()) return {};
    if (push.from_seq < 1 || push.entries.size() > wire::most_entries_a_push) {
        return Fault{"refused", "more entries than a push may have, or from nowhere"};
    }
    std::optional<journal::Hash> before;
    for (const Bytes& body : push.entries) {
        const Result<journal::Entry> entry = journal::decode_body(body);
        if (entry && before && entry->prev != *before) {
            return Fault{"refused", "the entries of the push are not one chain"};
        }
        before = journal::hash_of(body);
    }
    const std::int64_t last = push.from_seq + static_cast<std::int64_t>(push.entries.size()) - 1;
    const Bytes text = journal::signed_text(row.h, {last, *before});
    if (!crypto::verify(row.public_key, text, push.signature)) {
        return Fault{"refused", "the head's signature is not this device's"};
    }
    return {};
}

Result<wire::Receipt> SyncEnd::push(const Identity& who, const wire::Push& push) {
    sql::Txn txn{books_.db()};
    Result<HolderRow> row = known(who);
    if (!row) return row.error();
    seen(row->h);
    set_last_seen(books_.db(), row->h, clock_.now());
    return book(*row, push, txn);
}

Result<wire::Receipt> SyncEnd::hand_in(const Identity& who, const DeviceId& h, const wire::Push& push) {
    sql::Txn txn{books_.db()};
    const Result<HolderRow> by = known(who);
    if (!by) return by.error();
    seen(by->h);
    std::optional<HolderRow> row = holder(books_.db(), h.text);
    if (by->status != HolderStatus::active || !row || row->venue != by->venue || row->h == by->h) {
        return Fault{"forbidden", "only an active device hands in what another one of its venue wrote"};
    }
    Result<wire::Receipt> receipt = book(*row, push, txn);
    if (receipt) receipt->grants.clear();
    return receipt;
}

Result<wire::Receipt> SyncEnd::book(HolderRow& row, const wire::Push& push, sql::Txn& txn) {
    if (const Result<void> good = check_push(row, push); !good) {
        books_.raise_once("forged_signature", good.error().detail, row.business.text, row.h.text,
                          clock_.now(), random_);
        txn.commit();
        return good.error();
    }
    wire::Receipt receipt;
    Booker booker{books_, row, clock_.now(), random_, record_};
    std::int64_t seq = push.from_seq;
    for (const Bytes& body : push.entries) {
        const std::optional<wire::EntryResult> result = booker.add(seq++, body);
        if (!result) break;
        receipt.results.push_back(*result);
    }
    Wake woken;
    if (booker.era_changed()) {
        answers().settle_all(woken);
    } else {
        answers().settle(booker.touched(), woken);
    }
    wake_businesses(booker.businesses(), woken);

    if (heard_of_lower_allowance(row)) forget_former_allowances(books_.db(), row.h, presence_[row.h].read_to);
    receipt.head = row.head;
    receipt.status = row.status;
    if (row.status == HolderStatus::active) receipt.grants = grants_of(books_.db(), row.h);
    txn.commit();
    wake(woken);
    return receipt;
}

// What it could have spent by an allowance that was lowered is told by now: it goes by the new one, and its
// journal is booked as far as it was when this session began. What it wrote within the session, before it read
// of the new one, it tells before it asks for more (Engine::ask_when_told).
bool SyncEnd::heard_of_lower_allowance(const HolderRow& row) {
    const auto at = presence_.find(row.h);
    if (at == presence_.end() || at->second.said_head < 0 || row.head.seq < at->second.said_head) return false;
    return has_former_allowance(books_.db(), row.h, at->second.read_to);
}

void SyncEnd::note_read(const Identity& who, const wire::FeedAsk& ask) {
    const Result<HolderRow> row = known(who);
    if (!row || ask.generation != era(books_.db()).generation) return;
    presence_[row->h].read_to = std::min(ask.cursor, books_.last_change());
    if (!heard_of_lower_allowance(*row)) return;
    sql::Txn txn{books_.db()};
    forget_former_allowances(books_.db(), row->h, presence_[row->h].read_to);
    txn.commit();
}

Result<FeedAnswer> SyncEnd::feed_now(const Identity& who, const wire::FeedAsk& ask) {
    note_read(who, ask);
    sql::ReadTxn txn{books_.db()};
    Result<HolderRow> row = known(who);
    if (!row) return row.error();
    seen(row->h);
    FeedAnswer answer;
    wire::Page& page = answer.page;
    page.generation = era(books_.db()).generation;
    page.status = row->status;
    page.now = clock_.now();
    if (ask.generation != page.generation) {
        // Another timeline: its cursor means nothing here. The venue adopts and starts anew.
        page.from = page.to = ask.cursor;
        page.as_of = row->head.seq;
        answer.has_news = true;
        page.news = news_of(page);
        return answer;
    }
    read_changes(books_, *row, ask.cursor, page);
    Answers answering = answers();
    page.recalls = answering.recalls_for(*row);
    if (row->status == HolderStatus::active) page.grants = grants_of(books_.db(), row->h);
    page.placement = answering.placement_for(*row);
    page.news = news_of(page);
    answer.has_news =
        page.more || !page.facts.empty() || !page.balances.empty() || page.news != ask.seen;
    return answer;
}

Result<wire::Snapshot> SyncEnd::snapshot(const Identity& who) {
    sql::ReadTxn txn{books_.db()};
    Result<HolderRow> row = known(who);
    if (!row) return row.error();
    seen(row->h);
    return read_snapshot(books_, *row, clock_.now());
}

Result<wire::SnapshotPage> SyncEnd::snapshot_page(const Identity& who, const wire::SnapshotAsk& ask) {
    Result<HolderRow> row = known(who);
    if (!row) return row.error();
    seen(row->h);
    return snapshots_.page(*row, ask, clock_.now());
}

bool SyncEnd::reachable(const DeviceId& h) {
    const auto at = presence_.find(h);
    if (at == presence_.end()) return false;
    return at->second.open_feeds > 0 || clock_.now() - at->second.last_seen < reachable_after_seen;
}

void SyncEnd::seen(const DeviceId& h) {
    presence_[h].last_seen = clock_.now();
    snapshots_.forget_old(clock_.now());
}

void SyncEnd::feed_opened(const DeviceId& h) {
    seen(h);
    ++presence_[h].open_feeds;
    settle([&] {
        std::set<Subject> asked;
        for (const book::Ask& ask : live_asks_of(books_.db(), h)) {
            if (ask.state != book::AskState::open) continue;
            for (const WantedLine& line : lines_of(books_.db(), {h, ask.seq, 0}))
                asked.insert(line.subject);
        }
        return asked;
    });
}

void SyncEnd::feed_closed(const DeviceId& h) {
    Presence& presence = presence_[h];
    if (presence.open_feeds > 0) --presence.open_feeds;
    presence.last_seen = clock_.now();  // it was there until now
}

// Somebody may have waited for what this holder will not return now.
void SyncEnd::presence_lapsed(const DeviceId& h) {
    if (reachable(h)) return;
    settle([&] {
        std::set<Subject> waited_for;
        for (const OpenAsk& ask : open_asks(books_.db(), false)) {
            for (const WantedLine& line : lines_of(books_.db(), ask)) {
                if (position(books_.db(), h, line.subject).held > Amount{})
                    waited_for.insert(line.subject);
            }
        }
        return waited_for;
    });
}

void SyncEnd::settle(const std::function<std::set<Subject>()>& which) {
    Wake woken;
    {
        sql::Txn txn{books_.db()};
        const std::set<Subject> subjects = which();
        if (subjects.empty()) return;
        answers().settle(subjects, woken);
        txn.commit();
    }
    wake(woken);
}

void SyncEnd::centre_changed() {
    Wake woken;
    {
        sql::Txn txn{books_.db()};
        answers().settle_all(woken);
        txn.commit();
    }
    wake(woken);
}

Answers SyncEnd::answers() {
    return Answers{books_, [this](const DeviceId& h) { return reachable(h); }};
}

void SyncEnd::wake_businesses(const std::set<std::string>& businesses, Wake& woken) {
    for (const std::string& business : businesses) {
        for (std::string& viewer : viewers_of(books_.db(), business))
            woken.businesses.insert(std::move(viewer));
    }
}

void SyncEnd::wake(const Wake& woken) {
    if (!woken.empty() && on_wake_) on_wake_(woken);
}

}  // namespace obol::ledger
