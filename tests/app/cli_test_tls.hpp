#pragma once
// Certificates, TLS contexts and listening sockets for the servers of the tests.

#include "tests/app/cli_support.hpp"

#include <openssl/ssl.h>

#include <memory>
#include <string>

namespace elsec::cli::test {

template <auto Free>
struct freeing {
  template <class T>
  void operator()(T* object) const {
    Free(object);
  }
};
using context_handle = std::unique_ptr<SSL_CTX, freeing<SSL_CTX_free>>;
using ssl_handle = std::unique_ptr<SSL, freeing<SSL_free>>;

void require(bool holds, const char* what);

struct certificate_files {
  std::string authority;    // the CA's certificate
  std::string certificate;  // the server's
  std::string key;
};
enum class validity { now, past, future };
// A fresh CA, called after the folder, and a certificate for `name` ("DNS:localhost", "IP:127.0.0.1"). `common_name` is
// what stands in the subject.
certificate_files make_certificates(const folder& where, const std::string& name, validity valid = validity::now,
                                    const char* common_name = "elsec test");

enum class tls_kind { usual, only_1_2, only_large_groups };
// A server's.
context_handle make_context(const certificate_files& files, tls_kind kind = tls_kind::usual);

// A socket on loopback that listens; the port is chosen by the system.
int listen_on_loopback();
std::string port_of(int listener);
// The next connection, with 10 s of patience for each read and write; negative once the listener was shut down.
int accept_patiently(int listener);

}  // namespace elsec::cli::test
