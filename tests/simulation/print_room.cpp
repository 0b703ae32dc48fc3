#include "tests/simulation/print_room.hpp"

#include "codec/json.hpp"
#include "postal/carrier.hpp"

#include <fstream>
#include <set>

namespace elsec::simulation {
namespace {

std::string read_file(const std::filesystem::path& path) {
  std::ifstream file(path, std::ios::binary);
  return {std::istreambuf_iterator<char>(file), {}};
}

}  // namespace

void print_all(const std::filesystem::path& spool, ledger& into) {
  std::set<std::filesystem::path> tickets;
  for (const auto& entry : std::filesystem::directory_iterator(spool))
    if (entry.path().extension() == ".json" && !entry.path().filename().string().starts_with('.'))
      tickets.insert(entry.path());
  for (const auto& path : tickets) {
    const auto ticket = codec::from_json<postal::ticket>(read_file(path));
    if (!ticket) throw broken{"a ticket cannot be read: " + ticket.error().detail};
    const auto pdf = spool / ticket->pdf_file;
    if (!std::filesystem::exists(pdf)) throw broken{"a ticket lies in the spool without its PDF"};
    into.printed.push_back({ticket->dispatch_id, read_file(pdf)});
    std::filesystem::rename(pdf, spool / "done" / pdf.filename());
    std::filesystem::rename(path, spool / "done" / path.filename());
  }
}

}  // namespace elsec::simulation
