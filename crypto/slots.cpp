#include "crypto/slots.hpp"

#include "crypto/random.hpp"
#include "crypto/slot_format.hpp"
#include "crypto/slot_volume.hpp"

#include <algorithm>
#include <array>
#include <mutex>
#include <span>

namespace elsec::crypto {

using domain::error_code;
using domain::fail;
using domain::result;

struct slot_file::state {
  secret key;
  slot_file_id file{};
  slot_volume::handle main;
  slot_volume::handle mirror;  // null: none
  std::uint64_t next = 0;      // every slot before it is used, none from it on
  std::uint64_t unsynced = 0;  // slots created since the last sync
  bool failed = false;
  // Held around every change of a slot: a reader that meets half of one waits for the other half.
  mutable std::mutex changing;

  [[nodiscard]] std::array<slot_volume*, 2> volumes() const noexcept { return {main.get(), mirror.get()}; }

  // Calls `act` for the main file, then for the mirror; stops at the first error.
  template <class Act>
  [[nodiscard]] result<void> on_each(Act&& act) const {
    for (auto* volume : volumes())
      if (volume != nullptr)
        if (auto done = act(*volume); !done) return done;
    return {};
  }

  [[nodiscard]] result<void> usable() const {
    if (failed) return fail(error_code::io, "the slot file failed before: stop, and start again");
    return {};
  }

  // Remembers a failure after which nothing may be written any more.
  [[nodiscard]] result<void> or_stop(result<void> done) {
    if (!done) failed = true;
    return done;
  }

