#pragma once
// The organisation cards of the network. This node's own cards get their versions and signatures here, one after the
// other; peers' cards are stored when they are newer and signed by their home node. Nodes fetch what is newer than what
// they hold, so a silent peer costs nothing.

#include "actors/context.hpp"
#include "domain/wire.hpp"

#include <map>
#include <utility>
#include <vector>

namespace elsec::actors {

struct directory_state {
  explicit directory_state(directory_actor::pointer own_self) : self(own_self) {}

  caf::typed_response_promise<commit_result> publish(const publish_card& what);
  void publish(const publish_card& what, caf::typed_response_promise<commit_result> promise);
  // An older copy of this node's data was put back: the peers would take its cards for old ones. They are signed anew
  // a batch at a time; up to which version stands on disk, so that a start goes on with those that are left.
  void renew(std::uint64_t held_by_peer);
  caf::typed_response_promise<done> take(const std::string& peer, const shared_bytes& body);

  directory_actor::pointer self;
  shared_services with;
  state_writer_actor writer;
  std::uint64_t version = 0;
  std::size_t publishing = 0;       // commits under way
  bool renewing = false;            // one of them signs cards anew: others wait, so that each sees the card it replaces
  std::uint64_t renews_up_to = 0;   // older ones are signed anew; 0: none
  std::uint64_t renewed_up_to = 0;  // those before are, since the start
  std::map<std::string, link_actor> links;

  std::vector<std::pair<publish_card, caf::typed_response_promise<commit_result>>> waiting;

 private:
  // Milliseconds since 1970, and always one more than the last: so the versions that follow an older copy put back are
  // newer than those it has forgotten.
  std::uint64_t next_version();
  domain::result<void> sign_and_store(storage::change_set& changes, const storage::snapshot& snapshot,
                                      const domain::card& card);
  void renew_batch();
  void publish_waiting();
  [[nodiscard]] std::map<domain::organisation_id, domain::card_row> cards_in(const wire::cards& cards,
                                                                             const std::string& peer) const;
  void refuse_card(const std::string& peer, const domain::error& why) const;
  [[nodiscard]] bool is_believable(std::uint64_t version_held) const;
  void commit(storage::change_set changes, std::function<void(commit_result)> then);
};

directory_actor::behavior_type directory(directory_actor::stateful_pointer<directory_state> self, shared_services with,
                                         state_writer_actor writer);

}  // namespace elsec::actors
