// R14: how many uploads an organisation, an address and all together have under way, and that each place comes back.

#include "gateway/backend.hpp"
#include "gateway/streams/streams.hpp"
#include "tests/actors/support.hpp"
#include "tests/gateway/fair_listener.hpp"

using namespace elsec;
using namespace elsec::gateway;
using namespace elsec::gateway::testing;

namespace {

// Takes everything.
actors::upload_actor::behavior_type upload_double(actors::upload_actor::pointer, happenings* seen) {
  return {[](const actors::upload_block&) -> actors::done { return {}; },
          [](const actors::finish_upload&) -> decisions::outcome { return decisions::answered{201, "{}", {}}; },
          [seen](const actors::abort_upload&) { seen->note("aborted"); }};
}

actors::node_actor::behavior_type uploading_node(actors::node_actor::pointer self, happenings* seen) {
  return {
      [](const decisions::shared_command&) -> decisions::outcome { return domain::fail(domain::error_code::internal); },
      [self, seen](const actors::begin_upload&) -> actors::upload_started { return self->spawn(&upload_double, seen); },
      [](const actors::incoming_transfer&) -> actors::done { return {}; },
      [](actors::idle_atom, const domain::organisation_id&, std::uint64_t) {},
      [](const actors::shared_envelope&) {},
      [](actors::link_atom, const std::string&, bool) {},
      [](actors::stop_atom) { return caf::unit; }};
}

struct actor_types : caf::actor_system_config {
  actor_types() { add_message_types<caf::id_block::elsec>(); }
};

// The token is the organisation's number.
domain::result<domain::principal> member(std::string_view token) {
  domain::principal who;
  who.organisation_id = actors::testing::organisation(static_cast<std::uint8_t>(token.front() - '0'));
  who.scopes.emplace_back(domain::scope::documents_write);
  return who;
}

struct uploads_of_clinics {
  explicit uploads_of_clinics(limits bounds) {
    with->metrics = std::make_unique<decisions::metrics>();
    node = system.spawn(&uploading_node, &seen);
    const auto api = std::make_shared<const backend>(
        backend{with, std::make_shared<const actors::queries>(with), &system, node, bounds});
    capabilities::route what{.method = "POST", .path = "/documents", .id = "upload_document", .summary = "Upload"};
    what.need = access::scoped;
    what.scope = domain::scope::documents_write;
    what.body = body_kind::raw;
    const auto routes = std::make_shared<const router>(std::vector<route>{{what, on(api, &upload_document)}}, 1'000,
                                                       &member, [](std::string_view) { return false; });
    listener_options options;
    options.bounds = bounds;
    listener = server::start(options, tls_identity::load(own.files()).value(), [routes](exchange& http) {
                 return (*routes)(http);
               }).value();
  }
  ~uploads_of_clinics() {
    listener.reset();
    caf::anon_send_exit(node, caf::exit_reason::kill);
  }
  uploads_of_clinics(const uploads_of_clinics&) = delete;
  uploads_of_clinics& operator=(const uploads_of_clinics&) = delete;

  static std::string head(char tenant) {
    return fmt::format(
        "POST /documents HTTP/1.1\r\nHost: localhost\r\nAuthorization: Bearer {}\r\nContent-Type: text/plain\r\n"
        "Elsec-Filename: a.txt\r\nContent-Length: 10\r\nExpect: 100-continue\r\n\r\n",
        tenant);
  }
  // One that is under way, and waits for its bytes.
  [[nodiscard]] std::unique_ptr<client> begun(char tenant, const char* from = "127.0.0.1") const {
    auto made = std::make_unique<client>(listener->port(), from);
    BOOST_REQUIRE(made->ask(head(tenant)).status == 100U);
    return made;
  }
  [[nodiscard]] answer asked(char tenant, const char* from = "127.0.0.1") const {
    return client(listener->port(), from).ask(head(tenant));
  }
  [[nodiscard]] bool has_refused(std::string_view reason) const {
    return with->metrics->text().contains(fmt::format("elsec_http_refusals_total{{reason=\"{}\"}} 1", reason));
  }

