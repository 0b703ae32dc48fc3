#include "app/settings/settings.hpp"

#include "app/settings/rules.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <tuple>
#include <unistd.h>

namespace elsec::app {
namespace {

constexpr std::string_view variable_prefix = "ELSEC_";

// In the order of the file; what has no line (an environment variable) last.
void sort(std::vector<problem>& problems) {
  std::ranges::stable_sort(problems, {}, [](const problem& p) { return std::tuple(p.line == 0, p.line); });
}

}  // namespace

const node_entry& settings::own_entry() const {
  return *std::ranges::find_if(nodes, [&](const node_entry& entry) { return entry.name == node.name; });
}

std::string to_string(const problem& what) {
  std::string text = what.file;
  if (what.line != 0) text += fmt::format(":{}", what.line);
  if (!what.key.empty()) text += fmt::format(": {}", what.key);
  return text + (what.key.empty() ? ": " : " ") + what.detail;
}

environment process_environment() {
  environment variables;
  for (char** entry = environ; entry != nullptr && *entry != nullptr; ++entry) {
    const std::string_view text = *entry;
    const auto equals = text.find('=');
    if (text.starts_with(variable_prefix) && equals != std::string_view::npos)
      variables.emplace(text.substr(0, equals), text.substr(equals + 1));
  }
  return variables;
}

std::expected<settings, std::vector<problem>> load(const std::string& path, const environment& variables) {
  auto out = read_document(path, variables);
  if (out.readable) apply_rules(out, variables);
  sort(out.problems);
  if (!out.problems.empty()) return std::unexpected(std::move(out.problems));
  for (auto& node : out.nodes) out.values.nodes.push_back(std::move(node.entry));
  return std::move(out.values);
}

}  // namespace elsec::app
