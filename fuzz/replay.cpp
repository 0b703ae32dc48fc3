// Every input of the corpus once through its target: what fuzzing has found stays found, in every build.
#include "fuzz/targets.hpp"

#include <boost/test/unit_test.hpp>

#include <algorithm>
#include <array>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <string>
#include <vector>

namespace elsec::fuzz {
namespace {

struct target {
  const char* name;
  void (*run)(bytes_view);
};

constexpr std::array targets{
    target{"cbor", cbor},
    target{"envelope", envelope},
    target{"http_body", http_body},
    target{"http_head", http_head},
    target{"json", json},
    target{"jws", jws},
    target{"media_type", media_type},
    target{"pdf", pdf},
    target{"text", text},
    target{"wire", wire},
};

const std::filesystem::path corpus = ELSEC_FUZZ_CORPUS;

std::vector<std::filesystem::path> sorted_entries(const std::filesystem::path& folder) {
  std::vector<std::filesystem::path> entries;
  for (const auto& entry : std::filesystem::directory_iterator(folder)) entries.push_back(entry.path());
  std::ranges::sort(entries);
  return entries;
}

std::vector<std::uint8_t> bytes_of(const std::filesystem::path& file) {
  std::ifstream in(file, std::ios::binary);
  return {std::istreambuf_iterator<char>(in), {}};
}

// Whether every property holds; says which one does not.
bool holds(const target& what, bytes_view input) {
  try {
    what.run(input);
    return true;
  } catch (const broken& found) {
    BOOST_TEST_MESSAGE("property broken: " << found.property);
    return false;
  }
}

void replay(std::string_view name) {
  const auto what = std::ranges::find(targets, name, &target::name);
  BOOST_TEST_REQUIRE((what != targets.end()));
  BOOST_TEST(holds(*what, {}));
  const auto files = sorted_entries(corpus / name);
  BOOST_TEST(!files.empty());
  for (const auto& file : files) {
    const auto input = bytes_of(file);
    BOOST_TEST(holds(*what, input), file.string());
  }
}

}  // namespace

BOOST_AUTO_TEST_SUITE(corpus_holds)

BOOST_AUTO_TEST_CASE(of_every_target_there_is_a_folder_and_no_other) {
  std::vector<std::string> folders;
  for (const auto& folder : sorted_entries(corpus)) folders.push_back(folder.filename().string());
  std::vector<std::string> names;
  for (const auto& each : targets) names.emplace_back(each.name);
  BOOST_TEST(folders == names, boost::test_tools::per_element());
}

BOOST_AUTO_TEST_CASE(cbor_records) { replay("cbor"); }
BOOST_AUTO_TEST_CASE(envelopes) { replay("envelope"); }
BOOST_AUTO_TEST_CASE(http_bodies) { replay("http_body"); }
BOOST_AUTO_TEST_CASE(http_heads) { replay("http_head"); }
BOOST_AUTO_TEST_CASE(json_records) { replay("json"); }
BOOST_AUTO_TEST_CASE(signed_texts) { replay("jws"); }
BOOST_AUTO_TEST_CASE(media_types) { replay("media_type"); }
BOOST_AUTO_TEST_CASE(pdf_files) { replay("pdf"); }
BOOST_AUTO_TEST_CASE(texts) { replay("text"); }
BOOST_AUTO_TEST_CASE(bodies_of_envelopes) { replay("wire"); }

BOOST_AUTO_TEST_SUITE_END()

}  // namespace elsec::fuzz
