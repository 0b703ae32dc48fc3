// Load where wrk cannot make it: handshakes without a request, connections that stay idle, uploads for many
// organisations, and dispatches at a fixed rate with their arrival at the other node. Prints one line of JSON.

#include "bench/measure.hpp"
#include "bench/tls_client.hpp"

#include <fmt/format.h>

#include <atomic>
#include <csignal>
#include <cstdio>
#include <fstream>
#include <map>
#include <mutex>
#include <random>
#include <stdexcept>
#include <thread>

namespace elsec::bench {
namespace {

using namespace std::chrono_literals;
using arguments = std::vector<std::string>;

constexpr auto arrival_patience = 30s;

std::uint16_t port_of(const std::string& text) { return static_cast<std::uint16_t>(std::stoul(text)); }

std::vector<std::string> lines_of(const std::string& file) {
  std::ifstream in(file);
  std::vector<std::string> lines;
  for (std::string line; std::getline(in, line);)
    if (!line.empty()) lines.push_back(line);
  if (lines.empty()) throw std::runtime_error(file + " is empty");
  return lines;
}

// Runs `work(i)` on as many threads and waits; the first failure of any is thrown again.
template <class Work>
void on_threads(std::size_t count, Work work) {
  std::vector<std::thread> threads;
  std::exception_ptr failure;
  std::mutex mutex;
  for (std::size_t i = 0; i < count; ++i)
    threads.emplace_back([&, i] {
      try {
        work(i);
      } catch (...) {
        const std::scoped_lock lock(mutex);
        if (!failure) failure = std::current_exception();
      }
    });
  for (auto& each : threads) each.join();
  if (failure) std::rethrow_exception(failure);
}

// handshakes PORT THREADS SECONDS: full handshakes, each on a connection of its own, closed at once.
int handshakes(const arguments& given) {
  const auto port = port_of(given.at(0));
  const auto threads = std::stoul(given.at(1));
  const double seconds = std::stod(given.at(2));
  std::vector<delays> times(threads);
  const auto start = clock::now();
  on_threads(threads, [&](std::size_t i) {
    while (seconds_since(start) < seconds) {
      const auto begun = clock::now();
      const tls_client connection(port);
      times[i].add(seconds_since(begun));
    }
  });
  const auto took = seconds_since(start);
  delays all;
  for (const auto& each : times) all.merge(each);
  fmt::print("{}\n", result_line(static_cast<double>(all.count()) / took, all, 0));
  return 0;
}

// idle PORT COUNT TOKEN: connections that did one request each; says "ready" and holds them until its input ends.
int idle(const arguments& given) {
  const auto port = port_of(given.at(0));
  const auto request = request_text("GET", "/api/v1/nodes", given.at(2));
  std::vector<std::unique_ptr<tls_client>> held;
  for (auto left = std::stoul(given.at(1)); left > 0; --left) {
    held.push_back(std::make_unique<tls_client>(port));
    if (held.back()->ask(request).status != 200) throw std::runtime_error("a request on a connection to hold failed");
  }
  fmt::print("ready\n");
  std::fflush(stdout);
  while (std::getchar() != EOF) {
  }
  return 0;
}

std::string upload_request(const std::string& token, std::size_t number, std::size_t size) {
  // Distinct bytes, so that nothing is the same content twice; the first ones look like no program.
  std::string body(size, ' ');
  std::minstd_rand random(static_cast<unsigned>(number + 1));
  for (std::size_t i = 8; i + 4 <= body.size(); i += 4) {
    const auto value = static_cast<std::uint32_t>(random());
    std::copy_n(reinterpret_cast<const char*>(&value), 4, body.begin() + static_cast<std::ptrdiff_t>(i));
  }
  const auto fields = fmt::format("Content-Type: application/octet-stream\r\nElsec-Filename: {}.bin\r\n", number);
  return request_text("POST", "/api/v1/documents", token, fields, body);
}

// fill PORT TOKENS COUNT SIZE THREADS IDS: uploads in turn for every token of the file; the documents' ids go to IDS.
int fill(const arguments& given) {
  const auto port = port_of(given.at(0));
  const auto tokens = lines_of(given.at(1));
  const auto count = std::stoul(given.at(2));
  const auto size = std::stoul(given.at(3));
  std::vector<std::string> ids(count);
  std::vector<delays> times(std::stoul(given.at(4)));
  std::atomic<std::size_t> next{0};
  const auto start = clock::now();
  on_threads(times.size(), [&](std::size_t i) {
    tls_client connection(port);
    for (auto number = next++; number < count; number = next++) {
      const auto request = upload_request(tokens[number % tokens.size()], number, size);
      const auto begun = clock::now();
      const auto got = connection.ask(request);
      times[i].add(seconds_since(begun));
      if (got.status != 201)
        throw std::runtime_error(fmt::format("an upload was answered {}: {}", got.status, got.body));
      ids[number] = member(got.body, "id");
    }
  });
  const auto took = seconds_since(start);
  std::ofstream out(given.at(5));
  for (const auto& id : ids) out << id << '\n';
  delays all;
  for (const auto& each : times) all.merge(each);
  fmt::print("{}\n", result_line(static_cast<double>(count) / took, all, 0));
  return 0;
}

// When each dispatch was accepted and when its document was announced to the recipient, whichever is heard of first.
class arrivals {
 public:
  void accepted(const std::string& dispatch, clock::time_point at) { note(dispatch, at, true); }
  void received(const std::string& dispatch, clock::time_point at) { note(dispatch, at, false); }

