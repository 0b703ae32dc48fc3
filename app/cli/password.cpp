#include "app/cli/password.hpp"

#include "app/cli/files.hpp"
#include "app/cli/limits.hpp"

#include <cerrno>
#include <fcntl.h>
#include <termios.h>
#include <unistd.h>

namespace elsec::cli {
namespace {

std::string first_line(std::string_view text) {
  text = text.substr(0, text.find('\n'));
  if (text.ends_with('\r')) text.remove_suffix(1);
  return std::string(text);
}

// The terminal shows nothing typed while this lives. Signals from keys are off as well: an interrupt in between would
// leave the terminal mute.
class silent_terminal {
 public:
  explicit silent_terminal(int terminal) : terminal_(terminal) {
    if (::tcgetattr(terminal_, &before_) != 0) return;
    auto silent = before_;
    silent.c_lflag &= ~static_cast<tcflag_t>(ECHO | ISIG);
    changed_ = ::tcsetattr(terminal_, TCSAFLUSH, &silent) == 0;
  }
  silent_terminal(const silent_terminal&) = delete;
  silent_terminal& operator=(const silent_terminal&) = delete;
  ~silent_terminal() {
    if (changed_) ::tcsetattr(terminal_, TCSAFLUSH, &before_);
  }
  [[nodiscard]] bool is_silent() const noexcept { return changed_; }

 private:
  int terminal_;
  termios before_{};
  bool changed_ = false;
};

bool say(int terminal, std::string_view text) {
  return ::write(terminal, text.data(), text.size()) == static_cast<ssize_t>(text.size());
}

outcome<std::string> read_line(int terminal) {
  constexpr char interrupt_key = '\x03';
  std::string line;
  char next = 0;
  while (line.size() <= password_max_bytes) {
    const auto count = ::read(terminal, &next, 1);
    if (count < 0 && errno == EINTR) continue;
    if (count <= 0 || next == '\n') return line;
    if (next == interrupt_key) return fail(exit_code::usage, "Interrupted.");
    line += next;
  }
  return fail(exit_code::usage, "The password is too long.");
}

}  // namespace

outcome<std::string> ask_at_terminal(const std::string& question) {
  const descriptor terminal(::open("/dev/tty", O_RDWR | O_CLOEXEC | O_NOCTTY));
  const auto none = [] {
    return fail(exit_code::usage, "There is no terminal to ask for the password.",
                "Use --password-file FILE, --password-stdin or ELSEC_PASSWORD.");
  };
  if (terminal.number() < 0) return none();
  const silent_terminal silence(terminal.number());
  if (!silence.is_silent() || !say(terminal.number(), question)) return none();
  auto line = read_line(terminal.number());
  if (!say(terminal.number(), "\n")) return none();
  return line;
}

outcome<std::string> obtain_password(const password_source& source, const environment& env, std::istream& input,
                                     const secret_prompt& ask, ask_twice twice) {
  if (!source.file.empty()) {
    const auto content = read_file(source.file, settings_file_max_bytes);
    if (!content) return std::unexpected(content.error());
    return first_line(*content);
  }
  if (source.from_stdin) {
    std::string line;
    if (!std::getline(input, line)) return fail(exit_code::usage, "Standard input holds no password.");
    return first_line(line);
  }
  if (auto given = env("ELSEC_PASSWORD")) return *given;
  auto password = ask("Password: ");
  if (!password || twice == ask_twice::no) return password;
  const auto again = ask("Password again: ");
  if (!again) return again;
  if (*again != *password) return fail(exit_code::usage, "The two passwords differ.");
  return password;
}

}  // namespace elsec::cli
