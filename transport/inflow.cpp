#include "transport/inflow.hpp"

#include "transport/limits.hpp"

namespace elsec::transport {

struct inflow::hold {
  hold(account of_peer, account of_all, std::size_t size)
      : peer(std::move(of_peer)), all(std::move(of_all)), bytes(size) {
    *peer += bytes;
    *all += bytes;
  }
  ~hold() {
    *peer -= bytes;
    *all -= bytes;
  }
  hold(const hold&) = delete;
  hold& operator=(const hold&) = delete;

  account peer;
  account all;
  std::size_t bytes;
};

std::shared_ptr<const void> inflow::take(const std::string& peer, std::size_t bytes) {
  auto& mine = peers_[peer];
  if (mine == nullptr) mine = std::make_shared<std::atomic<std::size_t>>(0);
  const auto size = bytes + envelope_overhead_bytes;
  if (*mine + size > peer_bytes_max_ || *all_ + size > bytes_max_) return nullptr;
  return std::make_shared<const hold>(mine, all_, size);
}

}  // namespace elsec::transport
