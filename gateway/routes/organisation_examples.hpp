#pragma once
// Examples of organisations, cards and nodes.

#include "domain/organisation.hpp"
#include "domain/receipt.hpp"
#include "gateway/routes/examples.hpp"

namespace elsec::gateway {

namespace routes::example {

inline domain::organisation_profile clinic() {
  domain::organisation_profile made;
  set(made.name, "Klinik Musterstadt");
  made.sector = domain::sector::hospital;
  set(made.employees, 250);
  made.address = clinic_address();
  set(made.phone, "+49 351 0000000");
  set(made.email, "poststelle@klinik.example.org");
  set(made.ik, "260123451");
  return made;
}

}  // namespace routes::example

template <>
inline domain::organisation example_of() {
  domain::organisation made;
  static_cast<domain::organisation_profile&>(made) = routes::example::clinic();
  made.id = routes::example::clinic_id();
  made.node = "node1";
  made.capabilities.receive = true;
  made.delivery = domain::delivery::electronic;
  made.created_at = routes::example::at("2026-03-01T09:00:00.000Z");
  return made;
}

template <>
inline domain::organisation_changes example_of() {
  domain::organisation_changes made;
  routes::example::set(made.phone, "+49 351 0000001");
  made.delivery = domain::delivery::electronic;
  return made;
}

template <>
inline domain::card example_of() {
  domain::card made;
  made.id = routes::example::home_id();
  made.name = "Pflegeheim Lindenhof";
  made.sector = domain::sector::care_home;
  made.address = routes::example::home_address();
  routes::example::set(made.ik, "260543211");
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
  key.valid_from = routes::example::at("2026-01-01T00:00:00.000Z");
  return {"node1", {key}};
}

}  // namespace elsec::gateway
