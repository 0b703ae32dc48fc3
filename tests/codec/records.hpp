#pragma once
// Records for the codec's tests: one with every supported type, and random values of it.

#include "codec/text.hpp"
#include "domain/fields.hpp"
#include "domain/ids.hpp"

#include <boost/describe.hpp>
#include <boost/json/value.hpp>

#include <array>
#include <chrono>
#include <cmath>
#include <cstdint>
#include <limits>
#include <map>
#include <optional>
#include <random>
#include <stdexcept>
#include <string>
#include <vector>

namespace elsec::codec_test {

BOOST_DEFINE_ENUM_CLASS(route, auto_, electronic, post)
BOOST_DEFINE_ENUM_CLASS(colour, red, other)

struct contact {
  domain::text<1, 20> name;
  std::optional<domain::bounded<-5, 5>> level{};
  bool operator==(const contact&) const = default;
};
BOOST_DESCRIBE_STRUCT(contact, (), (name, level))

struct entity {
  domain::document_id id;
  domain::time_point created_at{};
  bool operator==(const entity&) const = default;
};
BOOST_DESCRIBE_STRUCT(entity, (), (id, created_at))

// A field type of which one value says what absence says.
class tone {
 public:
  static std::expected<tone, std::string> parse(std::string_view text) {
    tone made;
    made.text_ = text;
    return made;
  }
  [[nodiscard]] const std::string& str() const { return text_; }
  [[nodiscard]] bool stands_for_none() const { return text_ == "plain"; }
  bool operator==(const tone&) const = default;

 private:
  std::string text_;
};

struct toned {
  std::optional<tone> voice{};
  bool operator==(const toned&) const = default;
};
BOOST_DESCRIBE_STRUCT(toned, (), (voice))

struct patch {
  static constexpr bool is_merge_patch = true;

  std::optional<std::optional<std::string>> note{};
  std::optional<bool> kept{};
  bool operator==(const patch&) const = default;
};
BOOST_DESCRIBE_STRUCT(patch, (), (note, kept))

struct rich : entity {
  bool flag = false;
  std::int8_t tiny = 0;
  std::uint8_t octet = 0;
  std::int32_t number = 0;
  std::int64_t big = 0;
  std::uint64_t huge = 0;
  double ratio = 0;
  std::string plain;
  domain::multiline_text<0, 50> note;
  domain::email_address email;
  domain::cents price;
  domain::bounded<1, 120> hours;
  route way{};
  std::string class_;
  std::optional<std::string> subject{};
  std::optional<contact> person{};
  std::vector<contact> people{};
  std::vector<std::optional<std::int32_t>> gaps{};
  std::array<std::uint8_t, 16> digest{};
  domain::bytes key;
  std::map<std::string, std::int32_t> limits{};
  std::map<std::string, contact> contacts{};
  boost::json::value extra;
  bool operator==(const rich&) const = default;
};
BOOST_DESCRIBE_STRUCT(rich, (entity),
                      (flag, tiny, octet, number, big, huge, ratio, plain, note, email, price, hours, way, class_,
                       subject, person, people, gaps, digest, key, limits, contacts, extra))

class generator {
 public:
  explicit generator(std::uint32_t seed) : random_(seed) {}

  std::uint64_t below(std::uint64_t bound) { return random_() % bound; }
  bool coin() { return below(2) == 0; }

  // Edges of the type as often as anything between.
  template <class Integer>
  Integer whole() {
    switch (below(4)) {
      case 0:
        return std::numeric_limits<Integer>::min();
      case 1:
        return std::numeric_limits<Integer>::max();
      case 2:
        return static_cast<Integer>(below(3));
      default:
        return static_cast<Integer>(random_());
    }
  }

  // One line; `size` counts characters of one to four bytes.
  std::string line(std::size_t size) {
    static constexpr std::array<const char*, 8> characters{"a", "Z", "/", "~", "\"", "ß", "€", "😀"};
    std::string text = "x";
    for (std::size_t i = 1; i < size; ++i) text += characters[below(characters.size())];
    return text;
  }

  double real() {
    static constexpr std::array<double, 6> edges{0.0, -0.0, 1.0, -2.5e-300, 1.7976931348623157e308, 5e-324};
    if (coin()) return edges[below(edges.size())];
    return std::ldexp(static_cast<double>(random_()), static_cast<int>(below(200)) - 150);
  }

  contact person() {
    contact made;
    made.name = *decltype(made.name)::parse(line(1 + below(20)));
    if (coin()) made.level = *domain::bounded<-5, 5>::make(static_cast<std::int64_t>(below(11)) - 5);
    return made;
  }

  rich record() {
    rich made;
    fill_scalars(made);
    fill_composites(made);
    return made;
  }

 private:
  domain::document_id id() {
    domain::ulid_entropy entropy{};
    for (auto& byte : entropy) byte = whole<std::uint8_t>();
    return domain::document_id::make(domain::time_point{std::chrono::milliseconds{below(std::uint64_t{1} << 48)}},
                                     entropy);
  }

  void fill_scalars(rich& made) {
    made.id = id();
    // years 1970 to 2286: inside what RFC 3339 can tell
    made.created_at = domain::time_point{std::chrono::milliseconds{below(10'000'000'000'000)}};
    made.flag = coin();
    made.tiny = whole<std::int8_t>();
    made.octet = whole<std::uint8_t>();
    made.number = whole<std::int32_t>();
    made.big = whole<std::int64_t>();
    made.huge = whole<std::uint64_t>();
    made.ratio = real();
    made.plain = coin() ? std::string("\0\x1f\n\\", 4) + line(30) : std::string{};
    made.note = *decltype(made.note)::parse(coin() ? "one\n\ttwo " + line(9) : std::string{});
    made.email = *domain::email_address::parse("dr." + std::to_string(below(1000)) + "@klinik.example");
    made.price.value = whole<std::int64_t>();
    made.hours = *domain::bounded<1, 120>::make(static_cast<std::int64_t>(1 + below(120)));
    made.way = static_cast<route>(below(3));
    made.class_ = line(4);
    if (coin()) made.subject = line(below(300));
  }

  void fill_composites(rich& made) {
    if (coin()) made.person = person();
    for (auto i = below(4); i > 0; --i) made.people.push_back(person());
    for (auto i = below(30); i > 0; --i)
      made.gaps.push_back(coin() ? std::optional(whole<std::int32_t>()) : std::nullopt);
    for (auto& byte : made.digest) byte = whole<std::uint8_t>();
    for (auto i = below(300); i > 0; --i) made.key.push_back(whole<std::uint8_t>());
    for (auto i = below(5); i > 0; --i) made.limits[line(below(8))] = whole<std::int32_t>();
    for (auto i = below(3); i > 0; --i) made.contacts[line(below(8))] = person();
    if (coin()) made.extra = {{"a", {1, -2.5, nullptr, true}}, {line(5), boost::json::object{}}, {"e", line(6)}};
  }

  std::mt19937_64 random_;
};

// A record of nothing but optionals: two bytes of input become a large object.
struct wide {
  std::optional<rich> a{}, b{}, c{};
};
BOOST_DESCRIBE_STRUCT(wide, (), (a, b, c))

// A record of one member.
template <class T>
struct one {
  T value{};
  bool operator==(const one&) const = default;
  BOOST_DESCRIBE_CLASS(one, (), (value), (), ())
};

inline domain::bytes from_digits(std::string_view digits) {
  domain::bytes data(digits.size() / 2);
  if (!codec::from_hex(digits, data)) throw std::invalid_argument("no hexadecimal digits");
  return data;
}

}  // namespace elsec::codec_test
