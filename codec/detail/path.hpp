#pragma once
// Where a reader is inside a value: a chain of names and indexes on the stack, spelled out only when something is
// wrong.

#include <cstddef>
#include <string>
#include <string_view>

namespace elsec::codec::detail {

class path {
 public:
  path() = default;  // the whole value

  [[nodiscard]] path member(std::string_view name) const { return {this, name, 0, false}; }
  [[nodiscard]] path element(std::size_t index) const { return {this, {}, index, true}; }

  // Number of values around this one.
  [[nodiscard]] int depth() const noexcept { return depth_; }

  // JSON pointer (RFC 6901). It ends before a name longer than any real one, so that errors stay short.
  [[nodiscard]] std::string pointer() const;

 private:
  path(const path* parent, std::string_view name, std::size_t index, bool is_element)
      : parent_(parent), name_(name), index_(index), depth_(parent->depth_ + 1), is_element_(is_element) {}

  bool append_to(std::string& text) const;

  const path* parent_ = nullptr;
  std::string_view name_{};
  std::size_t index_ = 0;
  int depth_ = 0;
  bool is_element_ = false;
};

}  // namespace elsec::codec::detail
