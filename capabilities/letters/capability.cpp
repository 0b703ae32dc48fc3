#include "capabilities/letters/capability.hpp"

#include "capabilities/groups.hpp"
#include "capabilities/letters/examples.hpp"
#include "capabilities/letters/letter_happened.hpp"
#include "capabilities/letters/letter_work.hpp"
#include "capabilities/lists.hpp"

namespace elsec::capabilities {
namespace {

constexpr auto reading_letters = domain::scope::documents_read;

struct letters_list : plain_list<domain::letter> {
  static constexpr const auto& rows = tables::letters;
};

domain::result<shown> show_letter(const facts& given, const request& asked) {
  const auto id = asked.id<domain::letter_id>();
  if (!id) return std::unexpected(id.error());
  return object<domain::letter>(find_row(given.read, tables::letters, storage::key_of(asked.who.organisation_id, *id)));
}

}  // namespace

capability letters_capability() {
  return {.name = "letters",
          .routes = {list_route<letters_list>({.path = "/api/v1/letters",
                                               .id = "list_letters",
                                               .summary = "Letters, newest first",
                                               .group = groups::letters,
                                               .need = access::scoped,
                                               .scope = reading_letters}),
                     {.method = "GET",
                      .path = "/api/v1/letters/{id}",
                      .id = "get_letter",
                      .summary = "A letter",
                      .group = groups::letters,
                      .need = access::scoped,
                      .scope = reading_letters,
                      .parts = {{"id", codec::type_of<domain::letter_id>}},
                      .answer = body_type_of<domain::letter>,
                      .show = &show_letter}},
          .made_of = {.deadline_kinds = letter_kinds(), .letter_happened = &letter_happened::make}};
}

}  // namespace elsec::capabilities
