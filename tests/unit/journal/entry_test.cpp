#include "sync/journal/entry.hpp"

#include <gtest/gtest.h>

#include "sync/crypto/crypto.hpp"
#include "tests/unit/journal/samples.hpp"

namespace obol::journal {
namespace {

Entry sample() {
    Entry entry;
    entry.device = DeviceId(std::string(32, 'a') + std::string(32, '0'));
    entry.kind = "top_up";
    entry.nonce.fill(7);
    entry.wall = samples::noon;
    entry.boot = Millis{123456};
    entry.boot_id = "b0";
    entry.generation = 1;
    entry.postings = {{"tender:cash:nic", Amount{-1000}, samples::eur},
                      {"business:w1:aroma", Amount{1000}, samples::eur}};
    entry.detail = to_detail(Record(samples::top_up()));
    return entry;
}

// The same body with one member put in, taken out or changed.
template <class Change>
Bytes changed(Change change) {
    Entry entry = sample();
    Value body = *decode(seal(entry, {}).body);
    change(*body.map());
    return encode(body);
}

TEST(Entry, ComesBackFromItsBody) {
    Entry entry = sample();
    const Sealed sealed = seal(entry, {41, Hash{1, 2, 3}});
    EXPECT_EQ(entry.seq, 42);
    EXPECT_EQ(entry.prev, (Hash{1, 2, 3}));
    const Result<Entry> back = decode_body(sealed.body);
    ASSERT_TRUE(back) << back.error().detail;
    EXPECT_EQ(*back, entry);
    EXPECT_EQ(encode_body(*back), sealed.body);
    EXPECT_EQ(hash_of(sealed.body), sealed.hash);
}

TEST(Entry, BodyIsACanonicalDocument) {
    Entry entry = sample();
    const Bytes body = seal(entry, {}).body;
    const Result<Value> value = decode(body);
    ASSERT_TRUE(value) << value.error().detail;
    EXPECT_EQ(encode(*value), body);
    EXPECT_EQ(*value->find("v"), Value(1));
    EXPECT_EQ(*value->find("prev"), Value(Bytes(32)));
}

TEST(Entry, HashIsSeparatedByItsDomain) {
    const Bytes body{1, 2, 3};
    const std::string text = std::string("obol-entry/1\0", 13) + "\1\2\3";
    EXPECT_EQ(hash_of(body), crypto::sha256(as_bytes(text)));
    EXPECT_NE(hash_of(body), crypto::sha256(body));
}

TEST(Entry, HeadIsSignedWithDeviceSeqAndHash) {
    Hash hash{};
    hash.fill(9);
    const DeviceId device(std::string(64, 'b'));
    const Bytes text = signed_text(device, {258, hash});
    EXPECT_EQ(to_hex(text), to_hex(as_bytes(std::string("obol-head/1\0", 12))) + device.text +
                                "0000000000000102" + to_hex(hash));
}

TEST(Entry, FollowsItsPredecessorAlone) {
    Entry entry = sample();
    const Head before{6, Hash{5}};
    const Bytes body = seal(entry, before).body;
    EXPECT_TRUE(follow(before, body));
    EXPECT_EQ(follow({5, Hash{5}}, body).error().code, "chain_broken");
    EXPECT_EQ(follow({7, Hash{5}}, body).error().code, "chain_broken");
    EXPECT_EQ(follow({6, Hash{4}}, body).error().code, "chain_broken");
    EXPECT_NE(follow({5, Hash{5}}, body).error().detail.find("seq"), std::string::npos);
    EXPECT_NE(follow({6, Hash{4}}, body).error().detail.find("prev"), std::string::npos);
    EXPECT_EQ(follow(before, Bytes{1, 2}).error().code, "malformed_entry");
}

TEST(Entry, MustBalancePerCurrency) {
    const Currency gbp = *Currency::parse("GBP");
    EXPECT_TRUE(balanced({}));
    EXPECT_TRUE(balanced(sample().postings));
    EXPECT_FALSE(balanced({{"a", Amount{1}, samples::eur}}));
    EXPECT_FALSE(balanced({{"a", Amount{1}, samples::eur}, {"b", Amount{-1}, gbp}}));
    EXPECT_FALSE(balanced({{"a", Amount{INT64_MAX}, gbp}, {"b", Amount{INT64_MAX}, gbp}}));
    Entry entry = sample();
    entry.seq = 1;
    entry.postings[0].amount = Amount{-999};
    EXPECT_EQ(follow({}, encode_body(entry)).error().code, "unbalanced");
}

TEST(Entry, RefusesPostingsWhoseSumsCouldOverflow) {
    Entry entry = sample();
    entry.seq = 1;
    entry.postings = {{"a", Amount{INT64_MAX}, samples::eur},
                      {"b", Amount{-INT64_MAX}, samples::eur}};
    EXPECT_EQ(follow({}, encode_body(entry)).error().code, "malformed_entry");
    entry.postings = {{"a", Amount{INT64_MIN}, samples::eur}};
    EXPECT_EQ(follow({}, encode_body(entry)).error().code, "malformed_entry");
}

TEST(Entry, RefusesEachMemberThatIsNotAsItMustBe) {
    Entry entry = sample();
    const Value whole = *decode(seal(entry, {}).body);
    for (const auto& [name, value] : *whole.map()) {
        const Result<Entry> without = decode_body(changed([&](Map& body) { body.erase(name); }));
        ASSERT_FALSE(without) << name;
        EXPECT_EQ(without.error(), (Fault{"malformed_entry", name}));
        const Result<Entry> wrong = decode_body(changed([&](Map& body) { body[name] = Value(); }));
        ASSERT_FALSE(wrong) << name;
        EXPECT_EQ(wrong.error(), (Fault{"malformed_entry", name}));
    }
    EXPECT_FALSE(decode_body(changed([](Map& body) { body["more"] = 1; })));
    EXPECT_FALSE(decode_body(changed([](Map& body) { body["v"] = 2; })));
    EXPECT_FALSE(decode_body(changed([](Map& body) { body["seq"] = 0; })));
    EXPECT_FALSE(decode_body(changed([](Map& body) { body["prev"] = Bytes(31); })));
    EXPECT_FALSE(decode_body(changed([](Map& body) { body["nonce"] = Bytes(17); })));
    EXPECT_FALSE(decode_body(changed([](Map& body) { body["device"] = "NIC1"; })));
    EXPECT_FALSE(decode_body(changed([](Map& body) { body["device"] = std::string(64, 'A'); })));
    for (const Value& posting :
         {Value(Array{"a", 1}), Value(Array{"a", 1, "EUR", 1}), Value(Array{"", 1, "EUR"}),
          Value(Array{"a", "1", "EUR"}), Value(Array{"a", 1, "eur"}), Value(1)}) {
        EXPECT_FALSE(decode_body(changed([&](Map& body) { body["postings"] = Array{posting}; })));
    }
    EXPECT_FALSE(decode_body(encode(Value(1))));
}

TEST(Entry, EveryFlippedBitBreaksTheChain) {
    Entry first = sample();
    const Sealed one = seal(first, {});
    Entry second = sample();
    const Sealed two = seal(second, {1, one.hash});
    for (std::size_t i = 0; i < one.body.size() * 8; i += 3) {
        Bytes damaged = one.body;
        damaged[i / 8] = static_cast<std::uint8_t>(damaged[i / 8] ^ (1 << (i % 8)));
        ASSERT_FALSE(follow({1, hash_of(damaged)}, two.body)) << i;
    }
}

TEST(Entry, CountsRightsInNoCurrency) {
    Entry entry = sample();
    entry.postings = {{"purchased:nic", Amount{-1}, Currency::none()},
                      {"right:p", Amount{1}, Currency::none()}};
    const Result<Entry> back = decode_body(seal(entry, {}).body);
    ASSERT_TRUE(back);
    EXPECT_EQ(back->postings, entry.postings);
}

}  // namespace
}  // namespace obol::journal
