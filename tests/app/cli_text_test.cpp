// What reaches the terminal, and names taken from the node.
#include "app/cli/event_stream.hpp"
#include "app/cli/files.hpp"
#include "app/cli/limits.hpp"
#include "app/cli/progress.hpp"
#include "app/cli/text.hpp"

#include <boost/json/parse.hpp>
#include <boost/test/unit_test.hpp>

using namespace elsec::cli;

BOOST_AUTO_TEST_SUITE(cli_text)

BOOST_AUTO_TEST_CASE(ordinary_text_stays_as_it_is) {
  BOOST_TEST(printable("Müller-Straße 1, 東京 – 100 %") == "Müller-Straße 1, 東京 – 100 %");
}

BOOST_AUTO_TEST_CASE(escape_sequences_of_the_node_never_reach_the_terminal) {
  BOOST_TEST(printable("a\x1b[2Jb\rc\nd\te\x7f") == "a\\x1b[2Jb\\rc\\nd\\te\\x7f");
  BOOST_TEST(printable(std::string_view("\0", 1)) == "\\x00");
}

BOOST_AUTO_TEST_CASE(c1_controls_and_direction_marks_are_escaped) {
  BOOST_TEST(printable("\u009b31m") == "\\u{9b}31m");
  BOOST_TEST(printable("rechnung\u202efdp.exe") == "rechnung\\u{202e}fdp.exe");
  BOOST_TEST(printable("\u2066x\u2069\u200f\ufeff") == "\\u{2066}x\\u{2069}\\u{200f}\\u{feff}");
}

BOOST_AUTO_TEST_CASE(bytes_that_are_no_utf8_are_escaped_one_by_one) {
  BOOST_TEST(printable("\xff\xc0\xaf") == "\\xff\\xc0\\xaf");
  BOOST_TEST(printable("\xe2\x82") == "\\xe2\\x82");
  BOOST_TEST(printable("\xed\xa0\x80") == "\\xed\\xa0\\x80");           // a surrogate
  BOOST_TEST(printable("\xf4\x90\x80\x80") == "\\xf4\\x90\\x80\\x80");  // beyond Unicode
}

BOOST_AUTO_TEST_CASE(no_text_of_two_bytes_steers_the_terminal) {
  for (int a = 0; a < 256; ++a)
    for (int b = 0; b < 256; ++b) {
      const std::string text{static_cast<char>(a), static_cast<char>(b)};
      const auto shown = printable(text);
      for (std::string_view rest = shown; !rest.empty();) {
        const auto next = first_code_point(rest);
        BOOST_REQUIRE(next.length > 0 && !steers_terminal(next.value));
        rest.remove_prefix(next.length);
      }
    }
}

BOOST_AUTO_TEST_CASE(every_line_of_a_long_text_is_indented) {
  BOOST_TEST(printable_lines("one\r\nelsec: two\x1b", 2) == "  one\n  elsec: two\\x1b\n");
}

BOOST_AUTO_TEST_CASE(json_for_the_terminal_is_the_same_value_without_control_characters) {
  const auto value = boost::json::parse("{\"a\":\"x\\u001b\\u009b\\u202e\\u2028ü\"}");
  const auto text = json_text(value);
  BOOST_TEST(text == "{\"a\":\"x\\u001b\\u009b\\u202e\\u2028ü\"}");
  BOOST_CHECK(boost::json::parse(text) == value);
}

BOOST_AUTO_TEST_CASE(a_table_has_aligned_columns_and_harmless_cells) {
  BOOST_TEST(table({"A", "B"}, {{"ü", "1"}, {"xyz", "\x1b"}}) == "A    B\nü    1\nxyz  \\x1b\n");
  BOOST_TEST(table({"A"}, {}) == "(none)\n");
}

BOOST_AUTO_TEST_CASE(times_are_shortened_only_when_they_are_times) {
  BOOST_TEST(moment("2026-03-01T08:30:00.000Z") == "2026-03-01 08:30 UTC");
  BOOST_TEST(moment("soon\x1b") == "soon\\x1b");
  BOOST_TEST(moment("") == "");
}

