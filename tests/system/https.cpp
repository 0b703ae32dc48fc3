#include "tests/system/https.hpp"

#include <boost/json/parse.hpp>
#include <boost/json/serialize.hpp>
#include <boost/test/unit_test.hpp>
#include <fmt/format.h>
#include <openssl/ssl.h>

#include <algorithm>
#include <arpa/inet.h>
#include <cctype>
#include <charconv>
#include <cstdint>
#include <netinet/tcp.h>
#include <sys/socket.h>
#include <unistd.h>

namespace elsec::system_test {
namespace {

constexpr timeval socket_patience{30, 0};
constexpr std::size_t read_block = 65'536;

bool same_name(std::string_view a, std::string_view b) {
  return std::ranges::equal(a, b, [](unsigned char x, unsigned char y) { return std::tolower(x) == std::tolower(y); });
}

int connect_to(const endpoint& where) {
  const int socket = ::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
  BOOST_REQUIRE(socket >= 0);
  ::setsockopt(socket, SOL_SOCKET, SO_RCVTIMEO, &socket_patience, sizeof socket_patience);
  ::setsockopt(socket, SOL_SOCKET, SO_SNDTIMEO, &socket_patience, sizeof socket_patience);
  constexpr int on = 1;
  ::setsockopt(socket, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
  sockaddr_in to{};
  to.sin_family = AF_INET;
  to.sin_port = htons(where.port);
  BOOST_REQUIRE(::inet_pton(AF_INET, where.address.c_str(), &to.sin_addr) == 1);
  const bool connected = ::connect(socket, reinterpret_cast<const sockaddr*>(&to), sizeof to) == 0;
  if (!connected) ::close(socket);
  BOOST_REQUIRE_MESSAGE(connected, fmt::format("nothing listens on {}:{}", where.address, where.port));
  return socket;
}

header_list headers_of(std::string_view head) {
  header_list found;
  auto rest = head.substr(std::min(head.find("\r\n") + 2, head.size()));
  while (!rest.empty()) {
    const auto line = rest.substr(0, rest.find("\r\n"));
    rest.remove_prefix(std::min(line.size() + 2, rest.size()));
    const auto colon = line.find(": ");
    if (colon != std::string_view::npos) found.emplace_back(line.substr(0, colon), line.substr(colon + 2));
  }
  return found;
}

}  // namespace

std::optional<std::string> answer::header(std::string_view name) const {
  for (const auto& [key, value] : headers)
    if (same_name(key, name)) return value;
  return std::nullopt;
}

boost::json::value answer::json() const {
  boost::json::error_code failed;
  auto value = boost::json::parse(body, failed);
  BOOST_REQUIRE_MESSAGE(!failed, fmt::format("not JSON ({}): {}", status, body.substr(0, 300)));
  return value;
}

std::string answer::at(std::string_view pointer) const {
  const auto document = json();
  boost::json::error_code missing;
  const auto* value = document.find_pointer({pointer.data(), pointer.size()}, missing);
  if (value == nullptr) return {};
  return value->is_string() ? std::string(value->as_string()) : std::string(boost::json::serialize(*value));
}

std::string answer::problem() const {
  if (header("Content-Type").value_or("") != "application/problem+json") return fmt::format("no problem: {}", body);
  auto text = at("/code");
  const auto document = json();
  if (const auto* errors = document.as_object().if_contains("errors"))
    for (const auto& each : errors->as_array()) text += " " + std::string(each.at("pointer").as_string());
  return text;
}

connection::connection(const endpoint& where, tls version)
    : socket_(connect_to(where)), context_(SSL_CTX_new(TLS_client_method()), &SSL_CTX_free), ssl_(nullptr, &SSL_free) {
  if (version == tls::only_1_2) SSL_CTX_set_max_proto_version(context_.get(), TLS1_2_VERSION);
  SSL_CTX_set_verify(context_.get(), SSL_VERIFY_PEER, nullptr);
  BOOST_REQUIRE(SSL_CTX_load_verify_file(context_.get(), where.ca_file.c_str()) == 1);
  ssl_.reset(SSL_new(context_.get()));
  SSL_set_fd(ssl_.get(), socket_);
  open_ = SSL_connect(ssl_.get()) == 1;
}

connection::~connection() { cut(); }

void connection::cut() {
  if (socket_ >= 0) ::close(socket_);
  socket_ = -1;
}

bool connection::send(std::string_view bytes) {
  std::size_t sent = 0;
  return bytes.empty() || SSL_write_ex(ssl_.get(), bytes.data(), bytes.size(), &sent) == 1;
}

bool connection::more() {
  const auto before = buffer_.size();
  buffer_.resize(before + read_block);
  std::size_t got = 0;
  const bool ok = SSL_read_ex(ssl_.get(), buffer_.data() + before, read_block, &got) == 1;
  buffer_.resize(before + (ok ? got : 0));
  return ok;
}

bool connection::ends_without_another_byte() {
  if (!buffer_.empty() || more()) return false;
  return SSL_get_error(ssl_.get(), 0) != SSL_ERROR_WANT_READ;  // silence is no end
}

std::string connection::read_until(std::string_view text) {
  auto at = buffer_.find(text);
  while (at == std::string::npos && more()) at = buffer_.find(text);
  const auto end = at == std::string::npos ? buffer_.size() : at + text.size();
  auto taken = buffer_.substr(0, end);
  buffer_.erase(0, end);
  return taken;
}

std::string connection::read_chunks() {
  std::string body;
  while (true) {
    const auto line = read_until("\r\n");
    std::size_t size = 0;
    std::from_chars(line.data(), line.data() + line.size(), size, 16);
    while (buffer_.size() < size + 2 && more()) {
    }
    body += buffer_.substr(0, std::min(size, buffer_.size()));
    buffer_.erase(0, std::min(size + 2, buffer_.size()));
    if (size == 0) return body;
  }
}

std::string connection::read_body(const answer& head) {
  if (head.header("Transfer-Encoding")) return read_chunks();
  const auto length = static_cast<std::size_t>(std::stoull(head.header("Content-Length").value_or("0")));
  while (buffer_.size() < length && more()) {
  }
  auto body = buffer_.substr(0, length);
  buffer_.erase(0, body.size());
  return body;
}

answer connection::receive(std::string_view method) {
  answer result;
  const auto head = read_until("\r\n\r\n");
  if (!head.starts_with("HTTP/1.1 ") || !head.ends_with("\r\n\r\n")) return result;
  constexpr std::size_t status_at = 9;
  std::from_chars(head.data() + status_at, head.data() + status_at + 3, result.status);
  result.headers = headers_of(head);
  const bool no_body = method == "HEAD" || result.status < 200 || result.status == 204 || result.status == 304;
  if (!no_body) result.body = read_body(result);
  return result;
}

std::string bytes_of(const request& what) {
  auto text = fmt::format("{} {} HTTP/1.1\r\nHost: localhost\r\n", what.method, what.target);
  bool has_length = what.body.empty() && (what.method == "GET" || what.method == "HEAD");
  for (const auto& [name, value] : what.headers) {
    text += fmt::format("{}: {}\r\n", name, value);
    has_length = has_length || same_name(name, "Content-Length") || same_name(name, "Transfer-Encoding");
  }
  if (!has_length) text += fmt::format("Content-Length: {}\r\n", what.body.size());
  return text + "\r\n" + what.body;
}

answer exchange(const endpoint& where, const request& what) {
  connection to(where);
  BOOST_REQUIRE_MESSAGE(to.is_open(), "the TLS handshake failed");
  to.send(bytes_of(what));  // a server that refuses early still answers
  return to.receive(what.method);
}

std::string plain_exchange(const endpoint& where, std::string_view bytes) {
  const int socket = connect_to(where);
  BOOST_CHECK(::send(socket, bytes.data(), bytes.size(), MSG_NOSIGNAL) == static_cast<ssize_t>(bytes.size()));
  std::string heard(read_block, '\0');
  const auto got = ::recv(socket, heard.data(), heard.size(), 0);
  ::close(socket);
  heard.resize(got > 0 ? static_cast<std::size_t>(got) : 0);
  return heard;
}

}  // namespace elsec::system_test
