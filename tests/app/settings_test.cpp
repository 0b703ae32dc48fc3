// The configuration: every setting can be set, every mistake is named with its place, and the reference is complete.
#include "app/settings/settings.hpp"

#include "app/settings/table.hpp"
#include "tests/app/settings_support.hpp"

#include <boost/test/unit_test.hpp>
#include <fmt/format.h>
#include <sodium.h>

#include <algorithm>
#include <filesystem>
#include <fstream>
#include <set>
#include <sstream>
#include <sys/stat.h>
#include <unistd.h>

namespace fs = std::filesystem;
using namespace elsec::app;
using namespace elsec::app::testing;

BOOST_AUTO_TEST_SUITE(settings_of_a_node)

BOOST_AUTO_TEST_CASE(a_good_configuration_loads_with_defaults_and_absolute_paths) {
  const folder where;
  const auto loaded = load(where.configuration(good_text()), {});
  BOOST_TEST_REQUIRE(loaded.has_value(), all_of(loaded ? std::vector<problem>{} : loaded.error()));
  BOOST_TEST(loaded->node.data_dir == (where.path / "data").string());
  BOOST_TEST(loaded->keys.node_file == (where.path / "data/node.keys").string());
  BOOST_TEST(loaded->slots.file == (where.path / "slots").string());
  BOOST_TEST(loaded->slots.mirror.empty());
  BOOST_TEST(loaded->https.listen.port == 8443);
  BOOST_TEST(loaded->limits.idle_seconds == 60U);
  BOOST_TEST(loaded->keys.master.view()[0] == 1);
  BOOST_TEST(loaded->slots.key.view()[0] == 2);
  BOOST_REQUIRE_EQUAL(loaded->nodes.size(), 2U);
  BOOST_TEST(loaded->own_entry().name == "node1");
  BOOST_TEST(loaded->nodes[1].line == line_of(good_text(), "name = \"node2\"") - 1);
  BOOST_TEST(!loaded->nodes[1].next_curve_key.has_value());
}

BOOST_AUTO_TEST_CASE(a_relative_name_of_the_file_itself_works) {
  const folder where;
  (void)where.configuration(good_text());
  const auto before = fs::current_path();
  fs::current_path(where.path);
  const auto loaded = load("elsec.toml", {});
  fs::current_path(before);
  BOOST_TEST_REQUIRE(loaded.has_value());
  BOOST_TEST(loaded->file == (where.path / "elsec.toml").string());
}

BOOST_AUTO_TEST_CASE(an_unreadable_file_is_the_only_problem) {
  const folder where;
  for (const auto& path : {where.path / "missing.toml", where.path}) {
    const auto loaded = load(path.string(), {});
    BOOST_TEST_REQUIRE(!loaded.has_value());
    BOOST_REQUIRE_EQUAL(loaded.error().size(), 1U);
    BOOST_TEST(loaded.error()[0].file == path.string());
    BOOST_TEST(loaded.error()[0].detail.starts_with("cannot be read: "));
  }
}

BOOST_AUTO_TEST_CASE(a_file_that_is_not_toml_is_refused_with_its_line) {
  const folder where;
  const auto problems = problems_of(where, "[node]\nname = \"node1\"\ndata_dir = oops\n");
  BOOST_REQUIRE_EQUAL(problems.size(), 1U);
  BOOST_TEST(problems[0].line == 3U);
}

BOOST_AUTO_TEST_CASE(every_missing_required_setting_is_named) {
  const folder where;
  const auto problems = problems_of(where, "[node]\n[spool]\nplaintext = true\n");
  const auto is_named = [&](const std::string& key) {
    return std::ranges::count_if(problems, [&](const problem& p) { return p.key == key && p.detail == "is missing"; });
  };
  for (const auto& row : setting_table())
    if (is_required(row)) BOOST_TEST(is_named(dotted(row.section, row.key)) == 1, dotted(row.section, row.key));
  BOOST_TEST(std::ranges::all_of(problems, [](const problem& p) { return p.line >= 1 && p.line <= 3; }));
  BOOST_TEST(problems.front().key == "node.name");
  BOOST_TEST(problems.front().line == 1U);
}

