#pragma once
// Who wants to know when something under a name has happened: open event streams waiting for their tenant's feed, and
// for the end of their credential. Thread-safe; a callback must be quick and must not call back in here.

#include <functional>
#include <map>
#include <memory>
#include <mutex>
#include <string>
#include <vector>

namespace elsec::decisions {

class watchers {
 public:
  // Calls `wake` after every notify(name) until the handle is destroyed (a call under way then may still finish).
  [[nodiscard]] std::shared_ptr<void> watch(const std::string& name, std::function<void()> wake) {
    const auto shared = std::make_shared<std::function<void()>>(std::move(wake));
    const auto entries = board_;
    const std::scoped_lock lock(entries->mutex);
    const auto entry = entries->by_name.emplace(name, shared);
    return {static_cast<void*>(shared.get()), [entries, entry](void*) {
              const std::scoped_lock erase_lock(entries->mutex);
              entries->by_name.erase(entry);
            }};
  }

  void notify(const std::string& name) const {
    std::vector<std::shared_ptr<std::function<void()>>> waiting;
    {
      const std::scoped_lock lock(board_->mutex);
      const auto [first, last] = board_->by_name.equal_range(name);
      for (auto entry = first; entry != last; ++entry) waiting.push_back(entry->second);
    }
    for (const auto& wake : waiting) (*wake)();
  }

 private:
  struct board {
    std::mutex mutex;
    std::multimap<std::string, std::shared_ptr<std::function<void()>>> by_name;
  };
  std::shared_ptr<board> board_ = std::make_shared<board>();
};

}  // namespace elsec::decisions
