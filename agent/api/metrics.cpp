#include "agent/api/metrics.hpp"

#include <prometheus/counter.h>
#include <prometheus/gauge.h>
#include <prometheus/registry.h>
#include <prometheus/text_serializer.h>

#include <map>

#include "agent/app/devices.hpp"
#include "agent/store/print_jobs.hpp"

namespace obol::agent {

namespace {

prometheus::Gauge& gauge(prometheus::Registry& registry, const std::string& name, const std::string& help) {
    return prometheus::BuildGauge().Name(name).Help(help).Register(registry).Add({});
}

}  // namespace

struct Metrics::Impl {
    prometheus::Registry registry{};
    prometheus::Family<prometheus::Counter>& requests =
        prometheus::BuildCounter().Name("obol_http_requests_total").Help("Answered requests.").Register(registry);
    std::map<std::pair<std::string, int>, prometheus::Counter*> counters{};  // the family looks them up under a lock
    prometheus::Gauge& journal = gauge(registry, "obol_journal_entries", "Entries in the journal.");
    prometheus::Gauge& pending = gauge(registry, "obol_journal_pending", "Entries the centre has not booked yet.");
    prometheus::Gauge& at_risk = gauge(registry, "obol_at_risk_unreported",
                                       "Entries that spent without authority and that the centre has not booked yet.");
    prometheus::Gauge& link = gauge(registry, "obol_link_up", "1 while the link to the centre is up.");
    prometheus::Gauge& last_sync = gauge(registry, "obol_last_sync_seconds", "When the centre was last reached.");
    prometheus::Gauge& certificate =
        gauge(registry, "obol_certificate_ends_seconds", "When the device's certificate ends.");
    prometheus::Gauge& print_jobs = gauge(registry, "obol_print_jobs_open", "Print jobs that have not ended.");
    prometheus::Gauge& devices = gauge(registry, "obol_devices", "Devices that are configured.");
    prometheus::Gauge& not_ready = gauge(registry, "obol_devices_not_ready", "Devices that cannot do their work now.");
    prometheus::Gauge& clock = gauge(registry, "obol_clock_trusted", "1 while the system clock is believed.");
};

Metrics::Metrics() : impl_(std::make_unique<Impl>()) {}
Metrics::~Metrics() = default;

void Metrics::count_request(const std::string& route, int status) {
    prometheus::Counter*& counter = impl_->counters[{route, status}];
    if (counter == nullptr) {
        counter = &impl_->requests.Add({{"route", route.empty() ? "none" : route}, {"status", std::to_string(status)}});
    }
    counter->Increment();
}

std::string Metrics::text(Context& context) {
    Facts& facts = context.store.facts();
    const uplink::LinkState link = context.link.state();
    impl_->journal.Set(static_cast<double>(facts.head().seq));
    impl_->pending.Set(static_cast<double>(facts.pending()));
    impl_->at_risk.Set(static_cast<double>(facts.unreported_risk().count));
    impl_->link.Set(link.up ? 1 : 0);
    impl_->last_sync.Set(link.last_sync ? static_cast<double>(to_millis(*link.last_sync) / 1000) : 0);
    impl_->clock.Set(context.store.clock().judged().trusted ? 1 : 0);
    impl_->print_jobs.Set(static_cast<double>(open_print_jobs(facts)));
    if (const DeviceSet* devices = context.devices) {
        impl_->devices.Set(static_cast<double>(devices->printers.size() + devices->scanners.size() + devices->displays.size()));
        impl_->not_ready.Set(static_cast<double>(devices_not_ready(*devices)));
    }
    if (context.certificate) {
        impl_->certificate.Set(static_cast<double>(to_millis(context.certificate().valid_until) / 1000));
    }
    return prometheus::TextSerializer().Serialize(impl_->registry.Collect());
}

}  // namespace obol::agent
