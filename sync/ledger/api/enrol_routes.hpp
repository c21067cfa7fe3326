#pragma once
// POST /enrol/v1 on the sync port: the one call there that needs no client certificate.

#include "sync/ledger/api/admin.hpp"
#include "sync/ledger/store/enrolment.hpp"

namespace obol::ledger {

class EnrolRoute {
public:
    EnrolRoute(Office office, Authority authority)
        : office_(std::move(office)), authority_(std::move(authority)) {}
    net::Reply handle(const net::Request& request);

private:
    Office office_;
    Authority authority_;
};

}  // namespace obol::ledger
