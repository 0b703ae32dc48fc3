#pragma once
// What a look at a file gives, in codes. Only for the worker's grandchild and its tests.

#include "postal/findings.hpp"
#include "postal/media_type.hpp"

#include <span>
#include <string>

namespace elsec::postal {

struct file_report {
  std::string detected_type;
  std::uint32_t pages = 0;
  findings quarantine;
  findings unprintable;
};

// Throws nothing: what cannot be read is reported as `unreadable`.
[[nodiscard]] file_report inspect_file(std::span<const std::uint8_t> file, const std::string& claimed_type,
                                       const type_detector& detector);

}  // namespace elsec::postal
