#pragma once
// The polling thread: owns every socket, answers ZAP, reads the ROUTER, dials the peers. Other threads reach it only
// through the outbox, the next node list, and the bell.

#include "transport/dialer.hpp"
#include "transport/inflow.hpp"
#include "transport/outbox.hpp"
#include "transport/roster.hpp"
#include "transport/sockets.hpp"
#include "transport/wakeup.hpp"
#include "transport/zap.hpp"

#include <zmq.hpp>

#include <atomic>
#include <chrono>
#include <list>
#include <mutex>
#include <optional>
#include <vector>

namespace elsec::transport {

class loop {
 public:
  // `list` holds the peers of `opts`. Opens nothing yet.
  loop(options opts, callbacks handlers, roster list);

  // Called once, on the thread that is to poll: binds, proves itself, and gives the endpoint bound.
  [[nodiscard]] domain::result<std::string> open();
  // Polls until `stop`; everything is closed when it returns.
  void run();

  // From any thread.
  sent send(const std::string& peer, const envelope& message);
  void replace(roster list);
  void stop();

 private:
  // What exists only while the loop is open; closed in reverse order.
  struct open_sockets {
    open_sockets(const options& opts, zap_decision decide)
        : net(opts), zap(net.context, std::move(decide)), router(make_router(net)) {}
    wire net;
    zap_handler zap;
    zmq::socket_t router;
    std::optional<socket_monitor> failures{};  // of the ROUTER's handshakes, while it is bound
    std::list<dialer> dialers{};
  };

  std::expected<std::string, refusal> decide(const zap_request& request);
  domain::result<std::string> bind_router();
  std::chrono::milliseconds prepare(steady_time now);
  void wait(std::chrono::milliseconds timeout);
  void react(steady_time now);
  void read_router();
  void take_in(envelope message, const std::string& address);
  void read_failures();
  void apply_next_list();
  void renew_router();
  void try_rebind();
  void drop_unfit_dialers();
  void add_missing_dialers();
  void tell_link(dialer& line, bool was_connected);
  void tell_refused(const refused& what);

  const options options_;
  const callbacks handlers_;
  outbox outbox_;
  inflow inflow_;  // touched by the polling thread
  wakeup bell_;
  std::atomic<bool> stopping_ = false;

  std::mutex next_list_mutex_;
  std::optional<roster> next_list_;  // set by `replace`, taken by the polling thread

  // Only the polling thread touches what follows.
  roster list_;
  bool proven_ = false;  // the self-test's own refusal is nobody's business
  bool bound_ = false;
  std::string endpoint_;
  std::optional<open_sockets> sockets_;
  std::vector<zmq::pollitem_t> poll_items_;
};

}  // namespace elsec::transport
