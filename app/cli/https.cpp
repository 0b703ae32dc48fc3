#include "app/cli/https.hpp"

#include "app/cli/text.hpp"

#include <boost/asio/connect.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/ssl.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/asio/write.hpp>
#include <boost/beast/core/flat_buffer.hpp>
#include <boost/beast/http/buffer_body.hpp>
#include <boost/beast/http/parser.hpp>
#include <boost/beast/http/read.hpp>
#include <fmt/format.h>
#include <openssl/ssl.h>
#include <openssl/x509v3.h>

#include <algorithm>
#include <array>

namespace elsec::cli {
namespace {

namespace asio = boost::asio;
namespace ssl = boost::asio::ssl;
namespace http = boost::beast::http;
using boost::system::error_code;
using tcp = asio::ip::tcp;
using std::chrono::milliseconds;
using std::chrono::steady_clock;

bool same_name(std::string_view a, std::string_view b) {
  const auto lower = [](char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c + ('a' - 'A')) : c; };
  return std::ranges::equal(a, b, [&](char x, char y) { return lower(x) == lower(y); });
}

std::unexpected<failure> lost(const node_url& node, std::string_view doing, const error_code& why) {
  failure what;
  what.code = exit_code::unreachable;
  what.title = fmt::format("{} cannot be reached: {} failed.", node.str(), doing);
  what.detail = why.message();
  what.connection_lost = true;
  return std::unexpected(std::move(what));
}

bool is_header_text(std::string_view text) {
  return std::ranges::none_of(text, [](char c) { return static_cast<unsigned char>(c) < 0x20 || c == 0x7F; });
}

// The request's header. Only what the program itself made can be in it, but a token or a target with a line feed would
// start a header of its own, so this is checked where it counts.
outcome<std::string> head_text(const connection& with, const request& what) {
  const auto target_ok = !what.target.empty() && what.target.front() == '/' &&
                         std::ranges::all_of(what.target, [](char c) { return c > 0x20 && c < 0x7F; });
  auto text = fmt::format("{} {} HTTP/1.1\r\nHost: {}\r\nUser-Agent: elsec/" ELSEC_VERSION "\r\nConnection: close\r\n",
                          what.method, what.target, with.node.authority());
  auto headers = what.headers;
  if (!with.token.empty()) headers.emplace_back("Authorization", "Bearer " + with.token);
  const bool writes = what.method != "GET" && what.method != "HEAD";
  if (what.open_stream)
    headers.emplace_back("Content-Length", std::to_string(what.stream_size_bytes));
  else if (writes || !what.body.empty())
    headers.emplace_back("Content-Length", std::to_string(what.body.size()));
  const bool headers_ok = std::ranges::all_of(headers, [](const auto& h) { return is_header_text(h.second); });
  if (!target_ok || !headers_ok)
    return fail(exit_code::usage, "A value holds characters that cannot be sent.", "Check token and arguments.");
  for (const auto& [name, value] : headers) text += fmt::format("{}: {}\r\n", name, value);
  return text + "\r\n";
}

// Sends one request and reads its answer. Reading starts before sending is done, so that a refusal in the middle of an
// upload is seen at once. Every wait ends: a watchdog closes the socket, which completes what is pending.
class call {
 public:
  call(const connection& with, const request& what) : with_(with), what_(what) {}

  outcome<response> run() {
    auto head = head_text(with_, what_);
    if (!head) return std::unexpected(std::move(head.error()));
    head_text_ = std::move(*head);
    if (auto ok = prepare_tls(); !ok) return std::unexpected(std::move(ok.error()));
    if (auto ok = connect(); !ok) return std::unexpected(std::move(ok.error()));
    if (auto ok = handshake(); !ok) return std::unexpected(std::move(ok.error()));
    start_reading_head();
    if (auto ok = send(); !ok) return std::unexpected(std::move(ok.error()));
    if (auto ok = receive_head(); !ok) return std::unexpected(std::move(ok.error()));
    if (auto ok = receive_body(); !ok) return std::unexpected(std::move(ok.error()));
    return std::move(answer_);
  }

 private:
  using parser = http::response_parser<http::buffer_body>;

  outcome<void> prepare_tls();
  outcome<void> connect();
  outcome<void> handshake();
  outcome<void> send();
  outcome<void> send_stream();
  void send_block(asio::const_buffer data);
  void start_reading_head();
  outcome<void> receive_head();
  outcome<void> receive_body();
  outcome<bool> deliver(std::string_view bytes, const body_sink& sink, std::uint64_t bound);
  void take_head();

  void arm(milliseconds limit);
  template <class Start>
  error_code await(Start&& start, milliseconds limit);
  [[nodiscard]] bool sending_over() const { return head_done_.has_value() || (write_done_ && *write_done_); }
  [[nodiscard]] std::unexpected<failure> broken(std::string_view doing, const error_code& why) const;

