#include "transport/inbox.hpp"

namespace elsec::transport {
namespace {

// Names libzmq gives to what it knows about a received frame (zmq_msg_gets).
constexpr auto user_id_property = "User-Id";
constexpr auto peer_address_property = "Peer-Address";

std::span<const std::uint8_t> view(const zmq::message_t& frame) {
  return {static_cast<const std::uint8_t*>(frame.data()), frame.size()};
}

// A property libzmq attached to a received frame; empty when it did not.
std::string property(const zmq::message_t& frame, const char* name) {
  const char* value = zmq_msg_gets(frame.handle(), name);
  return value != nullptr ? value : "";
}

}  // namespace

std::optional<arrival> read_arrival(zmq::socket_t& router) {
  zmq::message_t frame;
  if (!router.recv(frame, zmq::recv_flags::dontwait)) return std::nullopt;  // the routing id, which proves nothing
  arrival message;
  bool more = frame.more();
  while (more) {
    // libzmq hands over whole messages only: after the first frame the others are there.
    if (!router.recv(frame, zmq::recv_flags::dontwait)) break;
    more = frame.more();
    if (message.frame_count == 0) {
      message.user = property(frame, user_id_property);
      message.address = property(frame, peer_address_property);
    }
    if (message.frame_count < message.frames.size()) message.frames[message.frame_count] = std::move(frame);
    ++message.frame_count;
  }
  return message;
}

std::expected<envelope, refused> examine(const arrival& message, const roster& list, const std::string& own_name) {
  auto refuse = [&](refusal reason, const std::string& peer) {
    return std::unexpected(refused{reason, peer, message.address});
  };
  if (!list.knows(message.user)) return refuse(refusal::unknown_key, {});
  if (message.frame_count != message.frames.size()) return refuse(refusal::malformed_envelope, message.user);
  auto header = decode_header(view(message.frames[0]));
  if (!header) return refuse(refusal::malformed_envelope, message.user);
  if (header->from != message.user) return refuse(refusal::sender_mismatch, message.user);
  if (header->to != own_name) return refuse(refusal::wrong_receiver, message.user);
  if (header->version != envelope_version) return refuse(refusal::version, message.user);
  const auto body = view(message.frames[1]);
  return envelope{std::move(*header), domain::bytes(body.begin(), body.end())};
}

}  // namespace elsec::transport
