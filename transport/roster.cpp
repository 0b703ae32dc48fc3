#include "transport/roster.hpp"

#include "transport/limits.hpp"
#include "transport/names.hpp"

#include <fmt/format.h>
#include <sodium.h>

#include <algorithm>

namespace elsec::transport {
namespace {

using domain::error_code;

// A point of small order would make the shared secret known to everyone, so that anyone could use that peer's name.
bool is_usable(const curve_key& key, const curve_pair& own_keys) {
  curve_key shared{};
  const bool usable = crypto_scalarmult(shared.data(), own_keys.secret_key.view().data(), key.data()) == 0;
  sodium_memzero(shared.data(), shared.size());
  return usable;
}

// What is wrong with one entry taken alone; empty when nothing is.
std::string_view defect_of(const peer& entry, const curve_pair& own_keys) {
  if (!is_node_name(entry.name)) return "the name must be 1 to 40 characters of a-z, 0-9 and -";
  if (!is_peer_endpoint(entry.endpoint)) return "the endpoint must look like tcp://host:port";
  if (entry.public_keys.empty() || entry.public_keys.size() > keys_per_peer_max)
    return "there must be one public key, or two while keys change";
  if (!std::ranges::all_of(entry.public_keys, [&](const curve_key& key) { return is_usable(key, own_keys); }))
    return "a public key is no usable Curve25519 key";
  return {};
}

}  // namespace

domain::result<roster> roster::make(std::vector<peer> peers, const std::string& own_name, const curve_pair& own_keys) {
  if (peers.size() > peers_max) return domain::fail(error_code::invalid, "the node list holds too many nodes");
  roster list;
  for (std::size_t i = 0; i < peers.size(); ++i) {
    auto& entry = peers[i];
    if (entry.name == own_name) continue;
    auto refuse = [i](std::string_view why) {
      return domain::fail(error_code::invalid, fmt::format("entry {} of the node list: {}", i + 1, why));
    };
    if (const auto defect = defect_of(entry, own_keys); !defect.empty()) return refuse(defect);
    for (const auto& key : entry.public_keys) {
      if (key == own_keys.public_key || !list.owners_.try_emplace(key, entry.name).second)
        return refuse("a public key is listed twice");
    }
    auto name = entry.name;
    if (!list.peers_.try_emplace(std::move(name), std::move(entry)).second) return refuse("the name is listed twice");
  }
  return list;
}

std::optional<std::string> roster::owner_of(const curve_key& key) const {
  const auto found = owners_.find(key);
  if (found == owners_.end()) return std::nullopt;
  return found->second;
}

bool roster::loses_keys_in(const roster& next) const {
  return !std::ranges::all_of(owners_, [&](const auto& entry) { return next.owner_of(entry.first) == entry.second; });
}

domain::result<void> check_own_keys(const curve_pair& keys) {
  if (keys.secret_key.empty()) return domain::fail(error_code::invalid, "the node has no CURVE key");
  curve_key derived{};
  if (crypto_scalarmult_base(derived.data(), keys.secret_key.view().data()) != 0 || derived != keys.public_key)
    return domain::fail(error_code::invalid, "the node's public CURVE key does not belong to its secret key");
  return {};
}

}  // namespace elsec::transport