  void wait_for(std::size_t count) {
    const auto deadline = clock::now() + arrival_patience;
    while (clock::now() < deadline) {
      {
        const std::scoped_lock lock(mutex_);
        if (times_.count() >= count) return;
      }
      std::this_thread::yield();
      std::this_thread::sleep_until(clock::now() + 1ms);
    }
    throw std::runtime_error("some dispatches did not arrive");
  }
  [[nodiscard]] delays times() const {
    const std::scoped_lock lock(mutex_);
    return times_;
  }
  [[nodiscard]] clock::time_point last() const {
    const std::scoped_lock lock(mutex_);
    return last_;
  }

 private:
  void note(const std::string& dispatch, clock::time_point at, bool is_acceptance) {
    const std::scoped_lock lock(mutex_);
    if (!is_acceptance) last_ = at;
    const auto [found, is_first] = open_.try_emplace(dispatch, at);
    if (is_first) return;
    const auto delay = is_acceptance ? found->second - at : at - found->second;
    times_.add(std::chrono::duration<double>(std::max(delay, clock::duration::zero())).count());
    open_.erase(found);
  }

  mutable std::mutex mutex_;
  std::map<std::string, clock::time_point> open_;
  clock::time_point last_;
  delays times_;
};

// Reads the recipient's stream for as long as the process lives.
void listen(std::uint16_t port, const std::string& token, arrivals& into) {
  const auto stream = std::make_shared<tls_client>(port);
  stream->send(request_text("GET", "/api/v1/events", token, "Accept: text/event-stream\r\n"));
  for (auto line = stream->read_line(); !line.empty();) line = stream->read_line();
  std::thread([stream, &into] {
    try {
      while (true) {
        const auto line = stream->read_line();
        if (!line.starts_with("data:") || !line.contains("document.received")) continue;
        into.received(member(line, "dispatch_id"), clock::now());
      }
    } catch (const std::exception&) {
      // The node went away: whoever waits for an arrival notices.
    }
  }).detach();
}

// dispatches PORT TOKEN IDS PEER_PORT PEER_TOKEN RECIPIENT THREADS RATE: every document of the file goes to the
// recipient; at a fixed rate per second whatever the answers take, or as fast as they come with rate 0.
int dispatches(const arguments& given) {
  const auto port = port_of(given.at(0));
  const auto ids = lines_of(given.at(2));
  const double rate = std::stod(given.at(7));
  const auto body =
      fmt::format(R"({{"subject":"Entlassungsbrief","recipients":[{{"organisation_id":"{}"}}]}})", given.at(5));
  arrivals seen;
  listen(port_of(given.at(3)), given.at(4), seen);
  std::atomic<std::size_t> next{0};
  delays answers;
  std::mutex mutex;
  std::vector<std::unique_ptr<tls_client>> lines;
  for (auto left = std::stoul(given.at(6)); left > 0; --left) lines.push_back(std::make_unique<tls_client>(port));
  const auto start = clock::now();
  on_threads(lines.size(), [&](std::size_t i) {
    for (auto number = next++; number < ids.size(); number = next++) {
      const auto due = rate > 0 ? std::chrono::duration<double>(static_cast<double>(number) / rate) : 0s;
      std::this_thread::sleep_until(start + std::chrono::duration_cast<clock::duration>(due));
      const auto begun = clock::now();
      const auto got = lines[i]->ask(request_text("POST", fmt::format("/api/v1/documents/{}/dispatches", ids[number]),
                                                  given.at(1), "Content-Type: application/json\r\n", body));
      const auto at = clock::now();
      if (got.status != 202)
        throw std::runtime_error(fmt::format("a dispatch was answered {}: {}", got.status, got.body));
      seen.accepted(member(got.body, "id"), at);
      const std::scoped_lock lock(mutex);
      answers.add(std::chrono::duration<double>(at - begun).count());
    }
  });
  seen.wait_for(ids.size());
  auto times = seen.times();
  const auto took = std::chrono::duration<double>(seen.last() - start).count();
  fmt::print(R"({{"seconds":{:.4f},"answer_p50_ms":{:.4f},"answer_p99_ms":{:.4f},"arrival":{}}})"
             "\n",
             took, answers.percentile_ms(0.50), answers.percentile_ms(0.99),
             result_line(static_cast<double>(ids.size()) / took, times, 0));
  std::fflush(stdout);
  std::_Exit(0);  // the stream's thread still reads
}

int run(const std::string& what, const arguments& given) {
  if (what == "handshakes") return handshakes(given);
  if (what == "idle") return idle(given);
  if (what == "fill") return fill(given);
  if (what == "dispatches") return dispatches(given);
  fmt::print(stderr, "elsec-bench-load handshakes|idle|fill|dispatches …; see bench/load.cpp\n");
  return 2;
}

}  // namespace
}  // namespace elsec::bench

int main(int count, char** words) {
  std::signal(SIGPIPE, SIG_IGN);
  try {
    return elsec::bench::run(count > 1 ? words[1] : "", {words + std::min(count, 2), words + count});
  } catch (const std::exception& failure) {
    fmt::print(stderr, "{}\n", failure.what());
    return 1;
  }
}
