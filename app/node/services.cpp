#include "app/node/services.hpp"

#include "app/node/process.hpp"
#include "capabilities/all.hpp"
#include "decisions/card_index.hpp"

#include <spdlog/spdlog.h>

#include <ctime>
#include <filesystem>

namespace elsec::app {

using domain::error_code;

namespace {

domain::time_point system_now() {
  return std::chrono::floor<std::chrono::milliseconds>(std::chrono::system_clock::now());
}

std::chrono::nanoseconds system_since_boot() {
  timespec since{};
  ::clock_gettime(CLOCK_BOOTTIME, &since);
  return std::chrono::seconds(since.tv_sec) + std::chrono::nanoseconds(since.tv_nsec);
}

decisions::policy policy_of(const settings& wanted) {
  const auto& limits = wanted.limits;
  const auto days = std::chrono::days(wanted.retention.days);
  return {.tenant_quota_bytes = wanted.storage.tenant_quota_bytes,
          .free_reserve_bytes = wanted.storage.free_reserve_bytes,
          .document_bytes_max = limits.document_bytes_max,
          .retention = {.after_dispatch = days, .unsent = days},
          .letter_grace = std::chrono::seconds(wanted.letters.grace_seconds),
          .letter_color = wanted.letters.color,
          .letter_duplex = wanted.letters.duplex,
          .spool_poll = std::chrono::milliseconds(wanted.spool.poll_ms),
          .session_idle = std::chrono::minutes(limits.session_idle_minutes),
          .session_max = std::chrono::hours(limits.session_hours_max),
          .password_wait = std::chrono::milliseconds(limits.password_wait_ms),
          .logins_failed_free = static_cast<unsigned>(limits.logins_failed_delay_from),
          .idempotency = std::chrono::hours(limits.idempotency_hours)};
}

std::vector<decisions::known_node> nodes_of(const settings& wanted) {
  std::vector<decisions::known_node> nodes;
  for (const auto& entry : wanted.nodes) {
    decisions::known_node node{entry.name, {entry.receipt_key}};
    if (entry.next_receipt_key) node.receipt_keys.push_back(*entry.next_receipt_key);
    nodes.push_back(std::move(node));
  }
  return nodes;
}

// The node list must tell the others the keys this node really has.
domain::result<void> check_own_entry(const settings& wanted, const node_identity& identity) {
  const auto& own = wanted.own_entry();
  const auto where = wanted.file + ":" + std::to_string(own.line) + ": ";
  if (own.curve_key != identity.curve.public_key && own.next_curve_key != identity.curve.public_key)
    return domain::fail(error_code::invalid, where + "nodes.curve_key: is not the key in " + wanted.keys.node_file);
  if (own.receipt_key != identity.signing.verify_key() && own.next_receipt_key != identity.signing.verify_key())
    return domain::fail(error_code::invalid, where + "nodes.receipt_key: is not the key in " + wanted.keys.node_file);
  return {};
}

domain::result<void> open_storage(decisions::services& services, const settings& wanted) {
  const auto& folder = wanted.node.data_dir;
  std::error_code failed;
  std::filesystem::create_directories(folder, failed);
  if (failed) return domain::fail(error_code::io, folder + ": " + failed.message());
  // The slots first: their file is locked, so that no other process writes to the databases while they are looked
  // through.
  auto slots = crypto::slot_file::open(
      {.path = wanted.slots.file, .mirror_path = wanted.slots.mirror, .any_file_system = wanted.slots.any_file_system},
      wanted.slots.key);
  if (!slots) return std::unexpected(slots.error());
  if ((*slots)->on_unsuitable_file_system())
    spdlog::warn("slots: this file system may keep what is overwritten; closing is not final here");
  auto store = storage::store::open(
      {.folder = folder + "/state", .map_bytes = wanted.storage.map_bytes_max, .accept_rows = wanted.accept_state},
      wanted.keys.master, decisions::state_schema());
  if (!store) return std::unexpected(store.error());
  if (wanted.accept_state) spdlog::warn("state: accepted as it is; what was missing or outdated stays so");
  auto content = storage::content_store::open(folder + "/content", wanted.storage.map_bytes_max);
  if (!content) return std::unexpected(content.error());
  services.store = std::move(*store);
  services.content = std::move(*content);
  services.slots = std::move(*slots);
  return {};
}

}  // namespace

std::vector<transport::peer> peers_of(const settings& wanted) {
  std::vector<transport::peer> peers;
  for (const auto& entry : wanted.nodes) {
    transport::peer peer{entry.name, entry.endpoint, {entry.curve_key}};
    if (entry.next_curve_key) peer.public_keys.push_back(*entry.next_curve_key);
    peers.push_back(std::move(peer));
  }
  return peers;
}

domain::result<foundation> lay_foundation(const settings& wanted, std::atomic<bool>& ready) {
  auto identity = read_identity(wanted.keys.node_file, wanted.keys.master);
  if (!identity) return std::unexpected(identity.error());
  if (auto ok = check_own_entry(wanted, *identity); !ok) return std::unexpected(ok.error());
  auto services = std::make_shared<decisions::services>();
  services->node_name = wanted.node.name;
  services->signing = identity->signing;
  services->nodes = nodes_of(wanted);
  services->policy = policy_of(wanted);
  services->now = system_now;
  services->since_boot = system_since_boot;
  services->started_at = system_now();
  services->stop_process = stop_at_once;
  services->registry = capabilities::everything_registered();
  services->metrics = std::make_unique<decisions::metrics>();
  services->feeds = std::make_unique<decisions::watchers>();
  services->credentials = std::make_unique<decisions::watchers>();
  services->activity = std::make_unique<decisions::activity>(services->started_at);
  services->links = std::make_unique<decisions::link_board>();
  services->ready = &ready;
  if (auto opened = open_storage(*services, wanted); !opened) return std::unexpected(opened.error());
  return foundation{std::move(services), std::move(identity->curve)};
}

}  // namespace elsec::app
