#include "tests/app/cli_test_server.hpp"

#include <openssl/evp.h>
#include <openssl/pem.h>
#include <openssl/ssl.h>
#include <openssl/x509v3.h>

#include <arpa/inet.h>
#include <cstdio>
#include <stdexcept>
#include <sys/socket.h>
#include <sys/time.h>
#include <thread>

namespace elsec::cli::test {
namespace {

template <auto Free>
struct freeing {
  template <class T>
  void operator()(T* object) const {
    Free(object);
  }
};
using key_handle = std::unique_ptr<EVP_PKEY, freeing<EVP_PKEY_free>>;
using certificate_handle = std::unique_ptr<X509, freeing<X509_free>>;
using context_handle = std::unique_ptr<SSL_CTX, freeing<SSL_CTX_free>>;
using ssl_handle = std::unique_ptr<SSL, freeing<SSL_free>>;

void require(bool holds, const char* what) {
  if (!holds) throw std::runtime_error(what);
}

void add_extension(X509* certificate, X509* issuer, int kind, const std::string& value) {
  X509V3_CTX context;
  X509V3_set_ctx_nodb(&context);
  X509V3_set_ctx(&context, issuer, certificate, nullptr, nullptr, 0);
  auto* extension = X509V3_EXT_conf_nid(nullptr, &context, kind, value.c_str());
  require(extension && X509_add_ext(certificate, extension, -1) == 1, "extension");
  X509_EXTENSION_free(extension);
}

certificate_handle make_certificate(const char* common_name, EVP_PKEY* key, X509* issuer, EVP_PKEY* issuer_key,
                                    const std::string& alternative_name) {
  certificate_handle made(X509_new());
  X509_set_version(made.get(), X509_VERSION_3);
  ASN1_INTEGER_set(X509_get_serialNumber(made.get()), issuer ? 2 : 1);
  constexpr long hour_s = 3600;
  X509_gmtime_adj(X509_getm_notBefore(made.get()), -hour_s);
  X509_gmtime_adj(X509_getm_notAfter(made.get()), hour_s);
  X509_set_pubkey(made.get(), key);
  X509_NAME_add_entry_by_txt(X509_get_subject_name(made.get()), "CN", MBSTRING_ASC,
                             reinterpret_cast<const unsigned char*>(common_name), -1, -1, 0);
  X509_set_issuer_name(made.get(), X509_get_subject_name(issuer ? issuer : made.get()));
  auto* signer = issuer ? issuer : made.get();
  add_extension(made.get(), signer, NID_basic_constraints, issuer ? "critical,CA:FALSE" : "critical,CA:TRUE");
  if (!alternative_name.empty()) add_extension(made.get(), signer, NID_subject_alt_name, alternative_name);
  require(X509_sign(made.get(), issuer_key, EVP_sha256()) > 0, "signing");
  return made;
}

template <class Write>
std::string write_pem(const folder& where, const std::string& name, Write write) {
  const auto path = (where / name).string();
  auto* file = std::fopen(path.c_str(), "wb");
  require(file && write(file) == 1 && std::fclose(file) == 0, "writing PEM");
  return path;
}

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

 private:
  SSL* ssl_;
};

context_handle make_context(const certificate_files& files, bool only_tls_1_2) {
  context_handle context(SSL_CTX_new(TLS_server_method()));
  if (only_tls_1_2) SSL_CTX_set_max_proto_version(context.get(), TLS1_2_VERSION);
  require(SSL_CTX_use_certificate_file(context.get(), files.certificate.c_str(), SSL_FILETYPE_PEM) == 1 &&
              SSL_CTX_use_PrivateKey_file(context.get(), files.key.c_str(), SSL_FILETYPE_PEM) == 1,
          "certificate");
  return context;
}

void serve_one(SSL_CTX* context, int socket, const tls_server::script& script) {
  constexpr timeval patience{10, 0};
  ::setsockopt(socket, SOL_SOCKET, SO_RCVTIMEO, &patience, sizeof patience);
  ::setsockopt(socket, SOL_SOCKET, SO_SNDTIMEO, &patience, sizeof patience);
  const ssl_handle ssl(SSL_new(context));
  SSL_set_fd(ssl.get(), socket);
  if (SSL_accept(ssl.get()) == 1) {
    ssl_peer client(ssl.get());
    script(client);
  }
  ::close(socket);
}

}  // namespace

certificate_files make_certificates(const folder& where, const std::string& name) {
  const key_handle authority_key(EVP_EC_gen("P-256"));
  const key_handle server_key(EVP_EC_gen("P-256"));
  const auto authority = make_certificate("elsec test CA", authority_key.get(), nullptr, authority_key.get(), "");
  const auto server = make_certificate("elsec test", server_key.get(), authority.get(), authority_key.get(), name);
  return {write_pem(where, "ca.pem", [&](FILE* file) { return PEM_write_X509(file, authority.get()); }),
          write_pem(where, "server.pem", [&](FILE* file) { return PEM_write_X509(file, server.get()); }),
          write_pem(where, "server.key", [&](FILE* file) {
            return PEM_write_PrivateKey(file, server_key.get(), nullptr, nullptr, 0, nullptr, nullptr);
          })};
}

struct tls_server::state {
  context_handle context;
  int listener = -1;
  std::thread worker;
};

tls_server::tls_server(const certificate_files& files, std::vector<script> scripts, bool only_tls_1_2)
    : state_(std::make_unique<state>()) {
  state_->context = make_context(files, only_tls_1_2);
  state_->listener = ::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  require(::bind(state_->listener, reinterpret_cast<const sockaddr*>(&address), sizeof address) == 0 &&
              ::listen(state_->listener, 8) == 0,
          "listening");
  state_->worker =
      std::thread([context = state_->context.get(), listener = state_->listener, all = std::move(scripts)] {
        for (const auto& one : all) {
          const int socket = ::accept(listener, nullptr, nullptr);
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

std::string tls_server::port() const {
  sockaddr_in address{};
  socklen_t size = sizeof address;
  ::getsockname(state_->listener, reinterpret_cast<sockaddr*>(&address), &size);
  return std::to_string(ntohs(address.sin_port));
}

}  // namespace elsec::cli::test
