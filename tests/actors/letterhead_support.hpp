#pragma once
// The services of a node without actors: a store in a temporary folder, a key to sign with, a clock that stands still.

#include "capabilities/all.hpp"
#include "tests/decisions/support.hpp"

namespace elsec::actors_test {

class temporary_node {
 public:
  static constexpr auto name = "node1";

  temporary_node() {
    BOOST_REQUIRE(crypto::start().has_value());
    std::string made = (std::filesystem::temp_directory_path() / "elsec-actors-XXXXXX").string();
    BOOST_REQUIRE(::mkdtemp(made.data()) != nullptr);
    folder_ = made;
    auto opened = storage::store::open({.folder = made + "/state", .map_bytes = 1U << 26}, crypto::secret::random());
    BOOST_REQUIRE(opened.has_value());
    with->node_name = name;
    with->signing = crypto::signing_key::from_seed(crypto::secret::random());
    with->now = [] { return domain::time_point(std::chrono::hours(24 * 365 * 50)); };
    with->store = std::move(*opened);
    with->metrics = std::make_unique<decisions::metrics>();
    with->registry = capabilities::everything_registered();
  }
  temporary_node(const temporary_node&) = delete;
  temporary_node& operator=(const temporary_node&) = delete;
  ~temporary_node() {
    with.reset();
    std::error_code ignored;
    std::filesystem::remove_all(folder_, ignored);
  }

  [[nodiscard]] storage::snapshot read() const {
    auto snapshot = with->store->read();
    BOOST_REQUIRE(snapshot.has_value());
    return std::move(*snapshot);
  }

  void commit(const storage::change_set& changes) {
    const std::array batch{&changes};
    BOOST_REQUIRE(with->store->commit(batch).front().has_value());
  }

  std::shared_ptr<decisions::services> with = std::make_shared<decisions::services>();

 private:
  std::filesystem::path folder_;
};

}  // namespace elsec::actors_test
