#include "gateway/limits.hpp"
#include "gateway/tls.hpp"

#include <fmt/format.h>
#include <openssl/err.h>
#include <spdlog/spdlog.h>

#include <array>
#include <sys/stat.h>

namespace elsec::gateway {
namespace {

constexpr const char* ciphers_1_3 = "TLS_AES_256_GCM_SHA384:TLS_AES_128_GCM_SHA256:TLS_CHACHA20_POLY1305_SHA256";
constexpr const char* ciphers_1_2 =
    "ECDHE-ECDSA-AES256-GCM-SHA384:ECDHE-ECDSA-AES128-GCM-SHA256:ECDHE-ECDSA-CHACHA20-POLY1305:"
    "ECDHE-RSA-AES256-GCM-SHA384:ECDHE-RSA-AES128-GCM-SHA256:ECDHE-RSA-CHACHA20-POLY1305";
constexpr const char* groups = "X25519:P-256:P-384";
// Distinguishes our session tickets from those of another service with the same ticket keys.
constexpr std::string_view session_context = "elsec";
constexpr std::string_view protocol = "http/1.1";
constexpr std::size_t socket_read_bytes = 64U << 10;

std::string openssl_reason() {
  std::array<char, 256> text{};
  const auto code = ERR_get_error();
  ERR_clear_error();
  if (code == 0) return "unknown reason";
  ERR_error_string_n(code, text.data(), text.size());
  return text.data();
}

// RFC 7301: a client that offers protocols without ours is refused; one that offers none is served.
int select_protocol(SSL*, const unsigned char** out, unsigned char* out_size, const unsigned char* offered,
                    unsigned int offered_size, void*) {
  for (unsigned int at = 0; at < offered_size; at += 1U + offered[at]) {
    const std::string_view name(reinterpret_cast<const char*>(offered) + at + 1, offered[at]);
    if (name != protocol) continue;
    *out = offered + at + 1;
    *out_size = offered[at];
    return SSL_TLSEXT_ERR_OK;
  }
  return SSL_TLSEXT_ERR_ALERT_FATAL;
}

std::string stamp_of(const std::string& file) {
  struct stat about{};
  if (::stat(file.c_str(), &about) != 0) return "missing";
  return fmt::format("{}:{}:{}.{};", about.st_ino, about.st_size, about.st_mtim.tv_sec, about.st_mtim.tv_nsec);
}

std::string stamp_of(const tls_files& files) { return stamp_of(files.certificate) + stamp_of(files.private_key); }

bool set_algorithms(SSL_CTX* context, bool tls_1_2) {
  SSL_CTX_set_options(context, SSL_OP_NO_COMPRESSION | SSL_OP_NO_RENEGOTIATION | SSL_OP_CIPHER_SERVER_PREFERENCE |
                                   SSL_OP_PRIORITIZE_CHACHA | SSL_OP_IGNORE_UNEXPECTED_EOF);
  SSL_CTX_set_mode(context,
                   SSL_MODE_RELEASE_BUFFERS | SSL_MODE_ENABLE_PARTIAL_WRITE | SSL_MODE_ACCEPT_MOVING_WRITE_BUFFER);
  // One read of the socket takes what is there, several records of a large body; not header and body of each record.
  SSL_CTX_set_read_ahead(context, 1);
  SSL_CTX_set_default_read_buffer_len(context, socket_read_bytes);
  SSL_CTX_set_session_cache_mode(context, SSL_SESS_CACHE_OFF);  // tickets carry the state: no memory per client
  SSL_CTX_set_session_id_context(context, reinterpret_cast<const unsigned char*>(session_context.data()),
                                 static_cast<unsigned int>(session_context.size()));
  SSL_CTX_set_max_early_data(context, 0);
  SSL_CTX_set_recv_max_early_data(context, 0);
  SSL_CTX_set_alpn_select_cb(context, &select_protocol, nullptr);
  return SSL_CTX_set_min_proto_version(context, tls_1_2 ? TLS1_2_VERSION : TLS1_3_VERSION) == 1 &&
         SSL_CTX_set_max_proto_version(context, TLS1_3_VERSION) == 1 &&
         SSL_CTX_set_ciphersuites(context, ciphers_1_3) == 1 && SSL_CTX_set_cipher_list(context, ciphers_1_2) == 1 &&
         SSL_CTX_set1_groups_list(context, groups) == 1;
}

domain::result<std::shared_ptr<SSL_CTX>> make_context(const tls_files& files) {
  const std::shared_ptr<SSL_CTX> context(SSL_CTX_new(TLS_server_method()), &SSL_CTX_free);
  if (context == nullptr || !set_algorithms(context.get(), files.tls_1_2))
    return domain::fail(domain::error_code::internal, "TLS cannot be set up: " + openssl_reason());
  if (SSL_CTX_use_certificate_chain_file(context.get(), files.certificate.c_str()) != 1)
    return domain::fail(domain::error_code::invalid,
                        fmt::format("{}: no certificate chain in PEM: {}", files.certificate, openssl_reason()));
  if (SSL_CTX_use_PrivateKey_file(context.get(), files.private_key.c_str(), SSL_FILETYPE_PEM) != 1)
    return domain::fail(domain::error_code::invalid,
                        fmt::format("{}: no private key of the certificate: {}", files.private_key, openssl_reason()));
  if (SSL_CTX_check_private_key(context.get()) != 1)
    return domain::fail(domain::error_code::invalid,
                        fmt::format("{}: does not fit the certificate: {}", files.private_key, openssl_reason()));
  return context;
}

}  // namespace

tls_identity::tls_identity(tls_files files) : files_(std::move(files)) {}

domain::result<std::shared_ptr<tls_identity>> tls_identity::load(tls_files files) {
  const std::shared_ptr<tls_identity> identity(new tls_identity(std::move(files)));
  identity->stamp_ = stamp_of(identity->files_);
  identity->next_check_ = std::chrono::steady_clock::now() + certificate_check_interval;
  auto context = make_context(identity->files_);
  if (!context) return std::unexpected(std::move(context.error()));
  identity->context_ = std::move(*context);
  return identity;
}

std::shared_ptr<SSL_CTX> tls_identity::current() {
  const std::scoped_lock lock(mutex_);
  if (std::chrono::steady_clock::now() >= next_check_) reload_locked();
  return context_;
}

bool tls_identity::reload() {
  const std::scoped_lock lock(mutex_);
  return reload_locked();
}

bool tls_identity::reload_locked() {
  next_check_ = std::chrono::steady_clock::now() + certificate_check_interval;
  auto stamp = stamp_of(files_);
  if (stamp == stamp_) return false;
  auto context = make_context(files_);
  if (!context) {
    spdlog::error("the changed certificate is not used: {}", context.error().detail);
    return false;
  }
  spdlog::info("certificate {} loaded again", files_.certificate);
  context_ = std::move(*context);
  stamp_ = std::move(stamp);
  return true;
}

}  // namespace elsec::gateway
