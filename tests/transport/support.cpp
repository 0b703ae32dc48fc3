#include "tests/transport/support.hpp"

#include "crypto/random.hpp"

#include <boost/test/unit_test.hpp>
#include <sodium.h>

#include <algorithm>
#include <cstring>

namespace elsec::test {

using transport::link_event;

namespace {

struct crypto_started {
  crypto_started() { BOOST_REQUIRE(crypto::start().has_value()); }
};
BOOST_TEST_GLOBAL_FIXTURE(crypto_started);

}  // namespace

transport::curve_pair keys_of(const std::string& label) {
  std::array<std::uint8_t, 32> seed{};
  crypto_hash_sha256(seed.data(), reinterpret_cast<const unsigned char*>(label.data()), label.size());
  return transport::curve_pair_from_seed(crypto::secret::from(seed).value());
}

transport::envelope letter(const std::string& from, const std::string& to, std::uint64_t sequence, domain::bytes body) {
  transport::envelope message;
  message.header = {.version = transport::envelope_version,
                    .epoch = "00112233445566778899aabbccddeeff",
                    .from = from,
                    .to = to,
                    .kind = "card",
                    .sequence = sequence,
                    .id = "01J9ZQ6Z7N2M4X8K3V5T1R0B9C",
                    .time = domain::time_point(std::chrono::milliseconds(1'700'000'000'123))};
  message.body = std::move(body);
  return message;
}

bool recorder::record::connected(const std::string& peer) const {
  const auto last = std::find_if(links.rbegin(), links.rend(), [&](const auto& link) { return link.first == peer; });
  return last != links.rend() && last->second == link_event::connected;
}

std::size_t recorder::record::count(transport::refusal reason) const {
  return static_cast<std::size_t>(
      std::ranges::count_if(refusals, [&](const auto& refused) { return refused.reason == reason; }));
}

std::size_t recorder::record::count(const std::string& peer, link_event event) const {
  return static_cast<std::size_t>(std::ranges::count(links, std::pair(peer, event)));
}

transport::callbacks recorder::callbacks() {
  auto note = [this](auto change) {
    const std::lock_guard lock(mutex_);
    change(record_);
    changed_.notify_all();
  };
  transport::callbacks told;
  told.received = [this](transport::envelope message) {
    std::unique_lock lock(mutex_);
    record_.received.push_back(std::move(message));
    changed_.notify_all();
    changed_.wait(lock, [this] { return !held_; });
  };
  told.link_changed = [note](const std::string& peer, link_event event) {
    note([&](record& all) { all.links.emplace_back(peer, event); });
  };
  told.refused_message = [note](const transport::refused& what) {
    note([&](record& all) { all.refusals.push_back(what); });
  };
  return told;
}

bool recorder::wait(const std::function<bool(const record&)>& fits) {
  std::unique_lock lock(mutex_);
  return changed_.wait_for(lock, patience, [&] { return fits(record_); });
}

recorder::record recorder::now() {
  const std::lock_guard lock(mutex_);
  return record_;
}

void recorder::hold_receiving(bool hold) {
  const std::lock_guard lock(mutex_);
  held_ = hold;
  changed_.notify_all();
}

node::node(transport::options opts) {
  auto started = transport::transport::start(std::move(opts), heard.callbacks());
  BOOST_REQUIRE_MESSAGE(started.has_value(), (started.has_value() ? std::string() : started.error().detail));
  wire = std::move(*started);
}

bool node::wait_connected(const std::string& peer) {
  return wait([&](const auto& all) { return all.connected(peer); });
}

void node::restart_peers(std::vector<transport::peer> peers) {
  BOOST_REQUIRE(wire->set_peers(std::move(peers)).has_value());
}

transport::options quick(const std::string& name, std::vector<transport::peer> peers) {
  transport::options opts;
  opts.name = name;
  opts.endpoint = any_port;
  opts.keys = keys_of(name);
  opts.peers = std::move(peers);
  opts.reconnect_max = std::chrono::milliseconds(200);
  return opts;
}

transport::peer entry_of(const std::string& name, const std::string& endpoint) {
  return {name, endpoint, {keys_of(name).public_key}};
}

pair_of_nodes::pair_of_nodes() {
  a = std::make_unique<node>(quick("a"));
  b = std::make_unique<node>(quick("b", {entry_of("a", a->endpoint())}));
  a->restart_peers({entry_of("b", b->endpoint())});
  BOOST_REQUIRE(a->wait_connected("b"));
  BOOST_REQUIRE(b->wait_connected("a"));
}

raw_client::raw_client(const transport::curve_pair& keys, const transport::curve_key& server,
                       const std::string& endpoint)
    : raw_client(
          [&](zmq::socket_t& socket) {
            const auto secret_key = keys.secret_key.view();
            socket.set(zmq::sockopt::curve_publickey, zmq::buffer(keys.public_key));
            socket.set(zmq::sockopt::curve_secretkey, zmq::buffer(secret_key.data(), secret_key.size()));
            socket.set(zmq::sockopt::curve_serverkey, zmq::buffer(server));
          },
          endpoint) {}

raw_client::raw_client(const std::function<void(zmq::socket_t&)>& set_up, const std::string& endpoint)
    : dealer_(context_, zmq::socket_type::dealer), monitor_(context_, zmq::socket_type::pair) {
  set_up(dealer_);
  connect(endpoint);
}

void raw_client::connect(const std::string& endpoint) {
  dealer_.set(zmq::sockopt::linger, 0);
  monitor_.set(zmq::sockopt::linger, 0);
  BOOST_REQUIRE(zmq_socket_monitor(dealer_.handle(), "inproc://monitor", ZMQ_EVENT_ALL) == 0);
  monitor_.connect("inproc://monitor");
  monitor_.set(zmq::sockopt::rcvtimeo, static_cast<int>(std::chrono::milliseconds(patience).count()));
  dealer_.connect(endpoint);
}

// First the sending end of the monitor: an event nobody receives blocks libzmq's I/O thread.
raw_client::~raw_client() { zmq_socket_monitor(dealer_.handle(), nullptr, 0); }

void raw_client::send(const std::vector<domain::bytes>& frames) {
  std::vector<zmq::const_buffer> parts;
  for (const auto& frame : frames) parts.push_back(zmq::buffer(frame));
  BOOST_REQUIRE(zmq::send_multipart(dealer_, parts).has_value());
}

bool raw_client::wait_event(int events) {
  std::vector<zmq::message_t> frames;
  while (frames.clear(), zmq::recv_multipart(monitor_, std::back_inserter(frames))) {
    std::uint16_t event = 0;
    std::memcpy(&event, frames.at(0).data(), sizeof event);
    if ((event & events) != 0) return true;
  }
  return false;
}

}  // namespace elsec::test
