// What comes to nothing at the other side: it is kept for whoever looks into it, and the other side is told, so that
// nobody there waits for it.

#include "actors/link.hpp"
#include "actors/received_copies.hpp"
#include "decisions/outbox.hpp"
#include "decisions/rows.hpp"

#include <spdlog/spdlog.h>

#include <algorithm>

namespace elsec::actors {

using domain::error_code;
namespace tables = storage::tables;

namespace {

constexpr auto rejected_by_peer = "the recipient's node cannot read it; ask those who run it, or send a letter";

}  // namespace

// What it was and how it began. A rejection is not rejected in turn, and a peer that sends what cannot be read without
// end is not told so without end.
bool link_state::put_rejected(storage::change_set& changes, const std::string& key, const storage::inbound_row& what,
                              const std::string& reason) {
  changes.put(tables::rejected, key, decisions::rejected_row(what, reason));
  if (what.kind == wire::kind_rejection) return false;
  if (time() - rejections_since >= rejections_per) {
    rejections_since = time();
    rejections = 0;
  }
  if (rejections >= rejections_max) return false;
  ++rejections;
  const wire::rejection told{storage::trailing_number(key), what.id, reason.substr(0, rejection_reason_max)};
  send_envelope(changes, *with->with, peer, wire::kind_rejection, codec::to_cbor(told));
  return true;
}

void link_state::drop_inbound(const std::string& row, const storage::inbound_row& what, const std::string& reason) {
  if (leaving.contains(row)) return;
  with->with->metrics->node_refusal("rejected");
  spdlog::warn("link {}: an envelope of kind {} was rejected: {}", peer, what.kind, reason);
  storage::change_set changes;
  const bool is_told = put_rejected(changes, row, what, reason);
  leave_inbound(row, std::move(changes), [this, is_told](bool on_disk) {
    if (is_told && !on_disk && rejections > 0) --rejections;
  });
}

// An envelope of ours to this peer, and no other, as its number and its id say.
std::optional<storage::outbox_row> link_state::row_meant(const wire::rejection& said) const {
  const auto snapshot = with->with->store->read();
  if (!snapshot) return std::nullopt;
  auto row = snapshot->get(tables::outbox, storage::key_of(peer, '\0', storage::big_endian(said.sequence)));
  return row && *row && (*row)->id == said.id ? std::move(*row) : std::nullopt;
}

// Whoever waits for what the envelope should have done is told; the peer's own words go no further than the log.
void link_state::hear_rejection(const std::string& row, const storage::inbound_row& what) {
  const auto said = codec::from_cbor<wire::rejection>(what.body);
  if (!said) return drop_inbound(row, what, "unreadable rejection");
  const auto meant = row_meant(*said);
  const auto* kind = meant ? with->with->registry.find_wire_kind(meant->kind) : nullptr;
  with->with->metrics->node_refusal("rejected_by_peer");
  spdlog::warn("link {}: the peer rejects envelope {}{}: {}", peer, said->sequence, meant ? "" : ", which it never had",
               storage::printable_key(std::string_view(said->reason).substr(0, rejection_reason_max)));
  auto command = kind != nullptr && kind->lost != nullptr ? kind->lost(*meant, rejected_by_peer)
                                                          : domain::result<shared_command>(nullptr);
  if (!command || !*command) return end_inbound(row);
  hearing.insert(row);
  self->request(with->node, commit_deadline, std::move(*command))
      .then(
          [this, row](const outcome& result) {
            hearing.erase(row);
            const bool may_pass =
                !result && result.error().code != error_code::not_found && result.error().code != error_code::integrity;
            if (!may_pass) end_inbound(row);
          },
          [this, row](const caf::error&) { hearing.erase(row); });
}

// A dispatch for an organisation that is not here: nobody's actor is started to say so. False when it is here.
bool link_state::refuse_for_nobody(const std::string& row) {
  const auto snapshot = with->with->store->read();
  if (!snapshot) return false;
  const auto what = snapshot->get(tables::inbound, row);
  const auto body = what && *what ? codec::from_cbor<wire::announcement>((*what)->body)
                                  : domain::result<wire::announcement>(domain::fail(error_code::not_found));
  if (!body || snapshot->contains(tables::organisations.name, body->recipient.str()).value_or(true)) return false;
  storage::change_set changes;
  if (!snapshot->contains(tables::refused_dispatches.name, body->id.str()).value_or(false))
    refuse_dispatch(changes, *with->with, {peer, row, {}, body->recipient}, *body,
                    "the recipient does not receive electronically any more", true);
  leave_inbound(row, std::move(changes), [](bool) {});
  return true;
}

void link_state::end_inbound(const std::string& row) {
  leave_inbound(row, {}, [](bool) {});
}

// Nobody looks at the row until that is on disk; what could not be written is tried again when the next one does.
void link_state::leave_inbound(const std::string& row, storage::change_set changes, std::function<void(bool)> ended) {
  if (!leaving.insert(row).second) return;
  changes.erase(tables::inbound, row);
  const auto end = [this, row, ended = std::move(ended)](bool on_disk) {
    leaving.erase(row);
    if (on_disk) retries.erase(row);
    ended(on_disk);
  };
  self->request(with->writer, no_deadline, share(std::move(changes)))
      .then([end](const commit_result& result) { end(result.has_value()); }, [end](const caf::error&) { end(false); });
}

}  // namespace elsec::actors
