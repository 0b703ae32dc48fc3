// Whole commands against a node that answers from a list.
#include "crypto/random.hpp"
#include "crypto/seal.hpp"
#include "tests/app/cli_support.hpp"

#include <boost/json/parse.hpp>
#include <boost/test/unit_test.hpp>

#include <sys/stat.h>

using namespace elsec;
using namespace elsec::cli;
using namespace elsec::cli::test;

namespace {

struct started {
  started() { BOOST_REQUIRE(crypto::start()); }
};

std::map<std::string, std::string> logged_in(const folder& dir) {
  return {{"ELSEC_NODE", "https://a.example"}, {"ELSEC_TOKEN", "t"}, {"ELSEC_SESSION", (dir / "s.json").string()}};
}

std::map<std::string, std::string> logged_out(const folder& dir) {
  return {{"ELSEC_NODE", "https://a.example"}, {"ELSEC_SESSION", (dir / "s.json").string()}};
}

std::string sha256_of(std::string_view text) { return crypto::to_hex(crypto::sha256(text)); }

std::string record_of(std::string_view content, std::string name = "Befund.pdf") {
  return "{\"id\":\"" + some_document + "\",\"filename\":\"" + name + "\",\"size\":" + std::to_string(content.size()) +
         ",\"sha256\":\"" + sha256_of(content) + "\"}";
}

std::string uploaded(const std::string& id, std::string_view content) {
  return "{\"id\":\"" + id + "\",\"sha256\":\"" + sha256_of(content) + "\"}";
}

std::string dispatch_in(const std::string& state) {
  return "{\"id\":\"" + some_dispatch + "\",\"route\":\"electronic\",\"state\":\"" + state +
         "\",\"timeline\":[{\"at\":\"2026-03-01T08:30:00.000Z\",\"state\":\"" + state + "\"}]}";
}

}  // namespace

BOOST_TEST_GLOBAL_FIXTURE(started);

BOOST_AUTO_TEST_SUITE(cli_commands)

BOOST_AUTO_TEST_CASE(login_remembers_the_token_and_prints_none) {
  const folder dir;
  for (const bool json : {false, true}) {
    scripted_node node{{{201, R"({"token":"secret","expires_at":"2026-03-01T08:30:00.000Z","csrf_token":"csrf"})"}}};
    std::vector<std::string> line{"login", "--email", "a@b.de", "--password-stdin"};
    if (json) line.emplace_back("--json");
    const auto done = run_against(node, line, logged_out(dir), "geheim geheim\n");
    BOOST_CHECK(done.code == exit_code::ok);
    BOOST_TEST(done.out.find("secret") == std::string::npos);
    BOOST_TEST(done.out.find("csrf") == std::string::npos);
    BOOST_TEST(node.seen.at(0).body == R"({"email":"a@b.de","password":"geheim geheim"})");
    BOOST_TEST((*load_session(dir / "s.json"))->token == "secret");
  }
  scripted_node next{{{200, R"({"items":[],"next_cursor":null})"}}};
  const auto listed = run_against(next, {"inbox"}, {{"ELSEC_SESSION", (dir / "s.json").string()}});
  BOOST_CHECK(listed.code == exit_code::ok);
  BOOST_TEST(next.seen.at(0).token == "secret");
  BOOST_TEST(next.seen.at(0).node == "https://a.example");
}

BOOST_AUTO_TEST_CASE(login_asks_for_the_second_factor_when_it_is_needed) {
  const folder dir;
  scripted_node node{{{401, R"({"code":"totp_required","title":"t"})"}, {201, R"({"token":"secret"})"}}};
  const auto done = run_against(node, {"login", "--email", "a@b.de", "--password-stdin"}, logged_out(dir), "pw\n",
                                [](const std::string&) -> outcome<std::string> { return "123456"; });
  BOOST_CHECK(done.code == exit_code::ok);
  BOOST_TEST(node.seen.at(1).body == R"({"email":"a@b.de","password":"pw","totp":"123456"})");
}

