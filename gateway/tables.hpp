#pragma once
// The route tables of the two listeners: what the capabilities describe, each with what serves it.

#include "gateway/backend.hpp"
#include "gateway/node_profile.hpp"
#include "gateway/router.hpp"

#include <string>
#include <vector>

namespace elsec::gateway {

// Everything of the public listener, its own description included.
[[nodiscard]] std::vector<route> public_table(const shared_backend& api, const node_profile& node);
// What is not under the public API's prefix: health, metrics, and what only an operator may do.
[[nodiscard]] std::vector<route> operator_table(const shared_backend& api);

// What the public table serves as its description; needs no node.
[[nodiscard]] std::string description(const node_profile& node);

}  // namespace elsec::gateway
