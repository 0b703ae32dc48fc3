#pragma once
// Builds a type's shape at compile time. `shape_of<T>` is a constant; a type that codec does not know fails to compile.

#include "codec/detail/shape.hpp"
#include "domain/fields.hpp"
#include "domain/time.hpp"

#include <boost/describe/enumerators.hpp>
#include <boost/describe/members.hpp>
#include <boost/json/value.hpp>

#include <array>
#include <concepts>
#include <cstdint>
#include <limits>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <type_traits>
#include <utility>
#include <vector>

namespace elsec::codec::detail {

inline constexpr std::size_t members_max = 128;  // readers keep one bit per member

template <class T>
constexpr auto make_shape();

template <class T>
inline constexpr auto shape_of = make_shape<T>();

// ---- which form a type has ----

template <class T, template <class...> class Template>
inline constexpr bool is_a = false;
template <template <class...> class Template, class... Args>
inline constexpr bool is_a<Template<Args...>, Template> = true;

template <class T>
inline constexpr bool is_bounded = false;
template <std::int64_t Min, std::int64_t Max>
inline constexpr bool is_bounded<domain::bounded<Min, Max>> = true;

template <class T>
inline constexpr std::size_t fixed_bytes_of = 0;
template <std::size_t N>
inline constexpr std::size_t fixed_bytes_of<std::array<std::uint8_t, N>> = N;

template <class T>
concept integer = std::integral<T> && !std::same_as<T, bool> && !std::same_as<T, char> && !std::same_as<T, wchar_t> &&
                  !std::same_as<T, char8_t> && !std::same_as<T, char16_t> && !std::same_as<T, char32_t>;

template <class T>
concept parsed_text = requires(std::string_view text, const T& value) {
  { T::parse(text) } -> std::same_as<std::expected<T, std::string>>;
  { value.str() } -> std::convertible_to<std::string>;
};

template <class T>
concept dictionary = is_a<T, std::map> && std::same_as<typename T::key_type, std::string>;

template <class T>
concept checked = requires(const T& value, std::vector<domain::field_error>& errors) { check(value, errors); };

// ---- untyped pointers back to the type ----

template <class T>
T& object_at(void* pointer) {
  return *static_cast<T*>(pointer);
}

template <class T>
const T& object_at(const void* pointer) {
  return *static_cast<const T*>(pointer);
}

// ---- what a type is called ----

// A trailing underscore only keeps a name from being a keyword.
constexpr std::string_view plain_name(std::string_view name) {
  return name.ends_with('_') ? name.substr(0, name.size() - 1) : name;
}

// The type's own name without namespaces, as the compiler tells it in "… [with T = elsec::domain::letter; …]" (g++) or
// "… [T = elsec::domain::letter]" (clang). Empty for instances of templates, which have no name of their own.
template <class T>
consteval std::string_view type_name() {
  constexpr std::string_view mark = "T = ";
  std::string_view text = __PRETTY_FUNCTION__;
  text.remove_prefix(text.find(mark) + mark.size());
  text = text.substr(0, text.find_first_of(";]"));
  if (text.find('<') != std::string_view::npos) return {};
  return plain_name(text.substr(text.rfind(':') + 1));
}

// Field types say it themselves: most are aliases, and the compiler only knows what they stand for.
template <class T>
constexpr std::string_view field_name() {
  if constexpr (requires { std::string_view(T::name); })
    return T::name;
  else
    return {};
}

// ---- one shape per form ----

template <integer T>
constexpr whole_number whole_from(T number) {
  if constexpr (std::is_signed_v<T>)
    return whole_of(static_cast<std::int64_t>(number));
  else
    return whole_of(static_cast<std::uint64_t>(number));
}

template <integer T>
constexpr whole_shape integer_shape() {
  return {{form::whole},
          whole_from(std::numeric_limits<T>::min()),
          whole_from(std::numeric_limits<T>::max()),
          [](const void* number) { return whole_from(object_at<T>(number)); },
          [](void* number, std::uint64_t bits) { object_at<T>(number) = static_cast<T>(bits); }};
}

constexpr whole_shape cents_shape() {
  return {{form::whole},
          whole_from(std::numeric_limits<std::int64_t>::min()),
          whole_from(std::numeric_limits<std::int64_t>::max()),
          [](const void* amount) { return whole_of(object_at<domain::cents>(amount).value); },
          [](void* amount, std::uint64_t bits) {
            object_at<domain::cents>(amount).value = static_cast<std::int64_t>(bits);
          }};
}

template <class T>
constexpr whole_shape bounded_shape() {
  return {{form::whole},
          whole_of(T::min),
          whole_of(T::max),
          [](const void* number) { return whole_of(object_at<T>(number).value()); },
          // The readers compare with min and max first, so make() succeeds.
          [](void* number, std::uint64_t bits) { object_at<T>(number) = *T::make(static_cast<std::int64_t>(bits)); }};
}

template <class T>
constexpr parsed_shape make_parsed_shape() {
  parsed_shape made{{form::parsed, field_name<T>()},
                    0,
                    0,
                    {},
                    {},
                    {},
                    [](void* value, std::string_view text) -> std::expected<void, std::string> {
                      auto parsed = T::parse(text);
                      if (!parsed) return std::unexpected(std::move(parsed.error()));
                      object_at<T>(value) = std::move(*parsed);
                      return {};
                    },
                    [](const void* value) -> std::string { return object_at<T>(value).str(); },
                    [](void* value) { object_at<T>(value) = T{}; }};
  if constexpr (requires { T::length_min, T::length_max; }) {
    made.length_min = T::length_min;
    made.length_max = T::length_max;
  }
  if constexpr (requires { T::pattern; }) made.pattern = T::pattern;
  if constexpr (requires { T::prefix; }) made.prefix = T::prefix;
  if constexpr (requires { T::values; }) made.values = T::values;
  return made;
}

template <class E, template <class...> class List, class... D>
constexpr std::array<enumerator, sizeof...(D)> list_enumerators(List<D...>) {
  return {enumerator{plain_name(D::name), static_cast<std::uint64_t>(D::value)}...};
}

template <class E>
inline constexpr auto enumerators_of = list_enumerators<E>(boost::describe::describe_enumerators<E>{});

template <class E>
constexpr enumeration_shape make_enumeration_shape() {
  return {{form::enumeration, type_name<E>()},
          enumerators_of<E>,
          [](const void* value) { return static_cast<std::uint64_t>(object_at<E>(value)); },
          [](void* value, std::uint64_t bits) { object_at<E>(value) = static_cast<E>(bits); }};
}

template <class T>
constexpr optional_shape make_optional_shape() {
  if constexpr (is_a<typename T::value_type, std::optional>)
    static_assert(!is_a<typename T::value_type::value_type, std::optional>,
                  "absent, null or a value: there is no more");
  bool (*stands_for_none)(const void*) = nullptr;
  if constexpr (requires(const typename T::value_type& value) { value.stands_for_none(); })
    stands_for_none = [](const void* value) {
      const auto& maybe = object_at<T>(value);
      return maybe && maybe->stands_for_none();
    };
  return {{form::optional},
          &shape_of<typename T::value_type>,
          [](const void* value) -> const void* {
            const auto& maybe = object_at<T>(value);
            return maybe ? std::addressof(*maybe) : nullptr;
          },
          [](void* value) -> void* { return std::addressof(object_at<T>(value).emplace()); },
          [](void* value) { object_at<T>(value).reset(); },
          stands_for_none};
}

template <class T>
constexpr list_shape make_list_shape() {
  static_assert(!std::same_as<typename T::value_type, bool>, "std::vector<bool> has no elements to point at");
  return {{form::list},
          &shape_of<typename T::value_type>,
          sizeof(typename T::value_type),
          [](const void* list) { return object_at<T>(list).size(); },
          [](const void* list, std::size_t index) -> const void* { return std::addressof(object_at<T>(list)[index]); },
          [](void* list) -> void* { return std::addressof(object_at<T>(list).emplace_back()); },
          [](void* list) { object_at<T>(list).clear(); }};
}

template <class T>
constexpr dictionary_shape make_dictionary_shape() {
  constexpr std::size_t node_overhead_bytes = 48;  // links of the tree and the allocator's own
  return {{form::dictionary},
          &shape_of<typename T::mapped_type>,
          sizeof(typename T::value_type) + node_overhead_bytes,
          [](const void* dictionary) { return object_at<T>(dictionary).size(); },
          [](const void* dictionary, void* context, entry_visitor visit) {
            for (const auto& [key, value] : object_at<T>(dictionary)) visit(context, key, std::addressof(value));
          },
          [](void* dictionary, std::string_view key) -> void* {
            const auto [where, added] = object_at<T>(dictionary).try_emplace(std::string(key));
            return added ? std::addressof(where->second) : nullptr;
          },
          [](void* dictionary) { object_at<T>(dictionary).clear(); }};
}

template <class T>
inline constexpr bool may_be_absent =
    is_a<T, std::optional> || dictionary<T> || (is_a<T, std::vector> && !std::same_as<T, domain::bytes>);

template <class T, class D>
constexpr member_shape make_member_shape() {
  using value = std::remove_cvref_t<decltype(std::declval<T&>().*D::pointer)>;
  return {plain_name(D::name), !may_be_absent<value>, &shape_of<value>,
          [](const void* record) -> const void* { return std::addressof(object_at<T>(record).*D::pointer); }};
}

template <class T, template <class...> class List, class... D>
constexpr std::array<member_shape, sizeof...(D)> list_members(List<D...>) {
  return {make_member_shape<T, D>()...};
}

using boost::describe::mod_inherited;
using boost::describe::mod_public;

template <class T>
inline constexpr auto members_of = list_members<T>(boost::describe::describe_members<T, mod_public | mod_inherited>{});

template <class T>
constexpr record_shape make_record_shape() {
  static_assert(members_of<T>.size() <= members_max);
  check_function rules = nullptr;
  if constexpr (checked<T>)
    rules = [](const void* record, std::vector<domain::field_error>& errors) { check(object_at<T>(record), errors); };
  return {{form::record, type_name<T>()}, members_of<T>, rules, requires {requires T::is_merge_patch;
}
};  // namespace elsec::codec::detail
}

template <class>
inline constexpr bool unknown_type = false;

template <class T>
constexpr auto make_shape() {
  // clang-format off
  if constexpr (std::same_as<T, bool>) return shape{form::boolean};
  else if constexpr (integer<T>) return integer_shape<T>();
  else if constexpr (std::same_as<T, double>) return shape{form::real};
  else if constexpr (std::same_as<T, std::string>) return shape{form::text};
  else if constexpr (std::same_as<T, domain::cents>) return cents_shape();
  else if constexpr (is_bounded<T>) return bounded_shape<T>();
  else if constexpr (std::same_as<T, domain::time_point>) return shape{form::time};
  else if constexpr (std::same_as<T, domain::bytes>) return shape{form::bytes};
  else if constexpr (fixed_bytes_of<T> > 0) return fixed_bytes_shape{{form::fixed_bytes}, fixed_bytes_of<T>};
  else if constexpr (std::same_as<T, boost::json::value>) return shape{form::json};
  else if constexpr (is_a<T, std::optional>) return make_optional_shape<T>();
  else if constexpr (is_a<T, std::vector>) return make_list_shape<T>();
  else if constexpr (dictionary<T>) return make_dictionary_shape<T>();
  else if constexpr (parsed_text<T>) return make_parsed_shape<T>();
  else if constexpr (boost::describe::has_describe_enumerators<T>::value) return make_enumeration_shape<T>();
  else if constexpr (boost::describe::has_describe_members<T>::value) return make_record_shape<T>();
  else static_assert(unknown_type<T>, "codec does not know this type: describe it, or give it parse() and str()");
  // clang-format on
}

}  // namespace elsec::codec::detail
