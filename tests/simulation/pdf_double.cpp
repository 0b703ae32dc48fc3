#include "tests/simulation/pdf_double.hpp"

namespace elsec::simulation {
namespace {

const auto no_child = domain::fail(domain::error_code::internal, "the child process died");

}  // namespace

domain::result<postal::inspection> pdf_double::inspect(std::span<const std::uint8_t>, const std::string& claimed_type) {
  if (fails_()) return no_child;
  return postal::inspection{.detected_type = claimed_type, .pages = 1, .quarantine = {}, .unprintable = {}};
}

domain::result<postal::composed_letter> pdf_double::compose(
    const postal::cover& words, const std::vector<std::span<const std::uint8_t>>& documents) {
  if (fails_()) return no_child;
  postal::composed_letter letter{.pdf = {}, .pages = 1 + static_cast<std::uint32_t>(documents.size())};
  letter.pdf.insert(letter.pdf.end(), words.letter_id.begin(), words.letter_id.end());
  letter.pdf.push_back('\n');
  for (const auto& document : documents) letter.pdf.insert(letter.pdf.end(), document.begin(), document.end());
  return letter;
}

}  // namespace elsec::simulation
