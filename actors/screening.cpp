#include "actors/screening.hpp"

#include "actors/queries.hpp"

#include <spdlog/spdlog.h>

namespace elsec::actors {

namespace {

constexpr std::uint64_t type_sample_bytes = 512U << 10;

domain::result<postal::inspection> inspect_file(const shared_services& with, postal::pdf_service& worker,
                                                const examine_file& what) {
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

examined screening_state::examine(const examine_file& what) {
  const auto seen = inspect_file(with, *worker, what);
  if (!seen) {
    spdlog::warn("screening: {} could not be looked at: {}", what.document.str(), domain::name_of(seen.error().code));
    return std::unexpected(seen.error());
  }
  file_examined found{.pages = seen->pages, .quarantine = {}, .detected_type = seen->detected_type};
  for (const auto& one : seen->quarantine) found.quarantine.push_back({one.code, one.detail});
  return found;
}

screening_actor::behavior_type screening(screening_actor::stateful_pointer<screening_state> self, shared_services with,
                                         std::shared_ptr<postal::pdf_service> worker) {
  auto& state = self->state;
  state.with = std::move(with);
  state.worker = std::move(worker);
  return {
      [self](const examine_file& what) { return self->state.examine(what); },
      [self](stop_atom) { self->quit(); },
  };
}

}  // namespace elsec::actors
