// R13, R14, G2: uploads that must not be taken, or not be sent on.

#include "tests/system/files.hpp"
#include "tests/system/tenant.hpp"

#include <boost/test/unit_test.hpp>
#include <fmt/format.h>

namespace elsec::system_test {
namespace {

std::size_t documents() { return someone().count("/documents?limit=500"); }

void check_refused(const answer& refused, unsigned status, std::string_view code) {
  BOOST_TEST(refused.status == status, refused.body);
  BOOST_TEST(refused.problem().starts_with(code), refused.body);
}

}  // namespace

BOOST_AUTO_TEST_SUITE(uploads)

BOOST_AUTO_TEST_CASE(g2_an_upload_cut_off_half_way_leaves_nothing) {
  const auto before = documents();
  {
    connection upload(first().https);
    upload.send(
        fmt::format("POST /api/v1/documents HTTP/1.1\r\nHost: localhost\r\nAuthorization: Bearer {}\r\n"
                    "Content-Type: application/octet-stream\r\nElsec-Filename: a.bin\r\n"
                    "Content-Length: 3000000\r\n\r\n",
                    someone().token));
    upload.send(noise(1'500'000));
    upload.cut();
  }
  // The next upload passes through the same actors and so shows that the first one is done with.
  const auto whole = noise(3'000'000);
  const auto kept = someone().uploaded(whole, "application/octet-stream");
  BOOST_TEST(documents() == before + 1);
  BOOST_TEST((someone().content(kept).body == whole));
}

BOOST_AUTO_TEST_CASE(g2_a_chunked_upload_cut_off_half_way_leaves_nothing) {
  const auto before = documents();
  connection upload(first().https);
  upload.send(
      fmt::format("POST /api/v1/documents HTTP/1.1\r\nHost: localhost\r\nAuthorization: Bearer {}\r\n"
                  "Content-Type: text/plain\r\nElsec-Filename: a.txt\r\nTransfer-Encoding: chunked\r\n\r\n"
                  "5\r\nhello\r\nzz",
                  someone().token));
  BOOST_TEST(upload.receive().status != 201U);
  BOOST_TEST(documents() == before);
}

BOOST_AUTO_TEST_CASE(g2_an_upload_in_chunks_arrives_whole) {
  connection upload(first().https);
  upload.send(
      fmt::format("POST /api/v1/documents HTTP/1.1\r\nHost: localhost\r\nAuthorization: Bearer {}\r\n"
                  "Content-Type: text/plain\r\nElsec-Filename: a.txt\r\nTransfer-Encoding: chunked\r\n\r\n"
                  "5\r\nhello\r\n7\r\n, world\r\n0\r\n\r\n",
                  someone().token));
  const auto stored = upload.receive();
  BOOST_REQUIRE(stored.status == 201U);
  BOOST_TEST(stored.at("/sha256") == sha256_hex("hello, world"));
  BOOST_TEST(stored.header("Location").value_or("") == "/api/v1/documents/" + stored.at("/id"));
}

BOOST_AUTO_TEST_CASE(g2_a_digest_that_does_not_match_is_422_and_nothing_is_kept) {
  const auto before = documents();
  const auto other = sha256_base64("something else");
  check_refused(someone().upload("hello", "text/plain", {{"Digest", "sha-256=" + other}}, "a.txt"), 422,
                "digest_mismatch");
  check_refused(someone().upload("hello", "text/plain", {{"Content-Digest", "sha-256=:" + other + ":"}}, "a.txt"), 422,
                "digest_mismatch");
  BOOST_TEST(documents() == before);
  const auto right = sha256_base64("hello");
  BOOST_TEST(someone().upload("hello", "text/plain", {{"Digest", "sha-256=" + right}}, "a.txt").status == 201U);
  BOOST_TEST(someone().upload("hello", "text/plain", {{"Content-Digest", "sha-256=:" + right + ":"}}, "a.txt").status ==
             201U);
}

BOOST_AUTO_TEST_CASE(g2_an_empty_file_is_422) {
  const auto before = documents();
  check_refused(someone().upload("", "application/pdf"), 422, "invalid");
  BOOST_TEST(documents() == before);
}

BOOST_AUTO_TEST_CASE(g2_an_upload_needs_a_file_name_and_a_media_type) {
  const header_list token{{"Authorization", "Bearer " + someone().token}};
  auto nameless = token;
  nameless.emplace_back("Content-Type", "text/plain");
  const auto refused = exchange(first().https, {"POST", "/api/v1/documents", nameless, "hello"});
  BOOST_TEST(refused.problem() == "invalid /Elsec-Filename");
  auto typeless = token;
  typeless.emplace_back("Elsec-Filename", "a.txt");
  BOOST_TEST(exchange(first().https, {"POST", "/api/v1/documents", typeless, "hello"}).status == 415U);
  for (const auto* name :
       {"%ZZ", "a%2Fb.txt", "..%5Ca.txt", "%FF.txt", "%0A.txt", "a.exe%3A%3A%24DATA", "NUL.txt", "a.txt."})
    BOOST_TEST(someone().upload("hello", "text/plain", {}, name).problem() == "invalid /Elsec-Filename", name);
}

BOOST_AUTO_TEST_CASE(g2_umlauts_in_a_file_name_survive) {
  const auto stored = someone().upload("hello", "text/plain", {}, "Entlassung%20Gr%C3%BCnwald.txt");
  BOOST_TEST(stored.at("/filename") == "Entlassung Grünwald.txt");
}

BOOST_AUTO_TEST_CASE(r14_web_pages_scripts_and_programs_are_415) {
  const auto before = documents();
  const std::string page = "<!DOCTYPE html><html><body>a</body></html>";
  check_refused(someone().upload(page, "text/html", {}, "a.html"), 415, "unsupported_media_type");
  check_refused(someone().upload(windows_program(), "application/octet-stream", {}, "a.bin"), 415,
                "unsupported_media_type");
  check_refused(someone().upload("hello", "text/plain", {}, "setup.exe"), 415, "unsupported_media_type");
  check_refused(someone().upload("#!/bin/sh\nid\n", "application/x-sh", {}, "a.sh"), 415, "unsupported_media_type");
  BOOST_TEST(documents() == before);
}

BOOST_AUTO_TEST_CASE(r14_a_pdf_with_javascript_is_taken_quarantined_and_not_sent) {
  const auto stored = someone().upload(pdf_with_javascript(), "application/pdf");
  BOOST_REQUIRE(stored.status == 201U);
  const auto document = stored.at("/id");
  const auto early = someone().dispatch(document, to_person());
  eventually("the quarantine",
             [&] { return someone().get("/documents/" + document).at("/screening") == "quarantined"; });
  BOOST_TEST(someone().get("/documents/" + document).at("/state") == "quarantined");
  BOOST_TEST(!someone().get("/documents/" + document).at("/findings/0/code").empty());
  if (early.status == 202) someone().wait_for_state(early.at("/dispatches/0/id"), "failed");
  check_refused(someone().dispatch(document, to_person()), 409, "wrong_state");
}

BOOST_AUTO_TEST_CASE(r14_a_file_that_is_not_what_it_claims_to_be_is_quarantined) {
  const auto stored = someone().upload("This is no PDF at all, but text that claims to be one.\n", "application/pdf");
  if (stored.status == 415) return;  // found out even before it was taken
  BOOST_REQUIRE(stored.status == 201U);
  eventually("the quarantine",
             [&] { return someone().get("/documents/" + stored.at("/id")).at("/screening") == "quarantined"; });
}

BOOST_AUTO_TEST_SUITE_END()

}  // namespace elsec::system_test
