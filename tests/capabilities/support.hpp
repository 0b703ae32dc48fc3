#pragma once
// What a node decides with, in a folder of its own and without actors: a command is decided on a fresh snapshot and
// committed there and then.

#include "capabilities/all.hpp"
#include "codec/json.hpp"
#include "crypto/random.hpp"
#include "crypto/seal.hpp"
#include "decisions/card_index.hpp"
#include "decisions/deadlines.hpp"
#include "decisions/receipts.hpp"
#include "decisions/rows.hpp"
#include "tests/wear.hpp"

#include <boost/json.hpp>
#include <boost/test/unit_test.hpp>

#include <array>
#include <cstdlib>
#include <filesystem>
#include <utility>

namespace elsec::capabilities::testing {

using domain::error_code;

[[nodiscard]] inline const route& route_of(std::string_view operation) {
  for (const auto& capability : all())
    for (const auto& each : capability.routes)
      if (each.id == operation) return each;
  BOOST_FAIL("there is no operation " + std::string(operation));
  throw std::logic_error("not reached");
}

[[nodiscard]] inline boost::json::value parsed(const std::string& body) { return boost::json::parse(body); }
[[nodiscard]] inline std::string text_at(const boost::json::value& json, std::string_view pointer) {
  return std::string(json.at_pointer(pointer).as_string());
}
template <class Id>
[[nodiscard]] Id id_at(const boost::json::value& json, std::string_view pointer) {
  return Id::parse(text_at(json, pointer)).value();
}
// The example of what a route takes.
[[nodiscard]] inline boost::json::value example_for(std::string_view operation) {
  return route_of(operation).request.example();
}

class hub {
 public:
  hub() : folder_(make_folder()) {
    with.node_name = "node1";
    with.signing = crypto::signing_key::from_seed(crypto::secret::random());
    peer = crypto::signing_key::from_seed(crypto::secret::random());
    with.nodes = {{"node1", {with.signing.verify_key()}}, {"node2", {peer.verify_key()}}};
    with.now = [this] { return now; };
    with.started_at = now;
    with.metrics = std::make_unique<metrics>();
    with.feeds = std::make_unique<watchers>();
    with.credentials = std::make_unique<watchers>();
    with.activity = std::make_unique<activity>(now);
    with.links = std::make_unique<link_board>();
    with.registry = everything_registered();
    auto opened = storage::store::open({.folder = folder_ / "state", .map_bytes = 1U << 26}, crypto::secret::random());
    BOOST_REQUIRE(opened.has_value());
    with.store = std::move(*opened);
  }
  hub(const hub&) = delete;
  hub& operator=(const hub&) = delete;
  ~hub() {
    with.store.reset();
    std::error_code ignored;
    std::filesystem::remove_all(folder_, ignored);
  }

  [[nodiscard]] storage::snapshot read() const {
    auto snapshot = with.store->read();
    BOOST_REQUIRE(snapshot.has_value());
    return std::move(*snapshot);
  }
  domain::result<storage::committed> try_commit(const storage::change_set& changes) {
    const std::array batch{&changes};
    return with.store->commit(batch).front();
  }
  void commit(const storage::change_set& changes) { BOOST_REQUIRE(try_commit(changes).has_value()); }

  template <class Record>
  void damage(const storage::table<Record>& where, const std::string& key) {
    storage::change_set changes;
    changes.put(wear::damaged(where), key, {});
    commit(changes);
  }

  // Before, decide, commit, tell; what is to be done next stands in `following`.
  outcome perform(const shared_command& what) {
    auto wanted = what->before(with);
    if (!wanted) return std::unexpected(std::move(wanted.error()));
    auto decided = what->decide({with, read(), now, prepared_for(*wanted)});
    if (!decided) return std::unexpected(std::move(decided.error()));
    return settle(std::move(*decided));
  }
  outcome settle(ruling decided) {
    if (decided.changes) {
      if (decided.card) BOOST_REQUIRE(store_card(*decided.changes, read(), signed_card(*decided.card)).has_value());
      if (auto written = try_commit(*decided.changes); !written) return std::unexpected(std::move(written.error()));
    }
    for (const auto& each : decided.notices) tell(each);
    if (decided.refusal) return std::unexpected(std::move(*decided.refusal));
    return std::move(decided.answer);
  }
  // What follows of what was done, until nothing does.
  void follow() {
    while (!following.empty()) {
      const auto next = std::exchange(following, {});
      for (const auto& each : next) (void)perform(each);
    }
  }

