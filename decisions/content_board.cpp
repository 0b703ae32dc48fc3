#include "decisions/content_board.hpp"

namespace elsec::decisions {

content_board::hold content_board::work_on(const crypto::content_id& content) {
  {
    const std::scoped_lock lock(entries_->mutex);
    auto& count = entries_->held[content];
    if (count == freeing) return nullptr;
    ++count;
  }
  return holding(content);
}

content_board::hold content_board::free(const crypto::content_id& content) {
  {
    const std::scoped_lock lock(entries_->mutex);
    if (!entries_->held.try_emplace(content, freeing).second) return nullptr;
  }
  return holding(content);
}

// The last one to let go may outlive the board.
content_board::hold content_board::holding(const crypto::content_id& content) const {
  return {static_cast<const void*>(this), [entries = entries_, content](const void*) {
            const std::scoped_lock lock(entries->mutex);
            const auto found = entries->held.find(content);
            if (found->second == freeing || --found->second == 0) entries->held.erase(found);
          }};
}

}  // namespace elsec::decisions