BOOST_AUTO_TEST_CASE(a_node_entry_without_its_keys_is_refused_at_its_header) {
  const folder where;
  const auto text = good_text() + "[[nodes]]\nname = \"node3\"\n";
  const auto problems = problems_of(where, text);
  BOOST_REQUIRE_EQUAL(problems.size(), 3U);
  BOOST_TEST(problems[0].key == "nodes.endpoint");
  BOOST_TEST(problems[1].key == "nodes.curve_key");
  BOOST_TEST(problems[2].key == "nodes.receipt_key");
  BOOST_TEST(problems[2].line == line_of(text, "name = \"node3\"") - 1);
}

BOOST_AUTO_TEST_CASE(unknown_keys_and_sections_are_refused) {
  check_one_problem("[spool]\n", "[spool]\nfoldr = \"x\"\n", "spool.foldr", "is no setting");
  check_one_problem("[spool]\n", "[spol]\n[spool]\n", "spol", "is no section");
  check_one_problem("[node]\n", "limits = 3\n[node]\n", "limits", "must be a section: [limits]");
  check_one_problem("name = \"node2\"\n", "nam = 3\nname = \"node2\"\n", "nodes.nam", "is no setting");
}

BOOST_AUTO_TEST_CASE(wrong_types_are_refused) {
  check_one_problem("plaintext = true", "plaintext = true\npoll_ms = \"1000\"", "spool.poll_ms", "whole number");
  check_one_problem("plaintext = true", "plaintext = true\npoll_ms = 0.5", "spool.poll_ms", "whole number");
  check_one_problem("plaintext = true", "plaintext = 1", "spool.plaintext", "true or false");
  check_one_problem("folder = \"spool\"", "folder = [\"spool\"]", "spool.folder", "text in quotation marks");
}

BOOST_AUTO_TEST_CASE(every_number_is_refused_outside_its_range) {
  const folder where;
  for (const auto& row : setting_table()) {
    if (row.unit.empty()) continue;
    const auto with = [&](const std::string& number) {
      return problems_of(where, good_text(), {{variable_name(row.section, row.key), number}});
    };
    BOOST_TEST_CONTEXT(dotted(row.section, row.key)) {
      for (const auto& number : {std::string("-1"), std::to_string(row.max + 1), std::string("99999999999999999999")}) {
        const auto problems = with(number);
        BOOST_TEST(
            std::ranges::any_of(problems, [&](const problem& p) { return p.key == dotted(row.section, row.key); }));
      }
      const auto at_the_limit = with(std::to_string(row.max));
      BOOST_TEST(
          std::ranges::none_of(at_the_limit, [](const problem& p) { return p.detail.starts_with("must be from"); }));
    }
  }
}

BOOST_AUTO_TEST_CASE(every_default_lies_in_its_range) {
  settings defaults;
  for (const auto& row : setting_table()) {
    const auto* where = std::get_if<std::uint64_t& (*)(settings&)>(&row.where);
    if (where == nullptr) continue;
    BOOST_TEST((*where)(defaults) >= row.min, dotted(row.section, row.key));
    BOOST_TEST((*where)(defaults) <= row.max, dotted(row.section, row.key));
  }
}

BOOST_AUTO_TEST_CASE(addresses_and_endpoints_are_checked) {
  check_one_problem("[https]\n", "[https]\nlisten = \"8443\"\n", "https.listen", "address:port");
  check_one_problem("[https]\n", "[https]\nlisten = \"localhost:8443\"\n", "https.listen", "IP address");
  check_one_problem("[https]\n", "[https]\nlisten = \"::1:8443\"\n", "https.listen", "brackets");
  check_one_problem("[https]\n", "[https]\nlisten = \"127.0.0.1:65536\"\n", "https.listen", "port");
  check_one_problem("[https]\n", "[https]\nlisten = \"127.0.0.1:0\"\n", "https.listen", "port");
  check_one_problem("[https]\n", "[transport]\nlisten = \"tcp://here:1\"\n[https]\n", "transport.listen", "IP address");
  check_one_problem("tcp://127.0.0.1:8445", "ipc:///tmp/x", "nodes.endpoint", "tcp://host:port");
  check_one_problem("tcp://127.0.0.1:8445", "tcp://a b:8445", "nodes.endpoint", "host");
  check_one_problem("[operator]\n", "[operator]\nlisten = \"127.0.0.1:8443\"\n", "operator.listen", "must differ");
}

