// The bytes of a slot file, and the file systems it may lie on.
#include "crypto/slot_format.hpp"

#include "crypto/slot_volume.hpp"
#include "tests/crypto/support.hpp"

#include <boost/test/unit_test.hpp>

using namespace elsec;
using namespace elsec::crypto_test;
using crypto::secret;
using crypto::slot_state;
using domain::error_code;

namespace {

constexpr crypto::slot_file_id file{1, 2, 3};

}  // namespace

BOOST_AUTO_TEST_CASE(a_header_gives_back_its_file_id) {
  const auto key = secret::random();
  BOOST_TEST((crypto::check_slot_header(key, crypto::make_slot_header(key, file)).value() == file));
  BOOST_TEST(failed_with(crypto::check_slot_header(secret::random(), crypto::make_slot_header(key, file)),
                         error_code::integrity));
}

BOOST_AUTO_TEST_CASE(every_flipped_bit_of_a_header_is_noticed) {
  const auto key = secret::random();
  std::size_t unnoticed = 0;
  for_every_flipped_bit(crypto::make_slot_header(key, file), [&](const auto& other, std::size_t) {
    if (!failed_with(crypto::check_slot_header(key, other), error_code::integrity)) ++unnoticed;
  });
  BOOST_TEST(unnoticed == 0U);
}

BOOST_AUTO_TEST_CASE(each_kind_of_slot_opens_as_what_it_is) {
  const auto key = secret::random();
  const auto content = secret::random();
  const auto live = crypto::open_slot(key, file, 5, crypto::live_slot(key, file, 5, content));
  BOOST_TEST((live.state == slot_state::live));
  BOOST_TEST((live.key == content));
  BOOST_TEST((crypto::open_slot(key, file, 5, crypto::closed_slot(key, file, 5)).state == slot_state::closed));
  BOOST_TEST((crypto::open_slot(key, file, 5, crypto::skipped_slot(key, file, 5)).state == slot_state::skipped));
  BOOST_TEST((crypto::open_slot(key, file, 5, crypto::slot_block{}).state == slot_state::unused));
}

BOOST_AUTO_TEST_CASE(a_slot_of_another_key_file_or_index_is_damaged) {
  const auto key = secret::random();
  const auto block = crypto::closed_slot(key, file, 5);
  BOOST_TEST((crypto::open_slot(secret::random(), file, 5, block).state == slot_state::damaged));
  for_every_flipped_bit(file, [&](const auto& other, std::size_t) {
    BOOST_TEST((crypto::open_slot(key, other, 5, block).state == slot_state::damaged));
  });
  for (std::uint64_t bit = 0; bit < 64; ++bit)
    BOOST_TEST((crypto::open_slot(key, file, std::uint64_t{5} ^ (std::uint64_t{1} << bit), block).state ==
                slot_state::damaged));
}

BOOST_AUTO_TEST_CASE(a_well_sealed_slot_with_an_unknown_mark_is_damaged) {
  const auto key = secret::random();
  std::array<char, 28> place{'s', 'l', 'o', 't'};
  std::copy(file.begin(), file.end(), place.begin() + 4);
  const auto make = [&](std::uint8_t mark) {
    domain::bytes plain(88);
    plain[0] = mark;
    const auto sealed = crypto::seal(key, plain, {place.data(), place.size()});
    crypto::slot_block block;
    std::copy(sealed.begin(), sealed.end(), block.begin());
    return block;
  };
  BOOST_TEST((crypto::open_slot(key, file, 0, make(2)).state == slot_state::closed));  // the place is the right one
  for (const std::uint8_t mark : domain::bytes{0, 4, 255})
    BOOST_TEST((crypto::open_slot(key, file, 0, make(mark)).state == slot_state::damaged));
}

// linux/magic.h: BTRFS_SUPER_MAGIC, OVERLAYFS_SUPER_MAGIC, F2FS_SUPER_MAGIC, NILFS_SUPER_MAGIC; OpenZFS:
// ZFS_SUPER_MAGIC.
BOOST_AUTO_TEST_CASE(file_systems_that_keep_old_blocks_are_known_G4) {
  for (const std::uint64_t type : {0x9123683EU, 0x794C7630U, 0xF2F52010U, 0x3434U, 0x2FC12FC1U, 0xCA451A4EU})
    BOOST_TEST(crypto::keeps_old_blocks(type));
  for (const std::uint64_t type : {0xEF53U, 0x58465342U, 0x01021994U})  // ext4, XFS, tmpfs
    BOOST_TEST(!crypto::keeps_old_blocks(type));
}
