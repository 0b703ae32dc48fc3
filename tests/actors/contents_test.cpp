// What the janitor frees: contents that nobody works on and that no record names.

#include "actors/janitor.hpp"
#include "tests/actors/support.hpp"

namespace elsec::actors::testing {
namespace {

namespace tables = storage::tables;

constexpr auto announcing = "announcing";  // a kind of envelope whose files a transfer fetches

struct leftovers : stage {
  leftovers() {
    open().registry.wire_kinds = {{.name = announcing, .by_transfer = true}};
    all_ = std::make_shared<context>();
    all_->with = with()->with;
    all_->node = with()->node;
    all_->content_writer = spawn(&writer_of_contents, this);
    write({storage::store_chunks{left, 0, {domain::bytes(100)}}});
  }

  void write(const std::vector<storage::content_change>& changes) {
    std::vector<const storage::content_change*> batch;
    for (const auto& change : changes) batch.push_back(&change);
    BOOST_REQUIRE(open().content->commit(batch).has_value());
  }
  void release_content() { tell(all_->content_writer, flush_atom_v); }
  void start() {
    spawn(actors::janitor, shared_context(all_));
    run();
  }
  [[nodiscard]] bool exists() { return open().content->stored_chunks(left).value() > 0; }
  [[nodiscard]] std::size_t pending() { return open().content->list_pending(10).value().size(); }
  void announce(const std::string& key, const domain::bytes& body) {
    storage::change_set changes;
    changes.put(tables::inbound, key, {.kind = announcing, .id = {}, .body = body, .reason = {}});
    commit(changes);
  }

  crypto::content_id left{7};
  bool holds_back = false;  // the content writer's answers
  std::deque<std::function<void()>> held;

 private:
  static content_writer_actor::behavior_type writer_of_contents(content_writer_actor::pointer self, leftovers* where) {
    return {
        [self, where](const shared_content_work& work) {
          auto promise = self->make_response_promise<content_result>();
          const std::function<void()> settle = [where, work, promise]() mutable {
            where->write(work->changes);
            promise.deliver(content_result(content_written{}));
          };
          if (where->holds_back)
            where->held.push_back(settle);
          else
            settle();
          return promise;
        },
        [where](flush_atom) {
          where->held.front()();
          where->held.pop_front();
        },
        [](stop_atom) {},
    };
  }

  std::shared_ptr<context> all_;
};

}  // namespace

BOOST_FIXTURE_TEST_SUITE(contents_without_a_record, leftovers)

BOOST_AUTO_TEST_CASE(what_an_earlier_life_left_behind_is_freed) {
  start();
  BOOST_TEST(!exists());
  BOOST_TEST(pending() == 0U);
}

BOOST_AUTO_TEST_CASE(however_much_it_left_is_freed_without_waiting_for_a_tick_and_a_few_at_once) {
  std::vector<storage::content_change> changes;
  for (std::size_t i = 0; i < 2 * janitor_batch + 10; ++i) {
    const auto low = static_cast<std::uint8_t>(i % 256);
    const auto high = static_cast<std::uint8_t>(1 + i / 256);
    changes.push_back(storage::store_chunks{crypto::content_id{high, low}, 0, {domain::bytes(100)}});
  }
  write(changes);
  holds_back = true;
  start();
  std::size_t freed = 0;
  while (!held.empty()) {
    BOOST_REQUIRE(held.size() <= freeing_works_max);
    release_content();
    ++freed;
  }
  BOOST_TEST(freed == changes.size() + 1);
  BOOST_TEST(pending() == 0U);
}

BOOST_AUTO_TEST_CASE(what_an_upload_works_on_stays_however_long_it_takes_and_whatever_the_clock_says) {
  auto hold = open().contents->work_on(left);
  start();
  pass(std::chrono::hours(24 * 30));
  BOOST_TEST(exists());
  open().now = [early = now() - std::chrono::hours(24 * 300)] { return early; };
  pass_in_steps(janitor_tick, 2);
  BOOST_TEST(exists());
  hold.reset();
  pass(janitor_tick);
  BOOST_TEST(!exists());
}

BOOST_AUTO_TEST_CASE(what_a_record_names_is_settled) {
  storage::change_set changes;
  const std::string key(left.begin(), left.end());
  changes.put(tables::content_holders, storage::key_of(key, organisation(1), std::string("doc")), {});
  commit(changes);
  start();
  BOOST_TEST(exists());
  BOOST_TEST(pending() == 0U);
}

BOOST_AUTO_TEST_CASE(what_a_transfer_will_go_on_with_stays) {
  wire::announcement about;
  about.files.push_back({.content = left});
  announce("announced", codec::to_cbor(about));
  start();
  BOOST_TEST(exists());
  storage::change_set changes;
  changes.erase(tables::inbound, "announced");
  commit(changes);
  pass(janitor_tick);
  BOOST_TEST(!exists());
}

BOOST_AUTO_TEST_CASE(what_is_being_freed_is_not_worked_on_until_it_is_gone) {
  holds_back = true;
  start();
  BOOST_TEST(!open().contents->work_on(left));
  pass(janitor_tick);
  BOOST_REQUIRE(held.size() == 1U);  // not twice
  release_content();
  BOOST_TEST(!!open().contents->work_on(left));
}

BOOST_AUTO_TEST_CASE(those_behind_a_full_page_of_others_get_their_turn) {
  std::vector<content_board::hold> holds;
  for (std::size_t i = 0; i <= janitor_batch; ++i) {
    const crypto::content_id content{1, static_cast<std::uint8_t>(i / 256), static_cast<std::uint8_t>(i % 256)};
    write({storage::store_chunks{content, 0, {domain::bytes(100)}}});
    holds.push_back(open().contents->work_on(content));
  }
  start();
  pass(janitor_tick);
  BOOST_TEST(!exists());
}

BOOST_AUTO_TEST_SUITE_END()

BOOST_AUTO_TEST_SUITE(a_content_board)

BOOST_AUTO_TEST_CASE(many_work_on_a_content_and_none_while_it_is_freed) {
  content_board board;
  const crypto::content_id content{1};
  auto one = board.work_on(content);
  auto other = board.work_on(content);
  BOOST_TEST(!board.free(content));
  one.reset();
  BOOST_TEST(!board.free(content));
  other.reset();
  auto freed = board.free(content);
  BOOST_TEST(!!freed);
  BOOST_TEST(!board.free(content));
  BOOST_TEST(!board.work_on(content));
  BOOST_TEST(!!board.work_on(crypto::content_id{2}));
  freed.reset();
  BOOST_TEST(!!board.work_on(content));
}

BOOST_AUTO_TEST_SUITE_END()

}  // namespace elsec::actors::testing
