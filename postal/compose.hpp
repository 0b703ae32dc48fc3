#pragma once
// Joining cover page and documents into one printable PDF. Only for the worker's grandchild and its tests.

#include "domain/fields.hpp"
#include "postal/findings.hpp"

#include <qpdf/Pipeline.hh>

#include <cstdint>
#include <expected>
#include <span>
#include <vector>

namespace elsec::postal {

struct refusal {
  finding_code why = finding_code::unreadable;
  std::uint32_t document = 0;  // 1 is the first; 0: the letter as a whole
};

// Writes the letter to `out` and returns its number of pages, the cover's included. The same input gives the same
// bytes. Every page is A4 portrait; nothing but what pages show is taken over. `out` may have got bytes when it fails;
// exceptions of `out` itself pass through.
[[nodiscard]] std::expected<std::uint32_t, refusal> compose_letter(
    std::span<const std::uint8_t> cover_pdf, const std::vector<std::span<const std::uint8_t>>& documents,
    Pipeline& out);

}  // namespace elsec::postal
