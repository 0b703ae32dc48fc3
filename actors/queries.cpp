#include "actors/queries.hpp"

#include "actors/credential_cache.hpp"
#include "crypto/seal.hpp"
#include "decisions/services.hpp"

namespace elsec::actors {

using namespace decisions;

using domain::error_code;
using storage::direction;
namespace tables = storage::tables;

namespace {

constexpr auto unknown_token = "the token is unknown or has expired; sign in again";

}  // namespace

queries::queries(std::shared_ptr<const services> with)
    : with_(std::move(with)), credentials_(std::make_shared<credential_cache>()) {}

domain::result<domain::credential_row> queries::find_credential(const std::string& credential) const {
  const auto version = with_->store->changes_of(tables::credentials.name, credential);
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

domain::result<void> queries::check_credential(const std::string& credential) const {
  const auto row = find_credential(credential);
  if (!row) return std::unexpected(row.error());
  if (row->expires_at && with_->now() >= *row->expires_at)
    return domain::fail(error_code::unauthenticated, unknown_token);
  return {};
}

domain::result<std::vector<domain::listed_event>> queries::events(const domain::organisation_id& of,
                                                                  std::uint64_t after, std::uint32_t limit) const {
  auto snapshot = with_->store->read();
  if (!snapshot) return std::unexpected(snapshot.error());
  std::vector<domain::listed_event> events;
  auto walked = snapshot->scan(tables::feed, of.str(), of.str() + storage::big_endian(after), direction::forward,
                               [&](std::string_view key, domain::result<domain::event>&& event) {
                                 const auto position = std::to_string(storage::trailing_number(key));
                                 if (event) events.push_back({std::move(*event), position});
                                 return events.size() < limit;
                               });
  if (!walked) return std::unexpected(walked.error());
  return events;
}

domain::result<std::uint64_t> queries::last_event(const domain::organisation_id& of) const {
  auto snapshot = with_->store->read();
  if (!snapshot) return std::unexpected(snapshot.error());
  return snapshot->count(tables::counters, "feed/" + of.str());
}

std::shared_ptr<void> queries::watch_feed(const domain::organisation_id& of, std::function<void()> wake) const {
  return with_->feeds->watch(of.str(), std::move(wake));
}

std::shared_ptr<void> queries::watch_credential(const std::string& credential, std::function<void()> ended) const {
  return with_->credentials->watch(credential, std::move(ended));
}

void queries::count_response(unsigned status) const { with_->metrics->http_response(status); }
void queries::count_refusal(std::string_view reason) const { with_->metrics->http_refusal(reason); }

}  // namespace elsec::actors
