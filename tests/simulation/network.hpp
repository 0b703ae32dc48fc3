#pragma once
// The wire between nodes: each has a connection of its own to each other one, which can be cut, and whose messages are
// delayed and, on a bad wire, lost, repeated and reordered.

#include "tests/simulation/world.hpp"
#include "transport/transport.hpp"

#include <functional>
#include <map>
#include <string>

namespace elsec::simulation {

struct wire_quality {
  double lost = 0;
  double repeated = 0;
  std::chrono::microseconds delay_least = 50us;
  std::chrono::microseconds delay_most = 500us;
  bool in_order = true;
};

class network {
 public:
  struct mouth {  // of a running node
    std::function<void(const transport::envelope&)> received;
    std::function<void(const std::string& peer, bool up)> link_changed;
  };

  explicit network(world& in) : world_(in) {}

  void join(const std::string& node, mouth what);
  // Its connections are gone, and all that is on its way to or from it.
  void leave(const std::string& node);
  transport::sent send(const std::string& from, const std::string& to, const transport::envelope& envelope);
  // Cuts both directions; nothing passes until `heal`.
  void cut(const std::string& one, const std::string& other);
  void heal(const std::string& one, const std::string& other);

  wire_quality quality;

 private:
  struct line {
    bool cut = false;
    bool up = false;
    std::uint64_t generation = 0;  // of the connection: what was sent on an earlier one never arrives
    moment last_arrival{};
  };
  using pair = std::pair<std::string, std::string>;

  void connect_later(const pair& which);
  void disconnect(const pair& which);
  void deliver_later(const pair& which, const transport::envelope& envelope);

  world& world_;
  std::map<std::string, mouth> nodes_;
  std::map<pair, line> lines_;
};

}  // namespace elsec::simulation
