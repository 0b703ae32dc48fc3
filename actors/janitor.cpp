#include "actors/janitor.hpp"

#include "actors/tenant_decisions.hpp"
#include "actors/upload.hpp"
#include "actors/wire.hpp"

#include <spdlog/spdlog.h>

#include <set>

namespace elsec::actors {

namespace tables = storage::tables;
using storage::direction;

namespace {

// An upload or transfer under way touches its content at least this often.
constexpr auto content_grace = std::chrono::hours(7);

bool is_due(std::string_view key, domain::time_point now) {
  const auto expiry = storage::trailing_number(key.substr(0, sizeof(std::uint64_t)));
  return expiry <= static_cast<std::uint64_t>(now.time_since_epoch().count());
}

bool is_held(const storage::snapshot& snapshot, const crypto::content_id& content) {
  bool held = false;
  const std::string prefix(content.begin(), content.end());
  const auto walked =
      snapshot.scan_keys(tables::content_holders.name, prefix, {}, direction::forward, [&](std::string_view) {
        held = true;
        return false;
      });
  return held || !walked;  // in doubt nothing is freed
}

// Contents of transfers that will go on where they stopped.
std::set<crypto::content_id> contents_in_transfer(const storage::snapshot& snapshot) {
  std::set<crypto::content_id> contents;
  (void)snapshot.scan(tables::transfers, {}, {}, direction::forward, [&](std::string_view, storage::inbound_row&& row) {
    if (const auto body = codec::from_cbor<wire::dispatch>(row.body))
      for (const auto& file : body->files) contents.insert(file.content);
    return true;
  });
  return contents;
}

}  // namespace

void janitor_state::resume_dispatches() {
  auto snapshot = with->with->store->read();
  if (!snapshot) return;
  (void)snapshot->scan(
      tables::dispatches_due, {}, {}, direction::forward, [&](std::string_view, storage::due_row&& row) {
        if (const auto document = domain::document_id::parse(row.object))
          caf::anon_send(with->node, make_command<go_on_after_screening>(row.organisation_id, *document));
        return true;
      });
}

void janitor_state::tick() {
  resume_dispatches();
  with->with->store->check_readers();
  with->with->content->check_readers();
  if (auto snapshot = with->with->store->read()) {
    storage::change_set changes;
    expire_credentials(*snapshot, changes);
    expire_answers(*snapshot, changes);
    free_contents(*snapshot);
    if (!changes.writes().empty())
      self->request(with->writer, commit_deadline, share(std::move(changes)))
          .then([](const commit_result&) {}, [](const caf::error&) {});
  }
  self->delayed_send(self, janitor_tick, tick_atom_v);
}

void janitor_state::expire_credentials(const storage::snapshot& snapshot, storage::change_set& changes) const {
  std::size_t count = 0;
  (void)snapshot.scan(tables::credential_expiry, {}, {}, direction::forward,
                      [&](std::string_view key, storage::due_row&& row) {
                        if (!is_due(key, with->with->now()) || ++count > janitor_batch) return false;
                        const auto owned = storage::key_of(row.organisation_id, row.object);
                        changes.erase(tables::credentials, std::string(key.substr(sizeof(std::uint64_t))));
                        if (row.object.starts_with(domain::session_id::prefix))
                          changes.erase(tables::sessions, owned);
                        else
                          changes.erase(tables::api_tokens, owned);
                        changes.erase(tables::credential_expiry, std::string(key));
                        return true;
                      });
}

void janitor_state::expire_answers(const storage::snapshot& snapshot, storage::change_set& changes) const {
  std::size_t count = 0;
  (void)snapshot.scan_keys(tables::answer_expiry.name, {}, {}, direction::forward, [&](std::string_view key) {
    if (!is_due(key, with->with->now()) || ++count > janitor_batch) return false;
    changes.erase(tables::answers, std::string(key.substr(sizeof(std::uint64_t))));
    changes.erase(tables::answer_expiry, std::string(key));
    return true;
  });
}

// A content is pending from its first chunk until its record is on disk; what a crash left behind is freed later.
void janitor_state::free_contents(const storage::snapshot& snapshot) {
  const auto pending = with->with->content->list_pending(janitor_batch);
  if (!pending || pending->empty()) return;
  const auto in_transfer = contents_in_transfer(snapshot);
  const auto now = with->with->now();
  for (const auto& one : *pending) {
    if (is_held(snapshot, one.content)) {
      const content_work settle{.changes = {storage::settle_content{one.content}}, .new_slots = 0};
      caf::anon_send(with->content_writer, std::make_shared<const content_work>(settle));
    } else if (!in_transfer.contains(one.content) &&
               (one.since < with->with->started_at || now - one.since > content_grace)) {
      free_in_background(with->content_writer, *with->with->content, one.content);
    }
  }
}

janitor_actor::behavior_type janitor(janitor_actor::stateful_pointer<janitor_state> self, shared_context with) {
  self->state.with = std::move(with);
  self->state.tick();
  return {
      [self](tick_atom) { self->state.tick(); },
      [self](stop_atom) { self->quit(); },
  };
}

}  // namespace elsec::actors
