#pragma once
// Examples of dispatches and receipts.

#include "capabilities/examples.hpp"
#include "domain/dispatch.hpp"
#include "domain/receipt.hpp"

namespace elsec::capabilities {

namespace example {

inline constexpr const char* subject = "Entlassungsbrief";
inline constexpr const char* case_ref = "2026-0815";

inline domain::dispatch_summary to_home() {
  domain::recipient home{home_id(), "Pflegeheim Lindenhof", home_address(), true};
  return {dispatch_id(), domain::route::electronic, domain::dispatch_state::accepted, std::move(home), {}};
}

inline domain::dispatch_summary to_son() {
  domain::recipient son{{}, "Gerhard Grünwald", address("Am Mühlgraben 12", "01099"), false};
  return {letter_dispatch_id(), domain::route::post, domain::dispatch_state::accepted, std::move(son), {}};
}

}  // namespace example

template <>
inline domain::dispatch_request example_of() {
  domain::recipient_wish home;
  home.organisation_id = example::home_id();
  domain::recipient_wish son;
  example::set(son.name, "Gerhard Grünwald");
  son.address = example::address("Am Mühlgraben 12", "01099");
  domain::dispatch_request made;
  made.recipients = {home, son};
  example::set(made.subject, example::subject);
  example::set(made.message, "Bitte die neue Medikation ab morgen geben.");
  example::set(made.case_ref, example::case_ref);
  auto& contact = made.contact.emplace();
  example::set(contact.name, "Sozialdienst");
  example::set(contact.phone, "+49 351 0000002");
  example::set(made.client_ref, "kis-4711");
  made.route = domain::route_wish::auto_;
  made.letter.emplace().duplex = true;
  return made;
}

template <>
inline domain::dispatches_accepted example_of() {
  return {{example::to_home(), example::to_son()}};
}

template <>
inline domain::dispatch example_of() {
  domain::dispatch made;
  static_cast<domain::dispatch_summary&>(made) = example::to_home();
  made.state = domain::dispatch_state::delivered;
  made.document_id = example::document_id();
  made.subject = example::subject;
  made.case_ref = example::case_ref;
  made.client_ref = "kis-4711";
  made.timeline = {{example::dispatched_at(), domain::dispatch_state::accepted, {}},
                   {example::at("2026-03-02T08:31:12.400Z"), domain::dispatch_state::in_transit, {}},
                   {example::at("2026-03-02T08:31:13.100Z"), domain::dispatch_state::delivered, {}}};
  made.created_at = example::dispatched_at();
  return made;
}

template <>
inline domain::receipt example_of() {
  domain::receipt made;
  made.id = example::id<domain::receipt_id>("01KJPTPJJGYYK596NGYA1DQ91K");
  made.kind = domain::receipt_kind::accepted;
  made.dispatch_id = example::dispatch_id();
  made.document_id = example::document_id();
  made.at = example::dispatched_at();
  made.node = "node1";
  made.sha256 = example::sha256;
  made.previous = "60303ae22b998861bce3b28f33eec1be758a213c86c93c076dbe9f558c11c752";
  made.jws = "eyJhbGciOiJFZERTQSIsImtpZCI6Im5vZGUxLTIwMjYifQ.e30.bWFkZS11cA";
  return made;
}

}  // namespace elsec::capabilities
