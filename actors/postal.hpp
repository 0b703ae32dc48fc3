#pragma once
// Letters in flight, one after the other: composed in the child process, handed to the carrier when their grace time is
// over, settled when the carrier reports them. The queue is tables::letters_due; handing over is idempotent, so a crash
// anywhere repeats nothing on paper (G3). While the clock is not to be believed nothing is handed over.
//
//   preparing --composed--> queued --grace over, on disk at the carrier--> submitted --carrier's report--> sent
//        \--cannot be printed--> failed (the dispatch fails with the reason)

#include "actors/context.hpp"
#include "domain/letter.hpp"
#include "postal/carrier.hpp"
#include "postal/worker.hpp"

#include <deque>
#include <set>

namespace elsec::actors {

struct postal_tools {
  std::shared_ptr<postal::pdf_service> worker;
  std::shared_ptr<postal::carrier> carrier;
};

struct postal_state {
  explicit postal_state(postal_actor::pointer own_self) : self(own_self) {}

  void look();
  void tick();
  void go_on();

  postal_actor::pointer self;
  shared_services with;
  node_actor node;
  postal_tools tools;

  struct due {
    domain::organisation_id organisation;
    domain::letter_id letter;
  };
  std::deque<due> round;            // letters of this round still to be looked at
  std::deque<std::string> reports;  // letters the carrier has sent
  bool busy = false;
  bool again = false;                        // woken during a round
  std::set<domain::letter_id> with_carrier;  // handed over: nothing to do until the carrier reports them

 private:
  struct composed {
    domain::letter_id letter;
    postal::composed_letter paper;
    postal::ticket ticket;
  };
  std::optional<composed> last;  // between `queued` and `submitted` of a letter without grace time

  void begin_round();
  void next();
  [[nodiscard]] domain::result<domain::letter_row> find(const due& what) const;
  [[nodiscard]] domain::result<std::optional<storage::due_row>> find_due(const std::string& letter) const;
  void work_on(const due& what);
  void prepare(const due& what, const domain::letter_row& letter);
  void hand_over(const due& what, const domain::letter_row& letter);
  domain::result<void> compose(const due& what, const domain::letter_row& letter);
  void settle(const std::string& letter);
  void report(const due& what, const domain::letter_row& letter, domain::letter_state state, std::string reason,
              std::function<void()> then);
};

// Spawn detached: it waits for the child process and the disk.
postal_actor::behavior_type postal_office(postal_actor::stateful_pointer<postal_state> self, shared_services with,
                                          node_actor node, postal_tools tools);

}  // namespace elsec::actors
