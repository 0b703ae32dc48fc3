#include "app/cli/progress.hpp"

#include "app/cli/text.hpp"

#include <fmt/format.h>

#include <algorithm>

namespace elsec::cli {
namespace {

constexpr std::size_t bar_width = 24;
constexpr std::chrono::milliseconds redraw_interval{100};

}  // namespace

std::string progress_line(std::string_view name, std::uint64_t done_bytes, std::uint64_t total_bytes) {
  const auto share =
      total_bytes == 0 ? 1.0 : std::min(1.0, static_cast<double>(done_bytes) / static_cast<double>(total_bytes));
  const auto full = static_cast<std::size_t>(share * static_cast<double>(bar_width));
  return fmt::format("{} [{}{}] {:3.0f} %  {} of {}", printable(name), std::string(full, '#'),
                     std::string(bar_width - full, '.'), share * 100, size_text(done_bytes), size_text(total_bytes));
}

progress_bar::progress_bar(std::ostream& out, bool visible, std::string name, std::uint64_t total_bytes)
    : out_(out), visible_(visible), name_(std::move(name)), total_bytes_(total_bytes) {}

progress_bar::~progress_bar() {
  if (!visible_) return;
  draw();
  out_ << '\n' << std::flush;
}

void progress_bar::set(std::uint64_t done_bytes) {
  done_bytes_ = done_bytes;
  const auto now = std::chrono::steady_clock::now();
  if (!visible_ || now - drawn_ < redraw_interval) return;
  drawn_ = now;
  draw();
}

// The line's rest is cleared: amounts get shorter when a unit is passed.
void progress_bar::draw() { out_ << '\r' << progress_line(name_, done_bytes_, total_bytes_) << "\x1b[K" << std::flush; }

}  // namespace elsec::cli
