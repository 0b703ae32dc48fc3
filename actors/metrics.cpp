#include "actors/metrics.hpp"

#include <prometheus/counter.h>
#include <prometheus/gauge.h>
#include <prometheus/registry.h>
#include <prometheus/text_serializer.h>

namespace elsec::actors {

struct metrics::state {
  prometheus::Registry registry;
  prometheus::Family<prometheus::Counter>& responses = counters("elsec_http_responses_total", "HTTP answers by status");
  prometheus::Family<prometheus::Counter>& refusals =
      counters("elsec_http_refusals_total", "Connections and requests refused before a route");
  prometheus::Family<prometheus::Counter>& node_refusals =
      counters("elsec_node_refusals_total", "Messages and handshakes between nodes that were refused");
  prometheus::Counter& commits = counters("elsec_commits_total", "Transactions synced to disk").Add({});
  prometheus::Counter& change_sets = counters("elsec_change_sets_total", "Change sets committed").Add({});
  prometheus::Family<prometheus::Counter>& dispatches =
      counters("elsec_dispatches_total", "Dispatches that entered a state");
  prometheus::Family<prometheus::Counter>& letters = counters("elsec_letters_total", "Letters that entered a state");
  prometheus::Family<prometheus::Gauge>& outbox =
      prometheus::BuildGauge().Name("elsec_outbox_rows").Help("Envelopes sent and not acknowledged").Register(registry);

  prometheus::Family<prometheus::Counter>& counters(const char* name, const char* help) {
    return prometheus::BuildCounter().Name(name).Help(help).Register(registry);
  }
};

metrics::metrics() : state_(std::make_unique<state>()) {}
metrics::~metrics() = default;

void metrics::http_response(unsigned status) {
  state_->responses.Add({{"status", std::to_string(status)}}).Increment();
}
void metrics::http_refusal(std::string_view reason) {
  state_->refusals.Add({{"reason", std::string(reason)}}).Increment();
}
void metrics::node_refusal(std::string_view reason) {
  state_->node_refusals.Add({{"reason", std::string(reason)}}).Increment();
}
void metrics::commit(std::size_t change_sets) {
  state_->commits.Increment();
  state_->change_sets.Increment(static_cast<double>(change_sets));
}
void metrics::dispatch_entered(std::string_view entered) {
  state_->dispatches.Add({{"state", std::string(entered)}}).Increment();
}
void metrics::letter_entered(std::string_view entered) {
  state_->letters.Add({{"state", std::string(entered)}}).Increment();
}
void metrics::outbox_in_flight(const std::string& peer, std::size_t rows) {
  state_->outbox.Add({{"peer", peer}}).Set(static_cast<double>(rows));
}

std::string metrics::text() const { return prometheus::TextSerializer{}.Serialize(state_->registry.Collect()); }

}  // namespace elsec::actors
