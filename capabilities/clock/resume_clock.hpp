#pragma once
// POST /operator/v1/clock/resume: the operator has looked at the clock, and says that it is right; what waited goes on.

#include "capabilities/clock/examples.hpp"
#include "capabilities/groups.hpp"
#include "capabilities/route.hpp"
#include "decisions/services.hpp"

namespace elsec::capabilities {

// It concerns the node and no organisation, so it stands in no organisation's audit log but in the node's log. Nothing
// of it is on disk, since a start believes its clock anyway. A jump after it pauses again.
struct resume_clock : command {
  resume_clock(const request&, clock_confirmation confirmed) : what(std::move(confirmed)) {}

  clock_confirmation what;

  // Of nobody, as the log-in of an unknown account: the organisation that does not exist decides it, and leaves.
  [[nodiscard]] subject whom() const override { return {}; }

  [[nodiscard]] domain::result<ruling> decide(const facts&) const override {
    return ruling{.answer = {.status = 204},
                  .notices = {news([why = what.reason.str()](const services& with) {
                                with.clock->resume({with.now, with.since_boot}, *with.metrics, why);
                              }),
                              deadlines_may_be_due{}}};
  }

  [[nodiscard]] static route described() {
    return command_route<resume_clock, in_body<clock_confirmation>>(
        {.method = "POST",
         .path = "/operator/v1/clock/resume",
         .id = "resume_clock",
         .summary = "The clock is right: work that waits after a jump of it goes on",
         .group = groups::operation,
         .need = access::operator_,
         .success = 204});
  }
};

}  // namespace elsec::capabilities
