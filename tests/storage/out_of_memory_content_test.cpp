// The same for contents, key slots and what the rooms below the storage do with memory.

#include "codec/json.hpp"
#include "crypto/content.hpp"
#include "crypto/locked_arena.hpp"
#include "crypto/passwords.hpp"
#include "crypto/sign.hpp"
#include "crypto/slots.hpp"
#include "storage/content_store.hpp"
#include "tests/codec/records.hpp"
#include "tests/storage/out_of_memory_support.hpp"

namespace elsec::storage::testing {
namespace {

// Two contents: one whose record is on disk, and one that is freed again.
struct contents {
  crypto::secret key = key_of_byte(9);
  crypto::content_id kept = crypto::new_content_id();
  crypto::content_id freed = crypto::new_content_id();
};

constexpr std::uint32_t chunks_each = 3;

domain::bytes plain_chunk(std::uint32_t index) { return domain::bytes(1'000 + index, 'c'); }

content_change chunks_of(const contents& all, const crypto::content_id& id) {
  store_chunks what{.content = id};
  for (std::uint32_t i = 0; i < chunks_each; ++i)
    what.chunks.push_back(crypto::seal_chunk(all.key, id, i, plain_chunk(i)));
  return what;
}

domain::result<void> commit_content(content_store& into, const content_change& change) {
  const content_change* const one = &change;
  return into.commit({&one, 1});
}

domain::result<domain::bytes> read_chunk(const content_store& from, const contents& all, const crypto::content_id& id,
                                         std::uint32_t index) {
  const auto sealed = from.read(id, index, 1);
  if (!sealed) return std::unexpected(sealed.error());
  return sealed->empty() ? domain::bytes{} : crypto::open_chunk(all.key, id, index, sealed->front());
}

enum content_step : std::uint64_t { opened = 1, stored_kept, stored_freed, settled, freed };

void use_contents(run_of& steps, const temp_folder& folder, const contents& all) {
  auto open = steps.take("open", [&] { return content_store::open(folder.in("content"), 1ULL << 30); });
  auto& store = **open;
  (void)steps.take("store", [&] { return commit_content(store, chunks_of(all, all.kept)); });
  (void)steps.take("store", [&] { return commit_content(store, chunks_of(all, all.freed)); });
  (void)steps.take("settle", [&] { return commit_content(store, settle_content{all.kept}); });
  (void)steps.take("free", [&] { return commit_content(store, free_content{.content = all.freed}); });
  const auto read = steps.take("read", [&] { return read_chunk(store, all, all.kept, 1); });
  steps.expect(*read == plain_chunk(1), "the chunk");
  const auto count = steps.take("count", [&] { return store.stored_chunks(all.kept); });
  steps.expect(*count == chunks_each, "the count");
  const auto pending = steps.take("list", [&] { return store.list_pending(10); });
  steps.expect(pending->empty(), "the list");
}

void check_contents(const told& note, const temp_folder& folder, const contents& all) {
  const auto store = content_store::open(folder.in("content"), 1ULL << 30).value();
  const auto acknowledged = note.acknowledged.load();
  const auto begun = note.begun.load();
  const auto kept = store->stored_chunks(all.kept).value();
  const auto rest = store->stored_chunks(all.freed).value();
  if (acknowledged >= stored_kept) BOOST_TEST(kept == chunks_each);
  if (acknowledged >= stored_freed && begun < content_step::freed) BOOST_TEST(rest == chunks_each);
  if (acknowledged >= content_step::freed) BOOST_TEST(rest == 0U);
  BOOST_TEST((kept == 0U || kept == chunks_each));
  BOOST_TEST((rest == 0U || rest == chunks_each));
  for (std::uint32_t i = 0; i < kept; ++i) BOOST_TEST((read_chunk(*store, all, all.kept, i) == plain_chunk(i)));
  const auto pending = store->list_pending(10).value();
  const auto is_pending = [&](const auto& id) { return std::ranges::find(pending, id) != pending.end(); };
  if (kept > 0 && begun < settled) BOOST_TEST(is_pending(all.kept));
  if (acknowledged >= settled) BOOST_TEST(!is_pending(all.kept));
  BOOST_TEST(is_pending(all.freed) == (rest > 0));
}

// Slots, as the content writer makes them: created, synced, then named by a record. Three times.
void use_slots(run_of& steps, const temp_folder& folder, const crypto::secret& key) {
  const crypto::slot_file_options options{.path = folder.in("slots"), .mirror_path = folder.in("mirror")};
  auto open = steps.take("open", [&] { return crypto::slot_file::open(options, key); });
  auto& slots = **open;
  for (std::uint64_t index = 0; index < 2; ++index) {
    const auto made = steps.take("create", [&] { return slots.create(); });
    steps.expect(made->index == index, "the index");
    (void)steps.take("sync", [&] { return slots.sync(); });
    const auto read = steps.take("read", [&] { return slots.read(index); });
    steps.expect(*read == made->key, "the slot's key");
  }
}

void check_slots(const told& note, const temp_folder& folder, const crypto::secret& key) {
  const crypto::slot_file_options options{.path = folder.in("slots"), .mirror_path = folder.in("mirror")};
  const auto slots = crypto::slot_file::open(options, key);
  BOOST_REQUIRE(slots.has_value());
  if (note.acknowledged >= 3) BOOST_TEST((*slots)->read(0).has_value());
  if (note.acknowledged >= 6) BOOST_TEST((*slots)->read(1).has_value());
  BOOST_TEST((*slots)->create().has_value());
}

void use_codec(run_of& steps, const codec_test::rich& record) {
  const auto cbor = steps.take("CBOR", step_of([&] { return codec::to_cbor(record); }));
  const auto from_cbor = steps.take("from CBOR", [&] { return codec::from_cbor<codec_test::rich>(*cbor); });
  steps.expect(*from_cbor == record, "the record from CBOR");
  const auto json = steps.take("JSON", step_of([&] { return codec::to_json(record); }));
  const auto from_json = steps.take("from JSON", [&] { return codec::from_json<codec_test::rich>(*json); });
  steps.expect(*from_json == record, "the record from JSON");
}

void use_crypto(run_of& steps, const temp_folder& folder) {
  const auto path = folder.in("key");
  (void)steps.take("new key file", [&] { return crypto::create_key_file(path.c_str()); });
  const auto key = steps.take("key file", [&] { return crypto::read_key_file(path.c_str()); });
  const auto other = steps.take("derive", step_of([&] { return crypto::derive(*key, "purpose"); }));
  const auto wrapped = steps.take("wrap", step_of([&] { return crypto::wrap(*key, *other, "context"); }));
  const auto unwrapped = steps.take("unwrap", [&] { return crypto::unwrap(*key, *wrapped, "context"); });
  steps.expect(*unwrapped == *other, "the unwrapped key");
  const auto signer = steps.take("signer", step_of([&] { return crypto::signing_key::from_seed(*key); }));
  const auto jws = steps.take("sign", step_of([&] { return signer->sign_jws("payload"); }));
  const auto payload = steps.take("verify", [&] { return crypto::verify_jws(*jws, signer->verify_key()); });
  steps.expect(*payload == "payload", "the payload");
  const auto one_time = steps.take("one-time key", step_of([] { return crypto::ephemeral_key::make(); }));
  const auto sealed = steps.take("seal to", [&] { return crypto::seal_to(one_time->seal_key(), *wrapped); });
  const auto opened_again = steps.take("open", [&] { return one_time->open(*sealed); });
  steps.expect(*opened_again == *wrapped, "what was sealed to it");
}

void use_hash(run_of& steps) {
  const auto digest = steps.take("hash", step_of([] {
                                   crypto::sha256_stream stream;
                                   stream.add(domain::bytes(100, 'x'));
                                   return stream.finish();
                                 }));
  steps.expect(*digest == crypto::sha256(domain::bytes(100, 'x')), "the digest");
}

void use_password(run_of& steps, const std::string& hash) {
  const auto fits = steps.take("check", step_of([&] { return crypto::verify_password(hash, "password"); }));
  steps.expect(*fits, "the password's fitting");
  const auto fresh = steps.take("hash", step_of([] { return crypto::hash_password("password"); }));
  steps.expect(fresh->size() == hash.size(), "the hash");
}

// The arena has no cell left: the next secret needs another slab of locked memory.
std::vector<crypto::secret> fill_arena() {
  std::vector<crypto::secret> all;
  const auto before = crypto::process_arena().slab_count();
  while (crypto::process_arena().slab_count() == before) all.push_back(crypto::secret::random());
  for (std::size_t i = 1; i < crypto::locked_arena::cells_per_slab; ++i) all.push_back(crypto::secret::random());
  return all;
}

}  // namespace

BOOST_AUTO_TEST_SUITE(without_memory)

BOOST_AUTO_TEST_CASE(contents_are_kept_or_freed_as_acknowledged) {
  const contents all;
  const auto use = [&](run_of& steps, const temp_folder& folder) { use_contents(steps, folder, all); };
  const auto check = [&](const told& note, const temp_folder& folder) { check_contents(note, folder, all); };
  run_without_memory({.run = use, .check = check});
}

BOOST_AUTO_TEST_CASE(slots_given_out_are_read_again) {
  const auto key = master();
  const auto use = [&](run_of& steps, const temp_folder& folder) { use_slots(steps, folder, key); };
  const auto check = [&](const told& note, const temp_folder& folder) { check_slots(note, folder, key); };
  run_without_memory({.run = use, .check = check});
}

BOOST_AUTO_TEST_CASE(records_come_out_whole_or_not_at_all) {
  (void)master();
  const auto record = codec_test::generator(3).record();
  run_without_memory({.run = [&](run_of& steps, const temp_folder&) { use_codec(steps, record); }});
}

BOOST_AUTO_TEST_CASE(keys_and_signatures_are_right_or_not_made) {
  (void)master();
  const auto full = fill_arena();
  run_without_memory({.run = use_crypto, .may_end = true});
}

BOOST_AUTO_TEST_CASE(a_digest_is_right_or_the_process_ends) {
  (void)master();
  run_without_memory({.run = [](run_of& steps, const temp_folder&) { use_hash(steps); }, .may_end = true});
}

BOOST_AUTO_TEST_CASE(no_password_is_taken_for_a_wrong_one) {
  (void)master();
  const auto hash = crypto::hash_password("password");
  run_without_memory({.run = [&](run_of& steps, const temp_folder&) { use_password(steps, hash); }});
}

BOOST_AUTO_TEST_SUITE_END()

}  // namespace elsec::storage::testing
