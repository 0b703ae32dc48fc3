#include "app/cli/node_url.hpp"

#include <boost/url/parse.hpp>
#include <boost/url/url_view.hpp>

#include <algorithm>
#include <charconv>
#include <cstdint>

namespace elsec::cli {
namespace {

std::string lower(std::string text) {
  std::ranges::transform(text, text.begin(), [](char c) { return c >= 'A' && c <= 'Z' ? char(c + ('a' - 'A')) : c; });
  return text;
}

bool is_host(std::string_view host) {
  return !host.empty() && host.size() <= 253 && std::ranges::all_of(host, [](char c) {
    return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '.' || c == '-' || c == '_' || c == ':';
  });
}

}  // namespace

std::string node_url::authority() const {
  const auto name = host.find(':') == std::string::npos ? host : '[' + host + ']';
  return port == "443" ? name : name + ':' + port;
}

std::string node_url::str() const { return "https://" + authority(); }

outcome<node_url> parse_node_url(std::string_view text) {
  const auto wrong = [](std::string why) {
    return fail(exit_code::usage, "The node's address is not usable.", std::move(why));
  };
  const auto whole = text.find("://") == std::string_view::npos ? "https://" + std::string(text) : std::string(text);
  const auto parsed = boost::urls::parse_uri(whole);
  if (parsed.has_error()) return wrong("Write it like https://node.example or https://node.example:8443.");
  const auto url = *parsed;
  if (lower(std::string(url.scheme())) != "https")
    return wrong("Only https:// is possible; nothing works unencrypted.");
  const bool bare_path = url.encoded_path().empty() || url.encoded_path() == "/";
  if (!bare_path || url.has_query() || url.has_fragment() || url.has_userinfo())
    return wrong("Leave out everything but host and port, like https://node.example:8443.");
  node_url where;
  where.host = lower(url.host_address());
  if (!is_host(where.host)) return wrong("The host name holds characters that cannot be in one.");
  if (url.has_port() && !url.port().empty()) {
    const std::string_view digits = url.port();
    std::uint16_t number = 0;
    const auto [end, error] = std::from_chars(digits.data(), digits.data() + digits.size(), number);
    if (error != std::errc() || end != digits.data() + digits.size() || number == 0)
      return wrong("The port must be between 1 and 65535.");
    where.port = std::to_string(number);
  }
  return where;
}

}  // namespace elsec::cli
