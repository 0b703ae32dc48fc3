#include "app/settings/value.hpp"

#include <fmt/format.h>
#include <sodium.h>
#include <zmq.h>

#include <algorithm>
#include <arpa/inet.h>
#include <array>
#include <cctype>
#include <charconv>

namespace elsec::app {
namespace {

constexpr std::size_t node_name_max = 40, host_name_max = 253, endpoint_max = 300;
constexpr std::size_t trusted_proxies_max = 64;  // each is compared with every request's peer
constexpr std::size_t z85_key_characters = 40, base64url_key_characters = 43;
constexpr std::string_view tcp_scheme = "tcp://", https_scheme = "https://";
constexpr std::uint16_t https_port = 443;
constexpr std::array<std::string_view, 5> log_levels{"trace", "debug", "info", "warning", "error"};

bool is_lower_digit_hyphen(char c) { return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '-'; }

bool is_ip_address(const std::string& host) {
  std::array<unsigned char, sizeof(in6_addr)> ignored{};
  return inet_pton(AF_INET, host.c_str(), ignored.data()) == 1 ||
         inet_pton(AF_INET6, host.c_str(), ignored.data()) == 1;
}

bool is_host_name(std::string_view host) {
  const auto allowed = [](unsigned char c) { return std::isalnum(c) != 0 || c == '.' || c == '-'; };
  return !host.empty() && host.size() <= host_name_max && std::ranges::all_of(host, allowed);
}

struct host_and_port {
  std::string host;
  std::uint16_t port = 0;
};

// Splits at the last colon; an IPv6 address stands in brackets.
or_sentence<host_and_port> split(std::string_view text) {
  const auto colon = text.rfind(':');
  if (colon == std::string_view::npos) return wrong("must be written address:port");
  const auto digits = text.substr(colon + 1);
  host_and_port parts;
  const auto [end, failure] = std::from_chars(digits.begin(), digits.end(), parts.port);
  if (failure != std::errc{} || end != digits.end() || parts.port == 0) return wrong("needs a port from 1 to 65535");
  auto host = text.substr(0, colon);
  const bool bracketed = host.size() > 2 && host.front() == '[' && host.back() == ']';
  if (bracketed) host = host.substr(1, host.size() - 2);
  if (bracketed != (host.find(':') != std::string_view::npos))
    return wrong("must be written address:port, an IPv6 address in brackets");
  parts.host = host;
  return parts;
}

// An origin as a browser names it (RFC 6454, 6.2), so that one compared with it is equal: in lower case, without the
// port that is meant anyway, and without a path.
or_sentence<void> check_https_origin(std::string_view text) {
  constexpr auto sentence = "must be written https://name or https://name:port, in lower case and without a path";
  if (text.empty()) return {};
  if (!text.starts_with(https_scheme) || text.size() > endpoint_max) return wrong(sentence);
  text.remove_prefix(https_scheme.size());
  const bool ends_in_name = text.find(':') == std::string_view::npos;
  auto parts = ends_in_name ? or_sentence<host_and_port>({std::string(text), https_port}) : split(text);
  if (!parts) return std::unexpected(std::move(parts.error()));
  if (!ends_in_name && parts->port == https_port) return wrong("must not name port 443, which https means anyway");
  if (!ends_in_name && !text.ends_with(fmt::format(":{}", parts->port)))
    return wrong("needs a port without zeros in front");
  if (text.starts_with('[')) return wrong("must name a host, not an IPv6 address");
  const bool has_capitals = std::ranges::any_of(text, [](unsigned char c) { return std::isupper(c) != 0; });
  if (has_capitals || !(is_host_name(parts->host) || is_ip_address(parts->host))) return wrong(sentence);
  return {};
}

or_sentence<void> check_text(form shape, const std::string& text) {
  switch (shape) {
    case form::node_name:
      if (text.empty() || text.size() > node_name_max || !std::ranges::all_of(text, is_lower_digit_hyphen))
        return wrong("must be 1 to 40 characters of a-z, 0-9 and -");
      return {};
    case form::endpoint:
      return check_endpoint(text, false);
    case form::bind_endpoint:
      return check_endpoint(text, true);
    case form::https_origin:
      return check_https_origin(text);
    case form::log_level:
      if (std::ranges::find(log_levels, text) == log_levels.end())
        return wrong(fmt::format("must be one of {}", fmt::join(log_levels, ", ")));
      return {};
    default:
      return {};
  }
}

or_sentence<void> check_proxies(const std::vector<std::string>& addresses) {
  if (addresses.size() > trusted_proxies_max)
    return wrong(fmt::format("must name at most {} addresses", trusted_proxies_max));
  if (!std::ranges::all_of(addresses, is_ip_address))
    return wrong(R"(must hold IP addresses only, like ["192.0.2.1", "2001:db8::1"]; names and ranges are not taken)");
  return {};
}

// "192.0.2.1, 2001:db8::1"
std::vector<std::string> split_list(std::string_view text) {
  std::vector<std::string> items;
  while (!text.empty() || !items.empty()) {
    const auto comma = text.find(',');
    auto item = text.substr(0, comma);
    while (item.starts_with(' ')) item.remove_prefix(1);
    while (item.ends_with(' ')) item.remove_suffix(1);
    items.emplace_back(item);
    if (comma == std::string_view::npos) break;
    text.remove_prefix(comma + 1);
  }
  return items;
}

or_sentence<key_bytes> parse_key(form shape, const std::string& text) {
  return shape == form::z85 ? parse_z85_key(text) : parse_base64url_key(text);
}

// What each kind of place takes, chosen by its type.
template <class Owner>
struct assigner {
  const setting<Owner>& row;
  Owner& owner;
  const plain_value& value;

