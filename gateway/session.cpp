#include "gateway/session.hpp"

#include "gateway/fields.hpp"
#include "gateway/problem.hpp"

#include <boost/asio/ip/address_v6.hpp>
#include <fmt/format.h>
#include <spdlog/spdlog.h>

#include <typeinfo>

namespace elsec::gateway {
namespace {

using clock = std::chrono::steady_clock;
using domain::error_code;

// Every answer carries these: nothing of it is ever run, framed, cached or shared with other origins.
constexpr std::string_view common_headers =
    "Strict-Transport-Security: max-age=63072000; includeSubDomains\r\n"
    "Content-Security-Policy: default-src 'none'; frame-ancestors 'none'\r\n"
    "X-Content-Type-Options: nosniff\r\n"
    "Referrer-Policy: no-referrer\r\n"
    "Cross-Origin-Opener-Policy: same-origin\r\n"
    "Cache-Control: no-store\r\n";

// Of the head of an answer, so that it is put together without growing.
constexpr std::size_t head_bytes_usual = 704;

// The time of an answer (RFC 9110, 6.6.1), written once a second and thread.
std::string_view date_now() {
  thread_local std::chrono::sys_seconds second{};
  thread_local std::string text;
  const auto now = std::chrono::floor<std::chrono::seconds>(std::chrono::system_clock::now());
  if (now != second || text.empty()) {
    text = http_date(now);
    second = now;
  }
  return text;
}

// Counts a running request while it lives.
class in_flight {
 public:
  explicit in_flight(std::atomic<std::size_t>& counter) : counter_(&counter), number_(++counter) {}
  ~in_flight() { release(); }
  in_flight(const in_flight&) = delete;
  in_flight& operator=(const in_flight&) = delete;
  void release() {
    if (counter_ != nullptr) --*counter_;
    counter_ = nullptr;
  }
  [[nodiscard]] std::size_t number() const { return number_; }

