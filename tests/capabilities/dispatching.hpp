#pragma once
// One organisation that sends documents, and one that takes part.

#include "tests/capabilities/clinics.hpp"

namespace elsec::capabilities::testing {

using domain::screening;

// `one` sends; `other` takes part.
struct dispatching : two_clinics {
  dispatching() { take_part(other); }

  [[nodiscard]] static boost::json::object to_organisation(const domain::principal& who) {
    return {{"organisation_id", who.organisation_id.str()}};
  }
  [[nodiscard]] static boost::json::object to_person() {
    return {{"name", "Gerhard Muster"},
            {"address", {{"street", "Am Mühlgraben 12"}, {"postal_code", "01099"}, {"city", "Musterstadt"}}}};
  }
  [[nodiscard]] static boost::json::object wish(boost::json::array recipients) {
    return {{"recipients", std::move(recipients)}, {"subject", "Entlassungsbrief"}};
  }
  outcome dispatch(const domain::document_row& document, const boost::json::object& body) {
    return ask("dispatch_document", about(one, document.id, boost::json::serialize(body)));
  }
  [[nodiscard]] std::vector<domain::dispatch_row> dispatches() const {
    return rows(tables::dispatches, one.organisation_id.str());
  }
  [[nodiscard]] domain::document_row now_of(const domain::document_row& document) const {
    return *row(tables::documents, storage::key_of(one.organisation_id, document.id));
  }
  [[nodiscard]] std::size_t receipts(domain::receipt_kind kind) const {
    return static_cast<std::size_t>(
        std::ranges::count(rows(tables::receipts, one.organisation_id.str()), kind, &domain::receipt::kind));
  }
  // Nothing of a dispatch is anywhere.
  void check_nothing_happened(const domain::document_row& document) const {
    BOOST_TEST(dispatches().size() == 0U);
    BOOST_TEST(rows(tables::outbox).size() == 0U);
    BOOST_TEST(rows(tables::letters, one.organisation_id.str()).size() == 0U);
    BOOST_TEST(rows(tables::feed, one.organisation_id.str()).size() == 0U);
    BOOST_TEST(receipts(domain::receipt_kind::accepted) == 0U);
    BOOST_CHECK(now_of(document).state == domain::document_state::draft);
  }
  // The look at a file is due, and finds this.
  void screened(const domain::document_row& document, std::vector<domain::screening_finding> findings = {}) {
    look = file_examined{.pages = 3, .quarantine = std::move(findings)};
    BOOST_TEST(perform(screening_of(one, document)).has_value());
  }
};

}  // namespace elsec::capabilities::testing
