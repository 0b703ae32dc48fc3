#pragma once
// One incoming dispatch on the recipient's side: fetches the content keys, pulls the sealed chunks, checks every byte,
// and commits the recipient's copies together with the statement that they have arrived.
//
//   inbound row -> key (kept in memory) -> chunks, checked and written as they come -> slots -> one commit:
//   copies, box, event, receipt, statement to the sender, and the end of the inbound row
//
// A failure that may pass leaves the row, put off for longer each time; the link starts the transfer again and it goes
// on at the first missing chunk. A failure that will not pass, or has not passed for seven days, is answered with a
// refusal, and the row goes. While the peer is away nothing fails: it goes on when the peer is back.

#include "actors/context.hpp"
#include "domain/wire.hpp"

#include <map>

namespace elsec::actors {

struct transfer_state {
  explicit transfer_state(transfer_actor::pointer own_self) : self(own_self) {}
  transfer_state(const transfer_state&) = delete;
  transfer_state& operator=(const transfer_state&) = delete;
  // Whatever it ends with, the link is told: it waits without a deadline.
  ~transfer_state();

  caf::typed_response_promise<done> begin(const incoming_transfer& command);
  void resume(std::uint32_t stored);

  transfer_actor::pointer self;
  shared_context with;
  incoming_transfer what;
  wire::dispatch dispatch;
  caf::typed_response_promise<done> promise;

  // The file being fetched.
  std::size_t file_index = 0;
  crypto::ephemeral_key receiver;
  std::vector<crypto::secret> keys;  // of the files fetched so far and the current one
  crypto::sha256_stream hash;
  std::uint64_t plain_bytes = 0;
  std::uint32_t checked = 0;                                  // chunks checked and hashed
  std::uint32_t requested = 0;                                // chunks asked for
  std::uint32_t written = 0;                                  // chunks on disk
  std::map<std::uint32_t, std::vector<domain::bytes>> early;  // arrived before their turn, by first index
  std::vector<content_board::hold> holds;                     // of the contents
  std::unique_ptr<room_claim> room;                           // for all files
  std::uint64_t room_bytes = 0;                               // claimed
  std::uint64_t stored_bytes = 0;                             // of all files, in this attempt
  bool over = false;                                          // what came of it is being written

 private:
  [[nodiscard]] const wire::file& file() const { return dispatch.files[file_index]; }
  [[nodiscard]] std::uint32_t chunks() const { return crypto::chunk_count(file().size); }

  domain::result<void> admit();
  void next_file();
  void fetch_key();
  void pull_more();
  void arrived(std::uint32_t first, std::vector<domain::bytes> sealed);
  void use(std::uint32_t first, std::vector<domain::bytes> sealed);
  domain::result<void> check(std::uint32_t first, const std::vector<domain::bytes>& sealed);
  void file_complete();
  void request_slots();
  void commit(const std::vector<crypto::slot>& slots);
  void settle_contents();
  void give_up(domain::error error);
  [[nodiscard]] domain::result<bool> put_off_row(storage::change_set& changes) const;
  void refuse(const std::string& reason, bool letter_possible);
  void write_end(storage::change_set changes, done result);
  void end(done result);
  template <class Question, class OnAnswer>
  void ask(const char* kind, const Question& question, OnAnswer on_answer);
};

transfer_actor::behavior_type transfer(transfer_actor::stateful_pointer<transfer_state> self, shared_context with,
                                       incoming_transfer what);

}  // namespace elsec::actors
