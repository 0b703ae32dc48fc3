#include "app/node/running_node.hpp"

#include "actors/node.hpp"
#include "actors/supervision.hpp"
#include "app/node/process.hpp"
#include "app/node/services.hpp"
#include "gateway/gateway.hpp"
#include "gateway/gateway_actor.hpp"

#include <caf/all.hpp>
#include <spdlog/spdlog.h>

#include <algorithm>
#include <thread>

namespace elsec::app {

using domain::error_code;

namespace {

constexpr std::uint64_t actor_threads_min = 2;
constexpr std::size_t refusals_logged_per_second = 10;

struct actor_config : caf::actor_system_config {
  explicit actor_config(std::uint64_t threads) {
    add_message_types<caf::id_block::elsec>();
    set("scheduler.max-threads", static_cast<std::size_t>(threads));
    // Work stealing lets idle threads poll and then sleep for up to 10 ms; a shared queue wakes one at once.
    set("scheduler.policy", caf::atom("sharing"));
  }
};

std::uint64_t cores() { return std::max(1U, std::thread::hardware_concurrency()); }

std::string_view name_of(transport::refusal reason) {
  switch (reason) {
    case transport::refusal::handshake_failed:
      return "handshake_failed";
    case transport::refusal::unknown_key:
      return "unknown_key";
    case transport::refusal::wrong_domain:
      return "wrong_domain";
    case transport::refusal::malformed_envelope:
      return "malformed_envelope";
    case transport::refusal::sender_mismatch:
      return "sender_mismatch";
    case transport::refusal::wrong_receiver:
      return "wrong_receiver";
    case transport::refusal::version:
      return "version";
    case transport::refusal::flooding:
      return "flooding";
  }
  return "unknown";
}

// Refusals come as fast as a peer can send: the counters know them all, the log gets a few a second. One thread.
class refusal_log {
 public:
  void tell(const transport::refused& what) {
    const auto now = std::chrono::steady_clock::now();
    if (now - began_ >= std::chrono::seconds(1)) {
      if (left_out_ > 0) spdlog::warn("wire: refused {} more", left_out_);
      began_ = now;
      told_ = left_out_ = 0;
    }
    if (told_ == refusals_logged_per_second) {
      ++left_out_;
      return;
    }
    ++told_;
    spdlog::warn("wire: refused {} from {} at {}{}", name_of(what.reason),
                 what.peer.empty() ? "nobody known" : what.peer, what.address,
                 what.reason == transport::refusal::version
                     ? ": it speaks another version of the protocol; run the same release of elsecd on both nodes"
                     : "");
  }

 private:
  std::chrono::steady_clock::time_point began_{};
  std::size_t told_ = 0;
  std::size_t left_out_ = 0;
};

transport::callbacks callbacks_for(const actors::node_actor& node, const decisions::shared_services& services) {
  return {.received =
              [node](transport::envelope envelope) {
                caf::anon_send(node, std::make_shared<const transport::envelope>(std::move(envelope)));
              },
          .link_changed =
              [node](const std::string& peer, transport::link_event event) {
                caf::anon_send(node, actors::link_atom_v, peer, event == transport::link_event::connected);
              },
          .refused_message =
              [services, log = std::make_shared<refusal_log>()](const transport::refused& what) {
                services->metrics->node_refusal(name_of(what.reason));
                log->tell(what);
              }};
}

gateway::gateway_options gateway_options_of(const settings& wanted, std::string token) {
  const auto& limits = wanted.limits;
  return {.https = {wanted.https.listen.host, wanted.https.listen.port},
          .operator_api = {wanted.operator_api.listen.host, wanted.operator_api.listen.port},
          .tls = {.certificate = wanted.https.certificate_file,
                  .private_key = wanted.https.private_key_file,
                  .tls_1_2 = wanted.https.tls_1_2},
          .operator_token = std::move(token),
          .threads = static_cast<unsigned>(wanted.threads.gateway),
          .bounds = {.header_bytes_max = limits.header_bytes_max,
                     .json_body_bytes_max = limits.json_body_bytes_max,
                     .document_bytes_max = limits.document_bytes_max,
                     .handshake = std::chrono::seconds(limits.handshake_seconds),
                     .header = std::chrono::seconds(limits.header_seconds),
                     .idle = std::chrono::seconds(limits.idle_seconds),
                     .body_bytes_per_second_min = limits.body_bytes_per_second_min,
                     .connections_max = limits.connections_max,
                     .connections_per_address_max = limits.connections_per_address_max,
                     .requests_in_flight_max = limits.requests_in_flight_max,
                     .uploads_max = limits.uploads_max,
                     .uploads_per_tenant_max = limits.uploads_per_tenant_max,
                     .uploads_per_network_max = limits.uploads_per_network_max,
                     .uploads_per_address_max = limits.uploads_per_address_max,
                     .event_stream_bytes_max = limits.event_stream_bytes_max,
                     .session_idle = std::chrono::minutes(limits.session_idle_minutes)},
          .trusted_proxies = wanted.https.trusted_proxies,
          .node = {.version = ELSEC_VERSION, .public_url = wanted.https.public_url}};
}

domain::result<actors::postal_tools> postal_tools_of(const settings& wanted, const postal::worker_limits& limits,
                                                     std::function<domain::time_point()> now) {
  postal::spool_options options{.folder = wanted.spool.folder, .transform = {}, .now = std::move(now)};
  if (!wanted.spool.plaintext)
    options.transform = [key = *wanted.spool.print_room_key](std::span<const std::uint8_t> plain) {
      // The key was checked when the settings were read, so sealing to it cannot fail.
      return crypto::seal_to(key, plain).value();
    };
  auto carrier = postal::open_spool(std::move(options));
  if (!carrier) return std::unexpected(carrier.error());
  return actors::postal_tools{std::make_shared<postal::pdf_worker>(own_program(), limits), std::move(*carrier)};
}

}  // namespace

struct running_node::state {
  std::atomic<bool> ready{false};
  std::shared_ptr<decisions::services> services;
  // Links may send while the wire is being started or stopped.
  std::atomic<std::shared_ptr<transport::transport>> wire;
  std::unique_ptr<actor_config> config;
  std::unique_ptr<caf::actor_system> system;
  actors::node_actor node;
  actors::gateway_actor gateway;

