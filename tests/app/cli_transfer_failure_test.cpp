// What is said of a transfer that came to nothing: who is at fault, and what to do.
#include "app/cli/transfer_failure.hpp"

#include <boost/test/unit_test.hpp>

using namespace elsec::cli;

namespace {

const connection direct{{"node.example", "443"}, {}, {}, {}};
const connection behind{{"node.example", "443"}, {}, {}, proxy_url{"http", "proxy.example", "3128", "anna", "geheim"}};

struct row {
  const connection& with;
  transfer_end how;
  const char* title;
};

}  // namespace

BOOST_AUTO_TEST_SUITE(cli_transfer_failure)

BOOST_AUTO_TEST_CASE(who_kept_us_waiting_is_named) {
  const auto timed_out = [](bool name_found, bool request_begun, long connect_status) {
    return transfer_end{.code = CURLE_OPERATION_TIMEDOUT,
                        .connect_status = connect_status,
                        .name_found = name_found,
                        .request_begun = request_begun};
  };
  for (const auto& [with, how, title] : {
           row{direct, timed_out(false, false, 0), "The name of the node, node.example, cannot be resolved."},
           row{behind, timed_out(false, false, 0), "The name of the proxy, proxy.example, cannot be resolved."},
           row{direct, timed_out(true, false, 0), "https://node.example cannot be reached: it did not answer in time."},
           row{behind, timed_out(true, false, 0),
               "The proxy http://proxy.example:3128 cannot be reached: it did not answer in time."},
           row{behind, timed_out(true, false, 200),
               "https://node.example cannot be reached: it did not answer in time."},
           row{direct, timed_out(true, true, 0), "https://node.example did not answer in time."},
           row{behind, timed_out(true, true, 200), "https://node.example did not answer in time."},
       }) {
    const auto why = failure_of_transfer(with, how);
    BOOST_TEST(why.title == title);
    BOOST_TEST(why.connection_lost);
    BOOST_CHECK(why.code == exit_code::unreachable);
  }
}

BOOST_AUTO_TEST_CASE(where_a_connection_ended_is_told) {
  transfer_end how{.code = CURLE_RECV_ERROR, .name_found = true};
  const auto title = [&](const connection& with) { return failure_of_transfer(with, how).title; };
  BOOST_TEST(title(direct) == "https://node.example closed the connection while it was being secured.");
  BOOST_TEST(title(behind) ==
             "The proxy http://proxy.example:3128 closed the connection instead of answering to CONNECT.");
  how.connect_status = 200;
  BOOST_TEST(title(behind) == "https://node.example closed the connection while it was being secured.");
  how.request_begun = true;
  BOOST_TEST(title(behind) == "https://node.example closed the connection before it answered.");
  how.answer_begun = true;
  BOOST_TEST(title(behind) == "https://node.example closed the connection in the middle of its answer.");
}

BOOST_AUTO_TEST_CASE(an_answer_that_is_none_is_its_speakers_fault) {
  transfer_end how{.code = CURLE_WEIRD_SERVER_REPLY, .name_found = true};
  const auto from_proxy = failure_of_transfer(behind, how);
  BOOST_TEST(from_proxy.title == "The proxy http://proxy.example:3128 does not answer like a proxy.");
  BOOST_CHECK(from_proxy.code == exit_code::unreachable);
  how.connect_status = 200;
  const auto from_node = failure_of_transfer(behind, how);
  BOOST_TEST(from_node.title == "The node's answer is not proper HTTP.");
  BOOST_CHECK(from_node.code == exit_code::node_failed);
}

BOOST_AUTO_TEST_CASE(every_failure_has_a_next_step_and_no_credentials) {
  for (const auto& with : {direct, behind})
    for (const auto code : {CURLE_COULDNT_RESOLVE_HOST, CURLE_COULDNT_RESOLVE_PROXY, CURLE_COULDNT_CONNECT,
                            CURLE_OPERATION_TIMEDOUT, CURLE_PEER_FAILED_VERIFICATION, CURLE_SSL_CONNECT_ERROR,
                            CURLE_RECV_ERROR, CURLE_SEND_ERROR, CURLE_GOT_NOTHING, CURLE_FAILED_INIT})
      for (const long connect_status : {0L, 200L, 403L, 407L, 502L}) {
        const auto why = failure_of_transfer(
            with, {.code = code, .words = "words", .connect_status = connect_status, .tls_objection = true});
        BOOST_TEST_CONTEXT(why.title) {
          BOOST_TEST(why.detail.size() > 20U);
          for (const auto& text : {why.title, why.detail})
            BOOST_TEST((!text.contains("anna") && !text.contains("geheim")));
        }
      }
}

BOOST_AUTO_TEST_SUITE_END()
