#include "domain/fields.hpp"

#include "domain/folding.hpp"

#include <boost/test/unit_test.hpp>

using namespace elsec::domain;

namespace {

template <class T>
bool takes(std::string_view text) {
  const auto parsed = T::parse(text);
  if (parsed) BOOST_TEST(parsed->str() == text);
  return parsed.has_value();
}

const std::vector<std::string> not_utf8{"\xFF",
                                        "\xC3",
                                        "\x80",
                                        "\xC0\x80",
                                        "\xC1\xBF",
                                        "\xE0\x80\x80",
                                        "\xED\xA0\x80",
                                        "\xE2\x82",
                                        "\xF4\x90\x80\x80",
                                        "\xF0\x80\x80\x80",
                                        "\xF8\x88\x80\x80\x80"};

}  // namespace

BOOST_AUTO_TEST_SUITE(utf8)

BOOST_AUTO_TEST_CASE(lengths_count_code_points) {
  BOOST_TEST((count_code_points("", false) == 0U));
  BOOST_TEST((count_code_points("Straße", false) == 6U));
  BOOST_TEST((count_code_points("€😀\U0010FFFF", false) == 3U));
}

BOOST_AUTO_TEST_CASE(composed_and_decomposed_letters_are_both_text) {
  BOOST_TEST((count_code_points("\u00FC", false) == 1U));   // NFC
  BOOST_TEST((count_code_points("u\u0308", false) == 2U));  // NFD
}

BOOST_AUTO_TEST_CASE(bytes_that_are_not_utf8_are_refused) {
  for (const auto& bad : not_utf8) {
    const auto counted = count_code_points("ok" + bad, false);
    BOOST_TEST_REQUIRE(!counted.has_value());
    BOOST_TEST(counted.error() == "must be valid UTF-8");
  }
}

BOOST_AUTO_TEST_CASE(the_valid_prefix_ends_before_the_first_bad_byte) {
  for (const auto& bad : not_utf8) BOOST_TEST(utf8_prefix("aü" + bad + "b") == 3U);
  BOOST_TEST(utf8_prefix("") == 0U);
  BOOST_TEST(utf8_prefix("aü€😀") == 10U);
}

BOOST_AUTO_TEST_CASE(the_valid_prefix_ends_there_wherever_in_a_text_the_bad_byte_is) {
  for (std::size_t size = 1; size < 40; ++size)
    for (std::size_t at = 0; at < size; ++at) {
      std::string text(size, 'a');
      text[at] = '\xFF';
      BOOST_TEST(utf8_prefix(text) == at);
      text.replace(at, 1, "ü");
      BOOST_TEST(utf8_prefix(text) == text.size());
    }
}

BOOST_AUTO_TEST_CASE(control_characters_and_bidi_overrides_are_refused) {
  for (const std::string bad : {"\x01", "\x1B", "\x7F", "\u0085", "\u009F", "\u2028", "\u2029", "\uFEFF", "\u202A",
                                "\u202E", "\u2066", "\u2069"}) {
    BOOST_TEST(!count_code_points("a" + bad, false));
    BOOST_TEST(!count_code_points("a" + bad, true));
  }
  BOOST_TEST(!count_code_points(std::string_view("a\0b", 3), true));
}

BOOST_AUTO_TEST_CASE(line_feeds_and_tabs_pass_only_in_several_lines) {
  for (const auto* text : {"a\nb", "a\tb", "a\r\nb"}) {
    BOOST_TEST(!count_code_points(text, false));
    BOOST_TEST(count_code_points(text, true).has_value());
  }
}

BOOST_AUTO_TEST_SUITE_END()

BOOST_AUTO_TEST_SUITE(fields)

