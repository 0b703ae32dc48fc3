#pragma once
// Argon2id with libsodium's interactive limits: 64 MiB, 2 passes. About a tenth of a second of a core: never on a
// thread that serves requests.

#include <string>
#include <string_view>

namespace elsec::crypto {

// The encoded hash with its salt and parameters. Throws std::bad_alloc when 64 MiB are not to be had.
[[nodiscard]] std::string hash_password(std::string_view password);
// Takes as long for a wrong password as for the right one. False without any work for a text that is not of this
// hash_password's form and parameters: a damaged row must not make Argon2 take gigabytes. Throws std::bad_alloc when
// 64 MiB are not to be had: the right password is not to be called wrong.
[[nodiscard]] bool verify_password(const std::string& encoded_hash, std::string_view password);
// A hash no password fits (its salt and result are random, new with every process), verified against when the account
// does not exist so that the answer takes as long.
[[nodiscard]] const std::string& decoy_hash();

}  // namespace elsec::crypto