BOOST_AUTO_TEST_CASE(an_ipv6_address_is_written_in_brackets) {
  const folder where;
  const auto loaded = load(where.configuration(good_text()), {{"ELSEC_HTTPS_LISTEN", "[::1]:9000"}});
  BOOST_TEST_REQUIRE(loaded.has_value());
  BOOST_TEST(loaded->https.listen.host == "::1");
  BOOST_TEST(loaded->https.listen.port == 9000);
}

BOOST_AUTO_TEST_CASE(a_public_url_is_an_origin_as_browsers_write_it) {
  const folder where;
  for (const std::string good : {"", "https://elsec.example.org", "https://node1.localhost:8443"}) {
    const auto loaded = load(where.configuration(good_text()), {{"ELSEC_HTTPS_PUBLIC_URL", good}});
    BOOST_TEST_REQUIRE(loaded.has_value(), good);
    BOOST_TEST(loaded->https.public_url == good);
  }
  const auto check_refused = [](std::string_view url, std::string_view why) {
    check_one_problem("[https]\n", fmt::format("[https]\npublic_url = \"{}\"\n", url), "https.public_url", why);
  };
  for (const auto* bad : {"a.example.org", "http://a.example.org", "https://", "https://a.example.org/x", "https://a/",
                          "https://A.example.org", "https://a b", "https://u@a", "https://a?x", "HTTPS://a"})
    check_refused(bad, "https://name");
  check_refused("https://elsec.example.org:443", "443");
  check_refused("https://elsec.example.org:08443", "zeros");
}

BOOST_AUTO_TEST_CASE(trusted_proxies_are_a_list_of_ip_addresses) {
  const folder where;
  const std::vector<std::string> both{"192.0.2.1", "2001:db8::1"};
  const auto text = replaced(good_text(), "[https]\n", "[https]\ntrusted_proxies = [\"192.0.2.1\", \"2001:db8::1\"]\n");
  const auto loaded = load(where.configuration(text), {});
  BOOST_TEST_REQUIRE(loaded.has_value());
  BOOST_TEST(loaded->https.trusted_proxies == both);
  const auto by_variable = [&](const std::string& list) {
    return load(where.configuration(good_text()), {{"ELSEC_HTTPS_TRUSTED_PROXIES", list}});
  };
  BOOST_TEST_REQUIRE(by_variable("192.0.2.1, 2001:db8::1").has_value());
  BOOST_TEST(by_variable("192.0.2.1, 2001:db8::1")->https.trusted_proxies == both);
  BOOST_TEST(by_variable("")->https.trusted_proxies.empty());
  for (const auto* bad : {"proxy.example.org", "192.0.2.0/24", "192.0.2.1,", "*", "[2001:db8::1]", "192.0.2.1:443"})
    BOOST_TEST(!by_variable(bad).has_value(), bad);
}

BOOST_AUTO_TEST_CASE(trusted_proxies_that_are_no_addresses_are_refused) {
  const auto check_refused = [](std::string_view list, std::string_view why) {
    check_one_problem("[https]\n", fmt::format("[https]\ntrusted_proxies = {}\n", list), "https.trusted_proxies", why);
  };
  for (const auto* bad : {"[\"proxy.example.org\"]", "[\"192.0.2.1\", \"192.0.2.0/24\"]", "[\"\"]"})
    check_refused(bad, "names and ranges are not taken");
  for (const auto* bad : {"\"192.0.2.1\"", "[1]", "true"}) check_refused(bad, "must be a list of texts");
  std::string many = "\"192.0.2.1\"";
  for (int i = 0; i < 64; ++i) many += ", \"192.0.2.1\"";
  check_refused("[" + many + "]", "at most 64");
}

BOOST_AUTO_TEST_CASE(names_and_choices_are_checked) {
  check_one_problem("name = \"node2\"", "name = \"Node 2\"", "nodes.name", "a-z");
  check_one_problem("[https]\n", "[log]\nlevel = \"loud\"\n[https]\n", "log.level",
                    "trace, debug, info, warning, error");
  check_one_problem("folder = \"spool\"", "folder = \"\"", "spool.folder", "must not be empty");
  check_one_problem("folder = \"spool\"", "folder = \"sp\\u0000ol\"", "spool.folder", "zero byte");
}

