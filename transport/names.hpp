#pragma once
// The alphabets of what nodes call each other. Pure functions.

#include <string_view>

namespace elsec::transport {

// [a-z0-9-]{1,40}
[[nodiscard]] bool is_node_name(std::string_view text) noexcept;
// [a-z_]{1,32}
[[nodiscard]] bool is_kind(std::string_view text) noexcept;
// 16 bytes in lower-case hex.
[[nodiscard]] bool is_epoch(std::string_view text) noexcept;
// tcp://host:port with a host name or IPv4 address and a port from 1 to 65535. Nothing else is ever connected to: no
// other protocol of libzmq (inproc and udp know no CURVE), no source address, no interface.
[[nodiscard]] bool is_peer_endpoint(std::string_view text) noexcept;
// tcp://address:port to listen on; the address may be * or an interface, the port may be 0 or *.
[[nodiscard]] bool is_own_endpoint(std::string_view text) noexcept;

}  // namespace elsec::transport
