#include "actors/postal.hpp"

#include "actors/letter_paper.hpp"
#include "decisions/rows.hpp"

#include <spdlog/spdlog.h>

namespace elsec::actors {

using domain::error_code;
using domain::letter_state;
namespace tables = storage::tables;

namespace {

// Failures that say something about the letter itself; all others may pass.
bool concerns_the_letter(error_code code) {
  return code == error_code::invalid || code == error_code::closed || code == error_code::not_found;
}

}  // namespace

void postal_state::look() {
  if (busy) {
    again = true;
    return;
  }
  busy = true;
  begin_round();
}

void postal_state::begin_round() {
  again = false;
  round.clear();
  if (auto snapshot = with->store->read())
    (void)snapshot->scan(tables::letters_due, {}, {}, storage::direction::forward,
                         [&](std::string_view key, storage::due_row&& row) {
                           const auto letter = domain::letter_id::parse(key);
                           if (letter && !with_carrier.contains(*letter))
                             round.push_back({row.organisation_id, *letter});
                           return round.size() < letters_per_round_max;
                         });
  auto news = tools.carrier->poll();
  if (!news) spdlog::error("postal: the carrier cannot be asked: {}", news.error().detail);
  reports.clear();
  if (news)
    for (auto& one : *news) reports.push_back(std::move(one.letter_id));
  next();
}

// Through the mailbox, so that a long round neither nests nor keeps a read transaction open.
void postal_state::next() { self->send(self, start_atom_v); }

void postal_state::go_on() {
  if (!round.empty()) {
    const auto what = round.front();
    round.pop_front();
    return work_on(what);
  }
  if (!reports.empty()) {
    const auto letter = reports.front();
    reports.pop_front();
    return settle(letter);
  }
  if (again) return begin_round();
  busy = false;
  last.reset();
}

domain::result<domain::letter_row> postal_state::find(const due& what) const {
  auto snapshot = with->store->read();
  if (!snapshot) return std::unexpected(snapshot.error());
  return find_row(*snapshot, tables::letters, storage::key_of(what.organisation, what.letter));
}

domain::result<std::optional<storage::due_row>> postal_state::find_due(const std::string& letter) const {
  auto snapshot = with->store->read();
  if (!snapshot) return std::unexpected(snapshot.error());
  return snapshot->get(tables::letters_due, letter);
}

void postal_state::work_on(const due& what) {
  const auto letter = find(what);
  if (!letter) {
    spdlog::error("postal: {} cannot be read: {}", what.letter.str(), letter.error().detail);
    return next();
  }
  if (letter->state == letter_state::preparing) return prepare(what, *letter);
  // One whose grace time is over only because the clock has jumped could not be taken back: it is looked at again.
  if (letter->state == letter_state::queued && domain::may_leave(*letter, with->now(), with->policy.letter_grace) &&
      !with->irrevocable_work_waits())
    return hand_over(what, *letter);
  if (letter->state == letter_state::submitted) with_carrier.insert(what.letter);
  next();
}

domain::result<void> postal_state::compose(const due& what, const domain::letter_row& letter) {
  last.reset();
  auto paper = gather_paper(with, what.organisation, letter);
  if (!paper) return std::unexpected(std::move(paper.error()));
  const std::vector<std::span<const std::uint8_t>> documents(paper->documents.begin(), paper->documents.end());
  auto composed_pdf = tools.worker->compose(paper->cover, documents);
  if (!composed_pdf) return std::unexpected(std::move(composed_pdf.error()));
  auto& ticket = paper->ticket;
  ticket.pages = composed_pdf->pages;
  ticket.sheets = domain::sheets_of(composed_pdf->pages, ticket.print.duplex);
  ticket.pdf_bytes = composed_pdf->pdf.size();
  ticket.pdf_sha256 = crypto::to_hex(crypto::sha256(composed_pdf->pdf));
  last = composed{what.letter, std::move(*composed_pdf), std::move(ticket)};
  return {};
}

void postal_state::prepare(const due& what, const domain::letter_row& letter) {
  if (auto ok = compose(what, letter); !ok) {
    if (concerns_the_letter(ok.error().code))
      return report(what, letter, letter_state::failed, ok.error().detail, [this] { next(); });
    spdlog::warn("postal: {} waits: {}", what.letter.str(), domain::name_of(ok.error().code));
    return next();
  }
  report(what, letter, letter_state::queued, {}, [this, what] { work_on(what); });
}

void postal_state::hand_over(const due& what, const domain::letter_row& letter) {
  if (!last || last->letter != what.letter) {
    if (auto ok = compose(what, letter); !ok) {
      if (concerns_the_letter(ok.error().code))
        return report(what, letter, letter_state::failed, ok.error().detail, [this] { next(); });
      return next();
    }
  }
  if (auto ok = tools.carrier->submit(last->ticket, last->paper.pdf); !ok) {
    spdlog::error("postal: {} cannot be handed over: {}", what.letter.str(), ok.error().detail);
    return next();
  }
  report(what, letter, letter_state::submitted, {}, [this] { next(); });
}

// The carrier has sent a letter: on record first, then the carrier may forget it.
void postal_state::settle(const std::string& letter) {
  const auto id = domain::letter_id::parse(letter);
  const auto entry = find_due(letter);
  if (!id || !entry) return next();
  const auto forget = [this, letter] {
    if (const auto settled = domain::letter_id::parse(letter)) with_carrier.erase(*settled);
    if (auto ok = tools.carrier->settle(letter); !ok)
      spdlog::error("postal: {} cannot be cleared away: {}", letter, ok.error().detail);
    next();
  };
  if (!*entry) return forget();
  const due what{(*entry)->organisation_id, *id};
  const auto row = find(what);
  if (!row) return next();
  report(what, *row, letter_state::sent, {}, forget);
}

void postal_state::report(const due& what, const domain::letter_row& letter, letter_state state, std::string reason,
                          std::function<void()> then) {
  if (with->registry.letter_happened == nullptr) return next();  // a node that knows no letters
  letter_report told{.organisation = what.organisation,
                     .document = letter.document_id,
                     .dispatch = letter.dispatch_id,
                     .letter = what.letter,
                     .state = state,
                     .reason = std::move(reason)};
  if (last && last->letter == what.letter) {
    told.pages = last->ticket.pages;
    told.sheets = last->ticket.sheets;
  }
  self->request(node, commit_deadline, with->registry.letter_happened(told))
      .then(
          [this, what, then = std::move(then)](const outcome& result) {
            if (result) return then();
            spdlog::error("postal: news of {} could not be recorded: {}", what.letter.str(),
                          domain::name_of(result.error().code));
            next();
          },
          [this](const caf::error&) { next(); });
}

void postal_state::tick() {
  look();
  self->delayed_send(self, with->policy.spool_poll, tick_atom_v);
}

postal_actor::behavior_type postal_office(postal_actor::stateful_pointer<postal_state> self, shared_services with,
                                          node_actor node, postal_tools tools) {
  auto& state = self->state;
  state.with = std::move(with);
  state.node = std::move(node);
  state.tools = std::move(tools);
  self->delayed_send(self, state.with->policy.spool_poll, tick_atom_v);
  return {
      [self](wake_atom) { self->state.look(); },
      [self](start_atom) { self->state.go_on(); },
      [self](tick_atom) { self->state.tick(); },
      [self](stop_atom) { self->quit(); },
  };
}

}  // namespace elsec::actors
