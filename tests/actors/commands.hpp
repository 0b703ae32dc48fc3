#pragma once
// Commands that do what a test says.

#include "actors/tenant.hpp"
#include "tests/actors/support.hpp"

namespace elsec::actors::testing {

struct scripted : command {
  subject about{organisation(1)};
  std::function<domain::result<ruling>(const facts&)> decides = [](const facts&) { return ruling{}; };
  std::function<domain::result<preparation>(const services&)> prepares = [](const services&) { return preparation{}; };

  std::string under{};  // credential

  [[nodiscard]] subject whom() const override { return about; }
  [[nodiscard]] std::string_view credential() const override { return under; }
  [[nodiscard]] domain::result<preparation> before(const services& with) const override { return prepares(with); }
  [[nodiscard]] domain::result<ruling> decide(const facts& given) const override { return decides(given); }
};

template <class Decides>
[[nodiscard]] scripted that(Decides decides) {
  scripted made;
  made.decides = std::move(decides);
  return made;
}

// A number on disk, for seeing what a snapshot sees.
inline constexpr auto counter = "counter";
[[nodiscard]] inline std::uint64_t counted(const storage::snapshot& read) {
  const auto row = read.get(storage::tables::peers, counter);
  return row && *row ? (*row)->last_sequence : 0;
}

// Raises the number by one, and answers what it is now.
[[nodiscard]] inline ruling one_more(const facts& given) {
  const auto number = counted(given.read) + 1;
  storage::change_set changes;
  changes.put(storage::tables::peers, counter, {.epoch = {}, .last_sequence = number});
  return ruling{.answer = {.body = std::to_string(number)}, .changes = std::move(changes)};
}
[[nodiscard]] inline shared_command counting() { return as_command(that(&one_more)); }

// Changes nothing; answers this.
[[nodiscard]] inline shared_command saying(const std::string& what) {
  return as_command(that([what](const facts&) { return ruling{.answer = {.body = what}}; }));
}

// Needs a password looked at before it is decided.
[[nodiscard]] inline scripted with_password(const std::string& password) {
  auto made = that([](const facts& given) {
    const auto* checked = std::get_if<password_checked>(&given.done);
    return ruling{.answer = {.body = checked == nullptr ? "unprepared" : checked->fits ? "fits" : "does not fit"}};
  });
  made.prepares = [password](const services&) { return preparation{check_password{"hash of open sesame", password}}; };
  return made;
}

// An organisation's actor decides for it.
struct deciding : stage {
  tenant_actor subject = spawn(actors::tenant, with(), organisation(1), beginning{});

  [[nodiscard]] std::string body_of(const std::string& name) const {
    const auto& result = answers.of(name);
    return result ? result->body : "error " + std::string(domain::name_of(result.error().code));
  }
  [[nodiscard]] error_code error_of(const std::string& name) const {
    const auto& result = answers.of(name);
    BOOST_REQUIRE(!result.has_value());
    return result.error().code;
  }
};

}  // namespace elsec::actors::testing
