#include "tests/app/cli_test_proxy.hpp"

#include <arpa/inet.h>
#include <array>
#include <poll.h>
#include <sys/socket.h>
#include <thread>
#include <unistd.h>

namespace elsec::cli::test {
namespace {

// One end of a tunnel: a socket that closes itself, perhaps with TLS on it.
class tunnel_end {
 public:
  explicit tunnel_end(int socket, ssl_handle ssl = {}) : socket_(socket), ssl_(std::move(ssl)) {}
  ~tunnel_end() {
    inner_.reset();
    ssl_.reset();
    ::close(socket_);
  }
  tunnel_end(const tunnel_end&) = delete;
  tunnel_end& operator=(const tunnel_end&) = delete;

  [[nodiscard]] std::string read_some(std::size_t most = 16 * 1024) {
    std::string bytes(most, '\0');
    const auto size = static_cast<int>(most);
    const auto got = ssl_ ? SSL_read(ssl_.get(), bytes.data(), size) : ::recv(socket_, bytes.data(), most, 0);
    bytes.resize(got > 0 ? static_cast<std::size_t>(got) : 0);
    return bytes;
  }
  bool write(std::string_view bytes) {
    while (!bytes.empty()) {
      const auto size = static_cast<int>(bytes.size());
      const auto put =
          ssl_ ? SSL_write(ssl_.get(), bytes.data(), size) : ::send(socket_, bytes.data(), bytes.size(), MSG_NOSIGNAL);
      if (put <= 0) return false;
      bytes.remove_prefix(static_cast<std::size_t>(put));
    }
    return true;
  }
  // TLS within what there is already.
  [[nodiscard]] bool secure(SSL_CTX* context) {
    inner_.reset(SSL_new(context));
    if (ssl_) {
      BIO* outer = BIO_new(BIO_f_ssl());
      BIO_set_ssl(outer, ssl_.get(), BIO_NOCLOSE);
      SSL_set_bio(inner_.get(), outer, outer);
    } else {
      SSL_set_fd(inner_.get(), socket_);
    }
    return SSL_accept(inner_.get()) == 1;
  }
  [[nodiscard]] std::string read_secured() {
    std::string bytes(16 * 1024, '\0');
    const auto got = SSL_read(inner_.get(), bytes.data(), static_cast<int>(bytes.size()));
    bytes.resize(got > 0 ? static_cast<std::size_t>(got) : 0);
    return bytes;
  }
  [[nodiscard]] bool has_more() const { return ssl_ && SSL_pending(ssl_.get()) > 0; }
  [[nodiscard]] int socket() const { return socket_; }

 private:
  int socket_;
  ssl_handle ssl_;
  ssl_handle inner_;
};

std::string read_head(tunnel_end& client) {
  std::string head;
  while (!head.ends_with("\r\n\r\n")) {
    const auto next = client.read_some(1);
    if (next.empty()) return {};
    head += next;
  }
  return head;
}

// "CONNECT name:port HTTP/1.1": that port of this computer.
int connect_as_asked(const std::string& head) {
  const auto line = head.substr(0, head.find(" HTTP/"));
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  address.sin_port = htons(static_cast<std::uint16_t>(std::stoi(line.substr(line.rfind(':') + 1))));
  const int socket = ::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
  require(::connect(socket, reinterpret_cast<const sockaddr*>(&address), sizeof address) == 0, "the node is not there");
  return socket;
}

// Until one of them ends.
void pass_on(tunnel_end& client, tunnel_end& node, std::string& seen) {
  while (true) {
    std::array<pollfd, 2> ends{{{client.socket(), POLLIN, 0}, {node.socket(), POLLIN, 0}}};
    if (!client.has_more() && ::poll(ends.data(), ends.size(), 10'000) <= 0) return;
    if (client.has_more() || ends[0].revents != 0) {
      const auto bytes = client.read_some();
      seen += bytes;
      if (bytes.empty() || !node.write(bytes)) return;
    }
    if (ends[1].revents != 0) {
      const auto bytes = node.read_some();
      if (bytes.empty() || !client.write(bytes)) return;
    }
  }
}

}  // namespace

struct connect_proxy::state {
  rule answer;
  context_handle context;
  context_handle inner_context;
  int listener = -1;
  record seen;
  std::thread worker;

  void serve(int socket) {
    ssl_handle ssl(context ? SSL_new(context.get()) : nullptr);
    if (ssl) SSL_set_fd(ssl.get(), socket);
    const bool secured = !ssl || SSL_accept(ssl.get()) == 1;
    tunnel_end client(socket, std::move(ssl));
    if (!secured) return;
    for (auto head = read_head(client); !head.empty(); head = read_head(client)) {
      seen.heads.push_back(head);
      const auto said = answer(head);
      if (!client.write(said) || said.empty() || said.starts_with("HTTP/1.0")) return;
      if (!said.contains("HTTP/1.1 200")) continue;
      if (inner_context) {
        if (client.secure(inner_context.get())) seen.passed_on = client.read_secured();
        return;
      }
      tunnel_end node(connect_as_asked(head));
      return pass_on(client, node, seen.passed_on);
    }
  }
};

std::string connect_proxy::let_through(const std::string&) { return "HTTP/1.1 200 Connection established\r\n\r\n"; }

connect_proxy::connect_proxy(rule answer, proxy_manner how) : state_(std::make_unique<state>()) {
  state_->answer = std::move(answer);
  if (how.files) state_->context = make_context(*how.files, how.kind);
  if (how.opens_tunnels_with) state_->inner_context = make_context(*how.opens_tunnels_with);
  state_->listener = listen_on_loopback();
  state_->worker = std::thread([here = state_.get()] {
    while (true) {
      const int socket = accept_patiently(here->listener);
      if (socket < 0) return;
      here->serve(socket);
    }
  });
}

connect_proxy::~connect_proxy() {
  static_cast<void>(finish());
  ::close(state_->listener);
}

std::string connect_proxy::port() const { return port_of(state_->listener); }

connect_proxy::record connect_proxy::finish() {
  ::shutdown(state_->listener, SHUT_RDWR);
  if (state_->worker.joinable()) state_->worker.join();
  return state_->seen;
}

}  // namespace elsec::cli::test
