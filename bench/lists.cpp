// How long the pages of lists and searches take, straight from the routes that show them: in a store with a million
// cards, and an organisation with a hundred thousand documents. Prints one line of JSON for each.

#include "bench/measure.hpp"
#include "bench/tls_client.hpp"
#include "capabilities/all.hpp"
#include "codec/json.hpp"
#include "crypto/random.hpp"
#include "decisions/card_index.hpp"
#include "decisions/dispatch_changes.hpp"
#include "decisions/document_index.hpp"

#include <boost/json/parse.hpp>
#include <boost/json/serialize.hpp>
#include <fmt/format.h>

#include <filesystem>
#include <map>
#include <random>
#include <stdexcept>

namespace elsec::bench {
namespace {

using namespace decisions;
namespace tables = storage::tables;

constexpr int cards = 1'000'000;
constexpr int documents = 100'000;
constexpr int cards_per_commit = 2'000;
constexpr int documents_per_commit = 500;
constexpr int pages_each = 300;  // of every list, from the start and on behind cursors
constexpr int pages_in_a_row = 20;

template <class Value>
Value must(domain::result<Value> result) {
  if (!result) throw std::runtime_error(result.error().detail);
  if constexpr (!std::is_void_v<Value>) return std::move(*result);
}

// The same store every time.
class dice {
 public:
  int below(int end) { return static_cast<int>(random_() % static_cast<unsigned>(end)); }
  bool one_in(int count) { return below(count) == 0; }
  // Of `count`, the first far more often than the last: as words and towns are.
  int skewed(int count) {
    const double part = static_cast<double>(random_()) / 4294967296.0;
    return static_cast<int>(static_cast<double>(count) * part * part * part);
  }
  std::string word(int number) {
    static constexpr std::string_view syllables[] = {"ba", "le", "mo", "ri", "su", "ta", "ne", "ko", "di", "wu"};
    std::string made;
    for (int rest = number + 100; rest > 0; rest /= 10) made += syllables[rest % 10];
    return made;
  }

 private:
  std::mt19937 random_{20261128};
};

struct store {
  services with;
  domain::principal one{};
  domain::time_point now{std::chrono::milliseconds(1'795'000'000'000)};
  dice random;

  explicit store(const std::string& folder) {
    with.node_name = "node1";
    const auto key = must(crypto::secret::from(crypto::sha256("elsec bench lists")));
    with.signing = crypto::signing_key::from_seed(key);
    with.now = [this] { return now; };
    with.metrics = std::make_unique<decisions::metrics>();
    with.store = must(storage::store::open({.folder = folder}, key, state_schema()));
    one.organisation_id = domain::organisation_id::make(now, {1});
  }

  void commit(const storage::change_set& changes) {
    const storage::change_set* const alone = &changes;
    if (auto done = std::move(with.store->commit({&alone, 1}).front()); !done)
      throw std::runtime_error(done.error().detail);
  }
  [[nodiscard]] storage::snapshot read() const { return must(with.store->read()); }

  template <class Id>
  Id next_id() {
    now += std::chrono::milliseconds(1);
    return crypto::new_id<Id>(now);
  }

  // --- what is in it ---

