#include "actors/transfer.hpp"

#include "actors/received_copies.hpp"
#include "decisions/content_keys.hpp"
#include "decisions/deadlines.hpp"
#include "decisions/rows.hpp"

#include <spdlog/spdlog.h>

namespace elsec::actors {

using domain::error_code;
namespace tables = storage::tables;

namespace {

constexpr auto disk_silent = "the disk did not answer in time";

// The sender will not hand out this document, however often it is asked.
bool is_final(error_code code) { return code == error_code::not_found || code == error_code::closed; }

bool is_away(const services& with, const std::string& peer) {
  const auto all = with.links->all();
  const auto found = all.find(peer);
  return found != all.end() && !found->second;
}

// The sentence for the sender.
std::string given_up_because(error_code code) {
  if (code == error_code::storage_full)
    return "the recipient had no room for it for seven days; ask the recipient, then send it again";
  return "the recipient's node could not take it for seven days; send it again";
}

// Chunks travel one after the other; all but a content's last have the full size, so no frame is needed.
std::vector<domain::bytes> split_chunks(const domain::bytes& body) {
  std::vector<domain::bytes> chunks;
  for (std::size_t at = 0; at < body.size(); at += crypto::chunk_sealed_max) {
    const auto size = std::min(crypto::chunk_sealed_max, body.size() - at);
    const auto first = body.begin() + static_cast<std::ptrdiff_t>(at);
    chunks.emplace_back(first, first + static_cast<std::ptrdiff_t>(size));
  }
  return chunks;
}

}  // namespace

transfer_state::~transfer_state() {
  if (promise.pending()) promise.deliver(done(domain::fail(error_code::internal, "the transfer has ended")));
}

caf::typed_response_promise<done> transfer_state::begin(const incoming_transfer&) {
  promise = self->make_response_promise<done>();
  auto announced = codec::from_cbor<wire::announcement>(what.body);
  if (!announced) {
    end(done(domain::fail(error_code::already_done)));  // nobody can be told about what cannot be read
    return promise;
  }
  static_cast<wire::announcement&>(dispatch) = std::move(*announced);
  auto ok = admit();
  if (ok)
    next_file();
  else if (ok.error().code == error_code::recipient_not_electronic)
    refuse("the recipient does not receive electronically any more", true);
  else if (ok.error().code == error_code::invalid)
    refuse("the recipient's node cannot take it: " + ok.error().detail, false);
  else if (ok.error().code == error_code::already_done)
    end(done(std::unexpected(std::move(ok.error()))));
  else
    give_up(std::move(ok.error()));
  return promise;
}

domain::result<void> transfer_state::admit() {
  if (auto ok = check_incoming(dispatch, with->with->policy.document_bytes_max); !ok) return ok;
  auto words = read_letterhead(what.body);
  if (!words) return std::unexpected(std::move(words.error()));
  static_cast<domain::letterhead&>(dispatch) = std::move(*words);
  auto snapshot = with->with->store->read();
  if (!snapshot) return std::unexpected(snapshot.error());
  const auto received =
      snapshot->contains(tables::received_dispatches.name, storage::key_of(what.organisation, dispatch.id));
  if (!received) return std::unexpected(received.error());
  const auto refused = snapshot->contains(tables::refused_dispatches.name, dispatch.id.str());
  if (!refused) return std::unexpected(refused.error());
  if (*received || *refused) return domain::fail(error_code::already_done);
  if (auto ok = take_sender_from_card(*snapshot, what.peer, dispatch); !ok) return ok;
  const auto organisation = snapshot->get(tables::organisations, what.organisation.str());
  if (!organisation) return std::unexpected(organisation.error());
  if (!*organisation || !domain::takes_part(**organisation)) return domain::fail(error_code::recipient_not_electronic);
  for (const auto& one : dispatch.files) {
    room_bytes += one.size;
    if (!holds.emplace_back(with->with->contents->work_on(one.content)))
      return domain::fail(error_code::overloaded, "what an earlier attempt left is being freed");
  }
  room = std::make_unique<room_claim>(*with->with, *with->room, what.organisation);
  return room->cover(room_bytes);
}

void transfer_state::next_file() {
  if (file_index == dispatch.files.size()) return request_slots();
  hash = crypto::sha256_stream{};
  checked = requested = written = 0;
  plain_bytes = 0;
  early.clear();
  fetch_key();
}

template <class Question, class OnAnswer>
void transfer_state::ask(const char* kind, const Question& question, OnAnswer on_answer) {
  self->request(with->links.at(what.peer), no_deadline, ask_peer{kind, codec::to_cbor(question)})
      .then(
          [this, on_answer = std::move(on_answer)](const peer_answer& result) {
            if (over) return;
            if (!result && is_final(result.error().code)) return refuse("the sender no longer has the document", false);
            if (!result && result.error().code == error_code::integrity)
              return refuse("the bytes that arrived are damaged", false);
            if (!result) return give_up(result.error());
            on_answer(**result);
          },
          [this](caf::error&) { give_up({error_code::timed_out, "the link ended", {}}); });
}

void transfer_state::fetch_key() {
  receiver = crypto::ephemeral_key::make();
  const wire::key_wanted question{.organisation = dispatch.sender.organisation_id,
                                  .dispatch = dispatch.id,
                                  .document = file().document,
                                  .receiver = receiver.seal_key()};
  ask(wire::kind_key_wanted, question, [this](const domain::bytes& sealed) {
    auto opened = receiver.open(sealed);
    auto key = opened ? crypto::secret::from(*opened) : domain::result<crypto::secret>(std::unexpected(opened.error()));
    if (!key) return give_up(std::move(key.error()));
    keys.push_back(std::move(*key));
    const auto stored = with->with->content->stored_chunks(file().content);
    if (!stored) return give_up(stored.error());
    resume(std::min(*stored, chunks()));
  });
}

// Chunks that are here already (an earlier attempt, or another copy of the same content) are checked from the disk, a
// bounded slice at a time so that other actors get their turn.
void transfer_state::resume(std::uint32_t stored) {
  if (checked >= stored) {
    requested = written = checked;
    return checked == chunks() ? file_complete() : pull_more();
  }
  auto slice = with->with->content->read(file().content, checked, std::min(chunks_per_request, stored - checked));
  if (!slice || slice->empty()) return give_up({error_code::integrity, "stored chunks cannot be read", {}});
  // Not fetched anew in their place: a content of that name may be another document's, and genuine.
  if (auto ok = check(checked, *slice); !ok) return give_up(std::move(ok.error()));
  self->send(self, tick_atom_v, stored);
}

void transfer_state::pull_more() {
  while (!over && requested < chunks() && requested - written < transfer_requests_max * transfer_chunks_per_request) {
    const auto first = requested;
    const auto count = std::min(transfer_chunks_per_request, chunks() - first);
    requested += count;
    const wire::chunks_wanted question{.organisation = dispatch.sender.organisation_id,
                                       .dispatch = dispatch.id,
                                       .document = file().document,
                                       .first_index = first,
                                       .count = count};
    ask(wire::kind_chunks_wanted, question, [this, first, count](const domain::bytes& body) {
      auto sealed = split_chunks(body);
      if (sealed.size() != count)
        return give_up({error_code::integrity, "the peer sent other chunks than asked for", {}});
      arrived(first, std::move(sealed));
    });
  }
}

// The hash needs the chunks in order; what comes early waits (bounded by the requests under way).
void transfer_state::arrived(std::uint32_t first, std::vector<domain::bytes> sealed) {
  early.emplace(first, std::move(sealed));
  while (!over && !early.empty() && early.begin()->first == checked) {
    auto next = early.extract(early.begin());
    use(next.key(), std::move(next.mapped()));
  }
}

void transfer_state::use(std::uint32_t first, std::vector<domain::bytes> sealed) {
  if (!check(first, sealed)) return refuse("the bytes that arrived are damaged", false);
  const auto count = static_cast<std::uint32_t>(sealed.size());
  content_work work{.changes = {storage::store_chunks{file().content, first, std::move(sealed)}}, .new_slots = 0};
  self->request(with->content_writer, no_deadline, std::make_shared<const content_work>(std::move(work)))
      .then(
          [this, count](content_result& result) {
            if (over) return;
            if (!result) return give_up(std::move(result.error()));
            written += count;
            // The last chunk of a file is shorter.
            stored_bytes = std::min(room_bytes, stored_bytes + count * std::uint64_t{crypto::chunk_plain_max});
            room->written(stored_bytes);
            written == chunks() ? file_complete() : pull_more();
          },
          [this](caf::error&) { give_up({error_code::timed_out, disk_silent, {}}); });
}

domain::result<void> transfer_state::check(std::uint32_t first, const std::vector<domain::bytes>& sealed) {
  for (std::uint32_t i = 0; i < sealed.size(); ++i) {
    const auto plain = crypto::open_chunk(keys.back(), file().content, first + i, sealed[i]);
    if (!plain) return std::unexpected(plain.error());
    hash.add(*plain);
    plain_bytes += plain->size();
    ++checked;
  }
  return {};
}

void transfer_state::file_complete() {
  if (plain_bytes != file().size || crypto::to_hex(hash.finish()) != file().sha256)
    return refuse("the bytes that arrived do not have the digest that was announced", false);
  ++file_index;
  next_file();
}

void transfer_state::request_slots() {
  const content_work work{.changes = {}, .new_slots = static_cast<std::uint32_t>(dispatch.files.size())};
  self->request(with->content_writer, no_deadline, std::make_shared<const content_work>(work))
      .then(
          [this](content_result& result) {
            if (!result) return give_up(std::move(result.error()));
            commit(result->slots);
          },
          [this](caf::error&) { give_up({error_code::timed_out, disk_silent, {}}); });
}

void transfer_state::commit(const std::vector<crypto::slot>& slots) {
  auto changes = receive_copies(*with->with, what, dispatch, keys, slots);
  if (!changes) return give_up(std::move(changes.error()));
  self->request(with->writer, no_deadline, share(std::move(*changes)))
      .then(
          [this](commit_result& result) {
            // A conflict says that the dispatch has been received before: then it only remains to say so.
            if (!result && result.error().code != error_code::conflict) return give_up(std::move(result.error()));
            // What another attempt has brought under other names stays pending, until the janitor looks at who holds
            // it.
            if (result) settle_contents();
            end(result ? done{} : done(domain::fail(error_code::already_done)));
          },
          [this](caf::error&) { give_up({error_code::timed_out, disk_silent, {}}); });
}

void transfer_state::settle_contents() {
  content_work settle;
  for (const auto& one : dispatch.files) settle.changes.emplace_back(storage::settle_content{one.content});
  caf::anon_send(with->content_writer, std::make_shared<const content_work>(std::move(settle)));
}

// On its last day it is refused, so that the sender learns of it.
void transfer_state::give_up(domain::error error) {
  if (over) return;
  if (is_away(*with->with, what.peer)) return end(done(std::unexpected(std::move(error))));
  storage::change_set changes;
  const auto later = put_off_row(changes);
  if (!later) return end(done(std::unexpected(std::move(error))));
  if (*later) {
    over = true;
    return write_end(std::move(changes), done(std::unexpected(std::move(error))));
  }
  spdlog::warn("transfer: {} from {} is given up: {}", dispatch.id.str(), what.peer, domain::name_of(error.code));
  with->with->metrics->transfer_given_up(what.peer);
  refuse(given_up_because(error.code), false);
}

// False when it was put off for long enough.
domain::result<bool> transfer_state::put_off_row(storage::change_set& changes) const {
  const auto snapshot = with->with->store->read();
  if (!snapshot) return std::unexpected(snapshot.error());
  auto row = find_row(*snapshot, tables::inbound, what.row);
  if (!row) return std::unexpected(std::move(row.error()));
  const auto wait = next_wait(row->attempts);
  if (!wait) return false;
  ++row->attempts;
  row->again_at = with->with->now() + *wait;
  changes.put(tables::inbound, what.row, *row);
  return true;
}

void transfer_state::refuse(const std::string& reason, bool letter_possible) {
  if (std::exchange(over, true)) return;
  spdlog::info("transfer: {} from {} is refused: {}", dispatch.id.str(), what.peer, reason);
  storage::change_set changes;
  refuse_dispatch(changes, *with->with, what, dispatch, reason, letter_possible);
  write_end(std::move(changes), {});
}

void transfer_state::write_end(storage::change_set changes, done result) {
  self->request(with->writer, no_deadline, share(std::move(changes)))
      .then([this, result](commit_result& ended) { end(ended ? result : done(std::unexpected(ended.error()))); },
            [this](caf::error&) { end(domain::fail(error_code::timed_out, disk_silent)); });
}

void transfer_state::end(done result) {
  over = true;
  promise.deliver(std::move(result));
  self->quit();
}

transfer_actor::behavior_type transfer(transfer_actor::stateful_pointer<transfer_state> self, shared_context with,
                                       incoming_transfer what) {
  auto& state = self->state;
  state.with = std::move(with);
  state.what = std::move(what);
  return {
      [self](const incoming_transfer& command) { return self->state.begin(command); },
      [self](tick_atom, std::uint32_t stored) { self->state.resume(stored); },
  };
}

}  // namespace elsec::actors
