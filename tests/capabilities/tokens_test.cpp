// API tokens: what they may hold, and how they end.

#include "capabilities/access/credentials.hpp"
#include "tests/capabilities/clinics.hpp"

using namespace elsec;
using namespace elsec::capabilities;
using namespace elsec::capabilities::testing;

namespace {

struct token_makers : two_clinics {
  [[nodiscard]] static std::string wanting(const std::string& scopes, std::optional<domain::time_point> until = {}) {
    boost::json::object body{{"name", "Archive"}, {"scopes", boost::json::parse(scopes)}};
    if (until) body["expires_at"] = codec::to_json_value(*until);
    return boost::json::serialize(body);
  }
  outcome make(const domain::principal& who, const std::string& body) {
    return ask("create_api_token", {.who = who, .body = body});
  }
  // Made by the first clinic, with its bearer token.
  domain::principal made(std::optional<domain::time_point> until = {}) {
    const auto answer = make(one, wanting(R"(["documents:read"])", until));
    BOOST_REQUIRE(answer.has_value());
    return behind(text_at(parsed(answer->body), "/token"));
  }
  [[nodiscard]] std::size_t tokens() const { return rows(tables::api_tokens, one.organisation_id.str()).size(); }
};

}  // namespace

BOOST_FIXTURE_TEST_SUITE(api_tokens, token_makers)

BOOST_AUTO_TEST_CASE(one_is_made_with_what_was_asked_and_shown_this_once) {
  const auto answer = make(one, wanting(R"(["documents:read","documents:write"])"));
  BOOST_REQUIRE(answer.has_value());
  BOOST_TEST(answer->status == 201);
  const auto token = text_at(parsed(answer->body), "/token");
  const auto who = behind(token);
  BOOST_TEST(who.organisation_id.str() == one.organisation_id.str());
  BOOST_TEST(domain::allows(who, domain::scope::documents_write));
  BOOST_TEST(!domain::allows(who, domain::scope::account_write));
  BOOST_TEST(!who.user_id.has_value());
  BOOST_TEST(!who.expires_at.has_value());
  const auto listed = show("list_api_tokens", {.who = one});
  BOOST_REQUIRE(listed.has_value());
  BOOST_TEST(parsed(listed->body).at("items").as_array().size() == 1U);
  BOOST_TEST(!listed->body.contains(token));
}

BOOST_AUTO_TEST_CASE(none_holds_a_scope_its_maker_lacks) {
  auto poor = one;
  poor.scopes = {domain::scope_name(domain::scope::account_write), domain::scope_name(domain::scope::documents_read)};
  const auto refused = make(poor, wanting(R"(["documents:read","documents:write"])"));
  BOOST_CHECK(code_of(refused) == error_code::forbidden);
  BOOST_TEST(pointer_of(refused) == "/scopes");
  BOOST_TEST(tokens() == 0U);
  BOOST_TEST(make(poor, wanting(R"(["documents:read"])")).has_value());
}

BOOST_AUTO_TEST_CASE(none_expires_in_the_past_or_now) {
  for (const auto until : {now - std::chrono::hours(1), now}) {
    const auto refused = make(one, wanting(R"(["documents:read"])", until));
    BOOST_CHECK(code_of(refused) == error_code::invalid);
    BOOST_TEST(pointer_of(refused) == "/expires_at");
  }
  BOOST_TEST(tokens() == 0U);
  BOOST_TEST(make(one, wanting(R"(["documents:read"])", now + std::chrono::milliseconds(1))).has_value());
}

BOOST_AUTO_TEST_CASE(only_one_that_expires_has_a_deadline) {
  const auto before = deadlines(credential_expires);
  (void)made();
  BOOST_TEST(deadlines(credential_expires) == before);
  (void)made(now + std::chrono::hours(1));
  BOOST_TEST(deadlines(credential_expires) == before + 1);
}

BOOST_AUTO_TEST_CASE(one_whose_time_is_over_goes_with_its_credential_and_deadline) {
  bool streams_told = false;
  const auto lasting = made();
  const auto who = made(now + std::chrono::hours(1));
  const auto watching = with.credentials->watch(who.credential, [&] { streams_told = true; });
  BOOST_TEST(due(credential_expires).size() == 0U);
  now += std::chrono::hours(1);
  const auto ended = due(credential_expires);
  BOOST_REQUIRE(ended.size() == 1U);
  BOOST_TEST(ended.front()->whom().organisation.str() == one.organisation_id.str());
  BOOST_TEST(perform(ended.front()).has_value());
  BOOST_TEST(tokens() == 1U);
  BOOST_TEST(!row(tables::credentials, who.credential).has_value());
  BOOST_TEST(row(tables::credentials, lasting.credential).has_value());
  BOOST_TEST(due(credential_expires).size() == 0U);
  BOOST_TEST(streams_told);
}

BOOST_AUTO_TEST_CASE(deleting_one_takes_its_credential_and_deadline_along) {
  const auto before = deadlines(credential_expires);
  const auto who = made(now + std::chrono::hours(1));
  const auto result = ask("delete_api_token", about(one, *who.token_id));
  BOOST_REQUIRE(result.has_value());
  BOOST_TEST(result->status == 204);
  BOOST_TEST(tokens() == 0U);
  BOOST_TEST(!row(tables::credentials, who.credential).has_value());
  BOOST_TEST(deadlines(credential_expires) == before);
  BOOST_CHECK(code_of(ask("delete_api_token", about(one, *who.token_id))) == error_code::not_found);
}

