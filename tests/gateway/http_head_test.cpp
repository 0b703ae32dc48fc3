// The strict reading of request heads (requirements R12, R14: nothing ambiguous gets past the front door).

#include "gateway/http_head.hpp"

#include "gateway/limits.hpp"

#include <boost/test/data/test_case.hpp>
#include <boost/test/unit_test.hpp>

#include <random>

using namespace elsec;
using namespace elsec::gateway;
using domain::error_code;
using namespace std::string_literals;

namespace {

const std::string plain = "GET /api/v1/nodes?limit=5 HTTP/1.1\r\nHost: localhost:8443\r\nAccept: */*\r\n\r\n";

struct sample {
  std::string why;
  std::string head;
};
std::ostream& operator<<(std::ostream& out, const sample& what) { return out << what.why; }

std::string post(const std::string& fields) { return "POST /x HTTP/1.1\r\nHost: h\r\n" + fields + "\r\n"; }

const std::vector<sample> refused{
    {"Transfer-Encoding that is not chunked", post("Transfer-Encoding: gzip\r\n")},
    {"Transfer-Encoding: identity", post("Transfer-Encoding: identity\r\n")},
    {"a list of transfer codings", post("Transfer-Encoding: gzip, chunked\r\n")},
    {"chunked, chunked", post("Transfer-Encoding: chunked, chunked\r\n")},
    {"repeated Transfer-Encoding", post("Transfer-Encoding: chunked\r\nTransfer-Encoding: chunked\r\n")},
    {"chunked with a parameter", post("Transfer-Encoding: chunked;q=1\r\n")},
    {"chunked with a vertical tab", post("Transfer-Encoding: \x0b"
                                         "chunked\r\n")},
    {"empty Transfer-Encoding", post("Transfer-Encoding:\r\n")},
    {"Transfer-Encoding with Content-Length", post("Content-Length: 4\r\nTransfer-Encoding: chunked\r\n")},
    {"Transfer-Encoding with Content-Length 0", post("Transfer-Encoding: chunked\r\nContent-Length: 0\r\n")},
    {"Transfer-Encoding in HTTP/1.0", "POST / HTTP/1.0\r\nHost: h\r\nTransfer-Encoding: chunked\r\n\r\n"},
    {"space before the colon", post("Content-Length : 4\r\n")},
    {"tab before the colon", post("Transfer-Encoding\t: chunked\r\n")},
    {"folded line", post("X-A: b\r\n c\r\n")},
    {"folded first field", "GET / HTTP/1.1\r\n Host: h\r\nHost: h\r\n\r\n"},
    {"repeated Content-Length", post("Content-Length: 4\r\nContent-Length: 4\r\n")},
    {"different Content-Lengths", post("Content-Length: 4\r\nContent-Length: 5\r\n")},
    {"list-valued Content-Length", post("Content-Length: 4, 4\r\n")},
    {"signed Content-Length", post("Content-Length: +4\r\n")},
    {"negative Content-Length", post("Content-Length: -1\r\n")},
    {"hexadecimal Content-Length", post("Content-Length: 0x10\r\n")},
    {"Content-Length with a space inside", post("Content-Length: 1 0\r\n")},
    {"empty Content-Length", post("Content-Length:\r\n")},
    {"Content-Length beyond 64 bits", post("Content-Length: 99999999999999999999\r\n")},
    {"no Host", "GET / HTTP/1.1\r\n\r\n"},
    {"several Hosts", "GET / HTTP/1.1\r\nHost: a\r\nhost: a\r\n\r\n"},
    {"empty Host", "GET / HTTP/1.1\r\nHost:\r\n\r\n"},
    {"a list of Hosts", "GET / HTTP/1.1\r\nHost: a, b\r\n\r\n"},
    {"Host with user information", "GET / HTTP/1.1\r\nHost: a@b\r\n\r\n"},
    {"absolute-form target", "GET https://h/ HTTP/1.1\r\nHost: h\r\n\r\n"},
    {"authority-form target", "CONNECT h:443 HTTP/1.1\r\nHost: h\r\n\r\n"},
    {"asterisk-form target", "OPTIONS * HTTP/1.1\r\nHost: h\r\n\r\n"},
    {"target with two slashes", "GET //h/x HTTP/1.1\r\nHost: h\r\n\r\n"},
    {"target with a fragment", "GET /a#b HTTP/1.1\r\nHost: h\r\n\r\n"},
    {"target with a space", "GET /a b HTTP/1.1\r\nHost: h\r\n\r\n"},
    {"target outside ASCII", "GET /\xc3\xbc HTTP/1.1\r\nHost: h\r\n\r\n"},
    {"target with a broken escape", "GET /%4 HTTP/1.1\r\nHost: h\r\n\r\n"},
    {"target with a wrong escape", "GET /%zz HTTP/1.1\r\nHost: h\r\n\r\n"},
    {"bare LF after the request line", "GET / HTTP/1.1\nHost: h\r\n\r\n"},
    {"bare LF after a field", "GET / HTTP/1.1\r\nHost: h\n\r\n"},
    {"bare LF at the end", "GET / HTTP/1.1\r\nHost: h\r\n\n"},
    {"bare CR", "GET / HTTP/1.1\r\nHost: h\rX: y\r\n\r\n"},
    {"two CRs", "GET / HTTP/1.1\r\r\nHost: h\r\n\r\n"},
    {"body on GET", "GET / HTTP/1.1\r\nHost: h\r\nContent-Length: 1\r\n\r\n"},
    {"chunked body on GET", "GET / HTTP/1.1\r\nHost: h\r\nTransfer-Encoding: chunked\r\n\r\n"},
    {"body on HEAD", "HEAD / HTTP/1.1\r\nHost: h\r\nContent-Length: 7\r\n\r\n"},
    {"NUL in a value", "GET / HTTP/1.1\r\nHost: h\r\nX: a\0b\r\n\r\n"s},
    {"escape in a value", "GET / HTTP/1.1\r\nHost: h\r\nX: a\x1b[2J\r\n\r\n"},
    {"DEL in a name", "GET / HTTP/1.1\r\nHost: h\r\nX\x7f: a\r\n\r\n"},
    {"empty field name", "GET / HTTP/1.1\r\nHost: h\r\n: a\r\n\r\n"},
    {"no colon", "GET / HTTP/1.1\r\nHost: h\r\nnonsense\r\n\r\n"},
    {"field name outside ASCII", "GET / HTTP/1.1\r\nHost: h\r\nX\xc3\xbc: a\r\n\r\n"},
    {"HTTP/2 preface", "PRI * HTTP/2.0\r\n\r\n"},
    {"HTTP/0.9", "GET /\r\nHost: h\r\n\r\n"},
    {"version in lower case", "GET / http/1.1\r\nHost: h\r\n\r\n"},
    {"version with more digits", "GET / HTTP/1.10\r\nHost: h\r\n\r\n"},
    {"two spaces in the request line", "GET  / HTTP/1.1\r\nHost: h\r\n\r\n"},
    {"space at the end of the request line", "GET / HTTP/1.1 \r\nHost: h\r\n\r\n"},
    {"method with a separator", "GE(T / HTTP/1.1\r\nHost: h\r\n\r\n"},
    {"no method", " / HTTP/1.1\r\nHost: h\r\n\r\n"},
    {"empty line first", "\r\nGET / HTTP/1.1\r\nHost: h\r\n\r\n"},
    {"an expectation we do not know", post("Expect: 200-ok\r\nContent-Length: 1\r\n")},
};

}  // namespace

