#include "app/cli/tls_policy.hpp"

#include <openssl/err.h>
#include <openssl/x509v3.h>

namespace elsec::cli {
namespace {

// What OpenSSL stumbled over on its way to a verdict stays in its queue of errors, and libcurl takes the oldest one for
// the reason why there is no connection. The reason is the verdict.
int verify(X509_STORE_CTX* chain, void* into) {
  const int good = X509_verify_cert(chain);
  if (good == 1) return good;
  static_cast<tls_alerts*>(into)->verdict = X509_STORE_CTX_get_error(chain);
  ERR_clear_error();
  return good;
}

void note_alert(int is_ours, int, int kind, const void* bytes, std::size_t size, SSL*, void* into) {
  auto& heard = *static_cast<tls_alerts*>(into);
  if (is_ours == 0 && (kind == SSL3_RT_HANDSHAKE || kind == SSL3_RT_ALERT)) heard.spoke = true;
  if (kind != SSL3_RT_ALERT || size != 2) return;
  const bool farewell = static_cast<const unsigned char*>(bytes)[1] == SSL_AD_CLOSE_NOTIFY;
  if (!farewell)
    heard.objection = true;
  else if (is_ours == 0)
    heard.farewell = true;
}

}  // namespace

outcome<trusted_authorities> load_authorities(const std::string& ca_file) {
  ERR_clear_error();
  trusted_authorities store(X509_STORE_new());
  const bool loaded = store && (ca_file.empty() ? X509_STORE_set_default_paths(store.get())
                                                : X509_STORE_load_file(store.get(), ca_file.c_str())) == 1;
  if (loaded) return store;
  const auto* why = ERR_reason_error_string(ERR_peek_error());
  return fail(exit_code::local_file, "The file with the certificate authorities cannot be used.",
              ca_file + ": " + (why ? why : "there is no certificate in it"));
}

bool enforce_tls_policy(SSL_CTX* context, X509_STORE* authorities, const std::string& host, tls_alerts& heard) {
  SSL_CTX_set1_cert_store(context, authorities);
  SSL_CTX_set_verify(context, SSL_VERIFY_PEER, nullptr);
  SSL_CTX_set_cert_verify_callback(context, verify, &heard);
  auto* rules = SSL_CTX_get0_param(context);
  X509_VERIFY_PARAM_set_hostflags(rules, X509_CHECK_FLAG_NO_PARTIAL_WILDCARDS | X509_CHECK_FLAG_NEVER_CHECK_SUBJECT);
  const bool bound = X509_VERIFY_PARAM_set1_ip_asc(rules, host.c_str()) == 1 ||
                     X509_VERIFY_PARAM_set1_host(rules, host.c_str(), 0) == 1;
  return bound && SSL_CTX_set_min_proto_version(context, TLS1_3_VERSION) == 1 &&
         SSL_CTX_set1_groups_list(context, "X25519:P-256:P-384") == 1;
}

void note_alerts(SSL_CTX* context, tls_alerts& heard) {
  SSL_CTX_set_msg_callback(context, note_alert);
  SSL_CTX_set_msg_callback_arg(context, &heard);
}

}  // namespace elsec::cli
