#include "actors/upload.hpp"

#include "actors/content_writer.hpp"
#include "codec/json.hpp"
#include "crypto/random.hpp"
#include "decisions/content_keys.hpp"
#include "decisions/deadlines.hpp"
#include "decisions/document_index.hpp"
#include "decisions/receipts.hpp"
#include "decisions/rows.hpp"

#include <algorithm>

namespace elsec::actors {

using domain::error_code;
namespace tables = storage::tables;

namespace {

std::string fingerprint_of(const services& with, const begin_upload& what, const std::string& sha256) {
  return with.store->index_hash("upload", sha256 + "\n" + what.media_type.str() + "\n" + what.filename.str());
}

// Only PDFs can hide something from the look at the first bytes; they are examined in the child process.
bool needs_examination(std::string_view type, std::string_view first_bytes) {
  return domain::plain_type_of(type) == "application/pdf" || domain::opens_as_pdf(first_bytes);
}

domain::document_row new_document(const services& with, const begin_upload& what, const std::string& sha256,
                                  std::uint64_t size, std::string_view first_bytes) {
  const auto now = with.now();
  domain::document_row document;
  document.id = crypto::new_id<domain::document_id>(now);
  document.filename = what.filename.str();
  document.media_type = what.media_type.str();
  document.size = size;
  document.sha256 = sha256;
  document.state = domain::document_state::draft;
  document.screening =
      needs_examination(document.media_type, first_bytes) ? domain::screening::pending : domain::screening::clean;
  document.created_at = now;
  document.closes_at = now + with.policy.retention.unsent;
  document.closes_because = domain::close_reason::unsent_draft;
  return document;
}

}  // namespace

domain::result<void> upload_state::check_block(const domain::bytes& data) {
  if (data.size() > upload_block_max) return domain::fail(error_code::internal, "an upload block is too large");
  if (size + data.size() > with->with->policy.document_bytes_max)
    return domain::fail(error_code::too_large, "a document may have at most " +
                                                   std::to_string(with->with->policy.document_bytes_max) + " bytes");
  if (first_look.size() < domain::first_look_bytes) {
    const auto wanted = std::min(domain::first_look_bytes - first_look.size(), data.size());
    first_look.append(reinterpret_cast<const char*>(data.data()), wanted);
    if (auto reason = domain::refused_as_executable(what.media_type.str(), what.filename.str(), first_look))
      return domain::fail(error_code::unsupported_media_type, *reason);
  }
  // All of it was claimed at the beginning if the client said how much comes.
  return room->cover(size + data.size());
}

// Full chunks of what is left over and the new block; the rest waits.
std::vector<storage::content_change> upload_state::seal_full_chunks(const domain::bytes& data) {
  std::vector<domain::bytes> chunks;
  std::span<const std::uint8_t> rest(data);
  const auto first = next_index;
  while (tail.size() + rest.size() >= crypto::chunk_plain_max) {
    const auto wanted = crypto::chunk_plain_max - tail.size();
    if (tail.empty()) {
      chunks.push_back(crypto::seal_chunk(key, content, next_index++, rest.first(wanted)));
    } else {
      tail.insert(tail.end(), rest.begin(), rest.begin() + static_cast<std::ptrdiff_t>(wanted));
      chunks.push_back(crypto::seal_chunk(key, content, next_index++, tail));
      tail.clear();
    }
    rest = rest.subspan(wanted);
  }
  tail.insert(tail.end(), rest.begin(), rest.end());
  if (chunks.empty()) return {};
  stored_something = true;
  return {storage::store_chunks{content, first, std::move(chunks)}};
}

caf::typed_response_promise<done> upload_state::take(const upload_block& block) {
  auto promise = self->make_response_promise<done>();
  if (auto ok = check_block(*block.data); !ok) {
    promise.deliver(done(std::unexpected(std::move(ok.error()))));
    abort();
    return promise;
  }
  hash.add(*block.data);
  size += block.data->size();
  auto changes = seal_full_chunks(*block.data);
  if (changes.empty()) {
    promise.deliver(done{});
    return promise;
  }
  self->request(with->content_writer, no_deadline,
                std::make_shared<const content_work>(content_work{std::move(changes), 0}))
      .then(
          [this, promise, stored = size - tail.size()](content_result& result) mutable {
            if (result) {
              room->written(stored);
              return reply(promise, done{});
            }
            promise.deliver(done(std::unexpected(std::move(result.error()))));
            abort();
          },
          [this, promise](caf::error&) mutable {
            reply_error(promise, error_code::timed_out, "the disk did not answer in time; repeat later");
            abort();
          });
  return promise;
}

// The hex digest, once size and digest are what the client announced.
domain::result<std::string> upload_state::check_whole() {
  if (size == 0) return domain::fail(error_code::invalid, "the file is empty; send its bytes as the request body");
  if (what.size && *what.size != size)
    return domain::fail(error_code::bad_request, "fewer bytes arrived than Content-Length announced");
  const auto digest = hash.finish();
  if (what.sha256 && *what.sha256 != digest)
    return domain::fail(error_code::digest_mismatch,
                        "the bytes that arrived do not have this SHA-256; send them again");
  return crypto::to_hex(digest);
}

caf::typed_response_promise<outcome> upload_state::finish() {
  auto promise = self->make_response_promise<outcome>();
  auto sha256 = check_whole();
  if (!sha256) {
    fail_with(std::move(sha256.error()), promise);
    return promise;
  }
  if (auto earlier = earlier_answer(*sha256)) {
    promise.deliver(std::move(*earlier));
    abort();
    return promise;
  }
  make_way(*sha256, promise);
  return promise;
}

// An answer whose time is over is none, but its row is where this one's belongs: it goes first.
void upload_state::make_way(const std::string& sha256, caf::typed_response_promise<outcome> promise) {
  auto forget = what.repeat ? forget_if_over(*with->with, what.repeat->key) : shared_command{};
  if (!forget) return fail_with(std::move(forget.error()), promise);
  if (*forget == nullptr) return store_last(sha256, promise);
  self->request(with->node, commit_deadline, *forget)
      .then(
          [this, promise, sha256](outcome& forgotten) mutable {
            if (!forgotten) return fail_with(std::move(forgotten.error()), promise);
            store_last(sha256, promise);
          },
          [this, promise](caf::error&) mutable {
            fail_with({error_code::timed_out, "the disk did not answer in time; repeat later", {}}, promise);
          });
}

void upload_state::store_last(const std::string& sha256, caf::typed_response_promise<outcome> promise) {
  content_work last{.changes = {}, .new_slots = 1};
  if (!tail.empty())
    last.changes.push_back(
        storage::store_chunks{content, next_index, {crypto::seal_chunk(key, content, next_index, tail)}});
  stored_something = true;
  self->request(with->content_writer, no_deadline, std::make_shared<const content_work>(std::move(last)))
      .then(
          [this, promise, sha256](content_result& result) mutable {
            if (!result) return fail_with(std::move(result.error()), promise);
            store_record(result->slots.front(), sha256, promise);
          },
          [this, promise](caf::error&) mutable {
            fail_with({error_code::timed_out, "the disk did not answer in time; repeat later", {}}, promise);
          });
}

// A repeated upload is told from another one by its digest, so only now: the first answer, or `key_reused`.
std::optional<outcome> upload_state::earlier_answer(const std::string& sha256) const {
  if (!what.repeat) return std::nullopt;
  const auto& services = *with->with;
  const auto row = find_answer(services, what.repeat->key);
  if (!row) return outcome(std::unexpected(row.error()));
  if (!*row) return std::nullopt;
  if ((*row)->fingerprint != fingerprint_of(services, what, sha256))
    return outcome(domain::fail(error_code::key_reused, "use a new Idempotency-Key for another file"));
  return outcome(answered{(*row)->status, (*row)->body, (*row)->location});
}

// Its bytes may have taken hours.
done upload_state::check_credential() const {
  auto snapshot = with->with->store->read();
  if (!snapshot) return std::unexpected(std::move(snapshot.error()));
  return decisions::check_credential(*snapshot, what.who.credential);
}

void upload_state::store_record(const crypto::slot& slot, const std::string& sha256,
                                caf::typed_response_promise<outcome> promise) {
  const auto& services = *with->with;
  if (auto holds = check_credential(); !holds) return fail_with(std::move(holds.error()), promise);
  const auto& of = what.who.organisation_id;
  auto document = new_document(services, what, sha256, size, first_look);
  auto reference = wrap_content_key(services, of, document.id, content, key, slot);
  if (!reference) return fail_with(std::move(reference.error()), promise);
  document.content = std::move(*reference);

  storage::change_set changes;
  add_receipt(changes, services, of, document, domain::receipt_kind::uploaded);
  insert_document(changes, services, of, document);
  const std::string content_key(content.begin(), content.end());
  changes.put(tables::content_holders, storage::key_of(content_key, of, document.id), {});
  changes.add_usage(of, static_cast<std::int64_t>(size));
  to_be_screened = document.screening == domain::screening::pending;
  if (to_be_screened) set_deadline(changes, {file_to_screen, right_away, of, document.id.str()});
  answered answer{.status = 201,
                  .body = codec::to_json(static_cast<const domain::document&>(document)),
                  .location = "/api/v1/documents/" + document.id.str()};
  auto repeat = what.repeat;
  if (repeat) repeat->fingerprint = fingerprint_of(services, what, sha256);
  keep_answer(changes, services, repeat, answer, {.of = of, .id = document.id.str()});
  commit_record(std::move(changes), std::move(answer), sha256, promise);
}

void upload_state::commit_record(storage::change_set changes, answered answer, const std::string& sha256,
                                 caf::typed_response_promise<outcome> promise) {
  committing = true;
  self->request(with->writer, no_deadline, share(std::move(changes)))
      .then(
          [this, promise, sha256, answer = std::move(answer)](commit_result& result) mutable {
            committing = false;
            if (!result) return refused(std::move(result.error()), sha256, promise);
            caf::anon_send(with->content_writer, work_to_settle(content));
            if (to_be_screened) self->send(with->janitor, wake_atom_v);
            promise.deliver(outcome(std::move(answer)));
            self->quit();
          },
          // Unknown whether it took effect: the content stays, a start tells by the record whether it is needed.
          [this, promise](caf::error&) mutable {
            reply_error(promise, error_code::timed_out, "the disk did not answer in time; repeat later");
            self->quit();
          });
}

// A twin with the same key may have been faster: then its answer is the answer.
void upload_state::refused(domain::error error, const std::string& sha256,
                           caf::typed_response_promise<outcome> promise) {
  auto earlier = error.code == error_code::conflict ? earlier_answer(sha256) : std::nullopt;
  if (!earlier) return fail_with(std::move(error), promise);
  promise.deliver(std::move(*earlier));
  abort();
}

void upload_state::fail_with(domain::error error, caf::typed_response_promise<outcome> promise) {
  auto reply = outcome(std::unexpected(std::move(error)));
  promise.deliver(std::move(reply));
  abort();
}

void upload_state::abort() {
  if (committing) return;  // the record may already refer to the content
  free_content();
  self->quit();
}

void upload_state::free_content() {
  if (!std::exchange(stored_something, false)) return;
  for (auto& work : work_to_free(*with->with->content, content)) caf::anon_send(with->content_writer, std::move(work));
}

upload_actor::behavior_type upload(upload_actor::stateful_pointer<upload_state> self, shared_context with,
                                   begin_upload what, std::shared_ptr<room_claim> room) {
  auto& state = self->state;
  state.with = std::move(with);
  state.room = std::move(room);
  state.what = std::move(what);
  state.content = crypto::new_content_id();
  state.hold = state.with->with->contents->work_on(state.content);
  state.key = crypto::secret::random();
  return {
      [self](const upload_block& block) { return self->state.take(block); },
      [self](const finish_upload&) { return self->state.finish(); },
      [self](const abort_upload&) { self->state.abort(); },
  };
}

}  // namespace elsec::actors
