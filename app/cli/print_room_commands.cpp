#include "app/cli/commands.hpp"
#include "app/cli/files.hpp"
#include "crypto/seal.hpp"
#include "crypto/secret.hpp"
#include "crypto/sign.hpp"

#include <span>

namespace elsec::cli {
namespace {

// A letter of 94 pages with pictures, with room to spare.
constexpr std::size_t letter_bytes_max = 512U << 20;

}  // namespace

outcome<void> run_command(const task& with, const print_room_keys_command& what) {
  const auto made = crypto::create_key_file(what.file.c_str());
  if (!made) return fail(exit_code::local_file, "The key could not be made.", made.error().detail);
  return with.print(boost::json::object{{"print_room_key", crypto::to_base64url(crypto::seal_key_of(*made))}});
}

outcome<void> run_command(const task&, const print_room_open_command& what) {
  const auto key = crypto::read_key_file(what.key_file.c_str());
  if (!key) return fail(exit_code::local_file, "The private key cannot be read.", key.error().detail);
  const auto sealed = read_file(what.letter, letter_bytes_max);
  if (!sealed) return std::unexpected(sealed.error());
  const std::span bytes(reinterpret_cast<const std::uint8_t*>(sealed->data()), sealed->size());
  const auto plain = crypto::open_sealed(*key, bytes);
  if (!plain)
    return fail(exit_code::verification_failed, "The file was not sealed to this key, or it was changed.",
                "Compare the key with spool.print_room_key of the node.");
  return write_file(what.output, {reinterpret_cast<const char*>(plain->data()), plain->size()},
                    what.force ? overwrite::yes : overwrite::no);
}

}  // namespace elsec::cli