BOOST_AUTO_TEST_CASE(a_text_has_its_length_in_characters) {
  BOOST_TEST((takes<text<1, 3>>("äöü")));
  BOOST_TEST((takes<text<2, 3>>("ab")));
  BOOST_TEST((text<1, 3>::parse("äöüß").error() == "must have at most 3 characters"));
  BOOST_TEST((text<2, 3>::parse("a").error() == "must have at least 2 characters"));
  BOOST_TEST((text<1, 3>::parse("").error() == "must not be empty"));
}

BOOST_AUTO_TEST_CASE(a_text_that_must_hold_something_is_not_blank) {
  BOOST_TEST((!takes<text<1, 9>>("   ")));
  BOOST_TEST((!takes<multiline_text<1, 9>>(" \n\t")));
  BOOST_TEST((takes<text<0, 9>>("   ")));
  BOOST_TEST((takes<text<0, 9>>("")));
}

// The invisible: blanks, what joins or separates, marks without a letter, fillers, signs without ink, what is
// unassigned.
const std::vector<std::string> nothing_to_see{" ",
                                              "\u00A0",
                                              "\u3000",
                                              "\u200B\u200D",
                                              "\u00AD",
                                              "\u034F",
                                              "\u0301",
                                              "\u2060",
                                              "\u3164",
                                              "\u115F",
                                              "\u1160",
                                              "\uFFA0",
                                              "\u2800",
                                              "\U0001D159",
                                              "\uFE0F",
                                              "\u17B4",
                                              "\uE000",
                                              "\U000E0041",
                                              "\uFFFE",
                                              "\uFDD0",
                                              "\u0378",
                                              "\U0010FFFF",
                                              "\u200B\u0301 \u3164"};

BOOST_AUTO_TEST_CASE(a_text_that_must_hold_something_holds_something_to_see) {
  for (const auto& text_of_none : nothing_to_see) {
    BOOST_TEST((!takes<text<1, 9>>(text_of_none)), text_of_none);
    BOOST_TEST((!takes<multiline_text<1, 9>>(text_of_none + "\n")), text_of_none);
    BOOST_TEST((takes<text<0, 9>>(text_of_none)), text_of_none);
    BOOST_TEST((takes<text<1, 9>>(text_of_none + "ü")), text_of_none);
  }
  for (const auto* visible : {"a", "Ж", "١", "²", "-", "€", "😀", "u\u0308", "\u0D2E\u0D4D\u200D", "⠁"})
    BOOST_TEST((takes<text<1, 9>>(visible)), visible);
  BOOST_TEST((text<1, 9>::parse("\u200B").error() == "must hold at least one character that can be seen"));
}

BOOST_AUTO_TEST_CASE(only_multiline_text_holds_line_feeds) {
  BOOST_TEST((!takes<text<1, 9>>("a\nb")));
  BOOST_TEST((takes<multiline_text<1, 9>>("a\nb")));
}

BOOST_AUTO_TEST_CASE(an_email_address_has_a_name_and_a_host_with_a_dot) {
  for (const auto* text : {"a@b.de", "dr.müller+x@klinik-süd.example.org"})
    BOOST_TEST(takes<email_address>(text), text);
  for (const auto* text :
       {"", "a", "a@b", "@b.de", "a@", "a@.de", "a@b.", "a@b@c.de", "a b@c.de", "a@b .de", "a@b.de\n", "a\u202E@b.de"})
    BOOST_TEST(!takes<email_address>(text), text);
}

BOOST_AUTO_TEST_CASE(an_email_address_may_be_of_any_script) {
  for (const auto* text : {"müller@klinik-münchen.example.org", "mu\u0308ller@klinik.example.org",
                           "用户@例え.example.org", "θσερ@εχαμπλε.example.org", "رعاية@مستشفى.example.org",
                           "राम@अस्पताल.example.org", "a@xn--mnchen-3ya.example.org", "Straße@STRASSE.example.org",
                           "o'neil_{x}|y/z=1%a@b-c.example.org", "a@r3---sn.example.org", "a@1.2b.de"})
    BOOST_TEST(takes<email_address>(text), text);
}

