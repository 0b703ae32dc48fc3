#include "app/cli/client.hpp"

#include "app/cli/problem.hpp"
#include "app/cli/text.hpp"
#include "crypto/random.hpp"
#include "crypto/seal.hpp"

#include <boost/json/parse.hpp>
#include <boost/json/serialize.hpp>
#include <fmt/format.h>

#include <algorithm>
#include <array>

namespace elsec::cli {

std::string target_of(std::string_view path, const query& parameters) {
  std::string target = "/api/v1" + std::string(path);
  char separator = '?';
  for (const auto& [name, value] : parameters) {
    if (value.empty()) continue;
    target += separator + name + '=' + percent_encode(value);
    separator = '&';
  }
  return target;
}

std::string new_idempotency_key() {
  std::array<std::uint8_t, 16> bits{};
  crypto::random_bytes(bits);
  return crypto::to_base64url(bits);
}

outcome<boost::json::value> parse_answer(std::string_view body) {
  boost::system::error_code unreadable;
  boost::json::parse_options options;
  options.max_depth = json_depth_max;
  auto value = boost::json::parse(body, unreadable, {}, options);
  if (unreadable) return fail(exit_code::node_failed, "The node's answer is not JSON.", unreadable.message());
  return value;
}

bool client::pause_before_retry(unsigned attempt, repeat allowed, const failure& what) const {
  const auto pause = retry_pause(attempt, allowed, what);
  if (!pause) return false;
  if (ports_.notice)
    ports_.notice(fmt::format("{} Next attempt in {:.1f} s.", what.title, static_cast<double>(pause->count()) / 1000));
  if (ports_.pause) ports_.pause(*pause);
  return true;
}

outcome<response> client::send(const request& what, repeat allowed) const {
  bool delivering = false;
  auto watched = what;
  if (what.on_success)
    watched.on_success = [&](const response_head& head) -> outcome<body_sink> {
      auto sink = what.on_success(head);
      if (!sink || !*sink) return sink;
      return [&delivering, sink = std::move(*sink)](std::string_view bytes) {
        delivering = true;
        return sink(bytes);
      };
    };
  for (unsigned attempt = 1;; ++attempt) {
    auto answer = ports_.transport(with_, watched);
    if (answer && answer->status >= 200 && answer->status < 300) return answer;
    auto why = answer ? failure_of(*answer) : std::move(answer.error());
    if (delivering || !pause_before_retry(attempt, allowed, why)) return std::unexpected(std::move(why));
  }
}

outcome<boost::json::value> client::get(std::string_view path, const query& parameters) const {
  request what;
  what.target = target_of(path, parameters);
  what.headers = {{"Accept", "application/json"}};
  const auto answer = send(what, repeat::always);
  if (!answer) return std::unexpected(answer.error());
  if (const auto missing = answer->header("Elsec-Damaged"); !missing.empty() && ports_.notice)
    ports_.notice(fmt::format("Missing because the node cannot read them any more: {}", missing));
  return parse_answer(answer->body);
}

outcome<boost::json::value> client::post(std::string_view path, const boost::json::value& body, repeat allowed) const {
  request what;
  what.method = "POST";
  what.target = target_of(path);
  what.headers = {{"Accept", "application/json"}, {"Content-Type", "application/json"}};
  if (allowed == repeat::always) what.headers.emplace_back("Idempotency-Key", new_idempotency_key());
  what.body = boost::json::serialize(body);
  const auto answer = send(what, allowed);
  if (!answer) return std::unexpected(answer.error());
  return parse_answer(answer->body);
}

outcome<void> client::remove(std::string_view path) const {
  request what;
  what.method = "DELETE";
  what.target = target_of(path);
  const auto answer = send(what, repeat::always);
  if (!answer) return std::unexpected(answer.error());
  return {};
}

outcome<boost::json::value> client::list(std::string_view path, query parameters, std::size_t items_max) const {
  boost::json::array items;
  boost::json::value cursor;
  for (std::size_t page = 0; page < pages_max && items.size() < items_max; ++page) {
    auto wanted = parameters;
    wanted.emplace_back("limit", std::to_string(std::min(items_max - items.size(), page_items_max)));
    if (const auto* text = cursor.if_string()) wanted.emplace_back("cursor", std::string(text->data(), text->size()));
    const auto answer = get(path, wanted);
    if (!answer) return std::unexpected(answer.error());
    const auto& found = array_of(*answer, "items");
    items.insert(items.end(), found.begin(), found.end());
    const auto* next = member_of(*answer, "next_cursor");
    cursor = next ? *next : boost::json::value();
    if (!cursor.is_string()) break;
  }
  return boost::json::value{{"items", std::move(items)}, {"next_cursor", std::move(cursor)}};
}

}  // namespace elsec::cli
