#include "gateway/server.hpp"

#include "gateway/session.hpp"
#include "gateway/wake_signal.hpp"

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/detached.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/post.hpp>
#include <fmt/format.h>

#include <sys/resource.h>
#include <sys/socket.h>
#include <thread>
#include <unordered_set>

namespace elsec::gateway {
namespace {

using tcp = asio::ip::tcp;

// A bound socket. With `shared`, several threads of this process may bind the same port.
boost::system::error_code bind(tcp::acceptor& acceptor, const tcp::endpoint& where, bool shared) {
  boost::system::error_code error;
  acceptor.open(where.protocol(), error);
  if (!error) acceptor.set_option(tcp::acceptor::reuse_address(true), error);
  const int on = 1;
  if (!error && shared && ::setsockopt(acceptor.native_handle(), SOL_SOCKET, SO_REUSEPORT, &on, sizeof on) != 0)
    error.assign(errno, boost::system::system_category());
  if (!error) acceptor.bind(where, error);
  if (!error && !shared) acceptor.listen(1, error);
  if (!error && shared) acceptor.listen(listen_backlog, error);
  return error;
}

// SO_REUSEPORT would let a second process of the same user take half of our connections unnoticed: without it the
// address must be free.
boost::system::error_code check_free(const tcp::endpoint& where) {
  asio::io_context context;
  tcp::acceptor probe(context);
  return bind(probe, where, false);
}

bool is_out_of_resources(const boost::system::error_code& error) {
  return error.value() == EMFILE || error.value() == ENFILE || error.value() == ENOBUFS || error.value() == ENOMEM;
}

}  // namespace

// One thread. Callbacks of others that outlive it hold it, so that posting to its executor stays safe.
class server::worker : public std::enable_shared_from_this<worker> {
 public:
  worker(std::shared_ptr<listener_state> shared, std::shared_ptr<tls_identity> identity)
      : shared_(std::move(shared)), identity_(std::move(identity)), acceptor_(context_), force_(context_) {}

  boost::system::error_code listen(const tcp::endpoint& where) { return bind(acceptor_, where, true); }
  [[nodiscard]] std::uint16_t port() const { return acceptor_.local_endpoint().port(); }

  void start() {
    asio::co_spawn(context_, accept(), asio::detached);
    thread_ = std::thread([this] { context_.run(); });
  }

  void begin_stop() {
    asio::post(context_, [this] { stop_here(); });
  }

  void join() {
    if (thread_.joinable()) thread_.join();
  }

 private:
  asio::awaitable<void> accept() {
    while (!stopping_) {
      tcp::socket socket(context_);
      tcp::endpoint from;
      const auto [error] = co_await acceptor_.async_accept(socket, from, as_result);
      if (!error && !stopping_) {
        welcome(std::move(socket), from);
      } else if (is_out_of_resources(error)) {
        shared_->refused("descriptors");
        asio::steady_timer pause(context_, accept_backoff);
        co_await pause.async_wait(as_result);
      }
    }
  }

  void welcome(tcp::socket socket, const tcp::endpoint& from) {
    if (!shared_->admit(from.address())) return shared_->refused("connections");
    const auto fresh = std::make_shared<session>(std::move(socket), identity_->current(), shared_, from.address());
    sessions_.insert(fresh.get());
    // The handler owns the session, so that it lives until its coroutine has ended.
    asio::co_spawn(context_, fresh->run(weak_from_this()), [this, fresh](const std::exception_ptr&) {
      sessions_.erase(fresh.get());
      if (stopping_ && sessions_.empty()) context_.stop();
    });
  }

  void stop_here() {
    if (stopping_) return;
    stopping_ = true;
    boost::system::error_code ignored;
    acceptor_.close(ignored);
    for (auto* each : sessions_) each->stop();
    if (sessions_.empty()) return context_.stop();
    force_.expires_after(stop_grace);
    force_.async_wait([this](const boost::system::error_code& error) {
      if (!error) abort_all();
    });
  }

  // Sockets closed, every coroutine that waits for one ends; one that waits for an actor is left behind.
  void abort_all() {
    for (auto* each : sessions_) each->abort();
    force_.expires_after(stop_abort_grace);
    force_.async_wait([this](const boost::system::error_code&) { context_.stop(); });
  }

  std::shared_ptr<listener_state> shared_;
  std::shared_ptr<tls_identity> identity_;
  std::unordered_set<session*> sessions_;
  bool stopping_ = false;
  // After what its coroutines use, so that it ends, and they with it, before that.
  asio::io_context context_{1};
  asio::executor_work_guard<asio::io_context::executor_type> work_{context_.get_executor()};
  tcp::acceptor acceptor_;
  asio::steady_timer force_;
  std::thread thread_;
};

domain::result<std::unique_ptr<server>> server::start(listener_options options, std::shared_ptr<tls_identity> identity,
                                                      application serve) {
  boost::system::error_code error;
  const auto address = asio::ip::make_address(options.host, error);
  tcp::endpoint where(address, options.port);
  const auto name = fmt::format("{}:{}", options.host, options.port);
  if (!error && options.port != 0) error = check_free(where);
  if (error) return domain::fail(domain::error_code::io, fmt::format("cannot listen on {}: {}", name, error.message()));
  std::unique_ptr<server> made(new server);
  const auto shared = std::make_shared<listener_state>(options.bounds, std::move(options.proxies), std::move(serve),
                                                       options.responded, options.refused);
  for (unsigned i = 0; i < std::max(options.threads, 1U); ++i) {
    made->workers_.push_back(std::make_shared<worker>(shared, identity));
    error = made->workers_.back()->listen(where);
    if (error)
      return domain::fail(domain::error_code::io, fmt::format("cannot listen on {}: {}", name, error.message()));
    where.port(made->workers_.back()->port());
  }
  made->port_ = where.port();
  for (const auto& each : made->workers_) each->start();
  return made;
}

void server::stop() {
  for (const auto& each : workers_) each->begin_stop();
  for (const auto& each : workers_) each->join();
}

server::~server() { stop(); }

void raise_descriptor_limit() noexcept {
  rlimit limit{};
  if (::getrlimit(RLIMIT_NOFILE, &limit) != 0 || limit.rlim_cur == limit.rlim_max) return;
  limit.rlim_cur = limit.rlim_max;
  ::setrlimit(RLIMIT_NOFILE, &limit);  // the lower limit serves as well, only fewer clients
}

}  // namespace elsec::gateway
