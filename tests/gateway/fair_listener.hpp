#pragma once
// A listener with an application of a few words, and clients that are a burden to it.

#include "gateway/problem.hpp"
#include "gateway/server.hpp"
#include "tests/gateway/client.hpp"

#include <boost/test/unit_test.hpp>
#include <fmt/format.h>

#include <algorithm>
#include <condition_variable>
#include <mutex>

namespace elsec::gateway::testing {

using namespace std::chrono_literals;

// Far beyond what anything takes that works.
inline constexpr auto event_patience = 60s;
inline constexpr std::size_t fair_body_max = 1U << 20;

// What has happened, to be waited for.
class happenings {
 public:
  void note(std::string_view what) {
    {
      const std::scoped_lock lock(mutex_);
      all_.emplace_back(what);
    }
    changed_.notify_all();
  }
  [[nodiscard]] std::size_t count(std::string_view what) {
    const std::scoped_lock lock(mutex_);
    return count_locked(what);
  }
  void wait_for(std::string_view what, std::size_t times) {
    std::unique_lock lock(mutex_);
    const bool seen = changed_.wait_for(lock, event_patience, [&] { return count_locked(what) >= times; });
    BOOST_REQUIRE_MESSAGE(seen, count_locked(what) << " of " << times << ": " << what);
  }

 private:
  [[nodiscard]] std::size_t count_locked(std::string_view what) const {
    return static_cast<std::size_t>(std::ranges::count(all_, what));
  }

  std::mutex mutex_;
  std::condition_variable changed_;
  std::vector<std::string> all_;
};

struct fair_listener {
  // One thread unless told otherwise: what it has begun to answer comes before what reaches it next.
  explicit fair_listener(const limits& bounds, const std::vector<std::string>& proxies = {}, unsigned threads = 1) {
    raise_descriptor_limit();
    listener_options options;
    options.threads = threads;
    options.bounds = bounds;
    options.proxies = trusted_proxies::from(proxies).value();
    options.refused = [seen = seen](std::string_view reason) { seen->note(reason); };
    listener = server::start(options, tls_identity::load(own.files()).value(), [seen = seen](exchange& http) {
                 return serve(seen, http);
               }).value();
  }

  // "/echo" answers with the body, "/work" has it and works on until the listener stops ("at work"), "/secret" answers
  // 401, everything else "hello".
  static asio::awaitable<response> serve(std::shared_ptr<happenings> seen, exchange& http) {
    seen->note(http.head.target);
    response answer;
    answer.content_type = "text/plain";
    answer.body = "hello";
    if (http.head.target == "/secret") co_return problem_of({domain::error_code::unauthenticated, {}, {}});
    if (http.head.target == "/work") {
      (void)co_await http.body.read_all(fair_body_max);
      seen->note("at work");
      const auto never = std::make_shared<wake_signal>(http.executor);
      co_await never->wait_until(std::chrono::steady_clock::now() + event_patience);
    }
    if (http.head.target == "/echo") {
      auto body = co_await http.body.read_all(fair_body_max);
      if (!body) co_return problem_of(body.error());
      answer.body = std::move(*body);
    }
    co_return answer;
  }

  [[nodiscard]] std::uint16_t port() const { return listener->port(); }

  certificate own;
  std::shared_ptr<happenings> seen = std::make_shared<happenings>();
  std::unique_ptr<server> listener;
};

inline std::string get_request(std::string_view target, std::string_view fields = "") {
  return fmt::format("GET {} HTTP/1.1\r\nHost: localhost\r\n{}\r\n", target, fields);
}

inline std::string post_request(std::string_view body, std::string_view fields = "") {
  return fmt::format("POST /echo HTTP/1.1\r\nHost: localhost\r\nContent-Length: {}\r\n{}\r\n{}", body.size(), fields,
                     body);
}

// Announces ten bytes, which do not come yet.
inline std::string slow_post(std::string_view fields = "", std::string_view target = "/echo") {
  return fmt::format("POST {} HTTP/1.1\r\nHost: localhost\r\nContent-Length: 10\r\nExpect: 100-continue\r\n{}\r\n",
                     target, fields);
}

// A client whose body is waited for: it was told to go on.
inline std::unique_ptr<client> slow_client(const fair_listener& node, const char* from, std::string_view fields = "") {
  auto made = std::make_unique<client>(node.port(), from);
  BOOST_REQUIRE(made->ask(slow_post(fields)).status == 100U);
  return made;
}

}  // namespace elsec::gateway::testing
