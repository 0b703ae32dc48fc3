#pragma once
// What has arrived and is not done with, in bytes per peer. Envelopes wait in mailboxes that know no bound of their
// own: beyond its share a peer's envelopes are dropped, as a network may drop them, and the protocol sends them again.

#include <atomic>
#include <cstddef>
#include <map>
#include <memory>
#include <string>

namespace elsec::transport {

class inflow {
 public:
  // `peer_bytes_max` of one peer, `bytes_max` of all together.
  inflow(std::size_t peer_bytes_max, std::size_t bytes_max) : peer_bytes_max_(peer_bytes_max), bytes_max_(bytes_max) {}

  // Counts `bytes` (and what every envelope costs besides) until the last copy of the answer is gone, in whatever
  // thread; nothing when they do not fit. One thread at a time.
  [[nodiscard]] std::shared_ptr<const void> take(const std::string& peer, std::size_t bytes);

 private:
  using account = std::shared_ptr<std::atomic<std::size_t>>;
  struct hold;

  const std::size_t peer_bytes_max_;
  const std::size_t bytes_max_;
  account all_ = std::make_shared<std::atomic<std::size_t>>(0);
  std::map<std::string, account> peers_;
};

}  // namespace elsec::transport