  domain::result<void> start_actors(const settings& wanted);
  domain::result<void> start_wire(const settings& wanted, transport::curve_pair keys);
  domain::result<void> start_gateway(const settings& wanted);
};

domain::result<void> running_node::state::start_actors(const settings& wanted) {
  const postal::worker_limits limits{.memory_bytes = wanted.limits.worker_memory_bytes,
                                     .cpu = std::chrono::seconds(wanted.limits.worker_cpu_seconds),
                                     .wall = std::chrono::seconds(2 * wanted.limits.worker_cpu_seconds)};
  auto tools = postal_tools_of(wanted, limits, services->now);
  if (!tools) return std::unexpected(tools.error());
  services->send = [this](const std::string& peer, const transport::envelope& envelope) {
    const auto open = wire.load();
    return open ? open->send(peer, envelope) : transport::sent::not_connected;
  };
  const auto threads = wanted.threads.actors > 0 ? wanted.threads.actors : cores();
  config = std::make_unique<actor_config>(std::max(actor_threads_min, threads));
  system = std::make_unique<caf::actor_system>(*config);
  actors::node_tools all{.screening_worker = std::make_shared<postal::pdf_worker>(own_program(), limits),
                         .postal = std::move(*tools),
                         .peers = {},
                         .passwords = static_cast<std::size_t>(std::max<std::uint64_t>(1, cores() / 2))};
  for (const auto& entry : wanted.nodes) all.peers.push_back(entry.name);
  node = system->spawn(actors::node, decisions::shared_services(services), std::move(all));
  actors::end_process_with(node, "the node", services);
  return {};
}

domain::result<void> running_node::state::start_wire(const settings& wanted, transport::curve_pair keys) {
  transport::options options{.name = wanted.node.name,
                             .endpoint = wanted.transport.listen,
                             .keys = std::move(keys),
                             .peers = peers_of(wanted)};
  auto started = transport::transport::start(std::move(options), callbacks_for(node, services));
  if (!started) return std::unexpected(started.error());
  wire.store(std::shared_ptr<transport::transport>(std::move(*started)));
  return {};
}

domain::result<void> running_node::state::start_gateway(const settings& wanted) {
  auto token = read_token_file(wanted.operator_api.token_file);
  if (!token) return domain::fail(error_code::invalid, token.error());
  auto started = gateway::gateway::start(gateway_options_of(wanted, std::move(*token)), services, *system, node);
  if (!started) return std::unexpected(started.error());
  const std::shared_ptr<gateway::gateway> front = std::move(*started);
  spdlog::info("listening: https on port {}, operator on port {}", front->https_port(), front->operator_port());
  gateway = system->spawn<caf::detached>(gateway::gateway_behavior, front);
  actors::end_process_with(gateway, "the gateway", services);
  return {};
}

running_node::running_node(std::unique_ptr<state> s) : state_(std::move(s)) {}
running_node::~running_node() = default;

domain::result<std::unique_ptr<running_node>> running_node::start(const settings& wanted) {
  auto s = std::make_unique<state>();
  auto foundation = lay_foundation(wanted, s->ready);
  if (!foundation) return std::unexpected(foundation.error());
  s->services = foundation->services;
  if (auto ok = s->start_actors(wanted); !ok) return std::unexpected(ok.error());
  std::unique_ptr<running_node> started(new running_node(std::move(s)));
  auto& running = *started->state_;
  auto ok = running.start_wire(wanted, std::move(foundation->curve));
  if (ok) ok = running.start_gateway(wanted);
  if (!ok) {
    started->stop();
    return std::unexpected(ok.error());
  }
  running.ready.store(true);
  spdlog::info("ready: node {}", wanted.node.name);
  return started;
}

void running_node::stop() {
  auto& running = *state_;
  running.ready.store(false);
  const auto ask_to_stop = [&](auto& actor) {
    caf::scoped_actor self{*running.system};
    if (actor) self->request(actor, caf::infinite, actors::stop_atom_v).receive([](caf::unit_t) {}, [](caf::error&) {});
    actor = nullptr;
  };
  ask_to_stop(running.gateway);
  running.wire.store(nullptr);
  ask_to_stop(running.node);
  // Those that nobody waits for, too, like whoever carries an answer to the gateway.
  running.system->await_all_actors_done();
  // Whoever works with storage holds the services, and with them what is open: it closes behind the last of them.
  running.services.reset();
}

}  // namespace elsec::app
