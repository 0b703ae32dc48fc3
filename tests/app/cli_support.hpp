#pragma once
// What the command line's tests share: a folder of their own, an environment, and a node that answers from a list.

#include "app/cli/run.hpp"

#include <cstdlib>
#include <deque>
#include <filesystem>
#include <fstream>
#include <map>
#include <sstream>
#include <string>
#include <vector>

namespace elsec::cli::test {

class folder {
 public:
  folder() {
    std::string name = (std::filesystem::temp_directory_path() / "elsec-cli-XXXXXX").string();
    if (!::mkdtemp(name.data())) throw std::runtime_error("no temporary folder");
    path_ = name;
  }
  folder(const folder&) = delete;
  folder& operator=(const folder&) = delete;
  ~folder() {
    std::error_code ignored;
    std::filesystem::remove_all(path_, ignored);
  }
  [[nodiscard]] std::filesystem::path operator/(const std::string& name) const { return path_ / name; }
  [[nodiscard]] const std::filesystem::path& path() const { return path_; }
  std::filesystem::path write(const std::string& name, const std::string& text) const {
    std::ofstream(path_ / name, std::ios::binary) << text;
    return path_ / name;
  }
  [[nodiscard]] std::size_t entries() const {
    return static_cast<std::size_t>(std::distance(std::filesystem::directory_iterator(path_), {}));
  }

 private:
  std::filesystem::path path_;
};

inline std::string content_of(const std::filesystem::path& path) {
  std::ostringstream text;
  text << std::ifstream(path, std::ios::binary).rdbuf();
  return text.str();
}

inline environment environment_of(std::map<std::string, std::string> values) {
  return [values = std::move(values)](const char* name) -> std::optional<std::string> {
    const auto found = values.find(name);
    return found == values.end() ? std::nullopt : std::optional(found->second);
  };
}

// No name server has to say so, or could: a label holds at most 63 octets, and a longer one fits into no question.
inline std::string unresolvable_name() { return std::string(64, 'x') + ".invalid"; }

inline std::unexpected<failure> lost_connection() {
  failure lost;
  lost.code = exit_code::unreachable;
  lost.connection_lost = true;
  return std::unexpected(lost);
}

struct seen_request {
  std::string method, target, body, token, node;
  header_list headers;
  [[nodiscard]] std::string header(const std::string& name) const {
    for (const auto& [key, value] : headers)
      if (key == name) return value;
    return {};
  }
};

// Answers in order; a missing answer is a lost connection. `cut_after` breaks the connection within a body.
struct scripted_answer {
  unsigned status = 200;
  std::string body{};
  header_list headers{};
  std::optional<std::size_t> cut_after{};
  bool lost = false;
};

struct scripted_node {
  std::deque<scripted_answer> answers{};
  std::vector<seen_request> seen{};
  std::vector<std::chrono::milliseconds> pauses{};

  outcome<response> take(const connection& with, const request& what) {
    auto& now =
        seen.emplace_back(seen_request{what.method, what.target, what.body, with.token, with.node.str(), what.headers});
    if (what.open_stream) {
      auto read = what.open_stream();
      if (!read) return std::unexpected(read.error());
      std::vector<char> block(7);
      for (auto count = (*read)(block); count && *count > 0; count = (*read)(block))
        now.body.append(block.data(), *count);
    }
    if (answers.empty()) return lost_connection();
    const auto answer = answers.front();
    answers.pop_front();
    if (answer.lost) return lost_connection();
    return deliver(what, answer);
  }

 private:
  static outcome<response> deliver(const request& what, const scripted_answer& answer) {
    response got;
    got.status = answer.status;
    got.headers = answer.headers;
    const bool streamed = what.on_success && (answer.status == 200 || answer.status == 206);
    if (!streamed) {
      got.body = answer.body;
      return got;
    }
    auto sink = what.on_success(got);
    if (!sink) return std::unexpected(sink.error());
    if (!*sink) return got;
    const auto more = (*sink)(std::string_view(answer.body).substr(0, answer.cut_after.value_or(answer.body.size())));
    if (!more) return std::unexpected(more.error());
    if (answer.cut_after) return lost_connection();
    return got;
  }
};

struct run_result {
  exit_code code{};
  std::string out, err;
};

// Runs a command line against the scripted node.
inline run_result run_against(scripted_node& node, std::vector<std::string> arguments,
                              std::map<std::string, std::string> env, const std::string& input = {},
                              secret_prompt ask = {}) {
  const auto what = parse_arguments(std::move(arguments));
  if (!what) return {what.error().code, what.error().text, {}};
  std::istringstream in(input);
  std::ostringstream out, err;
  surroundings with{.in = in,
                    .out = out,
                    .err = err,
                    .env = environment_of(std::move(env)),
                    .ask = ask ? ask : [](const std::string&) { return fail(exit_code::usage, "no terminal"); },
                    .transport = [&](const connection& c, const request& r) { return node.take(c, r); },
                    .pause = [&](std::chrono::milliseconds pause) { node.pauses.push_back(pause); }};
  const auto code = run(*what, with);
  return {code, out.str(), err.str()};
}

inline const std::string some_document = "doc_01J9ZQ6Z7N2M4X8K3V5T1R0B9C";
inline const std::string other_document = "doc_01J9ZQ6Z7N2M4X8K3V5T1R0B9D";
inline const std::string some_dispatch = "dsp_01J9ZQ6Z7N2M4X8K3V5T1R0B9C";
inline const std::string some_organisation = "org_01J9ZQ6Z7N2M4X8K3V5T1R0B9C";

}  // namespace elsec::cli::test
