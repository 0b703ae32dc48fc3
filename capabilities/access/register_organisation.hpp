#pragma once
// POST /registrations: a new organisation and its first user.

#include "capabilities/access/examples.hpp"
#include "capabilities/access/users.hpp"
#include "capabilities/groups.hpp"
#include "capabilities/route.hpp"
#include "crypto/random.hpp"

namespace elsec::capabilities {

struct register_organisation : command {
  register_organisation(domain::organisation_id new_id, const request& from, domain::registration wanted)
      : id(std::move(new_id)), what(std::move(wanted)), repeat(from.repeat) {}

  domain::organisation_id id;
  domain::registration what;
  maybe_idempotent repeat;

  [[nodiscard]] subject whom() const override { return {id}; }

  [[nodiscard]] domain::result<preparation> before(const services&) const override {
    return hash_password{what.user.password.str()};
  }

  [[nodiscard]] domain::result<ruling> decide(const facts& given) const override {
    namespace tables = storage::tables;
    const auto organisation = new_organisation(given);
    const auto user = first_user(given);
    storage::change_set changes;
    changes.found(id);
    changes.insert(tables::organisations, id.str(), organisation);
    changes.put(tables::declarations, id.str(),
                {user.id, given.now, what.accept, what.acts_for_business.value_or(false),
                 what.consulting_requested.value_or(false)});
    changes.insert(tables::users, storage::key_of(id, user.id), user);
    changes.insert(tables::emails, email_key(given.with, user.email), {id, user.id}, domain::error_code::email_in_use);
    const answered answer{
        .status = 201,
        .body = codec::to_json(domain::registered{id, user.id, domain::offers_consulting(organisation)}),
        .location = "/api/v1/organisation"};
    keep_answer(changes, given.with, repeat, answer, {.of = id, .id = id.str()});
    return ruling{.answer = answer, .changes = std::move(changes), .card = domain::card_of(organisation)};
  }

  [[nodiscard]] static domain::result<shared_command> make(const services& with, const request& from) {
    auto body = from.body_as<domain::registration>();
    if (!body) return std::unexpected(std::move(body.error()));
    auto new_id = crypto::new_id<domain::organisation_id>(with.now());
    return make_command<register_organisation>(std::move(new_id), from, std::move(*body));
  }

  [[nodiscard]] static route described() {
    return {.method = "POST",
            .path = "/api/v1/registrations",
            .id = "register_organisation",
            .summary = "Registers an organisation and its first user",
            .group = groups::access,
            .body = body_kind::json,
            .request = body_type_of<domain::registration>,
            .repeatable = true,
            .success = 201,
            .answer = body_type_of<domain::registered>,
            .problems = {409},
            .make = &make};
  }

 private:
  [[nodiscard]] domain::organisation new_organisation(const facts& given) const {
    domain::organisation made;
    static_cast<domain::organisation_profile&>(made) = what.organisation;
    made.id = id;
    made.node = given.with.node_name;
    made.created_at = given.now;
    return made;
  }

  [[nodiscard]] domain::user_row first_user(const facts& given) const {
    domain::user_row made;
    static_cast<domain::person&>(made) = what.user;
    made.id = crypto::new_id<domain::user_id>(given.now);
    made.organisation_id = id;
    made.roles = {domain::role::admin, domain::role::member};
    made.created_at = given.now;
    made.password_hash = std::get<password_hashed>(given.done).encoded_hash;
    return made;
  }
};

}  // namespace elsec::capabilities
