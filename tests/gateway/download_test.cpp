// No byte of a received document goes out before it is on record that somebody collects it.

#include "capabilities/documents/read_document.hpp"
#include "tests/gateway/small_node.hpp"

using namespace elsec;
using namespace elsec::gateway::testing;

BOOST_FIXTURE_TEST_SUITE(downloads, small_node)

BOOST_AUTO_TEST_CASE(G1_a_received_document_is_recorded_as_collected_before_its_bytes) {
  bool recorded = false;
  desk.answers = [&](const decisions::shared_command&) {
    recorded = true;
    return decisions::outcome(decisions::answered{});
  };
  const auto got = download();
  BOOST_TEST(got.status == 200U);
  BOOST_TEST(got.body == letter_words);
  BOOST_TEST(recorded);
}

BOOST_AUTO_TEST_CASE(G1_no_byte_goes_out_when_that_cannot_be_recorded) {
  desk.answers = [](const decisions::shared_command&) -> decisions::outcome {
    return domain::fail(domain::error_code::storage_full, "no space");
  };
  const auto got = download();
  BOOST_TEST(got.status == 507U);
  BOOST_TEST(!got.body.contains("words"));
  BOOST_TEST(!got.field("ETag").has_value());
}

BOOST_AUTO_TEST_CASE(G1_one_byte_collects_a_document_and_only_all_of_them_are_a_complete_read) {
  std::vector<std::pair<std::uint64_t, std::uint64_t>> read;
  desk.answers = [&](const decisions::shared_command& asked) {
    if (const auto* what = dynamic_cast<const capabilities::read_document*>(asked.get()))
      read.emplace_back(what->first, what->end);
    return decisions::outcome(decisions::answered{});
  };
  client browser(listener->port());
  BOOST_TEST(browser.ask(request_for("GET", content_path(), "Range: bytes=0-0\r\n")).status == 206U);
  BOOST_TEST(browser.ask(request_for("GET", content_path(), "Range: bytes=5-\r\n")).status == 206U);
  BOOST_TEST(browser.ask(request_for("GET", content_path())).status == 200U);
  // The next request is taken when the one before is on record.
  BOOST_TEST(browser.ask(request_for("GET", "/documents/none")).status == 404U);
  const std::vector<std::pair<std::uint64_t, std::uint64_t>> expected{{0, 1}, {0, letter_words.size()}};
  BOOST_CHECK(read == expected);
}

// RFC 9110, 14.2: ranges are defined for GET alone.
BOOST_AUTO_TEST_CASE(head_ignores_a_range_and_tells_the_whole_length) {
  for (const auto* range : {"bytes=0-0", "bytes=5-", "bytes=-1", "bytes=999-"}) {
    client browser(listener->port());
    browser.send(request_for("HEAD", content_path(), "Range: " + std::string(range) + "\r\n"));
    const auto got = browser.receive(true);
    BOOST_TEST(got.status == 200U, range);
    BOOST_TEST(got.field("Content-Length").value_or("") == std::to_string(letter_words.size()), range);
    BOOST_TEST(!got.field("Content-Range").has_value(), range);
  }
}

// Far more than the kernel holds for a connection.
BOOST_AUTO_TEST_CASE(a_long_download_ends_with_its_credential) {
  constexpr std::size_t much = 24U << 20;
  desk.answers = [](const decisions::shared_command&) { return decisions::outcome(decisions::answered{}); };
  store(domain::bytes(much, 'x'));
  client browser(listener->port());
  browser.send(request_for("GET", content_path()));
  browser.read_until("\r\n\r\n");
  revoke();
  BOOST_TEST(browser.read_until("not among them").size() < much);
  BOOST_TEST(browser.is_closed());
}

BOOST_AUTO_TEST_CASE(a_credential_that_is_revoked_between_its_check_and_a_long_download_gets_nothing) {
  store(domain::bytes(1U << 20, 'x'));
  authenticated = [this] { revoke(); };
  BOOST_TEST(download().status == 401U);
}

BOOST_AUTO_TEST_SUITE_END()
