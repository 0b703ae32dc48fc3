#include "actors/letter_paper.hpp"

#include "actors/document_rows.hpp"
#include "actors/queries.hpp"

#include <date/tz.h>

namespace elsec::actors {

using domain::error_code;
namespace tables = storage::tables;

namespace {

std::string german_date(domain::time_point at) {
  const auto local = date::make_zoned("Europe/Berlin", at);
  return date::format("%d.%m.%Y", date::floor<std::chrono::seconds>(local.get_local_time()));
}

domain::result<domain::bytes> read_file(const shared_services& with, const domain::organisation_id& of,
                                        const domain::document_id& id) {
  const auto content = queries(with).content(of, id);
  if (!content) return std::unexpected(content.error());
  const auto& document = content->document();
  if (domain::essence_of(document.media_type) != "application/pdf")
    return domain::fail(error_code::invalid, "only PDF files can be printed; send this one as a PDF");
  if (document.size > examined_bytes_max)
    return domain::fail(error_code::invalid, "the file is too large to be printed");
  domain::bytes file;
  file.reserve(document.size);
  while (file.size() < document.size) {
    const auto part = content->read(file.size(), document.size - file.size());
    if (!part) return std::unexpected(part.error());
    file.insert(file.end(), part->begin(), part->end());
  }
  return file;
}

std::vector<std::string> notes_of(const domain::dispatch_row& row) {
  std::vector<std::string> notes;
  if (row.case_ref) notes.push_back("Ihr Zeichen: " + *row.case_ref);
  if (row.contact) notes.push_back("Rückfragen: " + row.contact->name.str() + ", " + row.contact->phone.str());
  if (!row.attachment_ids.empty()) notes.push_back("Anlagen: " + std::to_string(row.attachment_ids.size()));
  return notes;
}

}  // namespace

domain::result<letter_paper> gather_paper(const shared_services& with, const domain::organisation_id& of,
                                          const domain::letter_row& letter) {
  letter_paper paper;
  std::vector<domain::document_id> files;
  {
    auto snapshot = with->store->read();
    if (!snapshot) return std::unexpected(snapshot.error());
    const auto dispatch = find_dispatch(*snapshot, of, letter.dispatch_id);
    if (!dispatch) return std::unexpected(dispatch.error());
    const auto sender = find_row(*snapshot, tables::organisations, of.str());
    if (!sender) return std::unexpected(sender.error());
    if (!dispatch->recipient.address) return domain::fail(error_code::invalid, "the recipient has no postal address");
    const auto& print = dispatch->print;
    paper.cover = {.sender_line = domain::sender_line(*sender),
                   .recipient_lines = domain::address_lines(dispatch->recipient.name, *dispatch->recipient.address),
                   .subject = dispatch->subject,
                   .date = german_date(with->now()),
                   .reference = letter.id.str(),
                   .notes = notes_of(*dispatch)};
    paper.ticket = {.letter_id = letter.id.str(),
                    .dispatch_id = letter.dispatch_id.str(),
                    .created_at = with->now(),
                    .paper = {},
                    .print = {.color = print.color.value_or(with->policy.letter_color),
                              .duplex = print.duplex.value_or(with->policy.letter_duplex)},
                    .recipient = paper.cover.recipient_lines,
                    .sender = paper.cover.sender_line,
                    .pdf_file = letter.id.str() + ".pdf"};
    files = dispatch->attachment_ids;
    files.insert(files.begin(), dispatch->document_id);
  }
  for (const auto& id : files) {
    auto file = read_file(with, of, id);
    if (!file) return std::unexpected(std::move(file.error()));
    paper.documents.push_back(std::move(*file));
  }
  return paper;
}

}  // namespace elsec::actors
