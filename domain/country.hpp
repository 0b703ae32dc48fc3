#pragma once
// Countries as people write them.

#include <compare>
#include <expected>
#include <optional>
#include <string>
#include <string_view>

namespace elsec::domain {

// The ISO 3166-1 alpha-2 code of a country named by that code, its alpha-3 code, or its German or English name in any
// case, composition or spelling of umlauts ("AT", "aut", "Österreich", "OESTERREICH", "Austria"); also by what people
// commonly write instead ("BRD", "England"). Accents, blanks, dots, apostrophes and the like make no difference
// ("U.S.A.", "Cote d'Ivoire"). Nothing when no country is named so, or several are.
[[nodiscard]] std::optional<std::string> country_code_of(std::string_view written);

// The countries that a name may mean, for people: "Kongo-Kinshasa (CD) or Kongo-Brazzaville (CG)". Nothing for a name
// that means one or none.
[[nodiscard]] std::optional<std::string> countries_meant_by(std::string_view written);

// Its German name in capitals, as the last line of an address abroad shows it (Universal Postal Union: in the language
// of the country of dispatch). `code` is an alpha-2 code; anything else comes back in capitals.
[[nodiscard]] std::string country_line(std::string_view code);

// A country of an address. It is kept as its alpha-2 code; a name that nobody knows is kept as it was written, so that
// what was stored before stays readable, and is refused by the rules of addresses.
class country {
 public:
  static constexpr std::string_view name = "country";
  static constexpr std::size_t length_min = 2;
  static constexpr std::size_t length_max = 80;
  static constexpr std::string_view pattern{};

  country() = default;

  [[nodiscard]] static std::expected<country, std::string> parse(std::string_view text);

  [[nodiscard]] const std::string& str() const noexcept { return code_; }
  [[nodiscard]] bool is_known() const noexcept { return known_; }
  // Germany is where letters are posted: it goes without saying, and an address that names it names none.
  [[nodiscard]] bool stands_for_none() const noexcept { return code_.empty() || code_ == "DE"; }

  auto operator<=>(const country&) const = default;

 private:
  std::string code_;
  bool known_ = false;
};

}  // namespace elsec::domain