 private:
  std::atomic<std::size_t>* counter_;
  std::size_t number_;
};

// Its text may quote input, so only its type is logged.
void log_defect(const std::exception& defect) {
  spdlog::error("a handler failed with an exception of type {}", typeid(defect).name());
}

bool has_no_body(unsigned status) { return status == 204 || status == 304; }

std::string chunk_of(std::string_view piece) { return fmt::format("{:x}\r\n{}\r\n", piece.size(), piece); }

std::string head_of(const response& what, bool keep_alive, bool can_chunk) {
  std::string head;
  head.reserve(head_bytes_usual + what.body.size());
  ((head += "HTTP/1.1 ") += fmt::format_int(what.status).c_str()) += ' ';
  ((head += phrase_of(what.status)) += "\r\n") += common_headers;
  ((head += "Date: ") += date_now()) += "\r\n";
  if (!what.content_type.empty()) ((head += "Content-Type: ") += what.content_type) += "\r\n";
  for (const auto& [name, value] : what.headers) (((head += name) += ": ") += value) += "\r\n";
  if (!has_no_body(what.status)) {
    if (!what.producer || what.body_bytes)
      head += fmt::format("Content-Length: {}\r\n", what.producer ? *what.body_bytes : what.body.size());
    else if (can_chunk)
      head += "Transfer-Encoding: chunked\r\n";
  }
  head += keep_alive ? "Connection: keep-alive\r\n\r\n" : "Connection: close\r\n\r\n";
  return head;
}

}  // namespace

std::string network_of(const asio::ip::address& address) {
  if (address.is_v4()) return address.to_string();
  const auto v6 = address.to_v6();
  if (v6.is_v4_mapped()) return asio::ip::make_address_v4(asio::ip::v4_mapped, v6).to_string();
  const auto bytes = v6.to_bytes();
  return {reinterpret_cast<const char*>(bytes.data()), 8};
}

bool listener_state::admit(const std::string& network) {
  const std::scoped_lock lock(mutex_);
  if (connections_total_ >= bounds.connections_max) return false;
  auto& count = connections_[network];
  if (count >= bounds.connections_per_address_max) return false;
  ++count;
  ++connections_total_;
  return true;
}

void listener_state::leave(const std::string& network) {
  const std::scoped_lock lock(mutex_);
  const auto entry = connections_.find(network);
  if (entry == connections_.end()) return;
  if (--entry->second == 0) connections_.erase(entry);
  --connections_total_;
}

session::session(asio::ip::tcp::socket socket, const std::shared_ptr<SSL_CTX>& context,
                 std::shared_ptr<listener_state> shared, std::string network)
    : shared_(std::move(shared)),
      connection_(std::move(socket), context, shared_->bounds),
      network_(std::move(network)) {}

session::~session() { shared_->leave(network_); }

void session::stop() {
  stopping_ = true;
  if (const auto wake = wake_on_stop_.lock()) wake->raise();
  if (idle_) abort();
}

asio::awaitable<void> session::run(std::weak_ptr<void> anchor) {
  anchor_ = std::move(anchor);
  executor_ = co_await asio::this_coro::executor;
  idle_ = true;
  const auto shaken = co_await connection_.stream().handshake(clock::now() + shared_->bounds.handshake);
  if (shaken != io_status::ok) {
    shared_->refused("handshake");
    co_return abort();
  }
  auto then = next::request;
  while (then == next::request && !stopping_) then = co_await serve_one();
  if (then == next::cut) co_return abort();
  co_await connection_.stream().shutdown(clock::now() + linger_max);
}

asio::awaitable<session::next> session::serve_one() {
  idle_ = connection_.buffered().empty();
  auto read = co_await connection_.read_head();
  idle_ = false;
  if (read.status != io_status::ok) {
    if (!connection_.buffered().empty()) shared_->refused("header_cut_off");
    co_return read.status == io_status::failed ? next::cut : next::close;
  }
  if (!read.head) {
    shared_->refused(domain::name_of(read.head.error().code));
    co_return co_await refuse(std::move(read.head.error()));
  }
  body_reader body(connection_, read.head->body);
  co_return co_await answer(*read.head, body);
}

// The request cannot be trusted to end where it seems to: one answer, and no further request on this connection.
asio::awaitable<session::next> session::refuse(domain::error why) {
  const auto what = problem_of(why);
  shared_->responded(what.status);
  const bool sent = co_await send(what, false, false, true);
  co_return sent ? next::close : next::cut;
}

asio::awaitable<response> session::respond(const request_head& head, body_reader& body) {
  exchange request{head, body, executor_, anchor_};
  try {
    co_return co_await shared_->serve(request);
  } catch (const std::exception& defect) {
    log_defect(defect);
  }
  co_return problem_of(domain::error{error_code::internal, {}, {}});
}

asio::awaitable<session::next> session::answer(const request_head& head, body_reader& body) {
  in_flight running(shared_->requests_in_flight);
  response what;
  if (running.number() > shared_->bounds.requests_in_flight_max) {
    shared_->refused("requests_in_flight");
    what = problem_of(domain::error{error_code::overloaded, "Too many requests are running.", {}});
  } else {
    what = co_await respond(head, body);
  }
  shared_->responded(what.status);
  const bool is_head = head.method == "HEAD";
  const bool http_1_1 = head.body.http_1_1;
  const bool framed = !what.producer || what.body_bytes || http_1_1 || is_head;
  const bool keep = head.body.keeps_alive && !stopping_ && body.is_drainable() && framed;
  if (what.endless) {
    running.release();
    // Half of it now: the rest is kept for the last words to a reader that does not keep up.
    connection_.stream().set_send_buffer(shared_->bounds.event_stream_bytes_max / 2);
  }
  const bool sent = co_await send(what, is_head, keep, http_1_1);
  if (!sent) co_return next::cut;
  if (!keep) co_return next::close;
  const bool usable = co_await body.drain();
  co_return usable ? next::request : next::close;
}

asio::awaitable<bool> session::send(const response& what, bool is_head, bool keep_alive, bool can_chunk) {
  auto bytes = head_of(what, keep_alive, can_chunk);
  const bool produces = what.producer && !is_head && !has_no_body(what.status);
  if (!produces && !is_head && !has_no_body(what.status)) bytes += what.body;
  const auto status = co_await connection_.stream().write(bytes, shared_->bounds.write_stall);
  if (status != io_status::ok) co_return false;
  if (!produces) co_return true;
  co_return co_await send_produced(what, !what.body_bytes && can_chunk);
}

asio::awaitable<bool> session::send_produced(const response& what, bool chunked) {
  chunks_body_ = chunked;
  bool complete = false;
  try {
    complete = co_await what.producer(*this);
  } catch (const std::exception& defect) {
    log_defect(defect);
  }
  wake_on_stop_.reset();
  if (!complete || !chunked) co_return complete;
  constexpr std::string_view last_chunk = "0\r\n\r\n";
  co_return co_await connection_.stream().write(last_chunk, shared_->bounds.write_stall) == io_status::ok;
}

asio::awaitable<bool> session::write(std::string_view piece) {
  if (piece.empty()) co_return true;
  std::string chunk;
  if (chunks_body_) chunk = chunk_of(piece);
  const auto bytes = chunks_body_ ? std::string_view(chunk) : piece;
  auto& stream = connection_.stream();
  const auto status = co_await stream.write(bytes, shared_->bounds.write_stall);
  if (status == io_status::timed_out) not_taken_ = bytes.substr(bytes.size() - stream.unwritten());
  co_return status == io_status::ok;
}

asio::awaitable<void> session::write_last(std::string_view piece) {
  if (not_taken_.empty()) co_return;
  auto& stream = connection_.stream();
  stream.set_send_buffer(shared_->bounds.event_stream_bytes_max);
  // What was begun comes first: TLS and the body's framing go on where they stopped.
  const auto bytes = std::exchange(not_taken_, {}) + (chunks_body_ ? chunk_of(piece) : std::string(piece));
  co_await stream.write(bytes, last_words_max);
}

}  // namespace elsec::gateway