BOOST_AUTO_TEST_SUITE(http_head)

BOOST_DATA_TEST_CASE(a_request_that_could_be_read_in_two_ways_is_refused, refused) {
  const auto read = parse_head(sample.head);
  BOOST_REQUIRE(!read);
  BOOST_TEST(domain::name_of(read.error().code) == "bad_request");
}

BOOST_AUTO_TEST_CASE(a_plain_request_is_read_as_sent) {
  const auto read = parse_head(plain);
  BOOST_REQUIRE(read);
  BOOST_TEST(read->method == "GET");
  BOOST_TEST(read->target == "/api/v1/nodes?limit=5");
  BOOST_TEST(read->field("host").value() == "localhost:8443");
  BOOST_TEST(!read->field("Cookie").has_value());
  BOOST_TEST(!read->body.has_body());
  BOOST_TEST(read->body.keeps_alive);
}

BOOST_AUTO_TEST_CASE(chunked_is_taken_in_any_case_and_a_length_by_its_number) {
  BOOST_TEST(parse_head(post("Transfer-Encoding: ChUnKeD\r\n")).value().body.chunked);
  BOOST_TEST(parse_head(post("content-length:\t42 \r\n")).value().body.content_length.value() == 42U);
}

BOOST_AUTO_TEST_CASE(a_length_of_zero_is_no_body_on_get) {
  const auto read = parse_head("GET / HTTP/1.1\r\nHost: h\r\nContent-Length: 0\r\n\r\n");
  BOOST_REQUIRE(read);
  BOOST_TEST(!read->body.has_body());
}

BOOST_AUTO_TEST_CASE(connection_and_version_decide_whether_it_stays_open) {
  BOOST_TEST(!parse_head("GET / HTTP/1.1\r\nHost: h\r\nConnection: TE, Close\r\n\r\n").value().body.keeps_alive);
  BOOST_TEST(!parse_head("GET / HTTP/1.0\r\nHost: h\r\n\r\n").value().body.keeps_alive);
  BOOST_TEST(parse_head("GET / HTTP/1.0\r\nHost: h\r\nConnection: keep-alive\r\n\r\n").value().body.keeps_alive);
}

