#include "actors/letter_paper.hpp"

#include "actors/limits.hpp"
#include "actors/queries.hpp"
#include "decisions/rows.hpp"
#include "domain/letter_address.hpp"

#include <algorithm>
#include <date/tz.h>
#include <utility>

namespace elsec::actors {

using namespace decisions;

using domain::error_code;
namespace tables = storage::tables;

namespace {

std::string german_date(domain::time_point at) {
  const auto local = date::make_zoned("Europe/Berlin", at);
  return date::format("%d.%m.%Y", date::floor<std::chrono::seconds>(local.get_local_time()));
}

// All are looked at before the first byte of any is read.
domain::result<std::vector<content_reader>> open_files(const shared_services& with, const domain::organisation_id& of,
                                                       const std::vector<domain::document_id>& ids) {
  std::vector<content_reader> files;
  std::uint64_t bytes = 0;
  for (const auto& id : ids) {
    auto content = queries(with).content(of, id);
    if (!content) return std::unexpected(std::move(content.error()));
    const auto& document = content->document();
    if (domain::type_of(document) != "application/pdf")
      return domain::fail(error_code::invalid, "only PDF files can be printed; send this one as a PDF");
    if (document.size > examined_bytes_max)
      return domain::fail(error_code::invalid, "the file is too large to be printed");
    bytes += document.size;
    if (bytes > letter_bytes_max)
      return domain::fail(error_code::invalid, "the files are too large to be printed as one letter");
    files.push_back(std::move(*content));
  }
  return files;
}

domain::result<domain::bytes> read_file(const content_reader& content) {
  const auto size = content.document().size;
  domain::bytes file;
  file.reserve(size);
  while (file.size() < size) {
    const auto part = content.read(file.size(), size - file.size());
    if (!part) return std::unexpected(part.error());
    file.insert(file.end(), part->begin(), part->end());
  }
  return file;
}

// What the cover page has room for; a longer message belongs into the document.
constexpr std::size_t message_bytes_max = 1'500;
constexpr std::size_t message_lines_max = 15;

// The message in the lines it was written in; `invalid` when it does not fit onto the cover page.
domain::result<std::vector<std::string>> message_lines(const std::string& message) {
  const auto too_long =
      domain::fail(error_code::invalid, "the message does not fit onto the cover page; put it into the document");
  if (message.size() > message_bytes_max) return too_long;
  constexpr std::size_t line_bytes_max = 280;
  std::vector<std::string> lines;
  std::string line;
  for (const char c : message) {
    const bool full = line.size() >= line_bytes_max && c == ' ';
    if (c == '\n' || full)
      lines.push_back(std::exchange(line, {}));
    else if (c != '\r')
      line += c == '\t' ? ' ' : c;
  }
  lines.push_back(std::move(line));
  const bool wide = std::ranges::any_of(lines, [](const auto& one) { return one.size() > line_bytes_max + 20; });
  if (wide || lines.size() > message_lines_max) return too_long;
  return lines;
}

domain::result<std::vector<std::string>> notes_of(const domain::dispatch_row& row) {
  std::vector<std::string> notes;
  if (row.message) {
    auto lines = message_lines(row.message->str());
    if (!lines) return std::unexpected(std::move(lines.error()));
    notes = std::move(*lines);
  }
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
    auto notes = notes_of(*dispatch);
    if (!notes) return std::unexpected(std::move(notes.error()));
    const auto& print = dispatch->print;
    paper.cover = {.sender_line = domain::sender_line(*sender),
                   .recipient_lines = domain::address_lines(dispatch->recipient.name, *dispatch->recipient.address),
                   .subject = dispatch->subject.str(),
                   .date = german_date(with->now()),
                   .reference = dispatch->case_ref ? dispatch->case_ref->str() : std::string(),
                   .letter_id = letter.id.str(),
                   .notes = std::move(*notes)};
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
  const auto contents = open_files(with, of, files);
  if (!contents) return std::unexpected(contents.error());
  for (const auto& content : *contents) {
    auto file = read_file(content);
    if (!file) return std::unexpected(std::move(file.error()));
    paper.documents.push_back(std::move(*file));
  }
  return paper;
}

}  // namespace elsec::actors
