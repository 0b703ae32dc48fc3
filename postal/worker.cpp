#include "postal/worker.hpp"

#include "codec/cbor.hpp"
#include "postal/cover_page.hpp"
#include "postal/findings.hpp"
#include "postal/job.hpp"
#include "postal/page.hpp"

#include <algorithm>
#include <array>
#include <cerrno>
#include <fcntl.h>
#include <optional>
#include <poll.h>
#include <signal.h>
#include <spawn.h>
#include <sys/socket.h>
#include <sys/wait.h>

namespace elsec::postal {

namespace {

using domain::error_code;
using domain::fail;
using steady = std::chrono::steady_clock;
using document_list = std::vector<std::span<const std::uint8_t>>;

constexpr int worker_socket = 3;  // the first descriptor after the standard three
// The child enforces a job's time; a child that has not answered this long after is itself lost.
constexpr std::chrono::seconds answer_grace{10};
// One restart: the child had died since the last job, or dies with this one through no fault of the file.
constexpr int attempts_max = 2;

class spawn_plan {
 public:
  // Standard streams to nowhere, `socket` as descriptor 3, nothing else; no inherited signal settings, a process group
  // of its own so that a terminal's Ctrl-C reaches the node first.
  explicit spawn_plan(int socket) {
    ::posix_spawn_file_actions_init(&files_);
    ::posix_spawn_file_actions_adddup2(&files_, socket, worker_socket);
    for (const int standard : {0, 1, 2}) ::posix_spawn_file_actions_addopen(&files_, standard, "/dev/null", O_RDWR, 0);
    ::posix_spawn_file_actions_addclosefrom_np(&files_, worker_socket + 1);
    ::posix_spawnattr_init(&attributes_);
    ::posix_spawnattr_setflags(&attributes_, POSIX_SPAWN_SETPGROUP | POSIX_SPAWN_SETSIGMASK | POSIX_SPAWN_SETSIGDEF);
    sigset_t none;
    sigset_t all;
    ::sigemptyset(&none);
    ::sigfillset(&all);
    ::posix_spawnattr_setsigmask(&attributes_, &none);
    ::posix_spawnattr_setsigdefault(&attributes_, &all);
  }
  ~spawn_plan() {
    ::posix_spawn_file_actions_destroy(&files_);
    ::posix_spawnattr_destroy(&attributes_);
  }
  spawn_plan(const spawn_plan&) = delete;
  spawn_plan& operator=(const spawn_plan&) = delete;

  // The process id, or nothing.
  std::optional<pid_t> run(const std::string& program) const {
    std::string name = program;
    std::string mode = "--worker";
    std::string kind = "pdf";
    std::array<char*, 4> arguments{name.data(), mode.data(), kind.data(), nullptr};
    std::string language = "LANG=C.UTF-8";
    std::array<char*, 2> environment{language.data(), nullptr};
    pid_t child = -1;
    if (::posix_spawn(&child, name.c_str(), &files_, &attributes_, arguments.data(), environment.data()) != 0)
      return {};
    return child;
  }

 private:
  posix_spawn_file_actions_t files_{};
  posix_spawnattr_t attributes_{};
};

domain::result<unique_fd> make_input(const document_list& documents) {
  auto file = make_memory_file("elsec-input");
  if (!file) return file;
  for (const auto& document : documents)
    if (auto ok = write_all(file->get(), document); !ok) return std::unexpected(ok.error());
  if (auto ok = seal(file->get()); !ok) return std::unexpected(ok.error());
  return file;
}

job describe_job(job_kind kind, const worker_limits& limits, const document_list& documents) {
  job work{.kind = kind};
  for (const auto& document : documents) work.document_bytes.push_back(document.size());
  work.memory_bytes = limits.memory_bytes;
  work.cpu_s = static_cast<std::uint64_t>(limits.cpu.count());
  work.wall_ms = static_cast<std::uint64_t>(std::chrono::milliseconds(limits.wall).count());
  work.output_bytes = limits.output_bytes;
  return work;
}

// A grandchild that was taken over may answer anything: nothing of it is used unchecked.
std::optional<job_answer> read_answer(int file) {
  const auto data = read_all(file, job_answer_bytes_max);
  if (!data) return {};
  auto answer = codec::from_cbor<job_answer>(*data);
  if (!answer || answer->pages > job_input_bytes_max) return {};
  if (!domain::media_type::parse(answer->detected_type)) answer->detected_type = "application/octet-stream";
  return std::move(*answer);
}

inspection unreadable_file() {
  const auto unreadable = describe({finding_code::unreadable});
  return {.detected_type = "application/octet-stream", .pages = 0, .quarantine = unreadable, .unprintable = unreadable};
}

std::unexpected<domain::error> refuse(finding_code why, std::uint32_t document, std::size_t documents) {
  std::string sentence(sentence_of(why));
  if (document > 0 && documents > 1) sentence = "Document " + std::to_string(document) + ": " + sentence;
  return fail(error_code::invalid, std::move(sentence));
}

}  // namespace

struct pdf_worker::state {
  std::string program;
  worker_limits limits;
  unique_fd socket;
  pid_t child = -1;

  struct results {
    job_outcome outcome = job_outcome::died;
    unique_fd answer;
    unique_fd pdf;
  };

  domain::result<void> start() {
    if (child > 0) return {};
    std::array<int, 2> ends{};
    if (::socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, ends.data()) != 0)
      return fail(error_code::internal, "The PDF worker could not be started.");
    unique_fd mine(ends[0]);
    const unique_fd theirs(ends[1]);
    const auto started = spawn_plan(theirs.get()).run(program);
    if (!started) return fail(error_code::internal, "The PDF worker could not be started.");
    child = *started;
    socket = std::move(mine);
    return {};
  }

