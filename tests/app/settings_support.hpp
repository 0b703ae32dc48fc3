#pragma once
// A good configuration in a folder of its own, and what is said when one thing in it is changed.

#include "app/settings/settings.hpp"

#include <boost/test/unit_test.hpp>
#include <fmt/format.h>
#include <sodium.h>

#include <algorithm>
#include <filesystem>
#include <fstream>
#include <string>
#include <string_view>
#include <sys/stat.h>
#include <unistd.h>
#include <vector>

namespace elsec::app::testing {

namespace fs = std::filesystem;

inline constexpr std::string_view curve_1 = "Yne@$w-vo<fVvi]a<NY6T1ed:M$fCG*[IaLV{hID";
inline constexpr std::string_view curve_2 = "rq:rM>}U?@Lns47E1%kR.o@n%FcmmsL/@{H8]yf7";
inline constexpr std::string_view receipt_1 = "11qYAYKxCrfVS_7TyWQHOg7hcvPapiMlrwIaaPcHURo";
inline constexpr std::string_view receipt_2 = "PUAXw-hDiVqStwqnTRt-vJyYLM8uxJaMwM1V8Sr0Zgw";

// A folder with everything a good configuration names, removed afterwards.
struct folder {
  fs::path path;

  folder() {
    BOOST_REQUIRE(sodium_init() >= 0);
    std::string pattern = (fs::temp_directory_path() / "elsec-settings-XXXXXX").string();
    BOOST_REQUIRE(mkdtemp(pattern.data()) != nullptr);
    path = pattern;
    write("master.key", std::string(32, '\x01'), 0600);
    write("slots.key", std::string(32, '\x02'), 0600);
    write("token", std::string(43, 't') + "\n", 0600);
    write("certificate.pem", "certificate", 0644);
    write("private-key.pem", "key", 0640);
    fs::create_directory(path / "data");
    write("data/node.keys", "sealed", 0600);
  }
  ~folder() { fs::remove_all(path); }
  folder(const folder&) = delete;
  folder& operator=(const folder&) = delete;

  std::string write(const std::string& name, std::string_view content, mode_t mode) const {
    const auto file = path / name;
    std::ofstream(file, std::ios::binary) << content;
    BOOST_REQUIRE(chmod(file.c_str(), mode) == 0);
    return file.string();
  }

  [[nodiscard]] std::string configuration(const std::string& text) const { return write("elsec.toml", text, 0644); }
};

inline std::string good_text() {
  return fmt::format(R"([node]
name = "node1"
data_dir = "data"
[keys]
master_file = "master.key"
[slots]
file = "slots"
key_file = "slots.key"
[https]
certificate_file = "certificate.pem"
private_key_file = "private-key.pem"
[operator]
token_file = "token"
[spool]
folder = "spool"
plaintext = true
[[nodes]]
name = "node1"
endpoint = "tcp://127.0.0.1:8445"
curve_key = "{}"
receipt_key = "{}"
[[nodes]]
name = "node2"
endpoint = "tcp://node2.example.org:8445"
curve_key = "{}"
receipt_key = "{}"
)",
                     curve_1, receipt_1, curve_2, receipt_2);
}

inline std::string replaced(std::string text, std::string_view what, std::string_view with) {
  const auto at = text.find(what);
  BOOST_REQUIRE_MESSAGE(at != std::string::npos, "not in the text: " << what);
  return text.replace(at, what.size(), with);
}

inline std::size_t line_of(const std::string& text, std::string_view what) {
  const auto at = text.find(what);
  BOOST_REQUIRE(at != std::string::npos);
  return 1 + static_cast<std::size_t>(std::count(text.begin(), text.begin() + static_cast<std::ptrdiff_t>(at), '\n'));
}

inline std::vector<problem> problems_of(const folder& where, const std::string& text,
                                        const environment& variables = {}) {
  auto loaded = load(where.configuration(text), variables);
  return loaded ? std::vector<problem>{} : loaded.error();
}

inline std::string all_of(const std::vector<problem>& problems) {
  std::string text;
  for (const auto& each : problems) text += to_string(each) + "\n";
  return text;
}

// The line of the key's name in the changed part of the text, else the first line of that part.
inline std::size_t line_of_key(const std::string& text, std::string_view changed, std::string_view key) {
  const auto name = changed.find(key.substr(key.rfind('.') + 1));
  const auto before = changed.substr(0, name == std::string_view::npos ? 0 : name);
  return line_of(text, changed) + static_cast<std::size_t>(std::ranges::count(before, '\n'));
}

// The good configuration with one change must give exactly this one problem, at the line of the key.
inline void check_one_problem(std::string_view original, std::string_view changed, std::string_view key,
                              std::string_view detail) {
  const folder where;
  const auto text = replaced(good_text(), original, changed);
  const auto problems = problems_of(where, text);
  BOOST_TEST_CONTEXT(changed << " gave\n" << all_of(problems)) {
    BOOST_REQUIRE_EQUAL(problems.size(), 1U);
    BOOST_TEST(problems[0].file == (where.path / "elsec.toml").string());
    BOOST_TEST(problems[0].key == key);
    BOOST_TEST(problems[0].line == line_of_key(text, changed, key));
    BOOST_TEST(problems[0].detail.find(detail) != std::string::npos);
  }
}

}  // namespace elsec::app::testing
