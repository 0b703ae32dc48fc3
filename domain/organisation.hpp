#pragma once
// Organisations (tenants) and their people: what is registered, kept and shown.

#include "domain/country.hpp"
#include "domain/fields.hpp"
#include "domain/ids.hpp"
#include "domain/time.hpp"

#include <boost/describe.hpp>

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

namespace elsec::domain {

BOOST_DEFINE_ENUM_CLASS(sector, hospital, practice, care_home, outpatient_care, pharmacy, rehabilitation, hospice,
                        insurer, social_service, laboratory, medical_supplier, software_vendor, public_body, other)
BOOST_DEFINE_ENUM_CLASS(plan, basic, premium)
BOOST_DEFINE_ENUM_CLASS(delivery, electronic, post)
BOOST_DEFINE_ENUM_CLASS(role, admin, member, billing, reader)
BOOST_DEFINE_ENUM_CLASS(agreement, terms, data_processing, secrecy)

// A postal address. German ones (without a country) need a German postal code. A street and a post-office box have
// postal codes of their own, so an address names one of them - or neither: a major recipient's postal code says all
// ("AOK PLUS, 01058 Dresden"). Which codes are such is known from Deutsche Post's licensed files only; in the numbers
// themselves they lie between a town's boxes and its districts, without a mark (so a rule of ranges would need the same
// files). So a German address without a street is taken, and doubts_about() says what that means. `extra` are lines
// between name and street: "z. Hd. Frau Beispiel", "Station 3b", "c/o Beispiel".
struct address {
  std::optional<text<1, 80>> street{};
  std::optional<text<1, 20>> po_box{};  // its number
  std::optional<std::vector<text<1, 80>>> extra{};
  text<1, 20> postal_code;
  text<1, 80> city;
  std::optional<domain::country> country{};

  bool operator==(const address&) const = default;
};
BOOST_DESCRIBE_STRUCT(address, (), (street, po_box, extra, postal_code, city, country))

// With a name, a street or box, the city and the country that makes the six lines a window has (postal/cover_page.hpp).
inline constexpr std::size_t extra_lines_max = 2;

[[nodiscard]] bool is_domestic(const address& where);
void check(const address& where, std::vector<field_error>& errors);

struct capabilities {
  bool receive = false;
  bool beds = false;

  bool operator==(const capabilities&) const = default;
};
BOOST_DESCRIBE_STRUCT(capabilities, (), (receive, beds))

// What an organisation tells of itself at registration (R3, R4).
struct organisation_profile {
  text<1, 200> name;
  domain::sector sector{};
  bounded<0, 1'000'000> employees;
  domain::address address;
  std::optional<domain::address> postal_address{};  // where letters go, if not there
  std::optional<phone_number> phone{};
  std::optional<email_address> email{};
  std::optional<ik_number> ik{};
  std::optional<bsnr_number> bsnr{};
  std::optional<text<4, 20>> vat_id{};
};
BOOST_DESCRIBE_STRUCT(organisation_profile, (),
                      (name, sector, employees, address, postal_address, phone, email, ik, bsnr, vat_id))

// Letters to it must be able to arrive.
void check(const organisation_profile& who, std::vector<field_error>& errors);

// An organisation as its own people and the operator see it.
struct organisation : organisation_profile {
  organisation_id id;
  std::string node;
  domain::plan plan = domain::plan::basic;
  domain::capabilities capabilities;
  domain::delivery delivery = domain::delivery::post;
  bool customer_number_required = false;
  time_point created_at{};
};
BOOST_DESCRIBE_STRUCT(organisation, (organisation_profile),
                      (id, node, plan, capabilities, delivery, customer_number_required, created_at))

// Whether documents reach it electronically (R2): verified for receiving and delivery set to electronic.
[[nodiscard]] bool takes_part(const organisation& who) noexcept;

// A member of a change whose absence leaves what is there and whose null removes it (JSON merge patch, RFC 7396).
template <class T>
using removable = std::optional<std::optional<T>>;

// PATCH /organisation: absent members stay; null removes what an organisation can do without, and is refused elsewhere.
struct organisation_changes {
  static constexpr bool is_merge_patch = true;

