#pragma once
// What is done with a letter when its time has come, each the command of a deadline: it is composed, and at the end of
// its grace time handed to the carrier. The postal office does the work beforehand; what came of it is decided here, by
// the state the letter is in then.
//
//   preparing --composed--> queued --grace over, with the carrier--> submitted --carrier's report--> sent
//        \                      \--cannot be printed, or not for days--> failed, and the dispatch with it
//         \--likewise--> failed

#include "capabilities/letters/letter_changes.hpp"
#include "capabilities/route.hpp"

#include <string_view>

namespace elsec::capabilities {

// The kind of deadline that a letter has from then on until it is with the carrier. Its object: document id, letter id.
inline constexpr std::string_view letter_to_hand_over = "letter_to_hand_over";

struct letter_work : command {
  letter_work(domain::time_point set_for, storage::deadline_row from);

  domain::time_point at;
  storage::deadline_row due;
  domain::document_id document;
  domain::letter_id letter;

  [[nodiscard]] subject whom() const override { return {due.organisation_id, document.str()}; }
  [[nodiscard]] domain::result<ruling> decide(const facts& given) const override;

 private:
  // The state that this leads out of. In any other the letter needs it no longer.
  [[nodiscard]] virtual domain::letter_state begins_in() const = 0;
  // The sentence for a sender whose letter has waited for too long.
  [[nodiscard]] virtual std::string given_up() const = 0;
  // It has been done: `what` has its pages.
  virtual void go_on(ruling& decided, const facts& given, letter_affair what) const = 0;

  // Why it fails for good; nothing when it was put off.
  [[nodiscard]] std::optional<std::string> reason_to_fail(const domain::error& why, storage::change_set& changes,
                                                          domain::time_point now) const;
};

struct compose_letter : letter_work {
  using letter_work::letter_work;

  [[nodiscard]] domain::result<preparation> before(const services&) const override {
    return compose_paper{due.organisation_id, letter};
  }

 private:
  [[nodiscard]] domain::letter_state begins_in() const override { return domain::letter_state::preparing; }
  [[nodiscard]] std::string given_up() const override;
  void go_on(ruling& decided, const facts& given, letter_affair what) const override;
};

struct hand_over_letter : letter_work {
  using letter_work::letter_work;

  [[nodiscard]] domain::result<preparation> before(const services&) const override {
    return submit_paper{due.organisation_id, letter};
  }

 private:
  [[nodiscard]] domain::letter_state begins_in() const override { return domain::letter_state::queued; }
  [[nodiscard]] std::string given_up() const override;
  void go_on(ruling& decided, const facts& given, letter_affair what) const override;
};

// Handing over comes first: a letter without grace time is still at hand then.
[[nodiscard]] std::vector<deadline_kind> letter_kinds();

}  // namespace elsec::capabilities
