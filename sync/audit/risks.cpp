#include "sync/audit/risks.hpp"

namespace obol::audit {

void Risks::note(const Body& body) {
    read_.add(body.seq);
    for (const auto& [subject, line] : risks_of(body)) {
        wanted_[{body.seq, subject}] = {line.amount, body.wall, wallet_at_risk(body)};
    }
}

void Risks::check(sql::Db& db, Report& report, const std::string& h) const {
    auto missing = wanted_;
    const auto look = [&](sql::Statement& row) {
        const std::int64_t seq = row.integer(0);
        const auto finding = [&](std::string_view code) {
            Finding out = Finding(code, "at_risk").with("seq", seq).with("subject", row.text_view(1));
            return h.empty() ? out : std::move(out).with("h", h);
        };
        if (!read_.has(seq)) return;
        const auto found = wanted_.find({seq, row.text(1)});
        if (found == wanted_.end()) return report.find(finding("at_risk_extra"));
        missing.erase(found->first);
        const Row& wanted = found->second;
        if (row.integer(2) != wanted.minor)
            report.find(finding("at_risk_differs").differs("minor", wanted.minor, row.integer(2)));
        if (row.text(3) != wanted.wallet)
            report.find(finding("at_risk_differs").differs("wallet", wanted.wallet, row.text(3)));
        if (row.integer(4) != wanted.at)
            report.find(finding("at_risk_differs").differs("at", wanted.at, row.integer(4)));
    };
    if (h.empty()) {
        db.each("SELECT seq, subject, minor, wallet, at FROM at_risk ORDER BY seq, subject", look);
    } else {
        db.each("SELECT seq, subject, minor, wallet, at FROM at_risk WHERE h = ? ORDER BY seq, subject", look, h);
    }
    for (const auto& [key, row] : missing) {
        Finding out = Finding("at_risk_missing", "at_risk")
                          .with("seq", key.first)
                          .with("subject", key.second)
                          .with("wanted", row.minor);
        report.find(h.empty() ? std::move(out) : std::move(out).with("h", h));
    }
}

}  // namespace obol::audit
