#pragma once
// Receipts (G1): signed statements that chain a document's way from upload to pick-up or print.

#include "domain/ids.hpp"
#include "domain/time.hpp"

#include <boost/describe.hpp>

#include <optional>
#include <string>
#include <vector>

namespace elsec::domain {

// `collected`: the recipient asked for the first byte; `read_completely`: all bytes have gone out to it.
BOOST_DEFINE_ENUM_CLASS(receipt_kind, uploaded, accepted, delivered, collected, posted, sent, failed, received,
                        read_completely)

// What is signed. `previous` is the hex SHA-256 of the JWS before this one in the dispatch's chain; a chain starts at
// the document's `uploaded` receipt. `statement` is the recipient's node's own receipt about the same dispatch.
struct receipt_statement {
  receipt_id id;
  receipt_kind kind{};
  std::optional<domain::dispatch_id> dispatch_id{};
  domain::document_id document_id;
  time_point at{};
  std::string node;
  std::string sha256;
  std::optional<std::string> previous{};
  std::optional<std::string> statement{};
};
BOOST_DESCRIBE_STRUCT(receipt_statement, (),
                      (id, kind, dispatch_id, document_id, at, node, sha256, previous, statement))

struct receipt : receipt_statement {
  std::string jws;
};
BOOST_DESCRIBE_STRUCT(receipt, (receipt_statement), (jws))

// A node's key for checking receipts.
struct node_key {
  std::string id;
  std::string public_key;  // base64url of the 32 bytes of an Ed25519 key
  time_point valid_from{};
  std::optional<time_point> valid_until{};
};
BOOST_DESCRIBE_STRUCT(node_key, (), (id, public_key, valid_from, valid_until))

struct node_keys {
  std::string name;
  std::vector<node_key> keys;
};
BOOST_DESCRIBE_STRUCT(node_keys, (), (name, keys))

}  // namespace elsec::domain