  or_sentence<void> operator()(bool& (*where)(Owner&)) const {
    const auto* flag = std::get_if<bool>(&value);
    if (flag == nullptr) return wrong("must be true or false");
    where(owner) = *flag;
    return {};
  }

  or_sentence<void> operator()(std::uint64_t& (*where)(Owner&)) const {
    const auto* number = std::get_if<std::int64_t>(&value);
    if (number == nullptr) return wrong(fmt::format("must be a whole number of {}", row.unit));
    if (*number < 0 || static_cast<std::uint64_t>(*number) < row.min || static_cast<std::uint64_t>(*number) > row.max)
      return wrong(fmt::format("must be from {} to {} {}", row.min, row.max, row.unit));
    where(owner) = static_cast<std::uint64_t>(*number);
    return {};
  }

  or_sentence<void> operator()(std::string& (*where)(Owner&)) const {
    return with_text([&](const std::string& text) -> or_sentence<void> {
      if (text.empty() && is_required(row)) return wrong("must not be empty");
      if (auto ok = check_text(row.shape, text); !ok) return ok;
      where(owner) = text;
      return {};
    });
  }

  or_sentence<void> operator()(listen_address& (*where)(Owner&)) const {
    return with_text([&](const std::string& text) { return store(where(owner), parse_listen_address(text)); });
  }

  or_sentence<void> operator()(key_bytes& (*where)(Owner&)) const {
    return with_text([&](const std::string& text) { return store(where(owner), parse_key(row.shape, text)); });
  }

  or_sentence<void> operator()(std::optional<key_bytes>& (*where)(Owner&)) const {
    return with_text([&](const std::string& text) -> or_sentence<void> {
      if (!text.empty()) return store(where(owner), parse_key(row.shape, text));
      where(owner).reset();
      return {};
    });
  }

  or_sentence<void> operator()(std::vector<std::string>& (*where)(Owner&)) const {
    const auto* list = std::get_if<std::vector<std::string>>(&value);
    if (list == nullptr) return wrong(R"(must be a list of texts, like ["192.0.2.1"])");
    if (auto ok = check_proxies(*list); !ok) return ok;
    where(owner) = *list;
    return {};
  }

