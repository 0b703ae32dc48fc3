#pragma once
// Bringing one foreign page onto A4 portrait. Only for the worker's grandchild and its tests.

#include <qpdf/QPDF.hh>
#include <qpdf/QPDFMatrix.hh>
#include <qpdf/QPDFPageObjectHelper.hh>

namespace elsec::postal {

// How a page of this visible size (points, rotation applied, lower left corner anywhere) gets onto the sheet: landscape
// is turned by 90° with its top to the left; A4 keeps its size; anything else fills the printable area.
[[nodiscard]] QPDFMatrix placement(const QPDFObjectHandle::Rectangle& visible);

// A new page dictionary of `target`: exactly A4, with what the page shows and nothing else of it - no annotations,
// actions, scripts, thumbnails or private data. A page that is A4 already is taken over as it is. Throws when the
// content cannot be decoded or the page has no usable size.
[[nodiscard]] QPDFObjectHandle fit_page(QPDF& target, QPDF& source, QPDFPageObjectHelper page);

}  // namespace elsec::postal