BOOST_AUTO_TEST_CASE(a_wrong_password_leaves_no_session) {
  const folder dir;
  scripted_node node{{{401, R"({"code":"bad_credentials","title":"E-mail or password is wrong."})"}}};
  const auto done = run_against(node, {"login", "--email", "a@b.de", "--password-stdin"}, logged_out(dir), "pw\n");
  BOOST_CHECK(done.code == exit_code::not_logged_in);
  BOOST_TEST(done.err == "elsec: E-mail or password is wrong.\n");
  BOOST_TEST(dir.entries() == 0U);
}

BOOST_AUTO_TEST_CASE(logout_ends_the_session_here_and_there) {
  const folder dir;
  BOOST_REQUIRE(save_session(dir / "s.json", {"https://a.example", "secret", "", ""}));
  scripted_node node{{{204}}};
  BOOST_CHECK(run_against(node, {"logout"}, {{"ELSEC_SESSION", (dir / "s.json").string()}}).code == exit_code::ok);
  BOOST_TEST(node.seen.at(0).method + node.seen.at(0).target == "DELETE/api/v1/sessions/current");
  BOOST_TEST(node.seen.at(0).token == "secret");
  BOOST_TEST(dir.entries() == 0U);
}

BOOST_AUTO_TEST_CASE(without_credential_nothing_is_asked) {
  const folder dir;
  scripted_node node;
  BOOST_CHECK(run_against(node, {"inbox"}, logged_out(dir)).code == exit_code::not_logged_in);
  BOOST_TEST(node.seen.empty());
}

BOOST_AUTO_TEST_CASE(failures_become_exit_codes) {
  const folder dir;
  const auto code_for = [&](scripted_answer answer) {
    scripted_node node{{answer}};
    return run_against(node, {"inbox"}, logged_in(dir)).code;
  };
  BOOST_CHECK(code_for({403}) == exit_code::refused);
  BOOST_CHECK(code_for({401}) == exit_code::not_logged_in);
  BOOST_CHECK(code_for({507}) == exit_code::node_failed);
  BOOST_CHECK(code_for({200, "no json"}) == exit_code::node_failed);
  scripted_node nobody;
  BOOST_CHECK(run_against(nobody, {"inbox"}, logged_in(dir)).code == exit_code::unreachable);
  BOOST_TEST(nobody.seen.size() == attempts_max);
}

