#pragma once
// The cover page: sender line and address in the window's zones, subject and notes below the fold.

#include "domain/error.hpp"
#include "postal/findings.hpp"
#include "postal/worker.hpp"

#include <memory>
#include <optional>

namespace elsec::postal {

inline constexpr std::size_t cover_line_length_max = 300;
inline constexpr std::size_t cover_notes_max = 40;

// The two faces of Liberation Sans and nothing else: the same letter looks the same on every machine, whatever fonts it
// has. Finding them is slow and needs the file system; drawing opens the two files again.
class cover_fonts {
 public:
  // `internal` when the fonts are not installed.
  [[nodiscard]] static domain::result<cover_fonts> load();

  struct faces;
  [[nodiscard]] const faces& get() const { return *faces_; }

 private:
  explicit cover_fonts(std::shared_ptr<const faces> f) : faces_(std::move(f)) {}
  std::shared_ptr<const faces> faces_;
};

// Whether the words can stand on a cover page: lines without control characters, sender and recipient present, at most
// six recipient lines (blank ones do not count). `invalid` names the offending part.
[[nodiscard]] domain::result<void> check_cover(const cover& words);

// Why an address cannot be drawn: `address_too_long` for its window, or `unprintable_address`. Requests are held
// against the same rules (domain/address_window.hpp, domain/window_font.hpp), so this is for letters accepted before
// them.
[[nodiscard]] std::optional<finding_code> unprintable(const cover& words);

// One page of A4. Text too long for its zone is set smaller, wrapped or shortened, in this order; a recipient's address
// is never shortened, and never smaller than one can read. `invalid` when it cannot be drawn, also when the font that
// is installed lacks characters of it.
[[nodiscard]] domain::result<domain::bytes> draw_cover(const cover_fonts& fonts, const cover& words);

}  // namespace elsec::postal
