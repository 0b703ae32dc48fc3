// Everything that is read from short texts: field types, times, base64url, header fields. What is accepted keeps its
// text and its bounds, and two readers of one format agree.
#include "codec/text.hpp"

#include "crypto/seal.hpp"
#include "domain/access.hpp"
#include "domain/folding.hpp"
#include "domain/organisation.hpp"
#include "fuzz/targets.hpp"
#include "gateway/event_text.hpp"
#include "gateway/fields.hpp"
#include "gateway/forwarded.hpp"
#include "transport/names.hpp"

#include <algorithm>
#include <string>

namespace elsec::fuzz {
namespace {

template <class Field>
void is_a_field(std::string_view given) {
  const auto parsed = Field::parse(given);
  if (!parsed) return must(!parsed.error().empty(), "a refusal is a sentence");
  must(parsed->str() == given, "a field keeps its text");
  const auto length = domain::count_code_points(given, true);
  must(length.has_value(), "a field is UTF-8 without control characters");
  if constexpr (requires { Field::length_max; })
    must(*length >= Field::length_min && *length <= Field::length_max, "a field keeps its bounds");
}

template <class... Fields>
void are_fields(std::string_view given) {
  (is_a_field<Fields>(given), ...);
}

void addresses(std::string_view given) {
  domain::address where;
  where.street = *domain::text<1, 80>::parse("Lindenweg 7");
  where.city = *domain::text<1, 80>::parse("Musterstadt");
  if (const auto code = domain::text<1, 20>::parse(given)) where.postal_code = *code;
  std::vector<domain::field_error> errors;
  check(where, errors);
  must(errors.empty() == domain::is_german_postal_code(given), "a German address has a German postal code");
}

void foldings(std::string_view given) {
  const auto folded = domain::fold(given);
  must(domain::fold(folded) == folded, "what is folded stays");
  must(domain::utf8_prefix(folded) == folded.size(), "what is folded is UTF-8");
  const auto cased = domain::fold_case(given);
  must(domain::fold_case(cased) == cased, "what has lost its case stays");
  must(domain::fold(cased) == folded, "case does not matter to folding");
  const auto half = domain::utf8_prefix(given.substr(0, given.size() / 2));
  must(folded.starts_with(domain::fold(given.substr(0, half))), "the fold of a beginning is the beginning of the fold");
  for (const auto& word : domain::words_of(given)) {
    must(!word.empty() && folded.contains(word), "a word is a part of the folded text");
    must(domain::words_of(word) == std::vector{word}, "a word is a word");
  }
}

void times(std::string_view given) {
  const auto parsed = codec::parse_time(given);
  if (!parsed) return must(!parsed.error().empty(), "a refusal is a sentence");
  const auto written = codec::format_time(*parsed);
  must(written.size() == 24, "a time is written in one length");
  const auto again = codec::parse_time(written);
  must(again && *again == *parsed, "a time comes back");
}

void bytes_as_text(std::string_view given, bytes_view raw) {
  const auto data = codec::from_base64url(given);
  const auto other = crypto::from_base64url(given);
  must(data.has_value() == other.has_value(), "both readers of base64url agree");
  if (data) must(*data == *other && codec::to_base64url(*data) == given, "bytes have one text");
  const auto encoded = codec::to_base64url(raw);
  must(encoded == crypto::to_base64url(raw), "both writers of base64url agree");
  const auto decoded = codec::from_base64url(encoded);
  must(decoded && std::ranges::equal(*decoded, raw), "base64url comes back");
  if (const auto padded = crypto::from_base64(given)) must(crypto::to_base64(*padded) == given, "base64 has one text");

  domain::bytes back(raw.size());
  must(codec::from_hex(codec::to_hex(raw), back) && std::ranges::equal(back, raw), "hexadecimal digits come back");
  must(codec::to_hex(raw) == crypto::to_hex(raw), "both writers of hexadecimal digits agree");

  const auto valid = codec::to_utf8(given);
  must(domain::utf8_prefix(valid) == valid.size(), "to_utf8 makes UTF-8");
  if (domain::utf8_prefix(given) == given.size()) must(valid == given, "to_utf8 leaves UTF-8 as it is");
}

void escapes(std::string_view given) {
  const auto encoded = gateway::percent_encoded(given);
  must(gateway::percent_decoded(encoded) == given, "an escaped text comes back");
  must(std::ranges::all_of(encoded, [](char c) { return c > 0x20 && c < 0x7F; }), "an escaped text is visible ASCII");
  const auto field = gateway::content_disposition(given);
  must(field.find_first_of("\r\n") == std::string::npos, "a file name adds no line to the header");
  must(std::ranges::count(field, '"') == 2, "a file name does not leave its quotation marks");
  const auto query = gateway::parse_query(given);
  if (!query)
    for (const auto& each : query.error().fields)
      must(std::ranges::all_of(each.pointer, [](char c) { return c > 0x20 && c < 0x7F; }), "a pointer is safe to show");
}

// What a trusted proxy adds decides, whatever its client wrote in front of it.
void forwarded_fields(std::string_view given) {
  static const auto proxies = gateway::trusted_proxies::from({"192.0.2.1"}).value();
  static const auto proxy = boost::asio::ip::make_address("192.0.2.1");
  static const auto added = boost::asio::ip::make_address("198.51.100.1");
  const auto list = std::string(given) + ",198.51.100.1";
  const auto standard = std::string(given) + ",for=198.51.100.1";
  must(gateway::client_of(proxy, {}, list, proxies) == added, "the last of a list is the client");
  must(gateway::client_of(proxy, standard, {}, proxies) == added, "the last of Forwarded is the client");
  must(gateway::client_of(added, given, given, proxies) == added, "only a proxy is believed");
  for (const auto& found :
       {gateway::client_of(proxy, given, {}, proxies), gateway::client_of(proxy, {}, given, proxies)})
    must(found == proxy || !proxies.has(found), "a client is no proxy");
}

void header_fields(std::string_view given, std::uint64_t size) {
  if (const auto range = gateway::parse_range(given, size); range && *range)
    must((*range)->first <= (*range)->last && (*range)->last < size, "a range lies within its content");
  const std::string whole(given);
  if (const auto tags = gateway::parse_entity_tags(given))
    for (const auto& tag : tags->strong) must(tags->has(tag) && !tag.contains('"'), "a tag is what was quoted");
  const double quality = gateway::quality_of(whole, "application/json");
  must(quality >= 0 && quality <= 1, "a quality lies between 0 and 1");
  if (const auto value = gateway::cookie(whole, "elsec_session")) must(given.contains(*value), "a cookie is a part");
  if (const auto digest = gateway::parse_digest(whole, std::nullopt); digest && *digest) {
    const auto again = gateway::parse_digest("sha-256=" + crypto::to_base64(**digest), std::nullopt);
    must(again && *again == *digest, "a digest comes back");
  }
  forwarded_fields(given);
  if (const auto position = gateway::parse_position(given))
    must(gateway::parse_position(std::to_string(*position)) == position, "a position comes back");
}

void names(std::string_view given) {
  if (transport::is_peer_endpoint(given)) {
    must(transport::is_own_endpoint(given), "what is connected to could be listened on");
    must(given.starts_with("tcp://") && given.find_first_of(" ;,*[]@") == std::string_view::npos,
         "a peer is a TCP one");
  }
  if (transport::is_node_name(given))
    must(domain::fold_case(given) == given && given.size() <= 40, "a node's name is plain");
  if (domain::is_ulid(given))
    must(domain::document_id::parse("doc_" + std::string(given)).has_value(), "a ULID is an id");
}

}  // namespace

void text(bytes_view input) {
  reader in(input);
  const std::uint64_t size = in.byte() * 257ULL;
  const auto given = in.rest_text();
  are_fields<domain::email_address, domain::phone_number, domain::ik_number, domain::bsnr_number, domain::password,
             domain::media_type, domain::file_name, domain::scope_name, domain::document_id, domain::organisation_id,
             domain::text<1, 200>, domain::text<0, 4>, domain::multiline_text<1, 4'000>>(given);
  addresses(given);
  foldings(given);
  times(given);
  bytes_as_text(given, in.rest());
  escapes(given);
  header_fields(given, size);
  names(given);
}

}  // namespace elsec::fuzz
