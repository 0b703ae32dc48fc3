#pragma once
// Why a command did not do what it was asked: told to people as text, to programs as exit code.

#include "app/cli/exit_codes.hpp"
#include "domain/error.hpp"

#include <chrono>
#include <expected>
#include <optional>
#include <string>
#include <utility>
#include <vector>

namespace elsec::cli {

struct failure {
  exit_code code = exit_code::local_file;
  std::string title{};                        // one sentence
  std::string detail{};                       // what to do about it
  std::vector<domain::field_error> fields{};  // parts of the request the node objects to
  std::string problem{};                      // stable code of the node's problem document, or empty
  unsigned status = 0;                        // HTTP status, 0 when there was no answer
  std::optional<std::chrono::seconds> retry_after{};
  bool connection_lost = false;  // no answer came; whether the request took effect is unknown
};

template <class T>
using outcome = std::expected<T, failure>;

[[nodiscard]] inline std::unexpected<failure> fail(exit_code code, std::string title, std::string detail = {}) {
  failure what;
  what.code = code;
  what.title = std::move(title);
  what.detail = std::move(detail);
  return std::unexpected(std::move(what));
}

// The text for stderr: title, detail, and one line per offending part. Characters that could steer a terminal are
// escaped, for most of it comes from the node.
[[nodiscard]] std::string render(const failure& what);

}  // namespace elsec::cli