  // A running job ends with the child.
  void stop() {
    socket.reset();
    if (child <= 0) return;
    ::kill(child, SIGKILL);
    while (::waitpid(child, nullptr, 0) < 0 && errno == EINTR) {
    }
    child = -1;
  }

  // Nothing when the child has died; `timed_out` when it does not answer.
  domain::result<std::optional<job_outcome>> wait_for_outcome() {
    const auto deadline = steady::now() + limits.wall + answer_grace;
    pollfd event{socket.get(), POLLIN, 0};
    while (true) {
      const auto left = std::chrono::duration_cast<std::chrono::milliseconds>(deadline - steady::now()).count();
      const int ready = ::poll(&event, 1, static_cast<int>(std::max<std::int64_t>(left, 0)));
      if (ready < 0 && errno == EINTR) continue;
      if (ready == 0) return fail(error_code::timed_out, "The PDF worker did not answer in time.");
      break;
    }
    const auto reply = receive_packet(socket.get());
    if (!reply || reply->data.size() != 1) return std::nullopt;
    return static_cast<job_outcome>(reply->data[0]);
  }

  domain::result<results> run(const domain::bytes& message, const unique_fd& input) {
    for (int attempt = 0; attempt < attempts_max; ++attempt) {
      if (auto ok = start(); !ok) return std::unexpected(ok.error());
      auto answer = make_memory_file("elsec-answer");
      auto pdf = make_memory_file("elsec-letter");
      if (!answer || !pdf) return fail(error_code::io, "There is no memory for the PDF worker.");
      const std::array files{input.get(), answer->get(), pdf->get()};
      if (send_packet(socket.get(), message, files)) {
        const auto outcome = wait_for_outcome();
        if (outcome && *outcome) return results{**outcome, std::move(*answer), std::move(*pdf)};
        if (!outcome) {
          stop();
          return std::unexpected(outcome.error());
        }
      }
      stop();
    }
    return fail(error_code::internal, "The PDF worker could not be started.");
  }

  // `timed_out`, `overloaded` and `internal` as errors; a job that died has no answer.
  domain::result<std::pair<results, std::optional<job_answer>>> perform(const job& work,
                                                                        const document_list& documents) {
    const domain::bytes message = codec::to_cbor(work);
    if (message.size() > job_message_bytes_max) return fail(error_code::invalid, "The cover page has too many words.");
    std::uint64_t total = 0;
    for (const std::uint64_t bytes : work.document_bytes) total += bytes;
    if (total > job_input_bytes_max) return fail(error_code::too_large, "The documents are too large to be printed.");
    const auto input = make_input(documents);
    if (!input) return std::unexpected(input.error());
    auto done = run(message, *input);
    if (!done) return std::unexpected(done.error());
    if (done->outcome == job_outcome::timed_out) return fail(error_code::timed_out, "The file took too long to check.");
    if (done->outcome == job_outcome::not_started)
      return fail(error_code::overloaded, "The PDF worker has no room for a job.");
    auto answer = done->outcome == job_outcome::answered ? read_answer(done->answer.get()) : std::nullopt;
    return std::pair(std::move(*done), std::move(answer));
  }
};

pdf_worker::pdf_worker(std::string program, worker_limits limits) : state_(std::make_unique<state>()) {
  state_->program = std::move(program);
  state_->limits = limits;
}

pdf_worker::~pdf_worker() { state_->stop(); }

domain::result<inspection> pdf_worker::inspect(std::span<const std::uint8_t> file, const std::string& claimed_type) {
  constexpr std::size_t claimed_type_bytes_max = 1024;
  const document_list documents{file};
  job work = describe_job(job_kind::inspect, state_->limits, documents);
  work.claimed_type = claimed_type.substr(0, claimed_type_bytes_max);
  const auto done = state_->perform(work, documents);
  if (!done) return std::unexpected(done.error());
  const auto& answer = done->second;
  if (!answer) return unreadable_file();
  return inspection{.detected_type = answer->detected_type,
                    .pages = answer->pages,
                    .quarantine = describe(answer->quarantine),
                    .unprintable = describe(answer->unprintable)};
}

domain::result<composed_letter> pdf_worker::compose(const cover& words, const document_list& documents) {
  if (auto ok = check_cover(words); !ok) return std::unexpected(ok.error());
  if (documents.empty()) return fail(error_code::invalid, "A letter needs a document.");
  if (documents.size() >= pages_max) return refuse(finding_code::too_many_pages, 0, documents.size());
  job work = describe_job(job_kind::compose, state_->limits, documents);
  work.words = words;
  const auto done = state_->perform(work, documents);
  if (!done) return std::unexpected(done.error());
  const auto& [files, answer] = *done;
  if (!answer) return refuse(finding_code::unreadable, 0, documents.size());
  if (!answer->unprintable.empty()) return refuse(answer->unprintable.front(), answer->document, documents.size());
  auto pdf = read_all(files.pdf.get(), state_->limits.output_bytes);
  constexpr std::string_view header = "%PDF-";
  const bool sound = pdf && pdf->size() > header.size() && std::equal(header.begin(), header.end(), pdf->begin()) &&
                     answer->pages > documents.size() && answer->pages <= pages_max;
  if (!sound) return refuse(finding_code::unreadable, 0, documents.size());
  return composed_letter{std::move(*pdf), answer->pages};
}

}  // namespace elsec::postal
