// Registration, signing in, and out.

#include "capabilities/access/credentials.hpp"
#include "tests/capabilities/clinics.hpp"

using namespace elsec;
using namespace elsec::capabilities;
using namespace elsec::capabilities::testing;

namespace {

constexpr auto address = "juliane@klinik.example.org";

// One organisation, whose first user has not signed in yet.
struct registered_clinic : clinics {
  boost::json::value told = asked("register_organisation", {.body = registration_of("Klinik Musterstadt", address)});
  domain::organisation_id id = id_at<domain::organisation_id>(told, "/organisation_id");
  domain::user_id user = id_at<domain::user_id>(told, "/user_id");

  outcome try_to_sign_in(const std::string& with_password = password, const std::string& email = address) {
    return ask("start_session", {.body = log_in_of(email, with_password)});
  }
  // The same in two parts: the password is being looked at, and its turn has come.
  [[nodiscard]] shared_command begun(const std::string& with_password = password) {
    auto made = route_of("start_session").make(with, {.body = log_in_of(address, with_password)});
    BOOST_REQUIRE(made.has_value());
    BOOST_REQUIRE((*made)->before(with).has_value());
    return *made;
  }
  outcome ended(const shared_command& what, bool fits) {
    auto decided = what->decide({with, read(), now, password_checked{fits}});
    if (!decided) return std::unexpected(std::move(decided.error()));
    return settle(std::move(*decided));
  }
  void put_user(const domain::user_row& person) {
    storage::change_set changes;
    changes.put(tables::users, storage::key_of(id, user), person);
    commit(changes);
  }
};

}  // namespace

BOOST_FIXTURE_TEST_SUITE(registration, registered_clinic)

BOOST_AUTO_TEST_CASE(it_founds_the_organisation_and_its_first_user) {
  const auto organisation = row(tables::organisations, id.str());
  BOOST_REQUIRE(organisation.has_value());
  BOOST_TEST(organisation->name.str() == "Klinik Musterstadt");
  BOOST_TEST(organisation->node == "node1");
  BOOST_CHECK(organisation->created_at == now);
  BOOST_TEST(!organisation->capabilities.receive);
  const auto person = row(tables::users, storage::key_of(id, user));
  BOOST_REQUIRE(person.has_value());
  BOOST_TEST(person->password_hash == "hash of " + std::string(password));
  BOOST_CHECK((person->roles == std::vector{domain::role::admin, domain::role::member}));
  BOOST_TEST(cards_by_id(read(), id)->size() == 1U);
}

BOOST_AUTO_TEST_CASE(R21_what_was_declared_is_kept) {
  const auto kept = row(tables::declarations, id.str());
  BOOST_REQUIRE(kept.has_value());
  BOOST_TEST(kept->acts_for_business);
  BOOST_TEST(kept->accepted.size() == 3U);
  BOOST_TEST(kept->user_id.str() == user.str());
  BOOST_CHECK(kept->at == now);
}

BOOST_AUTO_TEST_CASE(R3_consulting_is_offered_from_100_employees_on) {
  BOOST_TEST(told.at("consulting_offered").as_bool());
  auto body = parsed(registration_of("Praxis", "praxis@example.org"));
  body.at("organisation").at("employees") = 99;
  const auto small = asked("register_organisation", {.body = boost::json::serialize(body)});
  BOOST_TEST(!small.at("consulting_offered").as_bool());
}

BOOST_AUTO_TEST_CASE(R4_who_does_not_act_for_a_business_cannot_register) {
  auto body = parsed(registration_of("Praxis", "praxis@example.org"));
  body.at("acts_for_business") = false;
  const auto refused = ask("register_organisation", {.body = boost::json::serialize(body)});
  BOOST_CHECK(code_of(refused) == error_code::invalid);
}

BOOST_AUTO_TEST_CASE(R7_nobody_registers_where_nobody_can_live_or_in_a_country_that_is_none) {
  auto body = parsed(registration_of("Praxis", "praxis@example.org"));
  auto& where = body.at("organisation").at("address").as_object();
  where["street"] = "NFA";
  BOOST_TEST(pointer_of(ask("register_organisation", {.body = boost::json::serialize(body)})) ==
             "/organisation/address/street");
  where["street"] = "Ring 1";
  where["country"] = "Musterland";
  BOOST_TEST(pointer_of(ask("register_organisation", {.body = boost::json::serialize(body)})) ==
             "/organisation/address/country");
}

