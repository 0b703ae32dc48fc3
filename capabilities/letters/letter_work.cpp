#include "capabilities/letters/letter_work.hpp"

namespace elsec::capabilities {

using domain::error_code;
using domain::letter_state;

namespace {

// Failures that say something about the letter itself; all others may pass.
bool concerns_the_letter(error_code code) {
  return code == error_code::invalid || code == error_code::closed || code == error_code::not_found;
}

std::string sentence_for_sender(const domain::error& why) {
  return why.detail.empty() ? std::string(domain::sentence_of(why.code)) : why.detail;
}

template <class Id>
Id id_within(const std::string& object, std::size_t from) {
  if (object.size() < from) return {};
  return Id::parse(object.substr(from, Id::length)).value_or(Id{});
}

template <class Command>
deadline_kind kind_of_work(std::string_view name, std::chrono::milliseconds (*ahead_max)(const policy&)) {
  return {.name = name,
          .make = &make_deadline_command<Command>,
          .at_once = helped_at_once,
          .at_once_each = 1,
          .patience = helped_patience,
          .ahead_max = ahead_max};
}

}  // namespace

letter_work::letter_work(domain::time_point set_for, storage::deadline_row from)
    : at(set_for),
      due(std::move(from)),
      document(id_within<domain::document_id>(due.object, 0)),
      letter(id_within<domain::letter_id>(due.object, domain::document_id::length)) {}

domain::result<ruling> letter_work::decide(const facts& given) const {
  auto found = find_letter(given.read, due.organisation_id, letter);
  if (!found && found.error().code != error_code::not_found) return std::unexpected(std::move(found.error()));
  ruling decided{.changes = storage::change_set{}};
  auto& changes = *decided.changes;
  if (found && found->letter.state == begins_in()) {
    const auto* made = std::get_if<domain::result<paper_made>>(&given.done);
    if (made != nullptr && *made) {
      found->letter.pages = (*made)->pages;
      found->letter.sheets = (*made)->sheets;
      go_on(decided, given, std::move(*found));
    } else {
      const auto reason = reason_to_fail(made == nullptr ? domain::error{} : made->error(), changes, given.now);
      if (!reason) return decided;
      enter(changes, given, due.organisation_id, std::move(*found), letter_state::failed, *reason);
    }
  }
  end_deadline(changes, {due.kind, at, due.organisation_id, due.object});
  return decided;
}

std::optional<std::string> letter_work::reason_to_fail(const domain::error& why, storage::change_set& changes,
                                                       domain::time_point now) const {
  if (concerns_the_letter(why.code)) return sentence_for_sender(why);
  if (put_off(changes, at, due, now)) return std::nullopt;
  return given_up();
}

std::string compose_letter::given_up() const {
  return "the letter could not be composed for seven days; send it again";
}

void compose_letter::go_on(ruling& decided, const facts& given, letter_affair what) const {
  const auto leaves_at = what.letter.leaves_at;
  enter(*decided.changes, given, due.organisation_id, std::move(what), letter_state::queued);
  set_deadline(*decided.changes, {letter_to_hand_over, leaves_at, due.organisation_id, due.object});
  if (leaves_at <= given.now) decided.notices.emplace_back(deadlines_may_be_due{});
}

std::string hand_over_letter::given_up() const {
  return "the letter could not be handed to the carrier for seven days; send it again";
}

void hand_over_letter::go_on(ruling& decided, const facts& given, letter_affair what) const {
  enter(*decided.changes, given, due.organisation_id, std::move(what), letter_state::submitted);
}

std::vector<deadline_kind> letter_kinds() {
  auto handing_over = kind_of_work<hand_over_letter>(
      letter_to_hand_over, [](const policy& set) -> std::chrono::milliseconds { return 2 * set.letter_grace; });
  handing_over.irrevocable = true;
  return {handing_over, kind_of_work<compose_letter>(letter_to_compose, &never_ahead)};
}

}  // namespace elsec::capabilities
