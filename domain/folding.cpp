#include "domain/folding.hpp"

#include <algorithm>
#include <array>
#include <limits>
#include <memory>
#include <stdexcept>
#include <unicode/normalizer2.h>
#include <unicode/translit.h>
#include <unicode/uchar.h>
#include <unicode/unistr.h>
#include <unicode/uversion.h>

namespace elsec::domain {
namespace {

icu::StringPiece piece_of(std::string_view text) {
  // Every text here is bounded long before (a JSON body, a file name).
  if (text.size() > static_cast<std::size_t>(std::numeric_limits<std::int32_t>::max()))
    throw std::length_error("a text of more than 2 GiB cannot be folded");
  return {text.data(), static_cast<std::int32_t>(text.size())};
}

// Fails only where ICU's data file is not the one it was built for.
void must_have_worked(UErrorCode status) {
  if (U_FAILURE(status)) throw std::runtime_error(std::string("ICU: ") + u_errorName(status));
}

std::unique_ptr<icu::Transliterator> plain_letters() {
  UErrorCode status = U_ZERO_ERROR;
  // Marks of Latin, Greek and Cyrillic letters are accents, and people seldom write those of Arabic, Hebrew and Syriac
  // (vowels, and the stretching U+0640); in other scripts a mark is a vowel that is always written.
  const icu::UnicodeString rules(
      "NFD; [\\u0300-\\u036F\\u0640[[:Mn:]&[[:scx=Arab:][:scx=Hebr:][:scx=Syrc:]]]] Remove;"
      "[:Latin:] Latin-ASCII; Lower");
  std::unique_ptr<icu::Transliterator> made(icu::Transliterator::createInstance(rules, UTRANS_FORWARD, status));
  must_have_worked(status);
  return made;
}

// Raised whenever the rules here change.
constexpr int folding_rules = 2;

std::string version_text(void (*version_of)(UVersionInfo)) {
  UVersionInfo version{};
  version_of(version);
  std::array<char, U_MAX_VERSION_STRING_LENGTH + 1> text{};
  u_versionToString(version, text.data());
  return text.data();
}

// Most names are, and have nothing for ICU to do.
bool is_ascii(std::string_view text) noexcept {
  return std::ranges::all_of(text, [](char c) { return static_cast<unsigned char>(c) < 0x80; });
}

// "ae" -> "a", as "ä" has become, and likewise "oe" and "ue": whichever way a name was typed, it is found. Every "e"
// behind such a vowel goes, so that folding twice changes nothing.
std::string without_second_vowels(std::string text) {
  char before = ' ';
  std::erase_if(text, [&](char c) {
    const bool second = c == 'e' && (before == 'a' || before == 'o' || before == 'u');
    if (!second) before = c;
    return second;
  });
  return text;
}

}  // namespace

std::string lower_ascii(std::string_view text) {
  std::string lower(text);
  std::ranges::transform(lower, lower.begin(),
                         [](char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c + ('a' - 'A')) : c; });
  return lower;
}

std::string fold_case(std::string_view utf8) {
  if (is_ascii(utf8)) return lower_ascii(utf8);
  UErrorCode status = U_ZERO_ERROR;
  const auto* folding = icu::Normalizer2::getNFKCCasefoldInstance(status);
  must_have_worked(status);
  // By way of UTF-16, which no byte that is no UTF-8 survives: between two such a character may vanish, and what is
  // left is another one.
  const auto normalized = folding->normalize(icu::UnicodeString::fromUTF8(piece_of(utf8)), status);
  must_have_worked(status);
  std::string folded;
  normalized.toUTF8String(folded);
  return folded;
}

std::string fold(std::string_view utf8) {
  if (is_ascii(utf8)) return without_second_vowels(lower_ascii(utf8));
  // ICU does not promise that threads may share one.
  thread_local const std::unique_ptr<const icu::Transliterator> plain = plain_letters();
  auto letters = icu::UnicodeString::fromUTF8(fold_case(utf8));
  plain->transliterate(letters);
  std::string folded;
  letters.toUTF8String(folded);
  return without_second_vowels(std::move(folded));
}

std::string folding_origin() {
  return "rules " + std::to_string(folding_rules) + ", ICU " + version_text(&u_getVersion) + ", Unicode " +
         version_text(&u_getUnicodeVersion);
}

}  // namespace elsec::domain
