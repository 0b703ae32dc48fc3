#include "capabilities/letters/letter_changes.hpp"

#include <boost/describe/enum_to_string.hpp>

namespace elsec::capabilities {

using namespace decisions;
using domain::letter_state;
namespace tables = storage::tables;

domain::result<letter_affair> find_letter(const storage::snapshot& read, const domain::organisation_id& of,
                                          const domain::letter_id& id) {
  auto letter = find_row(read, tables::letters, storage::key_of(of, id));
  if (!letter) return std::unexpected(std::move(letter.error()));
  auto about = find_affair(read, of, letter->dispatch_id);
  if (!about) return std::unexpected(std::move(about.error()));
  return letter_affair{std::move(*letter), std::move(*about)};
}

bool enter(storage::change_set& changes, const facts& given, const domain::organisation_id& of, letter_affair what,
           letter_state to, const std::string& reason) {
  const auto row =
      domain::advance(std::move(what.letter), to, given.now, reason.empty() ? std::nullopt : std::optional(reason));
  if (!row) return false;
  changes.put(tables::letters, storage::key_of(of, row->id), *row);
  changes.publish(of, letter_event(*row, given.now));
  if (to == letter_state::sent || to == letter_state::failed) changes.erase(tables::open_letters, row->id.str());
  dispatch_changes dispatching(changes, given.with, of, what.about.document);
  auto& dispatch = what.about.dispatch;
  if (to == letter_state::submitted) dispatching.happen(dispatch, domain::handed_to_carrier{});
  if (to == letter_state::sent) dispatching.happen(dispatch, domain::printed_and_sent{});
  if (to == letter_state::failed) dispatching.happen(dispatch, domain::gone_wrong{reason});
  given.with.metrics->letter_entered(boost::describe::enum_to_string(to, ""));
  return true;
}

}  // namespace elsec::capabilities
