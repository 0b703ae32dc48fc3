#include "domain/letterhead.hpp"

#include <boost/mp11/algorithm.hpp>

namespace elsec::domain {
namespace {

template <class T>
bool is_filled(const T& value) {
  if constexpr (requires { value.has_value(); })
    return !value || is_filled(*value);
  else if constexpr (requires { T::length_min; })
    return value.str().size() >= T::length_min;
  else
    return true;
}

}  // namespace

bool is_complete(const letterhead& what) {
  bool complete = true;
  using members = boost::describe::describe_members<letterhead, boost::describe::mod_public>;
  boost::mp11::mp_for_each<members>([&](auto member) { complete = complete && is_filled(what.*member.pointer); });
  return complete;
}

}  // namespace elsec::domain
