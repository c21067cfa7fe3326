// The bench itself: its devices must behave as real ones, or the tests on it prove nothing.

#include "tests/unit/ledger/ledger_bench.hpp"

#include "sync/ledger/store/positions.hpp"

namespace obol::ledger::test {

using journal::Value;

namespace {

std::shared_ptr<crypto::SigningKey> key_from(std::uint64_t seed) {
    SeededRandom random{seed};
    return std::make_shared<crypto::SigningKey>(crypto::SigningKey::generate(random));
}

std::string make_folder() {
    std::string pattern = (std::filesystem::temp_directory_path() / "ledger-XXXXXX").string();
    ENSURE(::mkdtemp(pattern.data()) != nullptr);
    return pattern;
}

std::unique_ptr<sql::Db> open_in(const std::string& folder) {
    auto db = open_ledger(folder + "/ledger.db");
    ENSURE(db);
    (*db)->exec("PRAGMA synchronous = OFF");  // the tests are about rules, not about power cuts
    return std::move(*db);
}

SecretKeys some_keys() {
    SecretKeys keys;
    keys.code.fill(7);
    keys.seal.fill(9);
    return keys;
}

Pool any_pool() { return {.id = anywhere, .business = aroma, .name = "Anywhere"}; }

Plan gift_plan() {
    return {.id = gift25,
            .business = aroma,
            .name = "Gift 25",
            .printed = false,
            .currency = eur(),
            .value_min = Amount{100},
            .value_max = Amount{100'000},
            .pin = true,
            .pool = anywhere,
            .offline = true};
}

}  // namespace

// --- Device
// ------------------------------------------------------------------------------------------

Device::Device(Bench& on, std::string at, std::uint64_t seed)
    : bench(&on),
      venue(std::move(at)),
      key(key_from(seed)),
      random(seed + 1000),
      h_(crypto::device_id_of(key->public_key())) {}

Device Device::clone(std::uint64_t seed) const {
    Device copy = *this;
    copy.random = SeededRandom{seed};
    return copy;
}

std::int64_t Device::write(const journal::Record& record,
                           std::optional<std::vector<journal::Posting>> postings) {
    journal::Entry entry;
    entry.device = h_;
    entry.kind = journal::kind_of(record);
    random.fill(entry.nonce);
    entry.wall = bench->clock.at;
    entry.boot_id = "boot";
    entry.generation = generation;
    entry.postings = postings ? *postings : journal::postings_of(record);
    entry.detail = journal::to_detail(record);
    // Not sealed: a patched agent writes what it likes.
    entry.seq = head.seq + 1;
    entry.prev = head.hash;
    chain.push_back(journal::encode_body(entry));
    head = {entry.seq, journal::hash_of(chain.back())};
    for (const AuthorityLine& move : journal::held_moves(record, entry.postings)) {
        holds[move.subject] += move.amount.minor;
    }
    history.push_back(holds);
    return head.seq;
}

std::string Device::new_id() { return make_uuid7(bench->clock.at, random); }

std::int64_t Device::adopt(std::int64_t to) {
    generation = to;
    asks.clear();
    return write(journal::GenerationAdopted{to});
}

std::int64_t Device::ask(std::vector<AuthorityLine> lines) {
    const std::int64_t seq = write(journal::AuthorityAsked{false, std::move(lines)});
    asks[seq] = head.hash;
    return seq;
}

std::int64_t Device::ask(const Subject& subject, std::int64_t amount, Currency currency) {
    return ask({{subject, Amount{amount}, currency}});
}

std::int64_t Device::ask_placement() {
    const std::int64_t seq = write(journal::AuthorityAsked{true, {}});
    asks[seq] = head.hash;
    return seq;
}

std::int64_t Device::give_back(const Subject& subject, std::int64_t amount, Currency currency) {
    return write(journal::AuthorityReturned{"recall", {{subject, Amount{amount}, currency}}});
}

// One door: only a grant that answers an open ask of this very chain is taken, and once.
bool Device::take() {
    bool any = false;
    for (const wire::Grant& grant : grants) {
        const auto open = asks.find(grant.ask);
        if (open == asks.end() || open->second != grant.ask_hash) continue;
        asks.erase(open);
        write(journal::AuthorityTaken{grant.ask, grant.lines});
        any = true;
    }
    return any;
}

std::int64_t Device::take_as(std::int64_t ask, std::vector<AuthorityLine> lines) {
    asks.erase(ask);
    return write(journal::AuthorityTaken{ask, std::move(lines)});
}

journal::Purchase Device::purchase_record(std::int64_t amount) {
    const Subject pocket = bench->pocket();
    journal::Purchase out;
    out.id = PurchaseId{new_id()};
    out.wallet = maria;
    out.request = {.mode = SpendMode::max};
    out.facts.place = {VenueId{venue}, aroma};
    out.facts.zone = "Asia/Nicosia";
    out.facts.zone_version = zone_database_version();
    out.facts.now = bench->clock.at;
    out.facts.basket = {.currency = eur(),
                        .ticket = "",
                        .lines = {{.id = LineId{"1"},
                                   .sku = "C1",
                                   .quantity = "1",
                                   .amount = Amount{amount},
                                   .name = "Freddo",
                                   .brand = "",
                                   .family = "",
                                   .type = ""}}};
    for (const auto& [subject, has] : holds) {
        if (!subject.starts_with("lot:") || has <= 0) continue;
        const auto own = lots.find(LotId{subject.substr(4)});
        const auto body = bench->books.fact("lot", subject.substr(4));
        if (own == lots.end() && !body) continue;
        const Lot lot = own != lots.end() ? own->second : *journal::lot_from(Value{*body});
        out.facts.lots.push_back({lot, {Amount{has}, Amount{has}}});
    }
    if (!out.facts.lots.empty()) out.facts.pools.push_back(any_pool());
    out.facts.business = {Amount{held(pocket)}, Amount{held(pocket)}};
    out.decision = decide_purchase(out.facts, out.request);
    return out;
}

journal::Purchase Device::purchase(std::int64_t amount) {
    journal::Purchase record = purchase_record(amount);
    write(record);
    return record;
}

journal::Refund Device::refund(const journal::Purchase& purchase,
                               std::optional<std::int64_t> amount) {
    journal::Refund out;
    out.id = new_id();
    out.purchase = purchase.id;
    out.wallet = maria;
    out.venue = VenueId{venue};
    out.business = aroma;
    out.currency = eur();
    if (amount) out.request.amount = Amount{*amount};
    out.facts = {.basket = purchase.facts.basket,
                 .paid = purchase.decision.allocations,
                 .before = bench->books.known_rules(h_.text).refunds(purchase.id)};
    out.decision = decide_refund(out.facts, out.request);
    out.is_void = !amount;
    write(out);
    return out;
}

journal::PassRedeemed Device::redeem(const PassId& pass, std::int64_t value,
                                     std::optional<LotId> lot) {
    const LotId id = lot.value_or(LotId{new_id()});
    journal::PassRedeemed out;
    out.id = new_id();
    out.pass = pass;
    out.plan = gift25;
    out.venue = VenueId{venue};
    out.value = {Amount{value}, eur()};
    out.credit = {.wallet = maria,
                  .business = aroma,
                  .pocket = Pocket::commerce,
                  .lot = Lot{.id = id,
                             .wallet = maria,
                             .business = aroma,
                             .pool = anywhere,
                             .currency = eur(),
                             .valid = {},
                             .credited_at = bench->clock.at,
                             .source = "pass"},
                  .money = out.value};
    out.pool = any_pool();
    lots[id] = *out.credit.lot;
    write(out);
    return out;
}

std::int64_t Device::top_up(std::int64_t amount) {
    journal::TopUp out;
    out.id = new_id();
    out.venue = VenueId{venue};
    out.tender = "cash";
    out.credit = {.wallet = maria, .business = aroma, .money = {Amount{amount}, eur()}};
    return write(out);
}

wire::Push Device::message_from(std::int64_t seq, std::size_t most) {
    wire::Push push{.from_seq = seq, .entries = {}, .signature = {}};
    for (auto i = static_cast<std::size_t>(seq - 1); i < chain.size() && push.entries.size() < most;
         ++i) {
        push.entries.push_back(chain[i]);
    }
    const std::int64_t last = seq + static_cast<std::int64_t>(push.entries.size()) - 1;
    const journal::Hash hash =
        push.entries.empty() ? head.hash : journal::hash_of(push.entries.back());
    const crypto::Signature signature = key->sign(journal::signed_text(h_, {last, hash}));
    push.signature.assign(signature.begin(), signature.end());
    return push;
}

Result<wire::Receipt> Device::push_from(std::int64_t seq) {
    Result<wire::Receipt> receipt = bench->end.push(identity(), message_from(seq));
    if (receipt) {
        grants = receipt->grants;
        acked = std::max(acked, receipt->head.seq);
    }
    return receipt;
}

Result<wire::Receipt> Device::push() { return push_from(acked + 1); }

wire::Page Device::page() {
    const Result<FeedAnswer> answer =
        bench->end.feed_now(identity(), {.generation = generation, .cursor = cursor});
    ENSURE(answer);
    cursor = answer->page.to;
    grants = answer->page.grants;
    return answer->page;
}

Result<wire::Welcome> Device::hello() {
    return bench->end.hello(identity(),
                            {.head = head, .acked_seq = acked, .generation = generation});
}

void Device::sync() {
    do {
        ASSERT_TRUE(push());
    } while (take());
}

std::int64_t Device::held(const Subject& subject) const {
    const auto at = holds.find(subject);
    return at == holds.end() ? 0 : at->second;
}

crypto::Identity Device::identity() const {
    return {.device = h_.text,
            .venue = venue,
            .business = aroma.text,
            .serial = "1",
            .not_before = {},
            .not_after = {}};
}

// --- Bench
// -------------------------------------------------------------------------------------------

Bench::Bench(std::uint64_t seed)
    : folder(make_folder()),
      random(seed),
      keys(some_keys()),
      db(open_in(folder)),
      books(*db),
      end(*db, clock, random, keys, [this](const Wake& wake) {
          woken.all = woken.all || wake.all;
          woken.holders.insert(wake.holders.begin(), wake.holders.end());
          woken.venues.insert(wake.venues.begin(), wake.venues.end());
          woken.businesses.insert(wake.businesses.begin(), wake.businesses.end());
      }) {
    set_up();
}

Bench::~Bench() {
    db.reset();
    std::filesystem::remove_all(folder);
}

void Bench::set_up() {
    sql::Txn txn{*db};
    books.put_fact(
        "business", aroma.text, aroma,
        Map{{"id", aroma.text}, {"name", "Aroma"}, {"currency", "EUR"}, {"zone", "Asia/Nicosia"}});
    for (const char* id : {"nic", "lim", "paf"}) {
        books.put_fact("venue", id, aroma,
                       Map{{"id", id}, {"business", aroma.text}, {"zone", "Asia/Nicosia"}});
    }
    books.put_fact("pool", anywhere.text, aroma, *journal::to_value(any_pool()).map());
    books.put_fact("plan", gift25.text, aroma, *journal::to_value(gift_plan()).map());
    const Wallet wallet{.id = maria,
                        .contact = ContactId{"maria"},
                        .holder = "M. G.",
                        .currency = eur(),
                        .home = VenueId{"nic"}};
    books.put_fact("wallet", maria.text, aroma, *journal::to_value(wallet).map());
    txn.commit();
}

Device Bench::enrol(const std::string& venue, std::uint64_t seed, bool adopts) {
    Device device{*this, venue, seed};
    db->run(
        "INSERT INTO holder (h, venue, business, name, public_key, certificate, cache_key_sealed, "
        "head_hash, "
        "enrolled_at) VALUES (?, ?, ?, ?, ?, 'PEM', ?, ?, 0)",
        device.h().text, venue, aroma.text, venue + std::to_string(seed),
        ByteView(device.key->public_key()), Bytes{1}, Bytes{});
    device.write(journal::JournalOpened{VenueId{venue}, aroma, "test"});
    if (adopts) device.adopt();
    return device;
}

void Bench::fund(const Subject& subject, std::int64_t amount, const std::string& home) {
    sql::Txn txn{*db};
    books.ensure_subject(subject, aroma, VenueId{home}, eur());
    ENSURE(books.transfer(
        clock.at, "test", "money",
        {{"issue:aroma", Amount{-amount}, eur()}, {subject, Amount{amount}, eur()}}));
    txn.commit();
    end.centre_changed();
}

PassId Bench::make_pass(const std::string& code, std::int64_t value, const std::string& venue,
                        const std::string& pin, PassState state) {
    sql::Txn txn{*db};
    NewPass pass{
        .id = derived_pass_id(keys, gift25, code), .plan = gift_plan(), .code = Secret{code}};
    if (!pin.empty()) pass.pin = Secret{pin};
    pass.state = state;
    pass.value = Amount{value};
    pass.venue = VenueId{venue};
    pass.from_account = "issue:aroma";
    pass.source = "test";
    ENSURE(add_pass(books, keys, pass, clock.at, random));
    txn.commit();
    end.centre_changed();
    return pass.id;
}

void Bench::write_off(const Device& device) {
    sql::Txn txn{*db};
    ENSURE(write_off_device(books, device.h(), "lost", clock.at, random));
    txn.commit();
    end.centre_changed();
}

std::int64_t Bench::centre(const Subject& subject) {
    const auto row = books.subject(subject);
    return row ? row->centre.minor : 0;
}

std::int64_t Bench::loss(const Subject& subject) {
    const auto row = books.subject(subject);
    return row ? row->loss.minor : 0;
}

std::int64_t Bench::held(const Device& device, const Subject& subject) {
    return position(*db, device.h(), subject).held.minor;
}

std::int64_t Bench::suspense(const Device& device, const Subject& subject) {
    return position(*db, device.h(), subject).suspense.minor;
}

std::int64_t Bench::exceptions(const std::string& code) {
    return db->value<std::int64_t>("SELECT count(*) FROM exception WHERE code = ?", code)
        .value_or(0);
}

std::string Bench::status(const Device& device) {
    return db->value<std::string>("SELECT status FROM holder WHERE h = ?", device.h().text)
        .value_or("");
}

void Bench::check() {
    const auto none = [&](const char* what, std::string_view sql) {
        db->each(sql, [&](sql::Statement& row) { ADD_FAILURE() << what << ": " << row.text(0); });
    };
    none("a transfer does not sum to zero",
         "SELECT CAST(transfer AS TEXT) FROM posting GROUP BY transfer, currency HAVING sum(minor) "
         "<> 0");
    none("an account differs from its postings",
         "SELECT a.account FROM account a WHERE a.minor <> (SELECT coalesce(sum(p.minor), 0) FROM "
         "posting p "
         "WHERE p.account = a.account AND p.currency = a.currency)");
    none("I2: centre and held differ from value and loss",
         "SELECT s.subject FROM subject s WHERE s.centre + (SELECT coalesce(sum(minor), 0) FROM "
         "held h WHERE "
         "h.subject = s.subject) <> s.loss + (SELECT coalesce(sum(minor), 0) FROM account a WHERE "
         "a.account = s.subject)");
    none("held or suspense below zero", "SELECT subject FROM held WHERE minor < 0");
    none(
        "a chain has a gap",
        "SELECT h FROM holder WHERE head_seq <> (SELECT count(*) FROM entry e WHERE e.h = holder.h "
        "AND e.branch = 0)");
}

namespace {

TEST(LedgerBench, ADeviceHoldsWhatItsChainFolds) {
    Bench bench;
    bench.fund_pocket(1000);
    Device nic = bench.enrol("nic", 1);
    nic.ask(bench.pocket(), 400);
    nic.sync();
    EXPECT_EQ(nic.held(bench.pocket()), 400);
    nic.purchase(150);
    nic.sync();
    EXPECT_EQ(nic.held(bench.pocket()), 250);
    EXPECT_EQ(bench.held(nic, bench.pocket()), 250);
    EXPECT_EQ(bench.exceptions("replay_mismatch"), 0);
    bench.check();
}

}  // namespace

}  // namespace obol::ledger::test
