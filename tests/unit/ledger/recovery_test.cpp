// A ledger that was put back from a backup (PROTOCOL.md L5 to L8, sections 4 and 5): each test leaves
// the world in which a mechanism is needed, and says what would go wrong without it.

#include "sync/ledger/store/recovery.hpp"

#include <sstream>

#include "sync/audit/ledger_db.hpp"
#include "sync/audit/report.hpp"
#include "tests/unit/ledger/ledger_bench.hpp"

namespace obol::ledger::test {
namespace {

using wire::HolderStatus;

class MemoryLog final : public RecordLog {
public:
    Result<std::string> read() override { return text; }
    Result<void> append(std::string_view more) override {
        if (full) return Fault{"file_unwritable", "full"};
        text += more;
        return {};
    }
    Result<void> replace(std::string_view all) override {
        text = all;
        return {};
    }
    std::string text;
    bool full = false;
};

class Restored : public ::testing::Test {
protected:
    Restored() { record.catch_up(*bench.db); }
    void TearDown() override { bench.check(); }

    void back_up() {
        const std::string file = bench.folder + "/backup";
        std::filesystem::remove(file);
        bench.db->run("VACUUM INTO ?", file);
    }
    // Every table as it was, under the same connection.
    void put_back() {
        sql::Db& db = *bench.db;
        db.exec("PRAGMA foreign_keys = OFF");
        db.run("ATTACH ? AS backup", bench.folder + "/backup");
        std::vector<std::string> tables;
        db.each("SELECT name FROM backup.sqlite_master WHERE type = 'table' AND name NOT LIKE 'sqlite_%'",
                [&](sql::Statement& row) { tables.push_back(row.text(0)); });
        {
            sql::Txn txn{db};
            for (const std::string& table : tables) {
                db.exec("DELETE FROM main." + table);
                db.exec("INSERT INTO main." + table + " SELECT * FROM backup." + table);
            }
            txn.commit();
        }
        db.exec("DETACH backup");
        db.exec("PRAGMA foreign_keys = ON");
    }
    std::int64_t restore() {
        sql::Txn txn{*bench.db};
        const std::int64_t generation = begin_recovery(bench.books, &record);
        txn.commit();
        record.catch_up(*bench.db);
        record.mark(*bench.db);
        return generation;
    }
    // As the agent does: it hears where the ledger is, adopts, and sends all that is missing there.
    void come_home(Device& device) {
        const auto welcome = device.hello();
        ASSERT_TRUE(welcome);
        device.acked = welcome->head.seq;
        if (welcome->generation > device.generation) device.adopt(welcome->generation);
        ASSERT_TRUE(device.push());
    }
    void wants(Device& device, std::int64_t amount) {
        device.ask(pocket, amount);
        ASSERT_TRUE(device.push());
        device.take();
        ASSERT_TRUE(device.push());
    }
    Result<std::vector<Money>> write_off(const Device& device, std::optional<std::vector<Money>> accepted = {}) {
        sql::Txn txn{*bench.db};
        auto done = write_off_device(bench.books, device.h(), "gone", bench.clock.at, bench.random, accepted);
        if (done) txn.commit();
        return done;
    }
    Device enrol(const std::string& venue, std::uint64_t seed) {
        Device device = bench.enrol(venue, seed);
        device.sync();
        record.catch_up(*bench.db);
        return device;
    }
    Money euros(std::int64_t minor) { return {Amount{minor}, eur()}; }

