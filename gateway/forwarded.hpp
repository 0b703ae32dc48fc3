#pragma once
// Whose request it is that comes through a proxy: RFC 7239's Forwarded, or X-Forwarded-For.
//
// Only trusted proxies are believed, and of a list only what they have added: it is read from its end, and the first
// address that is no trusted proxy's is the client's. What stands in front of that anybody may have written; it is not
// even looked at, so nothing in it can hide an address or lend another's.

#include "domain/error.hpp"

#include <boost/asio/ip/address.hpp>

#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace elsec::gateway {

namespace asio = boost::asio;

// Those whose word about others counts. IPv4 addresses are the same in IPv6's clothes (::ffff:192.0.2.1).
class trusted_proxies {
 public:
  trusted_proxies() = default;

  // `invalid` when one of them is no IP address: names and ranges are not taken, since a name is whoever answers to it,
  // and a range is trusted with everybody who gets an address in it.
  [[nodiscard]] static domain::result<trusted_proxies> from(const std::vector<std::string>& addresses);

  [[nodiscard]] bool has(const asio::ip::address& one) const;

 private:
  std::vector<asio::ip::address> addresses_;
};

// The client of a request that came from `peer`: the peer itself, unless that is a trusted proxy and names somebody.
// Where both fields are there they must agree; one that stands several times comes joined by commas. What cannot be
// read, is hidden (RFC 7239, 6.2 and 6.3) or names proxies only counts for the peer. Never fails; looks at every byte
// once.
[[nodiscard]] asio::ip::address client_of(const asio::ip::address& peer, std::optional<std::string_view> forwarded,
                                          std::optional<std::string_view> x_forwarded_for,
                                          const trusted_proxies& proxies);

}  // namespace elsec::gateway
