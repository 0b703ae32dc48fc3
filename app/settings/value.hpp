#pragma once
// One value: from TOML or from an environment variable into its place in the settings. Every error is a sentence.

#include "app/settings/table.hpp"

#include <cstdint>
#include <expected>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

namespace elsec::app {

// A value before it is known what it must be; monostate stands for a TOML type that no setting takes.
using plain_value = std::variant<std::monostate, bool, std::int64_t, std::string, std::vector<std::string>>;
template <class T>
using or_sentence = std::expected<T, std::string>;

[[nodiscard]] inline std::unexpected<std::string> wrong(std::string sentence) {
  return std::unexpected(std::move(sentence));
}

// The text of an environment variable as the kind of value the setting holds.
template <class Owner>
[[nodiscard]] or_sentence<plain_value> value_of_variable(const setting<Owner>& row, const std::string& text);

// Checks type, range and form, and stores the value; nothing is stored when it is wrong.
template <class Owner>
[[nodiscard]] or_sentence<void> assign(const setting<Owner>& row, Owner& owner, const plain_value& value);

template <class Owner>
[[nodiscard]] bool is_flag(const setting<Owner>& row) {
  return std::holds_alternative<bool& (*)(Owner&)>(row.where);
}

template <class Owner>
[[nodiscard]] bool is_number(const setting<Owner>& row) {
  return std::holds_alternative<std::uint64_t& (*)(Owner&)>(row.where);
}

template <class Owner>
[[nodiscard]] bool is_list(const setting<Owner>& row) {
  return std::holds_alternative<std::vector<std::string>& (*)(Owner&)>(row.where);
}

// "127.0.0.1:8443", "[::1]:8443"
[[nodiscard]] or_sentence<listen_address> parse_listen_address(std::string_view text);
[[nodiscard]] std::string to_string(const listen_address& where);

// "tcp://host:port"; with `bind` the host must be an IP address.
[[nodiscard]] or_sentence<void> check_endpoint(std::string_view text, bool bind);

[[nodiscard]] or_sentence<key_bytes> parse_z85_key(const std::string& text);
[[nodiscard]] or_sentence<key_bytes> parse_base64url_key(const std::string& text);

}  // namespace elsec::app
