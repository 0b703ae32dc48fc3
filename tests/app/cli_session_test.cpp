// The remembered log-in, and which credential goes where.
#include "app/cli/password.hpp"
#include "app/cli/session.hpp"
#include "tests/app/cli_support.hpp"

#include <boost/test/unit_test.hpp>

#include <sys/stat.h>

using namespace elsec::cli;
using namespace elsec::cli::test;

namespace {

mode_t mode_of(const std::filesystem::path& path) {
  struct stat about{};
  BOOST_REQUIRE(::stat(path.c_str(), &about) == 0);
  return about.st_mode & 07777U;
}

const session known{"https://a.example", "token-a", "/etc/ca.pem", "2026-03-01T08:30:00.000Z"};

}  // namespace

BOOST_AUTO_TEST_SUITE(cli_session)

BOOST_AUTO_TEST_CASE(a_session_is_for_its_owner_alone_whatever_the_umask) {
  const folder dir;
  const auto before = ::umask(0);
  const auto path = dir / "config/elsec/session.json";
  const auto saved = save_session(path, known);
  ::umask(before);
  BOOST_REQUIRE(saved);
  BOOST_TEST(mode_of(path) == 0600U);
  BOOST_TEST(mode_of(path.parent_path()) == 0700U);
}

BOOST_AUTO_TEST_CASE(saving_replaces_an_open_file_and_leaves_nothing_beside_it) {
  const folder dir;
  const auto path = dir.write("session.json", "old");
  ::chmod(path.c_str(), 0644);
  BOOST_REQUIRE(save_session(path, known));
  BOOST_TEST(mode_of(path) == 0600U);
  BOOST_TEST(dir.entries() == 1U);
  const auto loaded = load_session(path);
  BOOST_REQUIRE(loaded && *loaded);
  BOOST_TEST((*loaded)->token == known.token);
  BOOST_TEST((*loaded)->node == known.node);
  BOOST_TEST((*loaded)->ca_file == known.ca_file);
}

BOOST_AUTO_TEST_CASE(a_session_others_may_read_is_not_used) {
  const folder dir;
  BOOST_REQUIRE(save_session(dir / "s.json", known));
  ::chmod((dir / "s.json").c_str(), 0640);
  const auto loaded = load_session(dir / "s.json");
  BOOST_REQUIRE(!loaded);
  BOOST_CHECK(loaded.error().code == exit_code::local_file);
}

BOOST_AUTO_TEST_CASE(a_missing_session_is_none_and_a_damaged_one_an_error) {
  const folder dir;
  BOOST_CHECK(load_session(dir / "none.json") && !*load_session(dir / "none.json"));
  for (const auto* text : {"", "{", "[]", "{\"node\":\"https://a\"}", "{\"node\":1,\"token\":2}"}) {
    const auto path = dir.write("s.json", text);
    ::chmod(path.c_str(), 0600);
    BOOST_CHECK_MESSAGE(!load_session(path).has_value(), text);
  }
}

BOOST_AUTO_TEST_CASE(the_place_is_chosen_by_option_environment_and_home) {
  const auto place = [](std::string option, std::map<std::string, std::string> env) {
    return session_path(option, environment_of(std::move(env)))->string();
  };
  BOOST_TEST(place("/o", {{"ELSEC_SESSION", "/e"}}) == "/o");
  BOOST_TEST(place("", {{"ELSEC_SESSION", "/e"}, {"HOME", "/h"}}) == "/e");
  BOOST_TEST(place("", {{"XDG_CONFIG_HOME", "/x"}, {"HOME", "/h"}}) == "/x/elsec/session.json");
  BOOST_TEST(place("", {{"HOME", "/h"}}) == "/h/.config/elsec/session.json");
}

