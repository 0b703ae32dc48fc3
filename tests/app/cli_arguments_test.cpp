// The command line and the recipients' syntax.
#include "app/cli/arguments.hpp"
#include "app/cli/recipients.hpp"
#include "tests/app/cli_support.hpp"

#include <boost/json/serialize.hpp>
#include <boost/test/unit_test.hpp>

using namespace elsec::cli;
using namespace elsec::cli::test;

namespace {

const std::string good_ik = "261101015";

template <class Command>
Command parsed(std::vector<std::string> arguments) {
  const auto what = parse_arguments(std::move(arguments));
  BOOST_REQUIRE_MESSAGE(what.has_value(), (what ? "" : what.error().text));
  BOOST_REQUIRE(std::holds_alternative<Command>(what->what));
  return std::get<Command>(what->what);
}

std::string usage_error(std::vector<std::string> arguments) {
  const auto what = parse_arguments(std::move(arguments));
  BOOST_REQUIRE(!what);
  BOOST_CHECK(what.error().code == exit_code::usage);
  return what.error().text;
}

std::string json_of(const outcome<boost::json::object>& recipient) {
  return recipient ? boost::json::serialize(*recipient) : "error: " + recipient.error().title;
}

}  // namespace

BOOST_AUTO_TEST_SUITE(cli_arguments)

BOOST_AUTO_TEST_CASE(help_lists_every_exit_code) {
  const auto help = parse_arguments({"--help"});
  BOOST_REQUIRE(!help);
  BOOST_CHECK(help.error().code == exit_code::ok);
  for (const auto& [code, sentence] : exit_code_meanings)
    BOOST_TEST(help.error().text.find(std::to_string(static_cast<int>(code)) + "  " + std::string(sentence)) !=
               std::string::npos);
}

BOOST_AUTO_TEST_CASE(the_subcommands_help_is_no_error) {
  for (const auto* name : {"register", "login", "send", "get", "status", "receipts", "token"}) {
    const auto help = parse_arguments({name, "--help"});
    BOOST_REQUIRE(!help);
    BOOST_CHECK(help.error().code == exit_code::ok);
  }
}

BOOST_AUTO_TEST_CASE(no_command_unknown_command_and_unknown_option_are_usage_errors) {
  usage_error({});
  usage_error({"sned"});
  usage_error({"inbox", "--unraed"});
  usage_error({"get"});
  usage_error({"get", "../../x"});
  usage_error({"get", some_dispatch});
}

BOOST_AUTO_TEST_CASE(R12_there_is_no_option_to_skip_verification) {
  for (const auto* option : {"--insecure", "-k", "--no-verify", "--skip-verify", "--no-check-certificate"})
    usage_error({"inbox", option});
}

BOOST_AUTO_TEST_CASE(a_password_cannot_be_given_on_the_command_line) {
  usage_error({"login", "--email", "a@b.de", "--password", "geheim"});
}

BOOST_AUTO_TEST_CASE(general_options_stand_before_or_after_the_command) {
  for (const auto& line : {std::vector<std::string>{"--node", "https://a", "--json", "inbox", "--unread"},
                           std::vector<std::string>{"inbox", "--unread", "--json", "--node", "https://a"}}) {
    const auto what = parse_arguments(line);
    BOOST_REQUIRE(what);
    BOOST_TEST(what->where.node == "https://a");
    BOOST_TEST(what->json);
    BOOST_TEST(std::get<inbox_command>(what->what).unread);
  }
}

BOOST_AUTO_TEST_CASE(send_takes_the_document_and_attachments_in_order) {
  const auto send =
      parsed<send_command>({"send", "a.pdf", "b.pdf", "--to-org", some_organisation, "--subject", "S", "--message", "M",
                            "--class", "C", "--case-ref", "R", "--client-ref", "X", "--route", "post_only"});
  BOOST_CHECK((send.files == std::vector<std::string>{"a.pdf", "b.pdf"}));
  BOOST_TEST(boost::json::serialize(send.dispatch) ==
             R"({"subject":"S","message":"M","class":"C","case_ref":"R","client_ref":"X","route":"post_only",)"
             R"("recipients":[{"organisation_id":")" +
                 some_organisation + R"("}]})");
}

