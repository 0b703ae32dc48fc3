#pragma once
// Identifiers: a type prefix and a ULID ("doc_01J9ZQ6Z7N2M4X8K3V5T1R0B9C"). They sort by time of creation, hold no
// meaning besides, and cannot be mixed up: every kind is a type of its own.

#include "domain/error.hpp"
#include "domain/time.hpp"

#include <algorithm>
#include <array>
#include <compare>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <string>
#include <string_view>

namespace elsec::domain {

inline constexpr std::size_t ulid_length = 26;
using ulid_entropy = std::array<std::uint8_t, 10>;

// 48 bits of milliseconds since 1970 and 80 random bits in Crockford's base 32 (github.com/ulid/spec).
[[nodiscard]] std::string make_ulid(time_point now, const ulid_entropy& entropy);

// True for 26 upper-case Crockford characters that fit 128 bits.
[[nodiscard]] bool is_ulid(std::string_view text) noexcept;

template <std::size_t N>
struct fixed_text {
  char value[N]{};
  consteval fixed_text(const char (&text)[N]) { std::copy_n(text, N, value); }
  [[nodiscard]] constexpr std::string_view view() const { return {value, N - 1}; }
};

// `Name` is what the API's description calls this kind.
template <fixed_text Prefix, fixed_text Name>
class id {
 public:
  static constexpr std::string_view prefix = Prefix.view();
  static constexpr std::string_view name = Name.view();
  static constexpr std::size_t length = prefix.size() + ulid_length;

  id() = default;

  [[nodiscard]] static id make(time_point now, const ulid_entropy& entropy) {
    return id(std::string(prefix) + make_ulid(now, entropy));
  }

  // Fails with a sentence for people when the text is no identifier of this kind.
  [[nodiscard]] static std::expected<id, std::string> parse(std::string_view text) {
    if (text.size() != length || !text.starts_with(prefix) || !is_ulid(text.substr(prefix.size())))
      return std::unexpected("must be an identifier like " + std::string(prefix) + "… with 26 characters");
    return id(std::string(text));
  }

  [[nodiscard]] const std::string& str() const noexcept { return text_; }
  [[nodiscard]] bool empty() const noexcept { return text_.empty(); }

  auto operator<=>(const id&) const = default;

 private:
  explicit id(std::string text) : text_(std::move(text)) {}
  std::string text_;
};

using organisation_id = id<"org_", "organisation_id">;
using user_id = id<"usr_", "user_id">;
using session_id = id<"ses_", "session_id">;
using token_id = id<"tok_", "token_id">;
using document_id = id<"doc_", "document_id">;
using dispatch_id = id<"dsp_", "dispatch_id">;
using letter_id = id<"ltr_", "letter_id">;
using receipt_id = id<"rcp_", "receipt_id">;
using audit_id = id<"aud_", "audit_id">;
using damage_id = id<"dmg_", "damage_id">;

}  // namespace elsec::domain

template <elsec::domain::fixed_text Prefix, elsec::domain::fixed_text Name>
struct std::hash<elsec::domain::id<Prefix, Name>> {
  std::size_t operator()(const elsec::domain::id<Prefix, Name>& value) const noexcept {
    return std::hash<std::string>{}(value.str());
  }
};
