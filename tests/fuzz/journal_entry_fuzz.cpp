// An entry's body as another device sends it: CBOR in its one form, the entry within, the record within that.

#include <algorithm>
#include <cstdint>

#include "sync/core/ensure.hpp"
#include "sync/journal/records.hpp"

using namespace obol;

namespace {

// Whatever is taken is written again to the same bytes.
void check(ByteView bytes) {
    if (const Result<journal::Value> value = journal::decode(bytes)) {
        const Bytes again = journal::encode(*value);
        ENSURE(std::equal(again.begin(), again.end(), bytes.begin(), bytes.end()));
    }
    const Result<journal::Entry> entry = journal::decode_body(bytes);
    if (!entry) return;
    const Bytes body = journal::encode_body(*entry);
    ENSURE(std::equal(body.begin(), body.end(), bytes.begin(), bytes.end()));
    if (const Result<journal::Record> record = journal::from_detail(entry->kind, entry->detail)) {
        const Result<journal::Record> told = journal::from_detail(entry->kind, journal::to_detail(*record));
        ENSURE(told);
        ENSURE(*told == *record);
    }
    journal::follow({entry->seq - 1, entry->prev}, bytes);
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    check({data, size});
    return 0;
}
