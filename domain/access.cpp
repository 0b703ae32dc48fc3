#include "domain/access.hpp"

#include <algorithm>
#include <utility>

namespace elsec::domain {
namespace {

void add(std::vector<scope_name>& scopes, std::initializer_list<scope> more) {
  for (const scope s : more)
    if (std::ranges::find(scopes, scope_name(s)) == scopes.end()) scopes.emplace_back(s);
}

}  // namespace

std::string_view name_of(scope what) noexcept { return scope_name::values[std::to_underlying(what)]; }

std::expected<scope_name, std::string> scope_name::parse(std::string_view text) {
  const auto found = std::ranges::find(values, text);
  if (found == values.end())
    return std::unexpected(
        "must be one of documents:read, documents:write, letters:send, "
        "beds:read, beds:write, account:read, account:write");
  return scope_name(static_cast<scope>(found - values.begin()));
}

std::vector<scope_name> scopes_of(const std::vector<role>& roles) {
  std::vector<scope_name> scopes;
  for (const role r : roles) {
    add(scopes, {scope::account_read});
    if (r == role::admin) add(scopes, {scope::account_write});
    if (r == role::reader) add(scopes, {scope::documents_read, scope::beds_read});
    if (r == role::member)
      add(scopes,
          {scope::documents_read, scope::documents_write, scope::letters_send, scope::beds_read, scope::beds_write});
  }
  return scopes;
}

void check(const new_api_token& what, std::vector<field_error>& errors) {
  if (what.scopes.empty()) errors.push_back({"/scopes", "must name at least one scope"});
}

bool allows(const principal& who, scope what) noexcept {
  return std::ranges::find(who.scopes, scope_name(what)) != who.scopes.end();
}

bool has_role(const principal& who, role what) noexcept {
  return std::ranges::find(who.roles, what) != who.roles.end();
}

}  // namespace elsec::domain
