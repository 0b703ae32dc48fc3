#pragma once
// What parent, child and grandchild say to each other.
//
//   parent  --job (CBOR) + files [input, answer, pdf]-->  child  --fork-->  grandchild
//   parent  <--job_outcome (one byte)-------------------  child  <--exit--  grandchild
//
// The input file is sealed and holds the documents one after the other. The grandchild writes its answer (CBOR) and a
// composed PDF into the other two; the parent reads them once the grandchild is dead.

#include "postal/file.hpp"
#include "postal/findings.hpp"
#include "postal/worker.hpp"

#include <boost/describe.hpp>

#include <cstdint>
#include <string>
#include <vector>

namespace elsec::postal {

inline constexpr std::size_t job_message_bytes_max = std::size_t{96} << 10U;  // a cover page's words at their longest
inline constexpr std::size_t job_answer_bytes_max = std::size_t{16} << 10U;
inline constexpr std::size_t job_files = 3;
inline constexpr std::uint64_t job_input_bytes_max = std::uint64_t{2} << 30U;

enum class job_kind : std::uint8_t { inspect, compose };
BOOST_DESCRIBE_ENUM(job_kind, inspect, compose)

struct job {
  job_kind kind = job_kind::inspect;
  std::string claimed_type;
  cover words;
  std::vector<std::uint64_t> document_bytes;
  std::uint64_t memory_bytes = 0;
  std::uint64_t cpu_s = 0;
  std::uint64_t wall_ms = 0;
  std::uint64_t output_bytes = 0;
};
BOOST_DESCRIBE_STRUCT(job, (), (kind, claimed_type, words, document_bytes, memory_bytes, cpu_s, wall_ms, output_bytes))

struct job_answer {
  std::string detected_type;
  std::uint32_t pages = 0;
  findings quarantine;
  findings unprintable;
  std::uint32_t document = 0;  // the one the findings are about; 0: none in particular
};
BOOST_DESCRIBE_STRUCT(job_answer, (), (detected_type, pages, quarantine, unprintable, document))

enum class job_outcome : std::uint8_t { answered = 1, died, timed_out, not_started };

// Messages keep their bounds on the socket (SOCK_SEQPACKET).
struct packet {
  domain::bytes data;
  std::vector<unique_fd> files;
};

[[nodiscard]] domain::result<void> send_packet(int socket, std::span<const std::uint8_t> data,
                                               std::span<const int> files);
// Waits. An empty packet: the other side has gone. `bad_request` for more data or files than allowed.
[[nodiscard]] domain::result<packet> receive_packet(int socket);

}  // namespace elsec::postal