  domain::card_row next_card(std::uint64_t version) {
    domain::card_row row;
    row.version = version;
    row.card.id = next_id<domain::organisation_id>();
    row.card.name = fmt::format("{} {} {}", random.one_in(3) ? "Praxis" : "Klinik", random.word(random.skewed(20'000)),
                                random.word(random.skewed(2'000)));
    row.card.sector = static_cast<domain::sector>(random.skewed(14));
    row.card.address.city = *domain::text<1, 80>::parse(random.word(random.skewed(5'000)));
    row.card.address.postal_code = *domain::text<1, 20>::parse(fmt::format("{:05}", 1'000 + random.below(98'000)));
    row.card.can_receive = random.one_in(20);
    row.card.node = "node2";
    row.jws = std::string(900, 'j');
    return row;
  }
  void fill_cards() {
    for (int done = 0; done < cards; done += cards_per_commit) {
      storage::change_set changes;
      const auto snapshot = read();
      for (int i = 0; i < cards_per_commit; ++i)
        must(store_card(changes, snapshot, next_card(static_cast<std::uint64_t>(done + i + 1))));
      commit(changes);
    }
  }

  domain::document_row next_document() {
    domain::document_row row;
    row.id = next_id<domain::document_id>();
    row.filename = "Entlassungsbrief.pdf";
    row.media_type = "application/pdf";
    row.size = 200'000;
    row.sha256 = crypto::to_hex(crypto::sha256(row.id.str()));
    row.screening = domain::screening::clean;
    row.created_at = now;
    row.closes_at = now + std::chrono::days(30);
    if (random.one_in(2)) {
      row.state = domain::document_state::received;
      row.closes_because = domain::close_reason::retention;
      row.from = domain::correspondent{.organisation_id = one.organisation_id, .name = "Pflegeheim Lindenhof"};
      row.read = !random.one_in(1'000);
      row.class_ = random.one_in(1'000) ? "Rare" : fmt::format("Class {}", random.below(20));
    }
    if (random.one_in(5'000)) row.state = domain::document_state::quarantined;
    return row;
  }
  void send(storage::change_set& changes, domain::document_row& document) {
    domain::become_dispatched(document, document.closes_at);
    domain::dispatch_row row;
    row.id = next_id<domain::dispatch_id>();
    row.route = domain::route::electronic;
    row.recipient_node = "node2";
    row.recipient.name = "Pflegeheim Lindenhof";
    row.document_id = document.id;
    row.client_ref = row.id.str();
    row.created_at = now;
    dispatch_changes sending(changes, with, one.organisation_id, document);
    sending.accept(row);
    sending.happen(row, domain::gone_wrong{"no reason"});
  }
  void fill_documents() {
    storage::change_set founding;
    founding.found(one.organisation_id);
    commit(founding);
    for (int done = 0; done < documents; done += documents_per_commit) {
      storage::change_set changes;
      for (int i = 0; i < documents_per_commit; ++i) {
        auto document = next_document();
        if (!document.from && !random.one_in(50)) send(changes, document);
        // Most have been here for long: they are closed, as after their retention.
        if (!random.one_in(3)) document.state = domain::document_state::closed;
        insert_document(changes, with, one.organisation_id, document);
      }
      commit(changes);
    }
  }

  // --- how long its pages take ---

  [[nodiscard]] static const capabilities::route& route_of(std::string_view id) {
    for (const auto& capability : capabilities::all())
      for (const auto& each : capability.routes)
        if (each.id == id) {
          static std::map<std::string_view, capabilities::route> known;
          return known.emplace(id, each).first->second;
        }
    throw std::runtime_error("no such list");
  }
  static void go_on(boost::json::object& query, std::string_view operation, const boost::json::string& cursor) {
    if (operation == "list_events")
      query["after"] = std::stoll(std::string(cursor));
    else
      query["cursor"] = cursor;
  }
  void measure(const std::string& name, std::string_view operation,
               const std::function<boost::json::object(dice&)>& ask, int limit) {
    const auto& route = route_of(operation);
    delays took;
    std::size_t items = 0;
    while (took.count() < pages_each) {
      capabilities::request asked{.who = one};
      asked.query = ask(random);
      asked.query["limit"] = limit;
      for (int page = 0; page < pages_in_a_row && took.count() < pages_each; ++page) {
        const auto start = clock::now();
        const auto shown = [&] {
          const auto snapshot = read();
          return must(route.show({with, snapshot, now}, asked));
        }();
        took.add(seconds_since(start));
        const auto body = boost::json::parse(shown.body);
        items += body.at("items").as_array().size();
        if (body.at("next_cursor").is_null()) break;
        go_on(asked.query, operation, body.at("next_cursor").as_string());
      }
    }
    fmt::print(R"({{"name":"{}","limit":{},"pages":{},"items":{},"p50_ms":{:.3f},"p99_ms":{:.3f}}})"
               "\n",
               name, limit, took.count(), items, took.percentile_ms(0.50), took.percentile_ms(0.99));
  }
};

using boost::json::object;

void measure_all(store& in, int limit) {
  const auto documents_of = [&](const std::string& name, object query) {
    in.measure(name, "list_documents", [query](dice&) { return query; }, limit);
  };
  documents_of("documents", {});
  documents_of("documents: inbox", {{"box", "inbox"}});
  documents_of("documents: inbox, unread", {{"box", "inbox"}, {"unread", true}});
  documents_of("documents: outbox", {{"box", "outbox"}});
  documents_of("documents: drafts", {{"box", "drafts"}});
  documents_of("documents: quarantined", {{"state", "quarantined"}});
  documents_of("documents: closed", {{"state", "closed"}});
  documents_of("documents: rare class", {{"class", "Rare"}});
  documents_of("documents: rare class, unread", {{"class", "Rare"}, {"unread", true}});
  in.measure("dispatches", "list_dispatches", [](dice&) { return object{}; }, limit);
  in.measure("dispatches: failed", "list_dispatches", [](dice&) { return object{{"state", "failed"}}; }, limit);
  in.measure("dispatches: none", "list_dispatches", [](dice&) { return object{{"state", "expired"}}; }, limit);
  in.measure("events", "list_events", [](dice&) { return object{}; }, limit);
  const auto search = [&](const std::string& name, const std::function<object(dice&)>& ask) {
    in.measure("directory: " + name, "search_directory", ask, limit);
  };
  const auto some_word = [](dice& random) { return random.word(random.below(2'000)); };
  search("everybody", [](dice&) { return object{}; });
  search("a word of most", [](dice&) { return object{{"query", "klinik"}}; });
  search("one letter", [](dice&) { return object{{"query", "k"}}; });
  search("a word", [&](dice& random) { return object{{"query", some_word(random)}}; });
  search("two words", [&](dice& random) { return object{{"query", some_word(random) + " " + some_word(random)}}; });
  search("two words of many", [](dice& random) { return object{{"query", "klinik " + random.word(0)}}; });
  search("nobody", [](dice&) { return object{{"query", "klinik zzz"}}; });
  search("a word, sector", [&](dice& random) { return object{{"query", some_word(random)}, {"sector", "hospice"}}; });
  search("a word of most, rare sector", [](dice&) { return object{{"query", "klinik"}, {"sector", "other"}}; });
  search("sector", [](dice&) { return object{{"sector", "other"}}; });
  search("sector, can receive", [](dice&) { return object{{"sector", "practice"}, {"can_receive", true}}; });
  search("postal code",
         [](dice& random) { return object{{"postal_code", fmt::format("{:05}", 1'000 + random.below(98'000))}}; });
  search("region, can receive", [](dice& random) {
    return object{{"postal_code", fmt::format("{:02}", 10 + random.below(80))}, {"can_receive", true}};
  });
  search("IK of nobody", [](dice&) { return object{{"ik", "260326822"}}; });
}

int run(const std::string& folder) {
  if (!crypto::start()) return 1;
  const auto complete = std::filesystem::path(folder) / "complete";
  if (!std::filesystem::exists(complete)) std::filesystem::remove_all(folder);
  store in(folder);
  if (!std::filesystem::exists(complete)) {
    const auto start = clock::now();
    in.fill_cards();
    in.fill_documents();
    const auto snapshot = in.read();
    fmt::print(stderr, "filled a store with {} cards and {} documents in {:.0f} s\n",
               must(snapshot.rows_of(tables::cards.name)), must(snapshot.rows_of(tables::documents.name)),
               seconds_since(start));
    std::filesystem::create_directory(complete);
  }
  for (const int limit : {50, 500}) measure_all(in, limit);
  return 0;
}

}  // namespace
}  // namespace elsec::bench

int main(int count, char** words) {
  if (count == 2) try {
      return elsec::bench::run(words[1]);
    } catch (const std::exception& failure) {
      fmt::print(stderr, "{}\n", failure.what());
      return 1;
    }
  fmt::print(stderr, "elsec-bench-lists FOLDER\n");
  return 2;
}
