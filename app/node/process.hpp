#pragma once
// What concerns the process as such: limits, signals, the log.

#include "app/settings/settings.hpp"

#include <csignal>
#include <string>

namespace elsec::app {

// No core dumps, no death by a closed socket, as much locked memory as the system allows.
void harden_process();

// Blocks SIGINT and SIGTERM in this thread and all it starts; before any thread is started.
[[nodiscard]] sigset_t block_stop_signals();
void wait_for(const sigset_t& signals);

// Lines of time, level and text to standard error or a file; control characters are escaped.
void open_log(const settings::log_section& wanted);

// Ends the process at once, without touching the disk again.
[[noreturn]] void stop_at_once(const std::string& why);

// Ends the process if stopping takes longer than it may: everything acknowledged is on disk already.
void guard_stop();

[[nodiscard]] std::string own_program();

}  // namespace elsec::app
