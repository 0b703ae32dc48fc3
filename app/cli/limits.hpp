#pragma once
// Every bound of the command line in one place. A hostile or broken node costs at most this much memory and time.

#include <chrono>
#include <cstddef>
#include <cstdint>

namespace elsec::cli {

using namespace std::chrono_literals;

// Header of an answer; the node's own limit is 8 KiB. A single line may grow to 100 KiB in libcurl before it is judged.
inline constexpr std::size_t head_size_max_bytes = 32 * 1024;
// One JSON answer: a page of 500 records with long messages stays far below.
inline constexpr std::uint64_t json_size_max_bytes = 16ULL * 1024 * 1024;
// A problem document or anything else an error answer carries.
inline constexpr std::uint64_t problem_size_max_bytes = 1024 * 1024;
inline constexpr std::size_t problem_fields_max = 50;
inline constexpr std::size_t json_depth_max = 32;
// One event of the event stream.
inline constexpr std::size_t event_size_max_bytes = 64 * 1024;
// Informational answers (1xx) before the real one.
inline constexpr int interim_answers_max = 4;
// A body from this size on waits for the node's consent (Expect: 100-continue, at most 1 s): a round trip that saves
// sending what is refused by its header, and seeing the refusal for sure.
inline constexpr std::uint64_t announced_size_min_bytes = 1024 * 1024;
// Upload and download move in blocks of this size: one TLS record.
inline constexpr std::size_t block_size_bytes = 16 * 1024;

inline constexpr std::size_t page_items_max = 500;       // the API's limit for one page
inline constexpr std::size_t listed_items_default = 50;  // what a list shows unless --limit says more
inline constexpr std::size_t pages_max = 2'000;          // ends a list whose cursor runs in a circle

// Until TLS with the node stands: names, TCP, a proxy and its answer, handshakes.
inline constexpr std::chrono::milliseconds connect_timeout = 20s;
// Silence while bytes should flow; the event stream sends a comment every 15 s.
inline constexpr std::chrono::milliseconds silence_max = 60s;
// From the last byte sent to the first one answered: a large upload is hashed, screened and synced in between.
inline constexpr std::chrono::milliseconds answer_timeout = 120s;

inline constexpr std::size_t receipts_file_max_bytes = 64ULL * 1024 * 1024;
inline constexpr std::size_t settings_file_max_bytes = 64ULL * 1024;
inline constexpr std::size_t password_max_bytes = 1024;
// What a file system takes as one name, less room for the temporary file's suffix.
inline constexpr std::size_t file_name_max_bytes = 200;

}  // namespace elsec::cli
