#include "app/settings/document.hpp"

#include "app/settings/value.hpp"

#include <fmt/format.h>
#include <toml++/toml.h>

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <filesystem>
#include <fstream>
#include <optional>
#include <set>

namespace elsec::app {
namespace {

constexpr std::size_t file_bytes_max = 1'048'576;  // a thousand nodes need a quarter of it

std::size_t line_of(const toml::node& node) { return node.source().begin.line; }

plain_value texts_of(const toml::array& list) {
  std::vector<std::string> texts;
  for (const auto& item : list) {
    const auto* text = item.as_string();
    if (text == nullptr) return std::monostate{};
    texts.push_back(text->get());
  }
  return texts;
}

plain_value plain(const toml::node& node) {
  if (const auto* flag = node.as_boolean()) return flag->get();
  if (const auto* number = node.as_integer()) return number->get();
  if (const auto* text = node.as_string()) return text->get();
  if (const auto* list = node.as_array()) return texts_of(*list);
  return std::monostate{};
}

class reader {
 public:
  reader(document& out, std::string file, const environment& variables)
      : out_(out), file_(std::move(file)), variables_(variables) {
    out_.marks.resize(setting_table().size());
  }

  void read() {
    const auto text = slurp();
    if (!text) return;
    out_.lines = static_cast<std::size_t>(std::ranges::count(*text, '\n')) + (text->ends_with('\n') ? 0 : 1);
    out_.lines = std::max<std::size_t>(out_.lines, 1);
    try {
      read_root(toml::parse(*text, file_));
    } catch (const toml::parse_error& failure) {
      out_.problems.push_back({file_, failure.source().begin.line, {}, std::string(failure.description())});
      return;
    }
    out_.readable = true;
    read_variables();
    report_missing();
  }

 private:
  std::optional<std::string> slurp() {
    std::error_code failure;
    std::ifstream file(file_, std::ios::binary);
    const int reason = errno;
    if (!file || std::filesystem::is_directory(file_, failure)) {
      report_file(fmt::format("cannot be read: {}", std::strerror(file ? EISDIR : reason)));
      return std::nullopt;
    }
    std::string text(file_bytes_max + 1, '\0');
    file.read(text.data(), static_cast<std::streamsize>(text.size()));
    text.resize(static_cast<std::size_t>(file.gcount()));
    if (file.bad()) report_file("cannot be read");
    if (text.size() > file_bytes_max) report_file("is larger than 1 MiB");
    if (!out_.problems.empty()) return std::nullopt;
    return text;
  }

  void report_file(std::string detail) { out_.problems.push_back({file_, 0, {}, std::move(detail)}); }

  void report_at(std::size_t line, std::string key, std::string detail) {
    out_.problems.push_back({file_, line, std::move(key), std::move(detail)});
  }

  void read_root(const toml::table& root) {
    for (const auto& [name, node] : root) {
      if (name.str() == nodes_section) {
        read_nodes(node);
      } else if (!is_section(name.str())) {
        report_at(line_of(node), std::string(name.str()), "is no section of the configuration");
      } else if (const auto* section = node.as_table()) {
        section_lines_[std::string(name.str())] = line_of(node);
        read_table(*section, name.str(), setting_table(), out_.values, out_.marks);
      } else {
        report_at(line_of(node), std::string(name.str()), fmt::format("must be a section: [{}]", name.str()));
      }
    }
  }

  static bool is_section(std::string_view name) {
    return std::ranges::any_of(setting_table(), [&](const auto& row) { return row.section == name; });
  }

  template <class Owner>
  void read_table(const toml::table& table, std::string_view section, std::span<const setting<Owner>> rows,
                  Owner& owner, std::vector<mark>& marks) {
    for (const auto& [name, node] : table) {
      const std::string_view key = name.str();
      const auto row = std::ranges::find_if(rows, [&](const auto& r) { return r.section == section && r.key == key; });
      if (row == rows.end()) {
        report_at(line_of(node), dotted(section, key), "is no setting");
        continue;
      }
      auto& here = marks[static_cast<std::size_t>(row - rows.begin())];
      here = {mark::state::good, file_, line_of(node)};
      take(*row, owner, plain(node), here);
    }
  }

