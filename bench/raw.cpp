// The limits that a transfer between two nodes stands beside: the same libzmq and the same LMDB, with nothing around
// them. Prints MB/s (10^6 bytes).

#include "bench/tls_client.hpp"

#include <fmt/format.h>
#include <lmdb.h>
#include <zmq.hpp>

#include <array>
#include <cstring>
#include <random>
#include <stdexcept>
#include <sys/stat.h>
#include <thread>

namespace elsec::bench {
namespace {

constexpr std::size_t frame_bytes = 64U << 10;     // what a stored chunk has
constexpr std::size_t commit_bytes = 8U << 20;     // what the node's writer puts into one commit at most
constexpr std::size_t chunk_value_bytes = 65'520;  // 16 pages with LMDB's header
constexpr int high_water = 64;                     // frames; a bounded queue, as between nodes

std::vector<std::uint8_t> random_block(std::size_t size) {
  std::vector<std::uint8_t> block(size);
  std::minstd_rand random(1);
  for (auto& each : block) each = static_cast<std::uint8_t>(random() >> 8);
  return block;
}

struct key_pair {
  std::array<char, 41> open{};
  std::array<char, 41> secret{};
};

key_pair make_keys() {
  key_pair keys;
  if (zmq_curve_keypair(keys.open.data(), keys.secret.data()) != 0) throw std::runtime_error("no CURVE in libzmq");
  return keys;
}

// curve BYTES: a DEALER sends frames over CURVE and loopback to a ROUTER; two contexts, so each has an I/O thread.
double curve(std::size_t bytes) {
  const auto server_keys = make_keys();
  const auto client_keys = make_keys();
  zmq::context_t here;
  zmq::context_t there;
  zmq::socket_t router(there, zmq::socket_type::router);
  router.set(zmq::sockopt::curve_server, true);
  router.set(zmq::sockopt::curve_secretkey, server_keys.secret.data());
  router.set(zmq::sockopt::rcvhwm, high_water);
  router.bind("tcp://127.0.0.1:*");
  zmq::socket_t dealer(here, zmq::socket_type::dealer);
  dealer.set(zmq::sockopt::curve_publickey, client_keys.open.data());
  dealer.set(zmq::sockopt::curve_secretkey, client_keys.secret.data());
  dealer.set(zmq::sockopt::curve_serverkey, server_keys.open.data());
  dealer.set(zmq::sockopt::sndhwm, high_water);
  dealer.connect(router.get(zmq::sockopt::last_endpoint));
  const auto block = random_block(frame_bytes);
  const auto count = bytes / frame_bytes;
  const auto receive = [&](std::size_t frames) {
    zmq::message_t part;
    for (std::size_t i = 0; i < frames; ++i) do {
        if (!router.recv(part)) throw std::runtime_error("a frame was lost");
      } while (part.more());
  };
  dealer.send(zmq::buffer(block.data(), block.size()), zmq::send_flags::none);
  receive(1);  // the handshake is over
  const auto start = clock::now();
  std::thread sender([&] {
    for (std::size_t i = 0; i < count; ++i) dealer.send(zmq::buffer(block.data(), block.size()), zmq::send_flags::none);
  });
  receive(count);
  const auto took = seconds_since(start);
  sender.join();
  return static_cast<double>(count * frame_bytes) / took / 1e6;
}

void must(int rc) {
  if (rc != MDB_SUCCESS) throw std::runtime_error(mdb_strerror(rc));
}

void put_batch(MDB_env* env, MDB_dbi table, const std::vector<std::uint8_t>& block, std::uint64_t first) {
  MDB_txn* txn = nullptr;
  must(mdb_txn_begin(env, nullptr, 0, &txn));
  for (std::uint64_t i = 0; i < commit_bytes / frame_bytes; ++i) {
    // As the node's keys are: a random content id for each 16 chunks, then the index.
    std::array<std::uint8_t, 20> key{};
    std::mt19937_64 random((first + i) / 16);
    for (std::size_t at = 0; at < 16; at += 8) {
      const auto part = random();
      std::memcpy(key.data() + at, &part, 8);
    }
    key[19] = static_cast<std::uint8_t>((first + i) % 16);
    MDB_val where{key.size(), key.data()};
    MDB_val what{block.size(), const_cast<std::uint8_t*>(block.data())};
    must(mdb_put(txn, table, &where, &what, 0));
  }
  must(mdb_txn_commit(txn));
}

// lmdb BYTES FOLDER: values of a chunk's size in commits as large as the node's, each synced.
double lmdb(std::size_t bytes, const std::string& folder) {
  ::mkdir(folder.c_str(), 0700);
  MDB_env* env = nullptr;
  must(mdb_env_create(&env));
  must(mdb_env_set_mapsize(env, 64ULL << 30));
  must(mdb_env_open(env, folder.c_str(), 0, 0600));
  MDB_txn* txn = nullptr;
  MDB_dbi table = 0;
  must(mdb_txn_begin(env, nullptr, 0, &txn));
  must(mdb_dbi_open(txn, nullptr, 0, &table));
  must(mdb_txn_commit(txn));
  const auto block = random_block(chunk_value_bytes);
  const auto start = clock::now();
  for (std::uint64_t done = 0; done < bytes / frame_bytes; done += commit_bytes / frame_bytes)
    put_batch(env, table, block, done);
  const auto took = seconds_since(start);
  mdb_env_close(env);
  return static_cast<double>(bytes) / took / 1e6;
}

}  // namespace
}  // namespace elsec::bench

int main(int count, char** words) {
  const std::string what = count > 2 ? words[1] : "";
  try {
    if (what == "curve") return fmt::print("{:.1f}\n", elsec::bench::curve(std::stoul(words[2]))), 0;
    if (what == "lmdb" && count > 3)
      return fmt::print("{:.1f}\n", elsec::bench::lmdb(std::stoul(words[2]), words[3])), 0;
  } catch (const std::exception& failure) {
    fmt::print(stderr, "{}\n", failure.what());
    return 1;
  }
  fmt::print(stderr, "elsec-bench-raw curve BYTES | lmdb BYTES FOLDER\n");
  return 2;
}
