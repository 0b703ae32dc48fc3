#pragma once
// What the gateway serves by hand, because it streams: uploads, contents, events. Their routes stand with the
// capabilities.

#include "gateway/backend.hpp"

namespace elsec::gateway {

[[nodiscard]] asio::awaitable<reply> upload_document(const backend& api, call& request);
[[nodiscard]] asio::awaitable<reply> download_document(const backend& api, call& request);
[[nodiscard]] asio::awaitable<reply> list_events(const backend& api, call& request);

// What serves a streamed route, by the id of its operation. One that nobody serves is a defect: std::logic_error.
[[nodiscard]] handler stream(shared_backend api, const capabilities::route& what);

}  // namespace elsec::gateway
