#pragma once
// What is counted, in Prometheus' terms. Thread-safe. Labels are codes and node names, never personal data.

#include <chrono>
#include <cstdint>
#include <memory>
#include <string>
#include <string_view>

namespace elsec::decisions {

class metrics {
 public:
  metrics();
  ~metrics();
  metrics(const metrics&) = delete;
  metrics& operator=(const metrics&) = delete;

  // elsec_http_responses_total{status}
  void http_response(unsigned status);
  // elsec_http_refusals_total{reason}: requests and connections that never reached a route
  void http_refusal(std::string_view reason);
  // elsec_node_refusals_total{reason}: what the wire between nodes refused
  void node_refusal(std::string_view reason);
  // elsec_resyncs_total{reason}: a peer or this node was put back to an older copy of its data
  void resync(std::string_view reason);
  // elsec_commits_total, elsec_change_sets_total: groups synced, and change sets in them
  void commit(std::size_t change_sets);
  // elsec_dispatches_total{state}
  void dispatch_entered(std::string_view entered);
  // elsec_letters_total{state}
  void letter_entered(std::string_view entered);
  // elsec_outbox_rows{peer}: sent and not yet acknowledged
  void outbox_in_flight(const std::string& peer, std::size_t rows);
  // elsec_set_aside_rows{peer}: waiting until the peer understands them
  void set_aside(const std::string& peer, std::size_t rows);
  // elsec_envelopes_given_up_total{peer}
  void envelope_given_up(const std::string& peer);
  // elsec_damaged_rows: taken out of their tables, because they cannot be read
  void damaged_rows(std::size_t rows);
  // elsec_damaged_reads_total{table}: reads that met a row that cannot be read, `reads` since the start
  void damage_met(std::string_view table, std::uint64_t reads);
  // elsec_transfers_given_up_total{peer}: dispatches that could not be brought here until their last day
  void transfer_given_up(const std::string& peer);
  // elsec_clock_paused: 1 while work that cannot be undone waits, because the time of day has jumped
  void clock_paused(bool paused);
  // elsec_clock_jumps_total
  void clock_jumped();

  // elsec_deadlines_behind_seconds{kind}: since when the oldest deadline that has come was to be met; 0: none waits
  void deadlines_behind(std::string_view kind, std::chrono::milliseconds age);

  // Text format 0.0.4.
  [[nodiscard]] std::string text() const;

 private:
  struct state;
  std::unique_ptr<state> state_;
};

}  // namespace elsec::decisions
