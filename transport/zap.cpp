#include "transport/zap.hpp"

#include "transport/limits.hpp"

#include <zmq_addon.hpp>

#include <algorithm>
#include <array>
#include <vector>

namespace elsec::transport {
namespace {

constexpr auto zap_endpoint = "inproc://zeromq.zap.01";
constexpr std::string_view zap_version = "1.0";
constexpr std::string_view curve_mechanism = "CURVE";
constexpr std::string_view status_ok = "200";
constexpr std::string_view status_denied = "400";
constexpr std::string_view text_ok = "OK";
constexpr std::string_view text_denied = "no";

// The frames of a request (RFC 27): version, request id, domain, address, identity, mechanism, credentials…
enum frame : std::size_t { version, request_id, domain_name, address, identity, mechanism, credentials, frame_count };

zap_request to_request(const std::vector<zmq::message_t>& frames) {
  const auto* key = static_cast<const std::uint8_t*>(frames[credentials].data());
  return {frames[domain_name].to_string(), frames[address].to_string(), frames[mechanism].to_string(),
          domain::bytes(key, key + frames[credentials].size())};
}

// CURVE has exactly one credentials frame; every other shape is denied.
bool is_well_formed(const std::vector<zmq::message_t>& frames) {
  return frames.size() == frame_count && frames[version].to_string_view() == zap_version;
}

}  // namespace

std::expected<std::string, refusal> decide_by_key(
    const zap_request& request, const std::function<std::optional<std::string>(const curve_key&)>& owner_of) {
  if (request.domain != zap_domain) return std::unexpected(refusal::wrong_domain);
  curve_key key{};
  if (request.mechanism != curve_mechanism || request.credentials.size() != key.size())
    return std::unexpected(refusal::unknown_key);
  std::ranges::copy(request.credentials, key.begin());
  auto owner = owner_of(key);
  if (!owner) return std::unexpected(refusal::unknown_key);
  return std::move(*owner);
}

zap_handler::zap_handler(zmq::context_t& context, zap_decision decide)
    : socket_(context, zmq::socket_type::rep), decide_(std::move(decide)) {
  socket_.set(zmq::sockopt::linger, 0);
  socket_.bind(zap_endpoint);
}

void zap_handler::answer_batch() {
  for (int i = 0; i < batch_messages_max && answer_one(); ++i) {
  }
}

bool zap_handler::answer_one() {
  std::vector<zmq::message_t> frames;
  if (!zmq::recv_multipart(socket_, std::back_inserter(frames), zmq::recv_flags::dontwait)) return false;
  std::expected<std::string, refusal> verdict = std::unexpected(refusal::unknown_key);
  if (is_well_formed(frames)) verdict = decide_(to_request(frames));
  const std::string_view user = verdict ? std::string_view(*verdict) : std::string_view{};
  const std::string id = frames.size() > request_id ? frames[request_id].to_string() : std::string{};
  const std::array<zmq::const_buffer, 6> reply{zmq::buffer(zap_version),
                                               zmq::buffer(id),
                                               zmq::buffer(verdict ? status_ok : status_denied),
                                               zmq::buffer(verdict ? text_ok : text_denied),
                                               zmq::buffer(user),
                                               zmq::const_buffer{}};
  return zmq::send_multipart(socket_, reply, zmq::send_flags::dontwait).has_value();
}

}  // namespace elsec::transport