BOOST_AUTO_TEST_CASE(an_expectation_counts_only_with_a_body) {
  BOOST_TEST(parse_head(post("Expect: 100-Continue\r\nContent-Length: 1\r\n")).value().body.expects_continue);
  BOOST_TEST(!parse_head(post("Expect: 100-continue\r\n")).value().body.expects_continue);
}

BOOST_AUTO_TEST_CASE(a_head_cut_at_any_byte_is_waited_for_and_never_taken) {
  for (std::size_t length = 0; length < plain.size(); ++length) {
    const auto cut = plain.substr(0, length);
    const auto found = find_head(cut, limits{}.header_bytes_max);
    BOOST_TEST_REQUIRE(found.has_value());
    BOOST_TEST(!found->has_value());
    BOOST_TEST(!check_head(cut).has_value());
  }
  BOOST_TEST(find_head(plain, limits{}.header_bytes_max).value().value() == plain.size());
}

BOOST_AUTO_TEST_CASE(bytes_after_the_head_belong_to_what_follows) {
  BOOST_TEST(find_head(plain + "GET /next", limits{}.header_bytes_max).value().value() == plain.size());
  BOOST_TEST(!check_head(plain + "x").has_value());
}

BOOST_AUTO_TEST_CASE(a_head_beyond_its_limit_is_too_large_whatever_follows) {
  const auto most = limits{}.header_bytes_max;
  const std::string begin = "GET / HTTP/1.1\r\nHost: h\r\nX: ";
  const auto exact = begin + std::string(most - begin.size() - 4, 'a') + "\r\n\r\n";
  BOOST_TEST(find_head(exact, most).value().value() == most);
  const auto beyond = find_head(begin + std::string(most, 'a'), most);
  BOOST_REQUIRE(!beyond);
  BOOST_TEST(domain::name_of(beyond.error().code) == "header_too_large");
}

BOOST_AUTO_TEST_CASE(too_many_fields_are_too_large) {
  std::string head = "GET / HTTP/1.1\r\nHost: h\r\n";
  for (std::size_t i = 1; i < header_fields_max; ++i) head += "A: b\r\n";
  BOOST_TEST(check_head(head + "\r\n").has_value());
  const auto beyond = check_head(head + "A: b\r\n\r\n");
  BOOST_REQUIRE(!beyond);
  BOOST_TEST(domain::name_of(beyond.error().code) == "header_too_large");
}

// Whatever passes the rules must be readable in one way only: checked again here on the raw bytes.
BOOST_AUTO_TEST_CASE(random_changes_never_get_an_ambiguous_head_through) {
  std::mt19937 random(20'261'123);
  const std::string alphabet = "\r\n\t :,;\0/%Content-LengthTransfer-Encodingchunked0123456789\x7f\xff"s;
  std::size_t passed = 0;
  for (int round = 0; round < 60'000; ++round) {
    auto head = round % 2 == 0 ? plain : post("Content-Length: 4\r\nX: y\r\n");
    for (auto changes = 1 + random() % 4; changes > 0; --changes) {
      const auto at = random() % head.size();
      const auto byte = alphabet[random() % alphabet.size()];
      switch (random() % 3) {
        case 0:
          head[at] = byte;
          break;
        case 1:
          head.insert(at, 1, byte);
          break;
        default:
          head.erase(at, 1);
      }
    }
    const auto read = parse_head(head);
    if (!read) continue;
    ++passed;
    BOOST_TEST_REQUIRE(head.ends_with("\r\n\r\n"));
    BOOST_TEST_REQUIRE(head.find('\0') == std::string::npos);
    BOOST_TEST_REQUIRE(read->target.starts_with('/'));
    BOOST_TEST_REQUIRE(!(read->body.chunked && read->body.content_length));
    for (std::size_t at = head.find('\n'); at != std::string::npos; at = head.find('\n', at + 1))
      BOOST_TEST_REQUIRE(head[at - 1] == '\r');
  }
  BOOST_TEST(passed > 1'000U);
}

BOOST_AUTO_TEST_CASE(random_bytes_never_break_the_reader) {
  std::mt19937 random(7);
  for (int round = 0; round < 20'000; ++round) {
    std::string bytes(random() % 200, ' ');
    for (auto& byte : bytes) byte = static_cast<char>(random());
    static_cast<void>(find_head(bytes, 100));
    BOOST_TEST_REQUIRE(!parse_head(bytes).has_value());
  }
}

BOOST_AUTO_TEST_SUITE_END()