    Bench bench;
    MemoryLog log;
    IssuedKeys record = *IssuedKeys::open(log);
    const Subject pocket = bench.pocket();
    Device nic = enrol("nic", 1);
    Device lim = enrol("lim", 2);
};

TEST_F(Restored, M1_W4_WhatTheBackupForgotAndWasSpentIsNotGrantedAgain) {
    bench.fund_pocket(100);
    back_up();
    wants(nic, 100);
    nic.purchase(100);
    put_back();
    EXPECT_EQ(bench.centre(pocket), 100);
    EXPECT_EQ(restore(), 2);

    come_home(lim);
    wants(lim, 100);
    EXPECT_EQ(lim.held(pocket), 0);
    come_home(nic);
    EXPECT_FALSE(bench.recovering());
    wants(lim, 100);
    EXPECT_EQ(lim.held(pocket), 0);
    EXPECT_EQ(bench.value(pocket), 0);
    EXPECT_EQ(bench.loss(pocket), 0);
}

TEST_F(Restored, W4b_WhatTheBackupForgotAndIsStillHeldIsNotGrantedAgain) {
    bench.fund_pocket(100);
    back_up();
    wants(nic, 100);
    put_back();
    restore();
    come_home(lim);
    come_home(nic);
    EXPECT_FALSE(bench.recovering());
    wants(lim, 100);
    EXPECT_EQ(lim.held(pocket), 0);
    EXPECT_EQ(bench.held(nic, pocket), 100);
    EXPECT_EQ(bench.centre(pocket), 0);
}

TEST_F(Restored, L7_RecoveryEndsWithTheLastAndGrantsGoOn) {
    bench.fund_pocket(100);
    back_up();
    put_back();
    restore();
    come_home(nic);
    EXPECT_TRUE(bench.recovering());
    come_home(lim);
    EXPECT_FALSE(bench.recovering());
    wants(lim, 60);
    EXPECT_EQ(lim.held(pocket), 60);
}

TEST_F(Restored, M3_RecoveryDoesNotEndWhileOneHasNotAdopted) {
    Device paf = enrol("paf", 3);
    bench.fund_pocket(100);
    back_up();
    wants(paf, 100);
    paf.purchase(100);
    put_back();
    restore();
    come_home(nic);
    come_home(lim);
    ASSERT_EQ(awaited(*bench.db).size(), 1U);
    EXPECT_EQ(awaited(*bench.db)[0].h, paf.h());
    wants(lim, 100);
    EXPECT_EQ(lim.held(pocket), 0);
    // What it has to tell does not end it either: only that it will tell nothing older.
    paf.acked = paf.hello()->head.seq;
    ASSERT_TRUE(paf.push());
    EXPECT_TRUE(bench.recovering());
    come_home(paf);
    EXPECT_FALSE(bench.recovering());
    EXPECT_EQ(bench.loss(pocket), 0);
}

TEST_F(Restored, M4_ADeviceThatTheBackupDoesNotKnowIsPutBackAndWaitedFor) {
    bench.fund_pocket(100);
    back_up();
    Device paf = enrol("paf", 3);
    wants(paf, 100);
    paf.purchase(100);
    put_back();
    EXPECT_EQ(record.check(*bench.db).error().code, "ledger_fell_back");
    restore();
    EXPECT_TRUE(record.check(*bench.db));
    come_home(nic);
    come_home(lim);
    EXPECT_TRUE(bench.recovering());
    wants(lim, 100);
    EXPECT_EQ(lim.held(pocket), 0);
    come_home(paf);
    EXPECT_FALSE(bench.recovering());
    EXPECT_EQ(bench.value(pocket), 0);
    EXPECT_EQ(bench.loss(pocket), 0);
}

TEST_F(Restored, M5_AGenerationIsNeverUsedTwice) {
    bench.fund_pocket(100);
    back_up();
    put_back();
    EXPECT_EQ(restore(), 2);
    come_home(nic);
    come_home(lim);
    wants(nic, 100);
    nic.purchase(100);
    put_back();  // the same backup, which knows of generation 1 alone
    EXPECT_EQ(record.check(*bench.db).error().code, "ledger_fell_back");
    EXPECT_EQ(restore(), 3);
    come_home(lim);
    EXPECT_TRUE(bench.recovering());
    wants(lim, 100);
    EXPECT_EQ(lim.held(pocket), 0);
    come_home(nic);
    EXPECT_EQ(bench.loss(pocket), 0);
}

TEST_F(Restored, M6_AWriteOffInRecoveryIsRefusedUnlessItsCeilingIsAccepted) {
    bench.fund_pocket(100);
    back_up();
    wants(nic, 100);
    put_back();
    restore();
    come_home(lim);
    const auto refused = write_off(nic);
    EXPECT_EQ(refused.error().code, "in_recovery");
    EXPECT_NE(refused.error().detail.find("100 EUR"), std::string::npos) << refused.error().detail;
    EXPECT_EQ(write_off(nic, std::vector{euros(99)}).error().code, "in_recovery");
    EXPECT_EQ(bench.status(nic), "active");
    ASSERT_TRUE(write_off(nic, std::vector{euros(100)}));
    EXPECT_FALSE(bench.recovering());
    EXPECT_EQ(bench.exceptions("written_off_in_recovery"), 1);
    // The evidence turns up: no second recovery, and the centre shows what was granted twice.
    bench.end.centre_changed();
    wants(lim, 100);
    EXPECT_EQ(lim.held(pocket), 100);
    nic.acked = nic.hello()->head.seq;
    ASSERT_TRUE(nic.push());
    EXPECT_FALSE(bench.recovering());
    EXPECT_EQ(bench.centre(pocket), -100);
}

TEST_F(Restored, M7_ACentralDebitThatWasForgottenIsDoneAgainBeforeRecoveryEnds) {
    bench.fund_pocket(100);
    back_up();
    const std::vector<journal::Posting> payout{{pocket, Amount{-100}, eur()}, {"payout:maria", Amount{100}, eur()}};
    const auto pay_out = [&] {
        sql::Txn txn{*bench.db};
        ASSERT_TRUE(bench.books.transfer(bench.clock.at, "test", "", payout));
        txn.commit();
    };
    pay_out();
    put_back();
    restore();
    come_home(nic);
    EXPECT_EQ(bench.centre(pocket), 100);
    pay_out();
    come_home(lim);
    EXPECT_FALSE(bench.recovering());
    wants(lim, 100);
    EXPECT_EQ(lim.held(pocket), 0);
    EXPECT_EQ(bench.value(pocket), 0);
}

TEST_F(Restored, B3_APassThatTheLedgerForgotItMadeIsInOnePieceForTheAuditorToo) {
    back_up();
    const PassId pass = bench.make_pass("FRGTTN01", 2'500);
    nic.ask(pass_subject(pass), 2'500);
    nic.sync();
    ASSERT_EQ(nic.held(pass_subject(pass)), 2'500);
    put_back();
    restore();
    come_home(lim);
    come_home(nic);
    EXPECT_EQ(bench.centre(pass_subject(pass)), -2'500);
    EXPECT_EQ(bench.exceptions("unknown_grant"), 1);
    std::ostringstream out;
    audit::Report report(out, false, "ledger");
    audit::audit_ledger(*bench.db, report);
    EXPECT_EQ(out.str().find("divided"), std::string::npos) << out.str();
}

TEST_F(Restored, WhoWasGivenUpBeforeTheBackupIsNotWaitedFor) {
    Device paf = enrol("paf", 3);
    bench.fund_pocket(100);
    wants(nic, 40);
    wants(paf, 10);
    bench.write_off(nic);
    ASSERT_TRUE(revoke_device(bench.books, paf.h()));
    record.catch_up(*bench.db);
    back_up();
    nic.purchase(40);
    put_back();
    restore();
    ASSERT_EQ(awaited(*bench.db).size(), 1U);
    come_home(lim);
    EXPECT_FALSE(bench.recovering());
    // Its late entries are no news either.
    nic.acked = nic.head.seq;
    ASSERT_TRUE(nic.hello());
    EXPECT_FALSE(bench.recovering());
    EXPECT_EQ(bench.held(paf, pocket), 10);
}

TEST_F(Restored, WhoWasGivenUpAfterTheBackupIsAwaitedAndGivenNothing) {
    bench.fund_pocket(100);
    back_up();
    wants(nic, 100);
    bench.write_off(nic);
    record.catch_up(*bench.db);
    put_back();
    EXPECT_EQ(record.check(*bench.db).error().code, "ledger_fell_back");
    restore();
    EXPECT_EQ(bench.status(nic), "quarantined");
    come_home(lim);
    ASSERT_EQ(awaited(*bench.db).size(), 1U);
    EXPECT_EQ(awaited(*bench.db)[0].listed, "written_off");
    // A second restore does not forget that nobody knows what it has.
    restore();
    come_home(lim);
    ASSERT_EQ(awaited(*bench.db).size(), 1U);
    ASSERT_TRUE(write_off(nic, std::vector{euros(100)}));
    EXPECT_FALSE(bench.recovering());
}

TEST_F(Restored, L6_AFallBackThatAHelloBetraysBeginsARecoveryThatCanEnd) {
    bench.fund_pocket(100);
    back_up();
    wants(nic, 100);
    put_back();  // without a word
    const auto welcome = nic.hello();
    ASSERT_TRUE(welcome);
    EXPECT_EQ(welcome->generation, 2);
    EXPECT_TRUE(bench.recovering());
    ASSERT_TRUE(nic.hello());
    EXPECT_EQ(era(*bench.db).generation, 2);  // one fall-back, one generation
    come_home(nic);
    EXPECT_TRUE(bench.recovering());
    come_home(lim);
    EXPECT_FALSE(bench.recovering());
    EXPECT_EQ(bench.held(nic, pocket), 100);
}

TEST_F(Restored, L6_AGrantThatTheLedgerDoesNotKnowBeginsARecoveryThatCanEnd) {
    bench.fund_pocket(100);
    const std::int64_t ask = nic.ask("lot:unrelated", 5);
    nic.take_as(ask, {{pocket, Amount{70}, eur()}});
    ASSERT_TRUE(nic.push());
    EXPECT_EQ(era(*bench.db).generation, 2);
    EXPECT_TRUE(bench.recovering());
    come_home(lim);
    come_home(nic);
    EXPECT_FALSE(bench.recovering());
    EXPECT_EQ(bench.centre(pocket), 30);
}

TEST_F(Restored, L8_ALaterLedgerStopsThisOneUntilItIsRestored) {
    bench.fund_pocket(100);
    nic.generation = 5;
    nic.acked = 90;
    const auto welcome = nic.hello();
    ASSERT_TRUE(welcome);
    EXPECT_EQ(welcome->generation, 1);  // none is made against the other's
    EXPECT_TRUE(bench.recovering());
    come_home(lim);
    wants(lim, 10);
    EXPECT_EQ(lim.held(pocket), 0);
    EXPECT_EQ(write_off(lim, std::vector{euros(1000)}).error().code, "in_recovery");
    EXPECT_EQ(restore(), 6);
    come_home(lim);
    EXPECT_TRUE(bench.recovering());
    come_home(nic);
    EXPECT_FALSE(bench.recovering());
}

TEST_F(Restored, ADeviceThatIsRevokedAndWrittenOffStaysOutsideAndItsJournalIsHandedIn) {
    Device again = enrol("nic", 4);  // the same till under a new key
    bench.fund_pocket(100);
    wants(nic, 80);
    nic.purchase(50);
    ASSERT_TRUE(revoke_device(bench.books, nic.h()));
    ASSERT_TRUE(write_off(nic));
    EXPECT_EQ(bench.status(nic), "written_off");
    EXPECT_EQ(nic.push().error().code, "forbidden");
    EXPECT_EQ(nic.hello().error().code, "forbidden");
    EXPECT_EQ(bench.suspense(nic, pocket), 80);

    const wire::Push late = nic.message_from(nic.acked + 1);
    EXPECT_EQ(bench.end.hand_in(lim.identity(), nic.h(), late).error().code, "forbidden");  // another venue
    const auto receipt = bench.end.hand_in(again.identity(), nic.h(), late);
    ASSERT_TRUE(receipt);
    EXPECT_EQ(receipt->head, nic.head);
    EXPECT_TRUE(receipt->grants.empty());
    EXPECT_EQ(bench.suspense(nic, pocket), 30);
    EXPECT_EQ(bench.loss(pocket), 50);
    EXPECT_EQ(nic.push().error().code, "forbidden");
    wire::Push forged = late;
    forged.signature[0] ^= 1;
    EXPECT_EQ(bench.end.hand_in(again.identity(), nic.h(), forged).error().code, "refused");
}

// --- the record of issued keys
// --------------------------------------------------------------------------------------------

TEST_F(Restored, TheRecordComesBackAsItWasWritten) {
    ASSERT_TRUE(revoke_device(bench.books, nic.h()));
    record.catch_up(*bench.db);
    record.mark(*bench.db);
    const auto again = IssuedKeys::open(log);
    ASSERT_TRUE(again);
    EXPECT_EQ(again->generation(), 1);
    ASSERT_EQ(again->keys().size(), 2U);
    const std::vector<IssuedKey> rows = keys_in(*bench.db);
    for (const IssuedKey& key : rows) EXPECT_EQ(again->keys().at(key.h), key);
    EXPECT_TRUE(again->check(*bench.db));
    const std::string before = log.text;
    record.catch_up(*bench.db);
    record.mark(*bench.db);
    EXPECT_EQ(log.text, before);
}

TEST_F(Restored, ATornLastLineIsTakenAwayAndADamagedOneIsRefused) {
    const std::string good = log.text;
    for (const std::size_t left : {std::size_t{1}, std::size_t{40}, good.size() - good.rfind('\n', good.size() - 2) - 2}) {
        log.text = good + good.substr(good.rfind('\n', good.size() - 2) + 1).substr(0, left);
        ASSERT_TRUE(IssuedKeys::open(log));
        EXPECT_EQ(log.text, good);
    }
    for (std::size_t at = 0; at < good.size(); at += 7) {
        log.text = good;
        log.text[at] ^= 4;
        const auto opened = IssuedKeys::open(log);
        if (log.text[at] == '\n' || good[at] == '\n') continue;  // then lines are others
        ASSERT_FALSE(opened) << at;
        EXPECT_EQ(opened.error().code, "issued_keys_damaged");
        EXPECT_NE(opened.error().detail.find("restore --record-lost"), std::string::npos);
    }
    log.text = good;
    const std::size_t second = good.find('\n', good.find('\n') + 1) + 1;
    log.text.erase(second, good.find('\n', second) + 1 - second);
    EXPECT_FALSE(IssuedKeys::open(log));  // a line that is left out shows
}

TEST_F(Restored, ARecordThatIsGoneIsNotBegunAnewWithoutAWord) {
    MemoryLog gone;
    const auto empty = IssuedKeys::open(gone);
    ASSERT_TRUE(empty);
    EXPECT_EQ(empty->check(*bench.db).error().code, "issued_keys_missing");
}

TEST_F(Restored, ADatabaseThatIsBehindTheMarkIsRefused) {
    back_up();
    bench.fund_pocket(100);
    EXPECT_TRUE(record.check(*bench.db));
    record.mark(*bench.db);
    put_back();
    const auto fault = record.check(*bench.db);
    ASSERT_FALSE(fault);
    EXPECT_EQ(fault.error().code, "ledger_fell_back");
    EXPECT_NE(fault.error().detail.find("obol-ledger restore"), std::string::npos);
}

TEST_F(Restored, AKeyIsNotIssuedWhereTheRecordCannotBeWritten) {
    Device paf = bench.enrol("paf", 3);
    log.full = true;
    EXPECT_THROW(record.catch_up(*bench.db), RecordLost);
    log.full = false;  // what stands at the end is not known until it is opened anew
    EXPECT_THROW(record.catch_up(*bench.db), RecordLost);
    record = *IssuedKeys::open(log);
    record.catch_up(*bench.db);
    EXPECT_TRUE(record.keys().contains(paf.h()));
}

TEST_F(Restored, ManyMarksAreLeftOutAtTheNextStart) {
    for (int i = 0; i < 1001; ++i) {
        bench.fund_pocket(1);
        record.mark(*bench.db);
    }
    const std::size_t before = log.text.size();
    const auto again = IssuedKeys::open(log);
    ASSERT_TRUE(again);
    EXPECT_LT(log.text.size(), before / 4);
    EXPECT_EQ(IssuedKeys::open(log)->keys(), record.keys());
    EXPECT_TRUE(IssuedKeys::open(log)->check(*bench.db));
}

}  // namespace
}  // namespace obol::ledger::test
