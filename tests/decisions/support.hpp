#pragma once
// A store of its own in a temporary folder, and cards to put into it.

#include "codec/json.hpp"
#include "crypto/random.hpp"
#include "decisions/card_index.hpp"

#include <boost/test/unit_test.hpp>

#include <array>
#include <cstdlib>
#include <filesystem>
#include <memory>
#include <optional>

namespace elsec::decisions::test {

class temporary_store {
 public:
  temporary_store() {
    BOOST_REQUIRE(crypto::start().has_value());
    std::string name = (std::filesystem::temp_directory_path() / "elsec-decisions-XXXXXX").string();
    BOOST_REQUIRE(::mkdtemp(name.data()) != nullptr);
    folder_ = name;
    key_ = crypto::secret::random();
    open();
  }
  temporary_store(const temporary_store&) = delete;
  temporary_store& operator=(const temporary_store&) = delete;
  ~temporary_store() {
    with_->store.reset();
    std::error_code ignored;
    std::filesystem::remove_all(folder_, ignored);
  }

  // As a node that stops and starts does.
  void reopen() {
    with_->store.reset();
    open();
  }

  // Holds no more than the store.
  [[nodiscard]] shared_services services() const { return with_; }

  [[nodiscard]] storage::snapshot read() const {
    auto snapshot = with_->store->read();
    BOOST_REQUIRE(snapshot.has_value());
    return std::move(*snapshot);
  }

  void commit(const storage::change_set& changes) {
    const std::array batch{&changes};
    BOOST_REQUIRE(with_->store->commit(batch).front().has_value());
  }

  domain::result<void> take(const domain::card_row& row) {
    storage::change_set changes;
    auto stored = store_card(changes, read(), row);
    if (stored) commit(changes);
    return stored;
  }

 private:
  void open() {
    auto opened = storage::store::open({.folder = folder_ / "state", .map_bytes = 1U << 26}, *key_, state_schema());
    BOOST_REQUIRE(opened.has_value());
    with_->store = std::move(*opened);
  }

  std::filesystem::path folder_;
  std::optional<crypto::secret> key_;
  std::shared_ptr<decisions::services> with_ = std::make_shared<decisions::services>();
};

inline domain::organisation_id organisation(std::uint8_t number) {
  return domain::organisation_id::make(domain::time_point{}, {number});
}

inline domain::card_row card(std::uint8_t number, const std::string& node, std::uint64_t version,
                             const std::string& name = "Klinik Musterstadt") {
  domain::card_row row;
  row.version = version;
  row.card.id = organisation(number);
  row.card.name = name;
  row.card.node = node;
  row.card.verified = true;
  row.card.ik = *domain::ik_number::parse("260326822");
  row.jws = "signed " + std::to_string(version);
  return row;
}

}  // namespace elsec::decisions::test
