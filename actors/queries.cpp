#include "actors/queries.hpp"

#include "actors/card_index.hpp"
#include "actors/credential_cache.hpp"
#include "actors/document_rows.hpp"
#include "actors/services.hpp"
#include "crypto/seal.hpp"

#include <algorithm>

namespace elsec::actors {

using domain::error_code;
using storage::direction;
namespace tables = storage::tables;

namespace {

// Cursors of these lists are identifiers.
domain::result<void> check_cursor(const page_request& wanted) {
  const auto& cursor = wanted.cursor;
  const bool fits = cursor.empty() || (cursor.size() == domain::organisation_id::length && cursor[3] == '_' &&
                                       domain::is_ulid(std::string_view(cursor).substr(4)));
  if (!fits) return domain::fail_field(error_code::invalid, "/cursor", "is not a cursor of this list");
  return {};
}

// A page of a tenant's table, newest first: the cursor is the last identifier shown.
template <class Item, class Record, class Keep>
domain::result<page<Item>> newest_first(const services& with, const storage::table<Record>& where,
                                        const std::string& prefix, const page_request& wanted, Keep keep) {
  if (auto ok = check_cursor(wanted); !ok) return std::unexpected(std::move(ok.error()));
  auto snapshot = with.store->read();
  if (!snapshot) return std::unexpected(snapshot.error());
  page<Item> found;
  std::size_t looked_at = 0;
  std::string last;
  const auto after = wanted.cursor.empty() ? std::string{} : prefix + wanted.cursor;
  auto walked = snapshot->scan(where, prefix, after, direction::backward, [&](std::string_view key, Record&& record) {
    if (found.items.size() == wanted.limit || looked_at++ == rows_per_page_max) {
      found.next_cursor = last;
      return false;
    }
    last = key.substr(prefix.size());
    if (keep(record)) found.items.push_back(static_cast<const Item&>(record));
    return true;
  });
  if (!walked) return std::unexpected(walked.error());
  return found;
}

// Like newest_first, over an index whose keys end in the identifier of a row of `where`.
template <class Item, class Record, class Keep>
domain::result<page<Item>> newest_first_by_index(const services& with, std::string_view index,
                                                 const storage::table<Record>& where, const domain::organisation_id& of,
                                                 const std::string& prefix, const page_request& wanted, Keep keep) {
  if (auto ok = check_cursor(wanted); !ok) return std::unexpected(std::move(ok.error()));
  auto snapshot = with.store->read();
  if (!snapshot) return std::unexpected(snapshot.error());
  page<Item> found;
  std::size_t looked_at = 0;
  std::string last;
  std::optional<domain::error> failed;
  const auto after = wanted.cursor.empty() ? std::string{} : prefix + wanted.cursor;
  auto walked = snapshot->scan_keys(index, prefix, after, direction::backward, [&](std::string_view key) {
    if (found.items.size() == wanted.limit || looked_at++ == rows_per_page_max) {
      found.next_cursor = last;
      return false;
    }
    last = key.substr(prefix.size());
    auto row = find_row(*snapshot, where, of.str() + last);
    if (!row) {
      failed = std::move(row.error());
      return false;
    }
    if (keep(*row)) found.items.push_back(static_cast<const Item&>(*row));
    return true;
  });
  if (failed) return std::unexpected(std::move(*failed));
  if (!walked) return std::unexpected(walked.error());
  return found;
}

template <class Item, class Record>
domain::result<Item> one(const services& with, const storage::table<Record>& where, const std::string& key) {
  auto snapshot = with.store->read();
  if (!snapshot) return std::unexpected(snapshot.error());
  auto row = find_row(*snapshot, where, key);
  if (!row) return std::unexpected(std::move(row.error()));
  return static_cast<const Item&>(*row);
}

constexpr auto everything = [](const auto&) { return true; };

constexpr auto unknown_token = "the token is unknown or has expired; sign in again";

}  // namespace

queries::queries(std::shared_ptr<const services> with)
    : with_(std::move(with)), credentials_(std::make_shared<credential_cache>()) {}

domain::result<domain::credential_row> queries::find_credential(const std::string& credential) const {
  const auto version = with_->store->changes_of(tables::credentials.name);
  if (auto known = credentials_->find(credential, version)) return std::move(*known);
  auto snapshot = with_->store->read();
  if (!snapshot) return std::unexpected(snapshot.error());
  auto row = snapshot->get(tables::credentials, credential);
  if (!row) return std::unexpected(row.error());
  if (!*row) return domain::fail(error_code::unauthenticated, unknown_token);
  credentials_->keep(credential, version, **row);
  return std::move(**row);
}

domain::result<domain::principal> queries::authenticate(std::string_view bearer) const {
  auto credential = crypto::to_hex(crypto::sha256(bearer));
  auto row = find_credential(credential);
  if (!row) return std::unexpected(std::move(row.error()));
  const auto now = with_->now();
  if (row->expires_at && now >= *row->expires_at) return domain::fail(error_code::unauthenticated, unknown_token);
  if (row->session_id && !with_->activity->touch(credential, now, with_->policy.session_idle))
    return domain::fail(error_code::unauthenticated, "the session was idle for too long; sign in again");
  return domain::principal{std::move(*row), std::move(credential)};
}

domain::result<domain::organisation> queries::organisation(const domain::organisation_id& of) const {
  return one<domain::organisation>(*with_, tables::organisations, of.str());
}

domain::result<domain::user> queries::user(const domain::principal& who) const {
  if (!who.user_id) return domain::fail(error_code::forbidden, "an API token is no person");
  return one<domain::user>(*with_, tables::users, storage::key_of(who.organisation_id, *who.user_id));
}

domain::result<page<domain::session>> queries::sessions(const domain::principal& who,
                                                        const page_request& wanted) const {
  auto found =
      newest_first<domain::session>(*with_, tables::sessions, who.organisation_id.str(), wanted,
                                    [&](const domain::session_row& row) { return row.user_id == who.user_id; });
  if (found)
    for (auto& session : found->items) session.current = session.id == who.session_id;
  return found;
}

domain::result<page<domain::api_token>> queries::api_tokens(const domain::organisation_id& of,
                                                            const page_request& wanted) const {
  return newest_first<domain::api_token>(*with_, tables::api_tokens, of.str(), wanted, everything);
}

domain::result<page<domain::node_keys>> queries::nodes(const page_request& wanted) const {
  if (!wanted.cursor.empty() && with_->find_node(wanted.cursor) == nullptr)
    return domain::fail_field(error_code::invalid, "/cursor", "is not a cursor of this list");
  page<domain::node_keys> found;
  bool skip = !wanted.cursor.empty();
  for (const auto& node : with_->nodes) {
    if (std::exchange(skip, skip && node.name != wanted.cursor)) continue;
    if (found.items.size() == wanted.limit) {
      found.next_cursor = found.items.back().name;
      break;
    }
    domain::node_keys entry{node.name, {}};
    for (const auto& key : node.receipt_keys)
      entry.keys.push_back({.id = crypto::key_id_of(key), .public_key = crypto::to_base64url(key)});
    found.items.push_back(std::move(entry));
  }
  return found;
}

domain::result<page<domain::document>> queries::documents(const domain::organisation_id& of,
                                                          const document_filter& filter,
                                                          const page_request& wanted) const {
  const auto keep = [&](const domain::document_row& row) {
    if (filter.state ? row.state != *filter.state : row.state == domain::document_state::closed) return false;
    if (filter.class_ && row.class_ != filter.class_) return false;
    return !filter.unread || row.read.value_or(true) != *filter.unread;
  };
  if (!filter.box) return newest_first<domain::document>(*with_, tables::documents, of.str(), wanted, keep);
  return newest_first_by_index<domain::document>(*with_, tables::boxes.name, tables::documents, of,
                                                 storage::key_of(of, storage::box_letter(*filter.box)), wanted, keep);
}

domain::result<domain::document> queries::document(const domain::organisation_id& of,
                                                   const domain::document_id& id) const {
  return one<domain::document>(*with_, tables::documents, storage::key_of(of, id));
}

domain::result<page<domain::dispatch>> queries::dispatches(const domain::organisation_id& of,
                                                           const dispatch_filter& filter,
                                                           const page_request& wanted) const {
  const auto keep = [&](const domain::dispatch_row& row) {
    if (filter.state && row.state != *filter.state) return false;
    return !filter.client_ref || row.client_ref == filter.client_ref;
  };
  if (filter.document) {
    if (const auto known = document(of, *filter.document); !known) return std::unexpected(known.error());
    return newest_first_by_index<domain::dispatch>(*with_, tables::dispatches_of_document.name, tables::dispatches, of,
                                                   storage::key_of(of, *filter.document), wanted, keep);
  }
  if (filter.client_ref)
    return newest_first_by_index<domain::dispatch>(
        *with_, tables::dispatches_by_client_ref.name, tables::dispatches, of,
        storage::key_of(of, with_->store->index_hash("client_ref", *filter.client_ref)), wanted, keep);
  return newest_first<domain::dispatch>(*with_, tables::dispatches, of.str(), wanted, keep);
}

domain::result<domain::dispatch> queries::dispatch(const domain::organisation_id& of,
                                                   const domain::dispatch_id& id) const {
  return one<domain::dispatch>(*with_, tables::dispatches, storage::key_of(of, id));
}

domain::result<page<domain::letter>> queries::letters(const domain::organisation_id& of,
                                                      const page_request& wanted) const {
  return newest_first<domain::letter>(*with_, tables::letters, of.str(), wanted, everything);
}

domain::result<domain::letter> queries::letter(const domain::organisation_id& of, const domain::letter_id& id) const {
  return one<domain::letter>(*with_, tables::letters, storage::key_of(of, id));
}

domain::result<page<domain::receipt>> queries::receipts(const domain::organisation_id& of,
                                                        const domain::document_id& id,
                                                        const page_request& wanted) const {
  if (const auto known = document(of, id); !known) return std::unexpected(known.error());
  auto snapshot = with_->store->read();
  if (!snapshot) return std::unexpected(snapshot.error());
  page<domain::receipt> found;
  const auto prefix = storage::key_of(of, id);
  // Binary ordinals stand in these keys, so the cursor travels as hex.
  std::string after;
  if (!wanted.cursor.empty()) {
    const auto raw = crypto::from_base64url(wanted.cursor);
    if (!raw) return domain::fail_field(error_code::invalid, "/cursor", "is not a cursor of this list");
    after = prefix + std::string(raw->begin(), raw->end());
  }
  std::vector<std::string> keys;
  auto walked = snapshot->scan_keys(tables::receipts_of_document.name, prefix, after, direction::forward,
                                    [&](std::string_view key) {
                                      if (keys.size() == wanted.limit) {
                                        found.next_cursor = keys.back();
                                        return false;
                                      }
                                      keys.emplace_back(key.substr(prefix.size()));
                                      return true;
                                    });
  if (!walked) return std::unexpected(walked.error());
  for (const auto& key : keys) {
    auto receipt =
        find_row(*snapshot, tables::receipts, of.str() + key.substr(key.size() - domain::receipt_id::length));
    if (!receipt) return std::unexpected(receipt.error());
    found.items.push_back(std::move(*receipt));
  }
  if (found.next_cursor) {
    const auto& raw = *found.next_cursor;
    found.next_cursor = crypto::to_base64url({reinterpret_cast<const std::uint8_t*>(raw.data()), raw.size()});
  }
  return found;
}

domain::result<domain::receipt> queries::receipt(const domain::organisation_id& of,
                                                 const domain::receipt_id& id) const {
  return one<domain::receipt>(*with_, tables::receipts, storage::key_of(of, id));
}

domain::result<page<domain::card>> queries::directory(const domain::directory_query& wanted,
                                                      const page_request& request) const {
  if (auto ok = check_cursor(request); !ok) return std::unexpected(std::move(ok.error()));
  auto snapshot = with_->store->read();
  if (!snapshot) return std::unexpected(snapshot.error());
  page<domain::card> found;
  std::size_t looked_at = 0;
  std::string last;
  std::optional<domain::error> failed;
  const auto visit = [&](std::string_view id, const domain::card& card) {
    if (found.items.size() == request.limit || looked_at++ == rows_per_page_max) {
      found.next_cursor = last;
      return false;
    }
    last = id;
    if (domain::matches(card, wanted)) found.items.push_back(card);
    return true;
  };
  if (!wanted.query) {
    auto walked = snapshot->scan(tables::cards, {}, request.cursor, direction::backward,
                                 [&](std::string_view key, domain::card_row&& row) { return visit(key, row.card); });
    if (!walked) return std::unexpected(walked.error());
    return found;
  }
  const auto words = domain::words_of(wanted.query->str());
  if (words.empty()) return found;  // nobody, as domain::matches has it
  const auto longest = std::ranges::max(words, {}, &std::string::size);
  auto ids = organisations_by_word(*snapshot, longest, rows_per_page_max);
  if (!ids) return std::unexpected(ids.error());
  std::ranges::sort(*ids, std::greater{});
  const auto repeated = std::ranges::unique(*ids);
  ids->erase(repeated.begin(), repeated.end());
  for (const auto& id : *ids) {
    if (!request.cursor.empty() && id.str() >= request.cursor) continue;
    const auto cards = cards_by_id(*snapshot, id);
    if (!cards) return std::unexpected(cards.error());
    if (!cards->empty() && !visit(id.str(), cards->front())) break;
  }
  return found;
}

domain::result<std::vector<domain::listed_event>> queries::events(const domain::organisation_id& of,
                                                                  std::uint64_t after, std::uint32_t limit) const {
  auto snapshot = with_->store->read();
  if (!snapshot) return std::unexpected(snapshot.error());
  std::vector<domain::listed_event> events;
  auto walked = snapshot->scan(tables::feed, of.str(), of.str() + storage::big_endian(after), direction::forward,
                               [&](std::string_view key, domain::event&& event) {
                                 events.push_back({std::move(event), std::to_string(storage::trailing_number(key))});
                                 return events.size() < limit;
                               });
  if (!walked) return std::unexpected(walked.error());
  return events;
}

domain::result<std::uint64_t> queries::last_event(const domain::organisation_id& of) const {
  auto snapshot = with_->store->read();
  if (!snapshot) return std::unexpected(snapshot.error());
  const auto counter = snapshot->get(tables::counters, "feed/" + of.str());
  if (!counter) return std::unexpected(counter.error());
  return *counter ? (*counter)->value : 0;
}

std::shared_ptr<void> queries::watch_feed(const domain::organisation_id& of, std::function<void()> wake) const {
  return with_->feeds->watch(of.str(), std::move(wake));
}

std::shared_ptr<void> queries::watch_credential(const std::string& credential, std::function<void()> ended) const {
  return with_->credentials->watch(credential, std::move(ended));
}

std::string queries::fingerprint(std::string_view purpose, std::string_view value) const {
  return with_->store->index_hash(purpose, value);
}

domain::result<std::optional<kept_answer>> queries::answer(const std::string& key) const {
  auto snapshot = with_->store->read();
  if (!snapshot) return std::unexpected(snapshot.error());
  auto row = snapshot->get(tables::answers, key);
  if (!row) return std::unexpected(row.error());
  if (!*row || ((*row)->expires_at && *(*row)->expires_at < with_->now())) return std::optional<kept_answer>{};
  auto& kept = **row;
  return kept_answer{std::move(kept.fingerprint), kept.status, std::move(kept.location), std::move(kept.body),
                     std::move(kept.id)};
}

std::string queries::etag_of(std::string_view json) { return crypto::to_hex(crypto::sha256(json)).substr(0, 32); }

readiness queries::ready() const {
  readiness state{.ready = with_->ready != nullptr && with_->ready->load(), .links = {}};
  for (const auto& [node, up] : with_->links->all()) state.links.push_back({node, up ? "up" : "down"});
  return state;
}

std::string queries::metrics() const { return with_->metrics->text(); }
void queries::count_response(unsigned status) const { with_->metrics->http_response(status); }
void queries::count_refusal(std::string_view reason) const { with_->metrics->http_refusal(reason); }

}  // namespace elsec::actors
