#pragma once
// The keys a node is: its master key, the key of its slot file, and its identity towards other nodes.

#include "crypto/secret.hpp"
#include "crypto/sign.hpp"
#include "transport/transport.hpp"

#include <string>

namespace elsec::app {

struct node_identity {
  crypto::signing_key signing;  // receipts and cards (Ed25519)
  transport::curve_pair curve;  // the wire between nodes (Curve25519)
};

// The identity in a file sealed by the master key; `integrity` when the master key does not fit.
[[nodiscard]] domain::result<node_identity> read_identity(const std::string& path, const crypto::secret& master);

// Makes master.key, slots.key and node.keys in a folder (created with mode 0700 when missing), keeping those that
// exist. Returns one line of JSON with the public keys, as the node list of every node needs them.
[[nodiscard]] domain::result<std::string> make_keys(const std::string& folder);

}  // namespace elsec::app
