#include "postal/inspect.hpp"

#include "domain/document.hpp"
#include "postal/page.hpp"
#include "postal/pdf_file.hpp"
#include "postal/pdf_scan.hpp"

#include <qpdf/QPDFPageDocumentHelper.hh>

#include <algorithm>
#include <exception>
#include <expected>
#include <optional>
#include <string_view>

namespace elsec::postal {

namespace {

bool holds(std::span<const std::uint8_t> file, std::string_view text) {
  const std::string_view content(reinterpret_cast<const char*>(file.data()), file.size());
  return content.find(text) != std::string_view::npos;
}

// Nothing where no reader would look for a PDF.
std::optional<std::expected<opened_pdf, finding_code>> pdf_in(std::span<const std::uint8_t> file) {
  const auto head = file.first(std::min(file.size(), domain::pdf_header_within_bytes));
  if (!domain::opens_as_pdf({reinterpret_cast<const char*>(head.data()), head.size()})) return std::nullopt;
  return open_pdf(file);
}

// libmagic looks for a PDF's header in fewer bytes than readers do. What it takes for something of its own (a picture,
// a program, an archive) stays that.
bool is_pdf_behind_other_bytes(std::string_view detected_type, const std::expected<opened_pdf, finding_code>& opened) {
  const bool is_vague = detected_type == domain::unknown_type || detected_type == "text/plain";
  return is_vague && (opened || opened.error() == finding_code::encrypted);
}

// File names stand in clear in both containers: zip entries, and OLE directory entries in UTF-16.
bool has_macros(std::span<const std::uint8_t> file) {
  constexpr std::string_view ole_magic = "\xD0\xCF\x11\xE0";
  constexpr std::string_view ole_entry("_\0V\0B\0A\0_\0P\0R\0O\0J\0E\0C\0T\0", 24);
  const auto head = file.first(std::min<std::size_t>(file.size(), 4));
  if (holds(head, "PK")) return holds(file, "vbaProject.bin");
  return holds(head, ole_magic) && holds(file, ole_entry);
}

// A damaged file harms nobody who opens it, and may be all its sender has; it only cannot be printed. One that nobody
// but its owner can look into passes no screening.
void refuse(file_report& report, finding_code code) {
  if (code != finding_code::unreadable) add(report.quarantine, code);
  add(report.unprintable, code);
}

void count_pages(file_report& report, QPDF& pdf) {
  const std::size_t count = QPDFPageDocumentHelper(pdf).getAllPages().size();
  report.pages = static_cast<std::uint32_t>(count);
  if (count + 1 > pages_max) add(report.unprintable, finding_code::too_many_pages);
}

void inspect_pdf(file_report& report, const std::expected<opened_pdf, finding_code>& opened,
                 const type_detector& detector) {
  if (!opened) return refuse(report, opened.error());
  for (const finding_code code : scan_pdf(*opened->pdf, detector)) add(report.quarantine, code);
  for (const finding_code code : reasons_against_paper(*opened)) add(report.unprintable, code);
  count_pages(report, *opened->pdf);
}

}  // namespace

file_report inspect_file(std::span<const std::uint8_t> file, const std::string& claimed_type,
                         const type_detector& detector) {
  file_report report;
  report.detected_type = detector.detect(file);
  const auto pdf = pdf_in(file);
  if (pdf && is_pdf_behind_other_bytes(report.detected_type, *pdf)) report.detected_type = "application/pdf";
  if (!agrees(claimed_type, report.detected_type)) add(report.quarantine, finding_code::type_mismatch);
  if (is_executable_type(report.detected_type)) add(report.quarantine, finding_code::executable);
  if (has_macros(file)) add(report.quarantine, finding_code::macros);
  if (report.detected_type != "application/pdf") add(report.unprintable, finding_code::not_a_pdf);
  if (!pdf) return report;
  try {
    inspect_pdf(report, *pdf, detector);
  } catch (const std::exception&) {
    refuse(report, finding_code::unreadable);
  }
  return report;
}

}  // namespace elsec::postal
