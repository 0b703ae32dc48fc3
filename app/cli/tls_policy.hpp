#pragma once
// What TLS has to fulfil (R12), at the node and at a proxy that is reached over https: version 1.3, the groups below, a
// chain to the authorities, and a certificate for exactly this host. There is no way around any of it.

#include "app/cli/failure.hpp"

#include <openssl/ssl.h>

#include <memory>
#include <string>

namespace elsec::cli {

struct authorities_freeing {
  void operator()(X509_STORE* store) const noexcept { X509_STORE_free(store); }
};
using trusted_authorities = std::unique_ptr<X509_STORE, authorities_freeing>;

// Those of a PEM file, or the system's when the name is empty. `local_file` when the file holds none.
[[nodiscard]] outcome<trusted_authorities> load_authorities(const std::string& ca_file);

// What was said on a TLS connection beside the bytes, and libcurl does not tell.
struct tls_alerts {
  // The peer meant to end (close_notify). Without it a body that ends with the connection may have been cut short by
  // anyone.
  bool farewell = false;
  // The peer sent something that is TLS.
  bool spoke = false;
  // X509_V_…: why its certificate was not accepted. What libcurl knows of it is lost where TLS runs within TLS.
  int verdict = X509_V_OK;
  // One side gave a reason not to go on. Without it a handshake that ended was cut.
  bool objection = false;
};

// Narrows every connection that comes out of `context`. `host` is a name or an address; an address has to be in the
// certificate as one. False when OpenSSL does not take a rule: then nothing may be sent. `heard` outlives
// the connection.
[[nodiscard]] bool enforce_tls_policy(SSL_CTX* context, X509_STORE* authorities, const std::string& host,
                                      tls_alerts& heard);

// `heard` outlives the connection.
void note_alerts(SSL_CTX* context, tls_alerts& heard);

}  // namespace elsec::cli
