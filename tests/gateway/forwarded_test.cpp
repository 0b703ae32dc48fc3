// Whose request it is behind a proxy.

#include "gateway/forwarded.hpp"

#include <boost/test/data/test_case.hpp>
#include <boost/test/unit_test.hpp>

#include <ostream>
#include <random>

using namespace elsec;
using namespace elsec::gateway;
using boost::asio::ip::make_address;

namespace {

const std::string proxy = "192.0.2.1";
const std::string other_proxy = "2001:db8:ffff::2";

trusted_proxies both() { return trusted_proxies::from({proxy, other_proxy}).value(); }

// What a request from the proxy with these fields counts for; an empty text stands for no field.
std::string found(const std::string& forwarded, const std::string& x_forwarded_for, const std::string& peer = proxy) {
  const auto given = [](const std::string& text) {
    return text.empty() ? std::nullopt : std::optional<std::string_view>(text);
  };
  return client_of(make_address(peer), given(forwarded), given(x_forwarded_for), both()).to_string();
}

struct row {
  std::string field;
  std::string client;
};
std::ostream& operator<<(std::ostream& out, const row& one) { return out << one.field; }

const std::vector<row> standard_rows{
    {"for=203.0.113.7", "203.0.113.7"},
    {"For=203.0.113.7", "203.0.113.7"},
    {"for=\"203.0.113.7\"", "203.0.113.7"},
    {"for=203.0.113.7:4711", "203.0.113.7"},
    {"for=\"203.0.113.7:4711\"", "203.0.113.7"},
    {"for=\"203.0.113.7:_hidden\"", "203.0.113.7"},
    {"for=\"[2001:db8::7]\"", "2001:db8::7"},
    {"for=\"[2001:db8::7]:4711\"", "2001:db8::7"},
    {"for=\"[::ffff:203.0.113.7]\"", "203.0.113.7"},
    {"for=\"203.0.113.\\7\"", "203.0.113.7"},
    {"proto=https;for=203.0.113.7;by=192.0.2.1", "203.0.113.7"},
    {"host=\"a;b,c\";for=203.0.113.7", "203.0.113.7"},
    {R"(host="a\",b";for=203.0.113.7)", "203.0.113.7"},
    {R"(for=203.0.113.7;host="a,\"")", "203.0.113.7"},
    {";;for=203.0.113.7;", "203.0.113.7"},
    {"for=198.51.100.1, for=203.0.113.7", "203.0.113.7"},
    {"for=198.51.100.1,for=203.0.113.7,, ", "203.0.113.7"},
    {"for=203.0.113.7, for=192.0.2.1", "203.0.113.7"},
    {"for=203.0.113.7, for=\"[2001:db8:ffff::2]:80\", for=192.0.2.1", "203.0.113.7"},
    // What stands further in front, anybody may have written.
    {"nonsense, for=203.0.113.7", "203.0.113.7"},
    {"for=\"198.51.100.1, for=203.0.113.7", "203.0.113.7"},
    {"for=\"\\\", for=203.0.113.7", "203.0.113.7"},
    // Hidden, unreadable, or nobody: the proxy's.
    {"for=unknown", proxy},
    {"for=_hidden", proxy},
    {"for=\"_hidden:80\"", proxy},
    {"for=198.51.100.1, for=unknown", proxy},
    {"for=198.51.100.1, for=_hidden, for=192.0.2.1", proxy},
    {"for=", proxy},
    {"for", proxy},
    {"proto=https", proxy},
    {"for=198.51.100.1;for=203.0.113.7", proxy},
    {"for=198.51.100.1;nonsense", proxy},
    {"for=\"203.0.113.7", proxy},
    {"for=\"203.0.113.7\\", proxy},
    {"for=\"203.0.113.7\"x", proxy},
    {"for=2001:db8::7", proxy},
    {"for=\"[2001:db8::7\"", proxy},
    {"for=\"[203.0.113.7]\"", proxy},
    {"for=\"[2001:db8::7]x\"", proxy},
    {"for=\"[2001:db8::7]:\"", proxy},
    {"for=\"[fe80::7%eth0]\"", proxy},
    {"for=203.0.113.7:123456", proxy},
    {"for=203.0.113.7:8o", proxy},
    {"for=203.0.113.256", proxy},
    {"for=203.0.113", proxy},
    {"for=clinic.example.org", proxy},
    {"for=192.0.2.1", proxy},
    {",", proxy},
};

const std::vector<row> customary_rows{
    {"203.0.113.7", "203.0.113.7"},
    {" 203.0.113.7\t", "203.0.113.7"},
    {"203.0.113.7:4711", "203.0.113.7"},
    {"2001:db8::7", "2001:db8::7"},
    {"[2001:db8::7]", "2001:db8::7"},
    {"[2001:db8::7]:4711", "2001:db8::7"},
    {"::ffff:203.0.113.7", "203.0.113.7"},
    {"198.51.100.1, 203.0.113.7", "203.0.113.7"},
    {"203.0.113.7,192.0.2.1,2001:db8:ffff::2", "203.0.113.7"},
    {"nonsense,203.0.113.7", "203.0.113.7"},
    {"\"198.51.100.1, 203.0.113.7", "203.0.113.7"},
    {"203.0.113.7, , ", "203.0.113.7"},
    {"unknown", proxy},
    {"_hidden", proxy},
    {"198.51.100.1, nonsense", proxy},
    {"\"203.0.113.7\"", proxy},
    {"203.0.113.7 198.51.100.1", proxy},
    {"203.0.113.0/24", proxy},
    {"fe80::7%eth0", proxy},
    {"203.0.113.7:", proxy},
    {":80", proxy},
    {"[]", proxy},
    {"[", proxy},
    {"]", proxy},
    {", ,", proxy},
};

}  // namespace

