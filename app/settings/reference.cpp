// config/elsec.toml, made from the table: every setting with its sentence, range, default and environment variable.
#include "app/settings/value.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <memory>

namespace elsec::app {
namespace {

constexpr std::size_t line_width = 100;

constexpr std::string_view head =
    R"(# The configuration of an elSec node: every setting there is, with its default.
#
# Settings without a default are set here to an example; all others are commented out. `elsecd --config FILE` checks the
# whole file before anything starts, and names every problem with its line. Relative paths are taken from the folder of
# this file. Each setting outside [[nodes]] can also be given by the environment variable named with it, which wins.
)";

constexpr std::string_view nodes_head =
    R"(
# Every node of the network, this one included: the same list stands on all of them.
)";

// "# " in front of lines of at most line_width characters.
std::string commented(std::string_view text) {
  std::string out, line = "#";
  while (!text.empty()) {
    const auto end = std::min(text.find(' '), text.size());
    const auto word = text.substr(0, end);
    if (line.size() + 1 + word.size() > line_width) {
      out += line + "\n";
      line.resize(1);  // the number sign
    }
    line.append(" ").append(word);
    text.remove_prefix(std::min(end + 1, text.size()));
  }
  return out + line + "\n";
}

template <class Owner>
struct as_toml {
  Owner& owner;

  std::string operator()(bool& (*where)(Owner&)) const { return where(owner) ? "true" : "false"; }
  std::string operator()(std::uint64_t& (*where)(Owner&)) const { return fmt::format("{}", where(owner)); }
  std::string operator()(std::string& (*where)(Owner&)) const { return fmt::format("\"{}\"", where(owner)); }
  std::string operator()(listen_address& (*where)(Owner&)) const {
    return fmt::format("\"{}\"", to_string(where(owner)));
  }
  std::string operator()(std::vector<std::string>& (*where)(Owner&)) const {
    return where(owner).empty() ? "[]" : fmt::format("[\"{}\"]", fmt::join(where(owner), "\", \""));
  }
  std::string operator()(key_bytes& (*)(Owner&)) const { return "\"\""; }
  std::string operator()(std::optional<key_bytes>& (*)(Owner&)) const { return "\"\""; }
};

template <class Owner>
std::string value_line(const setting<Owner>& row, Owner& defaults) {
  const auto value = row.example.empty() ? std::visit(as_toml<Owner>{defaults}, row.where) : std::string(row.example);
  return fmt::format("{}{} = {}\n", is_required(row) ? "" : "# ", row.key, value);
}

template <class Owner>
std::string range_line(const setting<Owner>& row) {
  return is_number(row) ? fmt::format("# From {} to {} {}.\n", row.min, row.max, row.unit) : std::string{};
}

}  // namespace

std::string reference_configuration() {
  const auto defaults = std::make_unique<settings>();
  const auto node_defaults = std::make_unique<node_entry>();
  std::string out(head);
  std::string_view section;
  for (const auto& row : setting_table()) {
    if (row.section != section) out += fmt::format("\n[{}]\n", row.section);
    section = row.section;
    out += fmt::format("\n{}{}# {}\n{}", commented(row.sentence), range_line(row), variable_name(row.section, row.key),
                       value_line(row, *defaults));
  }
  out += fmt::format("{}[[{}]]\n", nodes_head, nodes_section);
  for (const auto& row : node_table())
    out += fmt::format("\n{}{}", commented(row.sentence), value_line(row, *node_defaults));
  return out;
}

}  // namespace elsec::app