BOOST_AUTO_TEST_CASE(an_email_address_holds_nothing_that_cannot_be_seen) {
  for (const auto& hidden : nothing_to_see) {
    if (hidden == "\u0301") continue;  // an accent of the letter before it
    BOOST_TEST(!takes<email_address>("a" + hidden + "@b.de"), hidden);
    BOOST_TEST(!takes<email_address>("a@b" + hidden + ".de"), hidden);
  }
  for (const auto* name : {"\u200B", "\u3164", "\u0301", "\u0301\u0302"})
    BOOST_TEST(!takes<email_address>(name + std::string("@klinik.example.org")), name);
}

BOOST_AUTO_TEST_CASE(an_email_address_passes_for_no_other_one_when_folded) {
  for (const auto* text : {"a\uFF20b@c.de", "a\uFE6Bb@c.de", "a@b.de\uFF20c.de", "a\uFF20b.de", "a@b\uFF0E.de",
                           "a@b\uFE52.de", "a@b.de\uFF0E", "a@b\u3002.de", "a\u2003b@c.de", "a@b\u2100.de"})
    BOOST_TEST(!takes<email_address>(text), text);
}

// RFC 5321, 4.1.2; RFC 1035, 2.3.4
BOOST_AUTO_TEST_CASE(an_email_addresss_domain_is_made_of_labels) {
  const std::string label(63, 'h');
  BOOST_TEST(takes<email_address>("a@" + label + ".de"));
  BOOST_TEST(!takes<email_address>("a@" + label + "h.de"));
  BOOST_TEST(!takes<email_address>("a@x." + label + "h"));
  BOOST_TEST(!takes<email_address>("a@" + std::string(30, 'h') + "ü" + std::string(30, 'h') + ".de"));  // as xn--…
  BOOST_TEST(!takes<email_address>("a@" + std::string(61, 'h') + "ß.de"));  // as xn--…, not ss
  for (const auto* text : {"a@x..org", "a@.x.org", "a@x.org.", "a@-x.org", "a@x-.org", "a@x.-org", "a@x.org-",
                           "a@-.org", "a@x_y.org", "a@<x>.org", "a@x,y.org", "a@[1.2.3.4]", "a@xn--a.org",
                           "a@x.o\u0301\u200Drg", "a@\u0301x.org", "a@x/y.org", "a@x.org:25", "a@a\u05D0.de"})
    BOOST_TEST(!takes<email_address>(text), text);
}

BOOST_AUTO_TEST_CASE(an_email_address_keeps_to_the_lengths_of_rfc_5321) {
  const std::string label(61, 'h');
  const std::string host = "@" + label + "." + label + "." + label + "h.de";
  BOOST_TEST(takes<email_address>(std::string(64, 'n') + "@b.de"));
  BOOST_TEST(!takes<email_address>(std::string(65, 'n') + "@b.de"));
  BOOST_TEST(takes<email_address>(std::string(64, 'n') + host));
  BOOST_TEST(takes<email_address>(std::string(64, 'n') + "x" + host) == false);
  BOOST_TEST(!takes<email_address>(std::string(63, 'n') + "@hh" + host.substr(1)));
  std::string wide_host = "de";  // 207 bytes, 107 characters
  for (int labels = 0; labels < 5; ++labels) wide_host = "üüüüüüüüüüüüüüüüüüüü." + wide_host;
  BOOST_TEST(takes<email_address>(std::string(46, 'n') + "@" + wide_host));
  BOOST_TEST(!takes<email_address>(std::string(47, 'n') + "@" + wide_host));
}

BOOST_AUTO_TEST_CASE(a_phone_number_has_digits_and_separators) {
  for (const auto* text : {"112", "+49 (30) 1234-567/8", "030.12345"}) BOOST_TEST(takes<phone_number>(text), text);
  for (const auto* text : {"", "12", "--- 12", "030x123", "49+30123", "++4930", "٠١٢٣"})
    BOOST_TEST(!takes<phone_number>(text), text);
}

