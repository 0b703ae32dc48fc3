#include "decisions/receipts.hpp"

#include "codec/json.hpp"
#include "crypto/random.hpp"
#include "decisions/rows.hpp"

#include <algorithm>

namespace elsec::decisions {
namespace {

domain::receipt sign(const services& with, domain::receipt_statement statement) {
  domain::receipt receipt{std::move(statement), {}};
  receipt.jws = with.signing.sign_jws(codec::to_json(static_cast<const domain::receipt_statement&>(receipt)));
  return receipt;
}

domain::receipt_statement statement_of(const services& with, domain::receipt_kind kind, const std::string& sha256) {
  domain::receipt_statement statement;
  statement.at = with.now();
  statement.id = crypto::new_id<domain::receipt_id>(statement.at);
  statement.kind = kind;
  statement.node = with.node_name;
  statement.sha256 = sha256;
  return statement;
}

std::optional<std::string> unless_empty(const std::string& text) {
  return text.empty() ? std::nullopt : std::optional(text);
}

}  // namespace

domain::receipt add_receipt(storage::change_set& changes, const services& with, const domain::organisation_id& of,
                            domain::document_row& document, domain::receipt_kind kind) {
  auto statement = statement_of(with, kind, document.sha256);
  statement.document_id = document.id;
  statement.dispatch_id = document.dispatch_id;
  statement.previous = unless_empty(document.last_receipt_hash);
  auto receipt = sign(with, std::move(statement));
  document.last_receipt_hash = crypto::to_hex(crypto::sha256(receipt.jws));
  changes.put(storage::tables::receipts, storage::key_of(of, receipt.id), receipt);
  changes.put(storage::tables::receipts_of_document, storage::key_of(of, document.id, '0', receipt.id), {});
  return receipt;
}

domain::receipt add_receipt(storage::change_set& changes, const services& with, const domain::organisation_id& of,
                            domain::dispatch_row& dispatch, const std::string& sha256, domain::receipt_kind kind,
                            std::optional<std::string> peer_statement) {
  auto statement = statement_of(with, kind, sha256);
  statement.document_id = dispatch.document_id;
  statement.dispatch_id = dispatch.id;
  statement.previous = unless_empty(dispatch.last_receipt_hash);
  statement.statement = std::move(peer_statement);
  auto receipt = sign(with, std::move(statement));
  dispatch.last_receipt_hash = crypto::to_hex(crypto::sha256(receipt.jws));
  changes.put(storage::tables::receipts, storage::key_of(of, receipt.id), receipt);
  changes.put(storage::tables::receipts_of_document,
              storage::key_of(of, dispatch.document_id, '1', dispatch.id, storage::big_endian(dispatch.receipt_count++),
                              receipt.id),
              {});
  return receipt;
}

domain::result<std::string> digest_in_receipts(const storage::snapshot& read, const domain::organisation_id& of,
                                               const domain::dispatch_row& dispatch) {
  namespace tables = storage::tables;
  std::string first;
  const auto walked =
      read.scan_keys(tables::receipts_of_document.name, storage::key_of(of, dispatch.document_id, '1', dispatch.id), {},
                     storage::direction::forward, [&](std::string_view key) {
                       first = key.substr(key.size() - domain::receipt_id::length);
                       return false;
                     });
  if (!walked) return std::unexpected(walked.error());
  auto receipt = find_row(read, tables::receipts, storage::key_of(of, first));
  if (!receipt) return std::unexpected(std::move(receipt.error()));
  return std::move(receipt->sha256);
}

domain::result<domain::receipt_statement> verify_statement(const services& with, const std::string& peer,
                                                           const std::string& jws, const domain::dispatch_id& dispatch,
                                                           const std::string& sha256, domain::receipt_kind kind) {
  using domain::error_code;
  const auto* node = with.find_node(peer);
  const auto key_id = crypto::jws_key_id(jws);
  if (node == nullptr || !key_id) return domain::fail(error_code::integrity, "the statement names no key of its node");
  const auto key = std::ranges::find(node->receipt_keys, *key_id, crypto::key_id_of);
  if (key == node->receipt_keys.end())
    return domain::fail(error_code::integrity, "the statement is signed by a key that is not its node's");
  const auto payload = crypto::verify_jws(jws, *key);
  if (!payload) return std::unexpected(payload.error());
  auto statement = codec::from_json_of_peer<domain::receipt_statement>(*payload);
  if (!statement || statement->node != peer || statement->dispatch_id != dispatch || statement->sha256 != sha256 ||
      statement->kind != kind)
    return domain::fail(error_code::integrity, "the statement speaks of something else");
  return statement;
}

}  // namespace elsec::decisions
