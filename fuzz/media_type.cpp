// Media types by content and by name: what a browser or a person could be misled by never passes, however it is
// written.
#include "postal/media_type.hpp"

#include "domain/document.hpp"
#include "domain/fields.hpp"
#include "domain/folding.hpp"
#include "fuzz/targets.hpp"

#include <algorithm>
#include <array>
#include <string>

namespace elsec::fuzz {
namespace {

const postal::type_detector& detector() {
  static const postal::type_detector opened = postal::type_detector::open().value();
  return opened;
}

std::string in_capitals(std::string_view text) {
  std::string changed(text);
  for (char& c : changed)
    if (c >= 'a' && c <= 'z') c = static_cast<char>(c - 32);
  return changed;
}

void is_told_by_content(bytes_view content) {
  const auto detected = detector().detect(content);
  must(!detected.empty() && detected.find_first_of("; \n") == std::string::npos, "a type has no parameters");
  must(detected == detector().detect(content), "the same content is of the same type");
  if (postal::is_executable_type(detected))
    for (const auto* claimed : {"application/pdf", "text/plain", "image/png", "application/zip"})
      must(!postal::agrees(claimed, detected), "a program passes as nothing harmless");
  must(postal::agrees("application/pdf", detected) == (detected == "application/pdf"), "a claimed PDF is one");
}

void is_compared(std::string_view claimed, std::string_view detected) {
  const bool agreed = postal::agrees(claimed, detected);
  must(agreed == postal::agrees(in_capitals(claimed), detected), "case makes no difference");
  must(agreed == postal::agrees(std::string(claimed) + ";charset=utf-8", detected), "parameters make no difference");
  must(postal::agrees(claimed, claimed) || claimed.empty(), "a type agrees with itself");
  const auto essence = domain::essence_of(claimed);
  must(essence == domain::essence_of(in_capitals(claimed)) && essence == domain::essence_of(essence),
       "an essence is one text");
}

// Disk images are refused inside of PDFs only: discs with X-ray pictures are sent as such.
bool is_disk_image(std::string_view folded) {
  constexpr std::array<std::string_view, 3> endings{"iso", "img", "vhd"};
  return std::ranges::any_of(endings, [&](std::string_view ending) { return folded.contains(ending); });
}

void is_told_by_name(std::string_view name) {
  const bool runs = postal::is_executable_name(name);
  must(runs == postal::is_executable_name(in_capitals(name)), "a program is one in capitals, too");
  must(runs == postal::is_executable_name(std::string(name) + " . "), "dots and blanks at the end hide nothing");
  if (!domain::file_name::parse(name)) return;
  const auto refused = domain::refused_as_executable("application/pdf", name, "%PDF-1.7").has_value();
  if (runs && !is_disk_image(domain::fold_case(name)))
    must(refused, "what is refused inside of a PDF is refused by itself");
  if (refused)
    must(domain::refused_as_executable("application/pdf", std::string(name) + ". .", {}).has_value(),
         "dots and blanks at the end hide nothing at the door");
}

void is_refused_at_the_door(std::string_view type, std::string_view content) {
  const auto refused = domain::refused_as_executable(type, "brief.pdf", content.substr(0, domain::first_look_bytes));
  if (refused) must(!refused->empty(), "a refusal says why");
  if (content.starts_with("MZ") || content.starts_with("#!")) must(refused.has_value(), "programs are refused");
}

}  // namespace

// Two types and a name, a line each, and a content.
void media_type(bytes_view input) {
  reader in(input);
  const auto claimed = in.line();
  const auto detected = in.line();
  is_compared(claimed, detected);
  is_told_by_name(in.line());
  is_refused_at_the_door(claimed, in.rest_text());
  is_told_by_content(in.rest());
}

}  // namespace elsec::fuzz
