#pragma once
// Every bound of the wire that is no setting, with its reason.

#include <chrono>
#include <cstddef>

namespace elsec::transport {

inline constexpr std::size_t node_name_length_max = 40;
inline constexpr std::size_t kind_length_max = 32;
inline constexpr std::size_t endpoint_length_max = 280;  // "tcp://", a DNS name of 253, ":65535" and some room

// A few sockets per peer (DEALER, both ends of its monitor): keeps libzmq's slot table and the poll set small.
inline constexpr std::size_t peers_max = 1'000;
inline constexpr std::size_t keys_per_peer_max = 2;  // current and next
inline constexpr int sockets_max = 8'192;            // three per peer, as many again being closed, and our own

// What one connection holds inside libzmq, each way. Small, because libzmq counts messages and not bytes: 32 messages
// of 2 MiB are 64 MiB. What waits beyond is counted in bytes in the outbox (sending) or stays in TCP (receiving).
inline constexpr std::size_t socket_messages_max = 32;

// Less for what is sent: whatever libzmq has taken nothing can pass any more. Four answers of 256 KiB are two
// seconds on a line of 4 Mbit/s; two more are fetched while two go out, which keeps fast lines busy.
inline constexpr std::size_t dealer_messages_max = 4;

// Envelopes in a row that pass one that gives way: it is slowed down by them and never stopped.
inline constexpr std::size_t passes_max = 16;

// What an envelope costs besides its bytes: its header's texts, its place in a mailbox.
inline constexpr std::size_t envelope_overhead_bytes = 1'024;

// A CURVE MESSAGE command around a frame: name 8, nonce 8, flags 1, authenticator 16 bytes. ZMQ_MAXMSGSIZE counts it.
inline constexpr std::size_t curve_frame_overhead_bytes = 33;

// Messages taken from the ROUTER, or given to one DEALER, before the others have their turn.
inline constexpr int batch_messages_max = 64;

inline constexpr std::chrono::milliseconds reconnect_first{100};  // then doubled up to options::reconnect_max
inline constexpr std::chrono::milliseconds rebind_pause{5};       // the reaper closes the old listener in the meantime
inline constexpr std::chrono::milliseconds self_test_timeout{5'000};
inline constexpr int heartbeat_timeout_factor = 3;  // missed heartbeats until a connection is dead

// TCP keepalive finds peers that vanished even while libzmq's heartbeats have nothing to say (before a handshake).
inline constexpr std::chrono::seconds keepalive_idle{30};
inline constexpr std::chrono::seconds keepalive_interval{10};
inline constexpr int keepalive_probes = 3;

inline constexpr int listen_backlog = 256;  // all peers reconnect at once after a rebind

}  // namespace elsec::transport
