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
};

// What is not (or not yet) as promised, or nothing. Precondition: all nodes run.
[[nodiscard]] std::optional<std::string> first_complaint(const ledger& promised,
                                                         const std::map<std::string, std::unique_ptr<node>>& nodes);

}  // namespace elsec::simulation
