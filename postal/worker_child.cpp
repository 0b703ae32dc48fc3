// The child's side: a process with one thread that loads fonts and databases once and forks a grandchild per job.

#include "codec/cbor.hpp"
#include "domain/folding.hpp"
#include "postal/compose.hpp"
#include "postal/cover_page.hpp"
#include "postal/inspect.hpp"
#include "postal/job.hpp"
#include "postal/sandbox.hpp"

#include <qpdf/Pipeline.hh>

#include <array>
#include <cerrno>
#include <chrono>
#include <csignal>
#include <exception>
#include <malloc.h>
#include <optional>
#include <poll.h>
#include <stdexcept>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

namespace elsec::postal {

namespace {

using document_list = std::vector<std::span<const std::uint8_t>>;
using steady = std::chrono::steady_clock;

// What all jobs share, loaded before the first one: a grandchild can open nothing any more.
struct tools {
  type_detector detector;
  cover_fonts fonts;
};

std::optional<tools> load_tools() {
  auto detector = type_detector::open();
  auto fonts = cover_fonts::load();
  if (!detector || !fonts) return {};
  // ICU looks for its data when it is first used, which the sandbox would not let it do.
  (void)domain::fold_case("Ü");
  return tools{std::move(*detector), std::move(*fonts)};
}

std::uint64_t input_bytes(const job& work) {
  std::uint64_t sum = 0;
  for (const std::uint64_t bytes : work.document_bytes) sum += bytes;
  return sum;
}

// ---- the grandchild ----

// Writes to a file; a full one is remembered.
class file_sink : public Pipeline {
 public:
  explicit file_sink(int fd) : Pipeline("letter", nullptr), fd_(fd) {}
  void write(unsigned char const* data, size_t length) override {
    if (write_all(fd_, {data, length})) return;
    full_ = true;
    throw std::runtime_error("the output is full");
  }
  void finish() override {}
  [[nodiscard]] bool full() const { return full_; }