BOOST_AUTO_TEST_CASE(an_ik_ends_with_its_check_digit) {
  // Digits 3 to 8 are 0 3 2 6 8 2; doubled every other one: 0 3 4 6 16 2, digit sum 22, check digit 2.
  BOOST_TEST(ik_check_digit("26032682") == 2);
  BOOST_TEST(takes<ik_number>("260326822"));
  for (char last = '0'; last <= '9'; ++last)
    BOOST_TEST(takes<ik_number>(std::string("26032682") + last) == (last == '2'), last);
}

BOOST_AUTO_TEST_CASE(an_ik_notices_every_mistyped_digit_after_the_class) {
  const std::string valid = "260326822";
  for (std::size_t i = 2; i < valid.size(); ++i) {
    for (char digit = '0'; digit <= '9'; ++digit) {
      auto typed = valid;
      typed[i] = digit;
      BOOST_TEST(takes<ik_number>(typed) == (digit == valid[i]), typed);
    }
  }
}

BOOST_AUTO_TEST_CASE(ik_and_bsnr_have_nine_digits) {
  for (const auto* text : {"", "26032682", "2603268222", "26032682x", "٢٦٠٣٢٦٨٢٢", " 60326822", "+60326822"}) {
    BOOST_TEST(!takes<ik_number>(text), text);
    BOOST_TEST(!takes<bsnr_number>(text), text);
  }
  BOOST_TEST(takes<bsnr_number>("123456789"));
}

BOOST_AUTO_TEST_CASE(a_password_has_12_to_128_characters_of_any_kind) {
  BOOST_TEST(takes<password>("aqzwsxedcrfv"));
  BOOST_TEST(takes<password>("vier Wörter zum Merken"));
  BOOST_TEST(!takes<password>("aqzwsxedcrf"));
  BOOST_TEST(takes<password>("äöüßäöüßäöüx"));
  BOOST_TEST(!takes<password>("äöüßäöüßäöü"));
  BOOST_TEST(takes<password>("a" + std::string(127, 'b')));
  BOOST_TEST(!takes<password>("a" + std::string(128, 'b')));
}

BOOST_AUTO_TEST_CASE(a_common_password_is_refused_in_any_case) {
  for (const auto* text :
       {"123456789012", "passwort1234", "PassWort1234", "QWERTZUIOP12", "aaaaaaaaaaaa", "AAAAAAaaaaaa"})
    BOOST_TEST(!takes<password>(text), text);
}

BOOST_AUTO_TEST_CASE(a_password_never_appears_in_its_error) {
  BOOST_TEST(password::parse("passwort1234").error().find("1234") == std::string::npos);
  BOOST_TEST(password::parse("geheim-x").error().find("geheim") == std::string::npos);
}

BOOST_AUTO_TEST_CASE(a_media_type_is_type_and_subtype_with_optional_parameters) {
  for (const auto* text : {"application/pdf", "text/plain; charset=utf-8", "text/plain ;charset=\"a b\"",
                           "image/svg+xml", "application/vnd.oasis.opendocument.text"})
    BOOST_TEST(takes<media_type>(text), text);
  for (const auto* text : {"", "pdf", "/pdf", "application/", "a/b/c", "a b/c", " application/pdf",
                           "text/plain\r\nX: y", "text/plän", "text/plain; x=\x7F", "; charset=utf-8"})
    BOOST_TEST(!takes<media_type>(text), text);
  BOOST_TEST(takes<media_type>("a/" + std::string(125, 'b')));
  BOOST_TEST(!takes<media_type>("a/" + std::string(126, 'b')));
}