BOOST_AUTO_TEST_CASE(keys_are_checked) {
  check_one_problem(curve_2, "short", "nodes.curve_key", "40 characters in Z85");
  check_one_problem(curve_2, std::string(40, '~'), "nodes.curve_key", "40 characters in Z85");
  check_one_problem(receipt_2, "short", "nodes.receipt_key", "43 characters in base64url");
  check_one_problem(receipt_2, std::string(42, 'A') + "+", "nodes.receipt_key", "43 characters in base64url");
  check_one_problem("plaintext = true", "print_room_key = \"AAAA\"", "spool.print_room_key", "base64url");
}

BOOST_AUTO_TEST_CASE(keys_are_decoded) {
  const folder where;
  const auto loaded = load(where.configuration(good_text()), {});
  BOOST_TEST_REQUIRE(loaded.has_value());
  BOOST_TEST(loaded->nodes[0].curve_key[0] == 0xBB);    // the example of ZeroMQ's RFC 32
  BOOST_TEST(loaded->nodes[0].receipt_key[0] == 0xd7);  // the example of RFC 8032, 7.1
}

BOOST_AUTO_TEST_CASE(a_node_name_endpoint_or_key_stands_only_once) {
  check_one_problem("name = \"node2\"", "name = \"node1\" # again", "nodes.name", "stands already in line");
  check_one_problem("tcp://node2.example.org:8445", "tcp://127.0.0.1:8445\" # again\n#\"", "nodes.endpoint", "already");
  check_one_problem(fmt::format("curve_key = \"{}\"", curve_2), fmt::format("curve_key = \"{}\" # again", curve_1),
                    "nodes.curve_key", "stands already");
  check_one_problem(fmt::format("receipt_key = \"{}\"\n[[", receipt_1),
                    fmt::format("receipt_key = \"{0}\"\nnext_receipt_key = \"{0}\"\n[[", receipt_1),
                    "nodes.next_receipt_key", "stands already");
}

BOOST_AUTO_TEST_CASE(this_node_must_be_in_the_list) {
  check_one_problem("name = \"node1\"", "name = \"node9\"", "node.name", "no [[nodes]] entry");
}

BOOST_AUTO_TEST_CASE(letters_are_sealed_unless_plaintext_is_asked_for) {
  check_one_problem("[spool]\nfolder = \"spool\"\nplaintext = true", "[spool]\nfolder = \"spool\"",
                    "spool.print_room_key", "is missing");
  const folder where;
  const auto sealed = replaced(good_text(), "plaintext = true", fmt::format("print_room_key = \"{}\"", receipt_1));
  const auto loaded = load(where.configuration(sealed), {});
  BOOST_TEST_REQUIRE(loaded.has_value());
  BOOST_TEST(loaded->spool.print_room_key.has_value());
}

BOOST_AUTO_TEST_CASE(the_spool_lies_outside_the_data_folder) {
  check_one_problem("folder = \"spool\"", "folder = \"data/../data/spool\"", "spool.folder", "outside node.data_dir");
  const folder where;
  BOOST_TEST(problems_of(where, replaced(good_text(), "\"spool\"", "\"data-spool\"")).empty());
}

BOOST_AUTO_TEST_CASE(slot_files_and_keys_are_two) {
  check_one_problem("file = \"slots\"", "mirror = \"slots\"\nfile = \"slots\"", "slots.mirror", "slots.file itself");
  check_one_problem("\"slots.key\"", "\"master.key\" # the same", "slots.key_file", "must not be keys.master_file");
}

BOOST_AUTO_TEST_CASE(files_that_cannot_be_read_are_refused) {
  check_one_problem("\"certificate.pem\"", "\"missing.pem\"", "https.certificate_file", "cannot be read: No such file");
  check_one_problem("\"certificate.pem\"", "\".\"", "https.certificate_file", "is not a file");
  check_one_problem("\"slots.key\"", "\"missing.key\"", "slots.key_file", "cannot be read");
  check_one_problem("folder = \"spool\"", "folder = \"certificate.pem\"", "spool.folder", "is not a folder");
  check_one_problem("folder = \"spool\"", "folder = \"no/such/spool\"", "spool.folder", "is not a folder");
  check_one_problem("file = \"slots\"", "file = \"data\"", "slots.file", "is not a file");
}

