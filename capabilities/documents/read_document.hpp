#pragma once
// Bytes of a recipient's copy have gone out: how far is on record, and when all of them have, that has a receipt and is
// told to the sender. The gateway gives this command behind a download; it has no route.

#include "capabilities/command_of_caller.hpp"
#include "capabilities/documents/tell_sender.hpp"
#include "decisions/document_index.hpp"
#include "decisions/rows.hpp"

namespace elsec::capabilities {

struct read_document : command_of_caller {
  // Bytes `first` to before `end`.
  read_document(const request& from, domain::document_id which, std::uint64_t first_byte, std::uint64_t end_byte)
      : command_of_caller(from, which.str()), document(std::move(which)), first(first_byte), end(end_byte) {}

  domain::document_id document;
  std::uint64_t first;
  std::uint64_t end;

  [[nodiscard]] static domain::result<shared_command> make(const request& from, std::uint64_t first_byte,
                                                           std::uint64_t end_byte) {
    const auto which = from.id<domain::document_id>();
    if (!which) return std::unexpected(which.error());
    return make_command<read_document>(from, *which, first_byte, end_byte);
  }

  // What has gone out has been read, whatever became of the credential.
  [[nodiscard]] std::string_view credential() const override { return {}; }
  [[nodiscard]] domain::result<ruling> decide(const facts& given) const override {
    const auto& of = who.organisation_id;
    auto row = find_document(given.read, of, document);
    if (!row) return std::unexpected(row.error());
    const auto read_to = domain::read_after(row->read_to, first, end);
    if (!row->from || !row->collected || read_to == row->read_to) return ruling{};
    const auto before = listing_of(*row);
    row->read_to = read_to;
    storage::change_set changes;
    if (read_to == row->size)
      note_and_tell(changes, given.with, of, *row, domain::receipt_kind::read_completely,
                    domain::wire::verdict::read_completely);
    put_document(changes, given.with, of, before, *row);
    return ruling{.changes = std::move(changes)};
  }
};

}  // namespace elsec::capabilities
