#pragma once
// Counters and gauges for Prometheus. No amounts, names or codes: anyone on the machine may read them.

#include <memory>
#include <string>

#include "agent/app/context.hpp"

namespace obol::agent {

class Metrics {
public:
    Metrics();
    ~Metrics();
    Metrics(const Metrics&) = delete;
    Metrics& operator=(const Metrics&) = delete;

    void count_request(const std::string& route, int status);
    std::string text(Context& context);  // gauges are read at this moment

private:
    struct Impl;
    std::unique_ptr<Impl> impl_;
};

}  // namespace obol::agent