BOOST_AUTO_TEST_CASE(the_deadline_of_one_that_was_deleted_before_is_harmless) {
  const auto who = made(now + std::chrono::hours(1));
  now += std::chrono::hours(1);
  const auto ended = due(credential_expires);  // made into a command before the token goes
  BOOST_REQUIRE(ended.size() == 1U);
  BOOST_TEST(ask("delete_api_token", about(one, *who.token_id)).has_value());
  BOOST_TEST(perform(ended.front()).has_value());
  BOOST_TEST(due(credential_expires).size() == 0U);
}

// Should one be left over, it ends like any other.
BOOST_AUTO_TEST_CASE(a_deadline_without_its_token_ends) {
  storage::change_set changes;
  set_deadline(changes, {credential_expires, now, one.organisation_id, crypto::new_id<domain::token_id>(now).str()});
  commit(changes);
  const auto left_over = due(credential_expires);
  BOOST_REQUIRE(left_over.size() == 1U);
  BOOST_TEST(perform(left_over.front()).has_value());
  BOOST_TEST(due(credential_expires).size() == 0U);
}

BOOST_AUTO_TEST_CASE(R13_another_organisations_token_is_not_found) {
  const auto who = made();
  BOOST_CHECK(code_of(ask("delete_api_token", about(other, *who.token_id))) == error_code::not_found);
  BOOST_TEST(row(tables::credentials, who.credential).has_value());
  BOOST_TEST(seen("list_api_tokens", {.who = other}).at("items").as_array().size() == 0U);
}

BOOST_AUTO_TEST_CASE(making_and_deleting_stand_in_the_audit_log) {
  const auto who = made();
  BOOST_TEST(ask("delete_api_token", about(one, *who.token_id)).has_value());
  const auto entries = rows(tables::audit, one.organisation_id.str());
  BOOST_REQUIRE(entries.size() == 2U);
  std::set<std::string> actions;
  for (const auto& entry : entries) {
    BOOST_TEST(entry.actor == one.user_id->str());
    BOOST_TEST(entry.object == who.token_id->str());
    actions.insert(entry.action);
  }
  BOOST_TEST(actions.contains("api_token.created"));
  BOOST_TEST(actions.contains("api_token.deleted"));
}

BOOST_AUTO_TEST_SUITE_END()

BOOST_FIXTURE_TEST_SUITE(kept_answers, token_makers)

BOOST_AUTO_TEST_CASE(an_answer_with_a_secret_is_kept_without_its_body) {
  request from{.who = one, .body = wanting(R"(["documents:read"])")};
  from.repeat = idempotency{"key of the answer", "fingerprint"};
  BOOST_TEST(ask("create_api_token", from).has_value());
  const auto kept = find_answer(with, "key of the answer");
  BOOST_REQUIRE(kept.has_value() && kept->has_value());
  BOOST_TEST((*kept)->body == "");
  BOOST_TEST((*kept)->id == rows(tables::api_tokens, one.organisation_id.str()).front().id.str());
  BOOST_TEST((*kept)->fingerprint == "fingerprint");
}

BOOST_AUTO_TEST_CASE(one_whose_time_is_over_answers_until_its_deadline_is_met) {
  request from{.who = one, .body = wanting(R"(["documents:read"])")};
  from.repeat = idempotency{"key of the answer", "fingerprint"};
  BOOST_TEST(ask("create_api_token", from).has_value());
  now += with.policy.idempotency - std::chrono::milliseconds(1);
  BOOST_TEST(due(answer_expires).size() == 0U);
  BOOST_TEST(find_answer(with, "key of the answer")->has_value());
  now += std::chrono::milliseconds(2);
  BOOST_TEST(find_answer(with, "key of the answer")->has_value());
  const auto forgotten = due(answer_expires);
  BOOST_REQUIRE(forgotten.size() == 1U);
  BOOST_TEST(perform(forgotten.front()).has_value());
  BOOST_TEST(!find_answer(with, "key of the answer")->has_value());
  BOOST_TEST(deadlines(answer_expires) == 0U);
  BOOST_TEST(ask("create_api_token", from).has_value());  // the key is free again
  BOOST_TEST(perform(forgotten.front()).has_value());     // again: harmless
}

BOOST_AUTO_TEST_CASE(a_second_answer_under_a_key_is_refused_with_all_it_would_change) {
  request from{.who = one, .body = wanting(R"(["documents:read"])")};
  from.repeat = idempotency{"key of the answer", "fingerprint"};
  BOOST_TEST(ask("create_api_token", from).has_value());
  BOOST_CHECK(code_of(ask("create_api_token", from)) == error_code::conflict);
  BOOST_TEST(tokens() == 1U);
}

BOOST_AUTO_TEST_CASE(nothing_is_kept_of_what_was_not_asked_to_be_repeatable) {
  (void)made();
  BOOST_TEST(rows(tables::answers).size() == 0U);
  BOOST_TEST(deadlines(answer_expires) == 0U);
}

BOOST_AUTO_TEST_SUITE_END()