  [[nodiscard]] result<void> write(std::uint64_t index, const slot_block& block);
  [[nodiscard]] result<void> make_room();
  [[nodiscard]] result<void> expect_unused(std::uint64_t index) const;
  [[nodiscard]] opened_slot read_from(const slot_volume& volume, std::uint64_t index) const;
};

namespace {

std::unexpected<domain::error> missing(const std::string& lost, const std::string& there) {
  return fail(error_code::invalid, lost + " is missing, but " + there +
                                       " is there and may hold slots: copy it to the missing place while the node is "
                                       "stopped, or correct the settings");
}

result<slot_file_id> identify(const slot_volume& volume, const secret& key) {
  const auto header = volume.header();
  if (!header) return std::unexpected(header.error());
  auto file = check_slot_header(key, *header);
  if (!file) return fail(file.error().code, volume.path() + ' ' + file.error().detail);
  return file;
}

result<bool> is_empty(const slot_volume& volume) {
  const auto found = volume.scan(0, unsynced_slots_max);
  if (!found) return std::unexpected(found.error());
  return found->end == 0;
}

result<slot_volume::handle> open_main(const slot_file_options& options, const secret& key) {
  const auto there = slot_volume::exists(options.path);
  if (!there) return std::unexpected(there.error());
  if (*there) return slot_volume::open(options.path, options.any_file_system);
  if (!options.mirror_path.empty()) {
    const auto mirror_there = slot_volume::exists(options.mirror_path);
    if (!mirror_there) return std::unexpected(mirror_there.error());
    if (*mirror_there) return missing(options.path, options.mirror_path);
  }
  slot_file_id fresh;
  random_bytes(fresh);
  return slot_volume::create(options.path, make_slot_header(key, fresh), options.any_file_system);
}

// Null without a mirror in the settings. A missing one is made only beside a main file that never held a slot.
result<slot_volume::handle> open_mirror(const slot_file_options& options, const slot_volume& main) {
  if (options.mirror_path.empty()) return slot_volume::handle();
  const auto there = slot_volume::exists(options.mirror_path);
  if (!there) return std::unexpected(there.error());
  if (*there) return slot_volume::open(options.mirror_path, options.any_file_system);
  const auto empty = is_empty(main);
  if (!empty) return std::unexpected(empty.error());
  if (!*empty) return missing(options.mirror_path, options.path);
  const auto header = main.header();
  if (!header) return std::unexpected(header.error());
  return slot_volume::create(options.mirror_path, *header, options.any_file_system);
}

std::unexpected<domain::error> out_of_order(const slot_volume& volume) {
  return fail(error_code::integrity,
              volume.path() + " is damaged: used slots follow unused ones; restore it from its mirror");
}

// What one file holds. All gaps lie within one window of unsynced slots, and the bisection ends somewhere in that
// window: they are at most a window away, before it or behind.
result<slot_extent> measure(const slot_volume& volume) {
  const auto boundary = volume.boundary();
  if (!boundary) return std::unexpected(boundary.error());
  // A file is made with one step of room and used only in whole ones, so a full one of another size has lost its end.
  const auto capacity = volume.capacity();
  if (capacity < slots_per_growth || (*boundary == capacity && capacity % slots_per_growth != 0))
    return fail(error_code::integrity, volume.path() + " is shorter than it was: restore it from its mirror");
  const auto beyond = volume.any_used_beyond(*boundary + unsynced_slots_max, unsynced_slots_max);
  if (!beyond) return std::unexpected(beyond.error());
  if (*beyond) return out_of_order(volume);
  const auto from = *boundary - std::min(*boundary, unsynced_slots_max);
  return volume.scan(from, *boundary + unsynced_slots_max);
}

// The part of both files that a power cut may have left with gaps.
result<slot_extent> measure_both(const slot_volume& main, const slot_volume* mirror) {
  const auto here = measure(main);
  if (!here || mirror == nullptr) return here;
  const auto there = measure(*mirror);
  if (!there) return there;
  const auto [shorter, longer] = std::minmax(here->end, there->end);
  if (longer - shorter > unsynced_slots_max)
    return fail(error_code::integrity, main.path() + " and " + mirror->path() +
                                           " are of different age: copy the newer over the older while the node is "
                                           "stopped");
  return slot_extent{std::min(here->first_unused, there->first_unused), longer};
}

std::uint64_t whole_steps(std::uint64_t slots) noexcept {
  return (slots + slots_per_growth - 1) / slots_per_growth * slots_per_growth;
}

}  // namespace

result<void> slot_file::state::write(std::uint64_t index, const slot_block& block) {
  const std::lock_guard lock(changing);
  return or_stop(on_each([&](slot_volume& volume) { return volume.write(index, block); }));
}

result<void> slot_file::state::make_room() {
  const auto room = whole_steps(next + 1);
  auto grown = on_each([&](slot_volume& volume) { return volume.grow(room); });
  if (!grown && grown.error().code == error_code::storage_full) return grown;  // nothing has been written
  return or_stop(std::move(grown));
}

// Whatever the reason may be for which `next` is wrong (a zeroed sector that misled the bisection): no slot is ever
// written over by another.
result<void> slot_file::state::expect_unused(std::uint64_t index) const {
  return on_each([&](slot_volume& volume) -> result<void> {
    const auto block = volume.read(index);
    if (!block) return std::unexpected(block.error());
    if (is_unused(*block)) return {};
    return out_of_order(volume);
  });
}

// A file that cannot be read counts as damaged: the mirror may know.
opened_slot slot_file::state::read_from(const slot_volume& volume, std::uint64_t index) const {
  const auto once = [&]() -> opened_slot {
    const auto block = volume.read(index);
    return block ? open_slot(key, file, index, *block) : opened_slot{slot_state::damaged, {}};
  };
  auto opened = once();
  if (opened.state != slot_state::damaged) return opened;
  const std::lock_guard lock(changing);
  return once();
}

slot_file::slot_file(std::unique_ptr<state> s) : state_(std::move(s)) {}
slot_file::~slot_file() = default;

result<std::unique_ptr<slot_file>> slot_file::open(const slot_file_options& options, const secret& key) {
  auto s = std::make_unique<state>();
  s->key = key;
  auto main = open_main(options, key);
  if (!main) return std::unexpected(main.error());
  s->main = std::move(*main);
  const auto file = identify(*s->main, key);
  if (!file) return std::unexpected(file.error());
  s->file = *file;
  auto mirror = open_mirror(options, *s->main);
  if (!mirror) return std::unexpected(mirror.error());
  s->mirror = std::move(*mirror);
  if (s->mirror != nullptr) {
    const auto other = identify(*s->mirror, key);
    if (!other) return std::unexpected(other.error());
    if (*other != s->file)
      return fail(error_code::integrity, options.mirror_path + " is the mirror of another slot file");
  }
  std::unique_ptr<slot_file> opened(new slot_file(std::move(s)));
  if (auto recovered = opened->recover(); !recovered) return std::unexpected(recovered.error());
  return opened;
}

// Makes the files gapless and equal again. No record knows a slot behind the first gap (slots.hpp), so what only one
// file has may be kept in both, and what neither has is closed. Everything is synced before anything new is given out:
// otherwise two crashes in a row could leave gaps wider than one window.
result<void> slot_file::recover() {
  auto& s = *state_;
  const auto torn = measure_both(*s.main, s.mirror.get());
  if (!torn) return std::unexpected(torn.error());
  // A shorter mirror needs room for what it is about to get; a step left half grown can wait for the next create().
  const auto room = whole_steps(torn->end);
  if (auto grown = s.on_each([&](slot_volume& volume) { return volume.grow(room); }); !grown) return grown;
  for (auto index = torn->first_unused; index < torn->end; ++index)
    if (auto filled = fill_gap(index); !filled) return filled;
  s.next = torn->end;
  return sync();
}

result<void> slot_file::fill_gap(std::uint64_t index) {
  auto& s = *state_;
  const auto here = s.main->read(index);
  if (!here) return std::unexpected(here.error());
  const auto there = s.mirror == nullptr ? here : s.mirror->read(index);
  if (!there) return std::unexpected(there.error());
  const bool gap_here = is_unused(*here);
  const bool gap_there = is_unused(*there);
  if (gap_here && gap_there) return s.write(index, skipped_slot(s.key, s.file, index));
  if (gap_here) return s.main->write(index, *there);
  if (gap_there) return s.mirror->write(index, *here);
  return {};
}

bool slot_file::on_unsuitable_file_system() const noexcept {
  return std::ranges::any_of(state_->volumes(),
                             [](const auto* volume) { return volume != nullptr && volume->unsuitable(); });
}

result<slot> slot_file::create() {
  auto& s = *state_;
  if (auto ready = s.usable(); !ready) return std::unexpected(ready.error());
  if (s.unsynced == unsynced_slots_max)
    if (auto synced = sync(); !synced) return std::unexpected(synced.error());
  if (auto room = s.make_room(); !room) return std::unexpected(room.error());
  if (auto unused = s.or_stop(s.expect_unused(s.next)); !unused) return std::unexpected(unused.error());
  slot made{s.next, secret::random()};
  if (auto written = s.write(made.index, live_slot(s.key, s.file, made.index, made.key)); !written)
    return std::unexpected(written.error());
  ++s.next;
  ++s.unsynced;
  return made;
}

result<void> slot_file::sync() {
  auto& s = *state_;
  if (auto ready = s.usable(); !ready) return ready;
  auto synced = s.or_stop(s.on_each([](slot_volume& volume) { return volume.sync(); }));
  if (synced) s.unsynced = 0;
  return synced;
}

// Writes even over a closed marker: it may be one that a failed sync left in the kernel's memory only.
result<void> slot_file::close(std::uint64_t index) {
  auto& s = *state_;
  if (auto ready = s.usable(); !ready) return ready;
  if (index >= s.next) return fail(error_code::not_found, "a slot that was never given out cannot be closed");
  return s.write(index, closed_slot(s.key, s.file, index));
}

result<secret> slot_file::read(std::uint64_t index) const {
  for (const auto* volume : state_->volumes()) {
    if (volume == nullptr) continue;
    auto opened = state_->read_from(*volume, index);
    if (opened.state == slot_state::live) return std::move(opened.key);
    if (opened.state == slot_state::closed) return fail(error_code::closed, "the content is closed for good");
  }
  return fail(error_code::integrity, "slot " + std::to_string(index) + " is damaged or was never used");
}

}  // namespace elsec::crypto
