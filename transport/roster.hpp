#pragma once
// The node list as the transport uses it: checked, without the own node, and searchable by key. Immutable.

#include "transport/transport.hpp"

#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace elsec::transport {

class roster {
 public:
  roster() = default;
  // `invalid` when an entry is malformed, a name or key occurs twice, a key is no usable Curve25519 point, or there are
  // too many. The error names the offending entry's position, never a key.
  [[nodiscard]] static domain::result<roster> make(std::vector<peer> peers, const std::string& own_name,
                                                   const curve_pair& own_keys);

  [[nodiscard]] const std::map<std::string, peer, std::less<>>& peers() const noexcept { return peers_; }
  [[nodiscard]] bool knows(std::string_view name) const { return peers_.contains(name); }
  // The peer that may use this key; nothing for any other key.
  [[nodiscard]] std::optional<std::string> owner_of(const curve_key& key) const;
  // True when a key this list admits is not admitted under the same name by `next`.
  [[nodiscard]] bool loses_keys_in(const roster& next) const;

 private:
  std::map<std::string, peer, std::less<>> peers_;
  std::map<curve_key, std::string> owners_;
};

// `invalid` when the public key does not belong to the secret one.
[[nodiscard]] domain::result<void> check_own_keys(const curve_pair& keys);

}  // namespace elsec::transport
