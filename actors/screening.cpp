#include "actors/screening.hpp"

#include "actors/queries.hpp"

#include <spdlog/spdlog.h>

namespace elsec::actors {

namespace tables = storage::tables;

namespace {

struct due {
  domain::organisation_id organisation;
  domain::document_id document;
};

domain::result<std::optional<due>> next_due(const services& with, const std::string& after) {
  auto snapshot = with.store->read();
  if (!snapshot) return std::unexpected(snapshot.error());
  std::optional<due> found;
  auto walked = snapshot->scan(
      tables::screening_due, {}, after, storage::direction::forward, [&](std::string_view key, storage::due_row&& row) {
        found = due{row.organisation_id, domain::document_id::parse(key).value_or(domain::document_id{})};
        return false;
      });
  if (!walked) return std::unexpected(walked.error());
  return found;
}

constexpr std::uint64_t type_sample_bytes = 512U << 10;

domain::result<postal::inspection> examine(const shared_services& with, postal::pdf_service& worker, const due& what) {
  const queries reads(with);
  const auto content = reads.content(what.organisation, what.document);
  if (!content) return std::unexpected(content.error());
  const auto size = content->document().size;
  const bool whole = size <= examined_bytes_max;
  const auto wanted = whole ? size : type_sample_bytes;
  domain::bytes file;
  file.reserve(wanted);
  while (file.size() < wanted) {
    const auto part = content->read(file.size(), wanted - file.size());
    if (!part) return std::unexpected(part.error());
    file.insert(file.end(), part->begin(), part->end());
  }
  if (whole) return worker.inspect(file, content->document().media_type);
  // Too large for the child: only what its first bytes say counts.
  return worker.inspect(file, "application/octet-stream");
}

}  // namespace

void screening_state::look() {
  if (busy) return;
  const auto what = next_due(*with, skip_to);
  if (!what) return spdlog::error("screening: the queue cannot be read: {}", what.error().detail);
  if (!*what) return skip_to.clear();
  busy = true;
  auto result = examine(with, *worker, **what);
  if (!result && result.error().code == domain::error_code::internal) return put_off((*what)->document);
  if (!result) {
    spdlog::error("screening: {} could not be looked at: {}", (*what)->document.str(),
                  domain::name_of(result.error().code));
    result = postal::inspection{.quarantine = {{"unreadable", "the file could not be examined"}}};
  }
  report((*what)->organisation, (*what)->document, std::move(*result));
}

void screening_state::report(const domain::organisation_id& organisation, const domain::document_id& document,
                             postal::inspection result) {
  if (with->registry.file_screened == nullptr) return put_off(document);  // a node that knows no documents
  screening_report told{.organisation = organisation, .document = document, .pages = result.pages, .quarantine = {}};
  for (const auto& one : result.quarantine) told.quarantine.push_back({one.code, one.detail});
  self->request(node, commit_deadline, with->registry.file_screened(told))
      .then(
          [this, document](const outcome& committed) {
            if (!committed) return put_off(document);
            busy = false;
            self->send(self, wake_atom_v);
          },
          [this, document](const caf::error&) { put_off(document); });
}

// The file stays due; those behind it come first.
void screening_state::put_off(const domain::document_id& document) {
  busy = false;
  skip_to = document.str();
  self->delayed_send(self, screening_retry, wake_atom_v);
}

screening_actor::behavior_type screening(screening_actor::stateful_pointer<screening_state> self, shared_services with,
                                         node_actor node, std::shared_ptr<postal::pdf_service> worker) {
  auto& state = self->state;
  state.with = std::move(with);
  state.node = std::move(node);
  state.worker = std::move(worker);
  return {
      [self](wake_atom) { self->state.look(); },
      [self](stop_atom) { self->quit(); },
  };
}

}  // namespace elsec::actors
