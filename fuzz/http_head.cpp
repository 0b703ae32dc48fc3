// The head of a request: what passes obeys the house rules, read once more by a plainer parser, and Beast reads it
// alike.
#include "gateway/http_head.hpp"

#include "fuzz/targets.hpp"
#include "gateway/limits.hpp"

#include <algorithm>
#include <charconv>
#include <string>
#include <vector>

namespace elsec::fuzz {
namespace {

using domain::error_code;
using field = std::pair<std::string, std::string>;

const std::size_t header_bytes_max = gateway::limits{}.header_bytes_max;

std::string lowered(std::string text) {
  for (char& c : text)
    if (c >= 'A' && c <= 'Z') c = static_cast<char>(c + 32);
  return text;
}

std::string stripped(std::string_view text) {
  const auto first = text.find_first_not_of(" \t");
  if (first == std::string_view::npos) return {};
  return std::string(text.substr(first, text.find_last_not_of(" \t") - first + 1));
}

// The lines of an accepted head, without the empty one.
std::vector<std::string_view> lines_of(std::string_view head) {
  std::vector<std::string_view> lines;
  for (auto end = head.find("\r\n"); end != 0; end = head.find("\r\n")) {
    must(end != std::string_view::npos, "an accepted head ends in an empty line");
    lines.push_back(head.substr(0, end));
    head.remove_prefix(end + 2);
  }
  must(head == "\r\n", "an accepted head ends at its first empty line");
  return lines;
}

std::vector<field> fields_of(const std::vector<std::string_view>& lines) {
  std::vector<field> fields;
  for (std::size_t i = 1; i < lines.size(); ++i) {
    const auto colon = lines[i].find(':');
    must(colon != std::string_view::npos && colon > 0, "every field has a name and a colon");
    must(lines[i].substr(0, colon).find_first_of(" \t") == std::string_view::npos, "no blank stands in a field's name");
    fields.emplace_back(lowered(std::string(lines[i].substr(0, colon))), stripped(lines[i].substr(colon + 1)));
  }
  return fields;
}

std::vector<std::string> values_of(const std::vector<field>& fields, std::string_view name) {
  std::vector<std::string> values;
  for (const auto& [key, value] : fields)
    if (key == name) values.push_back(value);
  return values;
}

// More bytes never turn a decision around, and none is made with a byte less than needed.
void finding_is_steady(std::string_view input) {
  const auto found = gateway::find_head(input, header_bytes_max);
  const auto half = gateway::find_head(input.substr(0, input.size() / 2), header_bytes_max);
  if (!half) must(!found && found.error().code == half.error().code, "what was refused stays refused");
  if (half && *half) must(found && *found == *half, "what was found stays found");
  if (!found) return;
  if (!*found) {
    must(input.size() < header_bytes_max, "a head is waited for only below the limit");
    return;
  }
  const auto length = **found;
  must(length <= input.size() && length <= header_bytes_max, "a head lies within its bytes and the limit");
  must(input.substr(0, length).ends_with("\r\n\r\n"), "a head ends in an empty line");
  const auto shorter = gateway::find_head(input.substr(0, length - 1), header_bytes_max);
  must(shorter && !*shorter, "without its last byte a head is not complete");
}

void obeys_the_house_rules(const std::vector<std::string_view>& lines, const std::vector<field>& fields,
                           const gateway::framing& said) {
  must(!lines.empty() && fields.size() <= gateway::header_fields_max, "there is a request line and no field too many");
  const auto first = lines[0].find(' ');
  const auto last = lines[0].rfind(' ');
  const auto method = lines[0].substr(0, first);
  const auto target = lines[0].substr(first + 1, last - first - 1);
  const auto version = lines[0].substr(last + 1);
  must(target.starts_with('/') && !target.starts_with("//"), "the target is an absolute path");
  must(std::ranges::all_of(target, [](char c) { return c > 0x20 && c < 0x7F; }), "the target is visible ASCII");
  must(version == (said.http_1_1 ? "HTTP/1.1" : "HTTP/1.0"), "the version is the one that was read");
  must(values_of(fields, "host").size() == 1, "there is exactly one Host");

  const auto lengths = values_of(fields, "content-length");
  const auto encodings = values_of(fields, "transfer-encoding");
  must(lengths.size() + encodings.size() <= 1, "the body is delimited in one way");
  must(said.chunked == !encodings.empty(), "a body is chunked when the head says so");
  if (said.chunked) must(said.http_1_1 && lowered(encodings[0]) == "chunked", "no encoding but chunked, in HTTP/1.1");
  must(said.content_length.has_value() == !lengths.empty(), "a length is read when there is one");
  if (!lengths.empty()) {
    std::uint64_t length = 0;
    const auto* end = lengths[0].data() + lengths[0].size();
    const auto read = std::from_chars(lengths[0].data(), end, length);
    must(read.ec == std::errc{} && read.ptr == end && said.content_length == length, "the length is the number given");
  }
  if (method == "GET" || method == "HEAD") must(!said.has_body(), "GET and HEAD have no body");
  if (said.expects_continue) must(said.has_body() && said.http_1_1, "only who sends a body waits for 100");
  for (const auto line : lines)
    must(std::ranges::none_of(line,
                              [](char c) { return (static_cast<unsigned char>(c) < 0x20 && c != '\t') || c == 0x7F; }),
         "no control character passes");
}

// Beast keeps fields of one name together: their order counts only among themselves.
void is_read_alike(const std::vector<std::string_view>& lines, const std::vector<field>& fields,
                   const gateway::request_head& head) {
  must(lines[0].starts_with(head.method + ' ' + head.target + ' '), "Beast reads the same method and target");
  std::vector<field> others;
  for (const auto& [name, value] : head.fields) others.emplace_back(lowered(name), value);
  must(fields.size() == others.size(), "Beast reads as many fields");
  for (const auto& [name, value] : fields) {
    must(values_of(fields, name) == values_of(others, name), "Beast reads the same values");
    must(head.field(name).has_value(), "a field is found by its name");
  }
}

}  // namespace

void http_head(bytes_view input) {
  const auto bytes = text_of(input);
  finding_is_steady(bytes);
  const auto judged = gateway::check_head(bytes);
  const auto parsed = gateway::parse_head(bytes);
  if (!judged) {
    must(judged.error().code == error_code::bad_request || judged.error().code == error_code::header_too_large,
         "a refusal is a bad request");
    must(!parsed && parsed.error().code == judged.error().code, "nothing is parsed that did not pass");
    return;
  }
  const auto lines = lines_of(bytes);
  const auto fields = fields_of(lines);
  obeys_the_house_rules(lines, fields, *judged);
  if (parsed) is_read_alike(lines, fields, *parsed);
}

}  // namespace elsec::fuzz
