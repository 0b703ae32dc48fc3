#pragma once
// A node from start to stop. Start: foundation, actors, wire, gateway. Stop: gateway, wire, actors, storage.

#include "app/settings/settings.hpp"
#include "domain/error.hpp"

#include <atomic>
#include <memory>

namespace elsec::app {

class running_node {
 public:
  // Serves when it returns.
  [[nodiscard]] static domain::result<std::unique_ptr<running_node>> start(const settings& wanted);
  ~running_node();
  running_node(const running_node&) = delete;
  running_node& operator=(const running_node&) = delete;

  // In order; returns when nothing runs any more.
  void stop();

 private:
  struct state;
  explicit running_node(std::unique_ptr<state> s);
  std::unique_ptr<state> state_;
};

}  // namespace elsec::app
