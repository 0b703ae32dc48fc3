#pragma once
// What a receiver remembers of the envelopes it has applied: the newest, and of those before it ever fewer the older
// they are. So it can say within a few lines where it stands, to a sender that an older copy was put back of: the last
// one that both know is found, and little more than what is missing is sent again.

#include <boost/describe.hpp>

#include <cstdint>
#include <string>
#include <vector>

namespace elsec::domain {

// An envelope that was applied, with all before it.
struct milestone {
  std::uint64_t sequence = 0;
  std::string id;
};
BOOST_DESCRIBE_STRUCT(milestone, (), (sequence, id))

inline constexpr std::size_t milestones_max = 160;  // what 64 bits of sequences can come to

// `one` lies behind those passed; `newest` is the sequence applied now. Between two that stay lie no more envelopes
// than came after them.
void pass_milestone(std::vector<milestone>& passed, milestone one, std::uint64_t newest);

}  // namespace elsec::domain
