#pragma once
// The node's API as calls that repeat themselves where that is safe, and answer with JSON or a failure.

#include "app/cli/https.hpp"
#include "app/cli/retry.hpp"

#include <boost/json/value.hpp>

#include <chrono>
#include <functional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace elsec::cli {

// What a client needs of the outside; tests replace each.
struct client_ports {
  std::function<outcome<response>(const connection&, const request&)> transport = exchange;
  std::function<void(std::chrono::milliseconds)> pause;
  std::function<void(const std::string&)> notice;  // a line for people about a repeated attempt
};

using query = std::vector<std::pair<std::string, std::string>>;

class client {
 public:
  client(connection with, client_ports ports) : with_(std::move(with)), ports_(std::move(ports)) {}

  // The answer if its status is 2xx, after as many attempts as retry.hpp allows. A failure after the first
  // byte for a sink is not repeated here: the sink's owner knows what arrived.
  [[nodiscard]] outcome<response> send(const request& what, repeat allowed) const;

  [[nodiscard]] outcome<boost::json::value> get(std::string_view path, const query& parameters = {}) const;
  // A POST with an Idempotency-Key where `allowed` is `always`.
  [[nodiscard]] outcome<boost::json::value> post(std::string_view path, const boost::json::value& body,
                                                 repeat allowed) const;
  [[nodiscard]] outcome<void> remove(std::string_view path) const;
  // {items:[…], next_cursor}: page after page until `items_max` or the end.
  [[nodiscard]] outcome<boost::json::value> list(std::string_view path, query parameters, std::size_t items_max) const;

  // Waits as retry.hpp says for this failure, or answers that it is final.
  [[nodiscard]] bool pause_before_retry(unsigned attempt, repeat allowed, const failure& what) const;

  [[nodiscard]] const connection& with() const noexcept { return with_; }

 private:
  connection with_;
  client_ports ports_;
};

// "/api/v1" + path + "?a=b&c=d", values percent-encoded, empty ones left out.
[[nodiscard]] std::string target_of(std::string_view path, const query& parameters = {});

// 128 random bits as text.
[[nodiscard]] std::string new_idempotency_key();

// JSON of a node's answer: bounded depth, `node_failed` when it is none.
[[nodiscard]] outcome<boost::json::value> parse_answer(std::string_view body);

}  // namespace elsec::cli
