#pragma once
// The address of a node as people write it.

#include "app/cli/failure.hpp"

#include <string>
#include <string_view>

namespace elsec::cli {

struct node_url {
  std::string host;  // name or address, IPv6 without brackets
  std::string port = "443";

  // "https://host" or "https://host:port": equal for equal nodes, so that a token goes to the node it was made for.
  [[nodiscard]] std::string str() const;
  // Value of the Host header.
  [[nodiscard]] std::string authority() const;

  bool operator==(const node_url&) const = default;
};

// `https://host[:port][/]`, the scheme may be left out. `usage` for anything else: plain HTTP (R12), paths, queries,
// user names.
[[nodiscard]] outcome<node_url> parse_node_url(std::string_view text);

}  // namespace elsec::cli
