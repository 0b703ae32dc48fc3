#pragma once
// Field types: a constraint lives in the type, so a record that exists is a record that is valid.
//
// Every type here has `parse(std::string_view) -> std::expected<T, std::string>` (the error is a sentence for people,
// without the offending text), `str()`, and the constants the API description is made from: `name` (empty if it is not
// worth one), `length_min`, `length_max` (code points) and `pattern` (ECMA 262, empty if none).

#include <compare>
#include <cstddef>
#include <cstdint>
#include <expected>
#include <string>
#include <string_view>
#include <vector>

namespace elsec::domain {

using bytes = std::vector<std::uint8_t>;

// Length in bytes of the longest prefix that is UTF-8 (RFC 3629); `text.size()` when all of it is.
[[nodiscard]] std::size_t utf8_prefix(std::string_view text) noexcept;

// Number of code points, or an error sentence: not UTF-8 (RFC 3629), or a control character (line feeds and tabs pass
// only with `multiline`).
[[nodiscard]] std::expected<std::size_t, std::string> count_code_points(std::string_view text, bool multiline);

namespace detail {

[[nodiscard]] std::expected<void, std::string> check_text(std::string_view text, std::size_t min, std::size_t max,
                                                          bool multiline);

// CRTP-free common part: an immutable, checked string.
template <class Rule>
class checked_text {
 public:
  static constexpr std::string_view name = Rule::name;
  static constexpr std::size_t length_min = Rule::length_min;
  static constexpr std::size_t length_max = Rule::length_max;
  static constexpr std::string_view pattern = Rule::pattern;

  checked_text() = default;

  [[nodiscard]] static std::expected<checked_text, std::string> parse(std::string_view text) {
    if (auto ok = Rule::check(text); !ok) return std::unexpected(std::move(ok.error()));
    checked_text value;
    value.text_ = text;
    return value;
  }

  [[nodiscard]] const std::string& str() const noexcept { return text_; }
  [[nodiscard]] bool empty() const noexcept { return text_.empty(); }
  auto operator<=>(const checked_text&) const = default;

 private:
  std::string text_;
};

template <std::size_t Min, std::size_t Max, bool Multiline>
struct text_rule {
  static constexpr std::string_view name{};
  static constexpr std::size_t length_min = Min;
  static constexpr std::size_t length_max = Max;
  static constexpr std::string_view pattern{};
  static std::expected<void, std::string> check(std::string_view text) { return check_text(text, Min, Max, Multiline); }
};

struct email_rule {
  static constexpr std::string_view name = "email_address";
  static constexpr std::size_t length_min = 3, length_max = 254;
  static constexpr std::size_t name_bytes_max = 64;  // before the '@' (RFC 5321, 4.5.3.1.1)
  static constexpr std::string_view pattern = "^[^@\\s]+@[^@\\s]+\\.[^@\\s]+$";
  static std::expected<void, std::string> check(std::string_view text);
};

struct phone_rule {
  static constexpr std::string_view name = "phone_number";
  static constexpr std::size_t length_min = 3, length_max = 40;
  static constexpr std::string_view pattern = "^\\+?[0-9 ()/.-]+$";
  static std::expected<void, std::string> check(std::string_view text);
};

struct ik_rule {
  static constexpr std::string_view name = "ik_number";
  static constexpr std::size_t length_min = 9, length_max = 9;
  static constexpr std::string_view pattern = "^[0-9]{9}$";
  static std::expected<void, std::string> check(std::string_view text);
};

struct bsnr_rule {
  static constexpr std::string_view name = "bsnr_number";
  static constexpr std::size_t length_min = 9, length_max = 9;
  static constexpr std::string_view pattern = "^[0-9]{9}$";
  static std::expected<void, std::string> check(std::string_view text);
};

struct password_rule {
  static constexpr std::string_view name = "password";
  static constexpr std::size_t length_min = 12, length_max = 128;
  static constexpr std::string_view pattern{};
  static std::expected<void, std::string> check(std::string_view text);
};

struct media_type_rule {
  static constexpr std::string_view name = "media_type";
  static constexpr std::size_t length_min = 3, length_max = 127;
  static constexpr std::string_view pattern = "^[A-Za-z0-9!#$&^_.+-]+/[A-Za-z0-9!#$&^_.+-]+";
  static std::expected<void, std::string> check(std::string_view text);
};

struct file_name_rule {
  static constexpr std::string_view name = "file_name";
  static constexpr std::size_t length_min = 1, length_max = 200;
  static constexpr std::string_view pattern = "^[^/\\\\\":<>?*|]*[^/\\\\\":<>?*|. ]$";
  static std::expected<void, std::string> check(std::string_view text);
};

}  // namespace detail

// One line of text of Min to Max code points, without control characters. When Min > 0 it holds something to see: a
// letter, number, punctuation mark or symbol of Unicode that is not ignored by default.
template <std::size_t Min, std::size_t Max>
using text = detail::checked_text<detail::text_rule<Min, Max, false>>;

// Several lines of text.
template <std::size_t Min, std::size_t Max>
using multiline_text = detail::checked_text<detail::text_rule<Min, Max, true>>;

// local@domain, at most 254 bytes (RFC 5321, 4.5.3.1), in any script (RFC 6531); compared without regard to case.
// Nothing in it is invisible, a blank or unassigned, and what it folds to is an address, too. Folds of assigned
// characters stay what they are in later versions of Unicode (its stability policy), so what is kept by them is found.
using email_address = detail::checked_text<detail::email_rule>;
using phone_number = detail::checked_text<detail::phone_rule>;
// Institutionskennzeichen: 9 digits, the last one a check digit over digits 3 to 8 (weights 2 and 1, digit sums, mod
// 10).
using ik_number = detail::checked_text<detail::ik_rule>;
// Betriebsstättennummer: 9 digits without a check digit.
using bsnr_number = detail::checked_text<detail::bsnr_rule>;
// 12 to 128 characters, no composition rules; common ones are refused.
using password = detail::checked_text<detail::password_rule>;
// type/subtype with optional parameters (RFC 9110, 8.3.1).
using media_type = detail::checked_text<detail::media_type_rule>;
// A file name without a path that can be saved on Windows as well: without its signs (" : < > ? * |), not ending in a
// dot or blank, not the name of a device with or without an ending (Microsoft, "Naming Files, Paths, and Namespaces").
using file_name = detail::checked_text<detail::file_name_rule>;

// An amount in euro cents.
struct cents {
  std::int64_t value = 0;
  auto operator<=>(const cents&) const = default;
};

// A whole number from Min to Max.
template <std::int64_t Min, std::int64_t Max>
class bounded {
 public:
  static constexpr std::int64_t min = Min;
  static constexpr std::int64_t max = Max;

  bounded() = default;

  [[nodiscard]] static std::expected<bounded, std::string> make(std::int64_t number) {
    if (number < Min || number > Max)
      return std::unexpected("must be between " + std::to_string(Min) + " and " + std::to_string(Max));
    bounded result;
    result.value_ = number;
    return result;
  }

  [[nodiscard]] std::int64_t value() const noexcept { return value_; }
  auto operator<=>(const bounded&) const = default;

 private:
  std::int64_t value_ = Min;
};

// Check digit of the first eight digits of an IK; `digits` must hold at least eight decimal digits.
[[nodiscard]] int ik_check_digit(std::string_view digits) noexcept;

// German postal code: five digits, 01001 to 99998.
[[nodiscard]] bool is_german_postal_code(std::string_view text) noexcept;

}  // namespace elsec::domain
