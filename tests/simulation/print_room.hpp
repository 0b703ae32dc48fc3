#pragma once
// Takes letters out of the nodes' spools as a print room would: prints, then moves the PDF and the ticket to done/.

#include "tests/simulation/promises.hpp"

namespace elsec::simulation {

// What lies in the spool now.
void print_all(const std::filesystem::path& spool, ledger& into);

}  // namespace elsec::simulation
