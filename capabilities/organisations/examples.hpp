#pragma once
// Examples of what an organisation changes of itself.

#include "capabilities/examples.hpp"

namespace elsec::capabilities {

template <>
inline domain::organisation_changes example_of() {
  domain::organisation_changes made;
  example::set(made.phone, "+49 351 0000001");
  made.delivery = domain::delivery::electronic;
  return made;
}

}  // namespace elsec::capabilities
