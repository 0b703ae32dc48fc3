#include "gateway/event_text.hpp"

#include <fmt/format.h>

#include <charconv>

namespace elsec::gateway {
namespace {

std::string range_of(std::uint64_t from, std::uint64_t to) { return fmt::format(R"({{"from":{},"to":{}}})", from, to); }

}  // namespace

std::string event_text(std::string_view id, std::string_view type, std::string_view data) {
  const auto position = id.empty() ? std::string{} : fmt::format("id: {}\n", id);
  return fmt::format("{}event: {}\ndata: {}\n\n", position, type, data);
}

std::string position_text(std::uint64_t position) { return fmt::format("id: {}\n\n", position); }

std::string gap_text(std::uint64_t from, std::uint64_t to) {
  return event_text(std::to_string(to), "gap", range_of(from, to));
}

std::string lag_text(std::uint64_t from, std::uint64_t to) { return event_text({}, "gap", range_of(from, to)); }

std::optional<std::uint64_t> parse_position(std::string_view text) {
  std::uint64_t position = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), position);
  if (text.empty() || error != std::errc{} || end != text.data() + text.size()) return std::nullopt;
  return position;
}

}  // namespace elsec::gateway
