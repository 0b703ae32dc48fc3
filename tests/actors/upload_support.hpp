#pragma once
// Uploads on the stage: an organisation, a slot file, and the real writer of contents.

#include "actors/content_writer.hpp"
#include "actors/upload.hpp"
#include "tests/actors/support.hpp"

namespace elsec::actors::testing {

struct uploading : stage {
  uploading() {
    auto slots = crypto::slot_file::open({.path = folder() / "slots", .mirror_path = {}, .any_file_system = true},
                                         crypto::secret::random());
    BOOST_REQUIRE(slots.has_value());
    open().slots = std::move(*slots);
    open().policy.free_reserve_bytes = 0;
    open().signing = crypto::signing_key::from_seed(crypto::secret::random());
    storage::change_set changes;
    changes.found(organisation(1));
    commit(changes);
    auto made = std::make_shared<context>();
    made->with = with()->with;
    made->writer = with()->writer;
    made->janitor = with()->janitor;
    made->node = with()->node;
    made->content_writer = spawn(actors::content_writer, shared_services(with()->with));
    all = made;
  }

  [[nodiscard]] static begin_upload upload_of(const std::string& type) {
    begin_upload what;
    what.who.organisation_id = organisation(1);
    what.filename = domain::file_name::parse("a.pdf").value();
    what.media_type = domain::media_type::parse(type).value();
    return what;
  }
  void send(const upload_actor& to, const std::string& bytes) {
    ask_for<done>(to, upload_block{std::make_shared<const domain::bytes>(bytes.begin(), bytes.end())}, [](done&) {});
    run();
  }
  // Whether it was answered with 201.
  bool sent_and_finished(const upload_actor& to, const std::string& bytes) {
    send(to, bytes);
    const auto created = std::make_shared<bool>(false);  // the answer may come when this is long over
    ask_for<outcome>(to, finish_upload{}, [created](outcome& result) { *created = result && result->status == 201; });
    run();
    return *created;
  }

  shared_context all;
};

}  // namespace elsec::actors::testing
