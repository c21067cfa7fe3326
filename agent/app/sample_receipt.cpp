#include "agent/app/sample_receipt.hpp"

namespace obol::agent {

Receipt sample_receipt(std::string_view language) {
    const bool greek = language == "el";
    const auto either = [greek](const char* english, const char* hellenic) { return std::string(greek ? hellenic : english); };
    Receipt out;
    out.kind = ReceiptKind::purchase;
    out.number = "NIC1-1042";
    out.business = either("Aroma", "Άρωμα");
    out.venue = either("Nicosia, Ledra Street", "Λευκωσία, οδός Λήδρας");
    out.terminal = "T1";
    out.ticket = "T1-000123";
    out.zone = "Asia/Nicosia";
    out.at = parse_rfc3339("2026-11-20T16:05:00Z").value();
    out.currency = Currency::parse("EUR").value();
    out.items = {{LineId{"1"}, either("Freddo espresso", "Φρέντο εσπρέσο"), "2", Amount{640}},
                 {LineId{"2"}, either("Extra virgin olive oil from Anogyra, 750 ml", "Ελαιόλαδο Ανώγυρας έξτρα παρθένο 750 ml"), "1",
                  Amount{1290}},
                 {LineId{"3"}, either("Halloumi, per kg", "Χαλλούμι, το κιλό"), "0.335", Amount{600}},
                 {LineId{"4"}, either("Discount", "Έκπτωση"), "1", Amount{-100}}};
    out.total = Amount{2430};
    out.wallet_part = Amount{2000};
    out.other_part = Amount{430};
    const std::string happy = either("Happy hour", "Ευτυχισμένη ώρα");
    const Instant year_end = parse_rfc3339("2027-11-21T22:00:00Z").value();
    out.parts = {{Pocket::commerce, PoolId{"happy"}, happy, Amount{1500}, {},
                  {{LineId{"1"}, Amount{640}}, {LineId{"2"}, Amount{860}}}},
                 {Pocket::business, {}, {}, Amount{500}, {}, {{LineId{"2"}, Amount{430}}, {LineId{"3"}, Amount{70}}}}};
    out.awards = {{OfferId{"five"}, either("Five per cent back", "Πέντε τοις εκατό πίσω"), Amount{121}, year_end}};
    out.balances = {{Pocket::commerce, PoolId{"happy"}, happy, Amount{700}, year_end, {}},
                    {Pocket::commerce, PoolId{"any"}, either("No restriction", "Χωρίς περιορισμό"), Amount{5000}, {}, {}},
                    {Pocket::business, {}, {}, Amount{700}, {}, {}}};
    out.wallet = WalletId{"w1"};
    out.holder = either("M. G.", "Μ. Γ.");
    return out;
}

}  // namespace obol::agent