BOOST_AUTO_TEST_CASE(an_address_leads_to_one_person_whatever_its_case) {
  for (const auto* same : {address, "JULIANE@Klinik.example.org"}) {
    const auto refused = ask("register_organisation", {.body = registration_of("Klinik Zwei", same)});
    BOOST_CHECK(code_of(refused) == error_code::email_in_use);
  }
  BOOST_TEST(rows(tables::organisations, id.str()).size() == 1U);
  BOOST_TEST(rows(tables::emails).size() == 1U);
  BOOST_TEST(try_to_sign_in().has_value());
}

BOOST_AUTO_TEST_SUITE_END()

BOOST_FIXTURE_TEST_SUITE(signing_in, registered_clinic)

BOOST_AUTO_TEST_CASE(the_right_password_begins_a_session) {
  const auto result = try_to_sign_in();
  BOOST_REQUIRE(result.has_value());
  BOOST_TEST(result->status == 201);
  const auto who = behind(text_at(parsed(result->body), "/token"));
  BOOST_TEST(who.organisation_id.str() == id.str());
  BOOST_TEST(who.user_id->str() == user.str());
  BOOST_CHECK(who.expires_at == now + with.policy.session_max);
  BOOST_TEST(who.csrf_token == text_at(parsed(result->body), "/csrf_token"));
  BOOST_TEST(domain::allows(who, domain::scope::account_write));
  BOOST_TEST(result->location == "/api/v1/sessions/" + who.session_id->str());
  BOOST_TEST(deadlines(credential_expires) == 1U);
}

BOOST_AUTO_TEST_CASE(addresses_that_differ_in_case_lead_to_the_same_person) {
  BOOST_TEST(try_to_sign_in(password, "Juliane@KLINIK.example.org").has_value());
}

BOOST_AUTO_TEST_CASE(an_unknown_address_gets_the_same_answer_as_a_wrong_password) {
  const auto wrong = try_to_sign_in("wrong horse battery");
  const auto unknown = try_to_sign_in(password, "nobody@klinik.example.org");
  BOOST_CHECK(code_of(wrong) == error_code::bad_credentials);
  BOOST_CHECK(wrong.error() == unknown.error());
  // And the same work is done for it: against nobody's hash.
  BOOST_REQUIRE(checked_against.size() == 2U);
  BOOST_TEST(checked_against.back() == "");
  BOOST_TEST(rows(tables::sessions, id.str()).size() == 0U);
}

// Nobody's hash fits nothing; should it ever, there is still nobody to sign in.
BOOST_AUTO_TEST_CASE(nobody_signs_in_even_if_the_decoy_fits) {
  const auto command =
      *route_of("start_session").make(with, {.body = log_in_of("nobody@klinik.example.org", "some password")});
  const auto decided = command->decide({with, read(), now, password_checked{true}});
  BOOST_REQUIRE(decided.has_value());
  BOOST_TEST(decided->refusal.has_value());
  BOOST_TEST(!decided->changes.has_value());
}

BOOST_AUTO_TEST_CASE(after_the_free_tries_an_account_waits_longer_each_time) {
  for (unsigned i = 0; i < with.policy.logins_failed_free; ++i)
    BOOST_CHECK(code_of(try_to_sign_in("wrong horse battery")) == error_code::bad_credentials);
  // Even the right one waits, and is not looked at meanwhile.
  const auto looked_at = checked_against.size();
  BOOST_CHECK(code_of(try_to_sign_in()) == error_code::too_many_requests);
  BOOST_TEST(checked_against.size() == looked_at);
  now += log_in_delay_first;
  BOOST_CHECK(code_of(try_to_sign_in("wrong horse battery")) == error_code::bad_credentials);
  now += log_in_delay_first;
  BOOST_CHECK(code_of(try_to_sign_in()) == error_code::too_many_requests);
  now += log_in_delay_first;
  BOOST_TEST(try_to_sign_in().has_value());
}

BOOST_AUTO_TEST_CASE(one_try_less_delays_nothing) {
  for (unsigned i = 0; i + 1 < with.policy.logins_failed_free; ++i) (void)try_to_sign_in("wrong horse battery");
  BOOST_TEST(try_to_sign_in().has_value());
}

