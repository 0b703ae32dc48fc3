#pragma once
// A node's answer, taken line by line and piece by piece as libcurl hands it over: every bound is kept here, and what
// libcurl would let pass though it is not proper HTTP is refused.

#include "app/cli/https.hpp"

#include <string_view>

namespace elsec::cli {

class answer_reader {
 public:
  // `what` outlives the reader.
  explicit answer_reader(const request& what) : what_(what) {}

  // One line of a header with its end; `status` is read when the line is the last one. False means enough: the answer
  // counts as it is. `node_failed` when the line breaks HTTP or a bound, or what `on_success` failed with.
  [[nodiscard]] outcome<bool> take_line(std::string_view line, unsigned status);
  // The next bytes of the body; false and failures like the sink's.
  [[nodiscard]] outcome<bool> take_body(std::string_view bytes);

  // Whether the header of the answer itself is here, not of an interim one.
  [[nodiscard]] bool has_head() const noexcept { return has_head_; }
  // For a transfer that libcurl ended without complaint: whether nothing is missing. A body without length ends with
  // the connection, and that must have been the node's will (`farewell`).
  [[nodiscard]] bool is_whole(bool farewell) const noexcept;
  [[nodiscard]] response take() { return std::move(answer_); }

 private:
  [[nodiscard]] outcome<bool> take_field(std::string_view line);
  [[nodiscard]] outcome<bool> end_head(unsigned status);

  const request& what_;
  response answer_;
  body_sink sink_;
  std::size_t head_bytes_ = 0;
  int interim_ = 0;
  bool in_fields_ = false;  // the status line is behind us
  bool has_head_ = false;
  std::uint64_t body_bytes_ = 0;
  std::uint64_t body_max_bytes_ = 0;
};

}  // namespace elsec::cli