BOOST_AUTO_TEST_CASE(the_inbox_is_a_table_or_the_apis_json) {
  const folder dir;
  const std::string page = R"({"items":[{"id":"doc_1","subject":"Befund\u001b[2J","read":false,"size":2048,)"
                           R"("filename":"a.pdf","from":{"name":"Praxis"}}],"next_cursor":null})";
  scripted_node node{{{200, page}, {200, page}}};
  const auto shown = run_against(node, {"inbox", "--unread"}, logged_in(dir));
  BOOST_TEST(node.seen.at(0).target == "/api/v1/documents?box=inbox&unread=true&limit=50");
  BOOST_TEST(shown.out.find("Befund\\x1b[2J") != std::string::npos);
  BOOST_TEST(shown.out.find('\x1b') == std::string::npos);
  const auto json = run_against(node, {"inbox", "--json"}, logged_in(dir));
  BOOST_CHECK(boost::json::parse(json.out) == boost::json::parse(page));
}

BOOST_AUTO_TEST_CASE(a_long_list_is_fetched_page_by_page) {
  const folder dir;
  scripted_node node{{{200, R"({"items":[{"id":"a"}],"next_cursor":"c d"})"}, {200, R"({"items":[{"id":"b"}]})"}}};
  const auto shown = run_against(node, {"inbox", "--limit", "700", "--json"}, logged_in(dir));
  BOOST_TEST(node.seen.at(0).target == "/api/v1/documents?box=inbox&limit=500");
  BOOST_TEST(node.seen.at(1).target == "/api/v1/documents?box=inbox&limit=500&cursor=c%20d");
  BOOST_TEST(boost::json::parse(shown.out).at("items").as_array().size() == 2U);
}

BOOST_AUTO_TEST_CASE(a_list_goes_on_behind_a_page_on_which_nothing_is_shown) {
  const folder dir;
  scripted_node node{
      {{200, R"({"items":[],"next_cursor":"c"})"}, {200, R"({"items":[{"id":"b"}],"next_cursor":null})"}}};
  const auto shown = run_against(node, {"inbox", "--json"}, logged_in(dir));
  BOOST_TEST(boost::json::parse(shown.out).at("items").as_array().size() == 1U);
}

BOOST_AUTO_TEST_CASE(entries_that_the_node_cannot_read_are_said_to_be_missing) {
  const folder dir;
  scripted_node node{{{200, R"({"items":[],"next_cursor":null})", {{"Elsec-Damaged", "2"}}}}};
  const auto shown = run_against(node, {"inbox"}, logged_in(dir));
  BOOST_CHECK(shown.code == exit_code::ok);
  BOOST_TEST(shown.err.contains("Missing because the node cannot read them any more: 2"));
}

BOOST_AUTO_TEST_CASE(R7_send_tells_what_looks_wrong_about_an_address) {
  const folder dir;
  const auto letter = dir.write("a.pdf", "letter").string();
  scripted_node node{
      {{201, uploaded(some_document, "letter")},
       {202, R"({"dispatches":[{"id":"dsp_1","route":"post","state":"accepted","findings":)"
             R"([{"code":"street_missing","level":"warning","detail":"The address has no street."}]}]})"}}};
  const auto done =
      run_against(node, {"send", letter, "--to-address", "K; 01058 Dresden", "--subject", "S"}, logged_in(dir));
  BOOST_TEST_CONTEXT(done.err) { BOOST_REQUIRE(done.code == exit_code::ok); }
  BOOST_TEST(done.err.contains("dsp_1"));
  BOOST_TEST(done.err.contains("The address has no street."));
}

BOOST_AUTO_TEST_CASE(send_uploads_every_file_and_dispatches_the_first_with_the_others_attached) {
  const folder dir;
  const auto letter = dir.write("Brief Müller.pdf", "letter").string();
  const auto scan = dir.write("scan.png", "scan").string();
  scripted_node node{{{201, uploaded(some_document, "letter")},
                      {201, uploaded(other_document, "scan")},
                      {202, R"({"dispatches":[{"id":"dsp_1","route":"post","state":"accepted"}]})"}}};
  const auto done =
      run_against(node, {"send", letter, scan, "--to-org", some_organisation, "--subject", "S", "--client-ref", "x"},
                  logged_in(dir));
  BOOST_TEST_CONTEXT(done.err) { BOOST_REQUIRE(done.code == exit_code::ok); }
  const auto& first = node.seen.at(0);
  BOOST_TEST(first.method + first.target == "POST/api/v1/documents");
  BOOST_TEST(first.body == "letter");
  BOOST_TEST(first.header("Content-Type") == "application/pdf");
  BOOST_TEST(first.header("Elsec-Filename") == "Brief%20M%C3%BCller.pdf");
  BOOST_TEST(first.header("Content-Digest") ==
             "sha-256=:" + crypto::to_base64(crypto::sha256(std::string_view("letter"))) + ":");
  BOOST_TEST(first.header("Idempotency-Key").size() == 22U);
  BOOST_TEST(node.seen.at(1).header("Content-Type") == "image/png");
  BOOST_TEST(node.seen.at(1).header("Idempotency-Key") != first.header("Idempotency-Key"));
  BOOST_TEST(node.seen.at(2).target == "/api/v1/documents/" + some_document + "/dispatches");
  BOOST_TEST(boost::json::parse(node.seen.at(2).body).at("attachments").at(0).as_string() == other_document);
}

BOOST_AUTO_TEST_CASE(an_interrupted_upload_is_repeated_whole_under_the_same_key) {
  const folder dir;
  const auto file = dir.write("a.pdf", "some content").string();
  scripted_node node{{{.lost = true},
                      {503, "{}", {{"Retry-After", "2"}}},
                      {201, uploaded(some_document, "some content")},
                      {.lost = true},
                      {202, R"({"dispatches":[]})"}}};
  const auto done = run_against(node, {"send", file, "--to-org", some_organisation, "--subject", "S"}, logged_in(dir));
  BOOST_REQUIRE(done.code == exit_code::ok);
  BOOST_TEST(node.seen.size() == 5U);
  for (const auto i : {0U, 1U, 2U}) {
    BOOST_TEST(node.seen[i].body == "some content");
    BOOST_TEST(node.seen[i].header("Idempotency-Key") == node.seen[0].header("Idempotency-Key"));
  }
  BOOST_TEST(node.seen[3].header("Idempotency-Key") == node.seen[4].header("Idempotency-Key"));
  BOOST_CHECK(node.pauses.at(1) == std::chrono::seconds(2));
}

BOOST_AUTO_TEST_CASE(a_document_that_arrived_altered_is_not_sent_on) {
  const folder dir;
  const auto file = dir.write("a.pdf", "mine").string();
  scripted_node node{{{201, uploaded(some_document, "other")}}};
  const auto done = run_against(node, {"send", file, "--to-org", some_organisation, "--subject", "S"}, logged_in(dir));
  BOOST_CHECK(done.code == exit_code::verification_failed);
  BOOST_TEST(node.seen.size() == 1U);
}

BOOST_AUTO_TEST_CASE(a_file_that_cannot_be_read_stops_everything_before_the_first_upload) {
  const folder dir;
  const auto file = dir.write("a.pdf", "mine").string();
  scripted_node node;
  const auto done = run_against(
      node, {"send", file, (dir / "none").string(), "--to-org", some_organisation, "--subject", "S"}, logged_in(dir));
  BOOST_CHECK(done.code == exit_code::local_file);
  BOOST_TEST(node.seen.empty());
}

BOOST_AUTO_TEST_CASE(get_saves_under_the_documents_name_in_a_folder) {
  const folder dir;
  scripted_node node{{{200, record_of("content", "../x\\u001b.pdf")}, {200, "content"}}};
  const auto done = run_against(node, {"get", some_document, "-o", dir.path().string()}, logged_in(dir));
  BOOST_TEST_CONTEXT(done.err) { BOOST_REQUIRE(done.code == exit_code::ok); }
  BOOST_TEST(content_of(dir / "x_.pdf") == "content");
  BOOST_TEST(dir.entries() == 1U);
  struct stat about{};
  BOOST_REQUIRE(::stat((dir / "x_.pdf").c_str(), &about) == 0);
  BOOST_TEST((about.st_mode & 0777U) == 0600U);
}

BOOST_AUTO_TEST_CASE(get_resumes_where_the_connection_broke) {
  const folder dir;
  const std::string content = "0123456789";
  scripted_node node{{{200, record_of(content)},
                      {.body = content, .cut_after = 4},
                      {206, "4567", {{"Content-Range", "bytes 4-9/10"}}, 3},
                      {206, "789", {{"Content-Range", "bytes 7-9/10"}}}}};
  const auto done = run_against(node, {"get", some_document, "-o", (dir / "a").string()}, logged_in(dir));
  BOOST_TEST_CONTEXT(done.err) { BOOST_REQUIRE(done.code == exit_code::ok); }
  BOOST_TEST(content_of(dir / "a") == content);
  BOOST_TEST(node.seen.at(1).header("Range") == "");
  BOOST_TEST(node.seen.at(2).header("Range") == "bytes=4-");
  BOOST_TEST(node.seen.at(2).header("If-Range") == '"' + sha256_of(content) + '"');
  BOOST_TEST(node.seen.at(3).header("Range") == "bytes=7-");
}

BOOST_AUTO_TEST_CASE(get_starts_over_when_the_node_ignores_the_range) {
  const folder dir;
  scripted_node node{{{200, record_of("0123456789")}, {.body = "0123", .cut_after = 4}, {200, "0123456789"}}};
  BOOST_REQUIRE(run_against(node, {"get", some_document, "-o", (dir / "a").string()}, logged_in(dir)).code ==
                exit_code::ok);
  BOOST_TEST(content_of(dir / "a") == "0123456789");
}

BOOST_AUTO_TEST_CASE(what_does_not_match_its_digest_is_never_saved) {
  const folder dir;
  for (const auto* wrong : {"c0ntent", "conten", "content and more", ""}) {
    scripted_node node{{{200, record_of("content")}, {200, wrong}}};
    const auto done = run_against(node, {"get", some_document, "-o", (dir / "a").string()}, logged_in(dir));
    BOOST_CHECK(done.code == exit_code::verification_failed);
    BOOST_TEST(dir.entries() == 0U);
  }
}

BOOST_AUTO_TEST_CASE(get_refuses_the_wrong_part) {
  const folder dir;
  scripted_node node{{{200, record_of("0123456789")},
                      {.body = "0123", .cut_after = 4},
                      {206, "3456789", {{"Content-Range", "bytes 3-9/10"}}}}};
  BOOST_CHECK(run_against(node, {"get", some_document, "-o", (dir / "a").string()}, logged_in(dir)).code ==
              exit_code::node_failed);
  BOOST_TEST(dir.entries() == 0U);
}

BOOST_AUTO_TEST_CASE(get_overwrites_only_with_force) {
  const folder dir;
  const auto file = dir.write("a", "old").string();
  scripted_node node{{{200, record_of("new")}}};
  BOOST_CHECK(run_against(node, {"get", some_document, "-o", file}, logged_in(dir)).code == exit_code::local_file);
  BOOST_TEST(node.seen.size() == 1U);  // "collected" was not triggered
  node.answers = {{200, record_of("new")}, {200, "new"}};
  BOOST_CHECK(run_against(node, {"get", some_document, "-o", file, "--force"}, logged_in(dir)).code == exit_code::ok);
  BOOST_TEST(content_of(file) == "new");
}

BOOST_AUTO_TEST_CASE(an_empty_document_is_a_document_and_a_closed_one_is_not) {
  const folder dir;
  scripted_node node{{{200, record_of("")}, {200, ""}, {200, record_of("")}, {410, R"({"code":"closed"})"}}};
  BOOST_CHECK(run_against(node, {"get", some_document, "-o", (dir / "a").string()}, logged_in(dir)).code ==
              exit_code::ok);
  BOOST_TEST(std::filesystem::exists(dir / "a"));
  BOOST_CHECK(run_against(node, {"get", some_document, "-o", (dir / "b").string()}, logged_in(dir)).code ==
              exit_code::refused);
  BOOST_TEST(!std::filesystem::exists(dir / "b"));
}

BOOST_AUTO_TEST_CASE(status_shows_the_timeline) {
  const folder dir;
  scripted_node node{{{200, dispatch_in("delivered")}}};
  const auto done = run_against(node, {"status", some_dispatch}, logged_in(dir));
  BOOST_TEST(done.out.find("2026-03-01 08:30 UTC  delivered") != std::string::npos);
}

BOOST_AUTO_TEST_CASE(waiting_follows_the_events_until_the_state_is_there) {
  const folder dir;
  const auto event = "id: 5\nevent: dispatch.updated\ndata: {\"dispatch_id\":\"" + some_dispatch + "\"}\n\n";
  scripted_node node{{{200, dispatch_in("in_transit")},  // before
                      {200, ": hi\n\nevent: document.received\ndata: {}\n\n" + event},
                      {200, dispatch_in("in_transit")},  // the stream stands
                      {200, dispatch_in("delivered")},   // the event
                      {}}};
  // The scripted node gives the stream's body in one piece, the look at its opening comes first.
  const auto done = run_against(node, {"status", some_dispatch, "--wait", "delivered"}, logged_in(dir));
  BOOST_TEST_CONTEXT(done.err) { BOOST_REQUIRE(done.code == exit_code::ok); }
  BOOST_TEST(done.out.find("delivered") != std::string::npos);
  BOOST_TEST(node.seen.at(1).target == "/api/v1/events");
  BOOST_TEST(node.seen.size() == 4U);
}

BOOST_AUTO_TEST_CASE(a_broken_event_stream_is_resumed_behind_the_last_event) {
  const folder dir;
  const std::string other = "id: 5\nevent: letter.updated\ndata: {\"dispatch_id\":\"dsp_other\"}\n\n";
  scripted_node node{{{200, dispatch_in("accepted")},
                      {.body = other, .cut_after = other.size()},
                      {200, dispatch_in("accepted")},
                      {200, ""},
                      {200, dispatch_in("collected")}}};
  const auto done = run_against(node, {"status", some_dispatch, "--wait", "collected"}, logged_in(dir));
  BOOST_TEST_CONTEXT(done.err) { BOOST_REQUIRE(done.code == exit_code::ok); }
  BOOST_TEST(node.seen.at(3).header("Last-Event-ID") == "5");
}

BOOST_AUTO_TEST_CASE(an_event_stream_that_broke_before_any_event_is_resumed_where_it_stood) {
  const folder dir;
  const std::string position = "id: 0\n\n:\n\n";
  scripted_node node{{{200, dispatch_in("accepted")},
                      {.body = position, .cut_after = position.size()},
                      {200, dispatch_in("accepted")},
                      {200, ""},
                      {200, dispatch_in("collected")}}};
  const auto done = run_against(node, {"status", some_dispatch, "--wait", "collected"}, logged_in(dir));
  BOOST_TEST_CONTEXT(done.err) { BOOST_REQUIRE(done.code == exit_code::ok); }
  BOOST_TEST(node.seen.at(3).header("Last-Event-ID") == "0");
}

BOOST_AUTO_TEST_CASE(waiting_ends_when_the_state_cannot_come_any_more) {
  const folder dir;
  scripted_node node{{{200, dispatch_in("failed")}}};
  const auto done = run_against(node, {"status", some_dispatch, "--wait", "delivered"}, logged_in(dir));
  BOOST_CHECK(done.code == exit_code::refused);
  BOOST_TEST(done.err.find("ended in state failed") != std::string::npos);
}

BOOST_AUTO_TEST_CASE(receipts_and_nodes_are_saved_as_json) {
  const folder dir;
  const std::string items = R"({"items":[{"id":"rcp_1"}],"next_cursor":null})";
  scripted_node node{{{200, items}, {200, items}, {200, items}}};
  const auto receipts = (dir / "r.json").string();
  BOOST_CHECK(run_against(node, {"receipts", some_document, "-o", receipts}, logged_in(dir)).code == exit_code::ok);
  BOOST_CHECK(boost::json::parse(content_of(receipts)) == boost::json::parse(items));
  BOOST_CHECK(run_against(node, {"receipts", some_document, "-o", receipts}, logged_in(dir)).code ==
              exit_code::local_file);
  BOOST_CHECK(run_against(node, {"nodes", "-o", (dir / "k.json").string()}, logged_in(dir)).code == exit_code::ok);
  BOOST_CHECK(boost::json::parse(content_of(dir / "k.json")) == boost::json::parse(items));
}

BOOST_AUTO_TEST_SUITE_END()
