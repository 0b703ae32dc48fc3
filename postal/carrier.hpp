#pragma once
// A carrier takes letters and reports what became of them. Handing over is idempotent by letter id: the same letter
// handed over again after a crash is the same letter (requirement G3).

#include "domain/error.hpp"
#include "domain/fields.hpp"
#include "domain/time.hpp"

#include <boost/describe.hpp>

#include <chrono>
#include <cstdint>
#include <functional>
#include <memory>
#include <span>
#include <string>
#include <vector>

namespace elsec::postal {

// Requirement R7: A4, white, 80 g/m², white envelope, 300 dpi.
struct paper {
  std::string format = "A4";
  std::string colour = "white";
  std::int32_t grammage_g_per_m2 = 80;
  std::string envelope = "white";
};
BOOST_DESCRIBE_STRUCT(paper, (), (format, colour, grammage_g_per_m2, envelope))

struct print_settings {
  std::int32_t resolution_dpi = 300;
  bool color = true;
  bool duplex = true;
};
BOOST_DESCRIBE_STRUCT(print_settings, (), (resolution_dpi, color, duplex))

// What stands in the ticket beside a letter's PDF.
struct ticket {
  std::string letter_id;
  std::string dispatch_id;
  domain::time_point created_at{};
  postal::paper paper;
  print_settings print;
  std::uint32_t pages = 0;
  std::uint32_t sheets = 0;
  std::vector<std::string> recipient;  // the lines as printed
  std::string sender;                  // the sender line as printed
  std::string pdf_file;                // ltr_….pdf
  std::uint64_t pdf_bytes = 0;
  std::string pdf_sha256;  // hex, of the PDF as handed over
};
BOOST_DESCRIBE_STRUCT(ticket, (),
                      (letter_id, dispatch_id, created_at, paper, print, pages, sheets, recipient, sender, pdf_file,
                       pdf_bytes, pdf_sha256))

// What a carrier says about a letter it was handed.
enum class carrier_state : std::uint8_t { sent };
BOOST_DESCRIBE_ENUM(carrier_state, sent)

struct report {
  std::string letter_id;
  carrier_state state = carrier_state::sent;
};

class carrier {
 public:
  virtual ~carrier() = default;
  [[nodiscard]] virtual std::string name() const = 0;
  // On disk (or with the carrier for good) when it returns. `storage_full` and `io` may be repeated later.
  [[nodiscard]] virtual domain::result<void> submit(const ticket& t, std::span<const std::uint8_t> pdf) = 0;
  // News since the last `settle`; a report is given again until it is settled.
  [[nodiscard]] virtual domain::result<std::vector<report>> poll() = 0;
  // The news about this letter is on record: the carrier may forget it (the spool deletes its files).
  [[nodiscard]] virtual domain::result<void> settle(const std::string& letter_id) = 0;
  // Whether news of it was settled before: asked about letters that the records of a node, put back to an older copy,
  // show as still on their way.
  [[nodiscard]] virtual domain::result<bool> has_settled(const std::string& letter_id) = 0;
  // What it knows of letters that were settled so long ago that no copy of a node's data asks for them may go. Not to
  // be called while the clock is not to be believed: it cannot be undone.
  [[nodiscard]] virtual domain::result<void> forget_settled(domain::time_point now) = 0;
};

// The embedded default: a folder that a print room empties. `SPOOL/ltr_….pdf` and then `SPOOL/ltr_….json` (the ticket)
// appear by rename, each complete and synced, the ticket last; the print room moves both to `SPOOL/done/`, which means
// sent. Settled letters leave an empty file of their id under `SPOOL/sent/` for `spool_memory`: a node that is put back
// to an older copy of its data may hand them over again. They lie in folders by the time of their settling, twelve days
// each, so that one is found without reading the others, and those of a time go together. The folder
// has mode 0700 and lies outside the encrypted store, so `transform` may seal what is written (to the print room's
// key); it is the identity only where the settings ask for plaintext.
inline constexpr auto spool_memory = std::chrono::days(120);  // longer than the longest retention (90 days)
struct spool_options {
  std::string folder;
  std::function<domain::bytes(std::span<const std::uint8_t>)> transform;  // empty: as it is
  std::function<domain::time_point()> now;                                // must be set
};
[[nodiscard]] domain::result<std::unique_ptr<carrier>> open_spool(spool_options options);

}  // namespace elsec::postal
