#include "app/cli/run.hpp"

#include "app/cli/commands.hpp"
#include "app/cli/text.hpp"

#include <exception>

namespace elsec::cli {

client_ports task::ports() const {
  client_ports ports;
  ports.transport = with.transport;
  ports.pause = with.pause;
  ports.notice = [this](const std::string& line) { say(printable(line)); };
  return ports;
}

outcome<client> task::open() const {
  auto chosen = choose_connection(what.where, with.env);
  if (!chosen) return std::unexpected(std::move(chosen.error()));
  return client(std::move(*chosen), ports());
}

outcome<client> task::open_logged_in() const {
  auto node = open();
  if (node && node->with().token.empty())
    return fail(exit_code::not_logged_in, "Not logged in to " + node->with().node.str() + ".",
                "Use `elsec login`, or set ELSEC_TOKEN.");
  return node;
}

outcome<void> task::print(const boost::json::value& json) const {
  with.out << json_text(json) << '\n';
  return {};
}

void task::say(const std::string& line) const { with.err << "elsec: " << line << '\n' << std::flush; }

std::string place_text(const boost::json::value& party) {
  const auto name = text_of(party, "name");
  const auto* address = member_of(party, "address");
  const auto city = address ? text_of(*address, "city") : std::string();
  return city.empty() ? name : name + ", " + city;
}

exit_code run(const invocation& what, surroundings& with) {
  const task current{what, with};
  outcome<void> done;
  try {
    done = std::visit([&](const auto& chosen) { return run_command(current, chosen); }, what.what);
  } catch (const std::exception& broken) {
    done = fail(exit_code::local_file, "The command could not be finished.", broken.what());
  }
  with.out << std::flush;
  if (done && !with.out) done = fail(exit_code::local_file, "Writing to standard output failed.");
  if (done) return exit_code::ok;
  with.err << render(done.error()) << std::flush;
  return done.error().code;
}

}  // namespace elsec::cli
