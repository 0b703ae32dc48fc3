#pragma once
// The only writes to the `content` environment and to the slot file. One group: slots are written and synced, then the
// chunks are committed and synced, then everyone is answered. So a slot is on disk before any record can name it.

#include "actors/interfaces.hpp"
#include "decisions/services.hpp"

namespace elsec::actors {

struct content_writer_state {
  explicit content_writer_state(content_writer_actor::pointer own_self) : self(own_self) {}

  struct waiting {
    shared_content_work work;
    caf::typed_response_promise<content_result> promise;
    content_written written{};
    std::optional<domain::error> refused{};  // no space for its slots
  };

  caf::typed_response_promise<content_result> take(const shared_content_work& work);
  void schedule_settling();
  void flush();
  void create_slots(std::vector<waiting>& group);
  void commit(std::vector<waiting>& group);

  content_writer_actor::pointer self;
  shared_services with;
  std::vector<waiting> queue;
  std::size_t queued_bytes = 0;
  bool flush_queued = false;
  std::chrono::steady_clock::time_point settling_until{};
};

// Spawn detached: it blocks on the disk.
content_writer_actor::behavior_type content_writer(content_writer_actor::stateful_pointer<content_writer_state> self,
                                                   shared_services with);

// The record that names the content is on disk.
[[nodiscard]] shared_content_work work_to_settle(const crypto::content_id& content);
// Deletes a content that no record names, batch by batch, so that nobody waits long behind a large one.
[[nodiscard]] std::vector<shared_content_work> work_to_free(const storage::content_store& store,
                                                            const crypto::content_id& content);

}  // namespace elsec::actors
