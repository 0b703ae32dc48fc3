#include "transport/self_test.hpp"

#include "tests/transport/support.hpp"

#include <boost/test/unit_test.hpp>

namespace elsec::transport {
namespace {

struct bench {
  explicit bench(zap_decision decide)
      : net(test::quick("a")), zap(net.context, std::move(decide)), router(make_router(net)) {}
  wire net;
  zap_handler zap;
  zmq::socket_t router;
};

// "Enforce" without a domain is no enforcement: CURVE then lets everyone in.
zmq::socket_t router_without_domain(wire& net) {
  constexpr zmq::sockopt::integral_option<93, int, true> enforce_domain{};
  zmq::socket_t router(net.context, zmq::socket_type::router);
  const auto secret_key = net.keys.secret_key.view();
  router.set(zmq::sockopt::linger, 0);
  router.set(zmq::sockopt::curve_secretkey, zmq::buffer(secret_key.data(), secret_key.size()));
  router.set(zmq::sockopt::curve_server, true);
  router.set(enforce_domain, true);
  return router;
}

std::expected<std::string, refusal> nobody(const zap_request&) { return std::unexpected(refusal::unknown_key); }
std::expected<std::string, refusal> anyone(const zap_request&) { return "b"; }

}  // namespace

BOOST_AUTO_TEST_SUITE(wrong_key_self_test)

BOOST_AUTO_TEST_CASE(R12_it_passes_when_unknown_keys_are_refused_and_leaves_no_port_open) {
  bench set(nobody);
  BOOST_TEST(prove_wrong_key_refused(set.net, set.zap, set.router).has_value());
  set.router.bind(test::any_port);
  BOOST_TEST((set.router.get(zmq::sockopt::events) & ZMQ_POLLIN) == 0);
}

BOOST_AUTO_TEST_CASE(R12_it_fails_when_the_handler_admits_anyone) {
  bench set(anyone);
  const auto proof = prove_wrong_key_refused(set.net, set.zap, set.router);
  BOOST_REQUIRE(!proof.has_value());
  BOOST_TEST((proof.error().code == domain::error_code::internal));
}

BOOST_AUTO_TEST_CASE(R12_it_fails_when_libzmq_does_not_ask_the_handler) {
  bench set(nobody);
  set.router = router_without_domain(set.net);
  const auto proof = prove_wrong_key_refused(set.net, set.zap, set.router);
  BOOST_REQUIRE(!proof.has_value());
  BOOST_TEST((proof.error().code == domain::error_code::internal));
}

BOOST_AUTO_TEST_CASE(R12_it_fails_when_the_socket_is_not_encrypted) {
  bench set(nobody);
  set.router.set(zmq::sockopt::curve_server, false);
  const auto proof = prove_wrong_key_refused(set.net, set.zap, set.router);
  BOOST_REQUIRE(!proof.has_value());
  BOOST_TEST((proof.error().code == domain::error_code::internal));
}

BOOST_AUTO_TEST_SUITE_END()

}  // namespace elsec::transport
