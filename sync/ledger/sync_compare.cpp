// The sync end's part of reconciliation.

#include "sync/ledger/store/comparison.hpp"
#include "sync/ledger/sync_end.hpp"

namespace obol::ledger {

Result<wire::CompareAnswer> SyncEnd::compare(const crypto::Identity& who, const wire::CompareAsk& ask) {
    sql::Txn txn{books_.db()};
    const Result<HolderRow> row = known(who);
    if (!row) return row.error();
    seen(row->h);
    wire::CompareAnswer answer = compare_slice(books_, *row, ask, clock_.now(), random_);
    txn.commit();
    return answer;
}

}  // namespace obol::ledger
