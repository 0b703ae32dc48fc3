#pragma once
// What goes on for long under a credential ends with it. The watch stands before the credential is looked up once more:
// whoever revokes it has either done so before that look, which sees it, or tells the watch. What was found when the
// request came is older than the watch, and proves nothing.

#include "actors/queries.hpp"

#include <atomic>
#include <functional>
#include <memory>
#include <string>
#include <utility>

namespace elsec::gateway {

class credential_watch {
 public:
  // `unauthenticated` when it does not hold any more. `wake` is called, on any thread, when it is revoked.
  [[nodiscard]] static domain::result<credential_watch> begin(
      const actors::queries& read, const std::string& credential, std::function<void()> wake = [] {}) {
    credential_watch made;
    made.watch_ = read.watch_credential(credential, [revoked = made.revoked_, wake = std::move(wake)] {
      revoked->store(true);
      wake();
    });
    if (auto holds = read.check_credential(credential); !holds) return std::unexpected(std::move(holds.error()));
    return made;
  }

  [[nodiscard]] bool revoked() const { return revoked_->load(); }

 private:
  credential_watch() = default;

  std::shared_ptr<std::atomic<bool>> revoked_ = std::make_shared<std::atomic<bool>>(false);
  std::shared_ptr<void> watch_;
};

}  // namespace elsec::gateway
