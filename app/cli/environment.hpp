#pragma once
// The variables of the process that called, handed in so that tests bring their own.

#include <functional>
#include <optional>
#include <string>

namespace elsec::cli {

using environment = std::function<std::optional<std::string>(const char* name)>;

// The process's own environment; an empty variable counts as unset.
[[nodiscard]] environment process_environment();

}  // namespace elsec::cli
