#include "tests/system/tenant.hpp"

#include <boost/json/serialize.hpp>
#include <boost/test/unit_test.hpp>
#include <fmt/format.h>

namespace elsec::system_test {
namespace {

std::string text_at(const boost::json::value& object, std::string_view name) {
  const auto* found = object.as_object().if_contains({name.data(), name.size()});
  return found != nullptr && found->is_string() ? std::string(found->as_string()) : std::string{};
}

boost::json::array items_of(const answer& list) {
  BOOST_REQUIRE_MESSAGE(list.status == 200, fmt::format("{}: {}", list.status, list.body));
  return list.json().at("items").as_array();
}

}  // namespace

std::string fresh_email() {
  static unsigned number = 0;
  return fmt::format("person{}@klinik.example.org", ++number);
}

std::string registration(std::string_view email, std::string_view ik) {
  const auto number = ik.empty() ? std::string{} : fmt::format(R"("ik":"{}",)", ik);
  return fmt::format(
      R"({{"organisation":{{"name":"Klinik {}","sector":"hospital","employees":20,{}"address":{{"street":"Am Markt 1",)"
      R"("postal_code":"01067","city":"Dresden"}}}},"user":{{"first_name":"Juliane","last_name":"Muster","email":"{}",)"
      R"("password":"{}"}},"acts_for_business":true}})",
      email.substr(0, email.find('@')), number, email, test_password);
}

tenant::tenant(const node& at, std::string_view ik) : home(at), email(fresh_email()) {
  const auto registered = send("POST", "/registrations", registration(email, ik));
  BOOST_REQUIRE_MESSAGE(registered.status == 201, registered.body);
  organisation_id = registered.at("/organisation_id");
  user_id = registered.at("/user_id");
  const auto started =
      send("POST", "/sessions", fmt::format(R"({{"email":"{}","password":"{}"}})", email, test_password));
  BOOST_REQUIRE_MESSAGE(started.status == 201, started.body);
  token = started.at("/token");
  csrf_token = started.at("/csrf_token");
}

answer tenant::send(std::string_view method, std::string_view path, std::string_view json,
                    const header_list& more) const {
  request what{std::string(method), "/api/v1" + std::string(path), more, std::string(json)};
  if (!token.empty()) what.headers.emplace_back("Authorization", "Bearer " + token);
  if (!json.empty()) what.headers.emplace_back("Content-Type", "application/json");
  return exchange(home.https, what);
}

answer tenant::upload(std::string_view bytes, std::string_view type, const header_list& more,
                      std::string_view filename) const {
  request what{"POST", "/api/v1/documents", more, std::string(bytes)};
  what.headers.emplace_back("Authorization", "Bearer " + token);
  what.headers.emplace_back("Content-Type", type);
  what.headers.emplace_back("Elsec-Filename", filename);
  return exchange(home.https, what);
}

std::string tenant::uploaded(std::string_view bytes, std::string_view type) const {
  const auto stored = upload(bytes, type, {}, type == "application/pdf" ? "Brief.pdf" : "Datei.bin");
  BOOST_REQUIRE_MESSAGE(stored.status == 201, fmt::format("{}: {}", stored.status, stored.body));
  return stored.at("/id");
}

answer tenant::dispatch(std::string_view document, std::string_view recipients, std::string_view more) const {
  return send("POST", fmt::format("/documents/{}/dispatches", document),
              fmt::format(R"({{"recipients":[{}],"subject":"Entlassungsbrief"{}{}}})", recipients,
                          more.empty() ? "" : ",", more));
}

std::string tenant::dispatched(std::string_view document, std::string_view recipient, std::string_view more) const {
  const auto accepted = dispatch(document, recipient, more);
  BOOST_REQUIRE_MESSAGE(accepted.status == 202, fmt::format("{}: {}", accepted.status, accepted.body));
  return accepted.at("/dispatches/0/id");
}

void tenant::grant_receive() const {
  const auto path = fmt::format("/operator/v1/organisations/{}/capabilities", organisation_id);
  const auto granted = home.ask_operator("PUT", path, R"({"receive":true,"reason":"system test"})");
  BOOST_REQUIRE_MESSAGE(granted.status == 200, granted.body);
}

void tenant::wait_until_known_to(const tenant& other, bool can_receive) const {
  eventually("the directory to know an organisation", [&] {
    for (const auto& card : items_of(other.get("/directory?limit=500")))
      if (text_at(card, "id") == organisation_id && card.at("can_receive").as_bool() == can_receive) return true;
    return false;
  });
}

void tenant::wait_for_state(std::string_view dispatch, std::string_view state) const {
  std::string last;
  eventually(fmt::format("dispatch {} to be {}", dispatch, state), [&] {
    last = get(fmt::format("/dispatches/{}", dispatch)).at("/state");
    BOOST_REQUIRE_MESSAGE(last != "failed" || state == "failed", get(fmt::format("/dispatches/{}", dispatch)).body);
    return last == state;
  });
}

unsigned tenant::copies_of(std::string_view dispatch) const {
  unsigned found = 0;
  for (const auto& each : items_of(get("/documents?box=inbox&limit=500")))
    if (text_at(each, "dispatch_id") == dispatch && !each.as_object().contains("attachment_of")) ++found;
  return found;
}

std::string tenant::copy_of(std::string_view dispatch) const {
  std::string id;
  eventually("a document to arrive", [&] {
    for (const auto& each : items_of(get("/documents?box=inbox&limit=500")))
      if (text_at(each, "dispatch_id") == dispatch && !each.as_object().contains("attachment_of"))
        id = text_at(each, "id");
    return !id.empty();
  });
  return id;
}

answer tenant::content(std::string_view document, const header_list& more) const {
  return send("GET", fmt::format("/documents/{}/content", document), {}, more);
}

std::string tenant::letter_of(std::string_view dispatch) const {
  std::string id;
  eventually("a letter", [&] {
    id = get(fmt::format("/dispatches/{}", dispatch)).at("/letter_id");
    return !id.empty();
  });
  return id;
}

unsigned tenant::events(std::string_view type, std::string_view dispatch, std::string_view state) const {
  unsigned found = 0;
  std::string after = "0";
  while (true) {
    const auto page = send("GET", "/events?limit=500&after=" + after, {}, {{"Accept", "application/json"}});
    for (const auto& each : items_of(page))
      if (text_at(each, "type") == type && text_at(each, "dispatch_id") == dispatch &&
          (state.empty() || text_at(each, "state") == state))
        ++found;
    after = page.at("/next_cursor");
    if (after == "null" || after.empty()) return found;
  }
}

std::string tenant::timeline(std::string_view dispatch) const {
  std::string states;
  const auto shown = get(fmt::format("/dispatches/{}", dispatch)).json();
  for (const auto& entry : shown.at("timeline").as_array())
    states += (states.empty() ? "" : " ") + text_at(entry, "state");
  return states;
}

std::size_t tenant::count(std::string_view list_path) const { return items_of(get(list_path)).size(); }

const tenant& someone() {
  static const tenant made(first());
  return made;
}

std::string to(const tenant& whom) { return fmt::format(R"({{"organisation_id":"{}"}})", whom.organisation_id); }

std::string to_person(std::string_view name) {
  return fmt::format(R"({{"name":"{}","address":{{"street":"Lindenweg 7","postal_code":"01097","city":"Dresden"}}}})",
                     name);
}

}  // namespace elsec::system_test
