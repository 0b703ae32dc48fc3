#pragma once
// GET /ready on the operator's listener.

#include <boost/describe.hpp>

#include <string>
#include <vector>

namespace elsec::capabilities {

struct link_status {
  std::string node;
  std::string state;  // "up" or "down"
};
BOOST_DESCRIBE_STRUCT(link_status, (), (node, state))

struct readiness {
  bool ready = false;
  std::vector<link_status> links;
};
BOOST_DESCRIBE_STRUCT(readiness, (), (ready, links))

}  // namespace elsec::capabilities
