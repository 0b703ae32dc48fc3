#include "codec/text.hpp"

#include <boost/test/unit_test.hpp>

#include <array>
#include <random>

using namespace elsec;
using namespace std::chrono_literals;
using domain::time_point;

namespace {

domain::bytes bytes_of(std::string_view text) { return {text.begin(), text.end()}; }

const time_point morning{std::chrono::sys_days{std::chrono::year{2026} / 1 / 15} + 8h + 30min + 120ms};

}  // namespace

BOOST_AUTO_TEST_SUITE(text)

BOOST_AUTO_TEST_CASE(a_time_prints_in_utc_with_milliseconds) {
  BOOST_TEST(codec::format_time(morning) == "2026-01-15T08:30:00.120Z");
  BOOST_TEST(codec::format_time(time_point{}) == "1970-01-01T00:00:00.000Z");
  BOOST_TEST(codec::format_time(time_point{-1ms}) == "1969-12-31T23:59:59.999Z");
}

BOOST_AUTO_TEST_CASE(a_time_outside_rfc_3339_prints_as_the_nearest_inside) {
  BOOST_TEST(codec::format_time(time_point::max()) == "9999-12-31T23:59:59.999Z");
  BOOST_TEST(codec::format_time(time_point::min()) == "0000-01-01T00:00:00.000Z");
}

BOOST_AUTO_TEST_CASE(equal_instants_parse_equal_whatever_the_offset_and_digits) {
  for (const auto* text :
       {"2026-01-15T08:30:00.120Z", "2026-01-15T08:30:00.12Z", "2026-01-15t08:30:00.120z",
        "2026-01-15T09:30:00.120+01:00", "2026-01-14T22:00:00.120999999-10:30", "2026-01-15T08:30:00.120999-00:00"}) {
    const auto time = codec::parse_time(text);
    BOOST_TEST_REQUIRE(time.has_value(), text);
    BOOST_TEST((*time == morning), text);
  }
}

BOOST_AUTO_TEST_CASE(every_printed_time_parses_back) {
  std::mt19937_64 random(1);
  for (int i = 0; i < 2'000; ++i) {
    const auto ms = static_cast<std::int64_t>(random() % 315'537'897'600'000) - 62'135'596'800'000;  // years 1 to 9999
    const time_point time{std::chrono::milliseconds{ms}};
    BOOST_TEST((codec::parse_time(codec::format_time(time)) == time));
  }
}

BOOST_AUTO_TEST_CASE(the_29th_of_february_exists_in_leap_years_only) {
  BOOST_TEST(codec::parse_time("2024-02-29T00:00:00Z").has_value());
  BOOST_TEST(codec::parse_time("2000-02-29T00:00:00Z").has_value());
  BOOST_TEST(!codec::parse_time("2026-02-29T00:00:00Z"));
  BOOST_TEST(!codec::parse_time("1900-02-29T00:00:00Z"));
}

BOOST_AUTO_TEST_CASE(anything_but_rfc_3339_is_no_time) {
  for (const auto* text : {"",
                           "2026",
                           "2026-01-15",
                           "2026-01-15T08:30:00",
                           "2026-01-15T08:30Z",
                           "2026-01-15 08:30:00Z",
                           "2026-13-15T08:30:00Z",
                           "2026-00-15T08:30:00Z",
                           "2026-01-32T08:30:00Z",
                           "2026-01-00T08:30:00Z",
                           "2026-01-15T24:00:00Z",
                           "2026-01-15T08:60:00Z",
                           "2026-06-30T23:59:60Z",
                           "2026-01-15T08:30:61Z",
                           "2026-01-15T08:30:00.Z",
                           "2026-01-15T08:30:00.1234567890Z",
                           "2026-01-15T08:30:00,5Z",
                           "2026-01-15T08:30:00+24:00",
                           "2026-01-15T08:30:00+01:60",
                           "2026-01-15T08:30:00+0100",
                           "2026-01-15T08:30:00+01",
                           "2026-01-15T08:30:00ZZ",
                           "2026-01-15T08:30:00Z ",
                           " 2026-01-15T08:30:00Z",
                           "+026-01-15T08:30:00Z",
                           "2026-1-15T08:30:00Z",
                           "0000-01-01T00:00:00+00:01",
                           "9999-12-31T23:59:59-00:01"})
    BOOST_TEST(!codec::parse_time(text), text);
}

BOOST_AUTO_TEST_CASE(hex_prints_lower_case_and_reads_both_cases) {
  std::array<std::uint8_t, 3> data{0x00, 0xAF, 0x9C};
  BOOST_TEST(codec::to_hex(data) == "00af9c");
  std::array<std::uint8_t, 3> back{};
  BOOST_TEST(codec::from_hex("00Af9C", back));
  BOOST_TEST(back == data, boost::test_tools::per_element());
}

BOOST_AUTO_TEST_CASE(hex_of_another_length_or_alphabet_is_refused) {
  std::array<std::uint8_t, 2> out{};
  for (const auto* text : {"", "00a", "00af9", "00af9c", "00ag", "0x00", "00 a"})
    BOOST_TEST(!codec::from_hex(text, out));
}

BOOST_AUTO_TEST_CASE(base64url_agrees_with_rfc_4648) {
  constexpr std::array<std::pair<const char*, const char*>, 7> vectors{{{"", ""},
                                                                        {"f", "Zg"},
                                                                        {"fo", "Zm8"},
                                                                        {"foo", "Zm9v"},
                                                                        {"foob", "Zm9vYg"},
                                                                        {"fooba", "Zm9vYmE"},
                                                                        {"foobar", "Zm9vYmFy"}}};
  for (const auto& [plain, encoded] : vectors) {
    BOOST_TEST(codec::to_base64url(bytes_of(plain)) == encoded);
    BOOST_TEST((codec::from_base64url(encoded) == bytes_of(plain)));
  }
  BOOST_TEST(codec::to_base64url(domain::bytes{0xFB, 0xFF, 0xFE}) == "-__-");
}

BOOST_AUTO_TEST_CASE(base64url_of_any_bytes_reads_back) {
  std::mt19937 random(2);
  for (std::size_t size = 0; size < 200; ++size) {
    domain::bytes data(size);
    for (auto& byte : data) byte = static_cast<std::uint8_t>(random());
    BOOST_TEST((codec::from_base64url(codec::to_base64url(data)) == data));
  }
}

BOOST_AUTO_TEST_CASE(base64url_has_one_form_per_value) {
  for (const auto* text : {"Zg==", "Zg=", "Z", "Zm9vY", "Zh", "Zm9", "+//+", "Zm 9v", "Zm9v\n", "Zm9ü"})
    BOOST_TEST(!codec::from_base64url(text), text);
}

BOOST_AUTO_TEST_CASE(to_utf8_keeps_valid_text_and_replaces_the_rest) {
  BOOST_TEST(codec::to_utf8("Grüße 😀") == "Grüße 😀");
  BOOST_TEST(codec::to_utf8("a\xFF"
                            "b\xC3") == "a\uFFFDb\uFFFD");
  BOOST_TEST(codec::to_utf8("").empty());
}

BOOST_AUTO_TEST_SUITE_END()
