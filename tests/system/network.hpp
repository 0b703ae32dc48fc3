#pragma once
// Two nodes in processes of their own, started once per test program and ended with it.

#include "tests/system/https.hpp"

#include <chrono>
#include <functional>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

namespace elsec::system_test {

// Far beyond what anything takes that works.
inline constexpr std::chrono::seconds patience{30};

// Asks again and again until it holds or `patience` is over; the latter fails the test.
void eventually(std::string_view what, const std::function<bool()>& holds);

struct node {
  std::string name;
  endpoint https;
  endpoint operator_https;
  std::string operator_token;
  std::string spool;
  std::string configuration_file;
  std::string log_file;

  // To /operator/v1 and the like, with the operator's token.
  [[nodiscard]] answer ask_operator(std::string_view method, std::string_view target, std::string_view json = {}) const;
  // Sum of a counter over all its labels.
  [[nodiscard]] double metric(std::string_view name) const;
  [[nodiscard]] int pid() const;
};

class network {
 public:
  network();
  ~network();
  network(const network&) = delete;
  network& operator=(const network&) = delete;

  // 1 or 2.
  [[nodiscard]] const node& at(unsigned number) const { return nodes_.at(number - 1); }
  // SIGKILL; returns when it is dead.
  void kill(unsigned number) const;
  // Returns when it is ready and linked.
  void start(unsigned number) const;

 private:
  void read_description();

  std::string folder_;
  std::vector<node> nodes_;
};

// The program's network, once it runs.
[[nodiscard]] const network& nodes();
[[nodiscard]] inline const node& first() { return nodes().at(1); }
[[nodiscard]] inline const node& second() { return nodes().at(2); }

}  // namespace elsec::system_test