BOOST_AUTO_TEST_CASE(a_file_name_has_no_path) {
  for (const auto* text : {"Befund.pdf", "Übergabe (2).pdf", "..a", ".profile"})
    BOOST_TEST(takes<file_name>(text), text);
  for (const auto* text : {"", " ", ".", "..", "a/b", "..\\b", "/etc/passwd", "a\nb", "gpj.\u202Efdp"})
    BOOST_TEST(!takes<file_name>(text), text);
  BOOST_TEST(takes<file_name>(std::string(200, 'x')));
  BOOST_TEST(!takes<file_name>(std::string(201, 'x')));
}

// Microsoft, "Naming Files, Paths, and Namespaces"
BOOST_AUTO_TEST_CASE(a_file_name_holds_no_sign_that_windows_reserves) {
  for (const char sign : std::string_view("\":<>?*|")) {
    BOOST_TEST(!takes<file_name>(std::string("a") + sign + "b.pdf"), sign);
    BOOST_TEST(!takes<file_name>(std::string("a.pdf") + sign), sign);
    BOOST_TEST(!takes<file_name>(sign + std::string("a.pdf")), sign);
  }
  for (const auto* text : {"a.exe::$DATA", "C:a.pdf", "a.pdf:x:$DATA"}) BOOST_TEST(!takes<file_name>(text), text);
  for (const auto* text : {"$DATA.pdf", "Befund; 3 + 4 = 7, 100 % (#1) [a] {b} 'c' `d` ^~&@!.pdf", "報告：一.pdf"})
    BOOST_TEST(takes<file_name>(text), text);
}

BOOST_AUTO_TEST_CASE(a_file_name_is_no_device_of_windows) {
  for (const auto* device : {"CON", "PRN", "AUX", "NUL", "CONIN$", "CONOUT$", "COM0", "COM1", "COM9", "LPT0", "LPT1",
                             "LPT9", "COM¹", "COM²", "LPT³"})
    for (const auto* ending : {"", ".pdf", " .pdf", ".tar.gz", "..pdf"}) {
      const auto name = std::string(device) + ending;
      BOOST_TEST(!takes<file_name>(name), name);
      BOOST_TEST(!takes<file_name>(lower_ascii(name)), name);
    }
  BOOST_TEST(!takes<file_name>("C\u200BON.pdf"));
  for (const auto* text : {"Console.pdf", "con-1.pdf", "COM10.txt", "COM.txt", "COMx.txt", "LPTA", "null.pdf", "a.con",
                           "Auxiliar.pdf", " con.pdf", "COM1 a.txt"})
    BOOST_TEST(takes<file_name>(text), text);
}

BOOST_AUTO_TEST_CASE(a_file_name_does_not_end_with_a_dot_or_blank) {
  for (const auto* text : {"a.pdf.", "a.pdf ", "a.exe. .", "a...", "a.pdf\u00A0", "a.pdf\u3000", "a.pdf\u2003", "ü."})
    BOOST_TEST(!takes<file_name>(text), text);
  for (const auto* text : {"a", "a.b", " a", "ü", "Befund…"}) BOOST_TEST(takes<file_name>(text), text);
}

BOOST_AUTO_TEST_CASE(a_bounded_number_keeps_its_bounds) {
  using level = bounded<-2, 3>;
  BOOST_TEST(level{}.value() == -2);
  BOOST_TEST((level::make(-2)->value() == -2));
  BOOST_TEST((level::make(3)->value() == 3));
  BOOST_TEST(!level::make(-3));
  BOOST_TEST(level::make(4).error() == "must be between -2 and 3");
}

BOOST_AUTO_TEST_CASE(a_german_postal_code_lies_between_01001_and_99998) {
  for (const auto* text : {"01001", "10115", "99998"}) BOOST_TEST(is_german_postal_code(text), text);
  for (const auto* text : {"", "01000", "00999", "99999", "1011", "101155", "1011a", "D1011", " 1011", "-1011"})
    BOOST_TEST(!is_german_postal_code(text), text);
}

BOOST_AUTO_TEST_SUITE_END()
