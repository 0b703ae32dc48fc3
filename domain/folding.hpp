#pragma once
// Comparing texts as people do: what differs only in how it was typed is equal. Case, composition and the rest of
// Unicode are ICU's business.

#include <string>
#include <string_view>

namespace elsec::domain {

// ASCII letters in lower case, every other byte as it is: for the words of protocols (media types, markup).
[[nodiscard]] std::string lower_ascii(std::string_view text);

// One text for all spellings that differ in case, composition ("ü" as one code point or two), width, or in characters
// that nothing shows (Unicode's NFKC_Casefold). For names that must not exist twice. Bytes that are not UTF-8
// become U+FFFD.
[[nodiscard]] std::string fold_case(std::string_view utf8);

// For finding words: fold_case, and letters without their accents, other Latin letters as ASCII writes them ("ø" as
// "o", "ł" as "l", "æ" as "ae"), and "ae", "oe", "ue" like "ä", "ö", "ü" ("Müller-Straße" and "Mueller-Strasse" ->
// "muller-strasse"); Arabic, Hebrew and Syriac without the marks that are seldom written (vowel points, hamza above and
// below, stretching). Bytes that are not UTF-8 become U+FFFD. Folding twice changes nothing, and what a text begins
// with folds to what its fold begins with, so an index of folded words finds beginnings, too.
[[nodiscard]] std::string fold(std::string_view utf8);

// What `fold` folds by: the rules here and the versions of ICU and its Unicode data that run. While it stays the same,
// so does every fold; what is kept by folds is made anew when it is another.
[[nodiscard]] std::string folding_origin();

}  // namespace elsec::domain
