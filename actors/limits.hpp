#pragma once
// Bounds and times of the actors that are no settings, each with its reason.

#include <chrono>
#include <cstddef>
#include <cstdint>

namespace elsec::actors {

using namespace std::chrono_literals;

// A group of change sets is synced at once; beyond this the next group begins, so that nobody waits for a whole queue.
inline constexpr std::size_t group_bytes_max = 8U << 20;
inline constexpr std::size_t group_change_sets_max = 1'024;

// Contents whose record has committed are settled by the next commit, or after this: a commit of their own would cost
// as much as storing a document.
inline constexpr auto settle_wait = 200ms;

// Long enough for a commit behind a full group on a slow disk; after it the requester is told that it may repeat.
inline constexpr auto commit_deadline = 30s;

// A document's actor leaves after this much silence; the tenant's follows later.
inline constexpr auto document_idle = 2s;
inline constexpr auto tenant_idle = 60s;

// Blocks of an upload are at most this large (the gateway reads them so).
inline constexpr std::size_t upload_block_max = 1U << 20;

// Envelopes to one peer that may wait for acknowledgement, and inbound ones that may wait for their commit.
inline constexpr std::size_t link_window = 256;
inline constexpr std::size_t link_inbound_max = 1'024;
inline constexpr auto link_tick = 500ms;
// No acknowledgement for this long: ask what arrived.
inline constexpr auto link_stalled = 5s;
// A hello on a quiet link, so that a lost one heals.
inline constexpr auto link_hello_interval = 15s;
// What a peer says it understands changes when its software does: more often it is not believed.
inline constexpr auto link_learn_interval = 5s;
// A gap is reported at most this often.
inline constexpr auto link_gap_interval = 200ms;
// Outbox rows that no copy of a peer can ask for any more go in batches, looked for this often.
inline constexpr std::size_t outbox_trim_batch = 256;
inline constexpr auto outbox_trim_interval = std::chrono::seconds(60);
// What is kept of envelopes that can never be applied, per peer.
inline constexpr std::size_t rejected_rows_max = 1'000;
// Requests of one kind to one peer under way (`pacing.hpp`). The most hold 8 MiB of chunks: half of what may have
// arrived from a peer and not be done with, and 80 MiB/s at 100 ms.
inline constexpr std::size_t link_requests_first = 2;
inline constexpr std::size_t link_requests_max = 32;
// An answer that comes later has waited behind others, and so has whatever else is on the way.
inline constexpr auto link_answer_soon = 1s;
// When a request is asked again: before any answer was measured (256 KiB take ten seconds on 200 kbit/s); never sooner
// than this, since an answer may wait for a disk; never later, so that three are tried before a silent peer is given
// up.
inline constexpr auto link_repeat_first = 10s;
inline constexpr auto link_repeat_min = 3s;
inline constexpr auto link_repeat_max = 30s;
// Requests are given up when none is answered for so long; one that is never answered while others are, after so long
// and so many times.
inline constexpr auto link_request_deadline = 60s;
inline constexpr unsigned link_asked_max = 6;

// Pages of cards asked for after one hello: two million organisations of one node, and an end with a peer that says
// without end that there are more.
inline constexpr std::size_t card_pages_max = 20'000;
// A peer that says it holds a card of this node from further ahead than a clock was ever set wrong is not believed.
inline constexpr auto card_version_ahead_max = std::chrono::days(366);
// Larger answers give way to whatever else is to be sent.
inline constexpr std::size_t link_urgent_bytes_max = 4U << 10;
// Documents of one peer coming in side by side; the others wait as rows.
inline constexpr std::size_t link_transfers_max = 16;
// A transfer that failed and could not be put off on disk is tried again after this, doubled up to the maximum.
inline constexpr auto transfer_retry_first = 1s;
inline constexpr auto transfer_retry_max = 60s;

// Chunks a transfer asks for at once, and its requests under way: 256 KiB hold up whoever waits behind them for half a
// second on 4 Mbit/s, and all of them are as much as four of the largest answers.
inline constexpr std::uint32_t transfer_chunks_per_request = 4;
inline constexpr std::uint32_t transfer_requests_max = 16;

// Files beyond this are screened by their first bytes only and are never printed.
inline constexpr std::uint64_t examined_bytes_max = 64ULL << 20;
// A letter's files are in memory together: two of the largest, which no print room takes as one letter anyway.
inline constexpr std::uint64_t letter_bytes_max = 128ULL << 20;

// So many rejections a peer is told in that time; each is a row of the outbox.
inline constexpr std::size_t rejections_max = 60;
inline constexpr auto rejections_per = std::chrono::hours(1);
inline constexpr std::size_t rejection_reason_max = 200;

inline constexpr std::size_t janitor_batch = 256;
// Batches of contents of which none is to be freed, before others get their turn.
inline constexpr int free_batches_max = 16;
// Deadlines that one command meets together: their commit takes as long as that of a large dispatch, and a user's
// command of the same organisation waits behind one of them at most. A thousand a second on a disk that takes 250 ms.
inline constexpr std::size_t deadlines_together_max = 256;
// Such deadlines looked at in one look: some milliseconds.
inline constexpr std::size_t deadlines_looked_at_max = 4'096;
// Works of the content writer that free contents, under way at once: each deletes at most 1,024 chunks, all of them
// together 1 GiB.
inline constexpr std::size_t freeing_works_max = 16;

// A row that could not be read is there for whoever looks into it, and holds a person's data under its seal.
inline constexpr auto damaged_kept = std::chrono::days(30);
inline constexpr auto janitor_tick = 10s;
// How long a deadline that could not be met waits before it is tried again, doubled up to the maximum.
inline constexpr auto due_retry_first = 1s;
inline constexpr auto due_retry_max = std::chrono::minutes(10);
// Looks for deadlines that others ask for are this far apart: many uploads at once cost a few looks. And after each
// one, also of its own, the janitor rests for so many times as long as it took: many rows that cannot be begun yet cost
// a part of a thread at most.
inline constexpr auto due_look_interval = 10ms;
inline constexpr int due_look_rest = 4;
// Organisations that have their share under way, passed over in one look.
inline constexpr std::size_t due_passed_over_max = 4'096;
// Deadlines that lie further ahead than right now, looked at in one tick for whether the clock was set back since.
inline constexpr std::size_t misdated_looked_at_max = 1'024;

}  // namespace elsec::actors
