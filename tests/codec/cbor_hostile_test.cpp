// Bytes made to crash, to confuse or to exhaust a reader (promise 5 of the security concept).
#include "codec/cbor.hpp"
#include "codec/text.hpp"
#include "tests/codec/records.hpp"

#include <boost/test/unit_test.hpp>

using namespace elsec;
using namespace elsec::codec_test;

namespace {

struct lists {
  std::vector<std::int32_t> numbers{};
  std::map<std::string, std::int32_t> limits{};
  std::string name;
  domain::bytes key;
};
BOOST_DESCRIBE_STRUCT(lists, (), (numbers, limits, name, key))

template <class T>
std::string_view cbor_code_of(std::span<const std::uint8_t> data) {
  const auto read = codec::from_cbor<T>(data);
  return read ? std::string_view("read") : domain::name_of(read.error().code);
}

// {name: <value>} for a name of at most 23 bytes
domain::bytes member(std::string_view name, const domain::bytes& value) {
  domain::bytes data(2 + name.size() + value.size());
  data[0] = 0xA1;
  data[1] = static_cast<std::uint8_t>(0x60 + name.size());
  std::ranges::copy(value, std::ranges::copy(name, data.begin() + 2).out);
  return data;
}

domain::bytes repeated(const domain::bytes& head, std::uint8_t byte, std::size_t times) {
  domain::bytes data = head;
  data.insert(data.end(), times, byte);
  return data;
}

// `depth` arrays of one element around a zero
domain::bytes nested(std::size_t depth) {
  auto data = repeated({}, 0x81, depth);
  data.push_back(0x00);
  return data;
}

// Array head with a 32-bit count.
domain::bytes array_head(std::uint32_t count) {
  return {0x9A, static_cast<std::uint8_t>(count >> 24), static_cast<std::uint8_t>(count >> 16),
          static_cast<std::uint8_t>(count >> 8), static_cast<std::uint8_t>(count)};
}

rich filled_record() {
  auto record = generator(5).record();
  record.key.resize(40);  // keeps the mutation test quick
  record.person = generator(6).person();
  record.people = {generator(7).person()};
  record.limits = {{"a", 1}};
  record.contacts = {{"b", generator(8).person()}};
  record.extra = {{"c", {1, 2.5, nullptr}}};
  record.subject = "subject";
  return record;
}

}  // namespace

BOOST_AUTO_TEST_SUITE(cbor_hostile)

BOOST_AUTO_TEST_CASE(every_truncation_is_integrity) {
  const auto data = codec::to_cbor(filled_record());
  for (std::size_t size = 0; size < data.size(); ++size) {
    // A buffer of exactly this size, so that the address sanitizer sees any read beyond it.
    const domain::bytes cut(data.begin(), data.begin() + static_cast<std::ptrdiff_t>(size));
    BOOST_TEST(cbor_code_of<rich>(cut) == "integrity", size);
  }
}

