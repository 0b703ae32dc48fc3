// Foreign PDFs, as the worker's grandchild looks at them and joins them to a letter, here without its sandbox: so
// inputs are small, and streams that expand without end are left to the sandbox's own tests.
#include "fuzz/targets.hpp"
#include "postal/compose.hpp"
#include "postal/cover_page.hpp"
#include "postal/inspect.hpp"
#include "postal/page.hpp"
#include "postal/pdf_file.hpp"

#include <qpdf/Pl_Buffer.hh>
#include <qpdf/QPDFPageDocumentHelper.hh>
#include <qpdf/QPDFPageObjectHelper.hh>

#include <algorithm>
#include <cmath>
#include <cstdio>
#include <string>

namespace elsec::fuzz {
namespace {

using postal::finding_code;

constexpr std::size_t input_bytes_max = 16U << 10U;

const postal::type_detector& detector() {
  static const postal::type_detector opened = postal::type_detector::open().value();
  return opened;
}

const domain::bytes& cover_page() {
  static const domain::bytes drawn =
      postal::draw_cover(postal::cover_fonts::load().value(),
                         {.sender_line = "Klinik Musterstadt, Am Tor 1, 12345 Musterstadt",
                          .recipient_lines = {"Frau Erika Beispiel", "Ringweg 7", "53115 Musterhausen"},
                          .subject = "Entlassungsbrief",
                          .date = "23.11.2026",
                          .reference = "2026-0815",
                          .letter_id = "ltr_01J9ZQ6Z7N2M4X8K3V5T1R0B9C",
                          .notes = {}})
          .value();
  return drawn;
}

// A file from the bodies of its objects, one after the other between lines of "%%": its table of objects is always
// right, so that changes go on to what the objects say. The first object is the catalog.
std::string assembled(std::string_view bodies) {
  std::string file = "%PDF-1.7\n";
  std::string table = "0000000000 65535 f \n";
  std::size_t count = 1;
  while (!bodies.empty()) {
    const auto end = bodies.find("\n%%\n");
    char line[32];
    std::snprintf(line, sizeof line, "%010zu 00000 n \n", file.size());
    table += line;
    file += std::to_string(count++) + " 0 obj\n" + std::string(bodies.substr(0, end)) + "\nendobj\n";
    bodies.remove_prefix(end == std::string_view::npos ? bodies.size() : end + 4);
  }
  const auto start = std::to_string(file.size());
  const auto size = std::to_string(count);
  return file + "xref\n0 " + size + "\n" + table + "trailer\n<< /Size " + size + " /Root 1 0 R >>\nstartxref\n" +
         start + "\n%%EOF\n";
}

void is_a_sheet(QPDFPageObjectHelper page) {
  auto dictionary = page.getObjectHandle();
  for (const char* key : {"/Annots", "/AA", "/A", "/PieceInfo", "/Thumb", "/Metadata", "/Rotate", "/CropBox"})
    must(!dictionary.hasKey(key), "a page of a letter shows and does nothing else");
  const auto box = page.getMediaBox().getArrayAsRectangle();
  must(box.llx == 0 && box.lly == 0 && box.urx == postal::page_width_pt && box.ury == postal::page_height_pt,
       "a page of a letter is A4");
}

void is_a_letter(const domain::bytes& letter, std::uint32_t pages) {
  const auto opened = postal::open_pdf(letter);
  must(opened && !opened->damaged && !opened->pdf->isEncrypted(), "a letter can be opened");
  const auto all = QPDFPageDocumentHelper(*opened->pdf).getAllPages();
  must(all.size() == pages && pages <= postal::pages_max, "a letter has the pages it is said to have");
  for (const auto& page : all) is_a_sheet(page);
  for (const char* key : {"/OpenAction", "/AA", "/Names", "/AcroForm", "/Metadata"})
    must(!opened->pdf->getRoot().hasKey(key), "a letter does nothing by itself");
}

domain::bytes bytes_of(Pl_Buffer& sink) {
  const auto buffer = sink.getBufferSharedPointer();
  return {buffer->getBuffer(), buffer->getBuffer() + buffer->getSize()};
}

// The letter, or nothing when it is refused or cannot be written (which is the sender's to hear, too).
domain::bytes composed(bytes_view file, const postal::file_report& report) {
  Pl_Buffer sink("letter");
  try {
    const auto pages = postal::compose_letter(cover_page(), {file}, sink);
    if (!pages) {
      must(pages.error().document <= 1, "a refusal names a document there is");
      must(pages.error().document == 1 || pages.error().why == finding_code::too_many_pages, "our own cover is fine");
      return {};
    }
    must(*pages == report.pages + 1, "a letter has every page, and the cover");
    auto letter = bytes_of(sink);
    is_a_letter(letter, *pages);
    return letter;
  } catch (const std::exception&) {
    return {};
  }
}

void is_looked_at(bytes_view file) {
  const auto report = postal::inspect_file(file, "application/pdf", detector());
  const auto has = [&](finding_code code) {
    return std::ranges::find(report.unprintable, code) != report.unprintable.end();
  };
  if (report.unprintable.empty())
    must(report.pages > 0 && report.pages < postal::pages_max, "what can be printed has pages, and not too many");
  if (report.detected_type != "application/pdf") must(has(finding_code::not_a_pdf), "only a PDF is printed");
  const auto letter = composed(file, report);
  if (letter.empty()) return;
  must(!has(finding_code::damaged) && !has(finding_code::unreadable) && !has(finding_code::no_pages) &&
           !has(finding_code::too_many_pages),
       "what was found to be unprintable is not printed");
  if (report.quarantine.empty())
    must(postal::inspect_file(letter, "application/pdf", detector()).quarantine.empty(),
         "a clean file gives a clean letter");
  if (file.size() % 4 == 0) must(composed(file, report) == letter, "the same file gives the same letter");
}

}  // namespace

// A file as it is when it begins like one, else the bodies of its objects.
void pdf(bytes_view input) {
  if (input.size() > input_bytes_max) return;
  const auto given = text_of(input);
  if (given.substr(0, 1024).contains("%PDF-")) return is_looked_at(input);
  const auto file = assembled(given);
  is_looked_at({reinterpret_cast<const std::uint8_t*>(file.data()), file.size()});
}

}  // namespace elsec::fuzz
