#pragma once
// Commands that a signed-in person or a token gives: about its own organisation, or one of its objects.

#include "capabilities/route.hpp"

#include <string>
#include <string_view>

namespace elsec::capabilities {

struct command_of_caller : command {
  explicit command_of_caller(const request& from, std::string about = {}) : who(from.who), object(std::move(about)) {}

  domain::principal who;
  std::string object;  // "doc_…"; empty: the organisation itself

  [[nodiscard]] subject whom() const override { return {who.organisation_id, object}; }
  [[nodiscard]] std::string_view credential() const override { return who.credential; }
};

}  // namespace elsec::capabilities
