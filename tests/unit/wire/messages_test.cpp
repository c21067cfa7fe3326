#include "sync/wire/messages.hpp"
#include "sync/wire/messages_compare.hpp"

#include <gtest/gtest.h>

#include <fstream>
#include <sstream>

#include "sync/core/bytes.hpp"

namespace obol::wire {
namespace {

journal::Hash hash_of_byte(std::uint8_t byte) {
    journal::Hash hash;
    hash.fill(byte);
    return hash;
}

const Currency eur = *Currency::parse("EUR");

Grant a_grant() {
    return {.ask = 7,
            .ask_hash = hash_of_byte(0xab),
            .lines = {{"lot:L1", Amount{500}, eur},
                      {"pass:P1", Amount{2500}, eur},
                      {"draft:P2", Amount{1}, {}}},
            .not_after = *parse_rfc3339("2026-12-01T00:00:00Z")};
}

Hello a_hello() { return {{12, hash_of_byte(1)}, 10, 3, Versions{1, 2}}; }
Hello an_old_hello() { return {{12, hash_of_byte(1)}, 10, 3}; }
Welcome a_welcome() {
    return {3,
            {10, hash_of_byte(2)},
            HolderStatus::quarantined,
            *parse_rfc3339("2026-11-21T18:00:00.250Z"),
            Versions{1, 2},
            {std::string(64, 'a'), std::string(64, 'b')}};
}
Welcome an_old_welcome() {
    Welcome out = a_welcome();
    out.speaks.reset();
    out.cas.clear();
    return out;
}
Push a_push() { return {11, {{1, 2, 3}, {0xff}}, Bytes(64, 9)}; }
Receipt a_receipt() {
    Grant endless = a_grant();
    endless.not_after.reset();
    return {{12, hash_of_byte(3)},
            {EntryResult::accepted, EntryResult::duplicate, EntryResult::accepted_with_exception,
             EntryResult::refused},
            {a_grant(), endless},
            HolderStatus::active};
}
FeedAsk a_feed_ask() { return {3, 99, 25'000, "n\"1"}; }
Page a_page() {
    Page page;
    page.generation = 3;
    page.from = 99;
    page.to = 120;
    page.more = true;
    page.facts = {{"product", "aroma:C1", false, {{"name", "Καφές"}, {"sku", "C1"}}},
                  {"pass", "P9", true, {}}};
    page.balances = {{"business:w1:aroma", Amount{-20}, eur}, {"lot:L1", Amount{0}, eur}};
    page.as_of = 12;
    page.recalls = {{"lot:L1", Amount{300}}};
    page.grants = {a_grant()};
    page.placement = true;
    page.news = "abc";
    page.status = HolderStatus::active;
    page.now = *parse_rfc3339("2026-11-21T18:00:00Z");
    return page;
}
Snapshot a_snapshot() {
    return {3,
            120,
            12,
            {{"venue", "nic", false, {{"id", "nic"}}}},
            {{"right:B1", Amount{1}, Currency::none()}}};
}
SnapshotPage a_snapshot_page() {
    const Snapshot whole = a_snapshot();
    return {"s1", whole.generation, whole.cursor, whole.as_of, whole.facts, whole.balances, "fact:a", "fact:b"};
}
PassAnswer a_pass_answer() {
    return {journal::Map{{"id", "P1"}}, journal::Map{{"id", "w1"}}, "incorrect", 2};
}
IssueAsk an_issue_ask() {
    return {"pos-1:key", PlanId("gift25"), Amount{2500}, "cash", ContactId("maria")};
}

CompareAsk a_compare_ask() {
    const std::vector<Balance> rows{{"business:w1:aroma", Amount{-20}, eur}, {"offer:O1", Amount{3}, {}}};
    return {3, {12, hash_of_byte(1)}, 99, Compared::balances, "", "offer:O1", digest_of(rows), rows};
}
CompareAnswer a_compare_answer() {
    return {Comparison::different, {{"lot:L1", Amount{500}, Amount{0}, eur}}};
}

template <class Message>
void expect_round_trip(const Message& message) {
    const std::string text = encode(message);
    const Result<Message> back = decode<Message>(text);
    ASSERT_TRUE(back) << back.error().detail << "\n" << text;
    EXPECT_TRUE(*back == message) << text;
    EXPECT_EQ(encode(*back), text);
}

TEST(Messages, ComeBackAsTheyWere) {
    expect_round_trip(a_hello());
    expect_round_trip(Hello{});
    expect_round_trip(an_old_hello());
    expect_round_trip(a_welcome());
    expect_round_trip(an_old_welcome());
    expect_round_trip(a_push());
    expect_round_trip(a_receipt());
    expect_round_trip(Receipt{});
    expect_round_trip(a_feed_ask());
    expect_round_trip(FeedAsk{});
    expect_round_trip(a_page());
    expect_round_trip(Page{});
    expect_round_trip(a_snapshot());
    expect_round_trip(Snapshot{});
    expect_round_trip(SnapshotAsk{"s1", "fact:a"});
    expect_round_trip(SnapshotAsk{});
    expect_round_trip(a_snapshot_page());
    expect_round_trip(Renew{"-----BEGIN\nx"});
    expect_round_trip(Renewed{"cert", "ca\nca"});
    expect_round_trip(a_pass_answer());
    expect_round_trip(PassAnswer{});
    expect_round_trip(PurchaseAsk{PurchaseId("B1")});
    expect_round_trip(PurchaseAnswer{Bytes{1, 2, 3}, {Bytes{4}, Bytes{5, 6}}});
    expect_round_trip(PurchaseAnswer{});
    expect_round_trip(an_issue_ask());
    expect_round_trip(a_compare_ask());
    expect_round_trip(CompareAsk{});
    expect_round_trip(a_compare_answer());
    expect_round_trip(CompareAnswer{});
    IssueAsk bare = an_issue_ask();
    bare.amount.reset();
    bare.contact.reset();
    expect_round_trip(bare);
}

TEST(Messages, ThatCarrySecretsComeBackAsTheyWere) {
    const PassAsk ask{Bytes(32, 5), Secret("ABC123"), Secret("1234")};
    const auto ask_back = decode<PassAsk>(encode(ask));
    ASSERT_TRUE(ask_back);
    EXPECT_EQ(ask_back->digest, ask.digest);
    EXPECT_EQ(ask_back->code.reveal(), "ABC123");
    EXPECT_EQ(ask_back->pin->reveal(), "1234");

    const PassAsk by_digest{Bytes(32, 5), {}, {}};
    EXPECT_FALSE(decode<PassAsk>(encode(by_digest))->pin.has_value());

    const IssueAnswer issued{PassId("P1"), Secret("CODE"), Secret("9876"), {Amount{2500}, eur},
                             from_millis(1'800'000'000'000)};
    const auto issued_back = decode<IssueAnswer>(encode(issued));
    ASSERT_TRUE(issued_back);
    EXPECT_EQ(issued_back->code.reveal(), "CODE");
    EXPECT_EQ(issued_back->pin->reveal(), "9876");
    EXPECT_EQ(issued_back->value, issued.value);
    EXPECT_EQ(issued_back->redeem_by, issued.redeem_by);

    const auto enrol = decode<Enrol>(encode(Enrol{Secret("tok"), "-----BEGIN\nx"}));
    ASSERT_TRUE(enrol);
    EXPECT_EQ(enrol->token.reveal(), "tok");
    EXPECT_EQ(enrol->csr, "-----BEGIN\nx");

    const Enrolled enrolled{"cert", "ca",         VenueId("nic"), BusinessId("aroma"),
                            "NIC1", Bytes(32, 1), "https://x:1"};
    const auto enrolled_back = decode<Enrolled>(encode(enrolled));
    ASSERT_TRUE(enrolled_back);
    EXPECT_EQ(enrolled_back->device_name, "NIC1");
    EXPECT_EQ(enrolled_back->cache_key, Bytes(32, 1));
    EXPECT_EQ(enrolled_back->sync_url, "https://x:1");
}

// The samples in the tree are what other versions in the field send: they must stay readable, and
// what we write must stay what they expect. OBOL_WRITE_GOLDEN=1 writes them anew after a meant
// change.
void expect_golden(const std::string& name, const std::string& text) {
    const std::string path = "tests/golden/wire/" + name + ".json";
    if (std::getenv("OBOL_WRITE_GOLDEN") != nullptr) std::ofstream(path) << text << "\n";
    std::ifstream file(path);
    std::stringstream golden;
    golden << file.rdbuf();
    EXPECT_EQ(golden.str(), text + "\n") << path;
}

TEST(Messages, MatchTheGoldenSamples) {
    expect_golden("hello", encode(a_hello()));
    expect_golden("welcome", encode(a_welcome()));
    expect_golden("push", encode(a_push()));
    expect_golden("receipt", encode(a_receipt()));
    expect_golden("feed_ask", encode(a_feed_ask()));
    expect_golden("page", encode(a_page()));
    expect_golden("snapshot", encode(a_snapshot()));
    expect_golden("snapshot_ask", encode(SnapshotAsk{"s1", "fact:a"}));
    expect_golden("snapshot_page", encode(a_snapshot_page()));
    expect_golden("renew", encode(Renew{"-----BEGIN CERTIFICATE REQUEST-----\n"}));
    expect_golden("renewed", encode(Renewed{"cert", "ca1\nca2\n"}));
    expect_golden("pass_ask", encode(PassAsk{Bytes(32, 5), Secret("ABC123"), Secret("1234")}));
    expect_golden("pass_answer", encode(a_pass_answer()));
    expect_golden("purchase_ask", encode(PurchaseAsk{PurchaseId("B1")}));
    expect_golden("purchase_answer", encode(PurchaseAnswer{Bytes{1, 2, 3}, {Bytes{4}, Bytes{5, 6}}}));
    expect_golden("compare_ask", encode(a_compare_ask()));
    expect_golden("compare_answer", encode(a_compare_answer()));
    expect_golden("issue_ask", encode(an_issue_ask()));
    expect_golden(
        "issue_answer",
        encode(IssueAnswer{PassId("P1"), Secret("CODE"), Secret("9876"), {Amount{2500}, eur}}));
    expect_golden("enrol", encode(Enrol{Secret("tok"), "-----BEGIN CERTIFICATE REQUEST-----\n"}));
    expect_golden("enrolled", encode(Enrolled{"cert", "ca", VenueId("nic"), BusinessId("aroma"),
                                              "NIC1", Bytes(32, 1), "https://localhost:8443"}));
}

std::string file_text(const std::string& path) {
    std::ifstream file(path);
    std::stringstream text;
    text << file.rdbuf();
    std::string out = text.str();
    if (!out.empty() && out.back() == '\n') out.pop_back();
    return out;
}

// What version 1 said is understood for ever: these files are never written anew.
template <class Message>
void expect_understood(const std::string& name) {
    const std::string text = file_text("tests/golden/wire/v1/" + name + ".json");
    const Result<Message> message = decode<Message>(text);
    ASSERT_TRUE(message) << name << ": " << message.error().detail;
    EXPECT_EQ(encode(*message), text) << name;
}

TEST(Messages, OfVersionOneAreUnderstoodAndAnsweredInKind) {
    expect_understood<Hello>("hello");
    expect_understood<Welcome>("welcome");
    expect_understood<Push>("push");
    expect_understood<Receipt>("receipt");
    expect_understood<FeedAsk>("feed_ask");
    expect_understood<Page>("page");
    expect_understood<Snapshot>("snapshot");
    expect_understood<PassAsk>("pass_ask");
    expect_understood<PassAnswer>("pass_answer");
    expect_understood<PurchaseAsk>("purchase_ask");
    expect_understood<PurchaseAnswer>("purchase_answer");
    expect_understood<IssueAsk>("issue_ask");
    expect_understood<IssueAnswer>("issue_answer");
    expect_understood<Enrol>("enrol");
    expect_understood<Enrolled>("enrolled");
}

TEST(Messages, OfTwoVersionsMeetAtTheNewestThatBothSpeak) {
    EXPECT_EQ(common_version({1, 2}, {1, 1}), 1);
    EXPECT_EQ(common_version({1, 2}, {2, 5}), 2);
    EXPECT_EQ(common_version({1, 2}, {1, 2}), 2);
    EXPECT_FALSE(common_version({1, 2}, {3, 5}));
}

template <class Message>
std::string fault_of(std::string_view text) {
    const auto got = decode<Message>(text);
    if (got) return "accepted";
    EXPECT_EQ(got.error().code, "malformed_message");
    return got.error().detail;
}

std::string with(std::string text, std::string_view what, std::string_view instead) {
    const std::size_t at = text.find(what);
    EXPECT_NE(at, std::string::npos) << what;
    return text.replace(at, what.size(), instead);
}

TEST(Messages, AreRefusedWithThePointerOfWhatIsWrong) {
    const std::string hello = encode(a_hello());
    EXPECT_EQ(fault_of<Hello>(with(hello, "\"v\":2", "\"v\":3")), "/v: must be at most 2; /speaks: unknown member");
    EXPECT_EQ(fault_of<Hello>(with(hello, "\"v\":2", "\"v\":1")), "/speaks: unknown member");
    EXPECT_EQ(fault_of<Hello>(with(encode(an_old_hello()), "\"v\":1", "\"v\":2")), "/speaks: is missing");
    EXPECT_EQ(fault_of<Hello>(with(hello, "\"most\":2", "\"most\":0")),
              "/speaks/most: must be at least 1");
    EXPECT_EQ(fault_of<Hello>(with(hello, "\"least\":1", "\"least\":3")),
              "/speaks/most: must not be less than least");
    EXPECT_EQ(fault_of<Welcome>(with(encode(a_welcome()), "aaaa", "aaa")), "/cas/0: must be a fingerprint");
    EXPECT_EQ(fault_of<Hello>(with(hello, "\"seq\":12", "\"seq\":-1")),
              "/head/seq: must be at least 0");
    EXPECT_EQ(fault_of<Hello>(with(hello, "\"seq\":12", "\"seq\":12,\"x\":1")),
              "/head/x: unknown member");
    EXPECT_EQ(fault_of<Hello>(with(hello, "0101", "01zz")),
              "/head/hash: must be 64 hexadecimal digits");
    EXPECT_EQ(fault_of<Hello>(with(hello, "\"acked_seq\":10,", "")), "/acked_seq: is missing");
    EXPECT_EQ(fault_of<Hello>("[]"), "document: must be an object");
    EXPECT_EQ(fault_of<Hello>("<html>"), "document: syntax error at byte 0");

    const std::string push = encode(a_push());
    EXPECT_EQ(fault_of<Push>(with(push, "\"AQID\"", "\"AQI\"")), "/entries/0: must be base64");
    EXPECT_EQ(fault_of<Push>(with(push, "\"AQID\"", "5")), "/entries/0: must be base64");
    EXPECT_EQ(fault_of<Push>(with(push, "\"AQID\"", "\"\"")), "/entries/0: must be base64");
    Push unsigned_push = a_push();
    unsigned_push.signature.resize(63);
    EXPECT_EQ(fault_of<Push>(encode(unsigned_push)), "/signature: must be 64 bytes");

    const std::string receipt = encode(a_receipt());
    EXPECT_EQ(fault_of<Receipt>(with(receipt, "\"duplicate\"", "\"maybe\"")),
              "/results/1: is not a result");
    EXPECT_EQ(fault_of<Receipt>(with(receipt, "\"amount\":500", "\"amount\":0")),
              "/grants/0/lines/0/amount: must be at least 1");
    EXPECT_EQ(fault_of<Receipt>(with(receipt, "lot:L1", "sale:nic")),
              "/grants/0/lines/0/subject: is not a subject");
    EXPECT_EQ(fault_of<Receipt>(with(receipt, "\"EUR\"", "\"EUX\"")),
              "/grants/0/lines/0/currency: must be an ISO 4217 code");
    EXPECT_EQ(fault_of<Receipt>(with(receipt, "\"active\"", "\"asleep\"")),
              "/status: must be one of active, quarantined, written_off, revoked");

    const std::string page = encode(a_page());
    EXPECT_EQ(fault_of<Page>(with(page, "\"gone\":true", "\"gone\":false")),
              "/facts/1/body: is missing");
    EXPECT_EQ(fault_of<Page>(with(page, "\"more\":true", "\"more\":1")),
              "/more: must be true or false");
    EXPECT_EQ(fault_of<Page>(with(page, "18:00:00Z", "25:00:00Z")),
              "/now: must be an RFC 3339 instant");
}

TEST(Messages, CarryNoHeld) {
    const std::string page = encode(a_page());
    EXPECT_EQ(fault_of<Page>(with(page, "\"news\"", "\"held\":1,\"news\"")),
              "/held: unknown member");
    const std::string snapshot = encode(a_snapshot());
    EXPECT_EQ(fault_of<Snapshot>(with(snapshot, "\"facts\"", "\"held\":[],\"facts\"")),
              "/held: unknown member");
    EXPECT_EQ(fault_of<SnapshotPage>(with(encode(a_snapshot_page()), "\"facts\"", "\"held\":[],\"facts\"")),
              "/held: unknown member");
}

TEST(Messages, BoundAPush) {
    Push many = a_push();
    many.entries.assign(most_entries_a_push + 1, Bytes{1});
    EXPECT_EQ(fault_of<Push>(encode(many)), "/entries: must have at most 500 elements");
    Push large = a_push();
    large.entries.assign(2, Bytes(most_bytes_a_push / 2 + 1, 1));
    EXPECT_EQ(fault_of<Push>(encode(large)), "/entries/1: is more than fits a push");
    Push none = a_push();
    none.entries.clear();
    EXPECT_EQ(fault_of<Push>(encode(none)), "/entries: must have at least 1 elements");
}

TEST(Messages, NeedTheCodeWhereThereIsAPin) {
    const PassAsk ask{Bytes(32, 5), {}, Secret("1234")};
    EXPECT_EQ(fault_of<PassAsk>(encode(ask)), "/code: must be there with a PIN");
}

TEST(Messages, RefuseEveryTruncation) {
    const std::string page = encode(a_page());
    for (std::size_t n = 0; n < page.size(); ++n) {
        ASSERT_FALSE(decode<Page>(std::string_view(page).substr(0, n))) << n;
    }
}

}  // namespace
}  // namespace obol::wire
