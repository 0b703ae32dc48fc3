#pragma once
// What stood in the way of a request: a name, the proxy, a certificate or the node, each with a next step.

#include "app/cli/curl.hpp"
#include "app/cli/https.hpp"

#include <string>

namespace elsec::cli {

// What libcurl knows about a transfer that ended without a whole answer.
struct transfer_end {
  CURLcode code = CURLE_OK;
  std::string words{};                // libcurl's own
  int system_error = 0;               // errno of the connection that could not be made
  long connect_status = 0;            // what the proxy answered to CONNECT; 0: nothing yet
  bool proxy_has_body = false;        // and announced to follow
  bool proxy_takes_password = false;  // when it asked for credentials: in a way that user and password can answer
  long node_verdict = 0;              // X509_V_… of the node's certificate
  long proxy_verdict = 0;             // and of the proxy's
  bool name_found = false;            // of the proxy, or of the node where there is none
  bool node_spoke_tls = false;        // what came from where the node should be was TLS, however it went on
  bool request_begun = false;         // TLS with the node stood
  bool answer_begun = false;          // its header is here
  bool tls_objection = false;         // one side gave a reason to end a handshake
};

// Nothing in it comes from the proxy's credentials.
[[nodiscard]] failure failure_of_transfer(const connection& with, const transfer_end& how);

}  // namespace elsec::cli
