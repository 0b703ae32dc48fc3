#include "gateway/streams/streams.hpp"

#include <array>
#include <stdexcept>
#include <utility>

namespace elsec::gateway {

handler stream(shared_backend api, const capabilities::route& what) {
  constexpr auto served = std::to_array<std::pair<std::string_view, route_function>>({
      {"upload_document", &upload_document},
      {"download_document", &download_document},
      {"list_events", &list_events},
  });
  for (const auto& [id, function] : served)
    if (id == what.id) return on(std::move(api), function);
  throw std::logic_error("nothing streams " + std::string(what.id));
}

}  // namespace elsec::gateway
