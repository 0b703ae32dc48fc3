#pragma once
// A node on this computer, and the requests and answers its tests share.

#include "app/cli/https.hpp"
#include "tests/app/cli_test_server.hpp"

#include <string>

namespace elsec::cli::test {

struct localhost {
  folder dir;
  certificate_files files = make_certificates(dir, "DNS:localhost");

  [[nodiscard]] connection to(const tls_server& server) const {
    return {{"localhost", server.port()}, files.authority, "token", {}};
  }
};

inline request get_request() {
  request what;
  what.target = "/api/v1/users/me";
  return what;
}

inline constexpr auto* go_on = "HTTP/1.1 100 Continue\r\n\r\n";

inline request upload_of(std::uint64_t size_bytes) {
  request what;
  what.method = "POST";
  what.target = "/api/v1/documents";
  what.stream_size_bytes = size_bytes;
  what.open_stream = []() -> outcome<body_reader> {
    return [](std::span<char> into) -> outcome<std::size_t> { return into.size(); };
  };
  return what;
}

// One answer of these bytes, then the connection is cut without a farewell.
inline outcome<response> answer_to(const localhost& here, std::string bytes, const request& what = get_request()) {
  const tls_server server(here.files, {[bytes = std::move(bytes)](peer& client) {
                            client.read_head();
                            client.write(bytes);
                          }});
  return exchange(here.to(server), what);
}

inline exit_code code_of(const outcome<response>& answer) { return answer ? exit_code::ok : answer.error().code; }

}  // namespace elsec::cli::test
