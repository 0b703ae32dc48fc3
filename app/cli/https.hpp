#pragma once
// One request and its answer over HTTPS, through libcurl: TLS 1.3 only, certificate chain and host name always verified
// (R12). There is no way to skip the verification. Blocking; redirects are never followed. Each request has a
// connection of its own: libcurl repeats what broke on a used one by itself, and here only retry.hpp may decide that.
//
// Through a proxy the node is asked for with CONNECT: the proxy sees its name, no header and no body of a request, and
// TLS ends at the node as it would without. Credentials for the proxy go there only.
//
// Everything the node sends is bounded: header, body, silence, interim answers (limits.hpp).

#include "app/cli/failure.hpp"
#include "app/cli/limits.hpp"
#include "app/cli/node_url.hpp"
#include "app/cli/proxy.hpp"

#include <chrono>
#include <cstdint>
#include <functional>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace elsec::cli {

using header_list = std::vector<std::pair<std::string, std::string>>;

struct response_head {
  unsigned status = 0;
  header_list headers{};
  std::optional<std::uint64_t> content_length{};

  // The first header of that name, without regard to case; empty when there is none.
  [[nodiscard]] std::string_view header(std::string_view name) const;
};

struct response : response_head {
  std::string body{};
};

// Fills the span and returns how much; 0 at the end.
using body_reader = std::function<outcome<std::size_t>(std::span<char>)>;
// Takes the next bytes of a body; false means enough, the connection is closed and the call ends well.
using body_sink = std::function<outcome<bool>(std::string_view)>;

struct request {
  std::string method = "GET";
  std::string target{};  // path and query, encoded
  header_list headers{};
  std::string body{};
  // A body that is streamed instead: opened once per attempt, must give exactly `stream_size_bytes`.
  std::function<outcome<body_reader>()> open_stream{};
  std::uint64_t stream_size_bytes = 0;
  // For answers 200 and 206: where the body goes instead of into memory. Called once the header is here; an empty
  // sink means that the body is not wanted, and the call ends well.
  std::function<outcome<body_sink>(const response_head&)> on_success{};
  std::uint64_t body_size_max_bytes = json_size_max_bytes;       // of a successful answer
  std::optional<std::chrono::steady_clock::time_point> until{};  // `wait_timed_out` when it passes
};

struct connection {
  node_url node{};
  std::string ca_file{};  // PEM; empty: the system's certificate authorities. For an https proxy, too
  std::string token{};    // empty: none is sent
  std::optional<proxy_url> proxy{};
};

// The answer, whatever its status; an upload ends as soon as it is here. Fails with `unreachable` and says what stood
// in the way (transfer_failure.hpp; connection_lost where no answer came after the request may have been sent or a
// connection was refused; not for TLS failures and a proxy that does not let this through), `node_failed` when the
// answer breaks HTTP or a bound, `local_file` when the CA file cannot be read, or with what a stream or sink failed
// with.
[[nodiscard]] outcome<response> exchange(const connection& with, const request& what);

}  // namespace elsec::cli
