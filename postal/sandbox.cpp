#include "postal/sandbox.hpp"

#include "postal/file.hpp"

#include <array>
#include <cerrno>
#include <csignal>
#include <memory>
#include <seccomp.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/resource.h>

namespace elsec::postal {

namespace {

// The address sanitizer reserves terabytes of address space; under it this one limit cannot be set.
#if defined(__SANITIZE_ADDRESS__)
constexpr bool address_space_is_limited = false;
#else
constexpr bool address_space_is_limited = true;
#endif

bool limit(__rlimit_resource what, std::uint64_t soft, std::uint64_t hard) {
  const rlimit value{soft, hard};
  return ::setrlimit(what, &value) == 0;
}

// read and write work on open files only; nothing here opens, names, sends, starts or signals anything. A thread that a
// font library has just started may still be announcing itself (rseq, set_robust_list, its name) when the filter
// closes.
constexpr std::array allowed_calls{SCMP_SYS(read),           SCMP_SYS(write),         SCMP_SYS(pread64),
                                   SCMP_SYS(pwrite64),       SCMP_SYS(lseek),         SCMP_SYS(fstat),
                                   SCMP_SYS(close),          SCMP_SYS(munmap),        SCMP_SYS(mremap),
                                   SCMP_SYS(madvise),        SCMP_SYS(brk),           SCMP_SYS(futex),
                                   SCMP_SYS(getrandom),      SCMP_SYS(clock_gettime), SCMP_SYS(gettimeofday),
                                   SCMP_SYS(sched_yield),    SCMP_SYS(rt_sigreturn),  SCMP_SYS(rt_sigprocmask),
                                   SCMP_SYS(exit),           SCMP_SYS(exit_group),    SCMP_SYS(restart_syscall),
                                   SCMP_SYS(getpid),         SCMP_SYS(gettid),        SCMP_SYS(rseq),
                                   SCMP_SYS(set_robust_list)};

bool add_rules(scmp_filter_ctx filter) {
  for (const int call : allowed_calls)
    if (seccomp_rule_add(filter, SCMP_ACT_ALLOW, call, 0) != 0) return false;
  // Memory may be taken, but never made executable.
  for (const int call : {SCMP_SYS(mmap), SCMP_SYS(mprotect)})
    if (seccomp_rule_add(filter, SCMP_ACT_ALLOW, call, 1, SCMP_A2(SCMP_CMP_MASKED_EQ, PROT_EXEC, 0)) != 0) return false;
  if (seccomp_rule_add(filter, SCMP_ACT_ALLOW, SCMP_SYS(prctl), 1, SCMP_A0(SCMP_CMP_EQ, PR_SET_NAME)) != 0)
    return false;
  // Newer C libraries write fstat() this way, with a path the filter cannot see: stdio copes with a refusal.
  return seccomp_rule_add(filter, SCMP_ACT_ERRNO(EACCES), SCMP_SYS(newfstatat), 0) == 0;
}

}  // namespace

domain::result<void> limit_resources(const resource_limits& limits) {
  // Beyond the file limit a write shall fail, not kill: the job then tells why.
  std::signal(SIGXFSZ, SIG_IGN);
  const bool ok =
      limit(RLIMIT_CORE, 0, 0) && limit(RLIMIT_CPU, limits.cpu_s, limits.cpu_s + 1) &&
      limit(RLIMIT_FSIZE, limits.file_bytes, limits.file_bytes) &&
      (!address_space_is_limited || limit(RLIMIT_AS, limits.address_space_bytes, limits.address_space_bytes));
  if (!ok) return fail_errno(errno, "setrlimit");
  return {};
}

domain::result<void> enter_sandbox() {
  if (!limit(RLIMIT_NOFILE, 0, 0)) return fail_errno(errno, "setrlimit");
  if (::prctl(PR_SET_DUMPABLE, 0) != 0 || ::prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) != 0)
    return fail_errno(errno, "prctl");
  const std::unique_ptr<void, decltype(&seccomp_release)> filter(seccomp_init(SCMP_ACT_KILL_PROCESS), &seccomp_release);
  // Libraries may have left threads behind: the filter is for all of them.
  if (!filter || seccomp_attr_set(filter.get(), SCMP_FLTATR_CTL_TSYNC, 1) != 0 || !add_rules(filter.get()) ||
      seccomp_load(filter.get()) != 0)
    return domain::fail(domain::error_code::internal, "The sandbox cannot be closed.");
  return {};
}

}  // namespace elsec::postal
