#include "app/cli/commands.hpp"
#include "app/cli/text.hpp"

#include <fmt/format.h>

#include <filesystem>

namespace elsec::cli {
namespace {

namespace json = boost::json;

outcome<json::value> sign_in(const client& node, const login_command& what, const std::string& password,
                             const std::string& totp) {
  json::object body{{"email", what.email}, {"password", password}};
  if (!totp.empty()) body["totp"] = totp;
  return node.post("/sessions", std::move(body), repeat::when_refused);
}

// Relative paths would mean something else at the next call.
std::string absolute(const std::string& path) {
  return path.empty() ? path : std::filesystem::absolute(path).lexically_normal().string();
}

std::string joined(const json::array& texts) {
  std::string line;
  for (const auto& text : texts)
    if (text.is_string()) line += (line.empty() ? "" : ", ") + std::string(text.get_string());
  return line;
}

// A stale token must not be sent along with the log-in that replaces it.
outcome<client> open_anonymous(const task& with) {
  auto node = with.open();
  if (!node) return node;
  auto bare = node->with();
  bare.token.clear();
  return client(std::move(bare), with.ports());
}

}  // namespace

outcome<void> run_command(const task& with, const register_command& what) {
  const auto node = open_anonymous(with);
  if (!node) return std::unexpected(node.error());
  const auto password = obtain_password(what.password, with.with.env, with.with.in, with.with.ask, ask_twice::yes);
  if (!password) return std::unexpected(password.error());
  auto user = what.user;
  user["password"] = *password;
  json::object body{{"organisation", what.organisation}, {"user", std::move(user)}};
  if (!what.accept.empty()) body["accept"] = json::array(what.accept.begin(), what.accept.end());
  if (what.consulting_requested) body["consulting_requested"] = true;
  if (what.acts_for_business) body["acts_for_business"] = true;
  const auto answer = node->post("/registrations", std::move(body), repeat::never);
  if (!answer) return std::unexpected(answer.error());
  if (with.what.json) return with.print(*answer);
  with.with.out << fmt::format("organisation  {}\nuser          {}\n", printable(text_of(*answer, "organisation_id")),
                               printable(text_of(*answer, "user_id")));
  if (flag_of(*answer, "consulting_offered")) with.say("Individual consulting is offered; somebody will call.");
  with.say("Log in with `elsec login`.");
  return {};
}

outcome<void> run_command(const task& with, const login_command& what) {
  const auto node = open_anonymous(with);
  if (!node) return std::unexpected(node.error());
  const auto path = session_path(with.what.where.session_file, with.with.env);
  if (!path) return std::unexpected(path.error());
  const auto password = obtain_password(what.password, with.with.env, with.with.in, with.with.ask, ask_twice::no);
  if (!password) return std::unexpected(password.error());
  auto answer = sign_in(*node, what, *password, what.totp);
  if (!answer && answer.error().problem == "totp_required" && what.totp.empty()) {
    const auto code = with.with.ask("Code of the second factor: ");
    if (!code) return std::unexpected(answer.error());
    answer = sign_in(*node, what, *password, *code);
  }
  if (!answer) return std::unexpected(answer.error());
  const session found{node->with().node.str(), text_of(*answer, "token"), absolute(node->with().ca_file),
                      text_of(*answer, "expires_at")};
  if (found.token.empty()) return fail(exit_code::node_failed, "The node's answer holds no token.");
  if (auto saved = save_session(*path, found); !saved) return saved;
  if (with.what.json) {
    // The token stays in the session file: what is printed ends up in logs.
    auto shown = *answer;
    shown.get_object().erase("token");
    shown.get_object().erase("csrf_token");
    return with.print(shown);
  }
  with.with.out << fmt::format("Logged in to {} until {}.\n", found.node, moment(found.expires_at));
  return {};
}

outcome<void> run_command(const task& with, const logout_command& what) {
  const auto path = session_path(with.what.where.session_file, with.with.env);
  if (!path) return std::unexpected(path.error());
  if (!what.local_only) {
    const auto stored = load_session(*path);
    if (!stored) return std::unexpected(stored.error());
    if (!*stored) return fail(exit_code::not_logged_in, "There is no session to end.");
    auto node = parse_node_url((*stored)->node);
    if (!node) return std::unexpected(std::move(node.error()));
    // Always the remembered session, whatever --node or ELSEC_TOKEN say: it is what gets forgotten.
    const auto chosen = with.open();
    const auto ca_file = chosen ? chosen->with().ca_file : (*stored)->ca_file;
    const client remembered({std::move(*node), ca_file, (*stored)->token}, with.ports());
    const auto ended = remembered.remove("/sessions/current");
    if (!ended && ended.error().code != exit_code::not_logged_in) return ended;
  }
  if (auto gone = remove_session(*path); !gone) return gone;
  if (with.what.json) return with.print(json::object{});
  with.with.out << "Logged out.\n";
  return {};
}

outcome<void> run_command(const task& with, const whoami_command&) {
  const auto node = with.open_logged_in();
  if (!node) return std::unexpected(node.error());
  const auto user = node->get("/users/me");
  if (!user) return std::unexpected(user.error());
  if (with.what.json) return with.print(*user);
  const auto organisation = node->get("/organisation");
  if (!organisation) return std::unexpected(organisation.error());
  const auto* granted = member_of(*organisation, "capabilities");
  with.with.out << fmt::format(
      "user          {} {} <{}>\nroles         {}\norganisation  {}\n              {}, {}\nnode          {} ({})\n"
      "receives      {}\n",
      printable(text_of(*user, "first_name")), printable(text_of(*user, "last_name")),
      printable(text_of(*user, "email")), printable(joined(array_of(*user, "roles"))),
      printable(place_text(*organisation)), printable(text_of(*organisation, "id")),
      printable(text_of(*organisation, "sector")), printable(text_of(*organisation, "node")), node->with().node.str(),
      granted && flag_of(*granted, "receive") ? printable(text_of(*organisation, "delivery")) : "post (not verified)");
  return {};
}

outcome<void> run_command(const task& with, const token_create_command& what) {
  const auto node = with.open_logged_in();
  if (!node) return std::unexpected(node.error());
  const auto answer = node->post("/api-tokens", what.token, repeat::always);
  if (!answer) return std::unexpected(answer.error());
  if (with.what.json) return with.print(*answer);
  with.with.out << printable(text_of(*answer, "token")) << '\n';
  with.say(printable(text_of(*answer, "id")) + ": keep the token, it is not shown again.");
  return {};
}

outcome<void> run_command(const task& with, const token_list_command&) {
  const auto node = with.open_logged_in();
  if (!node) return std::unexpected(node.error());
  const auto answer = node->list("/api-tokens", {}, page_items_max);
  if (!answer) return std::unexpected(answer.error());
  if (with.what.json) return with.print(*answer);
  std::vector<std::vector<std::string>> rows;
  for (const auto& token : array_of(*answer, "items"))
    rows.push_back({text_of(token, "id"), text_of(token, "name"), joined(array_of(token, "scopes")),
                    moment(text_of(token, "created_at")), moment(text_of(token, "expires_at"))});
  with.with.out << table({"ID", "NAME", "SCOPES", "CREATED", "EXPIRES"}, rows);
  return {};
}

outcome<void> run_command(const task& with, const token_delete_command& what) {
  const auto node = with.open_logged_in();
  if (!node) return std::unexpected(node.error());
  if (auto gone = node->remove("/api-tokens/" + what.id); !gone) return gone;
  if (with.what.json) return with.print(json::object{});
  with.with.out << "Deleted.\n";
  return {};
}

}  // namespace elsec::cli
