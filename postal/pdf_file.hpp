#pragma once
// Opening a foreign PDF. Only for the worker's grandchild and its tests.

#include "postal/findings.hpp"

#include <qpdf/QPDF.hh>

#include <memory>
#include <span>

namespace elsec::postal {

struct opened_pdf {
  std::shared_ptr<QPDF> pdf;  // refers to the bytes it was opened from
  bool damaged = false;       // only after a repair
};

// `encrypted` when it wants a password, else `unreadable`. One that opens without a password is opened, whatever its
// owner's password forbids: who sends it has it open on the screen, and may print it there. Throws nothing.
[[nodiscard]] std::expected<opened_pdf, finding_code> open_pdf(std::span<const std::uint8_t> file);

// Why it cannot become pages of a letter, whatever else comes along. The same for the look at a file and for the
// letter made of it. May throw what qpdf throws.
[[nodiscard]] findings reasons_against_paper(const opened_pdf& opened);

// Up to `bytes_max` decoded bytes of a stream; less when it cannot be decoded.
[[nodiscard]] domain::bytes read_prefix(QPDFObjectHandle stream, std::size_t bytes_max);

}  // namespace elsec::postal
