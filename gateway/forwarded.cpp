#include "gateway/forwarded.hpp"

#include "gateway/http_head.hpp"
#include "gateway/limits.hpp"

#include <algorithm>

namespace elsec::gateway {
namespace {

// "ffff:ffff:ffff:ffff:ffff:ffff:255.255.255.255"
constexpr std::size_t address_text_max = 45;
constexpr std::size_t port_digits_max = 5;
constexpr std::string_view port_name_symbols = "._-";

bool is_decimal(char c) { return c >= '0' && c <= '9'; }
bool is_letter_or_digit(char c) { return is_decimal(c) || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z'); }

asio::ip::address plain(const asio::ip::address& one) {
  if (!one.is_v6() || !one.to_v6().is_v4_mapped()) return one;
  return asio::ip::make_address_v4(asio::ip::v4_mapped, one.to_v6());
}

// Without a zone ("fe80::1%eth0"): that is no client's address, but an interface of ours.
std::optional<asio::ip::address> parse_ip(std::string_view text) {
  if (text.empty() || text.size() > address_text_max || text.find('%') != std::string_view::npos) return std::nullopt;
  boost::system::error_code error;
  const auto address = asio::ip::make_address(text, error);
  if (error) return std::nullopt;
  return plain(address);
}

// A number, or a name that hides it (RFC 7239, 6.3).
bool is_node_port(std::string_view text) {
  if (!text.starts_with('_'))
    return !text.empty() && text.size() <= port_digits_max && std::ranges::all_of(text, is_decimal);
  return text.size() > 1 && std::ranges::all_of(text.substr(1), [](char c) {
           return is_letter_or_digit(c) || c == '_' || port_name_symbols.find(c) != std::string_view::npos;
         });
}

// 192.0.2.1, 192.0.2.1:80, [2001:db8::1], [2001:db8::1]:80. Without brackets an IPv6 address has no port, and stands
// only where the list is no standard's.
std::optional<asio::ip::address> parse_node(std::string_view text, bool is_standard) {
  const bool bracketed = text.starts_with('[');
  const auto colons = std::ranges::count(text, ':');
  if (!bracketed && colons > 1) return is_standard ? std::nullopt : parse_ip(text);
  const auto closing = bracketed ? text.find(']') : std::string_view::npos;
  if (bracketed && closing == std::string_view::npos) return std::nullopt;
  const auto end = bracketed ? closing + 1 : std::min(text.find(':'), text.size());
  const auto rest = text.substr(end);
  if (!rest.empty() && (rest.front() != ':' || !is_node_port(rest.substr(1)))) return std::nullopt;
  const auto inside = bracketed ? text.substr(1, closing - 1) : text.substr(0, end);
  if (bracketed != (inside.find(':') != std::string_view::npos)) return std::nullopt;
  return parse_ip(inside);
}

// Whether an odd number of backslashes stands before this place.
bool is_escaped(std::string_view text, std::size_t at) {
  std::size_t backslashes = 0;
  while (backslashes < at && text[at - 1 - backslashes] == '\\') ++backslashes;
  return backslashes % 2 == 1;
}

// Takes the last element off a list. Read from its end, so that a quotation mark that somebody opened further in front
// swallows nothing of what was added behind it.
std::string_view take_last(std::string_view& list) {
  bool quoted = false;
  for (auto at = list.size(); at > 0; --at) {
    const char c = list[at - 1];
    if (c == '"' && !is_escaped(list, at - 1)) quoted = !quoted;
    if (c != ',' || quoted) continue;
    const auto last = trimmed(list.substr(at));
    list = list.substr(0, at - 1);
    return last;
  }
  return trimmed(std::exchange(list, {}));
}

// Takes the first of the pairs of an element off it.
std::string_view take_pair(std::string_view& element) {
  bool quoted = false;
  std::size_t end = 0;
  for (; end < element.size() && (quoted || element[end] != ';'); ++end)
    if (element[end] == '"' && !is_escaped(element, end)) quoted = !quoted;
  const auto pair = trimmed(element.substr(0, end));
  element.remove_prefix(std::min(end + 1, element.size()));
  return pair;
}

// A token as it stands, a quoted string without its quotation marks and backslashes.
std::optional<std::string> node_text(std::string_view value) {
  if (!value.starts_with('"')) return std::string(value);
  std::string text;
  for (std::size_t at = 1; at < value.size(); ++at) {
    if (value[at] == '"') return at + 1 == value.size() ? std::optional(text) : std::nullopt;
    if (value[at] == '\\' && ++at == value.size()) break;
    text += value[at];
  }
  return std::nullopt;
}

// Whom an element of Forwarded names: for=192.0.2.1;proto=https
std::optional<asio::ip::address> parse_element(std::string_view element) {
  std::optional<std::string> node;
  while (!element.empty()) {
    const auto pair = take_pair(element);
    if (pair.empty()) continue;
    const auto equals = pair.find('=');
    if (equals == std::string_view::npos) return std::nullopt;
    if (!equal_ignoring_case(pair.substr(0, equals), "for")) continue;
    if (node) return std::nullopt;
    node = node_text(pair.substr(equals + 1));
    if (!node) return std::nullopt;
  }
  return node ? parse_node(*node, true) : std::nullopt;
}

// The last address of the list that is no proxy's, as far as it can be read.
std::optional<asio::ip::address> last_of(std::string_view list, bool is_standard, const trusted_proxies& proxies) {
  for (std::size_t hops = 0; hops < forwarded_hops_max && !list.empty(); ++hops) {
    const auto element = take_last(list);
    if (element.empty()) continue;
    const auto node = is_standard ? parse_element(element) : parse_node(element, false);
    if (!node || !proxies.has(*node)) return node;
  }
  return std::nullopt;
}

bool says_something(std::optional<std::string_view> field) { return field && !trimmed(*field).empty(); }

}  // namespace

domain::result<trusted_proxies> trusted_proxies::from(const std::vector<std::string>& addresses) {
  trusted_proxies made;
  for (const auto& text : addresses) {
    const auto address = parse_ip(text);
    if (!address)
      return domain::fail(domain::error_code::invalid,
                          "a trusted proxy must be an IP address, like 192.0.2.1 or 2001:db8::1");
    made.addresses_.push_back(*address);
  }
  return made;
}

bool trusted_proxies::has(const asio::ip::address& one) const {
  return std::ranges::find(addresses_, plain(one)) != addresses_.end();
}

asio::ip::address client_of(const asio::ip::address& peer, std::optional<std::string_view> forwarded,
                            std::optional<std::string_view> x_forwarded_for, const trusted_proxies& proxies) {
  if (!proxies.has(peer)) return plain(peer);
  const auto standard = says_something(forwarded) ? last_of(*forwarded, true, proxies) : std::nullopt;
  const auto usual = says_something(x_forwarded_for) ? last_of(*x_forwarded_for, false, proxies) : std::nullopt;
  // A proxy writes one of them and may pass the other on as its client wrote it: where both are there, they must agree.
  if (says_something(forwarded) && says_something(x_forwarded_for) && standard != usual) return plain(peer);
  return (standard ? standard : usual).value_or(plain(peer));
}

}  // namespace elsec::gateway
