#pragma once
// What the examples of the API's description share: one made-up story. On 2 March 2026 the Klinik Musterstadt sends a
// discharge letter to a nursing home, which takes part, and to the patient's son, who gets a letter.

#include "capabilities/body_type.hpp"
#include "codec/text.hpp"
#include "domain/document.hpp"
#include "domain/organisation.hpp"

#include <optional>
#include <string_view>

namespace elsec::capabilities {

namespace example {

// Examples are code, so what does not parse is a defect: value() throws.
template <class Field>
void set(Field& field, std::string_view text) {
  field = Field::parse(text).value();
}
template <class Field>
void set(std::optional<Field>& field, std::string_view text) {
  set(field.emplace(), text);
}
template <class Number>
void set(Number& number, std::int64_t value) {
  number = Number::make(value).value();
}

template <class Id>
[[nodiscard]] Id id(std::string_view ulid) {
  return Id::parse(std::string(Id::prefix) + std::string(ulid)).value();
}

inline domain::organisation_id clinic_id() { return id<domain::organisation_id>("01KJPTP8T0M9S346Q3D25VT4F5"); }
inline domain::organisation_id home_id() { return id<domain::organisation_id>("01KJPTP9S8V37E3S3E28JT97KB"); }
inline domain::user_id user_id() { return id<domain::user_id>("01KJPTPARG6CQ643DZVMXXQKFB"); }
inline domain::document_id document_id() { return id<domain::document_id>("01KJPTPDP8P1XPA7Z3DJ8FSSZ5"); }
inline domain::dispatch_id dispatch_id() { return id<domain::dispatch_id>("01KJPTPFMRE0ZBGJ09TQM83XSS"); }
inline domain::dispatch_id letter_dispatch_id() { return id<domain::dispatch_id>("01KJPTPGM0SS6YS3C4DWA7N360"); }
inline domain::letter_id letter_id() { return id<domain::letter_id>("01KJPTPHK896Q14DR9GPQY77ZX"); }

inline domain::time_point at(std::string_view text) { return codec::parse_time(text).value(); }
inline domain::time_point uploaded_at() { return at("2026-03-02T08:30:05.000Z"); }
inline domain::time_point dispatched_at() { return at("2026-03-02T08:31:12.000Z"); }

inline constexpr std::string_view sha256 = "9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08";

inline domain::address address(std::string_view street, std::string_view postal_code) {
  domain::address made;
  set(made.street, street);
  set(made.postal_code, postal_code);
  set(made.city, "Musterstadt");
  return made;
}
inline domain::address box_address(std::string_view number, std::string_view postal_code) {
  domain::address made;
  set(made.po_box, number);
  set(made.postal_code, postal_code);
  set(made.city, "Musterstadt");
  return made;
}
inline domain::address clinic_address() { return address("Am Alten Markt 1", "01067"); }
inline domain::address home_address() { return address("Lindenweg 7", "01097"); }

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

}  // namespace example

template <>
inline domain::organisation example_of() {
  domain::organisation made;
  static_cast<domain::organisation_profile&>(made) = example::clinic();
  made.postal_address = example::box_address("10 11", "01061");
  made.id = example::clinic_id();
  made.node = "node1";
  made.capabilities.receive = true;
  made.delivery = domain::delivery::electronic;
  made.created_at = example::at("2026-03-01T09:00:00.000Z");
  return made;
}

}  // namespace elsec::capabilities