BOOST_AUTO_TEST_CASE(recipients_keep_the_order_of_the_command_line) {
  const auto send = parsed<send_command>({"send", "a.pdf", "--subject", "S", "--to-ik", good_ik, "--to-address",
                                          "P; S 1; 10115 Berlin", "--to-ik=" + good_ik, "--to-org", some_organisation});
  const auto& to = send.dispatch.at("recipients").as_array();
  BOOST_REQUIRE_EQUAL(to.size(), 4U);
  BOOST_TEST(to[0].as_object().contains("ik"));
  BOOST_TEST(to[1].as_object().contains("address"));
  BOOST_TEST(to[2].as_object().contains("ik"));
  BOOST_TEST(to[3].as_object().contains("organisation_id"));
}

BOOST_AUTO_TEST_CASE(a_recipient_can_be_spelled_out) {
  const auto send = parsed<send_command>({"send", "a.pdf", "--subject", "S", "--to-name", "Praxis", "--street", "S 1",
                                          "--postal-code", "10115", "--city", "Berlin"});
  BOOST_TEST(boost::json::serialize(send.dispatch.at("recipients")) ==
             R"([{"name":"Praxis","address":{"street":"S 1","postal_code":"10115","city":"Berlin"}}])");
  usage_error({"send", "a.pdf", "--subject", "S", "--to-name", "Praxis"});
  usage_error({"send", "a.pdf", "--subject", "S", "--to-org", some_organisation, "--street", "S 1"});
}

BOOST_AUTO_TEST_CASE(send_needs_a_recipient_a_subject_and_a_known_route) {
  usage_error({"send", "a.pdf", "--subject", "S"});
  usage_error({"send", "a.pdf", "--to-org", some_organisation});
  usage_error({"send", "--subject", "S", "--to-org", some_organisation});
  usage_error({"send", "a.pdf", "--subject", "S", "--to-org", some_organisation, "--route", "fax"});
}

BOOST_AUTO_TEST_CASE(send_refuses_more_attachments_than_a_dispatch_takes) {
  std::vector<std::string> line{"send", "--subject", "S", "--to-org", some_organisation, "--"};
  line.insert(line.end(), 21, "a.pdf");
  BOOST_TEST(parsed<send_command>(line).files.size() == 21U);
  line.emplace_back("a.pdf");
  usage_error(line);
}

BOOST_AUTO_TEST_CASE(receipts_are_saved_by_id_or_verified_from_files) {
  const auto save = parsed<receipts_command>({"receipts", some_document, "-o", "r.json"});
  BOOST_TEST(save.document == some_document);
  const auto verify = parsed<verify_command>({"receipts", "verify", "r.json", "--keys", "k.json"});
  BOOST_TEST(verify.file == "r.json");
  BOOST_TEST(verify.keys_file == "k.json");
  usage_error({"receipts"});
  usage_error({"receipts", "verify", "r.json"});
}

BOOST_AUTO_TEST_CASE(register_builds_the_body_of_the_api) {
  const auto what = parsed<register_command>({"register",
                                              "--organisation",
                                              "Klinik",
                                              "--sector",
                                              "hospital",
                                              "--employees",
                                              "0",
                                              "--street",
                                              "S 1",
                                              "--postal-code",
                                              "10115",
                                              "--city",
                                              "Berlin",
                                              "--first-name",
                                              "A",
                                              "--last-name",
                                              "B",
                                              "--email",
                                              "a@b.de",
                                              "--accept",
                                              "terms",
                                              "--accept",
                                              "secrecy",
                                              "--acts-for-business",
                                              "--password-stdin"});
  BOOST_TEST(boost::json::serialize(what.organisation) ==
             R"({"name":"Klinik","sector":"hospital","employees":0,)"
             R"("address":{"street":"S 1","postal_code":"10115","city":"Berlin"}})");
  BOOST_TEST(boost::json::serialize(what.user) == R"({"first_name":"A","last_name":"B","email":"a@b.de"})");
  BOOST_CHECK((what.accept == std::vector<std::string>{"terms", "secrecy"}));
  BOOST_TEST(what.acts_for_business);
  BOOST_TEST(what.password.from_stdin);
}

BOOST_AUTO_TEST_CASE(waiting_takes_a_known_state_and_a_time_limit) {
  const auto what = parsed<status_command>({"status", some_dispatch, "--wait", "delivered", "--timeout", "5"});
  BOOST_TEST(what.wait_state == "delivered");
  BOOST_TEST(what.timeout.count() == 5);
  usage_error({"status", some_dispatch, "--wait", "deliverd"});
  usage_error({"status", some_dispatch, "--timeout", "5"});
  usage_error({"status", some_organisation});
}

BOOST_AUTO_TEST_CASE(tokens_are_made_with_scopes_and_deleted_by_id) {
  const auto create = parsed<token_create_command>(
      {"token", "create", "--name", "KIS", "--scope", "documents:read", "--scope", "letters:send"});
  BOOST_TEST(boost::json::serialize(create.token) == R"({"name":"KIS","scopes":["documents:read","letters:send"]})");
  usage_error({"token", "delete", "../users"});
  usage_error({"token"});
}

