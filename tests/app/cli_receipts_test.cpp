// G1: receipts are checked without the node.
#include "app/cli/receipts.hpp"
#include "crypto/random.hpp"
#include "crypto/seal.hpp"
#include "tests/app/cli_support.hpp"

#include <boost/json/parse.hpp>
#include <boost/json/serialize.hpp>
#include <boost/test/unit_test.hpp>

using namespace elsec;
using namespace elsec::cli;
using namespace elsec::cli::test;
namespace json = boost::json;

namespace {

crypto::signing_key key_of(std::uint8_t number) {
  static const bool started = crypto::start().has_value();
  BOOST_REQUIRE(started);
  const std::vector<std::uint8_t> seed(crypto::secret::size, number);
  return crypto::signing_key::from_seed(*crypto::secret::from(seed));
}

json::object key_json(const crypto::signing_key& key, json::object more = {}) {
  json::object shown{{"id", key.id()},
                     {"public_key", crypto::to_base64url(key.verify_key())},
                     {"valid_from", "2026-01-01T00:00:00.000Z"}};
  for (auto& member : more) shown[member.key()] = member.value();
  return shown;
}

json::value nodes_json(json::object more_of_north = {}) {
  return {
      {"items", json::array{json::object{{"name", "north"}, {"keys", json::array{key_json(key_of(1), more_of_north)}}},
                            json::object{{"name", "south"}, {"keys", json::array{key_json(key_of(2))}}}}},
      {"next_cursor", nullptr}};
}

json::object signed_by(const crypto::signing_key& key, json::object receipt) {
  receipt["jws"] = key.sign_jws(json::serialize(receipt));
  return receipt;
}

std::string hash_of(const json::value& receipt) {
  return crypto::to_hex(crypto::sha256(std::string(receipt.at("jws").as_string())));
}

json::object body(std::string_view id, std::string_view kind, const json::value* previous = nullptr,
                  bool of_dispatch = true) {
  json::object receipt{{"id", id},
                       {"kind", kind},
                       {"document_id", some_document},
                       {"at", "2026-03-01T08:30:00.000Z"},
                       {"node", "north"},
                       {"sha256", std::string(64, 'a')}};
  if (of_dispatch) receipt["dispatch_id"] = some_dispatch;
  if (previous) receipt["previous"] = hash_of(*previous);
  return receipt;
}

std::string statement_of_south(json::object changes = {}) {
  auto said = body("rcp_s", "received");
  said["node"] = "south";
  said["document_id"] = other_document;
  for (auto& member : changes) said[member.key()] = member.value();
  return key_of(2).sign_jws(json::serialize(said));
}

// uploaded, accepted, delivered (with the other node's statement), collected
json::array good_chain(std::string statement = statement_of_south()) {
  json::array chain;
  chain.push_back(signed_by(key_of(1), body("rcp_1", "uploaded", nullptr, false)));
  chain.push_back(signed_by(key_of(1), body("rcp_2", "accepted", &chain[0])));
  auto delivered = body("rcp_3", "delivered", &chain[1]);
  delivered["statement"] = statement;
  chain.push_back(signed_by(key_of(1), delivered));
  chain.push_back(signed_by(key_of(1), body("rcp_4", "collected", &chain[2])));
  return chain;
}

receipts_verdict verdict_of(const json::value& file, const json::value& nodes = nodes_json()) {
  const auto keys = parse_keys(json::serialize(nodes));
  BOOST_REQUIRE_MESSAGE(keys.has_value(), (keys ? "" : render(keys.error())));
  const auto receipts = parse_receipts(json::serialize(file));
  BOOST_REQUIRE(receipts);
  return verify_receipts(*receipts, *keys);
}

bool says(const receipts_verdict& verdict, std::size_t index, std::string_view what) {
  for (const auto& problem : verdict.receipts.at(index).problems)
    if (problem.find(what) != std::string::npos) return true;
  return false;
}

std::size_t wrong_ones(const receipts_verdict& verdict) {
  std::size_t count = 0;
  for (const auto& one : verdict.receipts) count += one.problems.empty() ? 0U : 1U;
  return count;
}

}  // namespace

