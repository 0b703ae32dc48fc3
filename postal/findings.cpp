#include "postal/findings.hpp"

#include <algorithm>
#include <string>

namespace elsec::postal {

void add(findings& list, finding_code code) {
  if (std::find(list.begin(), list.end(), code) == list.end()) list.push_back(code);
}

std::string_view sentence_of(finding_code code) noexcept {
  switch (code) {
    case finding_code::active_content:
      return "The PDF contains scripts or actions that run by themselves.";
    case finding_code::launch_action:
      return "The PDF contains an action that starts a program.";
    case finding_code::rich_media:
      return "The PDF contains embedded media players.";
    case finding_code::embedded_executable:
      return "The PDF carries an attached file that a computer would run.";
    case finding_code::executable:
      return "The file is a program, a script or a web page.";
    case finding_code::macros:
      return "The office document contains macros.";
    case finding_code::encrypted:
      return "The PDF needs a password to be opened.";
    case finding_code::unreadable:
      return "The file could not be read; it is damaged or too complex.";
    case finding_code::damaged:
      return "The PDF is damaged and may lack pages; save it again and upload the new file.";
    case finding_code::type_mismatch:
      return "The content is of another type than the one claimed.";
    case finding_code::not_a_pdf:
      return "Only PDF files can be printed.";
    case finding_code::no_pages:
      return "The PDF has no pages.";
    case finding_code::too_many_pages:
      return "The letter would have more than 94 pages, cover page included.";
    case finding_code::dynamic_form:
      return "The PDF is a dynamic form; print it to a PDF file and upload that.";
    case finding_code::too_large:
      return "The composed letter would be too large.";
    case finding_code::unprintable_address:
      return "The address contains characters that cannot be printed.";
    case finding_code::address_too_long:
      return "The address does not fit into the window in a legible size; shorten it.";
  }
  return "The file was refused.";
}

std::vector<finding> describe(const findings& codes) {
  std::vector<finding> list;
  list.reserve(codes.size());
  for (const finding_code code : codes)
    list.push_back({boost::describe::enum_to_string(code, "unreadable"), std::string(sentence_of(code))});
  return list;
}

}  // namespace elsec::postal
