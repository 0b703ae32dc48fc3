// What travels with a dispatch arrives: every member of the letterhead, all the way from the request to the copy.

#include "actors/received_copies.hpp"
#include "capabilities/dispatches/dispatch_document.hpp"
#include "decisions/rows.hpp"
#include "tests/actors/letterhead_support.hpp"

#include <boost/mp11/algorithm.hpp>

using namespace elsec;
using namespace elsec::actors;
namespace tables = storage::tables;

namespace {

const auto sender = decisions::test::organisation(1);
const auto recipient = decisions::test::organisation(2);
const auto letter = domain::document_id::make(domain::time_point{}, {3});
const auto answered_before = domain::dispatch_id::make(domain::time_point{}, {4});

// A value that no other member has, where the type has room for it.
template <class T>
void fill(T& value, const std::string& name) {
  if constexpr (requires { value.emplace(); })
    fill(value.emplace(), name);
  else if constexpr (std::is_same_v<T, domain::contact>)
    value = {*domain::text<1, 200>::parse(name), *domain::phone_number::parse("+49 351 0000002")};
  else if constexpr (requires { T::prefix; })
    value = *T::parse(answered_before.str());
  else
    value = *T::parse("The " + name);
}

domain::letterhead full_letterhead() {
  using members = boost::describe::describe_members<domain::letterhead, boost::describe::mod_public>;
  domain::letterhead full;
  boost::mp11::mp_for_each<members>([&](auto member) { fill(full.*member.pointer, member.name); });
  return full;
}

template <class Record>
void check_arrived(const std::string& where, const Record& record) {
  const auto shown = codec::to_json_value(record);
  const auto sent = codec::to_json_value(full_letterhead());
  for (const auto& [name, value] : sent.as_object()) {
    const auto* arrived = shown.as_object().if_contains(name);
    BOOST_TEST((arrived != nullptr && *arrived == value), where << " lacks the member " << std::string(name));
  }
}

struct two_organisations : actors_test::temporary_node {
  two_organisations() {
    domain::document_row document;
    document.id = letter;
    document.filename = "brief.pdf";
    document.media_type = "application/pdf";
    document.size = 10;
    document.screening = domain::screening::clean;
    domain::organisation home;
    home.id = sender;
    auto card = decisions::test::card(2, name, 1);
    card.card.can_receive = true;
    storage::change_set changes;
    changes.found(sender);
    changes.found(recipient);
    changes.put(tables::organisations, sender.str(), home);
    changes.put(tables::documents, storage::key_of(sender, letter), document);
    changes.put(tables::received_dispatches, storage::key_of(sender, answered_before), {letter.str()});
    BOOST_REQUIRE(store_card(changes, read(), card).has_value());
    commit(changes);
  }

  decisions::ruling dispatch() {
    capabilities::request from;
    from.who.organisation_id = sender;
    domain::dispatch_request wanted;
    static_cast<domain::letterhead&>(wanted) = full_letterhead();
    wanted.recipients.resize(1);
    wanted.recipients[0].organisation_id = recipient;
    // As it comes from a client.
    auto read_again = codec::from_json<domain::dispatch_request>(codec::to_json(wanted));
    BOOST_REQUIRE(read_again.has_value());
    const capabilities::dispatch_document command(from, letter, std::move(*read_again));
    auto decided = command.decide({.with = *with, .read = read(), .now = with->now()});
    BOOST_REQUIRE(decided.has_value());
    commit(*decided->changes);
    return std::move(*decided);
  }

  domain::document_row receive(const domain::bytes& body) {
    const auto dispatch = codec::from_cbor<wire::dispatch>(body);
    BOOST_REQUIRE(dispatch.has_value());
    std::vector<crypto::secret> keys;
    keys.push_back(crypto::secret::random());
    std::vector<crypto::slot> slots(1);
    slots[0].key = crypto::secret::random();
    const incoming_transfer what{.peer = name, .row = "row", .body = body, .organisation = recipient};
    const auto received = receive_copies(*with, what, *dispatch, keys, slots);
    BOOST_REQUIRE(received.has_value());
    commit(*received);
    std::optional<domain::document_row> copy;
    BOOST_REQUIRE(read()
                      .scan(tables::documents, recipient.str(), {}, storage::direction::forward,
                            [&](std::string_view, domain::result<domain::document_row>&& row) {
                              copy = std::move(row.value());
                              return true;
                            })
                      .has_value());
    BOOST_REQUIRE(copy.has_value());
    return std::move(*copy);
  }
};

}  // namespace

BOOST_FIXTURE_TEST_SUITE(the_letterhead, two_organisations)

BOOST_AUTO_TEST_CASE(R2_each_member_of_a_request_reaches_the_row_the_wire_and_the_recipients_copy) {
  const auto decided = dispatch();
  std::vector<domain::dispatch_row> rows;
  BOOST_REQUIRE(read()
                    .scan(tables::dispatches, sender.str(), {}, storage::direction::forward,
                          [&](std::string_view, domain::result<domain::dispatch_row>&& row) {
                            rows.push_back(std::move(row.value()));
                            return true;
                          })
                    .has_value());
  BOOST_REQUIRE(rows.size() == 1U);
  check_arrived("the row", rows.front());

  const auto* kind = with->registry.find_wire_kind(wire::kind_dispatch);
  BOOST_REQUIRE(kind != nullptr);
  const auto body = kind->build(read(), decided.changes->envelopes().at(0).row);
  BOOST_REQUIRE(body.has_value());
  const auto travelled = codec::from_cbor<wire::dispatch>(*body);
  BOOST_REQUIRE(travelled.has_value());
  check_arrived("the wire", *travelled);
  const auto words = read_letterhead(*body);
  BOOST_REQUIRE(words.has_value());
  check_arrived("what the recipient's node reads", *words);

  const auto copy = receive(*body);
  check_arrived("the recipient's copy", static_cast<const domain::document&>(copy));
}

BOOST_AUTO_TEST_CASE(R11_a_recipients_copy_closes_so_long_after_it_has_come) {
  const auto decided = dispatch();
  const auto body =
      with->registry.find_wire_kind(wire::kind_dispatch)->build(read(), decided.changes->envelopes().at(0).row);
  with->policy.retention.after_dispatch = std::chrono::days(17);
  const auto copy = receive(body.value());
  BOOST_CHECK(copy.closes_at == with->now() + std::chrono::days(17));
  BOOST_CHECK(copy.closes_because == domain::close_reason::retention);
}

BOOST_AUTO_TEST_CASE(the_sender_sees_of_it_what_tells_a_dispatch_from_others) {
  domain::dispatch_row row;
  static_cast<domain::letterhead&>(row) = full_letterhead();
  const auto shown = codec::to_json_value(sender_view(row)).as_object();
  for (const auto* member : {"subject", "case_ref", "in_reply_to"}) BOOST_TEST(shown.contains(member));
  for (const auto* member : {"message", "class", "contact"}) BOOST_TEST(!shown.contains(member));
}

BOOST_AUTO_TEST_SUITE_END()
