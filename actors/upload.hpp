#pragma once
// One upload: hashes and seals the bytes as they come, has them written, and makes a document of them. 201 is answered
// when content, slot and record are on disk, in that order.

#include "actors/context.hpp"

namespace elsec::actors {

struct upload_state {
  explicit upload_state(upload_actor::pointer own_self) : self(own_self) {}

  caf::typed_response_promise<done> take(const upload_block& block);
  caf::typed_response_promise<outcome> finish();
  void abort();

  upload_actor::pointer self;
  shared_context with;
  begin_upload what;
  std::shared_ptr<room_claim> room;
  crypto::content_id content{};
  content_board::hold hold;  // of the content
  crypto::secret key;
  crypto::sha256_stream hash;
  std::uint64_t size = 0;
  std::uint32_t next_index = 0;
  std::string first_look;  // the first bytes, for the look at what kind of file it is
  domain::bytes tail;      // less than a chunk, until the next block or the end
  bool stored_something = false;
  bool committing = false;
  bool to_be_screened = false;

 private:
  domain::result<void> check_block(const domain::bytes& data);
  domain::result<std::string> check_whole();
  std::vector<storage::content_change> seal_full_chunks(const domain::bytes& data);
  void make_way(const std::string& sha256, caf::typed_response_promise<outcome> promise);
  void store_last(const std::string& sha256, caf::typed_response_promise<outcome> promise);
  [[nodiscard]] done check_credential() const;
  void store_record(const crypto::slot& slot, const std::string& sha256, caf::typed_response_promise<outcome> promise);
  std::optional<outcome> earlier_answer(const std::string& sha256) const;
  void commit_record(storage::change_set changes, answered answer, const std::string& sha256,
                     caf::typed_response_promise<outcome> promise);
  void refused(domain::error error, const std::string& sha256, caf::typed_response_promise<outcome> promise);
  void fail_with(domain::error error, caf::typed_response_promise<outcome> promise);
  void free_content();
};

upload_actor::behavior_type upload(upload_actor::stateful_pointer<upload_state> self, shared_context with,
                                   begin_upload what, std::shared_ptr<room_claim> room);

}  // namespace elsec::actors
