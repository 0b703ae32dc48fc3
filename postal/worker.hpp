#pragma once
// Foreign PDFs are parsed only here, in a child process: `elsecd --worker pdf`. The child is started once and forks a
// fresh grandchild per job, which gives up everything it does not need (resource limits for memory, CPU time and file
// size, no new files, no network, seccomp) before it looks at the first byte. A job that crashes, hangs or wants too
// much is a job that failed; the node goes on.

#include "domain/error.hpp"
#include "domain/fields.hpp"

#include <boost/describe.hpp>

#include <chrono>
#include <cstdint>
#include <memory>
#include <span>
#include <string>
#include <vector>

namespace elsec::postal {

// Something about a file its sender or an operator should know.
struct finding {
  std::string code;    // a name of finding_code (findings.hpp)
  std::string detail;  // a sentence for people; never text from the file
};
BOOST_DESCRIBE_STRUCT(finding, (), (code, detail))

// What a look at a file gives.
struct inspection {
  std::string detected_type;         // by content (libmagic)
  std::uint32_t pages = 0;           // of a readable PDF, else 0
  std::vector<finding> quarantine;   // reasons not to let it pass: scripts, launch actions, embedded executables,
                                     // encryption, type mismatch
  std::vector<finding> unprintable;  // reasons it cannot become a letter (not a PDF, unreadable, damaged, no pages, …)
};
BOOST_DESCRIBE_STRUCT(inspection, (), (detected_type, pages, quarantine, unprintable))

// The cover page's words. Lines must already fit: the sender line in one line, at most 6 recipient lines.
struct cover {
  std::string sender_line;  // "Klinik Musterstadt, Am Tor 1, 12345 Musterstadt"
  std::vector<std::string>
      recipient_lines;             // name, additions, street, postal code and city, country (upper case, abroad only)
  std::string subject;             // printed below the window
  std::string date;                // "23.11.2026"
  std::string reference;           // the sender's, of the case; empty when there is none
  std::string letter_id;           // by which a letter that comes back is found again
  std::vector<std::string> notes;  // short lines below the subject: contact, case reference, list of enclosures
};
BOOST_DESCRIBE_STRUCT(cover, (), (sender_line, recipient_lines, subject, date, reference, letter_id, notes))

struct composed_letter {
  domain::bytes pdf;        // A4, cover page first, then every document page fitted onto A4
  std::uint32_t pages = 0;  // cover included
};

struct worker_limits {
  std::uint64_t memory_bytes = 512ULL << 20;
  std::chrono::seconds cpu{30};
  std::chrono::seconds wall{60};
  std::uint64_t output_bytes = 256ULL << 20;
};

// Looks at foreign files and makes letters of them. Synchronous and slow: for detached actors only. One job at a time
// per object.
class pdf_service {
 public:
  virtual ~pdf_service() = default;

  // Looks at the first bytes and, for a PDF, at its structure. `claimed_type` is the media type the sender named.
  // Errors: `timed_out`, `internal` (the child could not be started) - never because of what is in the file: a job
  // that crashes or runs out of memory gives an inspection with an `unreadable` finding in both lists.
  [[nodiscard]] virtual domain::result<inspection> inspect(std::span<const std::uint8_t> file,
                                                           const std::string& claimed_type) = 0;

  // Cover page and documents joined. `invalid` with a sentence for the sender when a document cannot be printed.
  [[nodiscard]] virtual domain::result<composed_letter> compose(
      const cover& words, const std::vector<std::span<const std::uint8_t>>& documents) = 0;
};

// The parent's side.
class pdf_worker : public pdf_service {
 public:
  // `program` is the path of elsecd. Starts nothing yet; the child is started at the first job and again when it dies.
  pdf_worker(std::string program, worker_limits limits);
  ~pdf_worker() override;
  pdf_worker(const pdf_worker&) = delete;
  pdf_worker& operator=(const pdf_worker&) = delete;

  [[nodiscard]] domain::result<inspection> inspect(std::span<const std::uint8_t> file,
                                                   const std::string& claimed_type) override;
  [[nodiscard]] domain::result<composed_letter> compose(
      const cover& words, const std::vector<std::span<const std::uint8_t>>& documents) override;

 private:
  struct state;
  std::unique_ptr<state> state_;
};

// The child's side: serves jobs on the given socket until it closes. Returns the exit status.
int run_pdf_worker(int socket);

}  // namespace elsec::postal