BOOST_AUTO_TEST_CASE(signing_in_forgets_the_failures_before) {
  for (unsigned i = 0; i + 1 < with.policy.logins_failed_free; ++i) (void)try_to_sign_in("wrong horse battery");
  BOOST_TEST(try_to_sign_in().has_value());
  BOOST_CHECK(code_of(try_to_sign_in("wrong horse battery")) == error_code::bad_credentials);
  BOOST_TEST(try_to_sign_in().has_value());
}

BOOST_AUTO_TEST_CASE(no_delay_is_longer_than_a_minute_and_none_is_for_good) {
  for (int i = 0; i < 40; ++i) {
    BOOST_CHECK(code_of(try_to_sign_in("wrong horse battery")) == error_code::bad_credentials);
    now += log_in_delay_max;
  }
  BOOST_TEST(try_to_sign_in().has_value());
}

BOOST_AUTO_TEST_CASE(failures_of_one_account_delay_no_other) {
  const auto other = signed_up("Pflegeheim Lindenhof", "other@heim.example.org");
  for (int i = 0; i < 10; ++i) (void)try_to_sign_in("wrong horse battery");
  BOOST_TEST(try_to_sign_in(password, "other@heim.example.org").has_value());
}

// All are looked at before the first one has failed: a burst is no way around the delay.
BOOST_AUTO_TEST_CASE(of_log_ins_side_by_side_no_more_are_told_whether_they_fit_than_of_those_one_after_the_other) {
  std::vector<shared_command> burst;
  for (unsigned i = 0; i < with.policy.logins_failed_free + 5; ++i) burst.push_back(begun("wrong horse battery"));
  burst.push_back(begun());
  unsigned told_that_it_was_wrong = 0;
  for (const auto& each : burst) {
    const auto result = ended(each, each == burst.back());
    if (code_of(result) == error_code::bad_credentials) ++told_that_it_was_wrong;
  }
  BOOST_TEST(told_that_it_was_wrong == with.policy.logins_failed_free);
  BOOST_TEST(rows(tables::sessions, id.str()).size() == 0U);  // the right one was late
  now += log_in_delay_max;
  BOOST_TEST(try_to_sign_in().has_value());
}

BOOST_AUTO_TEST_CASE(who_signs_in_gets_the_rights_of_the_moment_in_which_it_is_decided) {
  const auto slow = begun();
  auto person = row(tables::users, storage::key_of(id, user)).value();
  person.roles = {domain::role::member};
  put_user(person);
  BOOST_REQUIRE(ended(slow, true).has_value());
  const auto all = rows(tables::credentials);
  BOOST_REQUIRE(all.size() == 1U);
  BOOST_CHECK((all.front().roles == std::vector{domain::role::member}));
  BOOST_CHECK(all.front().scopes == domain::scopes_of(person.roles));
}

BOOST_AUTO_TEST_CASE(a_password_that_was_changed_while_it_was_looked_at_opens_nothing) {
  const auto slow = begun();
  auto person = row(tables::users, storage::key_of(id, user)).value();
  person.password_hash = "hash of another one";
  put_user(person);
  BOOST_CHECK(code_of(ended(slow, true)) == error_code::bad_credentials);
  BOOST_TEST(rows(tables::credentials).size() == 0U);
}

BOOST_AUTO_TEST_CASE(who_was_deleted_while_the_password_was_looked_at_is_not_signed_in) {
  const auto slow = begun();
  storage::change_set changes;
  changes.erase(tables::users, storage::key_of(id, user));
  commit(changes);
  BOOST_CHECK(code_of(ended(slow, true)) == error_code::bad_credentials);
  BOOST_TEST(rows(tables::credentials).size() == 0U);
}

BOOST_AUTO_TEST_CASE(what_is_kept_of_a_repeatable_log_in_holds_no_token) {
  request from{.body = log_in_of(address)};
  from.repeat = idempotency{"key of the answer", "fingerprint"};
  const auto result = ask("start_session", from);
  BOOST_REQUIRE(result.has_value());
  const auto kept = row(tables::answers, "key of the answer");
  BOOST_REQUIRE(kept.has_value());
  BOOST_TEST(kept->body == "");
  BOOST_TEST(kept->status == 201);
  BOOST_TEST(!kept->id.empty());
}

BOOST_AUTO_TEST_SUITE_END()

BOOST_FIXTURE_TEST_SUITE(sessions, two_clinics)