BOOST_AUTO_TEST_SUITE(cli_receipts)

BOOST_AUTO_TEST_CASE(G1_a_good_chain_holds_in_every_form_of_file) {
  const auto chain = good_chain();
  const auto verdict = verdict_of(json::object{{"items", chain}, {"next_cursor", nullptr}});
  for (const auto& one : verdict.receipts)
    for (const auto& problem : one.problems) BOOST_ERROR(one.id + ": " + problem);
  BOOST_TEST(verdict.holds());
  BOOST_TEST(verdict_of(chain).holds());
  BOOST_TEST(verdict_of(chain[2]).holds());  // alone: what lies before it is not checked
}

BOOST_AUTO_TEST_CASE(the_order_of_members_and_blanks_do_not_matter) {
  auto receipt = good_chain()[0].as_object();
  json::object turned;
  for (auto member = receipt.end(); member != receipt.begin();) {
    --member;
    turned[member->key()] = member->value();
  }
  BOOST_TEST(verdict_of(turned).holds());
}

BOOST_AUTO_TEST_CASE(newest_first_is_an_order_too) {
  auto chain = good_chain();
  BOOST_TEST(verdict_of(json::array{chain[3], chain[2], chain[1], chain[0]}).holds());
}

BOOST_AUTO_TEST_CASE(a_file_without_receipts_does_not_hold) {
  BOOST_TEST(!verdict_of(json::array{}).holds());
  BOOST_TEST(!verdict_of(json::object{{"items", json::array{}}}).holds());
}

BOOST_AUTO_TEST_CASE(every_altered_member_is_found) {
  const auto delivered = good_chain()[2].as_object();
  for (const auto& member : delivered) {
    auto chain = good_chain();
    auto& value = chain[2].as_object()[member.key()];
    value = std::string(value.as_string()) + "x";
    BOOST_TEST_CONTEXT(std::string(member.key())) { BOOST_TEST(!verdict_of(chain).receipts[2].problems.empty()); }
  }
}

BOOST_AUTO_TEST_CASE(a_member_added_or_taken_away_is_found) {
  auto chain = good_chain();
  chain[3].as_object()["note"] = "x";
  BOOST_TEST(says(verdict_of(chain), 3, "note is not what was signed"));
  chain = good_chain();
  chain[3].as_object().erase("previous");
  BOOST_TEST(says(verdict_of(chain), 3, "previous was signed and is missing"));
}

BOOST_AUTO_TEST_CASE(a_flipped_character_anywhere_in_the_signature_is_found) {
  const auto good = std::string(good_chain()[0].at("jws").as_string());
  for (std::size_t i = 0; i < good.size(); ++i) {
    auto receipt = good_chain()[0].as_object();
    auto jws = good;
    jws[i] = jws[i] == 'A' ? 'B' : 'A';
    receipt["jws"] = jws;
    BOOST_REQUIRE(!verdict_of(receipt).holds());
  }
}

BOOST_AUTO_TEST_CASE(another_nodes_key_does_not_sign_for_this_one) {
  const auto forged = signed_by(key_of(2), body("rcp_1", "uploaded", nullptr, false));
  BOOST_TEST(says(verdict_of(forged), 0, "a key that is not north's"));
  const auto unknown = signed_by(key_of(3), body("rcp_1", "uploaded", nullptr, false));
  BOOST_TEST(says(verdict_of(unknown), 0, "is not among the keys given"));
}

BOOST_AUTO_TEST_CASE(a_key_counts_only_while_it_is_valid) {
  const auto chain = good_chain();
  BOOST_TEST(verdict_of(chain, nodes_json({{"valid_until", "2026-03-01T08:30:00.000Z"}})).holds());
  BOOST_TEST(says(verdict_of(chain, nodes_json({{"valid_until", "2026-03-01T08:29:59.999Z"}})), 0, "not valid"));
  BOOST_TEST(says(verdict_of(chain, nodes_json({{"valid_from", "2026-03-01T08:30:00.001Z"}})), 0, "not valid"));
}

