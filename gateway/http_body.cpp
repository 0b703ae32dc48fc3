#include "gateway/http_body.hpp"

#include "gateway/http_head.hpp"
#include "gateway/limits.hpp"

#include <algorithm>
#include <charconv>
#include <cstring>

namespace elsec::gateway {
namespace {

using domain::error_code;
using domain::fail;

// 15 hex digits stay below 2^60: no sum of sizes overflows.
constexpr std::size_t size_digits_max = 15;

bool is_extension_text(std::string_view text) {
  return std::ranges::all_of(text, [](char c) {
    const auto byte = static_cast<unsigned char>(c);
    return byte == '\t' || (byte >= 0x20 && byte < 0x7F);
  });
}

}  // namespace

domain::result<std::size_t> chunk_decoder::take_line(std::string_view input) {
  const auto end = input.find('\n');
  const auto taken = end == std::string_view::npos ? input.size() : end + 1;
  if (line_.size() + taken > chunk_line_max + 2)
    return fail(error_code::bad_request, "A line of the chunked body is too long.");
  line_.append(input.substr(0, taken));
  if (where_ == place::data_end && !std::string_view("\r\n").starts_with(line_))
    return fail(error_code::bad_request, "A chunk is longer than its size.");
  if (end == std::string_view::npos) return taken;
  if (!line_.ends_with("\r\n")) return fail(error_code::bad_request, "Lines must end in CR LF.");
  line_.resize(line_.size() - 2);
  if (!is_extension_text(line_)) return fail(error_code::bad_request, "The chunked body is malformed.");
  if (auto ok = end_line(); !ok) return std::unexpected(std::move(ok.error()));
  line_.clear();
  return taken;
}

domain::result<void> chunk_decoder::end_line() {
  switch (where_) {
    case place::size_line:
      return read_size();
    case place::data_end:
      where_ = place::size_line;
      return {};
    case place::trailers:
      trailer_bytes_ += line_.size();
      if (trailer_bytes_ > trailer_bytes_max) return fail(error_code::bad_request, "The trailers are too long.");
      if (line_.empty()) where_ = place::done;
      return {};
    case place::data:
    case place::done:
      break;
  }
  return fail(error_code::bad_request, "The chunked body is malformed.");
}

domain::result<void> chunk_decoder::read_size() {
  const auto digits = trimmed(std::string_view(line_).substr(0, line_.find(';')));
  const bool begins_with_digit = !line_.empty() && line_.front() != ' ' && line_.front() != '\t';
  std::uint64_t size = 0;
  const auto [end, error] = std::from_chars(digits.data(), digits.data() + digits.size(), size, 16);
  if (!begins_with_digit || digits.empty() || digits.size() > size_digits_max || error != std::errc{} ||
      end != digits.data() + digits.size())
    return fail(error_code::bad_request, "A chunk's size must be a hexadecimal number.");
  left_in_chunk_ = size;
  where_ = size == 0 ? place::trailers : place::data;
  return {};
}

domain::result<chunk_decoder::step> chunk_decoder::decode(std::string_view input, std::span<std::uint8_t> output) {
  step result;
  while (result.consumed < input.size() && where_ != place::done) {
    const auto rest = input.substr(result.consumed);
    if (where_ != place::data) {
      auto taken = take_line(rest);
      if (!taken) return std::unexpected(std::move(taken.error()));
      result.consumed += *taken;
      continue;
    }
    const auto room = output.size() - result.produced;
    if (room == 0) break;
    const auto moved = static_cast<std::size_t>(std::min<std::uint64_t>({left_in_chunk_, rest.size(), room}));
    std::memcpy(output.data() + result.produced, rest.data(), moved);
    result.consumed += moved;
    result.produced += moved;
    left_in_chunk_ -= moved;
    if (left_in_chunk_ == 0) where_ = place::data_end;
  }
  return result;
}

}  // namespace elsec::gateway
