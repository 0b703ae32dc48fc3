#pragma once
// What must be true of the files and folders a configuration names, before anything starts.

#include "app/settings/value.hpp"

#include <string>

namespace elsec::app {

// `path` is absolute. Creates nothing. The error is a sentence.
[[nodiscard]] or_sentence<void> check_path(form shape, const std::string& path);

// Whether `path` is `folder` or lies in it, symbolic links resolved as far as the path exists.
[[nodiscard]] bool lies_in(const std::string& path, const std::string& folder);

}  // namespace elsec::app
