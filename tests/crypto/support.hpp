#pragma once
// What several tests of this room share.

#include "crypto/seal.hpp"

#include <boost/test/unit_test.hpp>

#include <array>
#include <cstdint>
#include <filesystem>
#include <span>
#include <string>
#include <string_view>

namespace elsec::crypto_test {

#if defined(__SANITIZE_ADDRESS__) || defined(__SANITIZE_THREAD__)
#define ELSEC_UNDER_SANITIZER 1
#elif defined(__has_feature)
#if __has_feature(address_sanitizer) || __has_feature(thread_sanitizer)
#define ELSEC_UNDER_SANITIZER 1
#endif
#endif

// The sanitizers replace mlock() by a function that does nothing and succeeds.
#ifdef ELSEC_UNDER_SANITIZER
inline constexpr bool locks_for_real = false;
#else
inline constexpr bool locks_for_real = true;
#endif

// A new folder of this test's own, gone with everything in it when the test ends.
class temporary_folder {
 public:
  temporary_folder() {
    std::string name = (std::filesystem::temp_directory_path() / "elsec-crypto-XXXXXX").string();
    BOOST_TEST_REQUIRE(::mkdtemp(name.data()) != nullptr);
    path_ = name;
  }
  ~temporary_folder() {
    std::error_code ignored;
    std::filesystem::remove_all(path_, ignored);
  }
  temporary_folder(const temporary_folder&) = delete;
  temporary_folder& operator=(const temporary_folder&) = delete;

  [[nodiscard]] std::string file(std::string_view name) const { return (path_ / name).string(); }
  [[nodiscard]] const std::filesystem::path& path() const noexcept { return path_; }

 private:
  std::filesystem::path path_;
};

inline std::span<const std::uint8_t> bytes_of(std::string_view text) {
  return {reinterpret_cast<const std::uint8_t*>(text.data()), text.size()};
}

inline std::string text_of(std::span<const std::uint8_t> bytes) { return {bytes.begin(), bytes.end()}; }

// first, first + 1, … first + 31
inline std::array<std::uint8_t, crypto::secret::size> counting(std::uint8_t first = 0) {
  std::array<std::uint8_t, crypto::secret::size> out;
  for (auto& byte : out) byte = first++;
  return out;
}

inline crypto::secret secret_of(std::span<const std::uint8_t> bytes) { return crypto::secret::from(bytes).value(); }

// Calls `check(flipped, bit)` for every copy of `bytes` that differs in exactly one bit.
template <class Bytes, class Check>
void for_every_flipped_bit(const Bytes& bytes, Check&& check) {
  using element = typename Bytes::value_type;
  auto flipped = bytes;
  for (std::size_t bit = 0; bit < bytes.size() * 8; ++bit) {
    auto& changed = flipped[bit / 8];
    const auto before = changed;
    changed = static_cast<element>(before ^ (1 << (bit % 8)));
    check(flipped, bit);
    changed = before;
  }
}

template <class Result>
bool failed_with(const Result& result, domain::error_code code) {
  return !result.has_value() && result.error().code == code;
}

}  // namespace elsec::crypto_test
