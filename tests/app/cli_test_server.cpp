#include "tests/app/cli_test_server.hpp"

#include <sys/socket.h>
#include <thread>
#include <unistd.h>

namespace elsec::cli::test {
namespace {

class ssl_peer : public peer {
 public:
  explicit ssl_peer(SSL* ssl) : ssl_(ssl) {}

  std::string read_head() override {
    std::string head;
    char next = 0;
    while (!head.ends_with("\r\n\r\n") && SSL_read(ssl_, &next, 1) == 1) head += next;
    return head;
  }

  std::string read(std::size_t count) override {
    std::string bytes(count, '\0');
    std::size_t done = 0;
    for (std::size_t got = 0; done < count && SSL_read_ex(ssl_, bytes.data() + done, count - done, &got) == 1;)
      done += got;
    bytes.resize(done);
    return bytes;
  }

  bool write(std::string_view bytes) override {
    return SSL_write(ssl_, bytes.data(), static_cast<int>(bytes.size())) > 0;
  }

  void say_farewell() override { SSL_shutdown(ssl_); }

 private:
  SSL* ssl_;
};

void serve_one(SSL_CTX* context, int socket, const tls_server::script& script) {
  const ssl_handle ssl(SSL_new(context));
  SSL_set_fd(ssl.get(), socket);
  if (SSL_accept(ssl.get()) == 1) {
    ssl_peer client(ssl.get());
    script(client);
  }
  ::close(socket);
}

}  // namespace

struct tls_server::state {
  context_handle context;
  int listener = -1;
  std::thread worker;
};

tls_server::tls_server(const certificate_files& files, std::vector<script> scripts, tls_kind kind)
    : state_(std::make_unique<state>()) {
  state_->context = make_context(files, kind);
  state_->listener = listen_on_loopback();
  state_->worker =
      std::thread([context = state_->context.get(), listener = state_->listener, all = std::move(scripts)] {
        for (const auto& one : all) {
          const int socket = accept_patiently(listener);
          if (socket < 0) return;
          serve_one(context, socket, one);
        }
      });
}

tls_server::~tls_server() {
  ::shutdown(state_->listener, SHUT_RDWR);
  state_->worker.join();
  ::close(state_->listener);
}

std::string tls_server::port() const { return port_of(state_->listener); }

}  // namespace elsec::cli::test
