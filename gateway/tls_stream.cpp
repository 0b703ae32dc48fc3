#include "gateway/limits.hpp"
#include "gateway/tls.hpp"
#include "gateway/wake_signal.hpp"

#include <boost/asio/post.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <openssl/bio.h>
#include <openssl/err.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <sys/socket.h>

namespace elsec::gateway {
namespace {

// --- the socket below TLS: like OpenSSL's own, but a write to a closed connection raises no SIGPIPE
// --------------------

int fd_of(BIO* bio) { return static_cast<int>(reinterpret_cast<std::intptr_t>(BIO_get_data(bio))); }

bool must_retry(ssize_t moved) { return moved < 0 && (errno == EAGAIN || errno == EWOULDBLOCK || errno == EINTR); }

int socket_read(BIO* bio, char* into, int size) {
  BIO_clear_retry_flags(bio);
  const auto got = ::recv(fd_of(bio), into, static_cast<std::size_t>(size), 0);
  if (must_retry(got)) BIO_set_retry_read(bio);
  if (got == 0) BIO_set_flags(bio, BIO_FLAGS_IN_EOF);
  return static_cast<int>(got);
}

int socket_write(BIO* bio, const char* from, int size) {
  BIO_clear_retry_flags(bio);
  const auto sent = ::send(fd_of(bio), from, static_cast<std::size_t>(size), MSG_NOSIGNAL);
  if (must_retry(sent)) BIO_set_retry_write(bio);
  return static_cast<int>(sent);
}

long socket_control(BIO* bio, int what, long, void*) {
  if (what == BIO_CTRL_FLUSH) return 1;
  if (what == BIO_CTRL_EOF) return BIO_test_flags(bio, BIO_FLAGS_IN_EOF) != 0 ? 1 : 0;
  return 0;
}

int socket_create(BIO* bio) {
  BIO_set_init(bio, 1);
  return 1;
}

const BIO_METHOD* socket_method() {
  static const std::unique_ptr<BIO_METHOD, void (*)(BIO_METHOD*)> method = [] {
    auto* made = BIO_meth_new(BIO_TYPE_SOURCE_SINK | BIO_get_new_index(), "socket without SIGPIPE");
    BIO_meth_set_read(made, &socket_read);
    BIO_meth_set_write(made, &socket_write);
    BIO_meth_set_ctrl(made, &socket_control);
    BIO_meth_set_create(made, &socket_create);
    return std::unique_ptr<BIO_METHOD, void (*)(BIO_METHOD*)>(made, &BIO_meth_free);
  }();
  return method.get();
}

}  // namespace

// One timer per connection. Moving a deadline away costs an assignment: the timer finds out when it fires.
class tls_stream::alarm : public std::enable_shared_from_this<tls_stream::alarm> {
 public:
  explicit alarm(asio::ip::tcp::socket& socket) : socket_(&socket), timer_(socket.get_executor()) {}

  void set(steady_time deadline) {
    deadline_ = deadline;
    waiting_ = true;
    rang_ = false;
    if (!armed_ || deadline_ < armed_until_) arm();
  }
  // Whether it rang since set().
  bool clear() {
    waiting_ = false;
    return rang_;
  }
  void detach() {
    socket_ = nullptr;
    timer_.cancel();
  }

 private:
  void arm() {
    armed_ = true;
    armed_until_ = deadline_;
    timer_.expires_at(deadline_);
    timer_.async_wait([self = weak_from_this()](const boost::system::error_code& error) {
      if (error) return;
      if (const auto alive = self.lock()) alive->fired();
    });
  }
  void fired() {
    armed_ = false;
    if (!waiting_ || socket_ == nullptr) return;
    if (std::chrono::steady_clock::now() < deadline_) return arm();
    rang_ = true;
    boost::system::error_code ignored;
    socket_->cancel(ignored);
  }