  template <class Owner>
  void take(const setting<Owner>& row, Owner& owner, const plain_value& value, mark& here) {
    if (auto ok = assign(row, owner, value); !ok) {
      here.is = mark::state::wrong;
      out_.report(here, dotted(row.section, row.key), std::move(ok.error()));
    }
  }

  void read_nodes(const toml::node& node) {
    const auto* list = node.as_array();
    if (list == nullptr || list->empty() || !list->is_homogeneous<toml::table>()) {
      report_at(line_of(node), std::string(nodes_section), "must be a list of sections: [[nodes]]");
      return;
    }
    for (const auto& item : *list) {
      auto& added = out_.nodes.emplace_back();
      added.marks.resize(node_table().size(), mark{mark::state::absent, file_, line_of(item)});
      added.entry.line = line_of(item);
      read_table(*item.as_table(), nodes_section, node_table(), added.entry, added.marks);
    }
  }

  void read_variables() {
    std::set<std::string, std::less<>> known{std::string(master_key_variable)};
    const auto rows = setting_table();
    for (std::size_t i = 0; i < rows.size(); ++i) {
      const auto name = variable_name(rows[i].section, rows[i].key);
      known.insert(name);
      if (const auto found = variables_.find(name); found != variables_.end())
        read_variable(rows[i], name, found->second, out_.marks[i]);
    }
    for (const auto& [name, value] : variables_)
      if (!known.contains(name) && names_a_section(name))
        out_.problems.push_back({"environment variable " + name, 0, {}, "names no setting"});
  }

  void read_variable(const setting<settings>& row, const std::string& name, const std::string& text, mark& here) {
    here = {mark::state::good, "environment variable " + name, 0};
    auto value = value_of_variable(row, text);
    if (value) return take(row, out_.values, *value, here);
    here.is = mark::state::wrong;
    out_.report(here, dotted(row.section, row.key), std::move(value.error()));
  }

  // ELSEC_HTTPS_LISTNE is a slip of the pen; ELSEC_TOKEN belongs to another program.
  static bool names_a_section(std::string_view variable) {
    return std::ranges::any_of(setting_table(),
                               [&](const auto& row) { return variable.starts_with(variable_name(row.section, "")); });
  }

  void report_missing() {
    const auto rows = setting_table();
    for (std::size_t i = 0; i < rows.size(); ++i) {
      auto& here = out_.marks[i];
      if (here.is != mark::state::absent) continue;
      const auto section = section_lines_.find(rows[i].section);
      here.file = file_;
      here.line = section == section_lines_.end() ? out_.lines : section->second;
      if (is_required(rows[i]) && !is_replaced(rows[i]))
        out_.report(here, dotted(rows[i].section, rows[i].key), "is missing");
    }
    for (const auto& node : out_.nodes) report_missing(node);
  }

  void report_missing(const marked_node& node) {
    const auto rows = node_table();
    for (std::size_t i = 0; i < rows.size(); ++i)
      if (node.marks[i].is == mark::state::absent && is_required(rows[i]))
        out_.report(node.marks[i], dotted(nodes_section, rows[i].key), "is missing");
  }

  [[nodiscard]] bool is_replaced(const setting<settings>& row) const {
    return row.section == "keys" && row.key == "master_file" && variables_.contains(master_key_variable);
  }

  document& out_;
  std::string file_;
  const environment& variables_;
  std::map<std::string, std::size_t, std::less<>> section_lines_;
};

}  // namespace

const mark& document::mark_of(std::string_view section, std::string_view key) const {
  const auto rows = setting_table();
  const auto row = std::ranges::find_if(rows, [&](const auto& r) { return r.section == section && r.key == key; });
  return marks.at(static_cast<std::size_t>(row - rows.begin()));
}

void document::report(const mark& where, std::string key, std::string detail) {
  problems.push_back({where.file, where.line, std::move(key), std::move(detail)});
}

document read_document(const std::string& path, const environment& variables) {
  document out;
  std::error_code failure;
  const auto absolute = std::filesystem::absolute(path, failure);
  out.values.file = failure ? path : absolute.lexically_normal().string();
  reader(out, path, variables).read();
  return out;
}

}  // namespace elsec::app
