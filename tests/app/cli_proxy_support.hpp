#pragma once
// A node behind a proxy, and what the tests of the way through it share.

#include "app/cli/https.hpp"
#include "tests/app/cli_test_proxy.hpp"
#include "tests/app/cli_test_server.hpp"

#include <boost/test/unit_test.hpp>

#include <string>

namespace elsec::cli::test {

inline constexpr auto* session_token = "token-of-the-session";

// A node whose name no name server knows, and none is asked for: the test's proxy looks at its port alone.
struct clinic {
  folder dir;
  certificate_files files = make_certificates(dir, "DNS:node.invalid");

  [[nodiscard]] connection to(const tls_server& server, const connect_proxy& proxy) const {
    return {{"node.invalid", server.port()},
            files.authority,
            session_token,
            proxy_url{"http", "127.0.0.1", proxy.port(), {}, {}}};
  }
};

inline request some_request() {
  request what;
  what.target = "/api/v1/users/me";
  return what;
}

inline void answer_well(peer& client) {
  client.read_head();
  client.write("HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok");
}

inline failure failure_in(const outcome<response>& answer) {
  BOOST_REQUIRE(!answer);
  return answer.error();
}

inline connect_proxy::rule always(std::string said) {
  return [said = std::move(said)](const std::string&) { return said; };
}

}  // namespace elsec::cli::test
