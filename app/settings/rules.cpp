#include "app/settings/rules.hpp"

#include "app/settings/files.hpp"
#include "app/settings/value.hpp"

#include <fmt/format.h>
#include <sodium.h>

#include <algorithm>
#include <filesystem>
#include <map>

namespace elsec::app {
namespace {

namespace fs = std::filesystem;

std::string* text_at(const setting<settings>& row, settings& values) {
  const auto* where = std::get_if<std::string& (*)(settings&)>(&row.where);
  return where == nullptr ? nullptr : &(*where)(values);
}

void make_paths_absolute(document& out) {
  const auto base = fs::path(out.values.file).parent_path();
  for (const auto& row : setting_table()) {
    auto* path = is_path(row) ? text_at(row, out.values) : nullptr;
    if (path != nullptr && !path->empty()) *path = (base / *path).lexically_normal().string();
  }
  if (out.values.keys.node_file.empty() && !out.values.node.data_dir.empty())
    out.values.keys.node_file = (fs::path(out.values.node.data_dir) / "node.keys").string();
}

bool is_good(const document& out, std::string_view section, std::string_view key) {
  return out.mark_of(section, key).is == mark::state::good;
}

// The master key comes from a variable in place of its file, which is then not looked at.
void take_master_variable(document& out, const std::string& text) {
  const mark here{mark::state::good, fmt::format("environment variable {}", master_key_variable), 0};
  auto bytes = parse_base64url_key(text);
  if (!bytes) return out.report(here, "keys.master_file", std::move(bytes.error()));
  if (auto key = crypto::secret::from(*bytes)) out.values.keys.master = std::move(*key);
  sodium_memzero(bytes->data(), bytes->size());
}

void read_key(document& out, const setting<settings>& row, const mark& where, const std::string& path) {
  auto key = crypto::read_key_file(path.c_str());
  if (!key) return out.report(where, dotted(row.section, row.key), std::move(key.error().detail));
  (row.section == "keys" ? out.values.keys.master : out.values.slots.key) = std::move(*key);
}

void check_paths(document& out, bool master_from_variable) {
  const auto rows = setting_table();
  for (std::size_t i = 0; i < rows.size(); ++i) {
    const auto& row = rows[i];
    const auto* path = is_path(row) ? text_at(row, out.values) : nullptr;
    if (path == nullptr || path->empty() || out.marks[i].is == mark::state::wrong) continue;
    if (master_from_variable && row.section == "keys" && row.key == "master_file") continue;
    if (auto ok = check_path(row.shape, *path); !ok) {
      out.report(out.marks[i], dotted(row.section, row.key), std::move(ok.error()));
    } else if (row.shape == form::key_file) {
      read_key(out, row, out.marks[i], *path);
    }
  }
}

void check_folders(document& out) {
  const auto& v = out.values;
  if (is_good(out, "node", "data_dir") && is_good(out, "spool", "folder") && lies_in(v.spool.folder, v.node.data_dir))
    out.report(out.mark_of("spool", "folder"), "spool.folder", "must lie outside node.data_dir");
  if (!v.slots.mirror.empty() && v.slots.mirror == v.slots.file)
    out.report(out.mark_of("slots", "mirror"), "slots.mirror", "must not be slots.file itself");
  if (is_good(out, "slots", "key_file") && v.slots.key_file == v.keys.master_file)
    out.report(out.mark_of("slots", "key_file"), "slots.key_file", "must not be keys.master_file");
}

void check_spool_key(document& out) {
  const auto& spool = out.values.spool;
  if (spool.plaintext || spool.print_room_key || out.mark_of("spool", "print_room_key").is == mark::state::wrong ||
      out.mark_of("spool", "plaintext").is == mark::state::wrong)
    return;
  out.report(out.mark_of("spool", "print_room_key"), "spool.print_room_key",
             "is missing; without it letters can only be written with spool.plaintext = true");
}

void check_listeners(document& out) {
  const auto& v = out.values;
  if (v.https.listen == v.operator_api.listen)
    out.report(out.mark_of("operator", "listen"), "operator.listen",
               fmt::format("must differ from https.listen ({})", to_string(v.https.listen)));
}

void check_limits(document& out) {
  const auto& limits = out.values.limits;
  if (limits.connections_per_address_max > limits.connections_max)
    out.report(out.mark_of("limits", "connections_per_address_max"), "limits.connections_per_address_max",
               fmt::format("must not exceed limits.connections_max ({})", limits.connections_max));
}

const mark& mark_of(const marked_node& node, std::string_view key) {
  const auto rows = node_table();
  const auto row = std::ranges::find_if(rows, [&](const auto& r) { return r.key == key; });
  return node.marks.at(static_cast<std::size_t>(row - rows.begin()));
}

// Reports every value that an earlier node (or the other key of the same one) already has.
template <class T>
class once {
 public:
  explicit once(document& out) : out_(out) {}

  void take(const marked_node& node, std::string_view key, const T& value) {
    const auto& here = mark_of(node, key);
    if (here.is != mark::state::good) return;
    const auto [first, added] = lines_.emplace(value, here.line);
    if (!added) out_.report(here, dotted(nodes_section, key), fmt::format("stands already in line {}", first->second));
  }

 private:
  document& out_;
  std::map<T, std::size_t> lines_;
};

void check_nodes(document& out) {
  once<std::string> names(out), endpoints(out);
  once<key_bytes> curve_keys(out), receipt_keys(out);
  for (const auto& node : out.nodes) {
    names.take(node, "name", node.entry.name);
    endpoints.take(node, "endpoint", node.entry.endpoint);
    curve_keys.take(node, "curve_key", node.entry.curve_key);
    if (node.entry.next_curve_key) curve_keys.take(node, "next_curve_key", *node.entry.next_curve_key);
    receipt_keys.take(node, "receipt_key", node.entry.receipt_key);
    if (node.entry.next_receipt_key) receipt_keys.take(node, "next_receipt_key", *node.entry.next_receipt_key);
  }
}

void check_own_node(document& out) {
  const auto& name = out.values.node.name;
  const auto is_own = [&](const marked_node& node) { return node.entry.name == name; };
  if (!is_good(out, "node", "name") || std::ranges::any_of(out.nodes, is_own)) return;
  const auto& here = out.mark_of("node", "name");
  out.report(here, "node.name", fmt::format("is \"{}\", but no [[nodes]] entry has this name", name));
}

}  // namespace

void apply_rules(document& out, const environment& variables) {
  const auto master = variables.find(master_key_variable);
  make_paths_absolute(out);
  if (master != variables.end()) take_master_variable(out, master->second);
  check_paths(out, master != variables.end());
  check_folders(out);
  check_spool_key(out);
  check_listeners(out);
  check_limits(out);
  check_nodes(out);
  check_own_node(out);
}

}  // namespace elsec::app
