#pragma once
// How recipients are written on the command line.
//
//   --to-org      "org_01J…"                                          an organisation of the network
//   --to-ik       "261101015"                                         an organisation by its IK
//   --to-address  "Praxis Dr. Muster; Hauptstraße 1; 10115 Berlin"    anybody with a postal address
//
// An address is `Name; Street; PLZ City`, with `; Country` (its ISO code, German or English name) where it is abroad.
// `Postfach 10 11` may stand for the street, and `Name; PLZ City` is a major recipient with a postal code of its own.
// Foreign postal codes with a space need the five-part form `Name; Street; Code; City; Country`. After an id or an IK
// an address may follow
// ("261101015; Name; Street; PLZ City"): it is the fallback when the organisation does not take part.

#include "app/cli/failure.hpp"

#include <boost/json/object.hpp>

#include <string_view>

namespace elsec::cli {

// Each gives one element of `recipients` (POST /documents/{id}/dispatches), or `usage` with what is wrong.
[[nodiscard]] outcome<boost::json::object> recipient_by_organisation(std::string_view text);
[[nodiscard]] outcome<boost::json::object> recipient_by_ik(std::string_view text);
[[nodiscard]] outcome<boost::json::object> recipient_by_address(std::string_view text);

}  // namespace elsec::cli
