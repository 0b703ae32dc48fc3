#pragma once
// Looks through every object of a PDF, reachable or not, for what must not pass. Only for the worker's grandchild and
// its tests.

#include "postal/findings.hpp"
#include "postal/media_type.hpp"

#include <qpdf/QPDF.hh>

namespace elsec::postal {

// Larger files exist (maps, parts lists) but are no letters; their check would not end in time.
inline constexpr std::size_t pdf_objects_max = 1'000'000;

// Throws what qpdf throws.
[[nodiscard]] findings scan_pdf(QPDF& pdf, const type_detector& detector);

}  // namespace elsec::postal