 private:
  or_sentence<void> with_text(auto&& use) const {
    const auto* text = std::get_if<std::string>(&value);
    if (text == nullptr) return wrong("must be a text in quotation marks");
    if (text->find('\0') != std::string::npos) return wrong("must not contain a zero byte");
    return use(*text);
  }

  template <class Place, class T>
  static or_sentence<void> store(Place& where, const or_sentence<T>& parsed) {
    if (!parsed) return std::unexpected(parsed.error());
    where = *parsed;
    return {};
  }
};

}  // namespace

template <class Owner>
or_sentence<plain_value> value_of_variable(const setting<Owner>& row, const std::string& text) {
  plain_value value = text;
  if (is_list(row)) {
    value.emplace<std::vector<std::string>>(split_list(text));
  } else if (is_flag(row)) {
    if (text != "true" && text != "false") return wrong("must be true or false");
    value.emplace<bool>(text == "true");
  } else if (is_number(row)) {
    std::int64_t number = 0;
    const auto [end, failure] = std::from_chars(text.data(), text.data() + text.size(), number);
    if (failure != std::errc{} || end != text.data() + text.size()) return wrong("must be a whole number");
    value.emplace<std::int64_t>(number);
  }
  return value;
}

template <class Owner>
or_sentence<void> assign(const setting<Owner>& row, Owner& owner, const plain_value& value) {
  return std::visit(assigner<Owner>{row, owner, value}, row.where);
}

template or_sentence<plain_value> value_of_variable(const setting<settings>&, const std::string&);
template or_sentence<void> assign(const setting<settings>&, settings&, const plain_value&);
template or_sentence<void> assign(const setting<node_entry>&, node_entry&, const plain_value&);

or_sentence<listen_address> parse_listen_address(std::string_view text) {
  auto parts = split(text);
  if (!parts) return std::unexpected(std::move(parts.error()));
  if (!is_ip_address(parts->host)) return wrong("must begin with an IP address, like 127.0.0.1:8443");
  return listen_address{std::move(parts->host), parts->port};
}

std::string to_string(const listen_address& where) {
  const bool is_ipv6 = where.host.find(':') != std::string::npos;
  return is_ipv6 ? fmt::format("[{}]:{}", where.host, where.port) : fmt::format("{}:{}", where.host, where.port);
}

or_sentence<void> check_endpoint(std::string_view text, bool bind) {
  if (!text.starts_with(tcp_scheme) || text.size() > endpoint_max) return wrong("must be written tcp://host:port");
  auto parts = split(text.substr(tcp_scheme.size()));
  if (!parts) return std::unexpected(std::move(parts.error()));
  if (is_ip_address(parts->host)) return {};
  if (bind) return wrong("must name an IP address, like tcp://0.0.0.0:8445");
  if (!is_host_name(parts->host)) return wrong("must name a host or an IP address, like tcp://node1.example.org:8445");
  return {};
}

or_sentence<key_bytes> parse_z85_key(const std::string& text) {
  key_bytes key{};
  if (text.size() != z85_key_characters || zmq_z85_decode(key.data(), text.c_str()) == nullptr)
    return wrong("must be a key of 40 characters in Z85");
  return key;
}

or_sentence<key_bytes> parse_base64url_key(const std::string& text) {
  key_bytes key{};
  std::size_t length = 0;
  const bool decoded = text.size() == base64url_key_characters &&
                       sodium_base642bin(key.data(), key.size(), text.data(), text.size(), nullptr, &length, nullptr,
                                         sodium_base64_VARIANT_URLSAFE_NO_PADDING) == 0;
  if (!decoded || length != key.size()) return wrong("must be a key of 43 characters in base64url");
  return key;
}

}  // namespace elsec::app
