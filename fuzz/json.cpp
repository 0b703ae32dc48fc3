// What people and programs send as JSON: a record that is accepted is written and read again as the same, in JSON and
// as it is stored; a refusal points at its reasons.
#include "domain/access.hpp"
#include "domain/dispatch.hpp"
#include "domain/receipt.hpp"
#include "fuzz/round_trip.hpp"

#include <boost/json/parse.hpp>

namespace elsec::fuzz {
namespace {

using domain::error_code;

constexpr std::size_t errors_max = 20;
constexpr std::size_t pointer_bytes_max = 4'096;  // a few names, none of them long

void is_a_proper_refusal(const domain::error& why) {
  must(why.code == error_code::bad_request || why.code == error_code::invalid, "a refusal is the sender's to mend");
  must(!why.detail.empty(), "a refusal says something");
  must(why.fields.empty() == (why.code == error_code::bad_request), "a rule broken is pointed at");
  must(why.fields.size() <= errors_max, "not every error is told");
  for (const auto& each : why.fields) {
    must(each.pointer.empty() || each.pointer.starts_with('/'), "a pointer is a JSON pointer");
    must(each.pointer.size() <= pointer_bytes_max && !each.detail.empty(), "an error is short and says something");
    must(domain::utf8_prefix(each.pointer) == each.pointer.size(), "a pointer is UTF-8");
  }
}

// Boost.JSON itself, without our builder.
bool is_json(std::string_view text) {
  boost::json::error_code unreadable;
  boost::json::parse_options strict;
  strict.max_depth = codec::json_depth_max;
  boost::json::parse(text, unreadable, {}, strict);
  return !unreadable;
}

template <class T>
void json_round_trip(std::string_view given) {
  const auto read = codec::from_json<T>(given);
  if (!read) return is_a_proper_refusal(read.error());
  must(is_json(given), "what is accepted is JSON");
  const auto written = codec::to_json(*read);
  must(is_json(written) && domain::utf8_prefix(written) == written.size(), "what is written is JSON");
  const auto again = codec::from_json<T>(written);
  must(again.has_value(), "what was written can be read");
  must(codec::to_json(*again) == written, "a record is written in one way");
  const auto stored = codec::from_cbor<T>(codec::to_cbor(*read));
  must(stored && codec::to_json(*stored) == written, "a record is stored as it is");
}

template <class... Types>
void json_round_trip_of_one(bytes_view input) {
  using function = void (*)(std::string_view);
  constexpr function functions[] = {json_round_trip<Types>...};
  reader in(input);
  const auto chosen = in.byte() % sizeof...(Types);
  functions[chosen](in.rest_text());
}

}  // namespace

// Records are added at the end: the corpus counts on their order.
void json(bytes_view input) {
  json_round_trip_of_one<domain::registration, domain::log_in, domain::dispatch_request, domain::organisation_changes,
                         domain::new_api_token, domain::document_changes, domain::capability_grant,
                         domain::card_statement, domain::receipt_statement, domain::document, domain::dispatch>(input);
}

}  // namespace elsec::fuzz
