#pragma once
// Who may do what: sessions, API tokens, scopes, and the principal a request acts as.

#include "domain/organisation.hpp"

#include <boost/describe.hpp>

#include <array>
#include <optional>
#include <string>
#include <vector>

namespace elsec::domain {

// Written as in the API ("documents:read"); a session holds all of them that its user's roles allow.
enum class scope : std::uint8_t {
  documents_read,
  documents_write,
  letters_send,
  beds_read,
  beds_write,
  account_read,
  account_write
};

[[nodiscard]] std::string_view name_of(scope what) noexcept;

// A scope as a field: "documents:read".
class scope_name {
 public:
  static constexpr std::string_view name = "scope";
  // In the order of the enum.
  static constexpr std::array<std::string_view, 7> values{
      "documents:read", "documents:write", "letters:send", "beds:read", "beds:write", "account:read", "account:write"};

  scope_name() = default;
  explicit scope_name(scope what) : value_(what) {}
  [[nodiscard]] static std::expected<scope_name, std::string> parse(std::string_view text);
  [[nodiscard]] std::string str() const { return std::string(name_of(value_)); }
  [[nodiscard]] scope value() const noexcept { return value_; }
  auto operator<=>(const scope_name&) const = default;

 private:
  scope value_ = scope::documents_read;
};

// The scopes the roles of a person give.
[[nodiscard]] std::vector<scope_name> scopes_of(const std::vector<role>& roles);

// POST /sessions. `password` is unchecked text here: rules apply when one is chosen, not when it is tried.
struct log_in {
  email_address email;
  text<1, 128> password;
};
BOOST_DESCRIBE_STRUCT(log_in, (), (email, password))

struct session_started {
  std::string token;
  time_point expires_at{};
  domain::user_id user_id;
  domain::organisation_id organisation_id;
  std::string csrf_token;
};
BOOST_DESCRIBE_STRUCT(session_started, (), (token, expires_at, user_id, organisation_id, csrf_token))

// GET /sessions
struct session {
  session_id id;
  time_point created_at{};
  time_point expires_at{};
  bool current = false;
};
BOOST_DESCRIBE_STRUCT(session, (), (id, created_at, expires_at, current))

struct vendor {
  text<1, 100> name;
  text<1, 100> product;
  text<1, 40> version;
};
BOOST_DESCRIBE_STRUCT(vendor, (), (name, product, version))

// POST /api-tokens
struct new_api_token {
  text<1, 100> name;
  std::vector<scope_name> scopes;
  std::optional<time_point> expires_at{};
  std::optional<domain::vendor> vendor{};
};
BOOST_DESCRIBE_STRUCT(new_api_token, (), (name, scopes, expires_at, vendor))
void check(const new_api_token& what, std::vector<field_error>& errors);

struct api_token : new_api_token {
  token_id id;
  time_point created_at{};
};
BOOST_DESCRIBE_STRUCT(api_token, (new_api_token), (id, created_at))

struct api_token_created : api_token {
  std::string token;
};
BOOST_DESCRIBE_STRUCT(api_token_created, (api_token), (token))

// What stands behind the hash of a bearer token: a session or an API token.
struct credential_row {
  domain::organisation_id organisation_id;
  std::optional<domain::user_id> user_id{};        // sessions
  std::optional<domain::session_id> session_id{};  // sessions
  std::optional<domain::token_id> token_id{};      // API tokens
  std::vector<role> roles;                         // sessions
  std::vector<scope_name> scopes;
  std::optional<time_point> expires_at{};
  std::string csrf_token;  // sessions
};
BOOST_DESCRIBE_STRUCT(credential_row, (),
                      (organisation_id, user_id, session_id, token_id, roles, scopes, expires_at, csrf_token))

// A session or API token in its organisation's own list; `credential` is the key of its credential row.
struct session_row : session {
  std::string credential;
  domain::user_id user_id;
};
BOOST_DESCRIBE_STRUCT(session_row, (session), (credential, user_id))

struct api_token_row : api_token {
  std::string credential;
};
BOOST_DESCRIBE_STRUCT(api_token_row, (api_token), (credential))

// Whom a request acts as.
struct principal : credential_row {
  std::string credential;  // key of the credential row; names the caller in idempotency keys
};

[[nodiscard]] bool allows(const principal& who, scope what) noexcept;
[[nodiscard]] bool has_role(const principal& who, role what) noexcept;

// GET /users/me
struct me : user {
  std::optional<std::string> csrf_token{};
};
BOOST_DESCRIBE_STRUCT(me, (user), (csrf_token))

}  // namespace elsec::domain
