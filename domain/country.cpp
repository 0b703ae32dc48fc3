#include "domain/country.hpp"

#include "domain/fields.hpp"
#include "domain/folding.hpp"

#include <algorithm>
#include <cstdint>
#include <iterator>
#include <map>
#include <unicode/locid.h>
#include <unicode/uchar.h>
#include <unicode/unistr.h>
#include <utility>

namespace elsec::domain {
namespace {

// What stands on letters besides the codes and ICU's names.
constexpr std::pair<std::string_view, std::string_view> other_names[] = {
    {"BRD", "DE"},
    {"BR Deutschland", "DE"},
    {"Bundesrepublik", "DE"},
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
    {"Volksrepublik China", "CN"},
    {"People's Republic of China", "CN"},
    {"US of America", "US"},
    {"Elfenbeinküste", "CI"},
    {"Ivory Coast", "CI"},
    {"Türkiye", "TR"},
    {"Palästina", "PS"},
    {"Palestine", "PS"},
    {"Vatikan", "VA"},
    {"Vatikanstaat", "VA"},
    {"Vatican", "VA"},
    {"Moldau", "MD"},
    {"Moldawien", "MD"},
    {"Republic of Moldova", "MD"},
    {"Kap Verde", "CV"},
    {"Kapverden", "CV"},
    {"Kapverdische Inseln", "CV"},
    {"Swasiland", "SZ"},
    {"Swaziland", "SZ"},
    {"Myanmar", "MM"},
    {"Burma", "MM"},
    {"Birma", "MM"},
    {"Osttimor", "TL"},
    {"East Timor", "TL"},
    {"DR Kongo", "CD"},
    {"DR Congo", "CD"},
    {"DRC", "CD"},
    {"Demokratische Republik Kongo", "CD"},
    {"Kongo, Demokratische Republik", "CD"},
    {"Democratic Republic of Congo", "CD"},
    {"Congo, Democratic Republic of", "CD"},
    {"Republik Kongo", "CG"},
    {"Kongo, Republik", "CG"},
    {"Republic of Congo", "CG"},
    {"Congo, Republic of", "CG"},
    {"Republik Korea", "KR"},
    {"Republic of Korea", "KR"},
    {"Demokratische Volksrepublik Korea", "KP"},
    {"DVR Korea", "KP"},
    {"Democratic People's Republic of Korea", "KP"},
};

// What several countries may be meant by.
struct shared_name {
  std::string_view name;
  std::string_view codes[2];
};

constexpr shared_name shared_names[] = {
    {"Kongo", {"CD", "CG"}},          {"Congo", {"CD", "CG"}},          {"Korea", {"KR", "KP"}},
    {"Jungferninseln", {"VG", "VI"}}, {"Virgin Islands", {"VG", "VI"}},
};

// What of a name counts: its letters and digits, folded, without the words that names have or have not; "Saint" and
// "Sankt" as they are shortened.
std::string bare_name(std::string_view written) {
  constexpr std::string_view passing[] = {"and", "und", "the", "die", "der"};
  std::string bare;
  std::string word;
  const auto end_word = [&] {
    const auto ended = std::exchange(word, {});
    if (ended == "saint" || ended == "sankt")
      bare += "st";
    else if (std::ranges::find(passing, ended) == std::end(passing))
      bare += ended;
  };
  const auto folded = icu::UnicodeString::fromUTF8(fold(written));
  for (std::int32_t at = 0; at < folded.length(); at = folded.moveIndex32(at, 1)) {
    const auto sign = folded.char32At(at);
    if (u_isalnum(sign) != 0)
      icu::UnicodeString(sign).toUTF8String(word);
    else
      end_word();
  }
  end_word();
  return bare;
}

// "U.S.A." -> "usa"
std::string bare_code(std::string_view written) {
  auto code = fold_case(written);
  std::erase_if(code, [](char c) { return c == '.' || c == ' '; });
  return code;
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
      known.by_name.emplace(bare_name(display_name(*code, language)), *code);
  }
  for (const auto& [name, code] : other_names) known.by_name.emplace(bare_name(name), code);
  known.by_code.emplace("xk", "XK");
  return known;
}

const atlas& the_atlas() {
  static const atlas known = drawn();
  return known;
}

}  // namespace

std::optional<std::string> country_code_of(std::string_view written) {
  const auto& known = the_atlas();
  if (const auto found = known.by_code.find(bare_code(written)); found != known.by_code.end()) return found->second;
  const auto found = known.by_name.find(bare_name(written));
  return found == known.by_name.end() ? std::nullopt : std::optional(found->second);
}

std::optional<std::string> countries_meant_by(std::string_view written) {
  const auto bare = bare_name(written);
  const auto* shared =
      std::ranges::find_if(shared_names, [&](const shared_name& one) { return bare_name(one.name) == bare; });
  if (shared == std::end(shared_names)) return std::nullopt;
  std::string choices;
  for (const auto code : shared->codes)
    choices +=
        (choices.empty() ? "" : " or ") + display_name(code, icu::Locale::getGerman()) + " (" + std::string(code) + ")";
  return choices;
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
