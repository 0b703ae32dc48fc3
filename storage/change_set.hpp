#pragma once
// A change set: everything one decision changes, as a plain value that can be replayed. It takes effect as a whole or
// not at all, in one transaction of the `state` environment. Positions (outbox sequence per peer, feed position per
// tenant) are given inside that transaction.

#include "codec/cbor.hpp"
#include "storage/tables.hpp"

#include <cstdint>
#include <span>
#include <string>
#include <utility>
#include <vector>

namespace elsec::storage {

// Of rows that could not be read the newest are kept, and of each value so much.
inline constexpr std::size_t damaged_rows_max = 10'000;
inline constexpr std::size_t damaged_bytes_max = 16'384;

class change_set {
 public:
  enum class action : std::uint8_t { put, insert, erase };

  struct write {
    action what;
    std::string_view table;
    sealed_by owner;
    std::string key;
    domain::bytes value;               // plain CBOR; sealed in the transaction
    domain::error_code on_conflict{};  // of an insert whose key exists
  };
  // Whether an envelope goes into the outbox whatever the peer has said it understands.
  enum class reader : std::uint8_t { every_node, whoever_understands };

  struct envelope {
    std::string peer;
    outbox_row row;
    reader whom = reader::every_node;
  };
  // An envelope that was set aside leaves its place: for the outbox, or for good.
  struct departure {
    std::string peer;
    std::string key;  // of tables::set_aside
    outbox_row row;
    bool to_outbox = false;
  };
  struct publication {
    domain::organisation_id organisation;
    domain::event event;
  };

  // A row that cannot be read goes to tables::damaged.
  struct damage {
    std::string_view table;
    sealed_by owner;
    std::string key;
    bool (*is_readable)(std::span<const std::uint8_t> plain);
    domain::damage_id id;
    domain::time_point at;
  };

  template <class Record>
  void put(const table<Record>& where, std::string key, const Record& record) {
    add({action::put, where.name, where.owner, std::move(key), codec::to_cbor(record), {}});
  }
  // The commit fails with `on_conflict` when the key exists.
  template <class Record>
  void insert(const table<Record>& where, std::string key, const Record& record,
              domain::error_code on_conflict = domain::error_code::conflict) {
    add({action::insert, where.name, where.owner, std::move(key), codec::to_cbor(record), on_conflict});
  }
  // Erasing what is not there is no error.
  template <class Record>
  void erase(const table<Record>& where, std::string key) {
    add({action::erase, where.name, where.owner, std::move(key), {}, {}});
  }
  // A new tenant: makes and wraps its key before anything of it is sealed.
  void found(const domain::organisation_id& organisation) { founded_.push_back(organisation); }
  // An envelope for a peer, numbered inside the transaction. One of a kind that the peer has not said it understands
  // (tables::peer_kinds), or behind which others of its kind wait, is set aside without a number, so that nothing waits
  // behind it.
  void send(std::string peer, outbox_row row, reader whom = reader::every_node) {
    size_bytes_ += row.body.size() + row_overhead_bytes;
    envelopes_.push_back({std::move(peer), std::move(row), whom});
  }
  // What was set aside is sent now, before what this change set sends otherwise. One that has left already is no error.
  void send_set_aside(std::string peer, std::string key, outbox_row row) {
    size_bytes_ += row.body.size() + row_overhead_bytes;
    departures_.push_back({std::move(peer), std::move(key), std::move(row), true});
  }
  // What was set aside will never be sent: `conflict` when it has left already, so that nobody is told of an envelope
  // both that it was sent and that it was not. Of the row only its kind counts.
  void give_up_set_aside(std::string peer, std::string key, outbox_row row) {
    size_bytes_ += row_overhead_bytes;
    departures_.push_back({std::move(peer), std::move(key), std::move(row), false});
  }
  // A row that could not be read leaves its place, so that nothing waits behind it; what this change set writes there
  // takes it. `conflict` when the row is gone, or can be read after all. Of damaged rows the newest
  // `damaged_rows_max` are kept.
  template <class Record>
  void take_out_damaged(const table<Record>& where, std::string key, domain::damage_id id, domain::time_point at) {
    size_bytes_ += damaged_bytes_max;
    damages_.push_back({where.name, where.owner, std::move(key), &decodes<Record>, std::move(id), at});
  }
  // Counts again what the organisation has stored (tables::usage).
  void recount_usage(const domain::organisation_id& organisation) { recounts_.push_back(organisation); }
  // What was damaged is forgotten.
  void forget_damaged(const domain::damage_id& id) { forgotten_.push_back(id); }
  void publish(const domain::organisation_id& organisation, domain::event event) {
    size_bytes_ += row_overhead_bytes;
    publications_.push_back({organisation, std::move(event)});
  }
  // Adds to a counter row (tables::usage), inside the transaction; never below 0.
  void add_usage(const domain::organisation_id& organisation, std::int64_t bytes) {
    usage_.emplace_back(organisation, bytes);
  }

  [[nodiscard]] const std::vector<write>& writes() const noexcept { return writes_; }
  [[nodiscard]] const std::vector<envelope>& envelopes() const noexcept { return envelopes_; }
  [[nodiscard]] const std::vector<departure>& departures() const noexcept { return departures_; }
  [[nodiscard]] const std::vector<damage>& damages() const noexcept { return damages_; }
  [[nodiscard]] const std::vector<domain::damage_id>& forgotten() const noexcept { return forgotten_; }
  [[nodiscard]] const std::vector<domain::organisation_id>& recounts() const noexcept { return recounts_; }
  [[nodiscard]] const std::vector<publication>& publications() const noexcept { return publications_; }
  [[nodiscard]] const std::vector<domain::organisation_id>& founded() const noexcept { return founded_; }
  [[nodiscard]] const std::vector<std::pair<domain::organisation_id, std::int64_t>>& usage() const noexcept {
    return usage_;
  }
  // Roughly what it will write, for bounding a batch.
  [[nodiscard]] std::size_t size_bytes() const noexcept { return size_bytes_; }

 private:
  // What a row costs besides its key and value: seal, node and, for an envelope or event, its few short members.
  static constexpr std::size_t row_overhead_bytes = 128;

  template <class Record>
  static bool decodes(std::span<const std::uint8_t> plain) {
    return codec::from_cbor<Record>(plain).has_value();
  }

  void add(write one) {
    size_bytes_ += one.key.size() + one.value.size() + row_overhead_bytes;
    writes_.push_back(std::move(one));
  }

  std::vector<write> writes_;
  std::vector<envelope> envelopes_;
  std::vector<departure> departures_;
  std::vector<damage> damages_;
  std::vector<domain::damage_id> forgotten_;
  std::vector<domain::organisation_id> recounts_;
  std::vector<publication> publications_;
  std::vector<domain::organisation_id> founded_;
  std::vector<std::pair<domain::organisation_id, std::int64_t>> usage_;
  std::size_t size_bytes_ = 0;
};

// What a committed change set was given.
struct committed {
  std::vector<std::string> peers;                                        // whose outbox grew
  std::vector<std::pair<domain::organisation_id, std::uint64_t>> feeds;  // highest new position of each feed
};

}  // namespace elsec::storage
