#include "domain/country.hpp"

#include "domain/fields.hpp"
#include "domain/folding.hpp"
#include "domain/organisation.hpp"

#include <map>
#include <unicode/locid.h>
#include <unicode/unistr.h>
#include <utility>

namespace elsec::domain {
namespace {

// What stands on letters besides the codes and ICU's names.
constexpr std::pair<std::string_view, std::string_view> other_names[] = {
    {"BRD", "DE"},
    {"Bundesrepublik Deutschland", "DE"},
    {"Federal Republic of Germany", "DE"},
    {"FRG", "DE"},
    {"Republik Österreich", "AT"},
    {"Schweizerische Eidgenossenschaft", "CH"},
    {"Suisse", "CH"},
    {"Holland", "NL"},
    {"The Netherlands", "NL"},
    {"England", "GB"},
    {"Schottland", "GB"},
    {"Scotland", "GB"},
    {"Wales", "GB"},
    {"Nordirland", "GB"},
    {"Northern Ireland", "GB"},
    {"Großbritannien", "GB"},
    {"Great Britain", "GB"},
    {"UK", "GB"},
    {"Vereinigte Staaten von Amerika", "US"},
    {"United States of America", "US"},
    {"Tschechische Republik", "CZ"},
    {"Czech Republic", "CZ"},
    {"Slowakische Republik", "SK"},
    {"Republic of Ireland", "IE"},
    {"Russische Föderation", "RU"},
    {"Russian Federation", "RU"},
    {"Weißrussland", "BY"},
    {"Türkei", "TR"},
    {"Turkey", "TR"},
    {"Mazedonien", "MK"},
    {"Macedonia", "MK"},
    {"Bosnien-Herzegowina", "BA"},
    {"Bosnien", "BA"},
    {"Kosovo", "XK"},
    {"XK", "XK"},
    {"Hongkong", "HK"},
    {"Hong Kong", "HK"},
    {"Macau", "MO"},
    {"VR China", "CN"},
};

std::string words_in_a_row(std::string_view text) {
  std::string row;
  for (const auto& word : words_of(text)) row += (row.empty() ? "" : " ") + word;
  return row;
}

std::string utf8_of(const icu::UnicodeString& text) {
  std::string utf8;
  text.toUTF8String(utf8);
  return utf8;
}

std::string display_name(std::string_view code, const icu::Locale& language) {
  icu::UnicodeString name;
  icu::Locale("", std::string(code).c_str()).getDisplayCountry(language, name);
  return utf8_of(name);
}

// Codes are compared letter by letter: "AE" is a country and no umlaut. Names are compared as they are searched for.
struct atlas {
  std::map<std::string, std::string, std::less<>> by_code;
  std::map<std::string, std::string, std::less<>> by_name;
};

atlas drawn() {
  atlas known;
  for (const auto* code = icu::Locale::getISOCountries(); *code != nullptr; ++code) {
    known.by_code.emplace(lower_ascii(*code), *code);
    known.by_code.emplace(lower_ascii(icu::Locale("", *code).getISO3Country()), *code);
    for (const auto& language : {icu::Locale::getGerman(), icu::Locale::getEnglish()})
      known.by_name.emplace(words_in_a_row(display_name(*code, language)), *code);
  }
  for (const auto& [name, code] : other_names) known.by_name.emplace(words_in_a_row(name), code);
  known.by_code.emplace("xk", "XK");
  return known;
}

const atlas& the_atlas() {
  static const atlas known = drawn();
  return known;
}

}  // namespace

std::optional<std::string> country_code_of(std::string_view written) {
  const auto blank = [](char c) { return c == ' '; };
  while (!written.empty() && blank(written.front())) written.remove_prefix(1);
  while (!written.empty() && blank(written.back())) written.remove_suffix(1);
  const auto& known = the_atlas();
  if (const auto found = known.by_code.find(fold_case(written)); found != known.by_code.end()) return found->second;
  const auto found = known.by_name.find(words_in_a_row(written));
  return found == known.by_name.end() ? std::nullopt : std::optional(found->second);
}

std::string country_line(std::string_view code) {
  const auto& known = the_atlas().by_code;
  const bool is_code = code.size() == 2 && known.contains(lower_ascii(code));
  auto name = icu::UnicodeString::fromUTF8(is_code ? display_name(code, icu::Locale::getGerman()) : std::string(code));
  return utf8_of(name.toUpper(icu::Locale::getGerman()));
}

std::expected<country, std::string> country::parse(std::string_view text) {
  const auto plain = domain::text<length_min, length_max>::parse(text);
  if (!plain) return std::unexpected(plain.error());
  country made;
  auto code = country_code_of(text);
  made.known_ = code.has_value();
  made.code_ = std::move(code).value_or(std::string(text));
  return made;
}

}  // namespace elsec::domain
