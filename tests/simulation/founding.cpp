#include "tests/simulation/founding.hpp"

#include "codec/json.hpp"

#include <boost/json.hpp>

#include <array>

namespace elsec::simulation {
namespace {

namespace fs = std::filesystem;

constexpr std::array node_names{"north", "south", "west"};
constexpr unsigned parties_per_node = 2;

std::string registration_of(const std::string& name) {
  return R"({"organisation":{"name":")" + name +
         R"(","sector":"hospital","employees":20,"address":{"street":"Am Markt 1",)"
         R"("postal_code":"12345","city":"Musterstadt"}},"user":{"first_name":"Juliane",)"
         R"("last_name":"Musterfrau","email":")" +
         name + R"(@example.org","password":"ein langes Kennwort 7"},"acts_for_business":true})";
}

void register_party(run& in, node& home, const std::string& name) {
  bool granted = false;
  const auto grant = [&](const domain::organisation_id& id) {
    auto command = home.make("grant_capabilities",
                             {.parts = {{"id", id.str()}}, .body = R"({"receive":true,"reason":"Contract checked"})"});
    home.ask<actors::outcome>(home.front(), std::move(command), [&](const actors::outcome& result) {
      if (!result) return in.world.complain("a grant was refused: " + result.error().detail);
      granted = true;
    });
  };
  home.ask<actors::outcome>(home.front(), home.make("register_organisation", {.body = registration_of(name)}),
                            [&](const actors::outcome& result) {
                              if (!result)
                                return in.world.complain("a registration was refused: " + result.error().detail);
                              const auto made = codec::from_json<domain::registered>(result->body).value();
                              party who{.id = made.organisation_id, .node = home.name(), .name = name, .who = {}};
                              who.who.organisation_id = made.organisation_id;
                              who.who.user_id = made.user_id;
                              who.who.scopes = domain::scopes_of({domain::role::admin, domain::role::member});
                              in.promised.parties.push_back(std::move(who));
                              grant(made.organisation_id);
                            });
  if (!in.until(in.world.now() + 1min, 10ms, [&] { return granted; })) throw broken{"a registration takes too long"};
}

bool everyone_knows_everyone(const run& in) {
  return std::ranges::all_of(in.nodes, [&](const auto& one) {
    const auto found = one.second->show("search_directory", {.query = {{"can_receive", true}}});
    return found.at("items").as_array().size() == in.promised.parties.size();
  });
}

void stop_all(run& in) {
  unsigned down = 0;
  for (auto& [name, one] : in.nodes) one->stop([&] { ++down; });
  if (!in.until(in.world.now() + 1min, 10ms, [&] { return down == in.nodes.size(); }))
    throw broken{"the nodes do not stop"};
}

std::vector<node_identity> copy_nodes(const founding& from, const fs::path& folder) {
  std::vector<node_identity> copies;
  for (const auto& one : from.nodes) {
    fs::create_directories(folder);
    fs::copy(one.folder, folder / one.name, fs::copy_options::recursive);
    copies.push_back({one.name, folder / one.name, one.master, one.slot_key, one.signing_seed});
  }
  return copies;
}

}  // namespace

founding found_network(const fs::path& folder) {
  run in(1, false);
  founding made;
  for (const char* name : node_names)
    made.nodes.push_back(
        {name, folder / name, crypto::secret::random(), crypto::secret::random(), crypto::secret::random()});
  for (const auto& one : made.nodes) fs::create_directories(one.folder);
  in.add_nodes(made.nodes);
  for (auto& [name, one] : in.nodes)
    for (unsigned i = 1; i <= parties_per_node; ++i) register_party(in, *one, "klinik-" + name + std::to_string(i));
  if (!in.until(in.world.now() + 5min, 1s, [&] { return everyone_knows_everyone(in); }))
    throw broken{"the cards do not reach every node"};
  stop_all(in);
  made.parties = in.promised.parties;
  return made;
}

void move_in(run& in, const founding& from, const std::filesystem::path& folder) {
  in.promised.parties = from.parties;
  in.add_nodes(copy_nodes(from, folder));
  in.add_offices();
  in.print_regularly();
}

}  // namespace elsec::simulation
