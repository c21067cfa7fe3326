// Makes an agent's database that has run for years: a million purchases, a million passes in the cache, by
// the real store. `obol-audit` finds nothing in it.
//
//   fill_agent CONFIG DATABASE ENTRIES PASSES        the codes of some passes go to standard output

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/io_context.hpp>
#include <cstdio>
#include <exception>

#include "agent/config.hpp"
#include "agent/credentials.hpp"
#include "agent/store/store.hpp"
#include "sync/domain/subject.hpp"
#include "sync/host/system.hpp"

namespace {

using namespace obol;
using namespace obol::agent;

const Currency eur = Currency::parse("EUR").value();
constexpr int purchases_a_commit = 10, purchases_a_wallet = 50, lines_an_entry = 500;
constexpr std::int64_t pass_value = 1000, price = 350, most_codes = 20'000;

class Filling {
public:
    Filling(const std::string& database, Credentials& credentials)
        : here_(credentials.here) {
        StoreOptions options;
        options.path = database;
        options.venue = here_.venue;
        options.business = here_.business;
        options.device_name = here_.device_name;
        options.own_thread = false;
        auto key = crypto::SigningKey::from_pem(credentials.key.to_pem());
        store_ = std::move(Store::open(loop_.get_executor(), options, {std::move(key.value()), credentials.cache_key},
                                       wall_, boot_, random_)
                               .value());
    }

    void passes(std::int64_t count) {
        told_ = std::max<std::int64_t>(1, count / most_codes);
        for (std::int64_t first = 0; first < count; first += lines_an_entry) {
            const std::int64_t end = std::min(count, first + lines_an_entry);
            write([&](WriteTxn& txn) {
                std::vector<journal::AuthorityLine> held;
                for (std::int64_t n = first; n < end; ++n) held.push_back(a_pass(txn, n));
                take(txn, std::move(held));
            });
        }
    }

    void purchases(std::int64_t count) {
        for (std::int64_t n = 0; n < count; n += purchases_a_commit) {
            if (n % purchases_a_wallet == 0) a_wallet(n / purchases_a_wallet);
            write([&](WriteTxn& txn) {
                for (std::int64_t i = n; i < std::min(count, n + purchases_a_commit); ++i) a_purchase(txn, i);
            });
        }
    }

private:
    void write(const std::function<void(WriteTxn&)>& work) {
        std::function<Result<int>(WriteTxn&)> job = [&work](WriteTxn& txn) -> Result<int> {
            work(txn);
            return 0;
        };
        std::optional<Result<int>> done;
        boost::asio::co_spawn(loop_, store_->write<int>(std::move(job)), [&done](std::exception_ptr thrown, Result<int> got) {
            if (thrown) std::rethrow_exception(thrown);
            done = std::move(got);
        });
        loop_.restart();
        loop_.run();
        if (!done || !*done) throw std::runtime_error(done ? done->error().code : "no answer");
    }

    static void take(WriteTxn& txn, std::vector<journal::AuthorityLine> lines) {
        const journal::AuthorityAsked asked{false, lines};
        const journal::AuthorityTaken taken{txn.append(asked).seq, std::move(lines)};
        txn.append(taken);
    }

    static std::string code_of(std::int64_t n) {
        static constexpr std::string_view letters = "23456789ABCDEFGHJKMNPQRSTUVWXYZ";
        std::string out(14, '2');
        auto rest = static_cast<std::uint64_t>(n) * 0x9e3779b97f4a7c15u;  // not one after the other
        for (char& letter : out) {
            letter = letters[rest % letters.size()];
            rest /= letters.size();
        }
        return out;
    }

