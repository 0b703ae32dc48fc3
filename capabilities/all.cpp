#include "capabilities/all.hpp"

#include "capabilities/access/capability.hpp"
#include "capabilities/clock/capability.hpp"
#include "capabilities/damage/capability.hpp"
#include "capabilities/directory/capability.hpp"
#include "capabilities/dispatches/capability.hpp"
#include "capabilities/documents/capability.hpp"
#include "capabilities/feed/capability.hpp"
#include "capabilities/letters/capability.hpp"
#include "capabilities/operator/capability.hpp"
#include "capabilities/organisations/capability.hpp"

namespace elsec::capabilities {

// In the order of the description.
const std::vector<capability>& all() {
  static const std::vector<capability> list{
      access_capability(),     organisations_capability(), directory_capability(), documents_capability(),
      dispatches_capability(), letters_capability(),       feed_capability(),      operator_capability(),
      clock_capability(),      damage_capability(),
  };
  return list;
}

registry everything_registered() {
  registry sum;
  sum.wire_kinds.push_back(
      {.name = domain::wire::kind_rejection, .body = codec::type_of<domain::wire::rejection>, .of_links = true});
  sum.deadline_kinds.push_back(kind_met_together<forget_answers>(answer_expires));
  for (const auto& each : all()) sum.add(each.made_of);
  return sum;
}

}  // namespace elsec::capabilities
