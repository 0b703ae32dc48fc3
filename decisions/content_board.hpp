#pragma once
// Which contents this process is working on: an upload or a transfer holds its content from the first chunk until the
// record that names it is on disk, and what is being freed is held by the janitor. So neither ever meets the other, and
// no clock is asked. In memory only: what another life of the process held is nobody's any more. Thread-safe.

#include "crypto/content.hpp"

#include <map>
#include <memory>
#include <mutex>

namespace elsec::decisions {

class content_board {
 public:
  // A content is held until the last copy of this is gone.
  using hold = std::shared_ptr<const void>;

  // Together with any number of others that work on it; nothing while it is being freed.
  [[nodiscard]] hold work_on(const crypto::content_id& content);
  // Alone; nothing while anybody works on it or frees it.
  [[nodiscard]] hold free(const crypto::content_id& content);

 private:
  struct entries {
    std::mutex mutex;
    std::map<crypto::content_id, int> held;  // how many work on it; `freeing`: it is being freed
  };
  static constexpr int freeing = -1;
  [[nodiscard]] hold holding(const crypto::content_id& content) const;

  std::shared_ptr<entries> entries_ = std::make_shared<entries>();
};

}  // namespace elsec::decisions
