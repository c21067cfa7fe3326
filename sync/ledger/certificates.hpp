#pragma once
// What the ledger shows of itself and whom it believes, while it runs: the server's certificate renews itself
// from the CA when two thirds of its life are over, and a CA that was replaced is believed until it ends.

#include <optional>
#include <string>
#include <vector>

#include "sync/ledger/config.hpp"
#include "sync/ledger/credentials.hpp"
#include "sync/ledger/store/enrolment.hpp"
#include "sync/net/http.hpp"

namespace obol::ledger {

class Certificates {
public:
    Certificates(const Config& config, const Credentials& credentials, WallClock& wall, Random& random);

    // Renews the server's certificate if it is due; true: then it has to be presented. Fault file_unwritable:
    // the old one is shown on.
    Result<bool> look();
    // How long until it is worth looking again.
    Millis pause() const;
    // The alarm, a fortnight before the server's certificate or the CA ends: what nobody renewed.
    std::optional<std::string> ending() const;

    net::ServerTls for_people() const;   // the admin port
    net::ServerTls for_devices() const;  // the sync port
    Authority authority() const;
    std::string serving_ca() const;        // PEM, of the chain that is shown
    std::vector<std::string> cas() const;  // fingerprints of all that devices have to believe

private:
    std::vector<std::string> believed() const;  // the serving one first
    Millis alarm_before(Millis life) const;

    const Config& config_;
    const Credentials& credentials_;
    WallClock& wall_;
    Random& random_;
    std::string server_certificate_;
};

}  // namespace obol::ledger
