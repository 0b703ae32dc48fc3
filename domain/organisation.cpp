#include "domain/organisation.hpp"

#include "domain/folding.hpp"
#include "domain/letter_address.hpp"

#include <algorithm>

namespace elsec::domain {

bool is_domestic(const address& where) { return !where.country || where.country->stands_for_none(); }

namespace {

std::string unknown_country(const country& named) {
  if (const auto choices = countries_meant_by(named.str())) return "may be " + *choices + "; name one of them";
  return "must be a code of ISO 3166 or the German or English name of a country";
}

}  // namespace

void check(const address& where, std::vector<field_error>& errors) {
  if (where.street && where.po_box)
    errors.push_back({"/po_box", "must not stand beside a street: each has a postal code of its own"});
  if (!is_domestic(where) && !where.street && !where.po_box)
    errors.push_back({"/street", "is required abroad, or a po_box"});
  if (where.extra && where.extra->size() > extra_lines_max)
    errors.push_back(
        {"/extra/" + std::to_string(extra_lines_max),
         "is a line too many: between name and street there is room for " + std::to_string(extra_lines_max)});
  if (where.country && !where.country->is_known()) errors.push_back({"/country", unknown_country(*where.country)});
  if (is_domestic(where) && !is_german_postal_code(where.postal_code.str()))
    errors.push_back({"/postal_code", "must be a German postal code from 01001 to 99998, or name the country"});
}

bool takes_part(const organisation& who) noexcept {
  return who.capabilities.receive && who.delivery == delivery::electronic;
}

namespace {

// Points at the member that holds the address.
void check_reachable(const std::string& name, const address& where, const std::string& member,
                     std::vector<field_error>& errors) {
  auto why = undeliverable(name, where);
  if (!why) return;
  constexpr std::string_view prefix = "/address";
  if (why->pointer.starts_with(prefix)) why->pointer.replace(0, prefix.size(), member);
  errors.push_back(std::move(*why));
}

template <class Target, class Change>
void take(Target& target, const std::optional<Change>& change) {
  if (change) target = *change;
}

}  // namespace

void check(const organisation_profile& who, std::vector<field_error>& errors) {
  check_reachable(who.name.str(), who.address, "/address", errors);
  if (who.postal_address && errors.empty())
    check_reachable(who.name.str(), *who.postal_address, "/postal_address", errors);
}

void check(const organisation_changes& what, std::vector<field_error>& errors) {
  const auto name = what.name ? what.name->str() : std::string("the one it has");
  if (auto unnamed = undeliverable(name)) return errors.push_back(std::move(*unnamed));
  if (what.address) check_reachable(name, *what.address, "/address", errors);
  if (what.postal_address && *what.postal_address && errors.empty())
    check_reachable(name, **what.postal_address, "/postal_address", errors);
}

result<organisation> change(organisation before, const organisation_changes& changes) {
  if (changes.delivery == delivery::electronic && !before.capabilities.receive)
    return fail_field(error_code::verification_required, "/delivery",
                      "needs the verification for receiving documents; request it in the account");
  take(before.name, changes.name);
  take(before.sector, changes.sector);
  take(before.employees, changes.employees);
  take(before.address, changes.address);
  take(before.postal_address, changes.postal_address);
  take(before.phone, changes.phone);
  take(before.email, changes.email);
  take(before.ik, changes.ik);
  take(before.bsnr, changes.bsnr);
  take(before.vat_id, changes.vat_id);
  take(before.delivery, changes.delivery);
  return before;
}

organisation grant(organisation before, const capability_grant& what) {
  if (what.receive && *what.receive != before.capabilities.receive) {
    before.capabilities.receive = *what.receive;
    before.delivery = *what.receive ? delivery::electronic : delivery::post;
  }
  take(before.capabilities.beds, what.beds);
  return before;
}

void check(const registration& what, std::vector<field_error>& errors) {
  if (what.acts_for_business && !*what.acts_for_business)
    errors.push_back({"/acts_for_business", "must be true: elSec is for businesses and public bodies only"});
}

bool offers_consulting(const organisation_profile& who) noexcept {
  return who.employees.value() >= consulting_employees_min;
}

card card_of(const organisation& who) {
  return {.id = who.id,
          .name = who.name.str(),
          .sector = who.sector,
          .address = who.address,
          .postal_address = who.postal_address,
          .phone = who.phone,
          .ik = who.ik,
          .node = who.node,
          .verified = who.capabilities.receive || who.capabilities.beds,
          .can_receive = takes_part(who),
          .in_beds_network = who.capabilities.beds,
          .departments = {}};
}

std::vector<std::string> words_of(std::string_view text) {
  std::vector<std::string> words;
  std::string word;
  const auto flush = [&] {
    if (!word.empty()) words.push_back(std::exchange(word, {}));
  };
  for (const char c : fold(text)) {
    const bool part = (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || static_cast<unsigned char>(c) >= 0x80;
    if (part)
      word += c;
    else
      flush();
  }
  flush();
  return words;
}

bool matches(const card& who, const directory_query& wanted) {
  if (wanted.ik && who.ik != wanted.ik) return false;
  if (wanted.postal_code && !who.address.postal_code.str().starts_with(wanted.postal_code->str())) return false;
  if (wanted.sector && who.sector != *wanted.sector) return false;
  if (wanted.can_receive && who.can_receive != *wanted.can_receive) return false;
  if (!wanted.query) return true;
  const auto words = words_of(wanted.query->str());
  const auto known = words_of(who.name + " " + who.address.city.str());
  return !words.empty() && std::ranges::all_of(words, [&](const std::string& word) {
    return std::ranges::any_of(known, [&](const std::string& have) { return have.starts_with(word); });
  });
}

}  // namespace elsec::domain
