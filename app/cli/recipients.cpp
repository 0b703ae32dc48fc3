#include "app/cli/recipients.hpp"

#include "domain/country.hpp"
#include "domain/fields.hpp"
#include "domain/folding.hpp"
#include "domain/ids.hpp"

#include <algorithm>
#include <span>
#include <string>
#include <vector>

namespace elsec::cli {
namespace {

std::string_view trimmed(std::string_view text) {
  constexpr std::string_view blanks = " \t";
  const auto first = text.find_first_not_of(blanks);
  if (first == std::string_view::npos) return {};
  return text.substr(first, text.find_last_not_of(blanks) - first + 1);
}

std::vector<std::string> parts_of(std::string_view text) {
  std::vector<std::string> parts;
  while (true) {
    const auto end = text.find(';');
    parts.emplace_back(trimmed(text.substr(0, end)));
    if (end == std::string_view::npos) return parts;
    text.remove_prefix(end + 1);
  }
}

std::unexpected<failure> wrong_address(std::string why) {
  return fail(
      exit_code::usage, "The address cannot be read: " + std::move(why),
      "Write \"Name; Street 1; 12345 City\", abroad \"Name; Street 1; Code; City; Country\", to a major recipient "
      "\"Name; 12345 City\".");
}

bool has_digit(std::string_view text) {
  return std::ranges::any_of(text, [](char c) { return c >= '0' && c <= '9'; });
}

bool is_germany(std::string_view country) { return country.empty() || domain::country_code_of(country) == "DE"; }

struct place {
  std::string code, city, country;
};

outcome<place> place_of(std::span<const std::string> parts) {
  if (parts.size() == 3) return place{parts[0], parts[1], parts[2]};
  const std::string_view line = parts[0];
  const auto space = line.find(' ');
  if (space == std::string_view::npos) return wrong_address("the postal code or the city is missing.");
  place found{std::string(line.substr(0, space)), std::string(trimmed(line.substr(space))),
              parts.size() == 2 ? parts[1] : std::string()};
  if (!has_digit(found.code)) return wrong_address("the third part must begin with the postal code.");
  const auto next_word = std::string_view(found.city).substr(0, found.city.find(' '));
  if (has_digit(next_word)) return wrong_address("a postal code with a space needs the five-part form.");
  return found;
}

// "Postfach 10 11" is the number of a box; anything else a street.
void add_street_or_box(boost::json::object& address, std::string_view line) {
  constexpr std::string_view box = "postfach ";
  if (domain::lower_ascii(line).starts_with(box))
    address["po_box"] = trimmed(line.substr(box.size()));
  else
    address["street"] = line;
}

// name and address from 2 to 5 parts
outcome<void> add_address(boost::json::object& recipient, std::span<const std::string> parts) {
  if (parts.size() < 2 || parts.size() > 5) return wrong_address("it must have two to five parts.");
  if (std::ranges::any_of(parts, &std::string::empty)) return wrong_address("a part is empty.");
  const bool names_street = parts.size() > 2;
  const auto where = place_of(parts.subspan(names_street ? 2 : 1));
  if (!where) return std::unexpected(where.error());
  if (const auto choices = domain::countries_meant_by(where->country))
    return wrong_address("the country in its last part may be " + *choices + "; name one of them.");
  if (!where->country.empty() && !domain::country_code_of(where->country))
    return wrong_address("no country has the name that stands in its last part.");
  if (is_germany(where->country) && !domain::is_german_postal_code(where->code))
    return wrong_address("a German postal code has five digits.");
  boost::json::object address;
  if (names_street) add_street_or_box(address, parts[1]);
  address["postal_code"] = where->code;
  address["city"] = where->city;
  if (!where->country.empty()) address["country"] = where->country;
  recipient["name"] = parts[0];
  recipient["address"] = std::move(address);
  return {};
}

outcome<boost::json::object> with_fallback(std::string_view member, const std::vector<std::string>& parts) {
  boost::json::object recipient{{member, parts.front()}};
  if (parts.size() == 1) return recipient;
  if (auto ok = add_address(recipient, std::span(parts).subspan(1)); !ok) return std::unexpected(std::move(ok.error()));
  return recipient;
}

}  // namespace

outcome<boost::json::object> recipient_by_organisation(std::string_view text) {
  const auto parts = parts_of(text);
  if (const auto id = domain::organisation_id::parse(parts.front()); !id)
    return fail(exit_code::usage, "--to-org " + id.error() + ".");
  return with_fallback("organisation_id", parts);
}

outcome<boost::json::object> recipient_by_ik(std::string_view text) {
  const auto parts = parts_of(text);
  if (const auto ik = domain::ik_number::parse(parts.front()); !ik)
    return fail(exit_code::usage, "--to-ik " + ik.error() + ".");
  return with_fallback("ik", parts);
}

outcome<boost::json::object> recipient_by_address(std::string_view text) {
  boost::json::object recipient;
  if (auto ok = add_address(recipient, parts_of(text)); !ok) return std::unexpected(std::move(ok.error()));
  return recipient;
}

}  // namespace elsec::cli
