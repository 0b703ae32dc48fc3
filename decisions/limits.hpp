#pragma once
// Bounds of what decisions and reads use that are no settings, each with its reason.

#include <chrono>
#include <cstddef>
#include <cstdint>

namespace elsec::decisions {

// Rows a list opens for one page when few of them are what is wanted: the items of the longest page. A page that ends
// there has fewer items, and a cursor. Opening one takes about 8 microseconds.
inline constexpr std::size_t rows_per_page_max = 500;
// Keys of an index that it passes by for one page without opening a row: each takes about a microsecond.
inline constexpr std::size_t keys_per_page_max = 3'000;
// Of a search's words and other terms the rarest is followed: each is counted so far to tell.
inline constexpr std::size_t term_count_max = 500;
inline constexpr std::ptrdiff_t terms_counted_max = 8;

// Envelopes that wait for a peer to understand them: so many, and so long. Longer than a node may run old software.
inline constexpr std::size_t set_aside_rows_max = 10'000;
inline constexpr auto set_aside_kept = std::chrono::days(30);

// What is kept of the body of an envelope that can never take effect.
inline constexpr std::size_t rejected_body_bytes_max = 4U << 10;

// Cards in one answer to a peer.
inline constexpr std::size_t cards_per_message = 100;

// Chunks asked for at once: 16 x 65,520 bytes stay under the transport's message limit of 2 MiB.
inline constexpr std::uint32_t chunks_per_request = 16;

// Sessions that are in use at one time, each about 100 bytes; beyond it nobody else can sign in. More than log-ins at
// 20 a second, which the hashing of passwords allows, make in the 12 hours a session lasts.
inline constexpr std::size_t active_credentials_max = 1'000'000;
// At that number idle ones are looked for no more often: it takes some 20 milliseconds.
inline constexpr auto idle_forgotten_apart = std::chrono::seconds(1);

// How long an account waits after a failed log-in: at first, and at most.
inline constexpr auto log_in_delay_first = std::chrono::seconds(1);
inline constexpr auto log_in_delay_max = std::chrono::seconds(60);
// Failures are forgotten after this much silence, once more accounts than this have had some.
inline constexpr auto log_in_failures_kept = std::chrono::minutes(15);
inline constexpr std::size_t delayed_log_ins_max = 100'000;

// A deadline whose work failed for a reason that may pass is put off: for this long at first, twice as long each time,
// up to the longest. Once the waits have come to this much, its work has failed for good. Time spent without power does
// not count.
inline constexpr auto put_off_first = std::chrono::seconds(5);
inline constexpr auto put_off_longest = std::chrono::hours(1);
inline constexpr auto put_off_altogether = std::chrono::hours(24 * 7);

// Work that a helper does one at a time: commands of one kind that may wait for it, and so the organisations among whom
// it takes turns.
inline constexpr std::size_t helped_at_once = 32;
// Looks at files of one organisation: two, so that the helper has something to do while what it has seen is written.
inline constexpr std::size_t screened_at_once_each = 2;
// The postal office may have twice as many before it (letters to be composed, and to be handed over), each of which may
// take the child process a minute.
inline constexpr auto helper_patience = std::chrono::minutes(90);
// A command that waits for a helper, its commit included.
inline constexpr auto helped_patience = helper_patience + std::chrono::minutes(1);

// Two clocks that are read so close to each other are read at the same moment; far below what counts as a jump.
inline constexpr auto clock_reading_max = std::chrono::seconds(1);

}  // namespace elsec::decisions
