#pragma once
// Bounds and times of the HTTPS side. `limits` holds what an operator may set; the constants are no settings.

#include <chrono>
#include <cstddef>
#include <cstdint>

namespace elsec::gateway {

using namespace std::chrono_literals;

struct limits {
  std::size_t header_bytes_max = 8U << 10;             // request line and fields; beyond it 431
  std::size_t json_body_bytes_max = 1U << 20;          // beyond it 413
  std::uint64_t document_bytes_max = 1ULL << 30;       // one upload
  std::chrono::seconds handshake{5};                   // TLS
  std::chrono::seconds header{10};                     // from the first byte of a request to the end of its header
  std::chrono::seconds idle{60};                       // between two requests of a connection
  std::uint64_t body_bytes_per_second_min = 1U << 10;  // averaged over the time spent waiting for a body
  std::chrono::seconds write_stall{30};                // a reader that takes no byte for this long is cut off
  std::size_t connections_max = 10'000;
  std::size_t connections_per_address_max = 1'000;
  std::size_t requests_in_flight_max = 2'000;  // whose bodies are there; beyond it 503
  // Uploads under way. 512 of them hold some 64 MiB of blocks. Those of an address and network count once they are
  // late.
  std::size_t uploads_max = 512;              // beyond it 503
  std::size_t uploads_per_tenant_max = 128;   // beyond it 429, as with the others
  std::size_t uploads_per_network_max = 320;  // several hospitals, or one with several addresses
  std::size_t uploads_per_address_max = 160;  // a hospital whose line is slow, and another on the same address
  // A body is late when its client has been waited for this long altogether. What ordinary requests send is there at
  // once; over a bad line a long letterhead takes a second.
  std::chrono::milliseconds body_prompt{2'000};
  // Late bodies that are no uploads. Each may have json_body_bytes_max in memory.
  std::size_t late_bodies_max = 1'000;            // beyond it 503
  std::size_t late_bodies_per_network_max = 500;  // beyond it 429
  std::size_t late_bodies_per_address_max = 250;  // beyond it 429; a hospital behind a bad line has a few
  // Failures of a minute: unreadable requests, refused credentials, broken handshakes. From a quarter on their answers
  // are slowed; beyond it they are 429. A page whose session is over asks some ten times a minute.
  std::size_t failures_per_network_max = 1'600;
  std::size_t failures_per_address_max = 400;
  std::chrono::milliseconds slowed_max{2'000};      // the longest delay of a late body or of an answer to a failure
  std::size_t event_stream_bytes_max = 128U << 10;  // what the kernel holds for a slow reader of an event stream
  std::chrono::minutes session_idle{30};            // an event stream under a session is not kept longer than this
};

// More fields than any client of ours sends; each costs an allocation.
inline constexpr std::size_t header_fields_max = 64;

// Slack before the minimum body rate counts, and the longest silence inside a body.
inline constexpr auto body_grace = 10s;
inline constexpr auto body_silence_max = 30s;

// A reader of an event stream that is cut off gets this long to take why.
inline constexpr auto last_words_max = 1s;

// Of what an address or network may have at most: the share that costs it no delay.
inline constexpr double late_bodies_free_share = 0.5;
inline constexpr double failures_free_share = 0.25;
// A failure counts a third after this time.
inline constexpr auto failures_fade = 60s;
// A body that comes at half a megabit a second is prompt: a hospital may upload many large files at once.
inline constexpr std::uint64_t prompt_bytes_per_ms = 64;
// Addresses, and networks, whose failures are remembered: some 64 bytes each.
inline constexpr std::size_t failing_clients_max = 4'096;

// Proxies in a row that are read through before a request counts for the nearest; real chains have two or three.
inline constexpr std::size_t forwarded_hops_max = 16;

// After an early error the client may still be sending: its bytes are read and dropped, so that it sees the answer.
inline constexpr auto linger_max = 2s;
// An unread body up to this size is read and dropped, so that the connection stays usable.
inline constexpr std::uint64_t drained_body_max = 64U << 10;

// A chunk's size line with extensions, and the trailer section, of a chunked body.
inline constexpr std::size_t chunk_line_max = 256;
inline constexpr std::size_t trailer_bytes_max = 4U << 10;

// Bytes asked of the socket at once while a header is read: one TLS record.
inline constexpr std::size_t read_block = 16U << 10;
// Bytes a connection moves before the others of its thread get their turn, if its client never makes it wait.
inline constexpr std::size_t turn_bytes_max = 64U << 10;
// Blocks of an upload on their way to its actor: one in flight, one being filled.
inline constexpr std::size_t upload_block = 512U << 10;
// A block begins this small and grows with what arrives: most of many slow uploads wait for their next bytes.
inline constexpr std::size_t upload_block_first = 16U << 10;
inline constexpr std::size_t upload_block_growth = 4;
// What the blocks of all uploads together aim at: the more uploads, the smaller their blocks, down to the least.
inline constexpr std::size_t upload_blocks_total = 16U << 20;
inline constexpr std::size_t upload_block_least = 64U << 10;
// Blocks of a download, decrypted in one go.
inline constexpr std::size_t download_block = 256U << 10;

// Out of descriptors: the acceptor waits this long instead of spinning.
inline constexpr auto accept_backoff = 100ms;
// Connections the kernel completes before we accept them.
inline constexpr int listen_backlog = 1'024;

// A stop lets running requests finish for this long.
inline constexpr auto stop_grace = 2s;
// After that sockets are closed; the coroutines that notice get this long to leave.
inline constexpr auto stop_abort_grace = 500ms;

// How often certificate files are looked at.
inline constexpr auto certificate_check_interval = 10s;

// Longer than an actor's own commit deadline (30 s), so that its answer, not ours, reaches the client.
inline constexpr auto command_deadline = 40s;

// Event streams: a comment this often keeps proxies and clients sure of the connection.
inline constexpr auto event_comment_interval = 15s;
// Events read and written at once; the feed itself is the queue, so this bounds a stream's memory.
inline constexpr std::uint32_t event_batch = 100;

// What a client is told to wait before repeating a refused request.
inline constexpr auto retry_after = 1s;

}  // namespace elsec::gateway
