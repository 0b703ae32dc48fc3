#pragma once
// What every decision, read and actor works with: storage, keys, identity, clock, policy. Made once by the process,
// shared and read-only from then on; the few parts that change are thread-safe by themselves.

#include "crypto/sign.hpp"
#include "crypto/slots.hpp"
#include "decisions/clock_board.hpp"
#include "decisions/content_board.hpp"
#include "decisions/limits.hpp"
#include "decisions/metrics.hpp"
#include "decisions/registry.hpp"
#include "decisions/watchers.hpp"
#include "domain/document.hpp"
#include "domain/receipt.hpp"
#include "storage/content_store.hpp"
#include "storage/store.hpp"
#include "transport/transport.hpp"

#include <array>
#include <atomic>
#include <functional>
#include <map>
#include <memory>
#include <mutex>
#include <string>
#include <unordered_map>
#include <vector>

namespace elsec::decisions {

// A node of the network as the configuration names it.
struct known_node {
  std::string name;
  std::vector<crypto::public_key> receipt_keys;  // current first, then the next one
};

// Settings that decisions follow; units in the names.
struct policy {
  std::uint64_t tenant_quota_bytes = 50ULL << 30;
  std::uint64_t free_reserve_bytes = 2ULL << 30;
  std::uint64_t document_bytes_max = 1ULL << 30;
  domain::retention retention;
  std::chrono::seconds letter_grace{300};
  bool letter_color = true;
  bool letter_duplex = true;
  std::chrono::milliseconds spool_poll{1'000};
  std::chrono::minutes session_idle{30};
  std::chrono::hours session_max{12};
  std::chrono::milliseconds password_wait{2'000};
  unsigned logins_failed_free = 5;  // failed log-ins of an account before the next ones are delayed
  std::chrono::hours idempotency{24};
};

// When a credential was last used: an idle session ends, and none for the sake of another. In memory only; a start
// counts as a use. Thread-safe.
class activity {
 public:
  // `most`: of sessions that have not been idle for too long.
  explicit activity(domain::time_point started, std::size_t most = active_credentials_max)
      : started_(started), most_(most) {}
  // Whether the credential was used within `idle` before `now`; notes the use if so.
  [[nodiscard]] bool touch(const std::string& credential, domain::time_point now, std::chrono::milliseconds idle);
  // Whether another session may begin.
  [[nodiscard]] bool has_room(domain::time_point now, std::chrono::milliseconds idle);
  void begin(const std::string& credential, domain::time_point now);
  void forget(const std::string& credential);
  [[nodiscard]] std::size_t remembered() const;

 private:
  // Of a credential's hash as much as tells it from all others.
  using short_key = std::array<char, 32>;
  struct short_hash {
    std::size_t operator()(const short_key& key) const noexcept {
      return std::hash<std::string_view>{}({key.data(), key.size()});
    }
  };
  static short_key short_of(const std::string& credential);
  void forget_idle(domain::time_point now, std::chrono::milliseconds idle);

  mutable std::mutex mutex_;
  std::unordered_map<short_key, domain::time_point, short_hash> last_use_;
  std::size_t forget_at_ = 10'000;  // so many, and the idle ones are looked for
  domain::time_point forget_next_{};
  domain::time_point started_;
  std::size_t most_;
};

// Failed log-ins of each account: from a number on the next must wait, longer each time, never for good. In memory
// only. Thread-safe.
class log_in_delays {
 public:
  // When the next attempt may be made; the past when it need not wait.
  [[nodiscard]] domain::time_point until(const domain::user_id& user) const;
  // `free`: failures that delay nothing yet.
  void failed(const domain::user_id& user, domain::time_point now, unsigned free);
  void succeeded(const domain::user_id& user);

 private:
  struct failures {
    unsigned count = 0;
    domain::time_point until{};
  };
  mutable std::mutex mutex_;
  std::unordered_map<domain::user_id, failures> of_;
};

// Which peers are linked, for /ready.
class link_board {
 public:
  void set(const std::string& node, bool up);
  [[nodiscard]] std::map<std::string, bool> all() const;

 private:
  mutable std::mutex mutex_;
  std::map<std::string, bool> up_;
};

struct services {
  std::string node_name;
  crypto::signing_key signing;
  std::vector<known_node> nodes;
  decisions::policy policy;
  std::function<domain::time_point()> now;
  // Time since the machine was started, sleep included. Must be set.
  std::function<std::chrono::nanoseconds()> since_boot;
  domain::time_point started_at{};

  std::unique_ptr<storage::store> store;
  std::unique_ptr<storage::content_store> content;
  std::unique_ptr<crypto::slot_file> slots;
  std::unique_ptr<decisions::metrics> metrics;
  std::unique_ptr<watchers> feeds;        // by organisation id
  std::unique_ptr<watchers> credentials;  // by credential key, notified when it is revoked
  std::unique_ptr<decisions::activity> activity;
  std::unique_ptr<decisions::log_in_delays> log_ins = std::make_unique<decisions::log_in_delays>();
  std::unique_ptr<link_board> links;
  std::unique_ptr<clock_board> clock = std::make_unique<clock_board>();
  std::unique_ptr<content_board> contents = std::make_unique<content_board>();
  decisions::registry registry;  // what the capabilities make of what happens
  // Set while the transport runs.
  std::function<transport::sent(const std::string&, const transport::envelope&)> send;
  // A write or sync failed: nothing may be assumed about the disk any more. Logs the sentence and ends the process at
  // once.
  std::function<void(const std::string&)> stop_process;
  std::atomic<bool>* ready = nullptr;
  // Called before each commit, and after it before anything acts on it: there the simulation lets nodes die.
  std::function<void()> committing = [] {};
  std::function<void()> committed = [] {};

  [[nodiscard]] const known_node* find_node(std::string_view name) const;
  // Looks at the clocks: whether work that cannot be undone must wait. Asked after the time by which it is due
  // was read, so that no jump comes in between.
  [[nodiscard]] bool irrevocable_work_waits() const;
};

using shared_services = std::shared_ptr<const services>;

}  // namespace elsec::decisions