BOOST_AUTO_TEST_CASE(every_change_of_one_byte_reads_as_a_whole_record_or_is_integrity) {
  const auto data = codec::to_cbor(filled_record());
  std::size_t read_count = 0;
  std::size_t refused_count = 0;
  for (std::size_t i = 0; i < data.size(); ++i) {
    for (unsigned change = 1; change < 256; ++change) {
      auto mutated = data;
      mutated[i] = static_cast<std::uint8_t>(mutated[i] ^ change);
      const auto read = codec::from_cbor<rich>(mutated);
      if (!read) {
        BOOST_REQUIRE(read.error().code == domain::error_code::integrity);
        ++refused_count;
        continue;
      }
      ++read_count;
      const auto again = codec::to_cbor(*read);
      const auto back = codec::from_cbor<rich>(again);
      BOOST_REQUIRE(back.has_value());
      BOOST_REQUIRE(codec::to_cbor(*back) == again);
    }
  }
  // Both happen often, or the test shows nothing.
  BOOST_TEST(read_count > 1'000U);
  BOOST_TEST(refused_count > 1'000U);
}

BOOST_AUTO_TEST_CASE(random_bytes_are_integrity_or_a_record) {
  generator random(9);
  for (int i = 0; i < 20'000; ++i) {
    domain::bytes data(random.below(64));
    for (auto& byte : data) byte = random.whole<std::uint8_t>();
    const auto code = cbor_code_of<rich>(data);
    BOOST_TEST((code == "integrity" || code == "read"));
  }
}

BOOST_AUTO_TEST_CASE(trailing_bytes_are_integrity) {
  auto data = codec::to_cbor(lists{});
  BOOST_TEST(cbor_code_of<lists>(data) == "read");
  data.push_back(0x00);
  BOOST_TEST(cbor_code_of<lists>(data) == "integrity");
  BOOST_TEST(cbor_code_of<lists>({}) == "integrity");
}

BOOST_AUTO_TEST_CASE(claimed_lengths_without_bytes_are_integrity_at_once) {
  for (const auto* huge : {"9bffffffffffffffff", "9affffffff", "9b00000000ffffffff00", "bbffffffffffffffff",
                           "7bffffffffffffffff", "7b7fffffffffffffff41", "5bffffffffffffffff", "5affffffff00"})
    for (const auto* name : {"numbers", "limits", "name", "key", "unknown"})
      BOOST_TEST(cbor_code_of<lists>(member(name, from_digits(huge))) == "integrity", name << " " << huge);
  BOOST_TEST(cbor_code_of<lists>(from_digits("bbffffffffffffffff")) == "integrity");
}

BOOST_AUTO_TEST_CASE(indefinite_lengths_are_integrity) {
  BOOST_TEST(cbor_code_of<lists>(from_digits("bfff")) == "integrity");
  BOOST_TEST(cbor_code_of<lists>(member("numbers", from_digits("9f0102ff"))) == "integrity");
  BOOST_TEST(cbor_code_of<lists>(member("name", from_digits("7f6161ff"))) == "integrity");
  BOOST_TEST(cbor_code_of<lists>(member("key", from_digits("5f4101ff"))) == "integrity");
  BOOST_TEST(cbor_code_of<lists>(member("unknown", from_digits("9fff"))) == "integrity");
  BOOST_TEST(cbor_code_of<lists>(member("unknown", from_digits("bfff"))) == "integrity");
  // Only the start, so that nothing that follows is what the reader stumbles over.
  for (const auto* start : {"5f", "7f", "9f", "bf", "ff"})
    for (const auto* name : {"numbers", "limits", "name", "key", "unknown"})
      BOOST_TEST(cbor_code_of<lists>(member(name, from_digits(start))) == "integrity", name << " " << start);
}

BOOST_AUTO_TEST_CASE(tags_and_reserved_heads_are_no_values_of_a_record) {
  BOOST_TEST(cbor_code_of<lists>(member("name", from_digits("c06161"))) == "integrity");
  for (const auto* reserved : {"1c", "3d", "5e", "7c", "9d", "be", "fc", "fd", "fe", "f800"})
    BOOST_TEST(cbor_code_of<lists>(member("unknown", from_digits(reserved))) == "integrity", reserved);
}

BOOST_AUTO_TEST_CASE(nesting_is_bounded_in_what_is_skipped) {
  BOOST_TEST(cbor_code_of<lists>(member("unknown", nested(codec::cbor_depth_max - 1))) == "read");
  BOOST_TEST(cbor_code_of<lists>(member("unknown", nested(codec::cbor_depth_max))) == "integrity");
  BOOST_TEST(cbor_code_of<lists>(member("unknown", nested(1'000'000))) == "integrity");
  BOOST_TEST(cbor_code_of<lists>(member("unknown", repeated({}, 0xA1, 1'000'000))) == "integrity");
  BOOST_TEST(cbor_code_of<lists>(member("unknown", repeated({}, 0xC0, 1'000'000))) == "integrity");
}

BOOST_AUTO_TEST_CASE(the_number_of_items_is_bounded) {
  // the map, its key, the array and its elements
  constexpr auto most = static_cast<std::uint32_t>(codec::cbor_items_max - 3);
  BOOST_TEST(cbor_code_of<lists>(member("numbers", repeated(array_head(most), 0x00, most))) == "read");
  BOOST_TEST(cbor_code_of<lists>(member("numbers", repeated(array_head(most + 1), 0x00, most + 1))) == "integrity");
  BOOST_TEST(cbor_code_of<lists>(member("unknown", repeated(array_head(most), 0x00, most))) == "read");
  BOOST_TEST(cbor_code_of<lists>(member("unknown", repeated(array_head(most + 1), 0x00, most + 1))) == "integrity");
}

BOOST_AUTO_TEST_CASE(one_byte_elements_cannot_become_a_large_list_of_large_records) {
  constexpr std::uint32_t many = 150'000;  // below the limit of items
  BOOST_TEST(cbor_code_of<std::vector<wide>>(repeated(array_head(1'000), 0xA0, 1'000)) == "read");
  BOOST_TEST(cbor_code_of<std::vector<wide>>(repeated(array_head(many), 0xA0, many)) == "integrity");
}

BOOST_AUTO_TEST_CASE(a_name_that_comes_twice_is_integrity) {
  BOOST_TEST(cbor_code_of<lists>(from_digits("a1646e616d656161")) == "read");
  BOOST_TEST(cbor_code_of<lists>(from_digits("a2646e616d656161646e616d656161")) == "integrity");
  BOOST_TEST(cbor_code_of<lists>(member("limits", from_digits("a2616101616202"))) == "read");
  BOOST_TEST(cbor_code_of<lists>(member("limits", from_digits("a2616101616102"))) == "integrity");
  // Dropping the second name alone would leave a well-formed map.
  BOOST_TEST(cbor_code_of<lists>(member("limits", from_digits("a36161016161616202"))) == "integrity");
}

BOOST_AUTO_TEST_CASE(names_are_text) {
  BOOST_TEST(cbor_code_of<lists>(from_digits("a1446e616d656161")) == "integrity");
  BOOST_TEST(cbor_code_of<lists>(from_digits("a1016161")) == "integrity");
  BOOST_TEST(cbor_code_of<lists>(member("limits", from_digits("a10101"))) == "integrity");
}

BOOST_AUTO_TEST_CASE(text_that_is_not_utf8_is_integrity_wherever_it_stands) {
  for (const auto* bad : {"61ff", "62c080", "63eda080", "64f4908080", "61c3"}) {
    BOOST_TEST(cbor_code_of<lists>(member("name", from_digits(bad))) == "integrity", bad);
    BOOST_TEST(cbor_code_of<lists>(member("unknown", from_digits(bad))) == "integrity", bad);
    BOOST_TEST(cbor_code_of<lists>(member("limits", from_digits("a1" + std::string(bad) + "01"))) == "integrity", bad);
    BOOST_TEST(cbor_code_of<lists>(from_digits("a1" + std::string(bad) + "01")) == "integrity", bad);
  }
}

BOOST_AUTO_TEST_SUITE_END()
