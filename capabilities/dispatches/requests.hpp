#pragma once
// What a recipient's node asks for while it brings a dispatch to its disk: the content's key and its sealed chunks.

#include "decisions/registry.hpp"

namespace elsec::capabilities {

[[nodiscard]] decisions::request_kind chunks_kind();
[[nodiscard]] decisions::request_kind key_kind();

}  // namespace elsec::capabilities