  const connection& with_;
  const request& what_;
  std::string head_text_;
  asio::io_context io_;
  ssl::context tls_{ssl::context::tlsv13_client};
  ssl::stream<tcp::socket> stream_{io_, tls_};
  asio::steady_timer watchdog_{io_};
  boost::beast::flat_buffer buffer_{read_buffer_max_bytes};
  std::optional<parser> parser_;
  std::array<char, block_size_bytes> block_out_{};
  std::array<char, block_size_bytes> block_in_{};
  std::optional<error_code> write_done_;
  std::optional<error_code> head_done_;
  bool timed_out_ = false;
  std::uint64_t received_ = 0;
  response answer_;
};

void call::arm(milliseconds limit) {
  if (what_.until) {
    const auto left = std::chrono::ceil<milliseconds>(*what_.until - steady_clock::now());
    limit = std::clamp(left, milliseconds(0), limit);
  }
  watchdog_.expires_after(limit);
  watchdog_.async_wait([this](const error_code& cancelled) {
    if (cancelled || watchdog_.expiry() > steady_clock::now()) return;
    timed_out_ = true;
    error_code ignored;
    stream_.next_layer().close(ignored);
  });
}

template <class Start>
error_code call::await(Start&& start, milliseconds limit) {
  std::optional<error_code> done;
  io_.restart();
  arm(limit);
  start([&done](const error_code& ec, auto&&...) { done = ec; });
  while (!done) io_.run_one();
  return *done;
}

std::unexpected<failure> call::broken(std::string_view doing, const error_code& why) const {
  if (what_.until && steady_clock::now() >= *what_.until)
    return fail(exit_code::wait_timed_out, "The time to wait is over.");
  if (timed_out_) return lost(with_.node, doing, asio::error::timed_out);
  const bool http_error = why.category() == http::make_error_code(http::error::bad_version).category();
  if (http_error && why != http::error::end_of_stream && why != http::error::partial_message)
    return fail(exit_code::node_failed, "The node's answer is not proper HTTP.", why.message());
  return lost(with_.node, doing, why);
}

outcome<void> call::prepare_tls() {
  error_code ec;
  if (with_.ca_file.empty())
    tls_.set_default_verify_paths(ec);
  else
    tls_.load_verify_file(with_.ca_file, ec);
  if (ec)
    return fail(exit_code::local_file, "The file with the certificate authorities cannot be used.",
                with_.ca_file + ": " + ec.message());
  auto* ssl = stream_.native_handle();
  // The stream was made before the authorities were loaded; both share the context's certificate store.
  stream_.set_verify_mode(ssl::verify_peer | ssl::verify_fail_if_no_peer_cert, ec);
  auto* rules = SSL_get0_param(ssl);
  X509_VERIFY_PARAM_set_hostflags(rules, X509_CHECK_FLAG_NO_PARTIAL_WILDCARDS | X509_CHECK_FLAG_NEVER_CHECK_SUBJECT);
  error_code no_address;
  asio::ip::make_address(with_.node.host, no_address);
  const bool by_name = static_cast<bool>(no_address);
  const bool bound = by_name ? X509_VERIFY_PARAM_set1_host(rules, with_.node.host.c_str(), 0) == 1 &&
                                   SSL_set_tlsext_host_name(ssl, with_.node.host.c_str()) == 1
                             : X509_VERIFY_PARAM_set1_ip_asc(rules, with_.node.host.c_str()) == 1;
  const bool narrowed =
      SSL_set_min_proto_version(ssl, TLS1_3_VERSION) == 1 && SSL_set1_groups_list(ssl, "X25519:P-256:P-384") == 1;
  if (ec || !bound || !narrowed) return fail(exit_code::unreachable, "TLS cannot be set up.");
  return {};
}

outcome<void> call::connect() {
  error_code ec;
  tcp::resolver resolver(io_);
  const auto found = resolver.resolve(with_.node.host, with_.node.port, ec);
  if (ec) return lost(with_.node, "looking up the name", ec);
  ec = await([&](auto done) { asio::async_connect(stream_.next_layer(), found, std::move(done)); }, connect_timeout);
  if (ec) return broken("connecting", ec);
  stream_.next_layer().set_option(tcp::no_delay(true), ec);
  return {};
}

outcome<void> call::handshake() {
  const auto ec =
      await([&](auto done) { stream_.async_handshake(ssl::stream_base::client, std::move(done)); }, handshake_timeout);
  if (!ec) return {};
  const bool tls_refused = !timed_out_ && ec.category() == asio::error::get_ssl_category();
  if (!tls_refused) return broken("the TLS handshake", ec);
  const auto verdict = SSL_get_verify_result(stream_.native_handle());
  const auto why = verdict == X509_V_OK ? ec.message() : std::string(X509_verify_cert_error_string(verdict));
  return fail(exit_code::unreachable, "There is no secure connection to " + with_.node.str() + ".",
              why + (verdict == X509_V_OK ? "" : "\nA node of your own organisation may need --ca FILE."));
}

void call::start_reading_head() {
  io_.restart();
  parser_.emplace();
  parser_->header_limit(head_size_max_bytes);
  parser_->body_limit(boost::none);  // counted in deliver(), with a bound of its own for each kind of body
  head_done_.reset();
  http::async_read_header(stream_, buffer_, *parser_, [this](const error_code& ec, std::size_t) { head_done_ = ec; });
}

void call::send_block(asio::const_buffer data) {
  write_done_.reset();
  arm(silence_max);
  asio::async_write(stream_, data, [this](const error_code& ec, std::size_t) { write_done_ = ec; });
  while (!write_done_ && !head_done_) io_.run_one();
}

outcome<void> call::send() {
  send_block(asio::buffer(head_text_));
  if (what_.open_stream) return send_stream();
  if (!sending_over() && !what_.body.empty()) send_block(asio::buffer(what_.body));
  return {};
}

outcome<void> call::send_stream() {
  auto read = what_.open_stream();
  if (!read) return std::unexpected(std::move(read.error()));
  for (auto left = what_.stream_size_bytes; left > 0 && !sending_over();) {
    const auto wanted = std::min<std::uint64_t>(left, block_out_.size());
    const auto count = (*read)(std::span(block_out_).first(static_cast<std::size_t>(wanted)));
    if (!count) return std::unexpected(count.error());
    if (*count == 0) return fail(exit_code::local_file, "The file became shorter while it was sent.");
    send_block(asio::buffer(block_out_.data(), *count));
    left -= *count;
  }
  return {};
}

outcome<void> call::receive_head() {
  const bool sending_broke = write_done_ && *write_done_;
  for (int interim = 0; interim <= interim_answers_max; ++interim) {
    arm(sending_broke ? early_answer_timeout : answer_timeout);
    while (!head_done_) io_.run_one();
    if (*head_done_) return broken(sending_broke ? "sending" : "receiving", sending_broke ? *write_done_ : *head_done_);
    if (parser_->get().result_int() >= 200) {
      take_head();
      return {};
    }
    start_reading_head();
  }
  return fail(exit_code::node_failed, "The node sends interim answers without end.");
}

void call::take_head() {
  const auto& message = parser_->get();
  answer_.status = message.result_int();
  for (const auto& field : message)
    answer_.headers.emplace_back(std::string(field.name_string()), std::string(field.value()));
  if (const auto length = parser_->content_length()) answer_.content_length = *length;
}

outcome<bool> call::deliver(std::string_view bytes, const body_sink& sink, std::uint64_t bound) {
  received_ += bytes.size();
  if (received_ > bound) return fail(exit_code::node_failed, "The node's answer is longer than it may be.");
  if (bytes.empty()) return true;
  if (sink) return sink(bytes);
  answer_.body += bytes;
  return true;
}

outcome<void> call::receive_body() {
  const bool good = answer_.status >= 200 && answer_.status < 300;
  const auto bound = good ? what_.body_size_max_bytes : problem_size_max_bytes;
  if (answer_.content_length && *answer_.content_length > bound)
    return fail(exit_code::node_failed, "The node's answer is longer than it may be.");
  body_sink sink;
  if (what_.on_success && (answer_.status == 200 || answer_.status == 206)) {
    auto opened = what_.on_success(answer_);
    if (!opened) return std::unexpected(std::move(opened.error()));
    sink = std::move(*opened);
    if (!sink) return {};
  }
  while (!parser_->is_done()) {
    auto& body = parser_->get().body();
    body.data = block_in_.data();
    body.size = block_in_.size();
    const auto ec =
        await([&](auto done) { http::async_read_some(stream_, buffer_, *parser_, std::move(done)); }, silence_max);
    const auto more = deliver({block_in_.data(), block_in_.size() - body.size}, sink, bound);
    if (!more) return std::unexpected(more.error());
    if (!*more) return {};
    if (ec && ec != http::error::need_buffer) return broken("receiving", ec);
  }
  return {};
}

}  // namespace

std::string_view response_head::header(std::string_view name) const {
  const auto found = std::ranges::find_if(headers, [&](const auto& h) { return same_name(h.first, name); });
  return found == headers.end() ? std::string_view() : std::string_view(found->second);
}

outcome<response> exchange(const connection& with, const request& what) {
  try {
    return call(with, what).run();
  } catch (const std::exception& broken) {
    return fail(exit_code::unreachable, "The connection cannot be used.", broken.what());
  }
}

}  // namespace elsec::cli
