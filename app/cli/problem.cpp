#include "app/cli/problem.hpp"

#include "app/cli/limits.hpp"
#include "app/cli/text.hpp"

#include <boost/json/parse.hpp>
#include <fmt/format.h>

#include <algorithm>
#include <charconv>

namespace elsec::cli {
namespace {

exit_code exit_code_of(unsigned status) {
  if (status == 401) return exit_code::not_logged_in;
  return status >= 400 && status < 500 ? exit_code::refused : exit_code::node_failed;
}

void add_problem(failure& what, const boost::json::value& document) {
  if (auto title = text_of(document, "title"); !title.empty()) what.title = std::move(title);
  what.detail = text_of(document, "detail");
  what.problem = text_of(document, "code");
  for (const auto& part : array_of(document, "errors")) {
    if (what.fields.size() == problem_fields_max) break;
    what.fields.push_back({text_of(part, "pointer"), text_of(part, "detail")});
  }
}

}  // namespace

std::optional<std::chrono::seconds> parse_retry_after(std::string_view value) {
  constexpr std::uint32_t longest = 365U * 24 * 3600;
  std::uint32_t number = 0;
  const auto [end, error] = std::from_chars(value.data(), value.data() + value.size(), number);
  if (error != std::errc() || end != value.data() + value.size() || number > longest) return std::nullopt;
  return std::chrono::seconds(number);
}

failure failure_of(const response& answer) {
  failure what;
  what.code = exit_code_of(answer.status);
  what.status = answer.status;
  what.title = fmt::format("The node answered with status {}.", answer.status);
  what.retry_after = parse_retry_after(answer.header("Retry-After"));
  boost::system::error_code unreadable;
  boost::json::parse_options options;
  options.max_depth = json_depth_max;
  const auto document = boost::json::parse(answer.body, unreadable, {}, options);
  if (!unreadable) add_problem(what, document);
  return what;
}

std::string render(const failure& what) {
  std::string text = "elsec: " + printable(what.title) + '\n';
  const bool said_of_a_field =
      std::ranges::any_of(what.fields, [&](const auto& part) { return part.detail == what.detail; });
  if (!what.detail.empty() && what.detail != what.title && !said_of_a_field) text += printable_lines(what.detail, 2);
  for (const auto& part : what.fields)
    text += fmt::format("  {}: {}\n", printable(part.pointer), printable(part.detail));
  if (what.problem == "unauthenticated") text += "  Log in with `elsec login`, or give a valid ELSEC_TOKEN.\n";
  return text;
}

}  // namespace elsec::cli