BOOST_AUTO_TEST_CASE(the_session_serves_its_own_node) {
  const folder dir;
  const auto file = (dir / "s.json").string();
  BOOST_REQUIRE(save_session(file, known));
  const auto chosen = choose_connection({"", "", file}, environment_of({}));
  BOOST_REQUIRE(chosen);
  BOOST_TEST(chosen->node.str() == known.node);
  BOOST_TEST(chosen->token == known.token);
  BOOST_TEST(chosen->ca_file == known.ca_file);
}

BOOST_AUTO_TEST_CASE(a_sessions_token_never_goes_to_another_node) {
  const folder dir;
  const auto file = (dir / "s.json").string();
  BOOST_REQUIRE(save_session(file, known));
  for (const auto* other : {"https://b.example", "https://a.example:8443", "https://a.example.evil"}) {
    const auto chosen = choose_connection({other, "", file}, environment_of({}));
    BOOST_REQUIRE(chosen);
    BOOST_TEST(chosen->token == "");
    BOOST_TEST(chosen->ca_file == "");
  }
}

BOOST_AUTO_TEST_CASE(options_go_before_the_environment_and_that_before_the_session) {
  const folder dir;
  const auto file = (dir / "s.json").string();
  BOOST_REQUIRE(save_session(file, known));
  const auto env = environment_of({{"ELSEC_NODE", "https://e"}, {"ELSEC_CA_FILE", "/e.pem"}, {"ELSEC_TOKEN", "te"}});
  BOOST_TEST(choose_connection({"https://o", "/o.pem", file}, env)->node.str() == "https://o");
  BOOST_TEST(choose_connection({"https://o", "/o.pem", file}, env)->ca_file == "/o.pem");
  BOOST_TEST(choose_connection({"", "", file}, env)->node.str() == "https://e");
  BOOST_TEST(choose_connection({"", "", file}, env)->ca_file == "/e.pem");
  BOOST_TEST(choose_connection({"", "", file}, env)->token == "te");
}

BOOST_AUTO_TEST_CASE(without_any_node_the_command_line_is_at_fault) {
  const folder dir;
  const auto chosen = choose_connection({"", "", (dir / "none").string()}, environment_of({}));
  BOOST_REQUIRE(!chosen);
  BOOST_CHECK(chosen.error().code == exit_code::usage);
}

BOOST_AUTO_TEST_SUITE_END()

BOOST_AUTO_TEST_SUITE(cli_password)

namespace {
secret_prompt answering(std::vector<std::string> answers) {
  auto left = std::make_shared<std::deque<std::string>>(answers.begin(), answers.end());
  return [left](const std::string&) -> outcome<std::string> {
    auto answer = left->front();
    left->pop_front();
    return answer;
  };
}
}  // namespace

BOOST_AUTO_TEST_CASE(a_password_is_the_first_line_of_its_source) {
  const folder dir;
  std::istringstream in("from stdin\r\nrest");
  const auto file = dir.write("pw", "from file\nrest").string();
  const auto env = environment_of({{"ELSEC_PASSWORD", "from env"}});
  BOOST_TEST(*obtain_password({file, false}, env, in, {}, ask_twice::no) == "from file");
  BOOST_TEST(*obtain_password({"", true}, env, in, {}, ask_twice::no) == "from stdin");
  BOOST_TEST(*obtain_password({}, env, in, {}, ask_twice::no) == "from env");
  BOOST_TEST(*obtain_password({}, environment_of({}), in, answering({"typed"}), ask_twice::no) == "typed");
}

BOOST_AUTO_TEST_CASE(a_new_password_is_typed_twice) {
  std::istringstream in;
  BOOST_TEST(*obtain_password({}, environment_of({}), in, answering({"a", "a"}), ask_twice::yes) == "a");
  const auto differs = obtain_password({}, environment_of({}), in, answering({"a", "b"}), ask_twice::yes);
  BOOST_REQUIRE(!differs);
  BOOST_CHECK(differs.error().code == exit_code::usage);
}

BOOST_AUTO_TEST_SUITE_END()