BOOST_AUTO_TEST_CASE(a_file_name_from_the_node_stays_in_its_folder) {
  BOOST_TEST(safe_file_name("../../etc/passwd", "doc") == "passwd");
  BOOST_TEST(safe_file_name("C:\\x\\Befund.pdf", "doc") == "Befund.pdf");
  BOOST_TEST(safe_file_name("..", "doc") == "doc");
  BOOST_TEST(safe_file_name("", "doc") == "doc");
  BOOST_TEST(safe_file_name("a/", "doc") == "doc");
  BOOST_TEST(safe_file_name(".bashrc", "doc") == "_bashrc");
  BOOST_TEST(safe_file_name("-rf", "doc") == "_rf");
  BOOST_TEST(safe_file_name("a\nb\x1b:c\u202e.pdf", "doc") == "a_b__c_.pdf");
  BOOST_TEST(safe_file_name("Arztbrief Müller.pdf", "doc") == "Arztbrief Müller.pdf");
}

BOOST_AUTO_TEST_CASE(a_long_file_name_is_cut_between_characters_and_keeps_its_ending) {
  std::string name;
  for (int i = 0; i < 300; ++i) name += "ü";
  const auto safe = safe_file_name(name + ".pdf", "doc");
  BOOST_TEST(safe.size() <= file_name_max_bytes);
  BOOST_TEST(safe.ends_with("ü.pdf"));
  BOOST_TEST(printable(safe) == safe);
}

BOOST_AUTO_TEST_CASE(file_names_travel_percent_encoded) {
  BOOST_TEST(percent_encode("Müller 1.pdf\r\n") == "M%C3%BCller%201.pdf%0D%0A");
}

BOOST_AUTO_TEST_CASE(progress_shows_share_and_amount) {
  BOOST_TEST(progress_line("a\x1b.pdf", 512, 1024) == "a\\x1b.pdf [############............]  50 %  512 B of 1.0 KiB");
  BOOST_TEST(progress_line("x", 0, 0).find("100 %") != std::string::npos);
}

BOOST_AUTO_TEST_SUITE_END()

BOOST_AUTO_TEST_SUITE(cli_event_stream)

namespace {
std::vector<server_event> events_of(std::string_view stream, std::size_t piece) {
  std::vector<server_event> events;
  event_reader reader([&](const server_event& event) -> outcome<bool> {
    events.push_back(event);
    return true;
  });
  for (std::size_t at = 0; at < stream.size(); at += piece) BOOST_REQUIRE(*reader.feed(stream.substr(at, piece)));
  return events;
}
}  // namespace

BOOST_AUTO_TEST_CASE(events_are_the_same_however_the_bytes_are_cut) {
  const std::string_view stream =
      ": hello\n\nid: 7\nevent: dispatch.updated\r\ndata: {\"a\":\ndata:1}\n\n\ndata: x\r\rid: 9\n\n";
  for (std::size_t piece = 1; piece <= stream.size(); ++piece) {
    const auto events = events_of(stream, piece);
    BOOST_REQUIRE_EQUAL(events.size(), 2U);
    BOOST_TEST(events[0].id == "7");
    BOOST_TEST(events[0].type == "dispatch.updated");
    BOOST_TEST(events[0].data == "{\"a\":\n1}");
    BOOST_TEST(events[1].type == "message");
    BOOST_TEST(events[1].data == "x");
  }
}

BOOST_AUTO_TEST_CASE(a_position_without_an_event_is_noted_and_told_to_nobody) {
  int heard = 0;
  event_reader reader([&](const server_event&) -> outcome<bool> { return ++heard > 0; });
  BOOST_TEST(*reader.feed("id: 7\n\n:\n\nevent: gap\ndata: {}\n\n"));
  BOOST_TEST(reader.last_id() == "7");
  BOOST_TEST(heard == 1);
  BOOST_TEST(*reader.feed("id: 8\n"));
  BOOST_TEST(reader.last_id() == "7");  // not complete yet
}

BOOST_AUTO_TEST_CASE(an_endless_event_is_refused) {
  event_reader reader([](const server_event&) { return outcome<bool>(true); });
  const std::string line = "data: " + std::string(1000, 'x') + "\n";
  outcome<bool> more = true;
  for (std::size_t i = 0; more && i < event_size_max_bytes; ++i) more = reader.feed(line);
  BOOST_REQUIRE(!more);
  BOOST_CHECK(more.error().code == exit_code::node_failed);
}

BOOST_AUTO_TEST_CASE(a_handler_that_had_enough_hears_no_more) {
  int heard = 0;
  event_reader reader([&](const server_event&) -> outcome<bool> { return ++heard < 1; });
  BOOST_TEST(!*reader.feed("data: 1\n\ndata: 2\n\n"));
  BOOST_TEST(heard == 1);
}

BOOST_AUTO_TEST_SUITE_END()
