#pragma once
// Opens everything a node stands on, from its settings: keys, environments, slot file.

#include "app/node/keys.hpp"
#include "app/settings/settings.hpp"
#include "decisions/services.hpp"

#include <atomic>

namespace elsec::app {

struct foundation {
  std::shared_ptr<decisions::services> services;
  transport::curve_pair curve;
};

// Fails before anything listens: wrong keys, damaged environments, an unsuitable file system.
[[nodiscard]] domain::result<foundation> lay_foundation(const settings& wanted, std::atomic<bool>& ready);

[[nodiscard]] std::vector<transport::peer> peers_of(const settings& wanted);

}  // namespace elsec::app
