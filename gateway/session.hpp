#pragma once
// One client's connection as a coroutine: handshake, then requests one after the other, then an orderly end.

#include "gateway/clients.hpp"
#include "gateway/exchange.hpp"
#include "gateway/forwarded.hpp"

#include <atomic>
#include <functional>
#include <map>
#include <memory>
#include <mutex>
#include <string>

namespace elsec::gateway {

// What a listener's sessions share. Thread-safe where it changes.
struct listener_state {
  listener_state(limits bounds_of, trusted_proxies proxies_of, application serve_with,
                 std::function<void(unsigned)> on_response, std::function<void(std::string_view)> on_refusal)
      : bounds(bounds_of),
        proxies(std::move(proxies_of)),
        serve(std::move(serve_with)),
        responded(std::move(on_response)),
        refused(std::move(on_refusal)) {}

  const limits bounds;
  const trusted_proxies proxies;
  const application serve;
  const std::function<void(unsigned)> responded;        // status of every answer
  const std::function<void(std::string_view)> refused;  // why a connection or request never reached the application
  const std::shared_ptr<clients> everyone{std::make_shared<clients>(bounds)};
  std::atomic<std::size_t> requests_in_flight{0};

  // Counts a connection in, unless a cap is reached. A trusted proxy has many clients: of the caps only the one on all
  // connections is for it.
  [[nodiscard]] bool admit(const asio::ip::address& peer);
  void leave(const asio::ip::address& peer);

 private:
  std::mutex mutex_;
  std::map<std::uint64_t, std::size_t> connections_;  // by origin::address
  std::size_t connections_total_ = 0;
};

class session : private body_writer, private body_host {
 public:
  // `peer` has been admitted, and leaves with the session.
  session(asio::ip::tcp::socket socket, const std::shared_ptr<SSL_CTX>& context, std::shared_ptr<listener_state> shared,
          asio::ip::address peer);
  ~session() override;

  // The connection's whole life; the session must outlive it. `anchor`, locked, keeps the executor alive.
  [[nodiscard]] asio::awaitable<void> run(std::weak_ptr<void> anchor);

  // Finishes the running request, then closes; at once when none is running.
  void stop();
  void abort() { connection_.stream().close(); }

 private:
  enum class next : std::uint8_t { request, close, cut };

  [[nodiscard]] asio::awaitable<next> serve_one();
  [[nodiscard]] origin origin_of_request(const request_head& head) const;
  // Counts a failure. Its answer waits, or becomes 429, if there were many from the same client.
  [[nodiscard]] asio::awaitable<void> answer_to_failure(response& what, const origin& whose);
  [[nodiscard]] asio::awaitable<void> pause(std::chrono::milliseconds how_long);
  [[nodiscard]] domain::error refused_for(burden why) const;
  [[nodiscard]] asio::awaitable<next> answer(const request_head& head, body_reader& body);
  [[nodiscard]] asio::awaitable<next> refuse(domain::error why);
  [[nodiscard]] asio::awaitable<response> respond(const request_head& head, body_reader& body);
  [[nodiscard]] asio::awaitable<bool> send(const response& what, bool is_head, bool keep_alive, bool can_chunk);
  [[nodiscard]] asio::awaitable<bool> send_produced(const response& what, bool chunked);

  // body_host
  [[nodiscard]] asio::awaitable<domain::result<void>> wait_longer(bool is_upload) override;
  [[nodiscard]] domain::result<void> begin_work() override;

  // body_writer
  [[nodiscard]] asio::awaitable<bool> write(std::string_view piece) override;
  [[nodiscard]] asio::awaitable<void> write_last(std::string_view piece) override;
  [[nodiscard]] bool stopping() const override { return stopping_; }
  void wake_on_stop(std::shared_ptr<wake_signal> wake) override { wake_on_stop_ = std::move(wake); }

  std::shared_ptr<listener_state> shared_;
  connection connection_;
  asio::ip::address peer_;
  origin origin_;       // of the request
  held_place running_;  // of the request, from when its body is there
  held_place late_;     // of its body, while it does not come
  std::shared_ptr<wake_signal> end_of_pause_;
  std::weak_ptr<void> anchor_;
  asio::any_io_executor executor_;
  std::weak_ptr<wake_signal> wake_on_stop_;
  std::string not_taken_;  // the rest of a piece the client did not take in time
  bool stopping_ = false;
  bool idle_ = false;         // between requests
  bool chunks_body_ = false;  // of the answer being sent
};

}  // namespace elsec::gateway