BOOST_AUTO_TEST_CASE(a_missing_first_or_middle_receipt_breaks_the_chain) {
  const auto chain = good_chain();
  const auto headless = verdict_of(json::array{chain[1], chain[2], chain[3]});
  BOOST_TEST(says(headless, 0, "the receipt before it is missing"));
  BOOST_TEST(wrong_ones(headless) == 1U);
  const auto gap = verdict_of(json::array{chain[0], chain[1], chain[3]});
  BOOST_TEST(says(gap, 2, "the receipt before it is missing"));
}

BOOST_AUTO_TEST_CASE(a_missing_last_receipt_cannot_be_seen) {
  const auto chain = good_chain();
  BOOST_TEST(verdict_of(json::array{chain[0], chain[1], chain[2]}).holds());
}

BOOST_AUTO_TEST_CASE(a_chain_may_begin_without_the_uploaded_receipt_only_if_it_says_so) {
  json::array chain;
  chain.push_back(signed_by(key_of(1), body("rcp_2", "accepted")));
  chain.push_back(signed_by(key_of(1), body("rcp_3", "delivered", &chain[0])));
  BOOST_TEST(verdict_of(chain).holds());
}

BOOST_AUTO_TEST_CASE(receipts_out_of_order_are_found) {
  const auto chain = good_chain();
  BOOST_TEST(!verdict_of(json::array{chain[0], chain[2], chain[1], chain[3]}).holds());
  BOOST_TEST(!verdict_of(json::array{chain[1], chain[0], chain[2], chain[3]}).holds());
}

BOOST_AUTO_TEST_CASE(a_forked_or_doubled_chain_is_found) {
  auto chain = good_chain();
  chain.push_back(signed_by(key_of(1), body("rcp_5", "failed", &chain[2])));
  BOOST_TEST(says(verdict_of(chain), 4, "two receipts follow the same one"));
  chain = good_chain();
  chain.push_back(signed_by(key_of(1), body("rcp_5", "accepted", &chain[0])));
  BOOST_TEST(says(verdict_of(chain), 4, "second beginning"));
  chain = good_chain();
  chain.push_back(chain[3]);
  BOOST_TEST(says(verdict_of(chain), 4, "twice"));
}

BOOST_AUTO_TEST_CASE(a_link_to_another_dispatch_or_content_is_found) {
  auto chain = good_chain();
  auto foreign = body("rcp_5", "delivered", &chain[1]);
  foreign["dispatch_id"] = "dsp_01J9ZQ6Z7N2M4X8K3V5T1R0B9E";
  chain.push_back(signed_by(key_of(1), foreign));
  BOOST_TEST(says(verdict_of(chain), 4, "about something else"));
  chain = good_chain();
  auto other = body("rcp_5", "sent", &chain[3]);
  other["sha256"] = std::string(64, 'b');
  chain.push_back(signed_by(key_of(1), other));
  BOOST_TEST(says(verdict_of(chain), 4, "about something else"));
}

BOOST_AUTO_TEST_CASE(one_upload_begins_many_dispatches) {
  auto chain = good_chain();
  auto second = body("rcp_5", "accepted", &chain[0]);
  second["dispatch_id"] = "dsp_01J9ZQ6Z7N2M4X8K3V5T1R0B9E";
  chain.push_back(signed_by(key_of(1), second));
  BOOST_TEST(verdict_of(chain).holds());
}

BOOST_AUTO_TEST_CASE(the_other_nodes_statement_must_be_signed_by_it_and_fit) {
  const auto with = [](const std::string& statement) { return verdict_of(good_chain(statement)); };
  BOOST_TEST(
      says(with(statement_of_south({{"dispatch_id", "dsp_01J9ZQ6Z7N2M4X8K3V5T1R0B9E"}})), 2, "another dispatch"));
  BOOST_TEST(says(with(statement_of_south({{"sha256", std::string(64, 'b')}})), 2, "another content"));
  BOOST_TEST(says(with(statement_of_south({{"node", "north"}})), 2, "a key that is not north's"));
  BOOST_TEST(says(with(statement_of_south({{"at", "2025-12-31T23:59:59.999Z"}})), 2, "not valid"));
  BOOST_TEST(says(with(statement_of_south({{"kind", nullptr}})), 2, "names no kind"));
  auto broken = statement_of_south();
  broken.back() = broken.back() == 'A' ? 'B' : 'A';
  broken[broken.size() - 10] = broken[broken.size() - 10] == 'A' ? 'B' : 'A';
  BOOST_TEST(says(with(broken), 2, "the embedded statement"));
}

