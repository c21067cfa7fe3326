#pragma once
// POST /enrol/v1 on the sync port: the one call there that needs no client certificate.

#include "sync/ledger/api/admin.hpp"
#include "sync/ledger/store/enrolment.hpp"

namespace obol::ledger {

class EnrolRoute {
public:
    // The CA may change while the route stands.
    EnrolRoute(Office office, std::function<Authority()> authority)
        : office_(std::move(office)), authority_(std::move(authority)) {}
    net::Reply handle(const net::Request& request);

private:
    Office office_;
    std::function<Authority()> authority_;
};

}  // namespace obol::ledger
