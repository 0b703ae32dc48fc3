// Chunked bodies: the same bytes come out however they arrive, and what was encoded comes back.
#include "gateway/http_body.hpp"

#include "fuzz/targets.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <string>
#include <vector>

namespace elsec::fuzz {
namespace {

struct outcome {
  bool refused = false;
  bool finished = false;
  std::size_t consumed = 0;
  std::string body{};

  bool operator==(const outcome&) const = default;
};

// Decodes in pieces of at most these sizes.
outcome decoded(std::string_view wire, std::size_t input_max, std::size_t output_max) {
  gateway::chunk_decoder decoder;
  outcome result;
  std::vector<std::uint8_t> block(output_max);
  while (result.consumed < wire.size() && !decoder.finished()) {
    const auto piece = wire.substr(result.consumed, input_max);
    const auto step = decoder.decode(piece, block);
    if (!step) return {.refused = true};
    must(step->consumed <= piece.size() && step->produced <= block.size(), "a step stays within its buffers");
    must(step->produced <= step->consumed, "nothing comes out that did not go in");
    must(step->consumed > 0 || step->produced > 0, "a step makes progress");
    result.consumed += step->consumed;
    result.body.append(reinterpret_cast<const char*>(block.data()), step->produced);
  }
  result.finished = decoder.finished();
  return result;
}

void pieces_make_no_difference(std::string_view wire, std::size_t input_max, std::size_t output_max) {
  const auto whole = decoded(wire, wire.size() + 1, wire.size() + 1);
  must(whole == decoded(wire, input_max, output_max), "the pieces make no difference");
  if (whole.refused) return;
  must(whole.finished || whole.consumed == wire.size(), "an unfinished body takes everything");
  if (whole.finished)
    must(wire.substr(0, whole.consumed).ends_with("\r\n\r\n"),
         "a body ends in an empty line");  // after "0" or a trailer
}

void comes_back(std::string_view body, std::size_t chunk_max, std::size_t input_max, std::size_t output_max) {
  std::string wire;
  for (auto rest = body; !rest.empty(); rest.remove_prefix(std::min(chunk_max, rest.size()))) {
    const auto chunk = rest.substr(0, chunk_max);
    wire += fmt::format("{:x}\r\n{}\r\n", chunk.size(), chunk);
  }
  wire += "0\r\n\r\n";
  const auto size = wire.size();
  wire += "GET / HTTP/1.1\r\n";  // the next request is left alone
  const auto read = decoded(wire, input_max, output_max);
  must(!read.refused && read.finished && read.body == body, "what was encoded comes back");
  must(read.consumed == size, "what follows the body is left alone");
}

}  // namespace

void http_body(bytes_view input) {
  reader in(input);
  const std::size_t input_max = 1U + in.byte();
  const std::size_t output_max = 1U + in.byte();
  pieces_make_no_difference(in.rest_text(), input_max, output_max);
  comes_back(in.rest_text(), 1U + in.rest().size() % 97, input_max, output_max);
}

}  // namespace elsec::fuzz
