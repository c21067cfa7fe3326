#pragma once
// Receipts as the agent words them, for the tests of what prints them.

#include <string>

#include "drivers/ticket/document.hpp"

namespace obol::drivers::samples {

// As long as a signed receipt token, in the letters of QR's alphanumeric mode.
inline const std::string token =
    "OBOL1:AEBAGBAFAYDQQCIKBMGA2DQPCAIREEYUCULBOGAZDINRYHI6D4QCCIRDEQSSMJZIFEVCWLBNFYXTAMJSGM2DKNRXHA4TUOZ4HU7D"
    "6QCBIJBUIRKGI5EESSSLJRGU4T2QKFJFGVCVKZLVQWK2LNOF2XS7MBQWEY3EMVTGO2DJNJVWY3LON5YHC4TTOR2XM53YPF5HW7D5PZ74";

inline Document english() {
    Document paper;
    paper.title("Aroma").text("Nicosia, Ledra Street", Align::centre).rule(true);
    paper.text("RECEIPT", Align::centre, true);
    paper.columns("No. NIC1-1042", "2026-11-20 18:05").columns("Ticket T1-000123", "Till T1").columns("Holder", "M. G.");
    paper.rule();
    paper.columns("2 x Freddo espresso", "6.40");
    paper.columns("Cold-pressed olive oil from Anogyra village, 750 ml", "12.90");
    paper.columns("0.335 x Halloumi, per kg", "6.00").columns("Discount", "-1.00").rule();
    paper.columns("Total", "24.30 €", 0, true).columns("Paid from wallet", "20.00", 0, true);
    paper.columns("Happy hour", "15.00", 2).columns("Open balance", "5.00", 2).columns("Due", "4.30 €", 0, true).rule();
    paper.columns("Balance left", "64.00 €", 0, true).columns("Happy hour", "7.00", 2);
    paper.columns("until 2027-11-21", "", 4).columns("Café crème – “naïve” ½ price", "50.00", 2);
    paper.columns("Open balance", "7.00", 2).rule(true).text("Thank you", Align::centre);
    paper.qr(token).text("Keep this receipt: its code proves it.", Align::centre).cut();
    return paper;
}

inline Document greek() {
    Document paper;
    paper.title("Άρωμα Καφέ").text("Λευκωσία, οδός Λήδρας", Align::centre).rule(true);
    paper.text("ΑΝΤΙΓΡΑΦΟ", Align::centre, true, Size::tall).text("ΑΠΟΔΕΙΞΗ", Align::centre, true);
    paper.columns("Αρ. NIC1-1042", "20/11/2026 18:05").columns("Δελτίο T1-000123", "Ταμείο T1").columns("Κάτοχος", "Μ. Γ.");
    paper.rule();
    paper.columns("2 x Φρέντο εσπρέσο", "6,40").columns("Ελαιόλαδο Ανώγυρας έξτρα παρθένο 750 ml", "12,90");
    paper.columns("Προϊόν πρωτεΐνης ΐΰ ΪΫ", "6,00").columns("Café crème", "-1,00").rule();
    paper.columns("Σύνολο", "24,30 €", 0, true).columns("Από το πορτοφόλι", "20,00", 0, true);
    paper.columns("Ευτυχισμένη ώρα", "15,00", 2).columns("Ελεύθερο υπόλοιπο", "5,00", 2);
    paper.columns("Υπόλοιπο πληρωμής", "4,30 €", 0, true).rule();
    paper.columns("Υπόλοιπο πορτοφολιού", "64,00 €", 0, true).columns("έως 21/11/2027", "", 4);
    paper.rule().text("ΕΚΤΟΣ ΣΥΝΔΕΣΗΣ - δεν έχει επιβεβαιωθεί", Align::centre, true);
    paper.rule(true).text("Ευχαριστούμε", Align::centre).qr(token).cut();
    return paper;
}

// A logo, two papers, a bar code, the drawer.
inline Document gift() {
    Bitmap logo(96, 48);
    for (int y = 0; y < 48; ++y) {
        for (int x = 0; x < 96; ++x) {
            const int from_middle = (x - 48) * (x - 48) / 4 + (y - 24) * (y - 24);
            if (from_middle < 23 * 23 && (from_middle > 17 * 17 || from_middle < 6 * 6)) logo.set(x, y);
        }
    }
    Document paper;
    paper.pulse().image(logo).title("Gift").text("Δώρο 25,00 €", Align::centre, false, Size::large).feed();
    paper.columns("Code", "4F7K-22QX-9M3P").columns("PIN", "4817").barcode("4F7K22QX9M3P").feed().cut();
    paper.text("For the till", Align::right).barcode("20261120180512").feed().barcode("520123456789", Symbology::ean13).cut(false);
    return paper;
}

}  // namespace obol::drivers::samples
