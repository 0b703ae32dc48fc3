#pragma once
// Whether OpenSSL can hash at all: inside this room only, asked once by start().

namespace elsec::crypto {

// False when OpenSSL's configuration leaves no SHA-256; hashing would end the process.
[[nodiscard]] bool sha256_works() noexcept;

}  // namespace elsec::crypto
