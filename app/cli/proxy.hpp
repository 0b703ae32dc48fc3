#pragma once
// The proxy on the way to a node: found in the environment and exempted from as curl does it.

#include "app/cli/environment.hpp"
#include "app/cli/failure.hpp"
#include "app/cli/node_url.hpp"

#include <optional>
#include <string>

namespace elsec::cli {

struct proxy_url {
  std::string scheme{};  // "http" or "https"
  std::string host{};    // name or address, IPv6 without brackets
  std::string port{};
  // Empty: none. They go to the proxy, and into no text.
  std::string user{}, password{};

  // "http://host:port", without the credentials.
  [[nodiscard]] std::string str() const;
};

// `[http[s]://][USER[:PASSWORD]@]HOST[:PORT]`; the port is 1080, or 443 for https, where none is given. `usage` for
// anything else; the failure does not repeat the text, for it may hold a password.
[[nodiscard]] outcome<proxy_url> parse_proxy_url(const std::string& text);

// `option` (--proxy), else https_proxy, HTTPS_PROXY, all_proxy or ALL_PROXY, whichever is set first. None where none is
// set, and where no_proxy or NO_PROXY names the node: even for an `option`, and nothing is exempt unasked, not even
// this computer. `usage` when the address is none.
[[nodiscard]] outcome<std::optional<proxy_url>> choose_proxy(const std::string& option, const environment& env,
                                                             const node_url& node);

}  // namespace elsec::cli