BOOST_AUTO_TEST_SUITE(forwarded)

BOOST_DATA_TEST_CASE(the_client_is_the_last_in_forwarded_who_is_no_trusted_proxy, standard_rows) {
  BOOST_TEST(found(sample.field, "") == sample.client);
}

BOOST_DATA_TEST_CASE(the_client_is_the_last_in_x_forwarded_for_who_is_no_trusted_proxy, customary_rows) {
  BOOST_TEST(found("", sample.field) == sample.client);
}

// A proxy that writes one may pass the other on as its client wrote it.
BOOST_AUTO_TEST_CASE(where_both_fields_name_somebody_they_must_agree) {
  BOOST_TEST(found("for=203.0.113.7", "203.0.113.7") == "203.0.113.7");
  BOOST_TEST(found("for=203.0.113.7", "203.0.113.8") == proxy);
  BOOST_TEST(found("for=unknown", "203.0.113.8") == proxy);
  BOOST_TEST(found("for=203.0.113.7", "unknown") == proxy);
  BOOST_TEST(found(" ", "203.0.113.8") == "203.0.113.8");
  BOOST_TEST(found("", "") == proxy);
}

BOOST_AUTO_TEST_CASE(nobody_but_a_trusted_proxy_is_believed) {
  BOOST_TEST(found("for=203.0.113.7", "203.0.113.8", "192.0.2.2") == "192.0.2.2");
  BOOST_TEST(found("for=192.0.2.1", "192.0.2.1", "2001:db8::3") == "2001:db8::3");
}

BOOST_AUTO_TEST_CASE(a_proxy_is_the_same_in_the_clothes_of_ipv6) {
  BOOST_TEST(found("for=203.0.113.7", "", "::ffff:192.0.2.1") == "203.0.113.7");
  BOOST_TEST(found("", "203.0.113.7", other_proxy) == "203.0.113.7");
  const auto mapped = trusted_proxies::from({"::ffff:192.0.2.9"}).value();
  BOOST_TEST(mapped.has(make_address("192.0.2.9")));
}

BOOST_AUTO_TEST_CASE(a_chain_of_proxies_without_end_counts_for_the_nearest) {
  std::string list = "203.0.113.7";
  for (int i = 0; i < 100; ++i) list += ",192.0.2.1";
  BOOST_TEST(found("", list) == proxy);
}

BOOST_AUTO_TEST_CASE(trusted_proxies_are_addresses_and_nothing_else) {
  BOOST_TEST(trusted_proxies::from({}).has_value());
  for (const auto* wrong : {"", "proxy.example.org", "192.0.2.0/24", "192.0.2.1:80", "[2001:db8::1]", "fe80::1%eth0",
                            " 192.0.2.1", "192.0.2.01", "*"}) {
    const auto made = trusted_proxies::from({proxy, wrong});
    BOOST_TEST_REQUIRE(!made.has_value(), wrong);
    BOOST_TEST(made.error().detail.contains("IP address"));
  }
}

// Whatever stands there: no crash, and a client that the list names, or the peer.
BOOST_AUTO_TEST_CASE(random_fields_are_read_without_harm) {
  const std::vector<std::string> words{"for=", "For=",    "192.0.2.1", "203.0.113.7", "[2001:db8::7]",
                                       ":",    "::",      ";",         ",",           "\"",
                                       "\\",   "unknown", "_x",        "=",           "%",
                                       " ",    "[",       "]",         "\t",          "host=a",
                                       "4711", "\xFF"};
  std::mt19937 chance(20'261'128);
  const std::vector<std::string> clients{proxy, "203.0.113.7", "2001:db8::7", "::"};
  for (int round = 0; round < 50'000; ++round) {
    std::string field;
    for (auto left = chance() % 12; left > 0; --left) field += words[chance() % words.size()];
    for (const auto& client : {found(field, ""), found("", field)})
      BOOST_REQUIRE_MESSAGE(
          std::ranges::find(clients, client) != clients.end() || field.contains(client) || make_address(client).is_v6(),
          field << " gave " << client);
    // What a proxy adds decides, whatever stood there before.
    BOOST_REQUIRE_MESSAGE(found("", field + ",198.51.100.1") == "198.51.100.1", field);
    BOOST_REQUIRE_MESSAGE(found(field + ",for=198.51.100.1", "") == "198.51.100.1", field);
  }
}

BOOST_AUTO_TEST_SUITE_END()
