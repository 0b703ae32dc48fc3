#include "domain/fields.hpp"

#include "domain/folding.hpp"

#include <algorithm>
#include <array>
#include <cstring>
#include <memory>
#include <stdexcept>
#include <unicode/bytestream.h>
#include <unicode/idna.h>
#include <unicode/uchar.h>
#include <unicode/utf8.h>
#include <utility>

namespace elsec::domain {
namespace {

constexpr bool is_digit(char c) noexcept { return c >= '0' && c <= '9'; }

struct decoded {
  char32_t code_point;
  std::size_t length;  // 0: not UTF-8
};

// The first code point of a text that is not empty. Strict: no overlong forms, no surrogates, nothing beyond U+10FFFF.
decoded decode(std::string_view text) noexcept {
  constexpr std::size_t length_max = U8_MAX_LENGTH;
  const auto* bytes = reinterpret_cast<const std::uint8_t*>(text.data());
  std::int32_t length = 0;
  UChar32 code_point = 0;
  U8_NEXT(bytes, length, static_cast<std::int32_t>(std::min(text.size(), length_max)), code_point);
  if (code_point < 0) return {0, 0};
  return {static_cast<char32_t>(code_point), static_cast<std::size_t>(length)};
}

// Whether something holds of every code point of a text that is UTF-8.
template <class Test>
bool all_code_points(std::string_view text, Test test) {
  while (!text.empty()) {
    const auto [code_point, length] = decode(text);
    if (length == 0 || !test(code_point)) return false;
    text.remove_prefix(length);
  }
  return true;
}

// Signs that Unicode counts as symbols though they show nothing: a Braille cell without dots, a note without a head.
constexpr bool is_empty_sign(char32_t c) noexcept { return c == 0x2800 || c == 0x1D159; }

// Whether a code point is assigned and of one of these general categories (U_GC_..._MASK), and people can see it: the
// fillers of Hangul are letters, too, but Unicode has them ignored by default (UAX #44, Default_Ignorable_Code_Point).
bool is_shown_as(char32_t c, std::uint32_t categories) noexcept {
  const auto point = static_cast<UChar32>(c);
  return (U_GET_GC_MASK(point) & categories) != 0 && !u_hasBinaryProperty(point, UCHAR_DEFAULT_IGNORABLE_CODE_POINT) &&
         !is_empty_sign(c);
}

constexpr std::uint32_t visible_categories = U_GC_L_MASK | U_GC_N_MASK | U_GC_P_MASK | U_GC_S_MASK;

// Whether a text that is UTF-8 holds a letter, number, punctuation mark or symbol that shows. A mark (an accent) alone
// is none: it needs something to stand on.
bool shows_something(std::string_view text) {
  return !all_code_points(text, [](char32_t c) { return !is_shown_as(c, visible_categories); });
}

bool is_control(char32_t c, bool multiline) noexcept {
  if (multiline && (c == '\n' || c == '\t' || c == '\r')) return false;
  const bool bidi_override = (c >= 0x202A && c <= 0x202E) || (c >= 0x2066 && c <= 0x2069);
  return c < 0x20 || (c >= 0x7F && c < 0xA0) || c == 0x2028 || c == 0x2029 || c == 0xFEFF || bidi_override;
}

// Passwords that head every list of leaked ones and are long enough to pass the length rule.
constexpr std::array<std::string_view, 24> common_passwords{
    "123456789012",     "1234567890123", "12345678901234", "123456789012345", "1234567890123456", "password1234",
    "passwordpassword", "password12345", "passwort1234",   "passwort12345",   "passwortpasswort", "qwertzuiop12",
    "qwertzuiopasdf",   "qwertyuiop12",  "qwertyuiop123",  "qwertyuiopasdf",  "1q2w3e4r5t6y",     "1qaz2wsx3edc",
    "abcdefghijkl",     "abc123abc123",  "iloveyou1234",   "hallohallohallo", "geheimgeheim",     "administrator"};

bool is_one_character_repeated(std::string_view text) {
  return std::ranges::all_of(text, [&](char c) { return c == text.front(); });
}

// Before the '@'. No blanks, no code points without a meaning, nothing invisible (RFC 8264, 4.3.3 and 9.13, asks the
// same of every text that is to be compared).
bool is_mailbox_name(std::string_view name) {
  constexpr std::uint32_t allowed = visible_categories | U_GC_M_MASK;
  return shows_something(name) && all_code_points(name, [](char32_t c) { return is_shown_as(c, allowed); });
}

std::unique_ptr<const icu::IDNA> domain_name_rules() {
  constexpr std::uint32_t strict = UIDNA_USE_STD3_RULES | UIDNA_CHECK_BIDI | UIDNA_NONTRANSITIONAL_TO_ASCII;
  UErrorCode status = U_ZERO_ERROR;
  std::unique_ptr<const icu::IDNA> rules(icu::IDNA::createUTS46Instance(strict, status));
  // Fails only where ICU's data file is not the one it was built for.
  if (U_FAILURE(status)) throw std::runtime_error(std::string("ICU: ") + u_errorName(status));
  return rules;
}

// Behind the '@': at least two labels of letters, digits and inner hyphens, in ASCII 1 to 63 bytes each (RFC
// 5321, 4.1.2 and RFC 1035, 2.3.4), those of other scripts as UTS #46 has them. Precondition: at most a few hundred
// bytes.
bool is_mail_domain(std::string_view name) {
  // ICU does not promise that threads may share one.
  thread_local const auto rules = domain_name_rules();
  if (!is_mailbox_name(name)) return false;
  UErrorCode status = U_ZERO_ERROR;
  icu::IDNAInfo found;
  std::string ascii;
  icu::StringByteSink<std::string> sink(&ascii);
  rules->nameToASCII_UTF8({name.data(), static_cast<std::int32_t>(name.size())}, sink, found, status);
  // "r3---sn.example.org" is in use, though hyphens in these places are kept for encodings to come.
  const auto wrong = found.getErrors() & ~static_cast<std::uint32_t>(UIDNA_ERROR_HYPHEN_3_4);
  return U_SUCCESS(status) && wrong == 0 && ascii.contains('.') && !ascii.ends_with('.');
}

// No domain holds a second '@'.
bool is_mail_address(std::string_view text) {
  const auto at = text.find('@');
  return at != std::string_view::npos && is_mailbox_name(text.substr(0, at)) && is_mail_domain(text.substr(at + 1));
}

// Names that Windows takes for a device whatever ending follows, so that nothing can be saved under them (Microsoft,
// "Naming Files, Paths, and Namespaces"; CONIN$ and CONOUT$ from "Console Handles"). Folding makes COM1 of COM¹.
bool is_windows_device(std::string_view filename) {
  constexpr std::array<std::string_view, 6> devices{"con", "prn", "aux", "nul", "conin$", "conout$"};
  auto base = fold_case(filename);
  base.erase(std::min(base.find('.'), base.size()));
  base.erase(base.find_last_not_of(' ') + 1);
  const bool port = base.size() == 4 && (base.starts_with("com") || base.starts_with("lpt")) && is_digit(base.back());
  return port || std::ranges::find(devices, base) != devices.end();
}

// Eight bytes at a time: most of all text that is checked is ASCII.
std::size_t ascii_prefix(std::string_view text) noexcept {
  constexpr std::uint64_t high_bits = 0x8080'8080'8080'8080;
  std::size_t at = 0;
  for (std::uint64_t eight = 0; at + sizeof eight <= text.size(); at += sizeof eight) {
    std::memcpy(&eight, text.data() + at, sizeof eight);
    if ((eight & high_bits) != 0) break;
  }
  while (at < text.size() && (static_cast<unsigned char>(text[at]) & 0x80U) == 0) ++at;
  return at;
}

// A dot, or any blank of Unicode. Precondition: UTF-8.
bool ends_in_dot_or_blank(std::string_view text) {
  std::int32_t at = static_cast<std::int32_t>(text.size());
  UChar32 last = 0;
  U8_PREV(reinterpret_cast<const std::uint8_t*>(text.data()), 0, at, last);
  return last == '.' || u_isUWhiteSpace(last);
}

bool is_media_token(std::string_view text) {
  return !text.empty() && std::ranges::all_of(text, [](char c) {
    return is_digit(c) || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || std::string_view("!#$&^_.+-").contains(c);
  });
}

}  // namespace

std::size_t utf8_prefix(std::string_view text) noexcept {
  std::size_t valid = 0;
  while (true) {
    valid += ascii_prefix(text.substr(valid));
    if (valid == text.size()) break;
    const auto length = decode(text.substr(valid)).length;
    if (length == 0) break;
    valid += length;
  }
  return valid;
}

std::expected<std::size_t, std::string> count_code_points(std::string_view text, bool multiline) {
  std::size_t count = 0;
  while (!text.empty()) {
    const auto [code_point, length] = decode(text);
    if (length == 0) return std::unexpected("must be valid UTF-8");
    if (is_control(code_point, multiline)) return std::unexpected("must not contain control characters");
    text.remove_prefix(length);
    ++count;
  }
  return count;
}

int ik_check_digit(std::string_view digits) noexcept {
  int sum = 0;
  for (std::size_t i = 2; i < 8; ++i) {
    const int product = (digits[i] - '0') * (i % 2 == 0 ? 2 : 1);
    sum += product / 10 + product % 10;
  }
  return sum % 10;
}

bool is_german_postal_code(std::string_view text) noexcept {
  return text.size() == 5 && std::ranges::all_of(text, is_digit) && text >= "01001" && text <= "99998";
}

namespace detail {

std::expected<void, std::string> check_text(std::string_view text, std::size_t min, std::size_t max, bool multiline) {
  const auto count = count_code_points(text, multiline);
  if (!count) return std::unexpected(count.error());
  if (*count > max) return std::unexpected("must have at most " + std::to_string(max) + " characters");
  if (*count < min)
    return std::unexpected(min <= 1 ? std::string("must not be empty")
                                    : "must have at least " + std::to_string(min) + " characters");
  if (min > 0 && !shows_something(text)) return std::unexpected("must hold at least one character that can be seen");
  return {};
}

std::expected<void, std::string> email_rule::check(std::string_view text) {
  if (auto ok = check_text(text, length_min, length_max, false); !ok) return ok;
  // What folds to something else than an address could pass for another one: a full-width '@' folds to '@', a blank of
  // any kind to a blank.
  const bool lengths = text.size() <= length_max && text.find('@') <= name_bytes_max;
  if (!lengths || !is_mail_address(text) || !is_mail_address(fold_case(text)))
    return std::unexpected("must be an e-mail address like name@example.org");
  return {};
}

std::expected<void, std::string> phone_rule::check(std::string_view text) {
  if (auto ok = check_text(text, length_min, length_max, false); !ok) return ok;
  const auto allowed = [&](char c) { return is_digit(c) || std::string_view(" ()/.-").contains(c); };
  const auto rest = text.starts_with('+') ? text.substr(1) : text;
  if (!std::ranges::all_of(rest, allowed) || std::ranges::count_if(rest, is_digit) < 3)
    return std::unexpected("must be a phone number of digits, spaces and ()/.- with an optional leading +");
  return {};
}

std::expected<void, std::string> ik_rule::check(std::string_view text) {
  if (text.size() != 9 || !std::ranges::all_of(text, is_digit)) return std::unexpected("must have 9 digits");
  if (ik_check_digit(text) != text[8] - '0')
    return std::unexpected("has a wrong check digit; compare it with the notice of assignment");
  return {};
}

std::expected<void, std::string> bsnr_rule::check(std::string_view text) {
  if (text.size() != 9 || !std::ranges::all_of(text, is_digit)) return std::unexpected("must have 9 digits");
  return {};
}

std::expected<void, std::string> password_rule::check(std::string_view text) {
  if (auto ok = check_text(text, length_min, length_max, false); !ok) return ok;
  const auto folded = fold_case(text);
  if (std::ranges::find(common_passwords, folded) != common_passwords.end() || is_one_character_repeated(folded))
    return std::unexpected("is too common; choose several unrelated words");
  return {};
}

std::expected<void, std::string> media_type_rule::check(std::string_view text) {
  constexpr auto sentence = "must be a media type like application/pdf";
  if (text.size() > length_max || !std::ranges::all_of(text, [](char c) { return c >= 0x20 && c < 0x7F; }))
    return std::unexpected(sentence);
  auto essence = text.substr(0, text.find(';'));
  while (essence.ends_with(' ')) essence.remove_suffix(1);
  const auto slash = essence.find('/');
  if (slash == std::string_view::npos || !is_media_token(essence.substr(0, slash)) ||
      !is_media_token(essence.substr(slash + 1)))
    return std::unexpected(sentence);
  return {};
}

std::expected<void, std::string> file_name_rule::check(std::string_view text) {
  if (auto ok = check_text(text, length_min, length_max, false); !ok) return ok;
  if (text.find_first_of("/\\") != std::string_view::npos || text == "." || text == "..")
    return std::unexpected("must be a file name without a path");
  if (text.find_first_of("\":<>?*|") != std::string_view::npos)
    return std::unexpected("must not contain any of \" : < > ? * |, which Windows does not take; leave them out");
  if (ends_in_dot_or_blank(text)) return std::unexpected("must not end with a dot or a blank; leave it out");
  if (is_windows_device(text))
    return std::unexpected("must not be what Windows calls a device, as CON and COM1.txt are; choose another name");
  return {};
}

}  // namespace detail
}  // namespace elsec::domain