  asio::ip::tcp::socket* socket_;
  asio::steady_timer timer_;
  steady_time deadline_{};
  steady_time armed_until_{};
  bool armed_ = false;
  bool waiting_ = false;
  bool rang_ = false;
};

tls_stream::tls_stream(asio::ip::tcp::socket socket, const std::shared_ptr<SSL_CTX>& context)
    : socket_(std::move(socket)),
      context_(context),
      ssl_(SSL_new(context.get())),
      alarm_(std::make_shared<alarm>(socket_)) {
  boost::system::error_code ignored;
  socket_.native_non_blocking(true, ignored);
  socket_.set_option(asio::ip::tcp::no_delay(true), ignored);
  auto* bio = BIO_new(socket_method());
  if (ssl_ == nullptr || bio == nullptr) {
    BIO_free(bio);
    ssl_.reset();
    broken_ = true;
    return;
  }
  BIO_set_data(bio, reinterpret_cast<void*>(static_cast<std::intptr_t>(socket_.native_handle())));
  SSL_set_bio(ssl_.get(), bio, bio);
  SSL_set_accept_state(ssl_.get());
}

tls_stream::~tls_stream() { alarm_->detach(); }

asio::awaitable<io_status> tls_stream::wait_socket(asio::ip::tcp::socket::wait_type what, steady_time deadline) {
  if (std::chrono::steady_clock::now() >= deadline) co_return io_status::timed_out;
  moved_ = 0;
  alarm_->set(deadline);
  const auto [error] = co_await socket_.async_wait(what, as_result);
  const bool rang = alarm_->clear();
  if (!error) co_return io_status::ok;
  co_return rang ? io_status::timed_out : io_status::failed;
}

bool tls_stream::had_its_turn(std::size_t moved) noexcept {
  moved_ += moved;
  return moved_ >= turn_bytes_max;
}

asio::awaitable<void> tls_stream::give_way() {
  moved_ = 0;
  co_await asio::post(socket_.get_executor(), asio::use_awaitable);
}

asio::awaitable<io_status> tls_stream::wait_for(int ssl_error, steady_time deadline) {
  if (!socket_.is_open()) co_return io_status::failed;
  if (ssl_error == SSL_ERROR_WANT_READ) co_return co_await wait_socket(asio::ip::tcp::socket::wait_read, deadline);
  if (ssl_error == SSL_ERROR_WANT_WRITE) co_return co_await wait_socket(asio::ip::tcp::socket::wait_write, deadline);
  if (ssl_error == SSL_ERROR_ZERO_RETURN) co_return io_status::end;
  broken_ = true;
  co_return io_status::failed;
}

asio::awaitable<io_status> tls_stream::handshake(steady_time deadline) {
  while (ssl_ != nullptr && socket_.is_open()) {
    ERR_clear_error();
    const int done = SSL_do_handshake(ssl_.get());
    if (done == 1) co_return io_status::ok;
    const auto status = co_await wait_for(SSL_get_error(ssl_.get(), done), deadline);
    if (status != io_status::ok) {
      broken_ = true;
      co_return status;
    }
  }
  co_return io_status::failed;
}

asio::awaitable<io_status> tls_stream::readable(steady_time deadline) {
  if (broken_ || !socket_.is_open()) co_return io_status::failed;
  if (SSL_has_pending(ssl_.get()) == 1) co_return io_status::ok;
  co_return co_await wait_socket(asio::ip::tcp::socket::wait_read, deadline);
}

asio::awaitable<io_result> tls_stream::read_some(std::span<char> into, steady_time deadline) {
  while (!broken_ && socket_.is_open()) {
    ERR_clear_error();
    std::size_t got = 0;
    const int done = SSL_read_ex(ssl_.get(), into.data(), into.size(), &got);
    if (done == 1) {
      if (had_its_turn(got)) co_await give_way();
      co_return io_result{io_status::ok, got};
    }
    const auto status = co_await wait_for(SSL_get_error(ssl_.get(), done), deadline);
    if (status != io_status::ok) co_return io_result{status, 0};
  }
  co_return io_result{io_status::failed, 0};
}

asio::awaitable<io_status> tls_stream::write(std::string_view bytes, std::chrono::milliseconds stall) {
  while (!bytes.empty()) {
    if (broken_ || !socket_.is_open()) co_return io_status::failed;
    ERR_clear_error();
    std::size_t taken = 0;
    const int done = SSL_write_ex(ssl_.get(), bytes.data(), bytes.size(), &taken);
    if (done == 1) {
      bytes.remove_prefix(taken);
      if (had_its_turn(taken)) co_await give_way();
      continue;
    }
    const auto status = co_await wait_for(SSL_get_error(ssl_.get(), done), std::chrono::steady_clock::now() + stall);
    unwritten_ = bytes.size();
    if (status != io_status::ok) co_return status;
  }
  co_return io_status::ok;
}

asio::awaitable<void> tls_stream::shutdown(steady_time deadline) {
  if (broken_ || !socket_.is_open()) co_return close();
  ERR_clear_error();
  SSL_shutdown(ssl_.get());
  // The peer has said that nothing more comes: there is nothing to drop.
  if ((SSL_get_shutdown(ssl_.get()) & SSL_RECEIVED_SHUTDOWN) != 0) co_return close();
  boost::system::error_code ignored;
  socket_.shutdown(asio::ip::tcp::socket::shutdown_send, ignored);
  // Dropped undecrypted: nothing of it is wanted. Closing with unread bytes would reset the connection and could take
  // our answer away from the client before it has read it.
  std::array<char, read_block> dropped;
  while (socket_.is_open()) {
    const auto got = ::recv(socket_.native_handle(), dropped.data(), dropped.size(), 0);
    if (got == 0 || (got < 0 && !must_retry(got))) break;
    const auto status = co_await wait_socket(asio::ip::tcp::socket::wait_read, deadline);
    if (status != io_status::ok) break;
  }
  close();
}

void tls_stream::set_send_buffer(std::size_t bytes) {
  boost::system::error_code ignored;
  socket_.set_option(asio::socket_base::send_buffer_size(static_cast<int>(bytes)), ignored);
}

void tls_stream::close() {
  boost::system::error_code ignored;
  socket_.close(ignored);
}

}  // namespace elsec::gateway
