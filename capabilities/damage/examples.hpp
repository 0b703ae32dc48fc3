#pragma once
// Examples of what cannot be read, and of the word that has it counted again.

#include "capabilities/damage/damaged_list.hpp"
#include "capabilities/examples.hpp"

namespace elsec::capabilities {

struct recount_reason {
  domain::text<1, 500> reason;
};
BOOST_DESCRIBE_STRUCT(recount_reason, (), (reason))

template <>
inline damaged_entry example_of() {
  return {.id = example::id<domain::damage_id>("01KJSZ9XM0B4T8R5C2D7E6F3GH"),
          .at = example::at("2026-03-03T08:31:20.000Z"),
          .table = "inbound",
          .key = "node2",
          .bytes = 412};
}

template <>
inline recount_reason example_of() {
  recount_reason made;
  example::set(made.reason, "A document could not be read any more");
  return made;
}

}  // namespace elsec::capabilities