BOOST_AUTO_TEST_CASE(R13_secret_files_open_to_others_are_refused) {
  const folder where;
  for (const auto& [file, key] : {std::pair{"master.key", "keys.master_file"},
                                  {"slots.key", "slots.key_file"},
                                  {"token", "operator.token_file"},
                                  {"private-key.pem", "https.private_key_file"}}) {
    BOOST_REQUIRE(chmod((where.path / file).c_str(), 0644) == 0);
    const auto problems = problems_of(where, good_text());
    BOOST_REQUIRE_EQUAL(problems.size(), 1U);
    BOOST_TEST(problems[0].key == key);
    BOOST_TEST(problems[0].detail.find("mode 0644") != std::string::npos);
    BOOST_REQUIRE(chmod((where.path / file).c_str(), 0600) == 0);
  }
}

BOOST_AUTO_TEST_CASE(R13_a_key_file_of_another_size_is_refused) {
  const folder where;
  (void)where.write("master.key", std::string(31, 'x'), 0600);
  (void)where.write("slots.key", "", 0600);
  const auto problems = problems_of(where, good_text());
  BOOST_REQUIRE_EQUAL(problems.size(), 2U);
  BOOST_TEST(problems[0].key == "keys.master_file");
  BOOST_TEST(problems[1].key == "slots.key_file");
}

