// Requirement R7: whatever the documents' pages look like, the letter is A4 portrait, 1:1 what the sender saw.

#include "postal/compose.hpp"

#include "postal/inspect.hpp"
#include "postal/page.hpp"
#include "tests/postal/support.hpp"

#include <qpdf/Pl_Buffer.hh>
#include <qpdf/Pl_Discard.hh>
#include <qpdf/QPDF.hh>
#include <qpdf/QPDFPageDocumentHelper.hh>

namespace elsec::postal::testing {
namespace {

constexpr int view_dpi = 60;
constexpr double view_tolerance_mm = 0.9;  // two pixels

using spans = std::vector<std::span<const std::uint8_t>>;

domain::bytes cover_pdf() { return simple_pdf(1); }

domain::bytes composed(const std::vector<domain::bytes>& documents) {
  Pl_Buffer out("letter");
  const domain::bytes front = cover_pdf();
  const auto pages = compose_letter(front, spans(documents.begin(), documents.end()), out);
  BOOST_REQUIRE_MESSAGE(pages.has_value(), "composition was refused");
  const auto buffer = out.getBufferSharedPointer();
  return {buffer->getBuffer(), buffer->getBuffer() + buffer->getSize()};
}

// The only document page, as printed.
image printed(const page_plan& page) {
  const auto pages = print(composed({make_pdf({page})}), view_dpi);
  BOOST_REQUIRE_EQUAL(pages.size(), 2U);
  return pages[1];
}

void check_box(const ink_box& found, const ink_box& expected) {
  BOOST_TEST(std::abs(found.left_mm - expected.left_mm) < view_tolerance_mm);
  BOOST_TEST(std::abs(found.top_mm - expected.top_mm) < view_tolerance_mm);
  BOOST_TEST(std::abs(found.right_mm - expected.right_mm) < view_tolerance_mm);
  BOOST_TEST(std::abs(found.bottom_mm - expected.bottom_mm) < view_tolerance_mm);
}

void check_all_a4(const domain::bytes& letter, std::size_t pages) {
  QPDF pdf;
  pdf.processMemoryFile("letter", reinterpret_cast<const char*>(letter.data()), letter.size());
  const auto all = QPDFPageDocumentHelper(pdf).getAllPages();
  BOOST_TEST(all.size() == pages);
  for (QPDFPageObjectHelper page : all) {
    BOOST_TEST(page.getAttribute("/MediaBox", false).unparseResolved() == "[ 0 0 595.276 841.89 ]");
    BOOST_TEST(page.getAttribute("/Rotate", false).isNull());
    BOOST_TEST(page.getAttribute("/CropBox", false).isNull());
    BOOST_TEST(page.getAttribute("/UserUnit", false).isNull());
  }
}

// A form with one field that shows a black square of 100 pt at (100, 700).
domain::bytes form_pdf(const std::string& flags, const std::string& subtype = "/Widget /FT /Tx /T (name)") {
  raw_pdf pdf;
  const int root = pdf.add("<< /Type /Catalog /Pages 2 0 R /AcroForm << /Fields [5 0 R] >> >>");
  pdf.add("<< /Type /Pages /Count 1 /Kids [3 0 R] >>");
  pdf.add("<< /Type /Page /Parent 2 0 R /MediaBox [0 0 595.276 841.89] /Annots [5 0 R] /Resources << >> >>");
  pdf.add_stream("/Type /XObject /Subtype /Form /BBox [0 0 100 100]", "0 g 0 0 100 100 re f");
  pdf.add("<< /Type /Annot /Subtype " + subtype + " /Rect [100 700 200 800] /AP << /N 4 0 R >> " + flags + " >>");
  return pdf.finish(root);
}

bool prints_ink(const domain::bytes& document) {
  return print(composed({document}), view_dpi).at(1).ink_in(0, 0, 210, 297);
}

// A form whose program left it to the viewer to draw the field's value.
domain::bytes unrendered_form_pdf(const std::string& appearance) {
  raw_pdf pdf;
  const int root = pdf.add(
      "<< /Type /Catalog /Pages 2 0 R /AcroForm << /NeedAppearances true /DA (/F1 24 Tf 0 g) /Fields [4 0 R] "
      "/DR << /Font << /F1 << /Type /Font /Subtype /Type1 /BaseFont /Helvetica >> >> >> >> >>");
  pdf.add("<< /Type /Pages /Count 1 /Kids [3 0 R] >>");
  pdf.add("<< /Type /Page /Parent 2 0 R /MediaBox [0 0 595.276 841.89] /Annots [4 0 R] /Resources << >> >>");
  pdf.add("<< /Type /Annot /Subtype /Widget /FT /Tx /T (name) /V (MMMMM) /DA (/F1 24 Tf 0 g) /Rect [100 700 300 740] " +
          appearance + " >>");
  pdf.add_stream("/Type /XObject /Subtype /Form /BBox [0 0 200 40]", "/Tx BMC EMC");
  return pdf.finish(root);
}

// A page with a layer drawn on it.
domain::bytes layered_pdf(const std::string& configuration, const std::string& usage = "") {
  const page_plan page{.content = "/OC /L1 BDC 0 g 100 400 200 100 re f EMC",
                       .resources = "<< /Properties << /L1 3 0 R >> >>"};
  return make_pdf({page}, "/OCProperties << /OCGs [3 0 R] /D << " + configuration + " >> >>",
                  {"<< /Type /OCG /Name (notes) " + usage + " >>"});
}

std::expected<std::uint32_t, refusal> compose_many(const std::vector<std::size_t>& pages_each) {
  std::vector<domain::bytes> documents;
  for (const std::size_t pages : pages_each) documents.push_back(simple_pdf(pages));
  Pl_Discard nowhere;
  const domain::bytes front = cover_pdf();
  return compose_letter(front, spans(documents.begin(), documents.end()), nowhere);
}

}  // namespace

BOOST_AUTO_TEST_SUITE(compose, *boost::unit_test::label("R7"))

BOOST_AUTO_TEST_CASE(every_page_is_exactly_a4_whatever_it_was) {
  const domain::bytes letter = composed(
      {make_pdf({page_with_bar(595.276, 841.89), page_with_bar(595, 842), page_with_bar(595.28, 841.89),
                 page_with_bar(841.89, 595.276), page_with_bar(419.5, 595.3), page_with_bar(612, 792),
                 page_with_bar(595, 842, "/Rotate 90"), page_with_bar(595, 842, "/Rotate 180"),
                 page_with_bar(842, 595, "/Rotate -90"), page_with_bar(1190.5, 1683.8), page_with_bar(20, 400),
                 page_with_bar(300, 420, "/UserUnit 2"), page_with_bar(595, 842, "/CropBox [100 100 300 300]")})});
  check_all_a4(letter, 14);
}

BOOST_AUTO_TEST_CASE(a4_page_is_taken_over_unchanged) {
  check_box(ink_of(printed({.content = "0 g 72 72 144 72 re f"})), {25.4, 297 - 50.8, 76.2, 297 - 25.4});
}

BOOST_AUTO_TEST_CASE(landscape_a4_is_turned_with_its_top_to_the_left_at_full_size) {
  check_box(ink_of(printed(page_with_bar(841.89, 595.276))), {0, 0, 10.5, 297});
}

BOOST_AUTO_TEST_CASE(rotation_of_a_page_counts) {
  // A portrait page shown turned clockwise is a landscape page whose right edge carries the bar: at the sheet's top.
  check_box(ink_of(printed(page_with_bar(595.276, 841.89, "/Rotate 90"))), {0, 0, 210, 14.85});
  check_box(ink_of(printed(page_with_bar(595.276, 841.89, "/Rotate 180"))), {0, 297 - 14.85, 210, 297});
  // Shown upright by rotation: nothing is turned further.
  check_box(ink_of(printed(page_with_bar(841.89, 595.276, "/Rotate 90"))), {199.5, 0, 210, 297});
  check_box(ink_of(printed(page_with_bar(841.89, 595.276, "/Rotate 270"))), {0, 0, 10.5, 297});
}

BOOST_AUTO_TEST_CASE(other_sizes_fill_the_printable_area_without_distortion) {
  // A5 has A4's shape: 196 mm wide between the margins, centred vertically.
  const double height = 196 * 595.276 / 419.528;
  const double top = (297 - height) / 2;
  check_box(ink_of(printed(page_with_bar(419.528, 595.276))), {12, top, 208, top + height * 0.05});
  // A square, small or large, ends at the same place.
  for (const double side : {50.0, 5000.0})
    check_box(ink_of(printed(page_with_bar(side, side))), {12, 50.5, 208, 50.5 + 9.8});
}

BOOST_AUTO_TEST_CASE(content_of_fitted_pages_keeps_the_print_free_margins) {
  page_plan full = page_with_bar(612, 792);
  full.content = "0 g 0 0 612 792 re f";
  const image page = printed(full);
  BOOST_TEST(!page.ink_in(0, 0, 11.5, 297));
  BOOST_TEST(!page.ink_in(208.5, 0, 210, 297));
  BOOST_TEST(!page.ink_in(0, 0, 210, 1.5));
  BOOST_TEST(!page.ink_in(0, 295.5, 210, 297));
}

BOOST_AUTO_TEST_CASE(only_what_the_crop_box_shows_is_printed) {
  page_plan plan{.content = "0 g 0 0 150 150 re f 150 150 100 100 re f"};
  plan.entries = "/CropBox [150 150 350 350] /TrimBox [0 0 10 10]";
  // The 200 pt window becomes 196 mm; the square takes its lower left quarter.
  check_box(ink_of(printed(plan)), {12, 148.5, 110, 246.5});
}

BOOST_AUTO_TEST_CASE(origin_and_user_unit_of_a_page_count) {
  page_plan moved{.content = "0 g 1000 1000 297.638 420.945 re f"};
  moved.media_box = "[1000 1000 1595.276 1841.89]";
  check_box(ink_of(printed(moved)), {0, 148.5, 105, 297});
  page_plan halves{.width_pt = 297.638, .height_pt = 420.945, .content = "0 g 0 0 148.819 210.4725 re f"};
  halves.entries = "/UserUnit 2";
  check_box(ink_of(printed(halves)), {0, 148.5, 105, 297});
}

BOOST_AUTO_TEST_CASE(box_given_from_the_wrong_corner_is_understood) {
  page_plan plan{.content = "0 g 0 0 297.638 420.945 re f"};
  plan.media_box = "[595.276 841.89 0 0]";
  check_box(ink_of(printed(plan)), {0, 148.5, 105, 297});
}

BOOST_AUTO_TEST_CASE(documents_follow_the_cover_in_order) {
  const page_plan left{.content = "0 g 0 0 100 841 re f"};
  const page_plan right{.content = "0 g 495 0 100 841 re f"};
  const auto pages = print(composed({make_pdf({left, right}), make_pdf({right})}), view_dpi);
  BOOST_REQUIRE_EQUAL(pages.size(), 4U);
  BOOST_TEST(ink_of(pages[1]).left_mm < 1);
  BOOST_TEST(ink_of(pages[2]).left_mm > 170);
  BOOST_TEST(ink_of(pages[3]).left_mm > 170);
}

BOOST_AUTO_TEST_CASE(filled_form_fields_are_printed_even_if_they_forgot_to_say_so) {
  BOOST_TEST(prints_ink(form_pdf("/F 4")));
  BOOST_TEST(prints_ink(form_pdf("")));
}

BOOST_AUTO_TEST_CASE(field_without_an_appearance_gets_one) {
  BOOST_TEST(prints_ink(unrendered_form_pdf("")));
  BOOST_TEST(prints_ink(unrendered_form_pdf("/AP << /N 5 0 R >>")));
}

BOOST_AUTO_TEST_CASE(hidden_fields_and_comments_not_meant_for_paper_are_not_printed) {
  BOOST_TEST(!prints_ink(form_pdf("/F 6")));
  BOOST_TEST(!prints_ink(form_pdf("/F 2")));
  BOOST_TEST(!prints_ink(form_pdf("/F 32")));
  BOOST_TEST(!prints_ink(form_pdf("", "/Stamp")));
  BOOST_TEST(prints_ink(form_pdf("/F 4", "/Stamp")));
}

BOOST_AUTO_TEST_CASE(layers_that_do_not_show_or_print_stay_off_the_paper) {
  BOOST_TEST(prints_ink(layered_pdf("")));
  BOOST_TEST(!prints_ink(layered_pdf("/OFF [3 0 R]")));
  BOOST_TEST(!prints_ink(layered_pdf("/BaseState /OFF")));
  BOOST_TEST(prints_ink(layered_pdf("/BaseState /OFF /ON [3 0 R]")));
  const std::string print_rule = "/AS [<< /Event /Print /Category [/Print] /OCGs [3 0 R] >>]";
  BOOST_TEST(!prints_ink(layered_pdf(print_rule, "/Usage << /Print << /PrintState /OFF >> >>")));
  BOOST_TEST(prints_ink(layered_pdf("/OFF [3 0 R] " + print_rule, "/Usage << /Print << /PrintState /ON >> >>")));
}

BOOST_AUTO_TEST_CASE(scripts_actions_attachments_and_metadata_are_left_behind, *boost::unit_test::label("R10")) {
  page_plan page{.content = "0 g 100 400 200 100 re f"};
  page.entries = "/AA << /O << /S /JavaScript /JS (one) >> >> /PieceInfo << /X << /Private (secret) >> >>";
  page.resources = "<< /Own << /S /Launch /F (calc) >> /Properties << /P << /JS (two) >> >> >>";
  const domain::bytes document = make_pdf(
      {page, page_with_bar(300, 300, page.entries)},
      "/OpenAction << /S /JavaScript /JS (three) >> /Names << /EmbeddedFiles << /Names [(a) << /Type /Filespec "
      "/F (a.exe) /EF << /F 3 0 R >> >>] >> >> /Metadata 3 0 R",
      {"<< /Type /EmbeddedFile /Length 2 >>\nstream\nMZ\nendstream"});
  const type_detector detector = type_detector::open().value();
  BOOST_TEST(!inspect_file(document, "application/pdf", detector).quarantine.empty());
  const domain::bytes letter = composed({document});
  BOOST_TEST(inspect_file(letter, "application/pdf", detector).quarantine.empty());
  for (const char* word : {"JavaScript", "/JS", "/Launch", "Embedded", "secret", "three", "/AA", "/Metadata", "/Own"})
    BOOST_TEST(!holds(letter, word), word);
}

BOOST_AUTO_TEST_CASE(same_input_gives_the_same_bytes) {
  const std::vector<domain::bytes> documents{simple_pdf(2), make_pdf({page_with_bar(300, 300)})};
  BOOST_TEST((composed(documents) == composed(documents)));
}

BOOST_AUTO_TEST_CASE(letter_takes_94_pages_with_its_cover_and_not_one_more) {
  const auto full = compose_many({92, 1});
  BOOST_REQUIRE(full.has_value());
  BOOST_TEST(*full == pages_max);
  const auto over = compose_many({92, 2});
  BOOST_REQUIRE(!over.has_value());
  BOOST_TEST(over.error().why == finding_code::too_many_pages);
}

BOOST_AUTO_TEST_SUITE_END()

}  // namespace elsec::postal::testing
