// Actors that end although nobody has told them to.

#include "actors/node.hpp"
#include "tests/actors/commands.hpp"

namespace elsec::actors::testing {
namespace {

// What is no exception of ours either: nobody catches it before CAF does.
[[nodiscard]] scripted deadly() {
  return that([](const facts&) -> domain::result<ruling> { throw 1; });
}
[[nodiscard]] shared_command about(const std::string& object, scripted what) {
  what.about.object = object;
  return as_command(std::move(what));
}

// A child process that cannot even be spoken to.
struct broken_child : postal::pdf_service {
  domain::result<postal::inspection> inspect(std::span<const std::uint8_t>, const std::string&) override {
    throw std::runtime_error("inspect");
  }
  domain::result<postal::composed_letter> compose(const postal::cover&,
                                                  const std::vector<std::span<const std::uint8_t>>&) override {
    throw std::runtime_error("compose");
  }
};
struct broken_carrier : postal::carrier {
  [[nodiscard]] std::string name() const override { return "broken"; }
  domain::result<void> submit(const postal::ticket&, std::span<const std::uint8_t>) override { return {}; }
  domain::result<std::vector<postal::report>> poll() override { throw std::runtime_error("poll"); }
  domain::result<void> settle(const std::string&) override { return {}; }
};

// A node with all its actors.
struct living : stage {
  living() {
    open().stop_process = [this](const std::string& why) {
      stopped.push_back(why);
      die();
    };
    open().send = [](const std::string&, const transport::envelope&) { return transport::sent::queued; };
    open().policy.spool_poll = std::chrono::hours(1'000);
    const auto child = std::make_shared<broken_child>();
    node_tools tools{.screening_worker = child,
                     .postal = {child, std::make_shared<broken_carrier>()},
                     .peers = {"node1", "node2"},
                     .own_threads = false};
    all = spawn(actors::node, shared_services(with()->with), tools);
    run();
  }
  void check_stopped(const std::string& because) const {
    BOOST_REQUIRE(!stopped.empty());
    BOOST_TEST(stopped.front().starts_with(because + " has ended: "));
  }
  [[nodiscard]] std::string told(const std::string& name) const {
    const auto& result = answers.of(name);
    return result ? result->body : std::string(domain::name_of(result.error().code));
  }

  std::vector<std::string> stopped;
  node_actor all;
};

}  // namespace

BOOST_FIXTURE_TEST_SUITE(deaths_that_end_the_process, living)

BOOST_AUTO_TEST_CASE(nothing_ends_while_nothing_dies) {
  ask_now(all, "a", counting());
  pass_in_steps(std::chrono::minutes(1), 5);
  BOOST_TEST(told("a") == "1");
  BOOST_TEST(stopped.empty());
}

BOOST_AUTO_TEST_CASE(a_link_that_dies_ends_the_process) {
  open().send = [](const std::string&, const transport::envelope&) -> transport::sent {
    throw std::runtime_error("no");
  };
  tell(all, link_atom_v, std::string("node2"), true);
  check_stopped("the link to node2");
}

BOOST_AUTO_TEST_CASE(a_writer_that_dies_ends_the_process) {
  open().committed = [] { throw std::runtime_error("committed"); };
  ask_now(all, "a", counting());
  check_stopped("the state writer");
}

BOOST_AUTO_TEST_CASE(a_postal_office_that_dies_ends_the_process) {
  pass(std::chrono::hours(1'000));
  check_stopped("the postal office");
}

BOOST_AUTO_TEST_CASE(a_node_that_is_stopped_ends_nothing) {
  ask_now(all, "a", counting());
  tell(all, stop_atom_v);
  BOOST_TEST(stopped.empty());
}

BOOST_AUTO_TEST_SUITE_END()

BOOST_FIXTURE_TEST_SUITE(deaths_of_organisations, living)

BOOST_AUTO_TEST_CASE(an_organisations_actor_that_dies_is_there_again_for_the_next_command) {
  ask_now(all, "a", as_command(deadly()));
  ask_now(all, "b", counting());
  BOOST_TEST(told("a") == "internal");
  BOOST_TEST(told("b") == "1");
  BOOST_TEST(stopped.empty());
}

BOOST_AUTO_TEST_CASE(a_documents_actor_does_not_outlive_its_organisations) {
  ask_now(all, "a", about("doc_1", that(&one_more)));
  ask_now(all, "b", as_command(deadly()));
  ask_now(all, "c", about("doc_1", that(&one_more)));
  BOOST_TEST(told("c") == "2");
  BOOST_TEST(stopped.empty());
}

BOOST_AUTO_TEST_SUITE_END()

BOOST_FIXTURE_TEST_SUITE(deaths_of_documents, deciding)

BOOST_AUTO_TEST_CASE(a_documents_actor_that_dies_is_there_again_for_the_next_command) {
  ask_now(subject, "a", about("doc_1", deadly()));
  ask_now(subject, "b", about("doc_1", that(&one_more)));
  BOOST_CHECK(error_of("a") == error_code::internal);
  BOOST_TEST(body_of("b") == "1");
}

BOOST_AUTO_TEST_CASE(the_others_of_the_organisation_go_on) {
  writer.holds = true;
  ask_now(subject, "other", about("doc_2", that(&one_more)));
  ask_now(subject, "a", about("doc_1", deadly()));
  release_commit();
  BOOST_TEST(body_of("other") == "1");
}

BOOST_AUTO_TEST_SUITE_END()

}  // namespace elsec::actors::testing
