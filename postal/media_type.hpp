#pragma once
// Media types by content (libmagic), and whether one agrees with what the sender claimed.

#include "domain/error.hpp"

#include <memory>
#include <span>
#include <string>
#include <string_view>

namespace elsec::postal {

// libmagic with its database in memory; nothing is opened later.
class type_detector {
 public:
  [[nodiscard]] static domain::result<type_detector> open();

  // Media type without parameters; "application/octet-stream" when unknown, "application/x-empty" for no bytes.
  [[nodiscard]] std::string detect(std::span<const std::uint8_t> content) const;

 private:
  struct close;
  explicit type_detector(std::shared_ptr<void> cookie) : cookie_(std::move(cookie)) {}
  std::shared_ptr<void> cookie_;
};

// Whether content of the detected type may bear the claimed one. Tolerant where types overlap or senders are commonly
// vague (octet-stream, kinds of text, office formats inside zip and OLE containers), strict where a browser or a person
// could be misled: a claimed PDF or picture must be one, and web pages never pass as text.
[[nodiscard]] bool agrees(std::string_view claimed, std::string_view detected);

// Programs, scripts and web pages.
[[nodiscard]] bool is_executable_type(std::string_view detected);

// A file name that a computer would run when opened ("invoice.pdf.exe").
[[nodiscard]] bool is_executable_name(std::string_view file_name);

}  // namespace elsec::postal
