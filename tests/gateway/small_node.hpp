#pragma once
// A node with one organisation and one received document behind a listener; what is to be recorded goes to a double.

#include "capabilities/all.hpp"
#include "decisions/content_keys.hpp"
#include "gateway/server.hpp"
#include "gateway/tables.hpp"
#include "tests/actors/support.hpp"
#include "tests/gateway/client.hpp"

namespace elsec::gateway::testing {

namespace tables = storage::tables;

inline const auto owner = actors::testing::organisation(1);
inline constexpr std::string_view letter_words = "the words of a letter";

struct actors_of_test : caf::actor_system_config {
  actors_of_test() { add_message_types<caf::id_block::elsec>(); }
};

class temporary_folder {
 public:
  temporary_folder() {
    std::string name = (std::filesystem::temp_directory_path() / "elsec-gateway-XXXXXX").string();
    BOOST_REQUIRE(::mkdtemp(name.data()) != nullptr);
    path = name;
  }
  ~temporary_folder() {
    std::error_code ignored;
    std::filesystem::remove_all(path, ignored);
  }
  temporary_folder(const temporary_folder&) = delete;
  temporary_folder& operator=(const temporary_folder&) = delete;

  std::filesystem::path path;
};

struct small_node {
  small_node() {
    open_services();
    receive_document();
    node = system.spawn(actors::testing::node_double, &desk, with.get());
    const auto api = std::make_shared<const gateway::backend>(
        gateway::backend{with, std::make_shared<const actors::queries>(with), &system, node, {}});
    const auto routes = std::make_shared<const gateway::router>(
        gateway::public_table(api, {}), 1'000,
        [this](std::string_view) {
          auto who = reader();
          authenticated();
          return who;
        },
        [](std::string_view) { return false; });
    listener =
        gateway::server::start({}, gateway::tls_identity::load(own.files()).value(), [routes](gateway::exchange& http) {
          return (*routes)(http);
        }).value();
  }
  ~small_node() {
    listener.reset();
    caf::anon_send_exit(node, caf::exit_reason::kill);
  }
  small_node(const small_node&) = delete;
  small_node& operator=(const small_node&) = delete;

  // A request without a body, as bytes; `fields` is made of whole lines.
  static std::string request_for(const std::string& method, const std::string& path, const std::string& fields = {}) {
    return method + " /api/v1" + path + " HTTP/1.1\r\nHost: localhost\r\nAuthorization: Bearer reader\r\n" + fields +
           "\r\n";
  }
  [[nodiscard]] std::string content_path() const { return "/documents/" + document.id.str() + "/content"; }
  [[nodiscard]] answer download() const { return client(listener->port()).ask(request_for("GET", content_path())); }

  // The owner's feed goes on by one event.
  void publish(std::string_view type) {
    storage::change_set changes;
    changes.publish(owner, {.type = std::string(type), .at = with->now(), .document_id = document.id});
    commit(changes);
    with->feeds->notify(owner.str());
  }

  // The reader's credential ends, as a revocation ends it.
  void revoke() {
    storage::change_set changes;
    changes.erase(tables::credentials, credential);
    commit(changes);
    with->credentials->notify(credential);
  }

  static constexpr auto credential = "the reader's credential";
  std::function<void()> authenticated = [] {};  // between that and the handler
  std::atomic<domain::time_point> now = domain::time_point(std::chrono::milliseconds(1'795'000'000'000));
  certificate own;
  temporary_folder folder;
  std::shared_ptr<decisions::services> with = std::make_shared<decisions::services>();
  domain::document_row document;
  actors::testing::node_desk desk;
  actors_of_test configuration;
  caf::actor_system system{configuration};
  actors::node_actor node;
  std::unique_ptr<gateway::server> listener;

  // These are the document's bytes from now on.
  void store(const domain::bytes& plain) {
    const auto key = crypto::secret::random();
    const auto content = crypto::new_content_id();
    storage::store_chunks chunks{content, 0, {}};
    for (std::size_t at = 0; at < plain.size(); at += crypto::chunk_plain_max)
      chunks.chunks.push_back(crypto::seal_chunk(
          key, content, static_cast<std::uint32_t>(chunks.chunks.size()),
          std::span(plain).subspan(at, std::min<std::size_t>(crypto::chunk_plain_max, plain.size() - at))));
    const storage::content_change change(std::move(chunks));
    const storage::content_change* const one = &change;
    BOOST_REQUIRE(with->content->commit({&one, 1}).has_value());
    document.size = plain.size();
    document.sha256 = crypto::to_hex(crypto::sha256(plain));
    document.content =
        decisions::wrap_content_key(*with, owner, document.id, content, key, with->slots->create().value()).value();
    storage::change_set changes;
    changes.put(tables::documents, storage::key_of(owner, document.id), document);
    commit(changes);
  }

 private:
  static domain::result<domain::principal> reader() {
    domain::principal who;
    who.organisation_id = owner;
    who.credential = credential;
    who.scopes.emplace_back(domain::scope::documents_read);
    who.scopes.emplace_back(domain::scope::account_write);
    return who;
  }
  void open_services() {
    BOOST_REQUIRE(crypto::start().has_value());
    with->node_name = "node1";
    with->now = [this] { return now.load(); };
    with->since_boot = [this] { return now.load().time_since_epoch(); };
    with->metrics = std::make_unique<decisions::metrics>();
    with->feeds = std::make_unique<decisions::watchers>();
    with->credentials = std::make_unique<decisions::watchers>();
    with->signing = crypto::signing_key::from_seed(crypto::secret::random());
    with->store = std::move(storage::store::open({.folder = folder.path / "state", .map_bytes = 1U << 26},
                                                 crypto::secret::random()))
                      .value();
    with->content = std::move(storage::content_store::open(folder.path / "content", 1U << 26)).value();
    with->slots =
        std::move(crypto::slot_file::open({.path = folder.path / "slots", .mirror_path = {}, .any_file_system = true},
                                          crypto::secret::random()))
            .value();
  }
  void receive_document() {
    document.id = crypto::new_id<domain::document_id>(with->now());
    document.filename = "brief.txt";
    document.media_type = "text/plain";
    document.state = domain::document_state::received;
    document.from = domain::correspondent{.organisation_id = actors::testing::organisation(2), .name = "Klinik"};
    storage::change_set founded;
    founded.found(owner);
    commit(founded);
    storage::change_set changes;
    changes.put(tables::credentials, credential,
                {.organisation_id = owner, .roles = {}, .scopes = {}, .csrf_token = {}});
    commit(changes);
    store({letter_words.begin(), letter_words.end()});
  }
  void commit(const storage::change_set& changes) {
    const storage::change_set* const one = &changes;
    BOOST_REQUIRE(with->store->commit({&one, 1}).front().has_value());
  }
};

}  // namespace elsec::gateway::testing
