#pragma once
// Examples of cards and nodes.

#include "capabilities/examples.hpp"
#include "domain/receipt.hpp"

namespace elsec::capabilities {

template <>
inline domain::card example_of() {
  domain::card made;
  made.id = example::home_id();
  made.name = "Pflegeheim Lindenhof";
  made.sector = domain::sector::care_home;
  made.address = example::home_address();
  example::set(made.ik, "260543211");
  made.node = "node2";
  made.verified = true;
  made.can_receive = true;
  return made;
}

template <>
inline domain::node_keys example_of() {
  domain::node_key key;
  key.id = "node1-2026";
  key.public_key = "11qYAYKxCrfVS_7TyWQHOg7hcvPapiMlrwIaaPcHURo";
  key.valid_from = example::at("2026-01-01T00:00:00.000Z");
  return {"node1", {key}};
}

}  // namespace elsec::capabilities
