#pragma once
// What actors tell each other. Messages never leave the process; big payloads travel as shared, immutable values.

#include "actors/limits.hpp"
#include "crypto/content.hpp"
#include "crypto/sign.hpp"
#include "crypto/slots.hpp"
#include "decisions/answers.hpp"
#include "decisions/registry.hpp"
#include "domain/access.hpp"
#include "domain/dispatch.hpp"
#include "domain/error.hpp"
#include "domain/wire.hpp"
#include "storage/change_set.hpp"
#include "storage/content_store.hpp"
#include "transport/transport.hpp"

#include <chrono>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <vector>

namespace elsec::actors {

// Actors speak the words of decisions/: services, commands, what they come to.
using namespace decisions;
namespace wire = domain::wire;

using done = domain::result<void>;

// --- from the gateway ------------------------------------------------------------------------------------------------

// Answered with the document's actor, which takes the bytes.
struct begin_upload {
  domain::principal who;
  domain::file_name filename;
  domain::media_type media_type;
  std::optional<std::uint64_t> size;     // Content-Length
  std::optional<crypto::digest> sha256;  // Digest or Content-Digest
  maybe_idempotent repeat;
};

// --- to a document's actor -------------------------------------------------------------------------------------------

using shared_bytes = std::shared_ptr<const domain::bytes>;
struct upload_block {
  shared_bytes data;
};
struct finish_upload {};
struct abort_upload {};

// --- between nodes ---------------------------------------------------------------------------------------------------

// A pending transfer: a document on its way to a tenant here, found under `row` in tables::inbound.
struct incoming_transfer {
  std::string peer;
  std::string row;
  domain::bytes body;
  domain::organisation_id organisation;  // of ours
};
// A question to a peer, of a kind that its registry knows; answered with the bytes that this kind says.
struct ask_peer {
  std::string kind;
  domain::bytes question;
};
using peer_answer = domain::result<shared_bytes>;  // a part of what arrived, not a copy

// --- inside the node -------------------------------------------------------------------------------------------------

using shared_changes = std::shared_ptr<const storage::change_set>;
[[nodiscard]] inline shared_changes share(storage::change_set changes) {
  return std::make_shared<const storage::change_set>(std::move(changes));
}
using commit_result = domain::result<storage::committed>;

// Work for the content writer: chunks to store, and slots to create and sync, both on disk when it answers.
struct content_work {
  std::vector<storage::content_change> changes;
  std::uint32_t new_slots = 0;
};
using shared_content_work = std::shared_ptr<const content_work>;
struct content_written {
  std::vector<crypto::slot> slots;
};
using content_result = domain::result<content_written>;

// A change of an organisation's card; the directory gives it a version, signs it and commits it with the other changes.
struct publish_card {
  domain::card card;
  shared_changes changes;
};

// `asked` bounds the wait: a request that waited too long is refused instead of served late.
using steady_time = std::chrono::steady_clock::time_point;
struct new_password {
  std::string password;
  steady_time asked;
};
using password_hash = domain::result<std::string>;
struct password_check {
  std::string encoded_hash;  // empty: the decoy
  std::string password;
  steady_time asked;
};
using password_verdict = domain::result<bool>;

// What the helpers answer that work for commands beforehand.
using examined = domain::result<file_examined>;
using made_paper = domain::result<paper_made>;

}  // namespace elsec::actors
