// The listener over real TLS: framing, limits, time budgets, and its end.

#include "gateway/server.hpp"

#include "gateway/fields.hpp"
#include "gateway/problem.hpp"
#include "tests/gateway/client.hpp"

#include <boost/asio/steady_timer.hpp>
#include <boost/asio/this_coro.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <boost/test/data/test_case.hpp>
#include <boost/test/unit_test.hpp>
#include <fmt/format.h>

#include <algorithm>
#include <atomic>
#include <future>
#include <mutex>
#include <utility>

using namespace elsec;
using namespace elsec::gateway;
using elsec::gateway::testing::certificate;
using elsec::gateway::testing::client;
using namespace std::chrono_literals;

namespace {

constexpr std::size_t echo_max = 4U << 20;

// What the handlers of one server share with the test.
struct switches {
  std::atomic<int> arrived{0};
  std::atomic<bool> pieces_wanted{true};
  std::atomic<bool> pieces_over{false};
  std::promise<void> entered;
  std::mutex mutex;
  std::function<void()> let_go;  // of the waiting handler
};

asio::awaitable<bool> three_pieces(body_writer& out) {
  bool taken = true;
  for (const auto* piece : {"one ", "two ", "three"}) taken = co_await out.write(piece);
  co_return taken;
}

asio::awaitable<bool> half_a_body(body_writer& out) {
  co_await out.write("half");
  co_return false;
}

asio::awaitable<bool> endless_pieces(body_writer& out) {
  const std::string piece(1U << 20, 'x');
  bool taken = true;
  while (taken) taken = co_await out.write(piece);
  co_return false;
}

// Costs the server more than it costs the client to read, so that the client always keeps up.
asio::awaitable<bool> laborious_pieces(std::shared_ptr<switches> shared, body_writer& out) {
  const auto end = std::chrono::steady_clock::now() + 5s;
  bool taken = true;
  while (taken && shared->pieces_wanted && std::chrono::steady_clock::now() < end) {
    std::string piece(1U << 16, 'x');
    for (int i = 0; i < 100; ++i) std::ranges::reverse(piece);
    taken = co_await out.write(piece);
  }
  shared->pieces_over = true;
  co_return taken;
}

asio::awaitable<bool> events_nobody_reads(std::shared_ptr<switches> shared, body_writer& out) {
  const std::string event(1U << 12, 'x');
  bool taken = true;
  while (taken) taken = co_await out.write(event);
  co_await out.write_last("cut off");
  shared->entered.set_value();
  co_return false;
}

asio::awaitable<bool> until_stopped(std::shared_ptr<wake_signal> wake, body_writer& out) {
  out.wake_on_stop(wake);
  bool taken = co_await out.write("open");
  while (taken && !out.stopping()) co_await wake->wait_until(std::chrono::steady_clock::time_point::max());
  taken = co_await out.write("bye");
  co_return taken;
}

response text(std::string body) {
  response result;
  result.content_type = "text/plain";
  result.body = std::move(body);
  return result;
}

response produced(body_producer producer) {
  auto result = text("");
  result.producer = std::move(producer);
  return result;
}

asio::awaitable<response> wait_for_test(std::shared_ptr<switches> shared, exchange& http) {
  const auto wake = std::make_shared<wake_signal>(http.executor);
  {
    const std::scoped_lock lock(shared->mutex);
    shared->let_go = wake->remote(http.anchor.lock());
  }
  shared->entered.set_value();
  co_await wake->wait_until(std::chrono::steady_clock::now() + 20s);
  co_return text("late");
}

asio::awaitable<response> serve(std::shared_ptr<switches> shared, exchange& http) {
  ++shared->arrived;
  const auto& target = http.head.target;
  if (target == "/echo") {
    auto body = co_await http.body.read_all(echo_max);
    co_return body ? text(std::move(*body)) : problem_of(body.error());
  }
  if (target == "/pieces") co_return produced(&three_pieces);
  if (target == "/half") co_return produced(&half_a_body);
  if (target == "/flood") co_return produced(&endless_pieces);
  if (target == "/laborious") co_return produced([shared](body_writer& out) { return laborious_pieces(shared, out); });
  if (target == "/unread") {
    auto result = produced([shared](body_writer& out) { return events_nobody_reads(shared, out); });
    result.endless = true;
    co_return result;
  }
  if (target == "/throw") throw std::runtime_error("a defect");
  if (target == "/wait") co_return co_await wait_for_test(shared, http);
  if (target == "/stream") {
    const auto wake = std::make_shared<wake_signal>(http.executor);
    auto result = produced([wake](body_writer& out) { return until_stopped(wake, out); });
    result.endless = true;
    co_return result;
  }
  if (target == "/refuse") co_return problem_of({domain::error_code::forbidden, {}, {}});
  co_return text(http.head.method + " " + target);
}

struct running {
  explicit running(limits bounds = {}, unsigned threads = 2) {
    listener_options options;
    options.threads = threads;
    options.bounds = bounds;
    options.refused = [this](std::string_view reason) {
      const std::scoped_lock lock(mutex);
      reasons.emplace_back(reason);
    };
    listener = server::start(options, tls_identity::load(own.files()).value(), [shared = shared](exchange& http) {
                 return serve(shared, http);
               }).value();
  }
  [[nodiscard]] std::uint16_t port() const { return listener->port(); }
  [[nodiscard]] bool has_refused(std::string_view reason) {
    const std::scoped_lock lock(mutex);
    return std::ranges::find(reasons, reason) != reasons.end();
  }

