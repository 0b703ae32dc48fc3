#include "tests/app/cli_test_tls.hpp"

#include <openssl/evp.h>
#include <openssl/pem.h>
#include <openssl/x509v3.h>

#include <arpa/inet.h>
#include <cstdio>
#include <stdexcept>
#include <sys/socket.h>
#include <sys/time.h>

namespace elsec::cli::test {
namespace {

using key_handle = std::unique_ptr<EVP_PKEY, freeing<EVP_PKEY_free>>;
using certificate_handle = std::unique_ptr<X509, freeing<X509_free>>;

void add_extension(X509* certificate, X509* issuer, int kind, const std::string& value) {
  X509V3_CTX context;
  X509V3_set_ctx_nodb(&context);
  X509V3_set_ctx(&context, issuer, certificate, nullptr, nullptr, 0);
  auto* extension = X509V3_EXT_conf_nid(nullptr, &context, kind, value.c_str());
  require(extension && X509_add_ext(certificate, extension, -1) == 1, "extension");
  X509_EXTENSION_free(extension);
}

certificate_handle make_certificate(const char* common_name, EVP_PKEY* key, X509* issuer, EVP_PKEY* issuer_key,
                                    const std::string& alternative_name, validity valid) {
  certificate_handle made(X509_new());
  X509_set_version(made.get(), X509_VERSION_3);
  ASN1_INTEGER_set(X509_get_serialNumber(made.get()), issuer ? 2 : 1);
  constexpr long hour_s = 3600;
  const long middle_s = valid == validity::now ? 0 : valid == validity::past ? -2 * hour_s : 2 * hour_s;
  X509_gmtime_adj(X509_getm_notBefore(made.get()), middle_s - hour_s);
  X509_gmtime_adj(X509_getm_notAfter(made.get()), middle_s + hour_s);
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

}  // namespace

void require(bool holds, const char* what) {
  if (!holds) throw std::runtime_error(what);
}

certificate_files make_certificates(const folder& where, const std::string& name, validity valid,
                                    const char* common_name) {
  const key_handle authority_key(EVP_EC_gen("P-256"));
  const key_handle server_key(EVP_EC_gen("P-256"));
  const auto authority_name = "CA " + where.path().filename().string();
  const auto authority =
      make_certificate(authority_name.c_str(), authority_key.get(), nullptr, authority_key.get(), "", validity::now);
  const auto server =
      make_certificate(common_name, server_key.get(), authority.get(), authority_key.get(), name, valid);
  return {write_pem(where, "ca.pem", [&](FILE* file) { return PEM_write_X509(file, authority.get()); }),
          write_pem(where, "server.pem", [&](FILE* file) { return PEM_write_X509(file, server.get()); }),
          write_pem(where, "server.key", [&](FILE* file) {
            return PEM_write_PrivateKey(file, server_key.get(), nullptr, nullptr, 0, nullptr, nullptr);
          })};
}

context_handle make_context(const certificate_files& files, tls_kind kind) {
  context_handle context(SSL_CTX_new(TLS_server_method()));
  if (kind == tls_kind::only_1_2) SSL_CTX_set_max_proto_version(context.get(), TLS1_2_VERSION);
  if (kind == tls_kind::only_large_groups) SSL_CTX_set1_groups_list(context.get(), "P-521:X448");
  require(SSL_CTX_use_certificate_file(context.get(), files.certificate.c_str(), SSL_FILETYPE_PEM) == 1 &&
              SSL_CTX_use_PrivateKey_file(context.get(), files.key.c_str(), SSL_FILETYPE_PEM) == 1,
          "certificate");
  return context;
}

int listen_on_loopback() {
  const int listener = ::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  require(
      ::bind(listener, reinterpret_cast<const sockaddr*>(&address), sizeof address) == 0 && ::listen(listener, 8) == 0,
      "listening");
  return listener;
}

std::string port_of(int listener) {
  sockaddr_in address{};
  socklen_t size = sizeof address;
  ::getsockname(listener, reinterpret_cast<sockaddr*>(&address), &size);
  return std::to_string(ntohs(address.sin_port));
}

int accept_patiently(int listener) {
  const int socket = ::accept(listener, nullptr, nullptr);
  constexpr timeval patience{10, 0};
  if (socket < 0) return socket;
  ::setsockopt(socket, SOL_SOCKET, SO_RCVTIMEO, &patience, sizeof patience);
  ::setsockopt(socket, SOL_SOCKET, SO_SNDTIMEO, &patience, sizeof patience);
  return socket;
}

}  // namespace elsec::cli::test
