#pragma once
// What a device holds and has asked for, folded from its chain: the bound on offline spending is
// that no subject ever comes below zero.

#include <map>
#include <set>
#include <string>
#include <unordered_map>

#include "sync/audit/chain.hpp"
#include "sync/audit/meaning.hpp"

namespace obol::audit {

struct Held {
    std::int64_t minor = 0;
    std::string currency;
    std::int64_t last_used = 0;
};
struct Ask {
    bool open = true, placement = false;
    std::int64_t at = 0;
    std::map<std::string, std::int64_t> wanted;  // of an open one
    Digest hash{};
};

class Authority {
public:
    // A fault that the ledger has raised as an exception is known; the callback says so.
    using Known = std::function<bool(std::int64_t seq)>;
    Authority(Report& report, const Chain& chain, Known known = {})
        : report_(report), chain_(chain), known_(std::move(known)) {}

    void apply(const Entry& entry);
    // An entry that cannot be read: its postings are known from elsewhere, its lines are not.
    void apply_postings(std::int64_t seq, const std::vector<Posting>& postings);
    void lines_unknown() { lines_known_ = false; }
    bool lines_known() const { return lines_known_; }

    const std::unordered_map<std::string, Held>& held() const { return held_; }
    const std::map<std::int64_t, Ask>& asks() const { return asks_; }

private:
    void move(std::int64_t seq, std::int64_t wall, const std::map<std::string, Line>& moves);
    void asked(const Entry& entry);
    void taken(const Entry& entry);
    void find(Finding finding, std::int64_t seq);

    Report& report_;
    const Chain& chain_;
    Known known_;
    std::unordered_map<std::string, Held> held_;  // that are not zero
    std::map<std::int64_t, Ask> asks_;
    bool lines_known_ = true;
};

}  // namespace obol::audit
