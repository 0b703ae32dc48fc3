#pragma once
// An organisation on a node and what it does there.

#include "tests/system/network.hpp"

#include <string>
#include <string_view>

namespace elsec::system_test {

// Of a registration that is valid; tests spoil it. Every call names another e-mail.
[[nodiscard]] std::string registration(std::string_view email, std::string_view ik = {});
[[nodiscard]] std::string fresh_email();
inline constexpr std::string_view test_password = "Sehr-Geheim-2026-Elsec";

class tenant {
 public:
  // Registers and signs in.
  explicit tenant(const node& home, std::string_view ik = {});

  // With the session's token; a body is sent as JSON.
  [[nodiscard]] answer send(std::string_view method, std::string_view path, std::string_view json = {},
                            const header_list& more = {}) const;
  [[nodiscard]] answer get(std::string_view path) const { return send("GET", path); }
  [[nodiscard]] answer upload(std::string_view bytes, std::string_view type, const header_list& more = {},
                              std::string_view filename = "Brief.pdf") const;

  // Those that must succeed.
  [[nodiscard]] std::string uploaded(std::string_view bytes, std::string_view type = "application/pdf") const;
  [[nodiscard]] answer dispatch(std::string_view document, std::string_view recipients,
                                std::string_view more = {}) const;
  // To one recipient; answers the dispatch's id.
  [[nodiscard]] std::string dispatched(std::string_view document, std::string_view recipient,
                                       std::string_view more = {}) const;
  // The operator grants receiving.
  void grant_receive() const;
  // Waits until the directory of `other`'s node shows this tenant so.
  void wait_until_known_to(const tenant& other, bool can_receive) const;

  void wait_for_state(std::string_view dispatch, std::string_view state) const;
  // The copy in the inbox that a dispatch brought, once it is there.
  [[nodiscard]] std::string copy_of(std::string_view dispatch) const;
  [[nodiscard]] unsigned copies_of(std::string_view dispatch) const;
  [[nodiscard]] answer content(std::string_view document, const header_list& more = {}) const;
  // The id of its letter, once there is one.
  [[nodiscard]] std::string letter_of(std::string_view dispatch) const;
  // Whether the feed holds an event with these members: event("dispatch.updated", id, "failed").
  [[nodiscard]] unsigned events(std::string_view type, std::string_view dispatch, std::string_view state = {}) const;
  // The states of the dispatch's timeline, joined by blanks.
  [[nodiscard]] std::string timeline(std::string_view dispatch) const;
  [[nodiscard]] std::size_t count(std::string_view list_path) const;

  const node& home;
  std::string email;
  std::string organisation_id{};
  std::string user_id{};
  std::string token{};
  std::string csrf_token{};
};

// A tenant of the first node, for tests to which others' documents make no difference.
[[nodiscard]] const tenant& someone();
// {"organisation_id": …}
[[nodiscard]] std::string to(const tenant& whom);
// A person with a postal address.
[[nodiscard]] std::string to_person(std::string_view name = "Gerhard Beispiel");

}  // namespace elsec::system_test
