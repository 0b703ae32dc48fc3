// Strict JSON text to a value. Boost.JSON's parser does the grammar; its own value builder is replaced for two reasons:
// * it silently lets the last of several members with one name win, and readers that disagree about which one counts
//   can be played off against each other;
// * it computes real numbers to the last digit but one: 0.3 must not come back as 0.30000000000000004.
#include "codec/json.hpp"

#include <boost/json/basic_parser_impl.hpp>
#include <boost/json/value.hpp>
#include <boost/json/value_stack.hpp>

#include <charconv>
#include <cmath>

namespace elsec::codec::detail {
namespace {

using boost::json::error_code;
using boost::json::string_view;
using boost::json::value;

// Builds a value from the parser's events; the names and signatures are those basic_parser asks for.
class builder {
 public:
  static constexpr std::size_t max_object_size = boost::json::object::max_size();
  static constexpr std::size_t max_array_size = boost::json::array::max_size();
  static constexpr std::size_t max_key_size = boost::json::string::max_size();
  static constexpr std::size_t max_string_size = boost::json::string::max_size();

  explicit builder(boost::json::storage_ptr storage) { stack_.reset(std::move(storage)); }

  value release() { return stack_.release(); }
  // Members in the text, those included that the value has lost to a later one of the same name.
  [[nodiscard]] std::size_t members() const { return members_; }

  bool on_document_begin(error_code&) { return true; }
  bool on_document_end(error_code&) { return true; }
  bool on_object_begin(error_code&) { return true; }
  bool on_object_end(std::size_t size, error_code&) {
    members_ += size;
    stack_.push_object(size);
    return true;
  }
  bool on_array_begin(error_code&) { return true; }
  bool on_array_end(std::size_t size, error_code&) {
    stack_.push_array(size);
    return true;
  }
  bool on_key_part(string_view part, std::size_t, error_code&) {
    stack_.push_chars(part);
    return true;
  }
  bool on_key(string_view rest, std::size_t, error_code&) {
    stack_.push_key(rest);
    return true;
  }
  bool on_string_part(string_view part, std::size_t, error_code&) {
    stack_.push_chars(part);
    return true;
  }
  bool on_string(string_view rest, std::size_t, error_code&) {
    stack_.push_string(rest);
    return true;
  }
  bool on_number_part(string_view, error_code&) { return true; }
  bool on_int64(std::int64_t number, string_view, error_code&) {
    stack_.push_int64(number);
    return true;
  }
  bool on_uint64(std::uint64_t number, string_view, error_code&) {
    stack_.push_uint64(number);
    return true;
  }
  // `text` is the whole number, since the parser gets the document in one piece. A number too small for a double is the
  // parser's approximation, one too large is refused.
  bool on_double(double approximation, string_view text, error_code& failed) {
    double number = approximation;
    std::from_chars(text.data(), text.data() + text.size(), number);
    if (!std::isfinite(number)) failed = boost::json::error::exponent_overflow;
    stack_.push_double(number);
    return !failed;
  }
  bool on_bool(bool truth, error_code&) {
    stack_.push_bool(truth);
    return true;
  }
  bool on_null(error_code&) {
    stack_.push_null();
    return true;
  }
  bool on_comment_part(string_view, error_code&) { return true; }
  bool on_comment(string_view, error_code&) { return true; }

 private:
  boost::json::value_stack stack_;
  std::size_t members_ = 0;
};

std::size_t count_members(const value& parsed) {
  std::size_t members = 0;
  if (const auto* object = parsed.if_object()) {
    members = object->size();
    for (const auto& member : *object) members += count_members(member.value());
  } else if (const auto* array = parsed.if_array()) {
    for (const auto& element : *array) members += count_members(element);
  }
  return members;
}

std::string sentence_for(error_code failed) {
  if (failed == boost::json::error::too_deep)
    return "The JSON is nested deeper than " + std::to_string(json_depth_max) + " levels.";
  if (failed == boost::json::error::exponent_overflow) return "The JSON has a number that is too large.";
  return "The JSON cannot be read: " + failed.message() + ".";
}

}  // namespace

domain::result<value> parse_json(std::string_view text, boost::json::storage_ptr storage) {
  boost::json::parse_options strict;
  strict.max_depth = json_depth_max;
  boost::json::basic_parser<builder> parser(strict, std::move(storage));
  error_code failed;
  const std::size_t read = parser.write_some(false, text.data(), text.size(), failed);
  if (!failed && read < text.size()) failed = boost::json::error::extra_data;
  if (failed) return domain::fail(domain::error_code::bad_request, sentence_for(failed));
  auto parsed = parser.handler().release();
  if (parser.handler().members() != count_members(parsed))
    return domain::fail(domain::error_code::bad_request, "The JSON has an object with two members of the same name.");
  return parsed;
}

}  // namespace elsec::codec::detail
