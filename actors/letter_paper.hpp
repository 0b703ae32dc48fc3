#pragma once
// What goes on paper: the cover page's words and the documents' bytes of one letter.

#include "decisions/services.hpp"
#include "domain/letter.hpp"
#include "postal/carrier.hpp"
#include "postal/worker.hpp"

#include <vector>

namespace elsec::actors {

struct letter_paper {
  postal::cover cover;
  std::vector<domain::bytes> documents;
  postal::ticket ticket;  // without pages and digest
};

// Reads the dispatch, its sender and its files. `invalid` with a sentence for the sender when a file cannot be printed.
[[nodiscard]] domain::result<letter_paper> gather_paper(const decisions::shared_services& with,
                                                        const domain::organisation_id& of,
                                                        const domain::letter_row& letter);

}  // namespace elsec::actors
