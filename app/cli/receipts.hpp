#pragma once
// Checking receipts without the node (G1): signatures, the chain of each dispatch, and the other node's statements.
//
// A receipt is the JSON its node signed plus the signature itself (`jws`, compact JWS, EdDSA). Its key must belong to
// the node it names and be valid at its time. `previous` is the SHA-256 (lower-case hex) of the receipt's jws before
// it: a dispatch's chain starts at a receipt of the document that belongs to no dispatch (`uploaded`), or at none. The
// file may list receipts oldest or newest first, but not in another order.
//
// What cannot be seen offline: whether newer receipts exist.

#include "app/cli/failure.hpp"
#include "crypto/sign.hpp"
#include "domain/time.hpp"

#include <boost/json/value.hpp>

#include <chrono>
#include <cstddef>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace elsec::cli {

struct known_key {
  std::string node;
  std::string id;
  crypto::public_key key{};
  domain::time_point valid_from{};
  std::optional<domain::time_point> valid_until{};
};

// The keys of the JSON of GET /nodes. `local_file` when it is something else, or when a key's id is not made from it.
[[nodiscard]] outcome<std::vector<known_key>> parse_keys(std::string_view json);

struct receipts_file {
  std::vector<boost::json::value> receipts;
  bool single = false;  // one receipt alone: what lies before it cannot be checked
};

// `{items:[…]}`, an array or one receipt. `local_file` when it is none of them.
[[nodiscard]] outcome<receipts_file> parse_receipts(std::string_view json);

struct receipt_verdict {
  std::string id, kind, node, at, dispatch_id;  // as far as the receipt tells
  std::vector<std::string> problems;            // empty: it holds
};

struct receipts_verdict {
  std::vector<receipt_verdict> receipts;  // in the order of the file
  [[nodiscard]] bool holds() const;       // at least one receipt, and none has a problem
};

[[nodiscard]] receipts_verdict verify_receipts(const receipts_file& file, const std::vector<known_key>& keys);

}  // namespace elsec::cli
