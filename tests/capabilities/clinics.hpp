#pragma once
// Organisations that have registered, signed in, and own documents.

#include "decisions/document_index.hpp"
#include "tests/capabilities/support.hpp"

namespace elsec::capabilities::testing {

inline constexpr auto password = "correct horse battery";

[[nodiscard]] inline std::string registration_of(const std::string& name, const std::string& email) {
  auto body = example_for("register_organisation");
  body.at("organisation").at("name") = name;
  body.at("user").at("email") = email;
  body.at("user").at("password") = password;
  return boost::json::serialize(body);
}

[[nodiscard]] inline std::string log_in_of(const std::string& email, const std::string& with_password = password) {
  return boost::json::serialize(boost::json::object{{"email", email}, {"password", with_password}});
}

struct clinics : hub {
  // The organisation's first user, signed in.
  domain::principal signed_up(const std::string& name, const std::string& email) {
    asked("register_organisation", {.body = registration_of(name, email)});
    return signed_in(email);
  }
  domain::principal signed_in(const std::string& email) {
    return behind(text_at(asked("start_session", {.body = log_in_of(email)}), "/token"));
  }
  // Whom a bearer token stands for.
  [[nodiscard]] domain::principal behind(const std::string& token) const {
    const auto credential = crypto::to_hex(crypto::sha256(token));
    const auto found = row(tables::credentials, credential);
    BOOST_REQUIRE(found.has_value());
    domain::principal who;
    static_cast<domain::credential_row&>(who) = *found;
    who.credential = credential;
    return who;
  }
  void take_part(const domain::principal& who) {
    asked("grant_capabilities",
          {.parts = {{"id", who.organisation_id.str()}}, .body = R"({"receive":true,"reason":"contract checked"})"});
  }

  // As an upload leaves it.
  domain::document_row upload(const domain::principal& who, domain::screening state = domain::screening::clean) {
    domain::document_row made;
    made.id = crypto::new_id<domain::document_id>(now);
    made.filename = "Entlassungsbrief.pdf";
    made.media_type = "application/pdf";
    made.size = 10;
    made.sha256 = crypto::to_hex(crypto::sha256(made.id.str()));
    made.state = domain::document_state::draft;
    made.screening = state;
    made.created_at = now;
    made.closes_at = now + with.policy.retention.unsent;
    storage::change_set changes;
    add_receipt(changes, with, who.organisation_id, made, domain::receipt_kind::uploaded);
    insert_document(changes, with, who.organisation_id, made);
    if (state == domain::screening::pending)
      set_deadline(changes, {file_to_screen, right_away, who.organisation_id, made.id.str()});
    commit(changes);
    return made;
  }
  // What the deadline of its file comes to, also when there is none any more.
  [[nodiscard]] shared_command screening_of(const domain::principal& who, const domain::document_row& document) const {
    return with.registry.find_deadline_kind(file_to_screen)
        ->make(right_away, {std::string(file_to_screen), who.organisation_id, document.id.str(), 0});
  }
  // A copy that has come from node2.
  domain::document_row receive(const domain::principal& who) {
    auto made = upload(who);
    const auto before = listing_of(made);
    made.state = domain::document_state::received;
    made.closes_because = domain::close_reason::retention;
    made.from = domain::correspondent{.organisation_id = crypto::new_id<domain::organisation_id>(now),
                                      .name = "Pflegeheim Lindenhof"};
    made.read = false;
    made.dispatch_id = crypto::new_id<domain::dispatch_id>(now);
    made.origin_node = "node2";
    made.origin_document = crypto::new_id<domain::document_id>(now);
    storage::change_set changes;
    put_document(changes, with, who.organisation_id, before, made);
    commit(changes);
    return made;
  }

  [[nodiscard]] static request about(const domain::principal& who, const auto& id, std::string body = {}) {
    return {.who = who, .parts = {{"id", id.str()}}, .body = std::move(body)};
  }
};

// Two organisations of this node.
struct two_clinics : clinics {
  domain::principal one = signed_up("Klinik Musterstadt", "one@klinik.example.org");
  domain::principal other = signed_up("Pflegeheim Lindenhof", "other@heim.example.org");
};

[[nodiscard]] inline error_code code_of(const auto& result) {
  BOOST_REQUIRE(!result.has_value());
  return result.error().code;
}
[[nodiscard]] inline std::string pointer_of(const auto& result) {
  BOOST_REQUIRE(!result.has_value());
  BOOST_REQUIRE(!result.error().fields.empty());
  return result.error().fields.front().pointer;
}

}  // namespace elsec::capabilities::testing
