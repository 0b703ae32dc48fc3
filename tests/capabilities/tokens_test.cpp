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

struct keyed_token_makers : token_makers {
  static constexpr auto key = "key of the answer";
  [[nodiscard]] request keyed(const std::string& fingerprint) const {
    request from{.who = one, .body = wanting(R"(["documents:read"])")};
    from.repeat = idempotency{key, fingerprint};
    return from;
  }
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

BOOST_FIXTURE_TEST_SUITE(kept_answers, keyed_token_makers)

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

BOOST_AUTO_TEST_CASE(one_whose_time_is_over_is_forgotten_with_its_deadline) {
  BOOST_TEST(ask("create_api_token", keyed("first")).has_value());
  now += with.policy.idempotency - std::chrono::milliseconds(1);
  BOOST_TEST(due(answer_expires).size() == 0U);
  BOOST_TEST(find_answer(with, key)->has_value());
  now += std::chrono::milliseconds(1);
  const auto forgotten = due(answer_expires);
  BOOST_REQUIRE(forgotten.size() == 1U);
  BOOST_TEST(perform(forgotten.front()).has_value());
  BOOST_TEST(rows(tables::answers).size() == 0U);
  BOOST_TEST(deadlines(answer_expires) == 0U);
  BOOST_TEST(ask("create_api_token", keyed("second")).has_value());  // the key is free again
  BOOST_TEST(perform(forgotten.front()).has_value());                // again: harmless
  BOOST_TEST(find_answer(with, key)->value().fingerprint == "second");
}

// The janitor may have much to do before it comes by.
BOOST_AUTO_TEST_CASE(one_whose_time_is_over_is_none_also_while_its_row_is_still_there) {
  BOOST_TEST(ask("create_api_token", keyed("first")).has_value());
  BOOST_TEST(*forget_if_over(with, key) == nullptr);
  now += with.policy.idempotency;
  BOOST_TEST(rows(tables::answers).size() == 1U);
  BOOST_TEST(!find_answer(with, key)->has_value());
  const auto forget = forget_if_over(with, key);
  BOOST_REQUIRE(forget.has_value() && *forget != nullptr);
  BOOST_TEST((*forget)->whom().organisation.str() == one.organisation_id.str());
  BOOST_TEST(perform(*forget).has_value());
  BOOST_TEST(ask("create_api_token", keyed("second")).has_value());
  BOOST_TEST(find_answer(with, key)->value().fingerprint == "second");
  BOOST_TEST(deadlines(answer_expires) == 1U);  // the first one's went with it
}

BOOST_AUTO_TEST_CASE(the_next_answer_under_a_key_outlives_whatever_was_begun_to_forget_the_one_before) {
  BOOST_TEST(ask("create_api_token", keyed("first")).has_value());
  now += with.policy.idempotency;
  const auto late = due(answer_expires).front();         // of the janitor
  const auto later = forget_if_over(with, key).value();  // of a twin's
  BOOST_TEST(perform(forget_if_over(with, key).value()).has_value());
  BOOST_TEST(ask("create_api_token", keyed("second")).has_value());
  BOOST_TEST(perform(late).has_value());
  BOOST_TEST(perform(later).has_value());
  BOOST_TEST(find_answer(with, key)->value().fingerprint == "second");
  BOOST_TEST(deadlines(answer_expires) == 1U);
  now += with.policy.idempotency;
  BOOST_TEST(perform(due(answer_expires).front()).has_value());
  BOOST_TEST(rows(tables::answers).size() == 0U);
}

// Of an older version: it says no time itself.
BOOST_AUTO_TEST_CASE(one_that_says_no_time_answers_until_its_deadline_is_met) {
  BOOST_TEST(ask("create_api_token", keyed("first")).has_value());
  auto old = row(tables::answers, key).value();
  old.expires_at.reset();
  old.organisation_id.reset();
  storage::change_set changes;
  changes.put(tables::answers, key, old);
  commit(changes);
  now += with.policy.idempotency;
  BOOST_TEST(find_answer(with, key)->has_value());
  BOOST_TEST(*forget_if_over(with, key) == nullptr);
  BOOST_TEST(perform(due(answer_expires).front()).has_value());
  BOOST_TEST(!find_answer(with, key)->has_value());
}

BOOST_AUTO_TEST_CASE(one_that_cannot_be_read_goes_as_its_deadline_says) {
  BOOST_TEST(ask("create_api_token", keyed("first")).has_value());
  damage(tables::answers, key);
  now += with.policy.idempotency;
  BOOST_TEST(perform(due(answer_expires).front()).has_value());
  BOOST_TEST(!read().contains(tables::answers.name, key).value());
  BOOST_TEST(deadlines(answer_expires) == 0U);
}

BOOST_AUTO_TEST_CASE(many_are_forgotten_in_one_commit) {
  std::vector<due_deadline> all;
  for (int i = 0; i < 10; ++i) {
    auto from = keyed("first");
    from.repeat->key = std::to_string(i);
    BOOST_TEST(ask("create_api_token", from).has_value());
    all.push_back(
        {now + with.policy.idempotency,
         {.kind = std::string(answer_expires), .organisation_id = one.organisation_id, .object = std::to_string(i)}});
  }
  now += with.policy.idempotency;
  BOOST_TEST(perform(with.registry.find_deadline_kind(answer_expires)->make_together(all)).has_value());
  BOOST_TEST(rows(tables::answers).size() == 0U);
  BOOST_TEST(deadlines(answer_expires) == 0U);
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
