#pragma once
// What actors tell each other. Messages never leave the process; big payloads travel as shared, immutable values.

#include "crypto/content.hpp"
#include "crypto/sign.hpp"
#include "crypto/slots.hpp"
#include "domain/access.hpp"
#include "domain/dispatch.hpp"
#include "domain/error.hpp"
#include "postal/worker.hpp"
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

// The answer to a command, ready to be sent: what an Idempotency-Key repeats.
struct answered {
  std::uint16_t status = 200;
  std::string body;      // JSON; empty with 204
  std::string location;  // of 201
};
using outcome = domain::result<answered>;
using done = domain::result<void>;

// A creating request that may be repeated: where its answer is kept and what makes two requests the same.
struct idempotency {
  std::string key;          // key of the answer row
  std::string fingerprint;  // empty for uploads: made from the digest when all bytes are here
};
using maybe_idempotent = std::optional<idempotency>;

// --- from the gateway ------------------------------------------------------------------------------------------------

struct register_organisation {
  domain::registration what;
  maybe_idempotent repeat;
};
struct start_session {
  domain::log_in what;
  maybe_idempotent repeat;
};
struct grant_capabilities {
  domain::organisation_id organisation;
  domain::capability_grant what;
};
struct end_session {
  domain::principal who;
  std::optional<domain::session_id> session;  // none: the current one
};
struct change_organisation {
  domain::principal who;
  domain::organisation_changes what;
  std::optional<std::string> if_match;
};
struct create_api_token {
  domain::principal who;
  domain::new_api_token what;
  maybe_idempotent repeat;
};
struct delete_api_token {
  domain::principal who;
  domain::token_id token;
};
// Answered with the document's actor, which takes the bytes.
struct begin_upload {
  domain::principal who;
  domain::file_name filename;
  domain::media_type media_type;
  std::optional<std::uint64_t> size;     // Content-Length
  std::optional<crypto::digest> sha256;  // Digest or Content-Digest
  maybe_idempotent repeat;
};
struct change_document {
  domain::principal who;
  domain::document_id document;
  domain::document_changes what;
  std::optional<std::string> if_match;
};
struct dispatch_document {
  domain::principal who;
  domain::document_id document;
  domain::dispatch_request what;
  std::string fingerprint;  // of the request, for client_ref
  maybe_idempotent repeat;
};
// Before the first content byte of a recipient's copy goes out.
struct collect_document {
  domain::principal who;
  domain::document_id document;
};

// --- to a document's actor -------------------------------------------------------------------------------------------

using shared_bytes = std::shared_ptr<const domain::bytes>;
struct upload_block {
  shared_bytes data;
};
struct finish_upload {};
struct abort_upload {};

// --- between nodes ---------------------------------------------------------------------------------------------------

// A peer's signed statement about a dispatch of ours, found under `row` in tables::statements.
struct peer_statement {
  std::string peer;
  std::string row;
  std::string kind;
  domain::bytes body;
  domain::organisation_id organisation;  // of ours
  domain::document_id document;
};
// Our envelope about this dispatch reached the peer's disk.
struct envelope_arrived {
  domain::organisation_id organisation;
  domain::document_id document;
  domain::dispatch_id dispatch;
};
// A pending transfer: a document on its way to a tenant here, found under `row` in tables::transfers.
struct incoming_transfer {
  std::string peer;
  std::string row;
  domain::bytes body;
  domain::organisation_id organisation;  // of ours
};
// Sealed chunks of a peer's content.
struct pull_chunks {
  domain::organisation_id organisation;  // the sender
  domain::dispatch_id dispatch;
  domain::document_id document;  // of the sender
  crypto::content_id content;
  std::uint32_t first_index = 0;
  std::uint32_t count = 0;
};
using pulled_chunks = domain::result<std::vector<domain::bytes>>;
// The content key, sealed by the peer to a one-time key of ours.
struct pull_key {
  domain::organisation_id organisation;  // the sender
  domain::dispatch_id dispatch;
  domain::document_id document;  // of the sender
  crypto::public_key receiver;
};
using pulled_key = domain::result<domain::bytes>;

// --- inside the node -------------------------------------------------------------------------------------------------

using shared_changes = std::shared_ptr<const storage::change_set>;
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

// A letter's happening, told to the document that sent it. The letter row and the dispatch change in one commit.
struct letter_news {
  domain::organisation_id organisation;
  domain::document_id document;
  domain::dispatch_id dispatch;
  domain::letter_id letter;
  domain::letter_state state{};
  std::uint32_t pages = 0;
  std::uint32_t sheets = 0;
  std::string reason;
};

// What the look at a document's file gave.
struct file_screened {
  domain::organisation_id organisation;
  domain::document_id document;
  postal::inspection result;
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

}  // namespace elsec::actors
