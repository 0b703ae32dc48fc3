#include "tests/system/network.hpp"

#include "tests/system/files.hpp"

#include <boost/json/parse.hpp>
#include <boost/test/results_collector.hpp>
#include <boost/test/unit_test.hpp>
#include <fmt/format.h>

#include <cstdlib>
#include <filesystem>
#include <poll.h>
#include <sstream>
#include <stdexcept>
#include <utility>

namespace elsec::system_test {
namespace {

constexpr int poll_pause_ms = 10;

std::string unique_folder() {
  auto name = (std::filesystem::temp_directory_path() / "elsec-system-XXXXXX").string();
  if (::mkdtemp(name.data()) == nullptr) throw std::runtime_error("no temporary folder can be made");
  return name;
}

// tools/network.py, run from the repository's root as all tests are.
bool network_tool(const std::string& folder, const std::string& what) {
  const auto command = fmt::format("python3 tools/network.py {} --dir '{}' > '{}.log' 2>&1", what, folder, folder);
  return std::system(command.c_str()) == 0;
}

// "https://127.0.0.1:1234"
endpoint endpoint_of(std::string_view url, std::string_view ca_file) {
  const auto address = url.substr(url.find("//") + 2);
  const auto colon = address.find(':');
  const auto port = std::stoul(std::string(address.substr(colon + 1)));
  return {std::string(address.substr(0, colon)), static_cast<std::uint16_t>(port), std::string(ca_file)};
}

std::string text(const boost::json::value& entry, std::string_view name) {
  return std::string(entry.at({name.data(), name.size()}).as_string());
}

bool everything_passed() {
  namespace unit = boost::unit_test;
  return unit::results_collector.results(unit::framework::master_test_suite().p_id).passed();
}

// Boost.Test makes it before the first test and ends it after the last.
struct running_network {
  running_network() { instance = std::make_unique<network>(); }
  ~running_network() { instance.reset(); }
  static std::unique_ptr<network> instance;
};
std::unique_ptr<network> running_network::instance;

}  // namespace

BOOST_TEST_GLOBAL_FIXTURE(running_network);

const network& nodes() { return *running_network::instance; }

void eventually(std::string_view what, const std::function<bool()>& holds) {
  const auto deadline = std::chrono::steady_clock::now() + patience;
  while (!holds()) {
    const bool in_time = std::chrono::steady_clock::now() < deadline;
    BOOST_REQUIRE_MESSAGE(in_time, fmt::format("waited {} s in vain for: {}", patience.count(), what));
    ::poll(nullptr, 0, poll_pause_ms);
  }
}

answer node::ask_operator(std::string_view method, std::string_view target, std::string_view json) const {
  request what{std::string(method), std::string(target), {{"Authorization", "Bearer " + operator_token}}, {}};
  if (!json.empty()) what.headers.emplace_back("Content-Type", "application/json");
  what.body = json;
  return exchange(operator_https, what);
}

double node::metric(std::string_view wanted) const {
  std::istringstream lines(ask_operator("GET", "/metrics").body);
  double sum = 0;
  for (std::string line; std::getline(lines, line);)
    if (line.starts_with(wanted) && (line[wanted.size()] == ' ' || line[wanted.size()] == '{'))
      sum += std::stod(line.substr(line.rfind(' ') + 1));
  return sum;
}

int node::pid() const {
  const auto folder = std::filesystem::path(configuration_file).parent_path().parent_path();
  const auto description = boost::json::parse(read_file((folder / "network.json").string()));
  for (const auto& entry : description.as_array())
    if (text(entry, "name") == name) return static_cast<int>(entry.at("pid").as_int64());
  return 0;
}

network::network() : folder_(unique_folder()) {
  if (!network_tool(folder_, "up --nodes 2")) throw std::runtime_error("no network: " + read_file(folder_ + ".log"));
  read_description();
}

network::~network() {
  network_tool(folder_, "down");
  if (!everything_passed()) {
    fmt::print(stderr, "the nodes' logs are {}/node*/elsecd.log\n", folder_);
    return;
  }
  std::error_code ignored;
  std::filesystem::remove_all(folder_, ignored);
  std::filesystem::remove(folder_ + ".log", ignored);
}

void network::read_description() {
  const auto description = boost::json::parse(read_file(folder_ + "/network.json"));
  for (const auto& entry : description.as_array()) {
    node made;
    made.name = text(entry, "name");
    const auto ca_file = text(entry, "ca_file");
    made.https = endpoint_of(text(entry, "url"), ca_file);
    made.operator_https = endpoint_of(text(entry, "operator_url"), ca_file);
    made.operator_token = text(entry, "operator_token");
    made.spool = text(entry, "spool_dir");
    made.log_file = text(entry, "log_file");
    made.configuration_file = fmt::format("{}/{}/elsec.toml", folder_, made.name);
    nodes_.push_back(std::move(made));
  }
}

void network::kill(unsigned number) const {
  BOOST_REQUIRE_MESSAGE(network_tool(folder_, "kill " + at(number).name), read_file(folder_ + ".log"));
}

void network::start(unsigned number) const {
  BOOST_REQUIRE_MESSAGE(network_tool(folder_, "start " + at(number).name), read_file(folder_ + ".log"));
}

}  // namespace elsec::system_test
