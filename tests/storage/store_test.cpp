#include "tests/storage/support.hpp"

#include <fstream>
#include <iterator>
#include <sys/stat.h>

namespace elsec::storage::testing {
namespace {

mode_t mode_of(const std::string& path) {
  struct stat info{};
  if (::stat(path.c_str(), &info) != 0) throw std::runtime_error("missing: " + path);
  return info.st_mode & 07777;
}

std::string content_of(const std::string& path) {
  std::ifstream file(path, std::ios::binary);
  return {std::istreambuf_iterator<char>(file), {}};
}

domain::user_row some_user() {
  domain::user_row user;
  user.id = id<domain::user_id>(3);
  user.organisation_id = org(1);
  user.first_name = domain::text<1, 100>::parse("Käthe").value();
  user.last_name = domain::text<1, 100>::parse("Winkelstrøm").value();
  user.email = domain::email_address::parse("kaethe@example.org").value();
  user.roles = {domain::role::admin, domain::role::reader};
  user.created_at = domain::time_point(std::chrono::milliseconds(1'700'000'000'123));
  user.password_hash = "$argon2id$…";
  return user;
}

}  // namespace

BOOST_AUTO_TEST_SUITE(a_store)

BOOST_AUTO_TEST_CASE(gives_back_the_record_it_was_given) {
  const temp_folder folder;
  const auto store = open_with_tenants(folder);
  const auto user = some_user();
  const auto key = key_of(org(1), user.id);
  change_set changes;
  changes.put(tables::users, key, user);
  must_commit(*store, changes);
  const auto found = get(*store, tables::users, key);
  BOOST_REQUIRE(found.has_value());
  BOOST_REQUIRE(found->has_value());
  const auto& back = **found;
  BOOST_TEST(back.last_name.str() == user.last_name.str());
  BOOST_TEST((back.roles == user.roles));
  BOOST_TEST((back.created_at == user.created_at));
  BOOST_TEST(back.password_hash == user.password_hash);
}

BOOST_AUTO_TEST_CASE(finds_nothing_under_a_key_that_is_not_there) {
  const temp_folder folder;
  const auto store = open_with_tenants(folder);
  for (const std::string& key : {std::string("x"), std::string(), std::string(4'000, 'k'), org(9).str()})
    BOOST_TEST(!get(*store, tables::users, key).value().has_value());
}

BOOST_AUTO_TEST_CASE(keeps_everything_across_a_restart) {
  const temp_folder folder;
  const auto key = key_of(org(1), id<domain::dispatch_id>(4));
  std::string epoch;
  {
    const auto store = open_with_tenants(folder);
    change_set changes;
    changes.put(tables::received_dispatches, key, {"kept"});
    must_commit(*store, changes);
    epoch = store->epoch();
  }
  const auto store = open_store(folder);
  BOOST_TEST(text_at(*store, key) == "kept");
  BOOST_TEST(store->epoch() == epoch);
}

BOOST_AUTO_TEST_CASE(has_an_epoch_of_its_own) {
  const temp_folder one, other;
  const auto first = open_store(one), second = open_store(other);
  BOOST_TEST(first->epoch().size() == 32U);
  BOOST_TEST(first->epoch() != second->epoch());
}

BOOST_AUTO_TEST_CASE(is_refused_to_a_wrong_master_key_and_left_unharmed) {
  const temp_folder folder;
  {
    const auto store = open_with_tenants(folder);
  }
  const auto refused = store::open(options_in(folder), key_of_byte(8));
  BOOST_REQUIRE(!refused.has_value());
  BOOST_TEST((refused.error().code == error_code::integrity));
  BOOST_TEST(open_store(folder)->tenant_key(org(1)).has_value());
}

BOOST_AUTO_TEST_CASE(is_readable_by_its_own_user_alone) {
  const temp_folder folder;
  const auto before = ::umask(0);
  const auto store = open_store(folder);
  ::umask(before);
  BOOST_TEST(mode_of(folder.in("state")) == 0700U);
  BOOST_TEST(mode_of(folder.in("state/data.mdb")) == 0600U);
  BOOST_TEST(mode_of(folder.in("state/lock.mdb")) == 0600U);
}

BOOST_AUTO_TEST_CASE(stays_as_small_as_its_data_under_a_map_of_a_tebibyte) {
  const temp_folder folder;
  const auto store = store::open({.folder = folder.in("state")}, master());
  BOOST_REQUIRE(store.has_value());
  must_commit(**store, founding(org(1)));
  BOOST_TEST(std::filesystem::file_size(folder.in("state/data.mdb")) < 1U << 20);
}

BOOST_AUTO_TEST_CASE(holds_no_plaintext_in_its_file) {
  const temp_folder folder;
  {
    const auto store = open_with_tenants(folder);
    change_set changes;
    changes.put(tables::users, key_of(org(1), some_user().id), some_user());
    changes.put(tables::emails, store->index_hash("email", "kaethe@example.org"), {org(1), some_user().id});
    must_commit(*store, changes);
  }
  const auto file = content_of(folder.in("state/data.mdb"));
  BOOST_TEST(file.find("tenant_keys") != std::string::npos);  // the search itself finds what is there
  for (const char* secret : {"Winkelstr", "kaethe@example.org", "argon2id", "last_name"})
    BOOST_TEST(file.find(secret) == std::string::npos, secret);
}

BOOST_AUTO_TEST_CASE(opens_in_no_folder_whose_parent_is_missing) {
  const temp_folder folder;
  const auto refused = store::open({.folder = folder.in("missing/state")}, master());
  BOOST_REQUIRE(!refused.has_value());
  BOOST_TEST((refused.error().code == error_code::io));
}

BOOST_AUTO_TEST_CASE(knows_the_key_of_its_tenants_only) {
  const temp_folder folder;
  const auto store = open_with_tenants(folder);
  const auto first = store->tenant_key(org(1)), second = store->tenant_key(org(2));
  BOOST_REQUIRE((first && second));
  BOOST_TEST(!(*first == *second));
  const auto unknown = store->tenant_key(org(9));
  BOOST_REQUIRE(!unknown.has_value());
  BOOST_TEST((unknown.error().code == error_code::not_found));
}

BOOST_AUTO_TEST_CASE(finds_a_tenants_key_again_after_a_restart) {
  const temp_folder folder;
  auto store = open_with_tenants(folder);
  const auto before = store->tenant_key(org(1)).value();
  store.reset();
  BOOST_TEST((open_store(folder)->tenant_key(org(1)).value() == before));
}

BOOST_AUTO_TEST_CASE(hashes_the_same_value_apart_for_each_purpose_and_each_master_key) {
  const temp_folder one, other;
  const auto first = open_store(one);
  const auto second = store::open(options_in(other), key_of_byte(8)).value();
  BOOST_TEST(first->index_hash("email", "a@b.de").size() == 64U);
  BOOST_TEST(first->index_hash("email", "a@b.de") == first->index_hash("email", "a@b.de"));
  BOOST_TEST(first->index_hash("email", "a@b.de") != first->index_hash("request", "a@b.de"));
  BOOST_TEST(first->index_hash("ab", "c") != first->index_hash("a", "bc"));
  BOOST_TEST(first->index_hash("email", "a@b.de") != second->index_hash("email", "a@b.de"));
}

BOOST_AUTO_TEST_CASE(tells_the_free_space) {
  const temp_folder folder;
  const auto free = open_store(folder)->free_bytes();
  BOOST_REQUIRE(free.has_value());
  const auto space = std::filesystem::space(folder.path());
  BOOST_TEST(*free > 0U);
  BOOST_TEST(*free <= space.capacity);
}

BOOST_AUTO_TEST_SUITE_END()

}  // namespace elsec::storage::testing