    journal::AuthorityLine a_pass(WriteTxn& txn, std::int64_t n) {
        const std::string id = "bench-pass-" + std::to_string(n), code = code_of(n);
        const crypto::Digest digest = crypto::sha256(as_bytes(code));
        wire::Fact fact{"pass", id, false, {}};
        fact.body = {{"id", id}, {"plan", "gift10"}, {"state", "active"}, {"value", pass_value},
                     {"venue", here_.venue.text}, {"display", code.substr(code.size() - 4)},
                     {"digest", Bytes(digest.begin(), digest.end())}, {"pin_locked", false}};
        const std::int64_t as_of = txn.head().seq;
        txn.cache_fact(fact, as_of);
        const Subject subject = pass_subject(PassId{id});
        txn.cache_balance({subject, Amount{pass_value}, eur}, as_of);
        if (n % told_ == 0) std::printf("%s\n", code.c_str());
        return {subject, Amount{pass_value}, eur};
    }

    static WalletId wallet_of(std::int64_t n) { return WalletId{"bench-" + std::to_string(n)}; }
    void a_wallet(std::int64_t n) {
        write([&](WriteTxn& txn) {
            Wallet wallet;
            wallet.id = wallet_of(n);
            wallet.currency = eur;
            wallet.home = here_.venue;
            const journal::Value body = journal::to_value(wallet);
            const std::int64_t as_of = txn.head().seq;
            txn.cache_fact({"wallet", wallet.id.text, false, *body.map()}, as_of);
            const Subject pocket = business_subject(wallet.id, here_.business);
            const Amount money{price * purchases_a_wallet * 2};
            txn.cache_balance({pocket, money, eur}, as_of);
            take(txn, {{pocket, money, eur}});
        });
    }

    void a_purchase(WriteTxn& txn, std::int64_t n) {
        journal::Purchase it;
        it.id = PurchaseId{txn.new_id()};
        it.terminal = TerminalId{"T1"};
        it.wallet = wallet_of(n / purchases_a_wallet);
        it.facts.place = {here_.venue, here_.business};
        it.facts.zone = "Asia/Nicosia";
        it.facts.now = txn.now();
        it.facts.basket.currency = eur;
        it.facts.basket.lines = {{LineId{"1"}, "KF02", "1", Amount{price - 100}, "Freddo espresso", "Kafeneio", "Coffee", "goods"},
                                 {LineId{"2"}, "FB01", "1", Amount{100}, "Koulouri", "Fournos", "Bakery", "goods"}};
        it.decision.basket_total = it.decision.spent = Amount{price};
        PaidFrom paid;
        paid.pocket = Pocket::business;
        paid.amount = Amount{price};
        paid.lines = {{LineId{"1"}, Amount{price - 100}}, {LineId{"2"}, Amount{100}}};
        it.decision.allocations = {paid};
        it.receipt = txn.next_receipt_number();
        const Appended done = txn.append(it);
        const std::string answer = R"({"id":")" + it.id.text + R"(","entry":{"seq":)" + std::to_string(done.seq) +
                                   R"(,"hash":")" + to_hex(done.hash) + R"("},"currency":"EUR","basket_total":350,"spent":350,)" +
                                   R"("due":0,"allocations":[{"pocket":"business","amount":350}],"policy":")" +
                                   it.decision.policy + R"(","receipt":{"number":")" + it.receipt + R"("}})";
        txn.store_answer("T1", "bench-" + std::to_string(n), Bytes(32, 1), 201, answer, done.seq);
    }

    Here here_;
    std::int64_t told_ = 1;  // of so many passes one's code
    boost::asio::io_context loop_;
    host::SystemWallClock wall_;
    host::SystemBootClock boot_;
    crypto::SystemRandom random_;
    std::unique_ptr<Store> store_;
};

}  // namespace

int main(int argc, char** argv) {
    if (argc != 5) {
        std::fputs("fill_agent CONFIG DATABASE ENTRIES PASSES\n", stderr);
        return 2;
    }
    try {
        const Config config = read_config(argv[1]).value();
        Credentials credentials = load_credentials(config.credentials).value();
        Filling filling(argv[2], credentials);
        filling.passes(std::atoll(argv[4]));
        filling.purchases(std::atoll(argv[3]));
    } catch (const std::exception& error) {
        std::fprintf(stderr, "fill_agent: %s\n", error.what());
        return 1;
    }
}
