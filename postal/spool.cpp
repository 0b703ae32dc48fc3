// The spool folder, see carrier.hpp. All names are taken relative to the open folder, so that moving it or a link put
// in its place cannot lead a letter elsewhere.

#include "codec/json.hpp"
#include "domain/ids.hpp"
#include "postal/carrier.hpp"
#include "postal/file.hpp"

#include <algorithm>
#include <cerrno>
#include <chrono>
#include <dirent.h>
#include <fcntl.h>
#include <set>
#include <string_view>
#include <sys/stat.h>
#include <unistd.h>

namespace elsec::postal {

namespace {

using domain::error_code;
using domain::fail;
using domain::result;

constexpr const char* done_name = "done";
constexpr const char* sent_name = "sent";
constexpr mode_t folder_mode = 0700;
constexpr mode_t file_mode = 0600;
constexpr std::string_view pdf_suffix = ".pdf";
constexpr std::string_view ticket_suffix = ".json";
constexpr std::string_view part_suffix = ".part";

std::string file_of(const std::string& letter, std::string_view suffix) { return letter + std::string(suffix); }
std::string part_of(const std::string& name) { return "." + name + std::string(part_suffix); }

// The letter a file belongs to; empty for files that are not ours.
std::string letter_of(std::string_view name, std::string_view suffix) {
  if (!name.ends_with(suffix)) return {};
  name.remove_suffix(suffix.size());
  return domain::letter_id::parse(name) ? std::string(name) : std::string();
}

// Times as identifiers begin with them, four characters: they sort, and stand for 12 days each.
constexpr std::size_t age_chars = 4;
std::string age_of(const std::string& letter) { return letter.substr(domain::letter_id::prefix.size(), age_chars); }
std::string age_at(domain::time_point when) { return age_of(domain::letter_id::make(when, {}).str()); }

// How often old marks are looked for, and how many go before something else gets its turn.
constexpr auto marks_looked_at_every = std::chrono::hours(1);
constexpr std::size_t marks_forgotten_at_once = 1'000;

// Left over from a hand-over that was cut off.
bool is_part(std::string_view name) {
  if (!name.starts_with('.') || !name.ends_with(part_suffix)) return false;
  name.remove_prefix(1);
  name.remove_suffix(part_suffix.size());
  return !letter_of(name, pdf_suffix).empty() || !letter_of(name, ticket_suffix).empty();
}

// A folder of mode 0700, made when missing; a link in its place is refused.
result<unique_fd> open_folder(int parent, const std::string& name) {
  if (::mkdirat(parent, name.c_str(), folder_mode) != 0 && errno != EEXIST) return fail_errno(errno, "mkdir");
  unique_fd folder(::openat(parent, name.c_str(), O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC));
  if (!folder) return fail_errno(errno, "opening the spool folder");
  if (::fchmod(folder.get(), folder_mode) != 0) return fail_errno(errno, "chmod");
  return folder;
}

struct close_listing {
  void operator()(DIR* listing) const { ::closedir(listing); }
};

result<std::set<std::string>> names_in(int folder) {
  const int copy = ::openat(folder, ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
  if (copy < 0) return fail_errno(errno, "opening the spool folder");
  const std::unique_ptr<DIR, close_listing> listing(::fdopendir(copy));
  if (!listing) {
    ::close(copy);
    return fail_errno(errno, "reading the spool folder");
  }
  std::set<std::string> names;
  errno = 0;
  while (const dirent* entry = ::readdir(listing.get())) names.emplace(entry->d_name);
  if (errno != 0) return fail_errno(errno, "reading the spool folder");
  return names;
}

result<void> sync(int fd) {
  if (::fsync(fd) != 0) return fail_errno(errno, "fsync");
  return {};
}

result<void> remove_file(int folder, const std::string& name) {
  if (::unlinkat(folder, name.c_str(), 0) != 0 && errno != ENOENT) return fail_errno(errno, "unlink");
  return {};
}

result<bool> exists(int folder, const std::string& name) {
  struct stat about{};
  if (::fstatat(folder, name.c_str(), &about, AT_SYMLINK_NOFOLLOW) == 0) return true;
  if (errno == ENOENT) return false;
  return fail_errno(errno, "stat");
}

// Complete and synced before it gets its name; the name is synced, too.
result<void> place(int folder, const std::string& name, std::span<const std::uint8_t> content) {
  const std::string part = part_of(name);
  if (auto ok = remove_file(folder, part); !ok) return ok;
  const unique_fd file(::openat(folder, part.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, file_mode));
  if (!file) return fail_errno(errno, "creating a spool file");
  auto ok = write_all(file.get(), content);
  if (ok) ok = sync(file.get());
  if (ok && ::renameat(folder, part.c_str(), folder, name.c_str()) != 0) ok = fail_errno(errno, "rename");
  if (ok) return sync(folder);
  // What stays behind if this fails, too, goes when the spool is opened next.
  ::unlinkat(folder, part.c_str(), 0);
  return ok;
}

class spool : public carrier {
 public:
  spool(spool_options options, unique_fd folder, unique_fd done, unique_fd sent)
      : options_(std::move(options)), folder_(std::move(folder)), done_(std::move(done)), sent_(std::move(sent)) {}

  [[nodiscard]] std::string name() const override { return "spool"; }

  // The ticket makes a letter: without it the print room does not touch a PDF, and so the PDF may still be replaced,
  // which keeps PDF and ticket in accord should the letter have been composed anew.
  [[nodiscard]] result<void> submit(const ticket& t, std::span<const std::uint8_t> pdf) override {
    if (auto ok = check(t.letter_id); !ok) return ok;
    const auto known = handed_over(t.letter_id);
    if (!known) return std::unexpected(known.error());
    // Who put them there may not have lived to sync the folder.
    if (*known) return sync(folder_.get());
    const auto settled = has_settled(t.letter_id);
    if (!settled) return std::unexpected(settled.error());
    if (*settled) {
      told_again_.insert(t.letter_id);
      return {};
    }
    ticket printed = t;
    printed.pdf_file = file_of(t.letter_id, pdf_suffix);
    const std::string text = codec::to_json(printed);
    if (auto ok = place_sealed(printed.pdf_file, pdf); !ok) return ok;
    return place_sealed(file_of(t.letter_id, ticket_suffix),
                        {reinterpret_cast<const std::uint8_t*>(text.data()), text.size()});
  }

  [[nodiscard]] result<std::vector<report>> poll() override {
    const auto names = names_in(done_.get());
    if (!names) return std::unexpected(names.error());
    std::vector<report> news;
    for (const std::string& letter : told_again_) news.push_back({letter});
    for (const std::string& file : *names) {
      const std::string letter = letter_of(file, pdf_suffix);
      if (!letter.empty() && names->contains(file_of(letter, ticket_suffix))) news.push_back({letter});
    }
    if (news.size() == told_again_.size()) return news;
    // The print room need not sync its moves; undone by a power cut, they would let a letter be printed again that is
    // on record as sent.
    for (const int fd : {done_.get(), folder_.get()})
      if (auto ok = sync(fd); !ok) return std::unexpected(ok.error());
    return news;
  }

  [[nodiscard]] result<void> settle(const std::string& letter_id) override {
    if (auto ok = check(letter_id); !ok) return ok;
    const bool noted = told_again_.erase(letter_id) > 0;
    if (!noted)
      if (auto ok = note_sent(letter_id); !ok) return ok;
    for (const std::string_view suffix : {pdf_suffix, ticket_suffix})
      if (auto ok = remove_file(done_.get(), file_of(letter_id, suffix)); !ok) return ok;
    return noted ? result<void>{} : sync(done_.get());
  }

  // Removes what an earlier life left: unfinished files, and halves of a letter that was being settled. A half whose
  // other half is still in the folder belongs to a print room that is moving it.
  [[nodiscard]] result<void> clean() {
    const auto waiting = names_in(folder_.get());
    const auto printed = names_in(done_.get());
    if (!waiting) return std::unexpected(waiting.error());
    if (!printed) return std::unexpected(printed.error());
    for (const std::string& file : *waiting)
      if (is_part(file))
        if (auto ok = remove_file(folder_.get(), file); !ok) return ok;
    for (const std::string& file : *printed) {
      const std::string letter = letter_of(file, ticket_suffix);
      const std::string other = file_of(letter, pdf_suffix);
      if (letter.empty() || printed->contains(other) || waiting->contains(other)) continue;
      if (auto ok = remove_file(done_.get(), file); !ok) return ok;
    }
    return sync(done_.get());
  }

  [[nodiscard]] result<bool> has_settled(const std::string& letter_id) override {
    if (auto ok = check(letter_id); !ok) return std::unexpected(ok.error());
    const auto ages = names_in(sent_.get());
    if (!ages) return std::unexpected(ages.error());
    for (const std::string& age : *ages) {
      if (age.size() != age_chars) continue;
      const auto marked = exists(sent_.get(), age + "/" + letter_id);
      if (!marked || *marked) return marked;
    }
    return false;
  }

  [[nodiscard]] result<void> forget_settled(domain::time_point now) override {
    const auto looked = std::chrono::steady_clock::now();
    if (looked < forget_next_ || now < domain::time_point(spool_memory)) return {};
    forget_next_ = looked + marks_looked_at_every;
    const auto ages = names_in(sent_.get());
    if (!ages) return std::unexpected(ages.error());
    const auto oldest_kept = age_at(now - spool_memory);
    for (const std::string& age : *ages)
      if (age.size() == age_chars && age < oldest_kept)
        if (auto ok = forget_age(age); !ok) return ok;
    return {};
  }

 private:
  // Before its files go: a letter is always known by one or the other.
  // Under the time of its settling; under that of its making where the clock says that it is not made yet.
  [[nodiscard]] result<void> note_sent(const std::string& letter) {
    const auto age = std::max(age_at(options_.now()), age_of(letter));
    if (::mkdirat(sent_.get(), age.c_str(), folder_mode) != 0 && errno != EEXIST)
      return fail_errno(errno, "creating a folder of the spool");
    if (!synced_ages_.contains(age))  // also one that a life before this made, and did not live to sync
      if (auto ok = sync(sent_.get()); !ok) return ok;
    synced_ages_.insert(age);
    const unique_fd folder(::openat(sent_.get(), age.c_str(), O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC));
    if (!folder) return fail_errno(errno, "opening a folder of the spool");
    const unique_fd mark(
        ::openat(folder.get(), letter.c_str(), O_WRONLY | O_CREAT | O_NOFOLLOW | O_CLOEXEC, file_mode));
    if (!mark) return fail_errno(errno, "creating a spool file");
    return sync(folder.get());
  }

  // A bounded number at a time.
  [[nodiscard]] result<void> forget_age(const std::string& age) {
    const unique_fd folder(::openat(sent_.get(), age.c_str(), O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC));
    if (!folder) return fail_errno(errno, "opening a folder of the spool");
    auto marks = names_in(folder.get());
    if (!marks) return std::unexpected(marks.error());
    std::size_t gone = 0;
    for (const std::string& letter : *marks) {
      if (!domain::letter_id::parse(letter)) continue;
      if (++gone > marks_forgotten_at_once) {
        forget_next_ = {};
        return {};
      }
      if (auto ok = remove_file(folder.get(), letter); !ok) return ok;
    }
    synced_ages_.erase(age);  // one of that name is another from now on
    if (::unlinkat(sent_.get(), age.c_str(), AT_REMOVEDIR) != 0 && errno != ENOTEMPTY && errno != EEXIST)
      return fail_errno(errno, "rmdir");
    return {};
  }

  static result<void> check(const std::string& letter_id) {
    if (!domain::letter_id::parse(letter_id)) return fail(error_code::invalid, "The letter has no valid identifier.");
    return {};
  }

  // Files move from the folder to done/ and never back: looked for in this order, none is missed on its way.
  [[nodiscard]] result<bool> handed_over(const std::string& letter) const {
    const auto waiting = exists(folder_.get(), file_of(letter, ticket_suffix));
    if (!waiting || *waiting) return waiting;
    for (const std::string_view suffix : {pdf_suffix, ticket_suffix}) {
      const auto printed = exists(done_.get(), file_of(letter, suffix));
      if (!printed || *printed) return printed;
    }
    return false;
  }

  [[nodiscard]] result<void> place_sealed(const std::string& name, std::span<const std::uint8_t> content) const {
    if (!options_.transform) return place(folder_.get(), name, content);
    return place(folder_.get(), name, options_.transform(content));
  }

  spool_options options_;
  unique_fd folder_;
  unique_fd done_;
  unique_fd sent_;
  std::set<std::string> told_again_;   // settled before; to be settled once more
  std::set<std::string> synced_ages_;  // folders of marks whose names are on disk for certain
  std::chrono::steady_clock::time_point forget_next_{};
};

}  // namespace

result<std::unique_ptr<carrier>> open_spool(spool_options options) {
  auto folder = open_folder(AT_FDCWD, options.folder);
  if (!folder) return std::unexpected(folder.error());
  auto done = open_folder(folder->get(), done_name);
  if (!done) return std::unexpected(done.error());
  auto sent = open_folder(folder->get(), sent_name);
  if (!sent) return std::unexpected(sent.error());
  if (auto ok = sync(folder->get()); !ok) return std::unexpected(ok.error());
  auto opened = std::make_unique<spool>(std::move(options), std::move(*folder), std::move(*done), std::move(*sent));
  if (auto ok = opened->clean(); !ok) return std::unexpected(ok.error());
  return std::unique_ptr<carrier>(std::move(opened));
}

}  // namespace elsec::postal
