// Key files: who may read them, and what is refused (R13).
#include "crypto/secret.hpp"
#include "tests/crypto/support.hpp"

#include <boost/test/unit_test.hpp>

#include <algorithm>
#include <fstream>
#include <sys/stat.h>
#include <unistd.h>

using namespace elsec;
using namespace elsec::crypto_test;
using domain::error_code;

namespace {

mode_t mode_of(const std::string& path) {
  struct stat about{};
  BOOST_TEST_REQUIRE(::stat(path.c_str(), &about) == 0);
  return about.st_mode & 07777;
}

std::string write_key(const temporary_folder& folder, std::size_t size, mode_t mode) {
  auto path = folder.file("key");
  std::ofstream(path, std::ios::binary) << std::string(size, 'k');
  BOOST_TEST_REQUIRE(::chmod(path.c_str(), mode) == 0);
  return path;
}

boost::test_tools::assertion_result may_give_files_away(boost::unit_test::test_unit_id) {
  boost::test_tools::assertion_result may(::geteuid() == 0);
  may.message() << "only root can give files away";
  return may;
}

}  // namespace

BOOST_AUTO_TEST_CASE(a_created_key_file_reads_back_as_the_same_key) {
  const temporary_folder folder;
  const auto path = folder.file("master.key");
  const auto created = crypto::create_key_file(path.c_str());
  BOOST_TEST_REQUIRE(created.has_value());
  const auto read = crypto::read_key_file(path.c_str());
  BOOST_TEST_REQUIRE(read.has_value());
  BOOST_TEST((*read == *created));
}

BOOST_AUTO_TEST_CASE(a_created_key_file_is_its_owners_alone_and_leaves_nothing_beside_it) {
  const temporary_folder folder;
  const auto mask = ::umask(0);
  const auto created = crypto::create_key_file(folder.file("master.key").c_str());
  ::umask(mask);
  BOOST_TEST_REQUIRE(created.has_value());
  BOOST_TEST(mode_of(folder.file("master.key")) == 0600U);
  BOOST_TEST(std::distance(std::filesystem::directory_iterator(folder.path()), {}) == 1);
}

BOOST_AUTO_TEST_CASE(an_existing_key_is_never_overwritten) {
  const temporary_folder folder;
  const auto path = folder.file("master.key");
  const auto first = crypto::create_key_file(path.c_str());
  BOOST_TEST(failed_with(crypto::create_key_file(path.c_str()), error_code::conflict));
  BOOST_TEST((*crypto::read_key_file(path.c_str()) == *first));
  BOOST_TEST(std::distance(std::filesystem::directory_iterator(folder.path()), {}) == 1);
}

BOOST_AUTO_TEST_CASE(a_key_in_a_missing_folder_cannot_be_created) {
  const temporary_folder folder;
  BOOST_TEST(failed_with(crypto::create_key_file(folder.file("none/master.key").c_str()), error_code::io));
}

BOOST_AUTO_TEST_CASE(key_files_of_mode_0600_and_stricter_are_read) {
  const temporary_folder folder;
  for (const mode_t mode : {0600U, 0400U}) {
    const auto key = crypto::read_key_file(write_key(folder, 32, mode).c_str());
    BOOST_TEST_REQUIRE(key.has_value());
    BOOST_TEST(std::ranges::all_of(key->view(), [](std::uint8_t byte) { return byte == 'k'; }));
    ::unlink(folder.file("key").c_str());
  }
}

BOOST_AUTO_TEST_CASE(every_other_mode_bit_is_refused) {
  const temporary_folder folder;
  for (mode_t bit = 1; bit <= 04000; bit <<= 1) {
    if ((bit & 0600) != 0) continue;
    BOOST_TEST_CONTEXT("mode bit " << bit) {
      BOOST_TEST(failed_with(crypto::read_key_file(write_key(folder, 32, 0600 | bit).c_str()), error_code::invalid));
    }
  }
}

BOOST_AUTO_TEST_CASE(a_key_file_of_another_size_is_refused) {
  const temporary_folder folder;
  for (const std::size_t size : {0U, 31U, 33U, 64U})
    BOOST_TEST(failed_with(crypto::read_key_file(write_key(folder, size, 0600).c_str()), error_code::invalid));
}

BOOST_AUTO_TEST_CASE(a_foreign_owners_key_file_is_refused, *boost::unit_test::precondition(may_give_files_away)) {
  const temporary_folder folder;
  const auto path = write_key(folder, 32, 0600);
  BOOST_TEST_REQUIRE(::chown(path.c_str(), 65'534, 65'534) == 0);
  BOOST_TEST(failed_with(crypto::read_key_file(path.c_str()), error_code::invalid));
}

BOOST_AUTO_TEST_CASE(what_is_no_regular_file_is_refused_without_waiting) {
  const temporary_folder folder;
  BOOST_TEST(failed_with(crypto::read_key_file(folder.file("missing").c_str()), error_code::invalid));
  BOOST_TEST(failed_with(crypto::read_key_file(folder.path().c_str()), error_code::invalid));
  BOOST_TEST_REQUIRE(::mkfifo(folder.file("pipe").c_str(), 0600) == 0);
  BOOST_TEST(failed_with(crypto::read_key_file(folder.file("pipe").c_str()), error_code::invalid));
}
