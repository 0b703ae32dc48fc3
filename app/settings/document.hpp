#pragma once
// Reads the configuration file and the environment into settings, remembering where each value came from. Knows the
// rules of single values only; what must hold between them is in rules.hpp.

#include "app/settings/table.hpp"

#include <map>
#include <string>
#include <string_view>
#include <vector>

namespace elsec::app {

// Where a value came from, and whether it could be used.
struct mark {
  enum class state : std::uint8_t { absent, wrong, good };

  state is = state::absent;
  std::string file;      // the configuration file or an environment variable
  std::size_t line = 0;  // absent: where it should stand
};

struct marked_node {
  node_entry entry;
  std::vector<mark> marks;  // in the order of node_table()
};

// Everything read so far, and everything found wrong.
struct document {
  settings values;
  std::vector<mark> marks;  // in the order of setting_table()
  std::vector<marked_node> nodes;
  std::size_t lines = 0;
  bool readable = false;  // it is TOML; otherwise nothing can be said about what is missing
  std::vector<problem> problems{};

  [[nodiscard]] const mark& mark_of(std::string_view section, std::string_view key) const;
  void report(const mark& where, std::string key, std::string detail);
};

// Unknown keys, wrong types, ranges and forms, and missing required settings are among the problems.
[[nodiscard]] document read_document(const std::string& path, const environment& variables);

}  // namespace elsec::app