BOOST_AUTO_TEST_CASE(statements_that_are_no_jws_are_found) {
  for (const auto* text : {"", "x", "a.b", "..", "a.b.c", "a.bm8.c", "eyJhIjoxfQ.W10.x"}) BOOST_TEST_CONTEXT(text) {
      BOOST_TEST(!verdict_of(good_chain(text)).receipts[2].problems.empty());
    }
}

BOOST_AUTO_TEST_CASE(wild_receipts_are_wrong_and_nothing_worse) {
  for (const auto* text : {"[1,null,\"x\",[]]", "[{}]", "{\"items\":[{\"jws\":5}]}", "{\"jws\":\"..\",\"id\":\"x\"}",
                           "[{\"id\":\"a\",\"kind\":\"b\",\"node\":\"c\",\"at\":\"d\",\"document_id\":\"e\","
                           "\"sha256\":\"f\",\"jws\":\"g.h.i\"}]"})
    BOOST_TEST(!verdict_of(json::parse(text)).holds());
  for (const auto* text : {"", "5", "\"x\"", "{\"items\":5}", "[", "nonsense"}) {
    const auto file = parse_receipts(text);
    BOOST_REQUIRE_MESSAGE(!file.has_value(), text);
    BOOST_CHECK(file.error().code == exit_code::local_file);
  }
}

BOOST_AUTO_TEST_CASE(a_member_of_the_wrong_type_is_found_even_when_signed) {
  auto receipt = body("rcp_1", "uploaded", nullptr, false);
  receipt["previous"] = 5;
  BOOST_TEST(says(verdict_of(signed_by(key_of(1), receipt)), 0, "previous is not a text"));
}

BOOST_AUTO_TEST_CASE(a_keys_file_whose_ids_do_not_fit_is_refused) {
  const auto refused = [](json::object change) {
    const auto keys = parse_keys(json::serialize(nodes_json(std::move(change))));
    return !keys && keys.error().code == exit_code::local_file;
  };
  BOOST_TEST(refused({{"id", "AAAAAAAAAAAAAAAA"}}));
  BOOST_TEST(refused({{"public_key", "AAAA"}}));
  BOOST_TEST(refused({{"valid_from", "yesterday"}}));
  BOOST_TEST(refused({{"valid_until", "tomorrow"}}));
  BOOST_TEST(!parse_keys("[]").has_value());
  BOOST_TEST(!parse_keys("{").has_value());
}

BOOST_AUTO_TEST_CASE(the_command_tells_by_its_exit_code) {
  const folder dir;
  scripted_node nobody;
  const auto keys = dir.write("keys.json", json::serialize(nodes_json())).string();
  auto chain = good_chain();
  const auto good = dir.write("good.json", json::serialize(json::object{{"items", chain}})).string();
  chain[1].as_object()["kind"] = "delivered";
  const auto bad = dir.write("bad.json", json::serialize(json::object{{"items", chain}})).string();
  const auto verify = [&](const std::string& file) {
    return run_against(nobody, {"receipts", "verify", file, "--keys", keys}, {});
  };
  BOOST_CHECK(verify(good).code == exit_code::ok);
  BOOST_CHECK(verify(bad).code == exit_code::verification_failed);
  BOOST_TEST(verify(bad).err == "elsec: 1 of 4 receipts do not hold.\n");
  BOOST_CHECK(verify((dir / "none").string()).code == exit_code::local_file);
  BOOST_TEST(nobody.seen.empty());  // offline
  const auto shown = run_against(nobody, {"receipts", "verify", bad, "--keys", keys, "--json"}, {});
  const auto verdict = json::parse(shown.out);
  BOOST_TEST(!verdict.at("holds").as_bool());
  BOOST_TEST(verdict.at("items").at(0).at("holds").as_bool());
  BOOST_TEST(!verdict.at("items").at(1).at("holds").as_bool());
}

BOOST_AUTO_TEST_SUITE_END()
