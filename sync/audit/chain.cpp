#include "sync/audit/chain.hpp"

#include <algorithm>
#include <limits>

#include "sync/audit/meaning.hpp"

namespace obol::audit {
namespace {

bool same(ByteView a, ByteView b) { return std::ranges::equal(a, b); }

}  // namespace

Finding Chain::finding(std::string_view code, std::int64_t seq, std::string_view table) const {
    Finding out(code, table);
    if (!options_.holder.empty()) out.with("h", options_.holder);
    out.with("seq", seq);
    return out;
}

Finding Chain::of(std::string_view code, const Row& row, std::string_view table) const {
    Finding out = finding(code, row.seq, table);
    if (row.file != nullptr) out.with("file", *row.file);
    if (row.line > 0) out.with("line", row.line);
    return out;
}

bool Chain::missing(std::int64_t seq) const { return in_gaps(gaps_, seq); }

bool Chain::in_gaps(const Gaps& gaps, std::int64_t seq) {
    const auto after = std::ranges::upper_bound(gaps, seq, {}, &Gaps::value_type::first);
    return after != gaps.begin() && seq <= std::prev(after)->second;
}

void Chain::add(Row row) {
    Waiting next{std::move(row), {}, std::nullopt, {}};
    next.computed = hash_of(next.row.body);
    if (Result<Body> body = read_body(next.row.body)) {
        next.body = std::move(*body);
    } else {
        next.unreadable = body.error().detail;
    }
    if (waiting_) settle(*waiting_, &next);
    waiting_ = std::move(next);
}

void Chain::begin_after(std::int64_t seq, const std::optional<Digest>& hash) {
    last_seq_ = signed_to_ = seq;
    last_hash_ = hash.value_or(Digest{});
    link_known_ = hash.has_value();
    generation_known_ = false;
}

void Chain::pause() {
    if (waiting_) settle(*waiting_, nullptr);
    waiting_.reset();
}

void Chain::finish() {
    pause();
    cut_ = reach_ > last_seq_;
    if (cut_) {
        report_.find(finding("tail_missing", last_seq_ + 1)
                         .with("to", reach_)
                         .with("known_by", reached_by_));
        gaps_.emplace_back(last_seq_ + 1, std::numeric_limits<std::int64_t>::max());
    } else if (options_.signatures && signed_to_ < last_seq_) {
        report_.find(finding("unsigned_tail", signed_to_ + 1).with("to", last_seq_));
    }
}

void Chain::settle(Waiting& entry, const Waiting* next) {
    ++entries_;
    if (!check_place(entry)) return;
    Digest believed{};
    const bool body_good = check_hash(entry, next, believed);
    check_signature(entry);
    check_booked(entry, believed);

    if (entry.row.unread) {
        if (on_entry_) on_entry_({entry.row.seq, entry.row.kind, believed, nullptr});
        last_seq_ = std::max(last_seq_, entry.row.seq);
        last_hash_ = believed;
        link_known_ = true;
        return;
    }
    const bool readable = body_good && entry.body.has_value();
    if (body_good && !readable)
        report_.find(
            of("body_malformed", entry.row).with("column", "body").with("why", entry.unreadable));
    const bool placed = readable && check_says_one_thing(entry);
    if (placed) {
        check_link(*entry.body);
        check_clocks(*entry.body);
        check_generation(*entry.body);
        if (!entry.row.doubted) check_postings(*entry.body);
    } else {
        ++unread_;
    }
    if (on_entry_)
        on_entry_({entry.row.seq, entry.row.kind, believed, placed ? &*entry.body : nullptr});
    last_seq_ = std::max(last_seq_, entry.row.seq);
    last_hash_ = believed;
    link_known_ = !readable || placed;
}

// False: it stands behind one that should follow it; whatever it says has been said, or is missed
// already.
bool Chain::check_place(const Waiting& entry) {
    const std::int64_t met = entry.row.seq;
    if (met <= last_seq_) {
        report_.find(
            of(missing(met) ? "seq_misplaced" : "seq_twice", entry.row).with("after", last_seq_));
        return false;
    }
    const std::int64_t wanted = last_seq_ + 1;
    if (met == wanted) return true;
    link_known_ = false;
    Finding gap = finding("seq_missing", wanted);
    if (met - 1 > wanted) gap.with("to", met - 1);
    report_.find(gap);
    gaps_.emplace_back(wanted, met - 1);
    if (on_gap_) on_gap_(wanted, met - 1);
    return true;
}

// True: the body is what was hashed. Else the stored hash is believed, where others refer to it.
bool Chain::check_hash(const Waiting& entry, const Waiting* next, Digest& believed) {
    believed = entry.computed;
    if (same(entry.row.hash, entry.computed)) return true;
    const bool follows = next != nullptr && next->body && next->row.seq == plus(entry.row.seq, 1);
    const auto vouched = [&](ByteView hash) {
        return (follows && same(next->body->prev, hash)) || signs(entry, hash) ||
               (booked_ && booked_->first == entry.row.seq && same(booked_->second, hash));
    };
    const std::string computed = to_hex(entry.computed), stored = to_hex(entry.row.hash);
    if (vouched(entry.computed) && !vouched(entry.row.hash)) {
        report_.find(of("hash_differs", entry.row).differs("hash", computed, stored));
        return true;
    }
    report_.find(of("hash_differs", entry.row).differs("body", stored, computed));
    if (entry.row.hash.size() == believed.size())
        std::ranges::copy(entry.row.hash, believed.begin());
    return false;
}

bool Chain::signs(const Waiting& entry, ByteView hash) const {
    if (!options_.key || !entry.row.signature || hash.size() != 32) return false;
    Digest digest{};
    std::ranges::copy(hash, digest.begin());
    return crypto::verify(*options_.key, signed_text(options_.device, entry.row.seq, digest),
                          *entry.row.signature);
}

void Chain::check_signature(const Waiting& entry) {
    if (!entry.row.signature) return;
    signed_to_ = std::max(signed_to_, entry.row.seq);
    const auto wrong = [&](std::string_view why) {
        report_.find(
            of("signature_wrong", entry.row, entry.row.line > 0 ? "entry" : "head_signature")
                .with("column", "signature")
                .with("why", why));
    };
    if (entry.row.signature->size() != 64) return wrong("not 64 bytes");
    if (!options_.key) return;
    // Of an entry whose body or hash was changed, the signature vouches for the other one.
    if (!signs(entry, entry.computed) && !signs(entry, entry.row.hash))
        return wrong("not of this device and this head");
    ++verified_;
}

bool Chain::check_says_one_thing(const Waiting& entry) {
    const Body& body = *entry.body;
    bool placed = true;
    if (body.seq != entry.row.seq) {
        report_.find(of("seq_differs", entry.row).differs("body.seq", entry.row.seq, body.seq));
        placed = false;
    }
    if (body.device != options_.device) {
        report_.find(
            of("device_differs", entry.row).differs("body.device", options_.device, body.device));
        placed = false;
    }
    if (body.kind != entry.row.kind) {
        report_.find(of("kind_differs", entry.row).differs("kind", body.kind, entry.row.kind));
    }
    return placed;
}

void Chain::check_link(const Body& body) {
    const Digest wanted = body.seq == 1 ? Digest{} : last_hash_;
    if (!link_known_ || body.prev == wanted) return;
    report_.find(
        finding("chain_broken", body.seq).differs("body.prev", to_hex(wanted), to_hex(body.prev)));
}

void Chain::check_clocks(const Body& body) {
    if (body.wall < wall_)
        report_.find(finding("clock_backwards", body.seq).differs("body.wall", wall_, body.wall));
    if (body.boot_id == boot_id_ && body.boot < boot_) {
        report_.find(finding("clock_backwards", body.seq).differs("body.boot", boot_, body.boot));
    }
    wall_ = std::max(wall_, body.wall);
    boot_ = body.boot;
    boot_id_ = body.boot_id;
}

void Chain::check_generation(const Body& body) {
    if (generation_known_ && body.generation != generation_ && !doubtful()) {
        report_.find(finding("generation_differs", body.seq)
                         .differs("body.generation", generation_, body.generation));
    }
    generation_known_ = true;
    generation_ = body.kind == "generation_adopted" ? body.detail.integer_or_zero("generation")
                                                    : body.generation;
}

void Chain::check_postings(const Body& body) {
    bool balanced = true;
    for (const auto& [currency, sum] : sums_of(body.postings)) {
        if (sum == 0) continue;
        balanced = false;
        report_.find(finding("unbalanced", body.seq)
                         .with("currency", currency)
                         .differs("body.postings", std::int64_t{0}, sum));
    }
    const std::optional<Nets> wanted = wanted_nets(body);
    if (!balanced || !wanted) return;
    const Nets met = nets_of(body.postings);
    for (const auto* side : {&*wanted, &met}) {
        for (const auto& [account, sum] : *side) {
            const auto w = wanted->find(account), m = met.find(account);
            const std::int64_t should = w == wanted->end() ? 0 : w->second,
                               is = m == met.end() ? 0 : m->second;
            if (should == is || (side == &met && w != wanted->end())) continue;
            report_.find(finding("postings_differ", body.seq)
                             .with("account", account.first)
                             .with("currency", account.second)
                             .differs("body.postings", should, is));
        }
    }
}

void Chain::check_booked(const Waiting& entry, const Digest& believed) {
    if (!booked_ || booked_->first != entry.row.seq || booked_->second == believed) return;
    report_.find(of("differs_from_ledger", entry.row)
                     .differs("hash", to_hex(booked_->second), to_hex(believed)));
}

}  // namespace obol::audit
