#pragma once
// Who burdens the listener: bodies that do not come, uploads under way, and requests that fail, by address and network,
// uploads by organisation, too.
//
// A whole hospital may share one address. So an address is never held against a request as such: only what does not
// finish or fails is counted for it, and only that is slowed (beyond a share of a cap), and refused (beyond the cap).
// Thread-safe; time comes in as an argument.

#include "domain/error.hpp"
#include "gateway/limits.hpp"

#include <boost/asio/ip/address.hpp>

#include <array>
#include <chrono>
#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <mutex>
#include <string>
#include <string_view>
#include <utility>

namespace elsec::gateway {

namespace asio = boost::asio;

// What of an address counts as one client, and what as its network: an IPv4 address and its /24; of IPv6 the /64, which
// one customer owns, and the /48, which one site does.
struct origin {
  std::uint64_t address = 0;
  std::uint64_t network = 0;

  bool operator==(const origin&) const = default;
};
[[nodiscard]] origin origin_at(const asio::ip::address& where) noexcept;

// Why something is not waited for, or answered otherwise.
enum class burden : std::uint8_t {
  none,
  bodies,
  bodies_of_network,
  bodies_of_address,
  uploads,
  uploads_of_network,
  uploads_of_address,
  uploads_of_tenant,
  failures_of_network,
  failures_of_address
};
// As in elsec_http_refusals_total{reason}: "uploads_of_tenant".
[[nodiscard]] std::string_view name_of(burden why) noexcept;
// What its client is told: 429, and 503 where it is nobody's in particular.
[[nodiscard]] domain::error error_of(burden why);

// Something counted, until this is released or gone.
class held_place {
 public:
  held_place() = default;
  explicit held_place(std::function<void()> give_back) : give_back_(std::move(give_back)) {}
  held_place(held_place&& other) noexcept : give_back_(std::exchange(other.give_back_, nullptr)) {}
  held_place& operator=(held_place&& other) noexcept {
    release();
    give_back_ = std::exchange(other.give_back_, nullptr);
    return *this;
  }
  ~held_place() { release(); }

  void release() {
    if (const auto give_back = std::exchange(give_back_, nullptr)) give_back();
  }
  [[nodiscard]] explicit operator bool() const noexcept { return give_back_ != nullptr; }

 private:
  std::function<void()> give_back_;
};

// How often something has happened to somebody of late: what is a minute old counts a third. Holds a bounded number of
// entries; the least go first.
class fading_counts {
 public:
  using time = std::chrono::steady_clock::time_point;

  explicit fading_counts(std::size_t entries_max, double count_max)
      : entries_max_(entries_max), count_max_(count_max) {}

  // Counts one more; how many there are now, at most `count_max`, so that even the worst is forgotten in minutes.
  double add(std::uint64_t who, time now);
  [[nodiscard]] double count(std::uint64_t who, time now) const;
  [[nodiscard]] std::size_t entries() const noexcept { return counts_.size(); }

 private:
  struct entry {
    double count = 0;
    time at{};
  };
  [[nodiscard]] static double faded(const entry& one, time now);
  void make_room(time now);

  std::size_t entries_max_;
  double count_max_;
  std::map<std::uint64_t, entry> counts_;  // ordered: clients choose their keys, and cannot make these collide
};

class clients : public std::enable_shared_from_this<clients> {
 public:
  enum class body_use : std::uint8_t { json, upload };

  // What is to become of something that burdens us.
  struct verdict {
    burden refused = burden::none;
    std::chrono::milliseconds delay{0};  // before it goes on, or is answered
  };
  struct claim {
    verdict how;
    held_place place{};  // empty when refused
  };

  explicit clients(const limits& bounds);

  // A body that has not come promptly: it is waited for only while a place is held for it.
  [[nodiscard]] claim late_body(const origin& whose, body_use use);
  // An upload that begins.
  [[nodiscard]] claim upload(std::string_view tenant);
  // A request that could not be read or was not allowed, or a handshake that came to nothing.
  [[nodiscard]] verdict failed(const origin& whose, fading_counts::time now);

  // Held now.
  [[nodiscard]] std::size_t late_bodies(body_use use) const;
  [[nodiscard]] std::size_t uploads() const;

 private:
  struct caps {
    std::size_t total, per_network, per_address;
    burden of_all, of_network, of_address;
  };
  struct tally {
    std::size_t total = 0;
    std::map<std::uint64_t, std::size_t> networks{}, addresses{};
  };
  [[nodiscard]] std::chrono::milliseconds delay_at(double share, double free_share) const;
  void forget_late(const origin& whose, body_use use);
  void forget_upload(const std::string& tenant);

  const limits bounds_;
  const std::array<caps, 2> late_caps_;  // by body_use
  mutable std::mutex mutex_;
  std::array<tally, 2> late_{};  // by body_use
  std::size_t uploads_ = 0;
  std::map<std::string, std::size_t, std::less<>> tenants_;
  fading_counts failing_networks_;
  fading_counts failing_addresses_;
};

}  // namespace elsec::gateway
