// Documents that cannot be printed, or that try to make the composition fail. Run in the test's own process, so that
// the sanitizers see what the parsers do.

#include "postal/compose.hpp"
#include "tests/postal/support.hpp"

#include <qpdf/Pl_Discard.hh>
#include <qpdf/QPDF.hh>
#include <qpdf/QPDFWriter.hh>

#include <random>

namespace elsec::postal::testing {
namespace {

using spans = std::vector<std::span<const std::uint8_t>>;

std::expected<std::uint32_t, refusal> compose_with(const std::vector<domain::bytes>& documents) {
  Pl_Discard nowhere;
  const domain::bytes front = simple_pdf(1);
  return compose_letter(front, spans(documents.begin(), documents.end()), nowhere);
}

finding_code refusal_of(const domain::bytes& document) {
  const auto done = compose_with({simple_pdf(1), document});
  BOOST_REQUIRE(!done.has_value());
  BOOST_TEST(done.error().document == 2U);
  return done.error().why;
}

}  // namespace

BOOST_AUTO_TEST_SUITE(compose_hostile)

BOOST_AUTO_TEST_CASE(document_with_a_password_is_refused) {
  BOOST_TEST(refusal_of(locked_pdf(simple_pdf(), "secret")) == finding_code::encrypted);
}

BOOST_AUTO_TEST_CASE(document_anyone_can_open_is_printed_though_encrypted) {
  for (const auto* forbidden : {"", "--print=none"})
    BOOST_TEST(compose_with({locked_pdf(simple_pdf(), "", forbidden)}).has_value(), forbidden);
}

BOOST_AUTO_TEST_CASE(truncated_document_is_refused_since_pages_may_be_missing) {
  const domain::bytes whole = simple_pdf(3);
  for (const double part : {0.1, 0.3, 0.5, 0.7, 0.9, 0.97}) {
    const auto cut = static_cast<std::ptrdiff_t>(static_cast<double>(whole.size()) * part);
    const auto why = refusal_of(domain::bytes(whole.begin(), whole.begin() + cut));
    BOOST_TEST((why == finding_code::damaged || why == finding_code::unreadable));
  }
}

BOOST_AUTO_TEST_CASE(what_is_no_pdf_is_refused) {
  BOOST_TEST(refusal_of({}) == finding_code::unreadable);
  BOOST_TEST(refusal_of(to_bytes("%PDF-1.7\n")) == finding_code::unreadable);
  BOOST_TEST(refusal_of(to_bytes("Hello")) == finding_code::unreadable);
}

// What it holds instead of pages says "please wait".
BOOST_AUTO_TEST_CASE(dynamic_form_is_refused) {
  BOOST_TEST(refusal_of(make_pdf({page_with_bar(300, 300)}, "/NeedsRendering true")) == finding_code::dynamic_form);
}

BOOST_AUTO_TEST_CASE(document_without_pages_is_refused) {
  BOOST_TEST(refusal_of(make_pdf({})) == finding_code::no_pages);
}

BOOST_AUTO_TEST_CASE(page_without_a_usable_size_is_refused) {
  for (const char* box : {"[0 0 0 0]", "[0 0 1 1]", "[0 0 595 99999999999]", "[0 0 /A (b)]", "(none)"}) {
    page_plan page;
    page.media_box = box;
    BOOST_TEST(refusal_of(make_pdf({page})) == finding_code::unreadable, box);
  }
}

BOOST_AUTO_TEST_CASE(page_whose_content_cannot_be_decoded_is_refused) {
  raw_pdf pdf;
  const int root = pdf.add("<< /Type /Catalog /Pages 2 0 R >>");
  pdf.add("<< /Type /Pages /Count 1 /Kids [3 0 R] >>");
  pdf.add("<< /Type /Page /Parent 2 0 R /MediaBox [0 0 595.276 841.89] /Resources << >> /Contents 4 0 R >>");
  pdf.add_stream("/Filter /FlateDecode", "this is not deflated");
  BOOST_TEST(refusal_of(pdf.finish(root)) == finding_code::unreadable);
}

BOOST_AUTO_TEST_CASE(page_tree_that_bites_its_tail_is_refused) {
  raw_pdf pdf;
  const int root = pdf.add("<< /Type /Catalog /Pages 2 0 R >>");
  pdf.add("<< /Type /Pages /Count 2 /Kids [3 0 R 2 0 R] >>");
  pdf.add("<< /Type /Page /Parent 2 0 R /MediaBox [0 0 595.276 841.89] >>");
  BOOST_TEST(refusal_of(pdf.finish(root)) == finding_code::unreadable);
}

BOOST_AUTO_TEST_CASE(form_that_draws_itself_does_not_hang_the_composition) {
  page_plan page{.width_pt = 300, .height_pt = 300, .content = "/F Do"};
  page.resources = "<< /XObject << /F 3 0 R >> >>";
  const domain::bytes document =
      make_pdf({page}, "",
               {"<< /Type /XObject /Subtype /Form /BBox [0 0 9 9] /Resources << /XObject << /F 3 0 R >> >> /Length 5 >>"
                "\nstream\n/F Do\nendstream"});
  BOOST_TEST(compose_with({document}).has_value());
}

// Object 2 is the page tree, what stands for a page comes behind it.
BOOST_AUTO_TEST_CASE(pages_that_are_called_layers_are_none) {
  for (const auto* group : {"2 0 R", "4 0 R"})
    BOOST_TEST(
        compose_with({make_pdf({page_with_bar(300, 300)}, std::string("/OCProperties << /OCGs [") + group + "] >>")})
            .has_value());
}

BOOST_AUTO_TEST_CASE(damaged_bytes_are_refused_or_printed_but_never_crash) {
  std::mt19937 random(11);
  const domain::bytes whole = make_pdf({page_with_bar(300, 300), page_with_bar(595.276, 841.89, "/Rotate 90")},
                                       "/AcroForm << /Fields [] /NeedAppearances true >> /OCProperties << /OCGs [] >>");
  std::size_t refused = 0;
  for (int round = 0; round < 400; ++round) {
    domain::bytes broken = whole;
    for (std::size_t i = 1 + random() % 4; i > 0; --i)
      broken[random() % broken.size()] = static_cast<std::uint8_t>(random() % 3 == 0 ? '/' : random());
    refused += compose_with({broken}).has_value() ? 0U : 1U;
  }
  BOOST_TEST(refused > 0U);
  BOOST_TEST(refused < 400U);
}

BOOST_AUTO_TEST_SUITE_END()

}  // namespace elsec::postal::testing
