#pragma once
// A bar on stderr while a file moves.

#include <chrono>
#include <cstdint>
#include <ostream>
#include <string>
#include <string_view>

namespace elsec::cli {

// One line without its carriage return: name, bar, share, amount.
[[nodiscard]] std::string progress_line(std::string_view name, std::uint64_t done_bytes, std::uint64_t total_bytes);

class progress_bar {
 public:
  // Shows nothing when `visible` is false.
  progress_bar(std::ostream& out, bool visible, std::string name, std::uint64_t total_bytes);
  ~progress_bar();
  progress_bar(const progress_bar&) = delete;
  progress_bar& operator=(const progress_bar&) = delete;

  void set(std::uint64_t done_bytes);
  void add(std::uint64_t bytes) { set(done_bytes_ + bytes); }

 private:
  void draw();

  std::ostream& out_;
  bool visible_;
  std::string name_;
  std::uint64_t total_bytes_;
  std::uint64_t done_bytes_ = 0;
  std::chrono::steady_clock::time_point drawn_{};
};

}  // namespace elsec::cli
