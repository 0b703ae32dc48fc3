#include "decisions/metrics.hpp"

#include <prometheus/counter.h>
#include <prometheus/gauge.h>
#include <prometheus/registry.h>
#include <prometheus/text_serializer.h>

#include <algorithm>
#include <array>
#include <atomic>

namespace elsec::decisions {
namespace {

constexpr std::size_t statuses_max = 599;

}  // namespace

struct metrics::state {
  prometheus::Registry registry;
  prometheus::Family<prometheus::Counter>& responses = counters("elsec_http_responses_total", "HTTP answers by status");
  prometheus::Family<prometheus::Counter>& refusals =
      counters("elsec_http_refusals_total", "Connections and requests refused before a route");
  prometheus::Family<prometheus::Counter>& node_refusals =
      counters("elsec_node_refusals_total", "Messages and handshakes between nodes that were refused");
  prometheus::Family<prometheus::Counter>& resyncs =
      counters("elsec_resyncs_total", "Times a peer or this node was found to be an older copy of itself");
  // Looking a counter up takes a lock and builds its labels: every answer would.
  std::array<std::atomic<prometheus::Counter*>, statuses_max + 1> responses_by_status{};
  prometheus::Counter& commits = counters("elsec_commits_total", "Transactions synced to disk").Add({});
  prometheus::Counter& change_sets = counters("elsec_change_sets_total", "Change sets committed").Add({});
  prometheus::Family<prometheus::Counter>& dispatches =
      counters("elsec_dispatches_total", "Dispatches that entered a state");
  prometheus::Family<prometheus::Counter>& letters = counters("elsec_letters_total", "Letters that entered a state");
  prometheus::Family<prometheus::Gauge>& outbox =
      prometheus::BuildGauge().Name("elsec_outbox_rows").Help("Envelopes sent and not acknowledged").Register(registry);
  prometheus::Family<prometheus::Gauge>& aside = prometheus::BuildGauge()
                                                     .Name("elsec_set_aside_rows")
                                                     .Help("Envelopes that wait until a peer understands them")
                                                     .Register(registry);
  prometheus::Family<prometheus::Counter>& given_up =
      counters("elsec_envelopes_given_up_total", "Envelopes that a peer has not understood until their last day");
  prometheus::Gauge& damaged = prometheus::BuildGauge()
                                   .Name("elsec_damaged_rows")
                                   .Help("Rows that cannot be read and were taken out of their tables")
                                   .Register(registry)
                                   .Add({});
  prometheus::Family<prometheus::Counter>& damaged_reads =
      counters("elsec_damaged_reads_total", "Reads that met a row that cannot be read");
  prometheus::Family<prometheus::Counter>& transfers_given_up =
      counters("elsec_transfers_given_up_total",
               "Incoming dispatches refused because they could not be stored until their last day");
  prometheus::Gauge& paused = prometheus::BuildGauge()
                                  .Name("elsec_clock_paused")
                                  .Help("1 while work that cannot be undone waits after a jump of the clock")
                                  .Register(registry)
                                  .Add({});
  prometheus::Counter& jumps = counters("elsec_clock_jumps_total", "Jumps of the time of day").Add({});

  prometheus::Family<prometheus::Gauge>& behind =
      prometheus::BuildGauge()
          .Name("elsec_deadlines_behind_seconds")
          .Help("Age of the oldest deadline that has come and is not yet met")
          .Register(registry);

  prometheus::Family<prometheus::Counter>& counters(const char* name, const char* help) {
    return prometheus::BuildCounter().Name(name).Help(help).Register(registry);
  }
};

metrics::metrics() : state_(std::make_unique<state>()) {}
metrics::~metrics() = default;

void metrics::http_response(unsigned status) {
  auto& place = state_->responses_by_status.at(std::min<std::size_t>(status, statuses_max));
  auto* counter = place.load();
  if (counter == nullptr) {
    // Adding the same labels twice gives the same counter, so it does not matter who is first.
    counter = &state_->responses.Add({{"status", std::to_string(status)}});
    place.store(counter);
  }
  counter->Increment();
}
void metrics::http_refusal(std::string_view reason) {
  state_->refusals.Add({{"reason", std::string(reason)}}).Increment();
}
void metrics::node_refusal(std::string_view reason) {
  state_->node_refusals.Add({{"reason", std::string(reason)}}).Increment();
}
void metrics::resync(std::string_view reason) { state_->resyncs.Add({{"reason", std::string(reason)}}).Increment(); }
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
void metrics::set_aside(const std::string& peer, std::size_t rows) {
  state_->aside.Add({{"peer", peer}}).Set(static_cast<double>(rows));
}
void metrics::envelope_given_up(const std::string& peer) { state_->given_up.Add({{"peer", peer}}).Increment(); }
void metrics::damaged_rows(std::size_t rows) { state_->damaged.Set(static_cast<double>(rows)); }
void metrics::damage_met(std::string_view table, std::uint64_t reads) {
  auto& counter = state_->damaged_reads.Add({{"table", std::string(table)}});
  counter.Increment(std::max(0.0, static_cast<double>(reads) - counter.Value()));
}
void metrics::transfer_given_up(const std::string& peer) {
  state_->transfers_given_up.Add({{"peer", peer}}).Increment();
}
void metrics::clock_paused(bool paused) { state_->paused.Set(paused ? 1 : 0); }
void metrics::clock_jumped() { state_->jumps.Increment(); }
void metrics::deadlines_behind(std::string_view kind, std::chrono::milliseconds age) {
  state_->behind.Add({{"kind", std::string(kind)}}).Set(std::chrono::duration<double>(age).count());
}

std::string metrics::text() const { return prometheus::TextSerializer{}.Serialize(state_->registry.Collect()); }

}  // namespace elsec::decisions
