#include "codec/detail/path.hpp"

namespace elsec::codec::detail {
namespace {

constexpr std::size_t name_bytes_max = 64;  // longer than every member name; a hostile body can hold longer ones

void append_escaped(std::string& text, std::string_view name) {
  for (const char c : name) {
    if (c == '~')
      text += "~0";
    else if (c == '/')
      text += "~1";
    else
      text += c;
  }
}

}  // namespace

std::string path::pointer() const {
  std::string text;
  append_to(text);
  return text;
}

// False once a name was too long: what lies deeper is not told.
bool path::append_to(std::string& text) const {
  if (parent_ == nullptr) return true;
  if (!parent_->append_to(text) || name_.size() > name_bytes_max) return false;
  text += '/';
  if (is_element_)
    text += std::to_string(index_);
  else
    append_escaped(text, name_);
  return true;
}

}  // namespace elsec::codec::detail