  std::optional<text<1, 200>> name{};
  std::optional<domain::sector> sector{};
  std::optional<bounded<0, 1'000'000>> employees{};
  std::optional<domain::address> address{};
  removable<domain::address> postal_address{};
  removable<phone_number> phone{};
  removable<email_address> email{};
  removable<ik_number> ik{};
  removable<bsnr_number> bsnr{};
  removable<text<4, 20>> vat_id{};
  std::optional<domain::delivery> delivery{};
};
BOOST_DESCRIBE_STRUCT(organisation_changes, (),
                      (name, sector, employees, address, postal_address, phone, email, ik, bsnr, vat_id, delivery))

void check(const organisation_changes& what, std::vector<field_error>& errors);

// The changed organisation; `verification_required` when electronic delivery is asked for without the grant (R15).
[[nodiscard]] result<organisation> change(organisation before, const organisation_changes& changes);

// PUT /operator/v1/organisations/{id}/capabilities. Granting `receive` sets delivery to electronic, taking it away sets
// it to post.
struct capability_grant {
  std::optional<bool> receive{};
  std::optional<bool> beds{};
  text<1, 500> reason;
};
BOOST_DESCRIBE_STRUCT(capability_grant, (), (receive, beds, reason))

[[nodiscard]] organisation grant(organisation before, const capability_grant& what);

struct person {
  std::optional<text<1, 40>> title{};
  std::optional<text<1, 40>> salutation{};
  text<1, 100> first_name;
  text<1, 100> last_name;
  email_address email;
  std::optional<phone_number> phone{};
};
BOOST_DESCRIBE_STRUCT(person, (), (title, salutation, first_name, last_name, email, phone))

// A person of an organisation as the API shows it.
struct user : person {
  user_id id;
  domain::organisation_id organisation_id;
  std::vector<role> roles;
  bool email_confirmed = false;
  time_point created_at{};
};
BOOST_DESCRIBE_STRUCT(user, (person), (id, organisation_id, roles, email_confirmed, created_at))

// What a user's row holds besides: never shown.
struct user_row : user {
  std::string password_hash;
};
BOOST_DESCRIBE_STRUCT(user_row, (user), (password_hash))

// POST /registrations
struct new_person : person {
  domain::password password;
};
BOOST_DESCRIBE_STRUCT(new_person, (person), (password))

struct registration {
  organisation_profile organisation;
  new_person user;
  std::optional<bool> consulting_requested{};
  std::vector<agreement> accept{};
  std::optional<bool> acts_for_business{};
};
BOOST_DESCRIBE_STRUCT(registration, (), (organisation, user, consulting_requested, accept, acts_for_business))

void check(const registration& what, std::vector<field_error>& errors);

// R3: from 100 employees individual consulting is offered.
inline constexpr std::int64_t consulting_employees_min = 100;
[[nodiscard]] bool offers_consulting(const organisation_profile& who) noexcept;

struct registered {
  domain::organisation_id organisation_id;
  domain::user_id user_id;
  bool consulting_offered = false;
};
BOOST_DESCRIBE_STRUCT(registered, (), (organisation_id, user_id, consulting_offered))

// Kept beside the organisation: what was declared and accepted at registration, by whom and when (R21), and the wish
// for consulting (R3).
struct declaration {
  domain::user_id user_id;
  time_point at{};
  std::vector<agreement> accepted;
  bool acts_for_business = false;
  bool consulting_requested = false;
};
BOOST_DESCRIBE_STRUCT(declaration, (), (user_id, at, accepted, acts_for_business, consulting_requested))

// What the network knows of an organisation: replicated to every node, written by its home node alone.
struct card {
  organisation_id id;
  std::string name;
  domain::sector sector{};
  domain::address address;
  std::optional<domain::address> postal_address{};
  std::optional<phone_number> phone{};
  std::optional<ik_number> ik{};
  std::string node;
  bool verified = false;
  bool can_receive = false;
  bool in_beds_network = false;
  std::vector<std::string> departments{};
};
BOOST_DESCRIBE_STRUCT(card, (),
                      (id, name, sector, address, postal_address, phone, ik, node, verified, can_receive,
                       in_beds_network, departments))

[[nodiscard]] card card_of(const organisation& who);

// A card with its version and its home node's signature over both (compact JWS over the JSON of `card_statement`).
struct card_statement {
  std::uint64_t version = 0;
  domain::card card;
};
BOOST_DESCRIBE_STRUCT(card_statement, (), (version, card))

struct card_row : card_statement {
  std::string jws;
};
BOOST_DESCRIBE_STRUCT(card_row, (card_statement), (jws))

// GET /directory
struct directory_query {
  std::optional<text<1, 100>> query{};
  std::optional<ik_number> ik{};
  std::optional<text<1, 20>> postal_code{};
  std::optional<domain::sector> sector{};
  std::optional<bool> can_receive{};
};
BOOST_DESCRIBE_STRUCT(directory_query, (), (query, ik, postal_code, sector, can_receive))

// Whether a card is all that is wanted. Of `query`, each word is the beginning of a word of the name or city; one
// without any word ("*", "%") finds nobody: who searches for something does not mean everybody.
[[nodiscard]] bool matches(const card& who, const directory_query& wanted);

// The folded words of a text, each at least one letter or digit long: what names are searched by.
[[nodiscard]] std::vector<std::string> words_of(std::string_view text);

}  // namespace elsec::domain