  certificate own;
  std::shared_ptr<switches> shared = std::make_shared<switches>();
  std::mutex mutex;
  std::vector<std::string> reasons;
  std::unique_ptr<server> listener;
};

std::string get(std::string_view target, std::string_view fields = "") {
  return fmt::format("GET {} HTTP/1.1\r\nHost: localhost\r\n{}\r\n", target, fields);
}

std::string post(std::string_view target, std::string_view fields, std::string_view body) {
  return fmt::format("POST {} HTTP/1.1\r\nHost: localhost\r\n{}\r\n{}", target, fields, body);
}

limits quick() {
  limits bounds;
  bounds.header = 1s;
  bounds.idle = 1s;
  return bounds;
}

const std::vector<std::string> smuggled{
    post("/echo", "Content-Length: 4\r\nTransfer-Encoding: chunked\r\n",
         "0\r\n\r\nGET /hidden HTTP/1.1\r\nHost: h\r\n\r\n"),
    post("/echo", "Transfer-Encoding: xchunked\r\n", "0\r\n\r\n" + get("/hidden")),
    post("/echo", "Content-Length: 0\r\nContent-Length: 40\r\n", get("/hidden")),
    post("/echo", "Content-Length : 40\r\n", get("/hidden")),
    get("/echo", "Content-Length: 40\r\n") + get("/hidden"),
    "GET /echo HTTP/1.1\nHost: h\n\n" + get("/hidden"),
    "GET https://localhost/echo HTTP/1.1\r\nHost: h\r\n\r\n" + get("/hidden"),
};

}  // namespace

BOOST_AUTO_TEST_SUITE(server_over_tls)

BOOST_AUTO_TEST_CASE(every_answer_carries_the_protective_headers_and_names_no_product) {
  running node;
  client browser(node.port());
  const auto answer = browser.ask(get("/hello"));
  BOOST_TEST(answer.status == 200U);
  BOOST_TEST(answer.body == "GET /hello");
  BOOST_TEST(answer.field("Strict-Transport-Security").value() == "max-age=63072000; includeSubDomains");
  BOOST_TEST(answer.field("Content-Security-Policy").value().starts_with("default-src 'none'"));
  BOOST_TEST(answer.field("X-Content-Type-Options").value() == "nosniff");
  BOOST_TEST(answer.field("Referrer-Policy").value() == "no-referrer");
  BOOST_TEST(answer.field("Cross-Origin-Opener-Policy").value() == "same-origin");
  BOOST_TEST(answer.field("Cache-Control").value() == "no-store");
  BOOST_TEST(!answer.field("Server").has_value());
  BOOST_TEST(!answer.field("Access-Control-Allow-Origin").has_value());
}

// RFC 9110, 6.6.1. Refusals and answers that are made while they are sent are answers, too.
BOOST_AUTO_TEST_CASE(every_answer_says_when_it_was_made) {
  running node;
  const auto seconds = [] { return std::chrono::floor<std::chrono::seconds>(std::chrono::system_clock::now()); };
  for (const auto& request : {get("/hello"), get("/pieces"), get("/refuse"), std::string("nonsense\r\n\r\n")}) {
    client browser(node.port());
    const auto before = seconds();
    const auto date = browser.ask(request).field("Date").value_or("");
    bool is_now = false;
    for (auto when = before; when <= seconds(); when += 1s) is_now = is_now || date == http_date(when);
    BOOST_TEST(is_now, request << " was answered at " << date);
  }
}