  outcome ask(std::string_view operation, const request& from) {
    auto made = route_of(operation).make(with, from);
    if (!made) return std::unexpected(std::move(made.error()));
    return perform(*made);
  }
  [[nodiscard]] domain::result<shown> show(std::string_view operation, const request& asked) const {
    const auto snapshot = read();
    return route_of(operation).show({with, snapshot, now}, asked);
  }
  // Of a read or command that must succeed.
  boost::json::value asked(std::string_view operation, const request& from) {
    const auto result = ask(operation, from);
    BOOST_REQUIRE_MESSAGE(result.has_value(), std::string(operation) + ": " + (result ? "" : result.error().detail));
    return result->body.empty() ? boost::json::value{} : parsed(result->body);
  }
  [[nodiscard]] boost::json::value seen(std::string_view operation, const request& from) const {
    const auto result = show(operation, from);
    BOOST_REQUIRE_MESSAGE(result.has_value(), std::string(operation) + ": " + (result ? "" : result.error().detail));
    return parsed(result->body);
  }

  template <class Record>
  [[nodiscard]] std::optional<Record> row(const storage::table<Record>& where, const std::string& key) const {
    auto found = read().get(where, key);
    BOOST_REQUIRE(found.has_value());
    return std::move(*found);
  }
  template <class Record>
  [[nodiscard]] std::vector<Record> rows(const storage::table<Record>& where, const std::string& prefix = {}) const {
    std::vector<Record> all;
    const auto walked = read().scan(where, prefix, {}, storage::direction::forward,
                                    [&](std::string_view, domain::result<Record>&& one) {
                                      all.push_back(std::move(one.value()));
                                      return true;
                                    });
    BOOST_REQUIRE(walked.has_value());
    return all;
  }

  // As the janitor does: every deadline of the kind whose time has come becomes its command.
  [[nodiscard]] std::vector<shared_command> due(std::string_view kind) const {
    std::vector<shared_command> commands;
    const auto* known = with.registry.find_deadline_kind(kind);
    BOOST_REQUIRE(known != nullptr);
    const auto walked = read().scan(tables::due, deadline_prefix(kind), {}, storage::direction::forward,
                                    [&](std::string_view key, domain::result<storage::deadline_row>&& one) {
                                      const auto at = time_of_deadline(key, kind);
                                      if (at <= now) commands.push_back(known->make(at, one.value()));
                                      return at <= now;
                                    });
    BOOST_REQUIRE(walked.has_value());
    return commands;
  }
  [[nodiscard]] std::size_t deadlines(std::string_view kind) const {
    return rows(tables::due, deadline_prefix(kind)).size();
  }

  services with{};
  domain::time_point now = domain::time_point(std::chrono::milliseconds(1'795'000'000'000));  // in November 2026
  crypto::signing_key peer;                                                                   // of node2
  std::vector<shared_command> following{};                                                    // told, and not yet done
  std::size_t janitor_woken = 0;
  domain::result<file_examined> look = file_examined{.pages = 3};          // of the screening, at any file
  domain::result<paper_made> paper = paper_made{.pages = 4, .sheets = 2};  // of the postal office
  std::vector<std::string> posted{};                                       // letters it was asked to hand over
  std::vector<std::string> checked_against{};                              // hashes that passwords were checked against

 private:
  static std::filesystem::path make_folder() {
    BOOST_REQUIRE(crypto::start().has_value());
    std::string name = (std::filesystem::temp_directory_path() / "elsec-capabilities-XXXXXX").string();
    BOOST_REQUIRE(::mkdtemp(name.data()) != nullptr);
    return name;
  }

  // Argon2id, child processes and carriers are not what these tests are about.
  [[nodiscard]] prepared prepared_for(const preparation& wanted) {
    if (std::holds_alternative<examine_file>(wanted)) return look;
    if (std::holds_alternative<compose_paper>(wanted)) return paper;
    if (const auto* letter = std::get_if<submit_paper>(&wanted)) {
      posted.push_back(letter->letter.str());
      return paper;
    }
    if (const auto* hash = std::get_if<hash_password>(&wanted)) return password_hashed{"hash of " + hash->password};
    const auto* check = std::get_if<check_password>(&wanted);
    if (check == nullptr) return {};
    checked_against.push_back(check->encoded_hash);
    return password_checked{check->encoded_hash == "hash of " + check->password};
  }

  [[nodiscard]] domain::card_row signed_card(const domain::card& what) {
    domain::card_row made;
    made.version = ++card_version_;
    made.card = what;
    made.jws = "signed";
    return made;
  }

  void tell(const notice& what) {
    if (const auto* told = std::get_if<news>(&what))
      (*told)(with);
    else if (const auto* next = std::get_if<shared_command>(&what))
      following.push_back(*next);
    else
      ++janitor_woken;
  }

  std::filesystem::path folder_;
  std::uint64_t card_version_ = 0;
};

}  // namespace elsec::capabilities::testing
