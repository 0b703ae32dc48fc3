// Requests between nodes: chunks, content keys and cards. They carry no sequence; repeating one is harmless.

#include "actors/link.hpp"
#include "crypto/random.hpp"
#include "decisions/card_index.hpp"
#include "decisions/content_keys.hpp"
#include "decisions/rows.hpp"

#include <spdlog/spdlog.h>

#include <algorithm>

namespace elsec::actors {

using domain::error_code;

namespace {

// Chunks travel one after the other; all but a content's last have the full size, so no frame is needed.
std::optional<std::vector<domain::bytes>> split_chunks(const domain::bytes& body, std::uint32_t count_max) {
  std::vector<domain::bytes> chunks;
  for (std::size_t at = 0; at < body.size(); at += crypto::chunk_sealed_max) {
    const auto size = std::min(crypto::chunk_sealed_max, body.size() - at);
    const auto first = body.begin() + static_cast<std::ptrdiff_t>(at);
    chunks.emplace_back(first, first + static_cast<std::ptrdiff_t>(size));
  }
  if (chunks.size() > count_max) return std::nullopt;
  return chunks;
}

// The document a peer asks for, if a dispatch of it goes to that peer.
domain::result<domain::document_row> find_dispatched(const services& with, const std::string& peer,
                                                     const domain::organisation_id& of, const domain::dispatch_id& id,
                                                     const domain::document_id& document) {
  auto snapshot = with.store->read();
  if (!snapshot) return std::unexpected(snapshot.error());
  const auto row = find_dispatch(*snapshot, of, id);
  if (!row) return std::unexpected(row.error());
  const bool part =
      row->document_id == document || std::ranges::find(row->attachment_ids, document) != row->attachment_ids.end();
  if (!part || row->recipient_node != peer || row->route != domain::route::electronic)
    return domain::fail(error_code::not_found);
  return find_document(*snapshot, of, document);
}

error_code code_of(const std::string& name) {
  for (int i = 0; i <= static_cast<int>(error_code::internal); ++i)
    if (domain::name_of(static_cast<error_code>(i)) == name) return static_cast<error_code>(i);
  return error_code::internal;
}

}  // namespace

link_state::chunk_promise link_state::pull(const pull_chunks& what) {
  auto promise = self->make_response_promise<pulled_chunks>();
  const wire::chunks_wanted wanted{what.organisation, what.dispatch, what.document, what.first_index, what.count};
  enqueue({.kind = wire::kind_chunks_wanted, .body = codec::to_cbor(wanted), .count = what.count, .promise = promise});
  return promise;
}

link_state::key_promise link_state::pull(const pull_key& what) {
  auto promise = self->make_response_promise<pulled_key>();
  const wire::key_wanted wanted{what.organisation, what.dispatch, what.document, what.receiver};
  enqueue({.kind = wire::kind_key_wanted, .body = codec::to_cbor(wanted), .promise = promise});
  return promise;
}

void link_state::enqueue(request what) {
  what.begun = time();
  const auto id = domain::make_ulid(with->with->now(), crypto::random_entropy());
  requests.emplace(id, std::move(what));
  queue.push_back(id);
  if (!connected) return fail_requests(error_code::timed_out, "the peer is away");
  send_requests();
}

// Fills the places under way, repeats what was not answered, and gives up what is too old.
void link_state::send_requests() {
  const auto now = time();
  std::size_t under_way = 0;
  std::vector<std::string> expired;
  for (auto& [id, one] : requests) {
    if (now - one.begun > link_request_deadline) expired.push_back(id);
    if (!one.under_way) continue;
    ++under_way;
    if (now - one.asked < link_request_repeat) continue;
    one.asked = now;
    transmit(one.kind.c_str(), 0, id, one.body);
  }
  while (!queue.empty() && under_way < link_requests_max) {
    const auto found = requests.find(queue.front());
    if (found != requests.end()) {
      if (transmit(found->second.kind.c_str(), 0, found->first, found->second.body) != transport::sent::queued) break;
      found->second.under_way = true;
      found->second.asked = now;
      ++under_way;
    }
    queue.pop_front();
  }
  for (const auto& id : expired) {
    auto node = requests.extract(id);
    std::visit([](auto& promise) { reply_error(promise, error_code::timed_out, "the peer did not answer"); },
               node.mapped().promise);
  }
}

void link_state::fail_requests(error_code code, const std::string& why) {
  auto all = std::exchange(requests, {});
  queue.clear();
  for (auto& [id, one] : all) std::visit([&](auto& promise) { reply_error(promise, code, why); }, one.promise);
}

void link_state::answer_request(const transport::envelope& envelope) {
  const auto found = requests.find(envelope.header.id);
  if (found == requests.end()) return;  // answered before, or given up
  auto one = std::move(found->second);
  requests.erase(found);
  const auto& kind = envelope.header.kind;
  if (kind == wire::kind_refusal) {
    const auto refusal = codec::from_cbor<wire::refusal>(envelope.body);
    const auto code = refusal ? code_of(refusal->code) : error_code::internal;
    std::visit([&](auto& promise) { reply_error(promise, code, "the peer refused"); }, one.promise);
  } else if (auto* chunks = std::get_if<chunk_promise>(&one.promise); chunks != nullptr && kind == wire::kind_chunks) {
    auto split = split_chunks(envelope.body, one.count);
    if (!split) return reply_error(*chunks, error_code::integrity, "too many chunks");
    chunks->deliver(pulled_chunks(std::move(*split)));
  } else if (auto* key = std::get_if<key_promise>(&one.promise); key != nullptr && kind == wire::kind_key) {
    key->deliver(pulled_key(envelope.body));
  } else {
    std::visit([](auto& promise) { reply_error(promise, error_code::integrity, "another answer than asked"); },
               one.promise);
  }
  send_requests();
}

void link_state::refuse(const transport::envelope& envelope, error_code code) {
  transmit(wire::kind_refusal, 0, envelope.header.id,
           codec::to_cbor(wire::refusal{std::string(domain::name_of(code))}));
}

void link_state::serve_chunks(const transport::envelope& envelope) {
  const auto wanted = codec::from_cbor<wire::chunks_wanted>(envelope.body);
  if (!wanted) return refuse(envelope, error_code::bad_request);
  const auto document = find_dispatched(*with->with, peer, wanted->organisation, wanted->dispatch, wanted->document);
  if (!document) return refuse(envelope, document.error().code);
  const auto count = std::min(wanted->count, chunks_per_request);
  const auto chunks = with->with->content->read(document->content.content, wanted->first_index, count);
  if (!chunks) return refuse(envelope, chunks.error().code);
  domain::bytes body;
  body.reserve(chunks->size() * crypto::chunk_sealed_max);
  for (const auto& chunk : *chunks) body.insert(body.end(), chunk.begin(), chunk.end());
  transmit(wire::kind_chunks, 0, envelope.header.id, std::move(body));
}

// The content key is unwrapped only now, and leaves sealed to the receiver's one-time key.
void link_state::serve_key(const transport::envelope& envelope) {
  const auto wanted = codec::from_cbor<wire::key_wanted>(envelope.body);
  if (!wanted) return refuse(envelope, error_code::bad_request);
  const auto& of = wanted->organisation;
  const auto document = find_dispatched(*with->with, peer, of, wanted->dispatch, wanted->document);
  if (!document) return refuse(envelope, document.error().code);
  const auto key = open_content_key(*with->with, of, document->id, document->content);
  if (!key) return refuse(envelope, key.error().code);
  auto sealed = crypto::seal_to(wanted->receiver, key->view());
  if (!sealed) return refuse(envelope, sealed.error().code);
  transmit(wire::kind_key, 0, envelope.header.id, std::move(*sealed));
}

void link_state::serve_cards(const transport::envelope& envelope) {
  const auto wanted = codec::from_cbor<wire::cards_wanted>(envelope.body);
  auto snapshot = with->with->store->read();
  if (!wanted || !snapshot) return refuse(envelope, error_code::bad_request);
  auto jws = cards_after(*snapshot, with->with->node_name, wanted->after, cards_per_message + 1);
  if (!jws) return refuse(envelope, jws.error().code);
  wire::cards cards{.jws = std::move(*jws)};
  cards.more = cards.jws.size() > cards_per_message;
  if (cards.more) cards.jws.resize(cards_per_message);
  transmit(wire::kind_cards, 0, envelope.header.id, codec::to_cbor(cards));
}

}  // namespace elsec::actors
