#pragma once
// Composes letters in the child process, hands them to the carrier, and tells what the carrier reports of them. Which
// letter is due, and what comes of it, is decided by the letters' own commands (capabilities/letters/letter_work.hpp).
// Handing over is idempotent, so a crash anywhere repeats nothing on paper (G3).

#include "actors/context.hpp"
#include "domain/letter.hpp"
#include "postal/carrier.hpp"
#include "postal/worker.hpp"

#include <deque>

namespace elsec::actors {

struct postal_tools {
  std::shared_ptr<postal::pdf_service> worker;
  std::shared_ptr<postal::carrier> carrier;
};

struct postal_state {
  explicit postal_state(postal_actor::pointer own_self) : self(own_self) {}

  [[nodiscard]] made_paper compose(const compose_paper& wanted);
  [[nodiscard]] made_paper submit(const submit_paper& wanted);
  void tick();
  void tell_next();

  postal_actor::pointer self;
  shared_services with;
  node_actor node;
  postal_tools tools;

 private:
  struct composed {
    domain::letter_id letter;
    postal::composed_letter paper;
    postal::ticket ticket;
  };

  [[nodiscard]] domain::result<domain::letter_row> find(const domain::organisation_id& of,
                                                        const domain::letter_id& letter) const;
  [[nodiscard]] domain::result<std::optional<storage::owner_row>> find_owner(const std::string& letter) const;
  [[nodiscard]] domain::result<void> make(const domain::organisation_id& of, const domain::letter_row& letter);
  [[nodiscard]] made_paper hand_over(const domain::organisation_id& of, const domain::letter_row& letter);
  [[nodiscard]] domain::result<void> ask_about_open();
  void forget_settled();
  void settle(const std::string& letter);
  void forget(const std::string& letter);
  void next();

  std::optional<composed> last;     // until it is handed over, if that is soon: a letter without grace time
  std::deque<std::string> reports;  // letters the carrier has sent, to be told
  bool telling = false;
  bool asked_about_open = false;  // and nothing was left to tell
};

// Spawn detached: it waits for the child process and the disk.
postal_actor::behavior_type postal_office(postal_actor::stateful_pointer<postal_state> self, shared_services with,
                                          node_actor node, postal_tools tools);

}  // namespace elsec::actors