  mutable happenings seen;
  certificate own;
  std::shared_ptr<decisions::services> with = std::make_shared<decisions::services>();
  actor_types configuration;
  caf::actor_system system{configuration};
  actors::node_actor node;
  std::unique_ptr<server> listener;
};

void two_of_a_tenant(limits& bounds) { bounds.uploads_per_tenant_max = 2; }

limits changed(void (*change)(limits&)) {
  limits bounds;
  change(bounds);
  return bounds;
}

}  // namespace

BOOST_AUTO_TEST_SUITE(upload_caps)

BOOST_AUTO_TEST_CASE(an_organisation_has_so_many_uploads_under_way_and_each_that_ends_makes_room) {
  const uploads_of_clinics node(changed(&two_of_a_tenant));
  const auto one = node.begun('1');
  const auto two = node.begun('1');
  const auto refusal = node.asked('1');
  BOOST_TEST(refusal.status == 429U);
  BOOST_TEST(refusal.field("Retry-After").has_value());
  BOOST_TEST(refusal.body.contains("when one of them is done"));
  BOOST_TEST(node.has_refused("uploads_of_tenant"));
  BOOST_TEST(node.begun('2')->ask("0123456789").status == 201U);
  BOOST_TEST(one->ask("0123456789").status == 201U);
  BOOST_TEST(node.begun('1')->ask("0123456789").status == 201U);
  BOOST_TEST(node.begun('1')->ask("0123456789").status == 201U);
}

BOOST_AUTO_TEST_CASE(an_upload_that_breaks_off_makes_room_and_is_given_up) {
  const uploads_of_clinics node(changed(+[](limits& bounds) { bounds.uploads_per_tenant_max = 1; }));
  node.begun('1').reset();
  node.seen.wait_for("aborted", 1);
  unsigned status = 0;
  for (int tries = 0; tries < 1'000 && status != 100; ++tries) status = node.asked('1').status;
  BOOST_TEST(status == 100U);
}

BOOST_AUTO_TEST_CASE(uploads_of_all_together_have_a_cap) {
  const uploads_of_clinics node(changed(+[](limits& bounds) { bounds.uploads_max = 1; }));
  const auto one = node.begun('1');
  const auto refusal = node.asked('2');
  BOOST_TEST(refusal.status == 503U);
  BOOST_TEST(refusal.field("Retry-After").has_value());
  BOOST_TEST(node.has_refused("uploads"));
  BOOST_TEST(one->ask("0123456789").status == 201U);
  BOOST_TEST(node.begun('2')->ask("0123456789").status == 201U);
}

BOOST_AUTO_TEST_CASE(slow_uploads_of_an_address_and_a_network_have_caps) {
  auto bounds = changed(+[](limits& all) {
    all.body_prompt = 0ms;
    all.slowed_max = 0ms;
    all.uploads_per_address_max = 1;
    all.uploads_per_network_max = 2;
  });
  const uploads_of_clinics node(bounds);
  const auto one = node.begun('1', "127.0.0.2");
  const auto of_address = node.begun('2', "127.0.0.2")->receive();
  BOOST_TEST(of_address.status == 429U);
  BOOST_TEST(of_address.field("Retry-After").has_value());
  const auto two = node.begun('1', "127.0.0.3");
  BOOST_TEST(node.begun('2', "127.0.0.4")->receive().status == 429U);
  BOOST_TEST(node.begun('2', "127.0.1.4")->ask("0123456789").status == 201U);
  BOOST_TEST(one->ask("0123456789").status == 201U);
  BOOST_TEST(node.begun('2', "127.0.0.2")->ask("0123456789").status == 201U);
}

BOOST_AUTO_TEST_CASE(an_upload_that_is_done_promptly_counts_for_no_address) {
  const uploads_of_clinics node(changed(+[](limits& bounds) {
    bounds.body_prompt = 1h;
    bounds.uploads_per_address_max = 0;
  }));
  BOOST_TEST(node.begun('1')->ask("0123456789").status == 201U);
}

BOOST_AUTO_TEST_CASE(an_upload_takes_no_place_of_other_requests) {
  const uploads_of_clinics node(changed(+[](limits& bounds) { bounds.requests_in_flight_max = 0; }));
  BOOST_TEST(node.begun('1')->ask("0123456789").status == 201U);
}

BOOST_AUTO_TEST_SUITE_END()
