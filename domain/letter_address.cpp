#include "domain/letter_address.hpp"

#include "domain/address_window.hpp"
#include "domain/window_font.hpp"

#include <algorithm>

namespace elsec::domain {
namespace {

// As people and programs write "there is none".
constexpr std::string_view words_for_none[] = {
    "unbekannt",
    "unbekannt verzogen",
    "verzogen",
    "nicht bekannt",
    "unknown",
    "nfa",
    "no fixed abode",
    "no fixed address",
    "ofw",
    "o.f.W.",
    "ohne festen Wohnsitz",
    "ohne Wohnsitz",
    "kein fester Wohnsitz",
    "keine feste Anschrift",
    "obdachlos",
    "wohnungslos",
    "homeless",
    "keine",
    "keine Angabe",
    "keine Angaben",
    "k.A.",
    "n/a",
    "N.N.",
    "NN",
    "none",
    "null",
    "undefined",
    "tbd",
    "siehe oben",
    "s.o.",
};

std::string one_by_one(std::string_view text) {
  std::string row;
  for (const auto& word : words_of(text)) row += (row.empty() ? "" : " ") + word;
  return row;
}

bool is_filler(std::string_view words) {
  return words.size() > 1 && words.find_first_not_of("x ") == std::string_view::npos;
}

bool stands_for_nothing(std::string_view text) {
  const auto words = one_by_one(text);
  return words.empty() || is_filler(words) ||
         std::ranges::any_of(words_for_none, [&](std::string_view none) { return words == one_by_one(none); });
}

constexpr auto needed = "says that there is none, so no letter can arrive; ";

bool has_letter(std::string_view text) {
  return std::ranges::any_of(one_by_one(text), [](char c) { return c != ' ' && (c < '0' || c > '9'); });
}

// "Musterstraße 1", "Muster-Str. 1", "Alte Muster Straße": with or without a blank or hyphen.
bool names_sample_street(std::string_view street) {
  constexpr std::string_view samples[] = {"muster", "test", "beispiel"};
  constexpr std::string_view kinds[] = {"str", "weg", "allee", "platz", "gasse"};
  const auto words = words_of(street);
  for (auto word = words.begin(); word != words.end(); ++word) {
    const auto both = *word + (word + 1 == words.end() ? std::string() : *(word + 1));
    for (const auto sample : samples)
      if (both.starts_with(sample) && std::ranges::any_of(kinds, [&](std::string_view kind) {
            return std::string_view(both).substr(sample.size()).starts_with(kind);
          }))
        return true;
  }
  return false;
}

bool is_number(std::string_view word) {
  return std::ranges::all_of(word, [](char c) { return c >= '0' && c <= '9'; });
}

bool is_nought(std::string_view text) {
  return std::ranges::all_of(one_by_one(text), [](char c) { return c == '0' || c == ' '; });
}

// No town's name has so many digits; those of districts have fewer ("Paris 8", "Praha 10").
bool holds_postal_code(std::string_view city, std::string_view postal_code) {
  constexpr std::size_t code_digits_min = 4;
  const auto long_number = [](const std::string& word) { return word.size() >= code_digits_min && is_number(word); };
  const auto code = one_by_one(postal_code);
  const auto in_city = " " + one_by_one(city) + " ";
  return std::ranges::any_of(words_of(city), long_number) ||
         (code.size() >= code_digits_min && std::ranges::any_of(code, [](char c) { return is_number({&c, 1}); }) &&
          in_city.contains(" " + code + " "));
}

// A country behind a comma, slash or bracket. Short ones may be states of a federation ("Atlanta, GA", "Neustadt
// (SH)"), and so may long ones abroad ("Atlanta, Georgia"): there only the country that is named anyway is one.
bool holds_country(const address& where) {
  std::string_view city = where.city.str();
  while (city.ends_with(')') || city.ends_with(' ')) city.remove_suffix(1);
  const auto last_words = words_of(city);
  if (is_domestic(where) && last_words.size() > 1 &&
      (last_words.back() == "deutschland" || last_words.back() == "germany"))
    return true;
  const auto mark = city.find_last_of(",/(");
  if (mark == std::string_view::npos || mark == 0) return false;
  const auto named = country_code_of(city.substr(mark + 1));
  constexpr std::size_t name_bytes_min = 4;
  const bool is_name = one_by_one(city.substr(mark + 1)).size() >= name_bytes_min;
  return named && (named == (is_domestic(where) ? "DE" : where.country->str()) || (is_domestic(where) && is_name));
}

bool has_word_beginning(std::string_view text, std::initializer_list<std::string_view> beginnings) {
  const auto words = words_of(text);
  return std::ranges::any_of(words, [&](const std::string& word) {
    return std::ranges::any_of(beginnings, [&](std::string_view beginning) { return word.starts_with(beginning); });
  });
}

// "1234" -> "Postfach 1234"; in countries that speak no German as everybody writes it.
std::string box_line(const address& where) {
  const auto& number = where.po_box->str();
  const auto words = one_by_one(number);
  if (has_letter(words)) return number;
  constexpr std::string_view german[] = {"AT", "CH", "LI"};
  const bool in_german = is_domestic(where) || std::ranges::find(german, where.country->str()) != std::end(german);
  return (in_german ? "Postfach " : "PO Box ") + number;
}

// A line of the window and where its text comes from; the country's line is nobody's to shorten.
struct sourced_line {
  std::string pointer;
  std::string text;
};

std::vector<sourced_line> sourced_lines(const std::string& name, const address& where) {
  std::vector<sourced_line> lines{{"/name", name}};
  if (where.extra)
    for (std::size_t i = 0; i < where.extra->size(); ++i)
      lines.push_back({"/address/extra/" + std::to_string(i), (*where.extra)[i].str()});
  if (where.street) lines.push_back({"/address/street", where.street->str()});
  if (where.po_box) lines.push_back({"/address/po_box", box_line(where)});
  lines.push_back({"/address/city", where.postal_code.str() + " " + where.city.str()});
  if (!is_domestic(where)) lines.push_back({"", country_line(where.country->str())});
  return lines;
}

double width_em(const std::string& text) {
  double width = 0;
  for (const auto& sign : as_printed(text)) width += sign.width_em;
  return width;
}

std::string lacking(const std::string& sign) { return "holds " + sign + ", which the font of letters lacks"; }

}  // namespace

std::optional<field_error> undeliverable(const std::string& name) {
  if (!has_letter(name)) return field_error{"/name", "holds no letter, so no letter can arrive; name the recipient"};
  if (stands_for_nothing(name)) return field_error{"/name", std::string(needed) + "name the recipient"};
  return std::nullopt;
}

std::optional<field_error> undeliverable(const std::string& name, const address& where) {
  if (auto unnamed = undeliverable(name)) return unnamed;
  if (where.extra)
    for (std::size_t i = 0; i < where.extra->size(); ++i)
      if (stands_for_nothing((*where.extra)[i].str()))
        return field_error{"/address/extra/" + std::to_string(i), std::string(needed) + "leave the line out"};
  if (where.po_box && (stands_for_nothing(where.po_box->str()) || is_nought(where.po_box->str())))
    return field_error{"/address/po_box", std::string(needed) + "give its number, or a street"};
  if (stands_for_nothing(where.postal_code.str()))
    return field_error{"/address/postal_code", std::string(needed) + "give the one of the town"};
  if (where.street && stands_for_nothing(where.street->str()))
    return field_error{"/address/street", std::string(needed) + "give the address of who takes letters for them"};
  if (stands_for_nothing(where.city.str())) return field_error{"/address/city", std::string(needed) + "name the town"};
  if (holds_postal_code(where.city.str(), where.postal_code.str()))
    return field_error{"/address/city", "holds a postal code, which belongs into postal_code"};
  if (holds_country(where)) return field_error{"/address/city", "holds a country, which belongs into country"};
  return std::nullopt;
}

std::vector<letter_finding> doubts_about(const std::string& name, const address& where) {
  std::vector<letter_finding> found;
  const auto doubt = [&](std::string code, std::string detail) {
    found.push_back({std::move(code), finding_level::warning, std::move(detail)});
  };
  if (!where.street && !where.po_box)
    doubt("street_missing",
          "The address has no street: that is right only if the postal code is a major recipient's own.");
  if (where.street && names_sample_street(where.street->str()))
    doubt("sample_address", "The street is that of sample letters; is it meant?");
  if (has_word_beginning(name, {"mustermann", "musterfrau"}))
    doubt("sample_name", "The name is that of sample letters; is it meant?");
  return found;
}

std::optional<field_error> unshowable(const std::string& name, const address& where) {
  if (const auto sign = unprintable_sign(where.postal_code.str()))
    return field_error{"/address/postal_code", lacking(*sign) + "; write it in Latin letters"};
  const auto lines = sourced_lines(name, where);
  for (const auto& [pointer, text] : lines)
    if (const auto sign = unprintable_sign(text))
      return field_error{pointer, lacking(*sign) + "; write it in Latin letters"};
  if (set_in_window(address_lines(name, where))) return std::nullopt;
  const auto longest = std::ranges::max_element(
      lines, {}, [](const sourced_line& line) { return line.pointer.empty() ? 0 : width_em(line.text); });
  return field_error{longest->pointer, "is too long: with the other lines it does not fit into the " +
                                           std::to_string(window_lines_max) +
                                           " lines of the address window in a legible size; shorten it"};
}

std::optional<std::string> unshowable_sender(const organisation& who) {
  const auto sign = unprintable_sign(sender_line(who));
  return sign ? std::optional(lacking(*sign)) : std::nullopt;
}

std::vector<std::string> address_lines(const std::string& name, const address& where) {
  std::vector<std::string> lines;
  for (auto& line : sourced_lines(name, where)) lines.push_back(std::move(line.text));
  return lines;
}

const address& letters_go_to(const organisation& who) noexcept {
  return who.postal_address ? *who.postal_address : who.address;
}

const address& letters_go_to(const card& who) noexcept {
  return who.postal_address ? *who.postal_address : who.address;
}

std::string sender_line(const organisation& who) {
  const auto& where = letters_go_to(who);
  auto line = who.name.str();
  if (where.street) line += ", " + where.street->str();
  if (where.po_box) line += ", " + box_line(where);
  return line + ", " + where.postal_code.str() + " " + where.city.str();
}

}  // namespace elsec::domain
