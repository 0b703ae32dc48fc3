#pragma once
// Decoding of chunked bodies (RFC 9112, 7.1), strictly: CR LF everywhere, sizes of at most 15 hex digits, bounded
// extensions and trailers, both ignored.

#include "domain/error.hpp"

#include <cstddef>
#include <cstdint>
#include <span>
#include <string>
#include <string_view>

namespace elsec::gateway {

class chunk_decoder {
 public:
  struct step {
    std::size_t consumed = 0;  // of the input
    std::size_t produced = 0;  // of the output
  };

  // Decodes from the front of `input` until the input is used up, the output is full, or the body is complete.
  // `bad_request` when it is no chunked body; the decoder is of no use afterwards.
  [[nodiscard]] domain::result<step> decode(std::string_view input, std::span<std::uint8_t> output);

  // The last chunk and the trailers have been read; what follows belongs to the next request.
  [[nodiscard]] bool finished() const noexcept { return where_ == place::done; }

 private:
  enum class place : std::uint8_t { size_line, data, data_end, trailers, done };

  [[nodiscard]] domain::result<std::size_t> take_line(std::string_view input);
  [[nodiscard]] domain::result<void> end_line();
  [[nodiscard]] domain::result<void> read_size();

  place where_ = place::size_line;
  std::string line_;                 // what is there of the current line
  std::uint64_t left_in_chunk_ = 0;  // bytes
  std::size_t trailer_bytes_ = 0;
};

}  // namespace elsec::gateway
