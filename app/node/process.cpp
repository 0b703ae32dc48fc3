#include "app/node/process.hpp"

#include <spdlog/pattern_formatter.h>
#include <spdlog/sinks/basic_file_sink.h>
#include <spdlog/sinks/stdout_sinks.h>
#include <spdlog/spdlog.h>

#include <chrono>
#include <cstdlib>
#include <ctime>
#include <filesystem>
#include <malloc.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <thread>
#include <unistd.h>
#include <utility>

namespace elsec::app {
namespace {

// sysexits.h: an error occurred while doing I/O on some file.
constexpr int exit_io = 74;
constexpr auto stop_deadline = std::chrono::milliseconds(4'800);
// What a burst of uploads leaves to the allocator goes back to the system once there was little to do for so long.
constexpr auto trim_interval = std::chrono::seconds(10);
constexpr auto quiet_cpu_time = std::chrono::seconds(1);

// Of all threads.
std::chrono::nanoseconds cpu_time() {
  timespec used{};
  clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &used);
  return std::chrono::seconds(used.tv_sec) + std::chrono::nanoseconds(used.tv_nsec);
}

// The message with control characters as \xNN, so that nobody forges a line.
class escaped_message : public spdlog::custom_flag_formatter {
 public:
  void format(const spdlog::details::log_msg& message, const std::tm&, spdlog::memory_buf_t& out) override {
    constexpr char digits[] = "0123456789abcdef";
    for (const char c : message.payload) {
      const auto byte = static_cast<unsigned char>(c);
      if (byte >= 0x20 && byte != 0x7F) {
        out.push_back(c);
      } else {
        const char escaped[] = {'\\', 'x', digits[byte >> 4], digits[byte & 15]};
        out.append(escaped, escaped + sizeof(escaped));
      }
    }
  }
  [[nodiscard]] std::unique_ptr<custom_flag_formatter> clone() const override {
    return std::make_unique<escaped_message>();
  }
};

void set_limit(int resource, rlim_t soft_max) {
  rlimit limit{};
  if (getrlimit(static_cast<__rlimit_resource>(resource), &limit) != 0) return;
  limit.rlim_cur = std::min(limit.rlim_max, soft_max);
  setrlimit(static_cast<__rlimit_resource>(resource), &limit);
}

}  // namespace

void harden_process() {
  set_limit(RLIMIT_CORE, 0);
  set_limit(RLIMIT_MEMLOCK, RLIM_INFINITY);
  std::signal(SIGPIPE, SIG_IGN);
  std::signal(SIGXFSZ, SIG_IGN);  // a file size limit is an error of write(), not a death
  umask(0077);
}

sigset_t block_stop_signals() {
  sigset_t signals;
  sigemptyset(&signals);
  sigaddset(&signals, SIGINT);
  sigaddset(&signals, SIGTERM);
  pthread_sigmask(SIG_BLOCK, &signals, nullptr);
  return signals;
}

void wait_for(const sigset_t& signals) {
  const timespec pause{.tv_sec = trim_interval.count(), .tv_nsec = 0};
  auto used = cpu_time();
  int received = sigtimedwait(&signals, nullptr, &pause);
  while (received < 0) {
    const auto before = std::exchange(used, cpu_time());
    if (used - before < quiet_cpu_time) malloc_trim(0);
    received = sigtimedwait(&signals, nullptr, &pause);
  }
  spdlog::info("stopping: signal {}", received);
}

void open_log(const settings::log_section& wanted) {
  std::shared_ptr<spdlog::sinks::sink> sink;
  if (wanted.file.empty())
    sink = std::make_shared<spdlog::sinks::stderr_sink_mt>();
  else
    sink = std::make_shared<spdlog::sinks::basic_file_sink_mt>(wanted.file);
  auto formatter = std::make_unique<spdlog::pattern_formatter>(spdlog::pattern_time_type::utc);
  formatter->add_flag<escaped_message>('Q').set_pattern("%Y-%m-%dT%H:%M:%S.%eZ %l %Q");
  auto logger = std::make_shared<spdlog::logger>("elsecd", std::move(sink));
  logger->set_formatter(std::move(formatter));
  logger->set_level(spdlog::level::from_str(wanted.level));
  logger->flush_on(spdlog::level::info);
  spdlog::set_default_logger(std::move(logger));
}

void stop_at_once(const std::string& why) {
  spdlog::critical("stopping at once: {}", why);
  spdlog::default_logger()->flush();
  std::_Exit(exit_io);
}

void guard_stop() {
  std::thread([] {
    std::this_thread::sleep_for(stop_deadline);
    spdlog::warn("stopping took too long; leaving (everything acknowledged is on disk)");
    spdlog::default_logger()->flush();
    std::_Exit(0);
  }).detach();
}

std::string own_program() { return std::filesystem::read_symlink("/proc/self/exe").string(); }

}  // namespace elsec::app
