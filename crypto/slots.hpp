#pragma once
// Key slots: a preallocated file of fixed slots outside the database, one slot per copy of a document. A content key is
// stored only wrapped by the tenant's key AND the secret in the copy's slot; overwriting the slot makes every old page
// of the database that ever held the wrapped key worthless (requirement G4).
//
// Slot = 128 bytes: nonce (24) || AEAD(state, secret 32, padding) || tag (16), sealed by the slot file's own key with
// the file's id and the slot's index as associated data, so the AEAD tag is the checksum. A slot is unused (all zero),
// live, or closed (an authenticated marker). Slots are given out in order and never reused: a closed one stays provably
// closed. In front of them stands a header of 4,096 bytes: magic, version, file id, and an AEAD check of the key.
//
// Order on create: slots, sync, then the record, then the answer. Order on close: overwrite, sync, record, answer.
//
// A power cut may leave later slots on disk and earlier ones not, but only among the slots created since the last
// sync(), of which there are at most `unsynced_slots_max`, and of which no record knows. Opening finds the end by
// bisection, looks that far around it, and marks the gaps it skips, which keeps the next bisection right.
//
// The main file and its mirror are equal up to those slots. One of them missing, or one far behind the other, is
// refused: which of the two is right only the operator can know, who copies it over the other while the node is
// stopped.

#include "crypto/secret.hpp"

#include <cstdint>
#include <memory>
#include <string>
#include <vector>

namespace elsec::crypto {

// Bounds what is to be looked at after a power cut: 512 KiB.
inline constexpr std::uint64_t unsynced_slots_max = 4'096;
// The file grows by 8 MiB at a time, so that almost no create() changes its size.
inline constexpr std::uint64_t slots_per_growth = 65'536;

struct slot {
  std::uint64_t index = 0;
  secret key;
};

struct slot_file_options {
  std::string path;              // created when missing (mode 0600)
  std::string mirror_path;       // empty: none; written and synced like the file itself
  bool any_file_system = false;  // accept btrfs, ZFS, overlayfs, which keep old blocks when a slot is overwritten
};

class slot_file {
 public:
  // Opens or creates the file. `key` seals the slots. Fails with `invalid` on an unsuitable file system (detail says
  // which setting overrides it) or when one of file and mirror is missing while the other holds slots, `integrity` on a
  // damaged header, wrong key, shortened file or foreign mirror, `conflict` while another slot_file has it open,
  // `storage_full` and `io` otherwise.
  [[nodiscard]] static domain::result<std::unique_ptr<slot_file>> open(const slot_file_options& options,
                                                                       const secret& key);
  ~slot_file();
  slot_file(const slot_file&) = delete;
  slot_file& operator=(const slot_file&) = delete;

  // The file system is one that keeps old blocks, and was accepted only because of the override: worth a warning.
  [[nodiscard]] bool on_unsuitable_file_system() const noexcept;

  // create, sync and close: one thread at a time. After `io` or `integrity` from any of them the process must stop; all
  // three refuse from then on, since the kernel may have dropped what it could not write.

  // Writes a fresh live slot; not on disk before sync(). `storage_full`, with nothing changed, when the file cannot
  // grow.
  [[nodiscard]] domain::result<slot> create();
  // fdatasync of the file and its mirror. After a failure the process must stop: never retry.
  [[nodiscard]] domain::result<void> sync();
  // Overwrites the slot with the closed marker, whatever stands in it; final after sync(). Closing twice is the same as
  // once. `not_found`, with nothing changed, for a slot that was never given out.
  [[nodiscard]] domain::result<void> close(std::uint64_t index);

  // Thread-safe, alongside all of the above. `closed` for a closed slot, `integrity` for a damaged, skipped or unused
  // one (the mirror's word counts if the first is damaged).
  [[nodiscard]] domain::result<secret> read(std::uint64_t index) const;

 private:
  struct state;
  explicit slot_file(std::unique_ptr<state> s);
  [[nodiscard]] domain::result<void> recover();
  [[nodiscard]] domain::result<void> fill_gap(std::uint64_t index);
  std::unique_ptr<state> state_;
};

}  // namespace elsec::crypto
