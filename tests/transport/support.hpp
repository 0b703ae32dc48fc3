#pragma once
// Nodes and clients on 127.0.0.1 for the tests of the transport. Nothing here sleeps: every wait is for an event.

#include "transport/transport.hpp"

#include <zmq.hpp>
#include <zmq_addon.hpp>

#include <chrono>
#include <condition_variable>
#include <functional>
#include <memory>
#include <mutex>
#include <string>
#include <vector>

namespace elsec::test {

inline constexpr std::chrono::seconds patience{20};  // far beyond what anything here takes
inline constexpr auto any_port = "tcp://127.0.0.1:0";

// A key pair that is the same for the same label in every run.
[[nodiscard]] transport::curve_pair keys_of(const std::string& label);

[[nodiscard]] transport::envelope letter(const std::string& from, const std::string& to, std::uint64_t sequence,
                                         domain::bytes body = {1, 2, 3});

// What a node was told, safe to wait on from the test's thread.
class recorder {
 public:
  struct record {
    std::vector<transport::envelope> received;
    std::vector<std::pair<std::string, transport::link_event>> links;
    std::vector<transport::refused> refusals;

    [[nodiscard]] bool connected(const std::string& peer) const;  // the last link event of this peer
    [[nodiscard]] std::size_t count(transport::refusal reason) const;
    [[nodiscard]] std::size_t count(const std::string& peer, transport::link_event event) const;
  };

  [[nodiscard]] transport::callbacks callbacks();
  // True when the record fits within `patience`.
  [[nodiscard]] bool wait(const std::function<bool(const record&)>& fits);
  [[nodiscard]] record now();
  // While held, the node's thread stays inside `received`.
  void hold_receiving(bool hold);

 private:
  std::mutex mutex_;
  std::condition_variable changed_;
  record record_;
  bool held_ = false;
};

// One node with quick timings.
struct node {
  explicit node(transport::options opts);
  [[nodiscard]] bool wait(const std::function<bool(const recorder::record&)>& fits) { return heard.wait(fits); }
  [[nodiscard]] bool wait_connected(const std::string& peer);
  [[nodiscard]] const std::string& endpoint() const { return wire->bound_endpoint(); }
  void restart_peers(std::vector<transport::peer> peers);

  recorder heard;
  std::unique_ptr<transport::transport> wire;  // last: its thread uses `heard`
};

[[nodiscard]] transport::options quick(const std::string& name, std::vector<transport::peer> peers = {});
[[nodiscard]] transport::peer entry_of(const std::string& name, const std::string& endpoint);

// Nodes "a" and "b" that know and reach each other.
struct pair_of_nodes {
  pair_of_nodes();
  std::unique_ptr<node> a;
  std::unique_ptr<node> b;
};

// A bare ZeroMQ client that may send what no node would.
class raw_client {
 public:
  // CURVE with these keys.
  raw_client(const transport::curve_pair& keys, const transport::curve_key& server, const std::string& endpoint);
  // Whatever `set_up` makes of the socket.
  raw_client(const std::function<void(zmq::socket_t&)>& set_up, const std::string& endpoint);

  ~raw_client();
  raw_client(const raw_client&) = delete;
  raw_client& operator=(const raw_client&) = delete;

  void send(const std::vector<domain::bytes>& frames);
  // Waits for one of these monitor events (ZMQ_EVENT_…).
  [[nodiscard]] bool wait_event(int events);

 private:
  void connect(const std::string& endpoint);
  zmq::context_t context_;
  zmq::socket_t dealer_;
  zmq::socket_t monitor_;
};

}  // namespace elsec::test
