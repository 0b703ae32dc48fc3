#pragma once
// What clients were promised, and whether it is so: the judge of a run.

#include "tests/simulation/node.hpp"

#include <map>
#include <memory>
#include <optional>
#include <string>
#include <vector>

namespace elsec::simulation {

// An organisation and the node it is at home on.
struct party {
  domain::organisation_id id;
  std::string node;
  std::string name;
  domain::principal who;
};

struct upload_promise {  // answered with 201
  const party* owner;
  domain::document_id id;
  std::string bytes;
  bool forgotten = false;
};

// A dispatch a client wants, under one client_ref however often it asks.
struct dispatch_promise {
  std::string client_ref;
  const party* sender;
  const party* recipient;  // none: a name and an address, so a letter
  std::vector<std::string> files;
  std::optional<domain::dispatch_id> id;  // answered with 202
  bool abandoned = false;                 // its client gave up before it was answered
  bool forgotten = false;                 // an older copy of the sender's node was put back: at most one delivery then
  unsigned put_backs_before = 0;          // of its sender's and its recipient's node, when it was answered
};

struct printed_letter {
  std::string dispatch;
  std::string bytes;
};

struct ledger {
  std::vector<party> parties;
  std::vector<std::unique_ptr<upload_promise>> uploads;
  std::vector<std::unique_ptr<dispatch_promise>> dispatches;
  std::vector<printed_letter> printed;
  std::map<std::string, unsigned> put_backs;  // older copies, by node
};

// How often older copies of the sender's and the recipient's node were put back.
[[nodiscard]] unsigned put_backs_between(const ledger& promised, const dispatch_promise& promise);

using all_nodes = std::map<std::string, std::unique_ptr<node>>;

// What must never be, whatever fails: something doubled, wrong, or acknowledged and on no disk. What is on nodes that
// do not run is not looked at.
[[nodiscard]] std::optional<std::string> first_wrong(const ledger& promised, const all_nodes& nodes);

// What has not come true yet between these nodes. Precondition: they run.
[[nodiscard]] std::optional<std::string> first_missing(const ledger& promised, const all_nodes& nodes,
                                                       const std::function<bool(const std::string& node)>& counts);

}  // namespace elsec::simulation