BOOST_AUTO_TEST_SUITE_END()

BOOST_AUTO_TEST_SUITE(cli_recipients)

BOOST_AUTO_TEST_CASE(an_address_has_three_parts_within_germany) {
  BOOST_TEST(json_of(recipient_by_address(" Praxis Dr. Muster ;Hauptstraße 1;10115  Bad Berlin ")) ==
             R"({"name":"Praxis Dr. Muster","address":{"street":"Hauptstraße 1","postal_code":"10115",)"
             R"("city":"Bad Berlin"}})");
}

BOOST_AUTO_TEST_CASE(abroad_the_country_follows) {
  BOOST_TEST(json_of(recipient_by_address("P; S 1; 1010 Wien; Österreich")) ==
             R"({"name":"P","address":{"street":"S 1","postal_code":"1010","city":"Wien","country":"Österreich"}})");
  BOOST_TEST(json_of(recipient_by_address("P; S 1; SW1A 1AA; London; United Kingdom")) ==
             R"({"name":"P","address":{"street":"S 1","postal_code":"SW1A 1AA","city":"London",)"
             R"("country":"United Kingdom"}})");
}

BOOST_AUTO_TEST_CASE(a_major_recipient_has_no_street_and_a_box_stands_for_one) {
  BOOST_TEST(json_of(recipient_by_address("AOK PLUS; 01058 Dresden")) ==
             R"({"name":"AOK PLUS","address":{"postal_code":"01058","city":"Dresden"}})");
  BOOST_TEST(json_of(recipient_by_address("P; Postfach 10 11; 12301 Berlin")) ==
             R"({"name":"P","address":{"po_box":"10 11","postal_code":"12301","city":"Berlin"}})");
}

BOOST_AUTO_TEST_CASE(lines_between_name_and_street_can_be_given) {
  const auto send =
      parsed<send_command>({"send", "a.pdf", "--subject", "S", "--to-name", "Klinik", "--extra", "z. Hd. Frau Muster",
                            "--extra", "Station 3", "--po-box", "7", "--postal-code", "10115", "--city", "Berlin"});
  BOOST_TEST(boost::json::serialize(send.dispatch.at("recipients")) ==
             R"([{"name":"Klinik","address":{"po_box":"7","postal_code":"10115","city":"Berlin",)"
             R"("extra":["z. Hd. Frau Muster","Station 3"]}}])");
  usage_error({"send", "a.pdf", "--subject", "S", "--to-org", some_organisation, "--extra", "x"});
}

BOOST_AUTO_TEST_CASE(an_address_that_could_be_misread_is_refused) {
  for (const auto* text : {"", "P", "P; S 1", "P; S 1; Berlin", "P; S 1; 10115", "P; ; 10115 Berlin", "; S; 10115 B",
                           "P; S 1; 1010 Wien", "P; S 1; SW1A 1AA London; UK", "P; S 1; 1010 Wien; Musterland",
                           "P; S 1; 1010 Wien; BRD", "P; S; 1; 2; 3; 4", "P; S 1; 00000 Berlin"}) {
    const auto recipient = recipient_by_address(text);
    BOOST_REQUIRE_MESSAGE(!recipient.has_value(), text);
    BOOST_CHECK(recipient.error().code == exit_code::usage);
  }
}

BOOST_AUTO_TEST_CASE(an_organisation_or_ik_may_carry_a_fallback_address) {
  BOOST_TEST(json_of(recipient_by_ik(good_ik)) == R"({"ik":"261101015"})");
  BOOST_TEST(json_of(recipient_by_ik(good_ik + "; P; S 1; 10115 Berlin")) ==
             R"({"ik":"261101015","name":"P","address":{"street":"S 1","postal_code":"10115","city":"Berlin"}})");
  BOOST_TEST(json_of(recipient_by_organisation(some_organisation)) ==
             R"({"organisation_id":")" + some_organisation + R"("})");
}

BOOST_AUTO_TEST_CASE(wrong_identifiers_are_found_before_anything_is_sent) {
  BOOST_CHECK(!recipient_by_ik("261101016"));  // check digit
  BOOST_CHECK(!recipient_by_ik("26110101"));
  BOOST_CHECK(!recipient_by_organisation("org_1"));
  BOOST_CHECK(!recipient_by_organisation(some_document));
}

BOOST_AUTO_TEST_SUITE_END()