 private:
  int fd_;
  bool full_ = false;
};

// The documents as they lie in the sealed input file; nothing when that is shorter than the job says.
std::optional<document_list> map_documents(const job& work, int input) {
  const std::uint64_t total = input_bytes(work);
  const off_t file_bytes = ::lseek(input, 0, SEEK_END);
  if (file_bytes < 0 || static_cast<std::uint64_t>(file_bytes) != total) return {};
  const std::uint8_t* data = nullptr;
  if (total > 0) {
    void* mapped = ::mmap(nullptr, total, PROT_READ, MAP_PRIVATE, input, 0);
    if (mapped == MAP_FAILED) return {};
    data = static_cast<const std::uint8_t*>(mapped);
  }
  document_list documents;
  std::size_t begin = 0;
  for (const std::uint64_t bytes : work.document_bytes) {
    documents.emplace_back(data + begin, bytes);
    begin += bytes;
  }
  return documents;
}

job_answer inspect(const tools& shared, const job& work, const document_list& documents) {
  file_report report = inspect_file(documents.at(0), work.claimed_type, shared.detector);
  return {.detected_type = std::move(report.detected_type),
          .pages = report.pages,
          .quarantine = std::move(report.quarantine),
          .unprintable = std::move(report.unprintable)};
}

job_answer compose(const domain::bytes& cover_pdf, const document_list& documents, int pdf) {
  file_sink sink(pdf);
  job_answer answer;
  try {
    const auto pages = compose_letter(cover_pdf, documents, sink);
    if (pages) {
      answer.pages = *pages;
    } else {
      answer.unprintable.push_back(pages.error().why);
      answer.document = pages.error().document;
    }
  } catch (const std::exception&) {
    answer.unprintable.push_back(sink.full() ? finding_code::too_large : finding_code::unreadable);
  }
  return answer;
}

// True when the job has an answer. The cover page is drawn before the sandbox closes: its words are the node's own,
// and drawing opens font files and starts threads.
bool run_job(const tools& shared, const job& work, const packet& request) {
  const int input = request.files.at(0).get();
  const int answer_file = request.files.at(1).get();
  const resource_limits limits{work.memory_bytes + input_bytes(work), work.cpu_s, work.output_bytes};
  if (!limit_resources(limits)) return false;
  const auto documents = map_documents(work, input);
  if (!documents) return false;
  job_answer answer;
  domain::bytes cover_pdf;
  if (work.kind == job_kind::compose) {
    auto drawn = draw_cover(shared.fonts, work.words);
    if (drawn)
      cover_pdf = std::move(*drawn);
    else
      answer.unprintable.push_back(unprintable(work.words).value_or(finding_code::unprintable_address));
  }
  if (!enter_sandbox()) return false;
  if (work.kind == job_kind::inspect)
    answer = inspect(shared, work, *documents);
  else if (!cover_pdf.empty())
    answer = compose(cover_pdf, *documents, request.files.at(2).get());
  return write_all(answer_file, codec::to_cbor(answer)).has_value();
}

[[noreturn]] void become_grandchild(const tools& shared, const job& work, const packet& request, int socket,
                                    pid_t parent) {
  // Without a parent nobody watches the clock. It may have died before the request took effect.
  ::prctl(PR_SET_PDEATHSIG, SIGKILL);
  if (::getppid() != parent) ::_exit(1);
  ::close(socket);
  try {
    if (run_job(shared, work, request)) ::_exit(0);
  } catch (const std::exception&) {
    // Out of memory outside the parsers: no answer.
  }
  ::_exit(1);
}

// ---- the child ----

int milliseconds_until(steady::time_point deadline) {
  const auto left = std::chrono::duration_cast<std::chrono::milliseconds>(deadline - steady::now()).count();
  return static_cast<int>(std::max<std::int64_t>(left, 0));
}

// Until the job ends, its time is over, or the parent has gone.
job_outcome watch(pid_t grandchild, int socket, steady::time_point deadline) {
  const unique_fd handle(static_cast<int>(::syscall(SYS_pidfd_open, grandchild, 0)));
  bool ended = false;
  std::array<pollfd, 2> events{pollfd{handle.get(), POLLIN, 0}, pollfd{socket, POLLRDHUP, 0}};
  while (handle) {
    const int ready = ::poll(events.data(), events.size(), milliseconds_until(deadline));
    if (ready < 0 && errno == EINTR) continue;
    ended = ready > 0 && events[0].revents != 0;
    break;
  }
  if (!ended) ::kill(grandchild, SIGKILL);
  int status = 0;
  while (::waitpid(grandchild, &status, 0) < 0 && errno == EINTR) {
  }
  if (!ended) return job_outcome::timed_out;
  return WIFEXITED(status) && WEXITSTATUS(status) == 0 ? job_outcome::answered : job_outcome::died;
}

// The request ends here: its files are gone before the parent hears of the outcome.
job_outcome serve(const tools& shared, packet request, int socket) {
  const auto work = codec::from_cbor<job>(request.data);
  if (!work || request.files.size() != job_files || work->document_bytes.empty()) return job_outcome::not_started;
  const auto deadline = steady::now() + std::chrono::milliseconds(work->wall_ms);
  const pid_t self = ::getpid();
  const pid_t grandchild = ::fork();
  if (grandchild < 0) return job_outcome::not_started;
  if (grandchild == 0) become_grandchild(shared, *work, request, socket, self);
  return watch(grandchild, socket, deadline);
}

}  // namespace

int run_pdf_worker(int socket) {
  constexpr rlimit no_core{0, 0};
  std::signal(SIGPIPE, SIG_IGN);
  // A heap per thread would reserve a job's address space for threads that font libraries start for a moment.
  ::mallopt(M_ARENA_MAX, 1);
  ::prctl(PR_SET_DUMPABLE, 0);
  ::setrlimit(RLIMIT_CORE, &no_core);
  const auto shared = load_tools();
  if (!shared) return 1;
  while (true) {
    auto request = receive_packet(socket);
    if (!request) return 1;
    if (request->data.empty()) return 0;
    const std::array outcome{static_cast<std::uint8_t>(serve(*shared, std::move(*request), socket))};
    if (!send_packet(socket, outcome, {})) return 0;
  }
}

}  // namespace elsec::postal
