#pragma once
// The record of issued keys as a file: beside nothing that a restore of the database brings back.

#include <string>

#include "sync/ledger/store/issued_keys.hpp"

namespace obol::ledger {

class RecordFile final : public RecordLog {
public:
    explicit RecordFile(std::string path) : path_(std::move(path)) {}
    Result<std::string> read() override;
    Result<void> append(std::string_view text) override;
    Result<void> replace(std::string_view text) override;

    // Where the record is lost or damaged: what there is of it moves aside.
    Result<void> set_aside();

private:
    Result<void> make_folder();
    std::string path_;
};

}  // namespace obol::ledger
