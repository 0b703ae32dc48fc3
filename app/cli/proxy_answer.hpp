#pragma once
// What a proxy answers to CONNECT, taken line by line as libcurl reads it. libcurl takes nearly anything for an answer:
// here every bound is kept, and what is not HTTP is refused. It also tells who speaks: the proxy, until the header of
// its answer is whole; after a 2xx the node.

#include "app/cli/https.hpp"

#include <expected>
#include <string>
#include <string_view>

namespace elsec::cli {

class proxy_answer {
 public:
  // A CONNECT was sent: its answer begins with the next line.
  void begin() noexcept;

  // One line of a header with its end. Fails with what is wrong when it breaks HTTP or a bound, or is an interim
  // answer.
  [[nodiscard]] std::expected<void, std::string> take_line(std::string_view line);

  // What the last CONNECT was answered, once that header is whole; 0 before.
  [[nodiscard]] unsigned status() const noexcept { return is_whole_ ? head_.status : 0; }
  // The header says that a body follows.
  [[nodiscard]] bool has_body() const;
  // It asked for credentials (407), and nothing was heard of it since.
  [[nodiscard]] bool only_asked() const noexcept { return answers_ == 1 && asked_ && !in_fields_; }

 private:
  [[nodiscard]] std::expected<void, std::string> take_status(std::string_view line);
  [[nodiscard]] std::expected<void, std::string> take_field(std::string_view line);
  [[nodiscard]] std::expected<void, std::string> end_head();
  [[nodiscard]] bool ends_with_connection() const;

  response_head head_;
  std::size_t head_bytes_ = 0;
  int answers_ = 0;  // whole ones
  bool in_fields_ = false;
  bool is_whole_ = false;
  bool asked_ = false;
  bool after_open_body_ = false;  // the answer before this one had a body that only the connection's end ends
  bool in_open_body_ = false;     // and this is still that body
};

}  // namespace elsec::cli
