#include "bench/tls_client.hpp"

#include <fmt/format.h>

#include <arpa/inet.h>
#include <charconv>
#include <netinet/tcp.h>
#include <stdexcept>
#include <sys/socket.h>
#include <unistd.h>
#include <utility>

namespace elsec::bench {
namespace {

constexpr std::size_t read_block = 16U << 10;

int connect_to(std::uint16_t port) {
  const int made = ::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
  sockaddr_in where{};
  where.sin_family = AF_INET;
  where.sin_port = htons(port);
  where.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  if (made < 0 || ::connect(made, reinterpret_cast<const sockaddr*>(&where), sizeof where) != 0) {
    ::close(made);
    throw std::runtime_error(fmt::format("cannot connect to port {}", port));
  }
  const int on = 1;
  ::setsockopt(made, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
  return made;
}

bool is_field(std::string_view line, std::string_view name) {
  if (line.size() < name.size()) return false;
  for (std::size_t i = 0; i < name.size(); ++i)
    if ((line[i] | 0x20) != name[i]) return false;
  return true;
}

}  // namespace

SSL_CTX* client_context() {
  static SSL_CTX* const context = [] {
    auto* made = SSL_CTX_new(TLS_client_method());
    SSL_CTX_set_min_proto_version(made, TLS1_3_VERSION);
    SSL_CTX_set_ciphersuites(made, "TLS_AES_256_GCM_SHA384");
    SSL_CTX_set1_groups_list(made, "X25519");
    SSL_CTX_set_verify(made, SSL_VERIFY_NONE, nullptr);
    SSL_CTX_set_session_cache_mode(made, SSL_SESS_CACHE_OFF);
    return made;
  }();
  return context;
}

tls_client::tls_client(std::uint16_t port) : socket_(connect_to(port)), ssl_(SSL_new(client_context()), &SSL_free) {
  SSL_set_fd(ssl_.get(), socket_);
  if (SSL_connect(ssl_.get()) != 1) {
    ::close(socket_);
    throw std::runtime_error(fmt::format("port {}: the handshake failed", port));
  }
}

tls_client::~tls_client() {
  SSL_shutdown(ssl_.get());
  ::close(socket_);
}

void tls_client::send(std::string_view bytes) {
  if (SSL_write(ssl_.get(), bytes.data(), static_cast<int>(bytes.size())) <= 0)
    throw std::runtime_error("the connection broke off while sending");
}

void tls_client::fill() {
  buffer_.erase(0, std::exchange(used_, 0));
  const auto before = buffer_.size();
  buffer_.resize(before + read_block);
  const int got = SSL_read(ssl_.get(), buffer_.data() + before, static_cast<int>(read_block));
  if (got <= 0) throw std::runtime_error("the connection broke off while reading");
  buffer_.resize(before + static_cast<std::size_t>(got));
}

std::string tls_client::read_line() {
  auto end = buffer_.find('\n', used_);
  while (end == std::string::npos) {
    fill();
    end = buffer_.find('\n', used_);
  }
  auto line = buffer_.substr(used_, end - used_);
  used_ = end + 1;
  if (line.ends_with('\r')) line.pop_back();
  return line;
}

answer tls_client::ask(std::string_view request) {
  send(request);
  const auto first = read_line();
  answer result;
  if (first.size() > 12) std::from_chars(first.data() + 9, first.data() + 12, result.status);
  std::size_t length = 0;
  for (auto line = read_line(); !line.empty(); line = read_line())
    if (constexpr std::string_view name = "content-length: "; is_field(line, name))
      std::from_chars(line.data() + name.size(), line.data() + line.size(), length);
  while (buffer_.size() - used_ < length) fill();
  result.body = buffer_.substr(used_, length);
  used_ += length;
  return result;
}

std::string request_text(std::string_view method, std::string_view path, std::string_view token,
                         std::string_view fields, std::string_view body) {
  auto text = fmt::format("{} {} HTTP/1.1\r\nHost: localhost\r\n", method, path);
  if (!token.empty()) text += fmt::format("Authorization: Bearer {}\r\n", token);
  text += fields;
  if (method != "GET") text += fmt::format("Content-Length: {}\r\n", body.size());
  return fmt::format("{}\r\n{}", text, body);
}

std::string member(std::string_view json, std::string_view name) {
  const auto key = fmt::format("\"{}\":\"", name);
  const auto at = json.find(key);
  if (at == std::string_view::npos) throw std::runtime_error(fmt::format("no {} in {}", name, json.substr(0, 200)));
  const auto begin = at + key.size();
  return std::string(json.substr(begin, json.find('"', begin) - begin));
}

}  // namespace elsec::bench
