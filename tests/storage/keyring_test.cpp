#include "storage/keyring.hpp"

#include "tests/storage/support.hpp"

namespace elsec::storage::testing {

BOOST_AUTO_TEST_SUITE(a_keyring)

BOOST_AUTO_TEST_CASE(unwraps_what_it_wrapped_for_the_same_tenant_only) {
  const keyring keys(master());
  const auto key = crypto::secret::random();
  const auto wrapped = keys.wrap("org_a", key);
  BOOST_TEST((keys.unwrap("org_a", wrapped).value() == key));
  BOOST_TEST(!keys.unwrap("org_b", wrapped).has_value());
  BOOST_TEST(!keyring(key_of_byte(8)).unwrap("org_a", wrapped).has_value());
}

BOOST_AUTO_TEST_CASE(never_remembers_more_than_its_bound_and_forgets_the_oldest) {
  const keyring keys(master());
  const auto key = crypto::secret::random();
  const std::size_t count = 2 * keyring::tenants_max + 10;
  for (std::size_t i = 0; i < count; ++i) {
    keys.remember(std::to_string(i), key);
    keys.remember(std::to_string(i), key);
  }
  BOOST_TEST(keys.size() == keyring::tenants_max);
  BOOST_TEST(keys.find(std::to_string(count - 1)).has_value());
  BOOST_TEST(keys.find(std::to_string(count - keyring::tenants_max)).has_value());
  BOOST_TEST(!keys.find(std::to_string(count - keyring::tenants_max - 1)).has_value());
}

BOOST_AUTO_TEST_CASE(hashes_for_indexes_under_a_key_of_their_own) {
  const keyring keys(master());
  BOOST_TEST(keys.index_hash("p", "v") != crypto::to_hex(crypto::keyed_hash(master(), std::string_view("p\0v", 3))));
}

BOOST_AUTO_TEST_SUITE_END()

}  // namespace elsec::storage::testing
