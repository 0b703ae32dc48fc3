#include "transport/names.hpp"

#include "transport/limits.hpp"

#include <algorithm>
#include <charconv>
#include <cstdint>
#include <limits>
#include <optional>

namespace elsec::transport {
namespace {

constexpr std::size_t epoch_digits = 32;
constexpr std::string_view tcp = "tcp://";

bool is_lower(char c) { return c >= 'a' && c <= 'z'; }
bool is_upper(char c) { return c >= 'A' && c <= 'Z'; }
bool is_digit(char c) { return c >= '0' && c <= '9'; }
bool is_host_character(char c) { return is_lower(c) || is_upper(c) || is_digit(c) || c == '.' || c == '-' || c == '_'; }

struct host_and_port {
  std::string_view host;
  std::string_view port;
};

std::optional<host_and_port> split_tcp(std::string_view text) {
  if (text.size() > endpoint_length_max || !text.starts_with(tcp)) return std::nullopt;
  text.remove_prefix(tcp.size());
  const auto colon = text.find(':');
  if (colon == std::string_view::npos || colon == 0) return std::nullopt;
  return host_and_port{text.substr(0, colon), text.substr(colon + 1)};
}

// The port as a number; nothing when it is none or too large.
std::optional<std::uint16_t> port_number(std::string_view text) {
  if (text.empty() || !std::ranges::all_of(text, is_digit)) return std::nullopt;
  std::uint16_t port = 0;
  const auto [end, failure] = std::from_chars(text.data(), text.data() + text.size(), port);
  if (failure != std::errc{} || end != text.data() + text.size()) return std::nullopt;
  return port;
}

}  // namespace

bool is_node_name(std::string_view text) noexcept {
  return !text.empty() && text.size() <= node_name_length_max &&
         std::ranges::all_of(text, [](char c) { return is_lower(c) || is_digit(c) || c == '-'; });
}

bool is_kind(std::string_view text) noexcept {
  return !text.empty() && text.size() <= kind_length_max &&
         std::ranges::all_of(text, [](char c) { return is_lower(c) || c == '_'; });
}

bool is_epoch(std::string_view text) noexcept {
  return text.size() == epoch_digits &&
         std::ranges::all_of(text, [](char c) { return is_digit(c) || (c >= 'a' && c <= 'f'); });
}

bool is_peer_endpoint(std::string_view text) noexcept {
  const auto parts = split_tcp(text);
  if (!parts || !std::ranges::all_of(parts->host, is_host_character)) return false;
  const auto port = port_number(parts->port);
  return port && *port != 0;
}

bool is_own_endpoint(std::string_view text) noexcept {
  const auto parts = split_tcp(text);
  if (!parts) return false;
  if (parts->host != "*" && !std::ranges::all_of(parts->host, is_host_character)) return false;
  return parts->port == "*" || port_number(parts->port).has_value();
}

}  // namespace elsec::transport