BOOST_DATA_TEST_CASE(R14_a_smuggled_request_is_never_answered, smuggled) {
  running node;
  client attacker(node.port());
  const auto answer = attacker.ask(sample);
  BOOST_TEST(answer.status == 400U);
  BOOST_TEST(answer.field("Connection").value() == "close");
  BOOST_TEST(attacker.read_until("HTTP/1.1").empty());
  BOOST_TEST(node.shared->arrived == 0);
}

BOOST_AUTO_TEST_CASE(a_thousand_pipelined_requests_are_answered_in_order) {
  running node;
  client browser(node.port());
  std::string requests;
  for (int i = 0; i < 1'000; ++i) {
    requests += i % 3 == 0
                    ? post("/echo", fmt::format("Content-Length: {}\r\n", std::to_string(i).size()), std::to_string(i))
                : i % 3 == 1 ? post("/echo", "Transfer-Encoding: chunked\r\n",
                                    fmt::format("{:x}\r\n{}\r\n0\r\n\r\n", std::to_string(i).size(), i))
                             : get("/" + std::to_string(i));
  }
  auto sender = std::async(std::launch::async, [port = node.port(), &requests] {
    client pipelining(port);
    pipelining.send(requests);
    std::vector<std::string> bodies;
    for (int i = 0; i < 1'000; ++i) bodies.push_back(pipelining.receive().body);
    return bodies;
  });
  const auto bodies = sender.get();
  for (int i = 0; i < 1'000; ++i)
    BOOST_TEST(bodies[static_cast<std::size_t>(i)] == (i % 3 == 2 ? "GET /" : "") + std::to_string(i));
}

BOOST_AUTO_TEST_CASE(a_request_sent_byte_by_byte_is_understood) {
  running node;
  client browser(node.port());
  for (const char byte : post("/echo", "Transfer-Encoding: chunked\r\n", "3\r\nabc\r\n0\r\n\r\n"))
    browser.send({&byte, 1});
  BOOST_TEST(browser.receive().body == "abc");
  BOOST_TEST(browser.ask(get("/again")).body == "GET /again");
}

BOOST_AUTO_TEST_CASE(head_gets_the_headers_of_get_without_a_body) {
  running node;
  client browser(node.port());
  browser.send("HEAD /hello HTTP/1.1\r\nHost: h\r\n\r\n");
  const auto answer = browser.receive(true);
  BOOST_TEST(answer.status == 200U);
  BOOST_TEST(answer.field("Content-Length").value() == "11");
  BOOST_TEST(browser.ask(get("/next")).body == "GET /next");
}

BOOST_AUTO_TEST_CASE(a_body_of_unknown_length_is_chunked_and_to_http_1_0_ends_with_the_connection) {
  running node;
  client browser(node.port());
  BOOST_TEST(browser.ask(get("/pieces")).body == "one two three");
  BOOST_TEST(browser.ask(get("/next")).body == "GET /next");
  client old(node.port());
  old.send("GET /pieces HTTP/1.0\r\nHost: h\r\nConnection: keep-alive\r\n\r\n");
  BOOST_TEST(old.read_until("\r\n\r\n").find("chunked") == std::string::npos);
  BOOST_TEST(old.read_until("three").ends_with("one two three"));
  BOOST_TEST(old.is_closed());
}

BOOST_AUTO_TEST_CASE(a_body_that_cannot_be_completed_does_not_look_complete) {
  running node;
  client browser(node.port());
  BOOST_TEST(browser.ask(get("/half")).status == 0U);
}

BOOST_AUTO_TEST_CASE(a_defect_of_a_handler_is_a_500_without_details) {
  running node;
  client browser(node.port());
  const auto answer = browser.ask(get("/throw"));
  BOOST_TEST(answer.status == 500U);
  BOOST_TEST(answer.body.find("a defect") == std::string::npos);
  BOOST_TEST(browser.ask(get("/next")).status == 200U);
}

BOOST_AUTO_TEST_CASE(a_client_that_asks_may_it_continue_is_told_when_the_body_is_wanted) {
  running node;
  client browser(node.port());
  BOOST_TEST(browser.ask(post("/echo", "Content-Length: 5\r\nExpect: 100-continue\r\n", "")).status == 100U);
  BOOST_TEST(browser.ask("hello").body == "hello");
}

BOOST_AUTO_TEST_CASE(a_client_that_asks_may_it_continue_is_refused_without_sending_its_body) {
  running node;
  client browser(node.port());
  const auto answer = browser.ask(post("/refuse", "Content-Length: 1000000\r\nExpect: 100-continue\r\n", ""));
  BOOST_TEST(answer.status == 403U);
  BOOST_TEST(answer.field("Connection").value() == "close");
}

BOOST_AUTO_TEST_CASE(a_small_unread_body_leaves_the_connection_usable) {
  running node;
  client browser(node.port());
  BOOST_TEST(browser.ask(post("/refuse", "Content-Length: 9\r\n", "GET / HTT")).status == 403U);
  BOOST_TEST(browser.ask(get("/next")).body == "GET /next");
}

BOOST_AUTO_TEST_CASE(an_early_refusal_reaches_a_client_that_is_still_sending) {
  running node;
  client browser(node.port());
  const std::string megabyte(1U << 20, 'x');
  browser.send(post("/refuse", "Content-Length: 1048576\r\n", megabyte));
  BOOST_TEST(browser.receive().status == 403U);
  BOOST_TEST(browser.is_closed());
}

BOOST_AUTO_TEST_CASE(bodies_beyond_their_limit_are_413_announced_or_not) {
  running node;
  client announced(node.port());
  BOOST_TEST(announced.ask(post("/echo", fmt::format("Content-Length: {}\r\n", echo_max + 1), "")).status == 413U);
  client chunked(node.port());
  std::string body;
  for (int i = 0; i < 65; ++i) body += "10000\r\n" + std::string(0x10000, 'x') + "\r\n";
  BOOST_TEST(chunked.ask(post("/echo", "Transfer-Encoding: chunked\r\n", body)).status == 413U);
}

BOOST_AUTO_TEST_CASE(garbage_instead_of_chunks_is_400_and_the_end) {
  running node;
  for (const auto* garbage : {"zz\r\n", "1\r\nabc", "1\nabc\r\n", "ffffffffffffffff\r\n", "-1\r\n"}) {
    client attacker(node.port());
    const auto answer = attacker.ask(post("/echo", "Transfer-Encoding: chunked\r\n", garbage));
    BOOST_TEST(answer.status == 400U);
    BOOST_TEST(answer.field("Connection").value() == "close");
  }
}

BOOST_AUTO_TEST_CASE(a_header_beyond_8_kib_is_431) {
  running node;
  client attacker(node.port());
  BOOST_TEST(attacker.ask(get("/x", "X-Long: " + std::string(9'000, 'a') + "\r\n")).status == 431U);
}

BOOST_AUTO_TEST_CASE(a_slow_header_and_an_idle_connection_are_closed) {
  running node(quick());
  client slow(node.port());
  slow.send("GET / HTTP/1.1\r\nHo");
  BOOST_TEST(slow.is_closed());
  client idle(node.port());
  BOOST_TEST(idle.ask(get("/hello")).status == 200U);
  BOOST_TEST(idle.is_closed());
  BOOST_TEST(node.has_refused("header_cut_off"));
}

BOOST_AUTO_TEST_CASE(connections_beyond_the_cap_per_address_are_refused_and_room_is_made_again) {
  limits bounds;
  bounds.connections_per_address_max = 2;
  running node(bounds);
  client first(node.port());
  {
    client second(node.port());
    BOOST_TEST(second.connected());
    BOOST_TEST(!client(node.port()).connected());
    BOOST_TEST(node.has_refused("connections"));
    second.ask(get("/bye", "Connection: close\r\n"));
    BOOST_TEST(second.is_closed());
  }
  // The place is free once the server has seen the client leave.
  bool connected = false;
  for (int tries = 0; tries < 1'000 && !connected; ++tries) connected = client(node.port()).connected();
  BOOST_TEST(connected);
}

BOOST_AUTO_TEST_CASE(requests_beyond_the_limit_in_flight_are_503_with_retry_after) {
  limits bounds;
  bounds.requests_in_flight_max = 1;
  running node(bounds);
  client busy(node.port());
  busy.send(get("/wait"));
  node.shared->entered.get_future().wait();
  client other(node.port());
  const auto answer = other.ask(get("/hello"));
  BOOST_TEST(answer.status == 503U);
  BOOST_TEST(answer.field("Retry-After").has_value());
  {
    const std::scoped_lock lock(node.shared->mutex);
    std::exchange(node.shared->let_go, nullptr)();  // it holds its server
  }
  BOOST_TEST(busy.receive().body == "late");
  BOOST_TEST(other.ask(get("/hello")).status == 200U);
}

BOOST_AUTO_TEST_CASE(a_long_answer_to_a_fast_reader_leaves_the_thread_to_others) {
  running node({}, 1);
  client other(node.port());
  client fast(node.port());
  fast.send(get("/laborious"));
  fast.read_until("xxx");
  auto reader = std::async(std::launch::async, [&] { fast.read_until("never"); });
  BOOST_TEST(other.ask(get("/hello")).status == 200U);
  BOOST_TEST(!node.shared->pieces_over);
  node.shared->pieces_wanted = false;
  reader.get();
}

BOOST_AUTO_TEST_CASE(a_reader_of_an_event_stream_that_does_not_keep_up_is_told_so_and_cut_off) {
  limits bounds;
  bounds.write_stall = 1s;
  running node(bounds);
  client slow(node.port());
  slow.send(get("/unread"));
  node.shared->entered.get_future().wait();  // nothing was read until then
  BOOST_TEST(slow.read_until("cut off").ends_with("cut off"));
  BOOST_TEST(slow.is_closed());
}

BOOST_AUTO_TEST_CASE(an_event_stream_does_not_count_as_a_request_in_flight) {
  limits bounds;
  bounds.requests_in_flight_max = 1;
  running node(bounds);
  client stream(node.port());
  stream.send(get("/stream"));
  stream.read_until("open");
  client other(node.port());
  BOOST_TEST(other.ask(get("/hello")).status == 200U);
}

BOOST_AUTO_TEST_CASE(stopping_finishes_running_requests_ends_streams_and_closes_idle_connections) {
  running node({}, 1);  // one thread: all its sessions are told before any of them goes on
  client busy(node.port());
  busy.send(get("/wait"));
  node.shared->entered.get_future().wait();
  client stream(node.port());
  stream.send(get("/stream"));
  stream.read_until("open");
  client idle(node.port());
  BOOST_TEST(idle.ask(get("/hello")).status == 200U);
  auto stopped = std::async(std::launch::async, [&] { node.listener->stop(); });
  BOOST_TEST(stream.read_until("bye").ends_with("bye"));
  BOOST_TEST(idle.is_closed());
  {
    const std::scoped_lock lock(node.shared->mutex);
    std::exchange(node.shared->let_go, nullptr)();  // it holds its server
  }
  const auto answer = busy.receive();
  BOOST_TEST(answer.body == "late");
  BOOST_TEST(answer.field("Connection").value() == "close");
  busy.is_closed();
  stopped.get();
}

BOOST_AUTO_TEST_CASE(stopping_does_not_wait_for_a_client_that_takes_nothing) {
  running node;
  client greedy(node.port());
  greedy.send(get("/flood"));
  greedy.read_until("xxx");
  const auto before = std::chrono::steady_clock::now();
  node.listener->stop();
  BOOST_TEST((std::chrono::steady_clock::now() - before < stop_grace + stop_abort_grace + 2s));
}

BOOST_AUTO_TEST_CASE(many_clients_that_vanish_in_the_middle_leave_nothing_behind) {
  limits bounds;
  bounds.connections_max = 8;
  running node(bounds);
  for (int i = 0; i < 64; ++i) {
    client vanishing(node.port());
    vanishing.send(i % 2 == 0 ? post("/echo", "Content-Length: 100\r\n", "half") : get("/flood"));
  }
  bool served = false;
  for (int tries = 0; tries < 1'000 && !served; ++tries) {
    client browser(node.port());
    served = browser.connected() && browser.ask(get("/hello")).status == 200;
  }
  BOOST_TEST(served);
}

BOOST_AUTO_TEST_SUITE_END()
