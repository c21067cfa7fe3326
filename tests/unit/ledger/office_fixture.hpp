#pragma once
// A ledger on a temporary database, with a clock that stands where the test puts it.

#include <gtest/gtest.h>
#include <stdlib.h>

#include <filesystem>
#include <nlohmann/json.hpp>

#include "sync/crypto/crypto.hpp"
#include "sync/ledger/api/admin.hpp"
#include "sync/ledger/store/enrolment.hpp"
#include "sync/ledger/store/import.hpp"
#include "sync/ledger/store/open.hpp"
#include "sync/ledger/store/passes.hpp"

namespace obol::ledger {

using json = nlohmann::json;

class TempDir {
public:
    TempDir() {
        std::string path = ::testing::TempDir() + "obol-ledger-XXXXXX";
        path_ = ::mkdtemp(path.data());
    }
    ~TempDir() {
        std::error_code ignored;
        std::filesystem::remove_all(path_, ignored);
    }
    std::string operator/(const std::string& name) const { return path_ + "/" + name; }

private:
    std::string path_;
};

class HandClock final : public WallClock {
public:
    Instant now() override { return at; }
    Instant at = *parse_rfc3339("2026-11-21T18:00:00Z");
};

// A café with two venues, three plans and one customer; every test changes what it is about.
inline json cafe() {
    return json::parse(R"({
      "businesses": [{"id":"aroma","name":"Aroma","currency":"EUR","zone":"Asia/Nicosia","cutoff":"04:00","refund_grace":"P30D"}],
      "venues": [{"id":"nic","business":"aroma","name":"Nicosia","zone":"Asia/Nicosia"},
                 {"id":"lim","business":"aroma","name":"Limassol","zone":"Asia/Nicosia"}],
      "products": [{"business":"aroma","sku":"C1","name":"Freddo","brand":"Aroma","family":"Coffee","type":"goods"}],
      "pools": [{"id":"happy","business":"aroma","name":"Happy hour",
                 "time":[{"days":["fri","sat"],"months":[12],"from":"22:00","to":"02:00"}],
                 "locations":{"venues":["nic"],"businesses":[]},
                 "products":{"brands":[],"families":["Coffee"],"skus":[],"types":[]},
                 "spend_on":"basket","validity":{"from":null,"until":"2026-12-31","period":null}}],
      "offers": [{"id":"cashback","business":"aroma","name":"Cashback","currency":"EUR","claim":"automatic",
                  "products":{"families":["Coffee"]},"reward":{"basis_points":500},"pool":"happy"}],
      "plans": [{"id":"gift25","business":"aroma","name":"Gift 25","type":"gift","printed":true,"currency":"EUR",
                 "value":{"fixed":2500},"redeem_by":{"period":"P1Y"},
                 "code":{"alphabet":"alphanumeric","prefix":"","suffix":"","length":13},"pin":true,"pool":"happy","offline":true},
                {"id":"any","business":"aroma","name":"Any","type":"gift","printed":false,"currency":"EUR",
                 "value":{"min":500,"max":5000},"redeem_by":{"always":true},
                 "code":{"alphabet":"alphanumeric","length":16},"pin":false},
                {"id":"number","business":"aroma","name":"Number","type":"gift","printed":true,"sold":false,"currency":"EUR",
                 "value":{"fixed":1000},"code":{"alphabet":"numeric","length":16},"pin":true}],
      "passes": [{"plan":"gift25","code":"ABCD-EFGH-JKMNP","pin":"1234","state":"active","value":2500,"venue":"nic"},
                 {"plan":"gift25","code":"QRSTUVWXYZ234","pin":"0007","state":"draft","venue":"lim"},
                 {"plan":"number","code":"1111222233334444","pin":"9999"}],
      "contacts": [{"id":"maria","name":"Maria Georgiou","phone":"+35799000001","email":null,"card":null,"segments":["vip"]}],
      "wallets": [{"id":"w1","contact":"maria","currency":"EUR","home":"nic","personal":300,
                   "pockets":[{"business":"aroma","open":1200,
                               "lots":[{"pool":"happy","amount":5000,"valid_from":null,"valid_until":null}]}]}],
      "limits": [{"id":"debits","business":"aroma","kind":"debit","period":"day","most_count":20,"most_amount":50000}]})");
}

inline net::Request request_of(std::string method, std::string path, std::string body = "",
                               net::Headers headers = {}) {
    net::Request request;
    request.method = std::move(method);
    request.path = std::move(path);
    request.body = std::move(body);
    request.headers = std::move(headers);
    return request;
}

class OfficeTest : public ::testing::Test {
protected:
    OfficeTest() : db(*open_ledger(dir / "ledger.db")), books(*db) {
        keys.code.fill(1);
        keys.seal.fill(2);
    }

    std::variant<ImportSummary, wire::JsonFaults> import(const json& document) {
        return import_document(books, keys, document.dump(), clock.at, random);
    }
    // The pointers at fault; empty: it went in.
    std::vector<std::string> faults_of(const json& document) {
        const auto done = import(document);
        std::vector<std::string> pointers;
        if (const auto* faults = std::get_if<wire::JsonFaults>(&done)) {
            for (const auto& fault : *faults) pointers.push_back(fault.pointer);
        }
        return pointers;
    }
    void import_cafe() { ASSERT_EQ(faults_of(cafe()), std::vector<std::string>{}); }

    PassId pass_of(std::string_view code) {
        const auto found = secrets_by_digest(books, keys, digest_of_code(*normalise_code(code)));
        return found ? found->pass : PassId{};
    }
    std::int64_t count(std::string_view sql) { return db->value<std::int64_t>(sql).value_or(-1); }

    Office office() {
        return {.books = books, .keys = keys, .wall = clock, .random = random,
                .changed = [this] { ++changes; }};
    }
    std::string token(Role role) {
        sql::Txn txn{*db};
        const Secret made = make_admin_token(books, name_of(role), role, clock.at, random);
        txn.commit();
        return made.reveal();
    }

    TempDir dir;
    HandClock clock;
    crypto::SystemRandom random;
    std::unique_ptr<sql::Db> db;
    Books books;
    SecretKeys keys;
    int changes = 0;
};

}  // namespace obol::ledger
