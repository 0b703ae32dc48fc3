#pragma once
// Deadlines and leftovers, bounded, and without a rate of its own: whatever is due goes in batches, each when the one
// before is on disk, until nothing is; then the janitor rests. Rows of tables::due become commands; contents whose
// record never came are freed, reader slots of dead processes, too.

#include "actors/context.hpp"

#include <map>
#include <set>
#include <string>
#include <vector>

namespace elsec::actors {

struct janitor_state {
  explicit janitor_state(janitor_actor::pointer own_self) : self(own_self) {}

  void tick();
  // Soon, and once for all that ask until then.
  void wake();
  void look_for_due();

  janitor_actor::pointer self;
  shared_context with;
  std::set<std::string> under_way;  // rows whose command is being decided
  struct busy {
    std::size_t commands = 0;
    std::map<std::string, std::size_t> of_organisation;
    std::string turn;       // where organisations take turns: beyond the key of the last that had one
    bool misdated = false;  // the last look found some
  };
  std::map<std::string, busy, std::less<>> by_kind;
  struct retry {
    std::chrono::steady_clock::time_point at;
    std::chrono::milliseconds wait{0};
  };
  std::map<std::string, retry> retries;         // rows whose command has ended
  std::map<std::string, retry> resting;         // kind, 0, organisation: that could not be served for now
  std::optional<crypto::content_id> looked_at;  // pending contents up to this one; none: begin with the first
  std::size_t freeing = 0;                      // works of the content writer under way
  std::chrono::steady_clock::time_point last_look;
  std::chrono::steady_clock::duration last_look_took{0};
  bool look_asked = false;  // and under way

 private:
  void look_for_due(const deadline_kind& kind);
  bool begin_due(const storage::snapshot& snapshot, const deadline_kind& kind, domain::time_point now,
                 std::string after);
  bool begin_together(const storage::snapshot& snapshot, const deadline_kind& kind, domain::time_point now,
                      const std::string& after);
  void look_for_misdated(const deadline_kind& kind);
  void tell_how_far_behind(const deadline_kind& kind) const;
  [[nodiscard]] bool is_full(const deadline_kind& kind) const;
  [[nodiscard]] bool has_its_share(const deadline_kind& kind, const std::string& organisation) const;
  [[nodiscard]] bool may_begin(const std::string& row) const;
  void begin(const storage::snapshot& snapshot, const std::vector<std::string>& rows, const deadline_kind& kind);
  void ended(const std::vector<std::string>& rows, const std::string& kind, std::optional<domain::error_code> failed);
  void rest(const std::string& kind, const std::string& organisation);
  [[nodiscard]] bool is_resting(const std::string& kind, const std::string& organisation) const;
  void look_soon(std::chrono::steady_clock::duration apart);
  void try_again_later(const std::string& row);
  void put_off(retry& what) const;
  void forget_retries();
  void free_contents();
  bool free_batch();
  void look_after_damage();
  void write_content(shared_content_work work, content_board::hold hold);
  void content_written();
};

janitor_actor::behavior_type janitor(janitor_actor::stateful_pointer<janitor_state> self, shared_context with);

}  // namespace elsec::actors
