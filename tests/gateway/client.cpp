#include "tests/gateway/client.hpp"

#include "gateway/http_body.hpp"
#include "gateway/http_head.hpp"

#include <boost/test/unit_test.hpp>
#include <openssl/evp.h>
#include <openssl/pem.h>
#include <openssl/x509.h>

#include <arpa/inet.h>
#include <charconv>
#include <cstdlib>
#include <sys/socket.h>
#include <system_error>
#include <unistd.h>

namespace elsec::gateway::testing {
namespace {

// Every wait of a test ends: a server that says nothing fails the test instead of hanging it.
constexpr timeval patience{20, 0};
constexpr long certificate_seconds = 3'600;

std::string unique_folder() {
  std::string name = (std::filesystem::temp_directory_path() / "elsec-gateway-XXXXXX").string();
  BOOST_REQUIRE(::mkdtemp(name.data()) != nullptr);
  return name;
}

}  // namespace

certificate::certificate() : folder_(unique_folder()) { renew(); }

certificate::~certificate() {
  std::error_code ignored;
  std::filesystem::remove_all(folder_, ignored);
}

void certificate::renew() {
  static std::int64_t serial = 0;
  const std::unique_ptr<EVP_PKEY, void (*)(EVP_PKEY*)> key(EVP_EC_gen("P-256"), &EVP_PKEY_free);
  const std::unique_ptr<X509, void (*)(X509*)> made(X509_new(), &X509_free);
  ASN1_INTEGER_set_int64(X509_get_serialNumber(made.get()), ++serial);
  X509_gmtime_adj(X509_getm_notBefore(made.get()), 0);
  X509_gmtime_adj(X509_getm_notAfter(made.get()), certificate_seconds);
  X509_set_pubkey(made.get(), key.get());
  auto* name = X509_get_subject_name(made.get());
  X509_NAME_add_entry_by_txt(name, "CN", MBSTRING_ASC, reinterpret_cast<const unsigned char*>("localhost"), -1, -1, 0);
  X509_set_issuer_name(made.get(), name);
  BOOST_REQUIRE(X509_sign(made.get(), key.get(), EVP_sha256()) > 0);
  const auto where = files();
  auto* key_file = std::fopen(where.private_key.c_str(), "w");
  PEM_write_PrivateKey(key_file, key.get(), nullptr, nullptr, 0, nullptr, nullptr);
  std::fclose(key_file);
  auto* certificate_file = std::fopen(where.certificate.c_str(), "w");
  PEM_write_X509(certificate_file, made.get());
  std::fclose(certificate_file);
}

tls_files certificate::files(bool tls_1_2) const {
  return {(folder_ / "certificate.pem").string(), (folder_ / "key.pem").string(), tls_1_2};
}

std::optional<std::string> answer::field(std::string_view name) const {
  std::string_view rest = head;
  while (!rest.empty()) {
    const auto line = rest.substr(0, rest.find("\r\n"));
    rest.remove_prefix(std::min(line.size() + 2, rest.size()));
    const auto colon = line.find(':');
    if (colon != std::string_view::npos && equal_ignoring_case(line.substr(0, colon), name))
      return std::string(trimmed(line.substr(colon + 1)));
  }
  return std::nullopt;
}

// Called from threads, too, in which Boost.Test may check nothing: what fails is thrown.
int connect_plain(std::uint16_t port, const char* from) {
  const int socket = ::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
  ::setsockopt(socket, SOL_SOCKET, SO_RCVTIMEO, &patience, sizeof patience);
  ::setsockopt(socket, SOL_SOCKET, SO_SNDTIMEO, &patience, sizeof patience);
  if (from != nullptr) {
    sockaddr_in own{};
    own.sin_family = AF_INET;
    if (::inet_pton(AF_INET, from, &own.sin_addr) != 1 ||
        ::bind(socket, reinterpret_cast<const sockaddr*>(&own), sizeof own) != 0)
      throw std::system_error(errno, std::generic_category(), from);
  }
  sockaddr_in where{};
  where.sin_family = AF_INET;
  where.sin_port = htons(port);
  where.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  if (::connect(socket, reinterpret_cast<const sockaddr*>(&where), sizeof where) != 0)
    throw std::system_error(errno, std::generic_category(), "connect");
  return socket;
}

client::client(std::uint16_t port, int tls_version_max, const char* alpn, const char* from)
    : socket_(connect_plain(port, from)),
      context_(SSL_CTX_new(TLS_client_method()), &SSL_CTX_free),
      ssl_(nullptr, &SSL_free) {
  SSL_CTX_set_max_proto_version(context_.get(), tls_version_max);
  SSL_CTX_set_options(context_.get(), SSL_OP_IGNORE_UNEXPECTED_EOF);
  SSL_CTX_set_mode(context_.get(), SSL_MODE_RELEASE_BUFFERS);  // some tests have thousands
  ssl_.reset(SSL_new(context_.get()));
  if (alpn != nullptr) {
    const std::string name(alpn);
    const auto wire = static_cast<char>(name.size()) + name;
    SSL_set_alpn_protos(ssl_.get(), reinterpret_cast<const unsigned char*>(wire.data()),
                        static_cast<unsigned int>(wire.size()));
  }
  SSL_set_fd(ssl_.get(), socket_);
  connected_ = SSL_connect(ssl_.get()) == 1;
}

client::~client() { ::close(socket_); }

std::string client::cipher() const { return SSL_get_cipher_name(ssl_.get()); }

std::string client::serial() const {
  const auto* from = SSL_get0_peer_certificate(ssl_.get());
  return std::to_string(ASN1_INTEGER_get(X509_get0_serialNumber(from)));
}

bool client::send(std::string_view bytes) {
  std::size_t sent = 0;
  return bytes.empty() || SSL_write_ex(ssl_.get(), bytes.data(), bytes.size(), &sent) == 1;
}

bool client::more() {
  const auto before = buffer_.size();
  constexpr std::size_t block = 16'384;
  buffer_.resize(before + block);
  std::size_t got = 0;
  const bool ok = SSL_read_ex(ssl_.get(), buffer_.data() + before, block, &got) == 1;
  buffer_.resize(before + (ok ? got : 0));
  return ok;
}

bool client::is_closed() {
  while (more()) {
  }
  return true;
}

std::string client::read_until(std::string_view text) {
  auto at = buffer_.find(text);
  while (at == std::string::npos && more()) at = buffer_.find(text);
  const auto end = at == std::string::npos ? buffer_.size() : at + text.size();
  auto read = buffer_.substr(0, end);
  buffer_.erase(0, end);
  return read;
}

answer client::receive(bool to_head) {
  answer result;
  result.head = read_until("\r\n\r\n");
  if (!result.head.ends_with("\r\n\r\n")) return result;
  unsigned status = 0;
  std::from_chars(result.head.data() + 9, result.head.data() + 12, status);
  if (to_head || status == 100 || status == 204 || status == 304) {
    result.status = status;
    return result;
  }
  if (result.field("Transfer-Encoding")) {
    chunk_decoder decoder;
    while (!decoder.finished()) {
      std::array<std::uint8_t, 4'096> block{};
      const auto step = decoder.decode(buffer_, block);
      BOOST_REQUIRE(step);
      buffer_.erase(0, step->consumed);
      result.body.append(reinterpret_cast<const char*>(block.data()), step->produced);
      if (!decoder.finished() && buffer_.empty() && !more()) return result;
    }
  } else {
    const auto length = static_cast<std::size_t>(std::stoull(result.field("Content-Length").value_or("0")));
    while (buffer_.size() < length)
      if (!more()) return result;
    result.body = buffer_.substr(0, length);
    buffer_.erase(0, length);
  }
  result.status = status;
  return result;
}

}  // namespace elsec::gateway::testing
