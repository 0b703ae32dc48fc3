#include "capabilities/dispatches/requests.hpp"

#include "capabilities/route.hpp"
#include "codec/cbor.hpp"
#include "decisions/content_keys.hpp"
#include "decisions/limits.hpp"
#include "decisions/rows.hpp"
#include "domain/wire.hpp"

#include <algorithm>

namespace elsec::capabilities {

namespace wire = domain::wire;

namespace {

// The document a peer asks for, if a dispatch of it goes to that peer.
domain::result<domain::document_row> find_dispatched(const services& with, const std::string& peer,
                                                     const domain::organisation_id& of, const domain::dispatch_id& id,
                                                     const domain::document_id& document) {
  const auto snapshot = with.store->read();
  if (!snapshot) return std::unexpected(snapshot.error());
  const auto row = find_dispatch(*snapshot, of, id);
  if (!row) return std::unexpected(row.error());
  const bool part =
      row->document_id == document || std::ranges::find(row->attachment_ids, document) != row->attachment_ids.end();
  if (!part || row->recipient_node != peer || row->route != domain::route::electronic)
    return domain::fail(domain::error_code::not_found);
  return find_document(*snapshot, of, document);
}

// Stored ciphertext, as many chunks as a message may hold, one after the other.
domain::result<domain::bytes> answer_chunks(const services& with, const std::string& peer,
                                            const domain::bytes& question) {
  const auto wanted = codec::from_cbor<wire::chunks_wanted>(question);
  if (!wanted) return domain::fail(domain::error_code::bad_request);
  const auto document = find_dispatched(with, peer, wanted->organisation, wanted->dispatch, wanted->document);
  if (!document) return std::unexpected(document.error());
  const auto count = std::min(wanted->count, chunks_per_request);
  const auto chunks = with.content->read(document->content.content, wanted->first_index, count);
  if (!chunks) return std::unexpected(chunks.error());
  domain::bytes body;
  body.reserve(chunks->size() * crypto::chunk_sealed_max);
  for (const auto& chunk : *chunks) body.insert(body.end(), chunk.begin(), chunk.end());
  return body;
}

// The content key is unwrapped only now, and leaves sealed to the receiver's one-time key.
domain::result<domain::bytes> answer_key(const services& with, const std::string& peer, const domain::bytes& question) {
  const auto wanted = codec::from_cbor<wire::key_wanted>(question);
  if (!wanted) return domain::fail(domain::error_code::bad_request);
  const auto& of = wanted->organisation;
  const auto document = find_dispatched(with, peer, of, wanted->dispatch, wanted->document);
  if (!document) return std::unexpected(document.error());
  const auto key = open_content_key(with, of, document->id, document->content);
  if (!key) return std::unexpected(key.error());
  return crypto::seal_to(wanted->receiver, key->view());
}

}  // namespace

request_kind chunks_kind() { return {wire::kind_chunks_wanted, codec::type_of<wire::chunks_wanted>, &answer_chunks}; }
request_kind key_kind() { return {wire::kind_key_wanted, codec::type_of<wire::key_wanted>, &answer_key}; }

}  // namespace elsec::capabilities
