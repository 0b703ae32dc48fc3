#include "gateway/event_text.hpp"

#include <fmt/format.h>

#include <charconv>

namespace elsec::gateway {

std::string event_text(std::string_view id, std::string_view type, std::string_view data) {
  const auto position = id.empty() ? std::string{} : fmt::format("id: {}\n", id);
  return fmt::format("{}event: {}\ndata: {}\n\n", position, type, data);
}

std::string gap_text(std::uint64_t from, std::uint64_t to) {
  return event_text(std::to_string(to), "gap", fmt::format(R"({{"from":{},"to":{}}})", from, to));
}

std::optional<std::uint64_t> parse_position(std::string_view text) {
  std::uint64_t position = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), position);
  if (text.empty() || error != std::errc{} || end != text.data() + text.size()) return std::nullopt;
  return position;
}

}  // namespace elsec::gateway
