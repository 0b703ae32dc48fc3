#pragma once
// Examples of registration, sessions, people and API tokens.

#include "capabilities/examples.hpp"
#include "domain/access.hpp"

namespace elsec::capabilities {

namespace example {

inline constexpr std::string_view email = "juliane.musterfrau@klinik.example.org";
inline constexpr std::string_view password = "correct horse battery";
inline constexpr const char* token = "made-up-token-of-a-session";
inline constexpr const char* csrf_token = "made-up-csrf-token";

inline domain::person person() {
  domain::person made;
  set(made.title, "Dr.");
  set(made.first_name, "Juliane");
  set(made.last_name, "Musterfrau");
  set(made.email, email);
  return made;
}

inline domain::new_api_token new_api_token() {
  domain::new_api_token made;
  set(made.name, "Archive");
  made.scopes = {domain::scope_name(domain::scope::documents_read), domain::scope_name(domain::scope::documents_write)};
  auto& vendor = made.vendor.emplace();
  set(vendor.name, "Muster Software GmbH");
  set(vendor.product, "Archive Connector");
  set(vendor.version, "4.2");
  return made;
}

}  // namespace example

template <>
inline domain::registration example_of() {
  domain::registration made;
  made.organisation = example::clinic();
  static_cast<domain::person&>(made.user) = example::person();
  example::set(made.user.password, example::password);
  made.accept = {domain::agreement::terms, domain::agreement::data_processing, domain::agreement::secrecy};
  made.acts_for_business = true;
  return made;
}

template <>
inline domain::registered example_of() {
  return {example::clinic_id(), example::user_id(), true};
}

template <>
inline domain::log_in example_of() {
  domain::log_in made;
  example::set(made.email, example::email);
  example::set(made.password, example::password);
  return made;
}

template <>
inline domain::session_started example_of() {
  return {example::token, example::at("2026-03-02T20:30:00.000Z"), example::user_id(), example::clinic_id(),
          example::csrf_token};
}

template <>
inline domain::session example_of() {
  domain::session made;
  made.id = example::id<domain::session_id>("01KJPTPBQRF5KZNWJ47TAN9ZT2");
  made.created_at = example::at("2026-03-02T08:30:00.000Z");
  made.expires_at = example::at("2026-03-02T20:30:00.000Z");
  made.current = true;
  return made;
}

template <>
inline domain::me example_of() {
  domain::me made;
  static_cast<domain::person&>(made) = example::person();
  made.id = example::user_id();
  made.organisation_id = example::clinic_id();
  made.roles = {domain::role::admin, domain::role::member};
  made.email_confirmed = true;
  made.created_at = example::at("2026-03-01T09:00:00.000Z");
  made.csrf_token = example::csrf_token;
  return made;
}

template <>
inline domain::new_api_token example_of() {
  return example::new_api_token();
}

template <>
inline domain::api_token example_of() {
  domain::api_token made;
  static_cast<domain::new_api_token&>(made) = example::new_api_token();
  made.id = example::id<domain::token_id>("01KJPTPCQ04MNPZX45HY43KWJR");
  made.created_at = example::at("2026-03-02T08:30:00.000Z");
  return made;
}

template <>
inline domain::api_token_created example_of() {
  return {example_of<domain::api_token>(), "made-up-api-token"};
}

}  // namespace elsec::capabilities