BOOST_AUTO_TEST_CASE(ending_one_takes_its_credential_and_its_deadline_along) {
  bool streams_told = false;
  const auto watching = with.credentials->watch(one.credential, [&] { streams_told = true; });
  const auto result = ask("end_current_session", {.who = one});
  BOOST_REQUIRE(result.has_value());
  BOOST_TEST(result->status == 204);
  BOOST_TEST(!row(tables::credentials, one.credential).has_value());
  BOOST_TEST(rows(tables::sessions, one.organisation_id.str()).size() == 0U);
  BOOST_TEST(deadlines(credential_expires) == 1U);  // the other's
  BOOST_TEST(streams_told);
  BOOST_CHECK(code_of(ask("end_current_session", {.who = one})) == error_code::not_found);
}

BOOST_AUTO_TEST_CASE(one_of_ones_own_ends_and_the_others_stay) {
  const auto second = signed_in("one@klinik.example.org");
  BOOST_TEST(ask("end_session", about(one, *second.session_id)).has_value());
  BOOST_TEST(!row(tables::credentials, second.credential).has_value());
  BOOST_TEST(row(tables::credentials, one.credential).has_value());
}

BOOST_AUTO_TEST_CASE(R13_another_organisations_session_is_not_found) {
  BOOST_CHECK(code_of(ask("end_session", about(one, *other.session_id))) == error_code::not_found);
  BOOST_TEST(row(tables::credentials, other.credential).has_value());
}

BOOST_AUTO_TEST_CASE(a_colleagues_session_is_not_found) {
  auto colleague = one;
  colleague.user_id = crypto::new_id<domain::user_id>(now);
  colleague.session_id.reset();
  BOOST_CHECK(code_of(ask("end_session", about(colleague, *one.session_id))) == error_code::not_found);
  BOOST_TEST(row(tables::credentials, one.credential).has_value());
  BOOST_TEST(seen("list_sessions", {.who = colleague}).at("items").as_array().size() == 0U);
}

BOOST_AUTO_TEST_CASE(an_identifier_that_is_none_is_not_found) {
  BOOST_CHECK(code_of(ask("end_session", {.who = one, .parts = {{"id", "ses_1"}}})) == error_code::not_found);
}

BOOST_AUTO_TEST_CASE(the_list_shows_ones_own_and_which_is_the_current_one) {
  const auto second = signed_in("one@klinik.example.org");
  const auto items = seen("list_sessions", {.who = second}).at("items").as_array();
  BOOST_REQUIRE(items.size() == 2U);
  for (const auto& item : items)
    BOOST_TEST(item.at("current").as_bool() == (text_at(item, "/id") == second.session_id->str()));
}

BOOST_AUTO_TEST_CASE(one_whose_time_is_over_ends_with_its_credential_and_deadline) {
  BOOST_TEST(due(credential_expires).size() == 0U);
  now += with.policy.session_max;
  const auto ended = due(credential_expires);
  BOOST_REQUIRE(ended.size() == 2U);
  const auto of_one =
      std::ranges::find(ended, one.organisation_id, [](const auto& c) { return c->whom().organisation; });
  BOOST_TEST(perform(*of_one).has_value());
  BOOST_TEST(!row(tables::credentials, one.credential).has_value());
  BOOST_TEST(rows(tables::sessions, one.organisation_id.str()).size() == 0U);
  BOOST_TEST(row(tables::credentials, other.credential).has_value());
  BOOST_TEST(deadlines(credential_expires) == 1U);
}

BOOST_AUTO_TEST_CASE(the_deadline_of_one_that_ended_meanwhile_is_harmless) {
  now += with.policy.session_max;
  const auto ended = due(credential_expires);
  BOOST_TEST(ask("end_current_session", {.who = one}).has_value());
  for (const auto& each : ended) BOOST_TEST(perform(each).has_value());
  BOOST_TEST(deadlines(credential_expires) == 0U);
}

BOOST_AUTO_TEST_CASE(a_person_is_shown_with_the_token_of_its_forms) {
  const auto me = seen("get_me", {.who = one});
  BOOST_TEST(text_at(me, "/id") == one.user_id->str());
  BOOST_TEST(text_at(me, "/csrf_token") == one.csrf_token);
  BOOST_TEST(!me.as_object().contains("password_hash"));
  auto token = one;
  token.user_id.reset();
  BOOST_CHECK(code_of(show("get_me", {.who = token})) == error_code::forbidden);
}

BOOST_AUTO_TEST_SUITE_END()
