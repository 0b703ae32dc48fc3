#pragma once
// What a node says of itself in the API's description.

#include <string>

namespace elsec::gateway {

struct node_profile {
  std::string version;       // of the program
  std::string public_url{};  // where clients reach it: "https://elsec.example.org"; empty: not known
};

}  // namespace elsec::gateway