BOOST_AUTO_TEST_CASE(a_token_is_long_visible_and_alone) {
  const folder where;
  BOOST_TEST(read_token_file((where.path / "token").string()).value() == std::string(43, 't'));
  for (const auto& bad : {std::string(31, 't'), std::string(257, 't'), std::string(1'000, 't'), std::string(40, ' '),
                          std::string(40, 't') + "\n\n", std::string(40, 't') + "\n" + std::string(40, 'u')})
    BOOST_TEST(!read_token_file(where.write("other", bad, 0600)).has_value());
}

BOOST_AUTO_TEST_CASE(environment_variables_override_the_file) {
  const folder where;
  const auto loaded = load(where.configuration(good_text()), {{"ELSEC_HTTPS_TLS_1_2", "true"},
                                                              {"ELSEC_LIMITS_IDLE_SECONDS", "7"},
                                                              {"ELSEC_LOG_LEVEL", "debug"},
                                                              {"ELSEC_SPOOL_FOLDER", "elsewhere"},
                                                              {"ELSEC_TOKEN", "of the command line"}});
  BOOST_TEST_REQUIRE(loaded.has_value());
  BOOST_TEST(loaded->https.tls_1_2);
  BOOST_TEST(loaded->limits.idle_seconds == 7U);
  BOOST_TEST(loaded->log.level == "debug");
  BOOST_TEST(loaded->spool.folder == (where.path / "elsewhere").string());
}

BOOST_AUTO_TEST_CASE(a_bad_environment_variable_is_named) {
  const folder where;
  const auto problems =
      problems_of(where, good_text(), {{"ELSEC_LIMITS_IDLE_SECONDS", "7s"}, {"ELSEC_HTTPS_LISTNE", "127.0.0.1:1"}});
  BOOST_REQUIRE_EQUAL(problems.size(), 2U);
  BOOST_TEST((problems[0] == problem{"environment variable ELSEC_LIMITS_IDLE_SECONDS", 0, "limits.idle_seconds",
                                     "must be a whole number"}));
  BOOST_TEST(problems[1].file == "environment variable ELSEC_HTTPS_LISTNE");
}

BOOST_AUTO_TEST_CASE(the_master_key_may_come_from_the_environment) {
  const folder where;
  const auto text = replaced(good_text(), "master_file = \"master.key\"\n", "");
  const auto loaded = load(where.configuration(text), {{"ELSEC_MASTER_KEY", std::string(receipt_1)}});
  BOOST_TEST_REQUIRE(loaded.has_value());
  BOOST_TEST(loaded->keys.master.view()[0] == 0xd7);

  const auto problems = problems_of(where, text, {{"ELSEC_MASTER_KEY", "secret-typed-wrong"}});
  BOOST_REQUIRE_EQUAL(problems.size(), 1U);
  BOOST_TEST(to_string(problems[0]).find("secret-typed-wrong") == std::string::npos);
}

BOOST_AUTO_TEST_CASE(all_problems_are_reported_in_the_order_of_the_file) {
  const folder where;
  auto text = replaced(good_text(), "name = \"node1\"", "name = \"NODE\"");
  text = replaced(text, "\"slots.key\"", "\"missing.key\"");
  text = replaced(text, "plaintext = true", "plaintext = \"yes\"\npoll_ms = -5\ncolour = 1");
  text = replaced(text, curve_2, "short");
  const auto problems = problems_of(where, text, {{"ELSEC_RETENTION_DAYS", "91"}});
  std::vector<std::string> keys;
  for (const auto& each : problems) keys.push_back(each.key);
  const std::vector<std::string> expected{"node.name",    "slots.key_file",  "spool.plaintext", "spool.poll_ms",
                                          "spool.colour", "nodes.curve_key", "retention.days"};
  BOOST_TEST(keys == expected, boost::test_tools::per_element());
  BOOST_TEST(to_string(problems[3]) == fmt::format("{}:{}: spool.poll_ms must be from 10 to 60000 milliseconds",
                                                   (where.path / "elsec.toml").string(), problems[3].line));
}

BOOST_AUTO_TEST_CASE(every_setting_is_read_from_its_place) {
  std::set<std::string> names;
  settings values;
  std::set<const void*> places;
  for (const auto& row : setting_table()) {
    BOOST_TEST(names.insert(variable_name(row.section, row.key)).second, row.key);
    const auto* where = std::visit([&](auto* get) -> const void* { return &get(values); }, row.where);
    BOOST_TEST(places.insert(where).second, dotted(row.section, row.key) << " shares its place with another setting");
  }
}

BOOST_AUTO_TEST_CASE(the_reference_configuration_is_the_table_in_words) {
  std::ifstream file("config/elsec.toml");
  std::stringstream text;
  text << file.rdbuf();
  const auto wanted = reference_configuration();
  if (text.str() != wanted) std::ofstream("build/elsec.toml") << wanted;
  BOOST_TEST((text.str() == wanted),
             "config/elsec.toml differs from the table; what it should be is in build/elsec.toml");
}

BOOST_AUTO_TEST_CASE(the_reference_configuration_complains_only_of_missing_files) {
  const folder where;
  for (const auto& each : problems_of(where, reference_configuration())) {
    const bool is_file = each.detail.starts_with("/etc/elsec/") || each.detail.starts_with("/var/");
    const bool is_print_room = each.key == "spool.print_room_key";
    BOOST_TEST((is_file || is_print_room), to_string(each));
  }
}

BOOST_AUTO_TEST_CASE(every_commented_setting_of_the_reference_is_its_default) {
  const folder where;
  std::stringstream lines(reference_configuration());
  std::string text, line;
  while (std::getline(lines, line)) {
    const auto equals = line.find(" = ");
    const bool is_value = line.starts_with("# ") && equals != std::string::npos && line.find(' ', 2) == equals;
    text += (is_value && !line.starts_with("# next_") ? line.substr(2) : line) + "\n";
  }
  for (const auto& each : problems_of(where, text))
    BOOST_TEST((each.detail.starts_with("/") || each.key == "spool.print_room_key"), to_string(each));
}

BOOST_AUTO_TEST_CASE(wild_texts_never_crash_and_always_say_why) {
  const folder where;
  for (const std::string& text :
       {std::string(), std::string("nodes = 3"), std::string("nodes = []"), std::string("nodes = [1, 2]"),
        std::string("[[node]]"), std::string("[[limits]]\nidle_seconds = 3"), std::string("[limits.idle_seconds]"),
        std::string("\xff\xfe"), std::string(3, '\0'), std::string("[node]\nname = \"a\"\nname = \"b\""),
        std::string(2U << 20U, '#'), std::string(5'000, '['), std::string("[nodes]\nname = \"x\"")}) {
    const auto problems = problems_of(where, text);
    BOOST_TEST(!problems.empty());
    for (const auto& each : problems) BOOST_TEST((!each.file.empty() && !each.detail.empty()));
  }
}

BOOST_AUTO_TEST_SUITE_END()
