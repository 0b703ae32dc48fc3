#include "crypto/random.hpp"
#include "crypto/sign.hpp"
#include "tests/app/cli_support.hpp"

#include <boost/json/parse.hpp>
#include <boost/test/unit_test.hpp>

using namespace elsec;
using namespace elsec::cli;

namespace {

struct print_room {
  test::folder place;
  std::string public_key;

  print_room() {
    BOOST_REQUIRE(crypto::start().has_value());
    BOOST_REQUIRE(run_with({"print-room", "keys", file("room.key"), "--json"}) == exit_code::ok);
    public_key = boost::json::parse(shown).at("print_room_key").as_string();
  }

  std::string shown;
  [[nodiscard]] std::string file(const char* name) const { return (place / name).string(); }

  exit_code run_with(std::vector<std::string> arguments) {
    std::istringstream in;
    std::ostringstream out, err;
    surroundings with{.in = in, .out = out, .err = err, .env = test::environment_of({})};
    const auto what = parse_arguments(std::move(arguments));
    BOOST_REQUIRE(what.has_value());
    const auto code = run(*what, with);
    shown = out.str();
    return code;
  }

  // As the node seals a letter to the key in its settings.
  void seal_letter(const std::string& text) const {
    const auto raw = crypto::from_base64url(public_key);
    BOOST_REQUIRE(raw.has_value() && raw->size() == 32U);
    crypto::public_key key{};
    std::copy(raw->begin(), raw->end(), key.begin());
    const auto sealed = crypto::seal_to(key, {reinterpret_cast<const std::uint8_t*>(text.data()), text.size()});
    BOOST_REQUIRE(sealed.has_value());
    place.write("ltr.pdf", std::string(sealed->begin(), sealed->end()));
  }

  exit_code open_letter(const char* key) {
    return run_with({"print-room", "open", file("ltr.pdf"), "--key", file(key), "-o", file("open.pdf")});
  }
};

}  // namespace

BOOST_FIXTURE_TEST_SUITE(the_print_room, print_room)

BOOST_AUTO_TEST_CASE(R13_it_opens_what_was_sealed_to_its_key) {
  seal_letter("a letter");
  BOOST_CHECK(open_letter("room.key") == exit_code::ok);
  BOOST_TEST(test::content_of(place / "open.pdf") == "a letter");
}

BOOST_AUTO_TEST_CASE(R13_another_key_opens_nothing) {
  seal_letter("a letter");
  BOOST_REQUIRE(run_with({"print-room", "keys", file("other.key"), "--json"}) == exit_code::ok);
  BOOST_CHECK(open_letter("other.key") == exit_code::verification_failed);
  BOOST_TEST(!std::filesystem::exists(place / "open.pdf"));
}

BOOST_AUTO_TEST_CASE(R13_a_changed_letter_is_not_opened) {
  seal_letter("a letter");
  auto sealed = test::content_of(place / "ltr.pdf");
  sealed.back() = static_cast<char>(sealed.back() ^ 1);
  place.write("ltr.pdf", sealed);
  BOOST_CHECK(open_letter("room.key") == exit_code::verification_failed);
}

BOOST_AUTO_TEST_CASE(a_key_is_never_overwritten) {
  const auto before = test::content_of(place / "room.key");
  BOOST_CHECK(run_with({"print-room", "keys", file("room.key")}) == exit_code::local_file);
  BOOST_TEST(test::content_of(place / "room.key") == before);
}

BOOST_AUTO_TEST_SUITE_END()
