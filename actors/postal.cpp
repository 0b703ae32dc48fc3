#include "actors/postal.hpp"

#include "actors/letter_paper.hpp"
#include "decisions/rows.hpp"

#include <spdlog/spdlog.h>

namespace elsec::actors {

using domain::error_code;
using domain::letter_state;
namespace tables = storage::tables;

domain::result<domain::letter_row> postal_state::find(const domain::organisation_id& of,
                                                      const domain::letter_id& letter) const {
  auto snapshot = with->store->read();
  if (!snapshot) return std::unexpected(snapshot.error());
  return find_row(*snapshot, tables::letters, storage::key_of(of, letter));
}

domain::result<std::optional<storage::owner_row>> postal_state::find_owner(const std::string& letter) const {
  auto snapshot = with->store->read();
  if (!snapshot) return std::unexpected(snapshot.error());
  return snapshot->get(tables::open_letters, letter);
}

// Leaves it in `last`.
domain::result<void> postal_state::make(const domain::organisation_id& of, const domain::letter_row& letter) {
  last.reset();
  auto paper = gather_paper(with, of, letter);
  if (!paper) return std::unexpected(std::move(paper.error()));
  const std::vector<std::span<const std::uint8_t>> documents(paper->documents.begin(), paper->documents.end());
  auto composed_pdf = tools.worker->compose(paper->cover, documents);
  if (!composed_pdf) return std::unexpected(std::move(composed_pdf.error()));
  auto& ticket = paper->ticket;
  ticket.pages = composed_pdf->pages;
  ticket.sheets = domain::sheets_of(composed_pdf->pages, ticket.print.duplex);
  ticket.pdf_bytes = composed_pdf->pdf.size();
  ticket.pdf_sha256 = crypto::to_hex(crypto::sha256(composed_pdf->pdf));
  last = composed{letter.id, std::move(*composed_pdf), std::move(ticket)};
  return {};
}

made_paper postal_state::compose(const compose_paper& wanted) {
  const auto letter = find(wanted.organisation, wanted.letter);
  if (!letter) return std::unexpected(letter.error());
  if (auto ok = make(wanted.organisation, *letter); !ok) {
    spdlog::warn("postal: {} cannot be composed: {}", wanted.letter.str(), domain::name_of(ok.error().code));
    return std::unexpected(std::move(ok.error()));
  }
  return paper_made{last->ticket.pages, last->ticket.sheets};
}

// One whose state or grace time says otherwise could not be taken back: what is true now counts, not when it was asked.
made_paper postal_state::submit(const submit_paper& wanted) {
  const auto letter = find(wanted.organisation, wanted.letter);
  if (!letter) return std::unexpected(letter.error());
  if (letter->state != letter_state::queued) return domain::fail(error_code::wrong_state);
  if (!domain::may_leave(*letter, with->now(), with->policy.letter_grace) || with->irrevocable_work_waits())
    return domain::fail(error_code::overloaded, "the clock does not allow it yet");
  auto handed = hand_over(wanted.organisation, *letter);
  if (!handed) spdlog::error("postal: {} cannot be handed over: {}", wanted.letter.str(), handed.error().detail);
  return handed;
}

made_paper postal_state::hand_over(const domain::organisation_id& of, const domain::letter_row& letter) {
  if (!last || last->letter != letter.id)
    if (auto ok = make(of, letter); !ok) return std::unexpected(std::move(ok.error()));
  if (auto ok = tools.carrier->submit(last->ticket, last->paper.pdf); !ok)
    return std::unexpected(std::move(ok.error()));
  const paper_made handed{last->ticket.pages, last->ticket.sheets};
  last.reset();
  return handed;
}

// Reports that are still being told come again with the next tick, should that fail.
void postal_state::tick() {
  self->delayed_send(self, with->policy.spool_poll, tick_atom_v);
  last.reset();
  if (telling) return;
  if (auto ok = ask_about_open(); !ok) spdlog::error("postal: {}", ok.error().detail);
  forget_settled();
  auto news = tools.carrier->poll();
  if (!news) return spdlog::error("postal: the carrier cannot be asked: {}", news.error().detail);
  for (auto& one : *news) reports.push_back(std::move(one.letter_id));
  tell_next();
}

void postal_state::forget_settled() {
  const auto now = with->now();
  if (with->irrevocable_work_waits()) return;
  if (auto ok = tools.carrier->forget_settled(now); !ok) spdlog::error("postal: {}", ok.error().detail);
}

// After a start, until none is left: this node's records may be an older copy that shows letters as on their way of
// which news was settled since.
domain::result<void> postal_state::ask_about_open() {
  if (asked_about_open) return {};
  std::vector<std::string> open;
  {
    auto snapshot = with->store->read();
    if (!snapshot) return std::unexpected(snapshot.error());
    auto walked =
        snapshot->scan_keys(tables::open_letters.name, {}, {}, storage::direction::forward, [&](std::string_view key) {
          open.emplace_back(key);
          return true;
        });
    if (!walked) return walked;
  }
  std::vector<std::string> settled;
  for (auto& letter : open) {
    const auto known = tools.carrier->has_settled(letter);
    if (!known) return std::unexpected(known.error());
    if (*known) settled.push_back(std::move(letter));
  }
  reports.insert(reports.end(), settled.begin(), settled.end());
  asked_about_open = settled.empty();
  return {};
}

// Through the mailbox, so that many reports do not nest; before the letters that wait there.
void postal_state::next() { self->send<caf::message_priority::high>(self, start_atom_v); }

void postal_state::tell_next() {
  telling = !reports.empty();
  if (!telling) return;
  const auto letter = std::move(reports.front());
  reports.pop_front();
  settle(letter);
}

// The carrier has sent a letter: on record first, then the carrier may forget it.
void postal_state::settle(const std::string& letter) {
  const auto id = domain::letter_id::parse(letter);
  const auto owner = find_owner(letter);
  if (!id || !owner) return next();
  if (!*owner) return forget(letter);
  const auto& of = (*owner)->organisation_id;
  const auto row = find(of, *id);
  if (!row || with->registry.letter_happened == nullptr) return next();  // or a node that knows no letters
  const letter_report told{of, row->document_id, *id, letter_state::sent};
  self->request(node, commit_deadline, with->registry.letter_happened(told))
      .then(
          [this, letter](const outcome& result) {
            if (result) return forget(letter);
            spdlog::error("postal: news of {} could not be recorded: {}", letter, domain::name_of(result.error().code));
            next();
          },
          [this](const caf::error&) { next(); });
}

void postal_state::forget(const std::string& letter) {
  if (auto ok = tools.carrier->settle(letter); !ok)
    spdlog::error("postal: {} cannot be cleared away: {}", letter, ok.error().detail);
  next();
}

postal_actor::behavior_type postal_office(postal_actor::stateful_pointer<postal_state> self, shared_services with,
                                          node_actor node, postal_tools tools) {
  auto& state = self->state;
  state.with = std::move(with);
  state.node = std::move(node);
  state.tools = std::move(tools);
  self->delayed_send(self, state.with->policy.spool_poll, tick_atom_v);
  return {
      [self](const compose_paper& wanted) { return self->state.compose(wanted); },
      [self](const submit_paper& wanted) { return self->state.submit(wanted); },
      [self](start_atom) { self->state.tell_next(); },
      [self](tick_atom) { self->state.tick(); },
      [self](stop_atom) { self->quit(); },
  };
}

}  // namespace elsec::actors
