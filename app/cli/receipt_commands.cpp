#include "app/cli/commands.hpp"
#include "app/cli/files.hpp"
#include "app/cli/receipts.hpp"
#include "app/cli/text.hpp"

#include <fmt/format.h>

#include <algorithm>

namespace elsec::cli {
namespace {

namespace json = boost::json;

json::value verdict_json(const receipts_verdict& verdict) {
  json::array receipts;
  for (const auto& one : verdict.receipts) {
    json::object shown{{"id", one.id}, {"kind", one.kind}, {"node", one.node}, {"at", one.at}};
    if (!one.dispatch_id.empty()) shown["dispatch_id"] = one.dispatch_id;
    shown["holds"] = one.problems.empty();
    shown["problems"] = json::array(one.problems.begin(), one.problems.end());
    receipts.push_back(std::move(shown));
  }
  return {{"holds", verdict.holds()}, {"items", std::move(receipts)}};
}

std::string verdict_text(const receipts_verdict& verdict) {
  std::string text;
  for (const auto& one : verdict.receipts) {
    text += fmt::format("{}  {}  {}  {}  {}{}{}\n", one.problems.empty() ? "holds" : "WRONG", printable(one.id),
                        moment(one.at), printable(one.kind), printable(one.node), one.dispatch_id.empty() ? "" : "  ",
                        printable(one.dispatch_id));
    for (const auto& problem : one.problems) text += "       " + printable(problem) + '\n';
  }
  return text;
}

outcome<receipts_verdict> verify_files(const verify_command& what) {
  const auto keys_text = read_file(what.keys_file, receipts_file_max_bytes);
  if (!keys_text) return std::unexpected(keys_text.error());
  const auto keys = parse_keys(*keys_text);
  if (!keys) return std::unexpected(keys.error());
  const auto receipts_text = read_file(what.file, receipts_file_max_bytes);
  if (!receipts_text) return std::unexpected(receipts_text.error());
  const auto receipts = parse_receipts(*receipts_text);
  if (!receipts) return std::unexpected(receipts.error());
  return verify_receipts(*receipts, *keys);
}

}  // namespace

outcome<void> run_command(const task& with, const receipts_command& what) {
  const auto node = with.open_logged_in();
  if (!node) return std::unexpected(node.error());
  const auto answer = node->list("/documents/" + what.document + "/receipts", {}, page_items_max * pages_max);
  if (!answer) return std::unexpected(answer.error());
  if (!what.output.empty()) {
    auto saved = write_file(what.output, json_text(*answer) + '\n', what.force ? overwrite::yes : overwrite::no);
    if (!saved) return saved;
  }
  if (with.what.json) return with.print(*answer);
  if (!what.output.empty()) return {};
  std::vector<std::vector<std::string>> rows;
  for (const auto& receipt : array_of(*answer, "items"))
    rows.push_back({text_of(receipt, "id"), moment(text_of(receipt, "at")), text_of(receipt, "kind"),
                    text_of(receipt, "node"), text_of(receipt, "dispatch_id")});
  with.with.out << table({"ID", "AT", "KIND", "NODE", "DISPATCH"}, rows);
  return {};
}

outcome<void> run_command(const task& with, const verify_command& what) {
  const auto verdict = verify_files(what);
  if (!verdict) return std::unexpected(verdict.error());
  if (with.what.json)
    with.print(verdict_json(*verdict));
  else
    with.with.out << verdict_text(*verdict);
  if (verdict->holds()) return {};
  if (verdict->receipts.empty()) return fail(exit_code::verification_failed, "The file holds no receipt.");
  const auto wrong = std::ranges::count_if(verdict->receipts, [](const auto& one) { return !one.problems.empty(); });
  return fail(exit_code::verification_failed,
              fmt::format("{} of {} receipts do not hold.", wrong, verdict->receipts.size()));
}

}  // namespace elsec::cli
